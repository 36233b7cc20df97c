//! No file of the library depends on one that depends on it, however long the way round.
//!
//! A module and the files below it are one thing to the outside, so what a file takes from the module that it is a part
//! of counts for nothing; what siblings take from each other does.

use std::collections::{BTreeMap, BTreeSet};

use super::{Source, report, sources, top_level};

/// The path of a module in the crate: `["store", "graph", "search"]` for `src/store/graph/search.rs`.
pub(crate) type ModulePath = Vec<String>;

#[test]
fn no_file_depends_on_itself_through_others() {
    let sources: Vec<Source> =
        sources().into_iter().filter(|source| source.path.starts_with("src") && !source.is_test()).collect();
    let modules: BTreeMap<ModulePath, &Source> =
        sources.iter().map(|source| (module(source), source)).collect();
    let graph: BTreeMap<&ModulePath, BTreeSet<&ModulePath>> =
        modules.iter().map(|(path, source)| (path, neighbours(path, source, &modules))).collect();
    let reach: BTreeMap<&ModulePath, BTreeSet<&ModulePath>> =
        graph.keys().map(|&path| (path, reachable(path, &graph))).collect();
    let mut found = Vec::new();
    for (path, inside) in &reach {
        let others: Vec<String> = inside
            .iter()
            .filter(|other| **other != *path && reach[*other].contains(path))
            .map(|other| other.join("/"))
            .collect();
        if !others.is_empty() {
            found.push(format!("{} and {}", path.join("/"), others.join(", ")));
        }
    }
    report("files go round in circles", &found);
}

/// The module that a file is.
pub(crate) fn module(source: &Source) -> ModulePath {
    let inside = source.path.strip_prefix("src").unwrap().with_extension("");
    let mut path: ModulePath = inside.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if ["mod", "lib", "main"].iter().any(|name| path.last().is_some_and(|last| last == name)) {
        path.pop();
    }
    path
}

/// The modules that a file takes something from, those that it is a part of aside.
fn neighbours<'a>(
    path: &ModulePath,
    source: &Source,
    modules: &'a BTreeMap<ModulePath, &Source>,
) -> BTreeSet<&'a ModulePath> {
    let code: Vec<&str> =
        source.code().map(|(_, code)| code).take_while(|code| code.trim() != "#[cfg(test)]").collect();
    let named = paths(&code.join("\n"), path);
    let existing = named.iter().filter_map(|named| {
        let lengths = (1..=named.len()).rev();
        lengths.map(|length| named[..length].to_vec()).find_map(|start| modules.get_key_value(&start))
    });
    existing.map(|(found, _)| found).filter(|found| !path.starts_with(found)).collect()
}

/// The paths from the top of the crate that a piece of code names; `at` is the module that it stands in.
pub(crate) fn paths(code: &str, at: &ModulePath) -> Vec<ModulePath> {
    let words = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let mut found = Vec::new();
    for start in ["crate::", "super::", "self::"] {
        for (offset, _) in code.match_indices(start) {
            // Not in the middle of a path.
            if !code[..offset].ends_with(words) {
                expand(&code[offset..], &mut Vec::new(), &mut found);
            }
        }
    }
    for line in code.lines() {
        // A module below, named without `self`.
        let used = line.trim_start().trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
        if let Some(rest) = used.trim_start_matches("pub ").strip_prefix("use ") {
            let mut below = vec!["self".to_owned()];
            expand(rest, &mut below, &mut found);
        }
    }
    found.into_iter().filter_map(|path| from_top(&path, at)).collect()
}

/// Takes a path apart that may end in a list of paths.
fn expand(text: &str, before: &mut ModulePath, found: &mut Vec<ModulePath>) {
    let name: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let depth = before.len();
    if let Some(list) = text.strip_prefix('{') {
        for item in top_level(list) {
            expand(item.trim(), before, found);
        }
        return;
    }
    before.push(name.clone());
    match text[name.len()..].strip_prefix("::") {
        Some(rest) if !name.is_empty() => expand(rest, before, found),
        _ => found.push(before.clone()),
    }
    before.truncate(depth);
}

/// A path as it stands in a module, from the top of the crate.
fn from_top(path: &ModulePath, at: &ModulePath) -> Option<ModulePath> {
    let mut top = at.clone();
    let mut rest = &path[..];
    while let [first, others @ ..] = rest {
        match first.as_str() {
            "crate" => top.clear(),
            "super" => drop(top.pop()?),
            "self" => {}
            _ => break,
        }
        rest = others;
    }
    top.extend_from_slice(rest);
    Some(top)
}

fn reachable<'a>(
    from: &'a ModulePath,
    graph: &BTreeMap<&'a ModulePath, BTreeSet<&'a ModulePath>>,
) -> BTreeSet<&'a ModulePath> {
    let mut seen = BTreeSet::new();
    let mut next: Vec<&ModulePath> = vec![from];
    while let Some(path) = next.pop() {
        for &neighbour in &graph[path] {
            if seen.insert(neighbour) {
                next.push(neighbour);
            }
        }
    }
    seen
}

#[test]
fn paths_are_seen_however_they_are_written() {
    let at: ModulePath = ["store", "graph", "search"].map(str::to_owned).to_vec();
    let seen = |code: &str| paths(code, &at).iter().map(|path| path.join("/")).collect::<Vec<_>>();
    assert_eq!(seen("use crate::hit::{Row, Parts as P};")[..2], ["hit/Row", "hit/Parts"]);
    assert_eq!(seen("let a = super::super::dense::best(1);"), ["store/dense/best"]);
    assert_eq!(seen("x(crate::a::b)"), ["a/b"]);
    assert!(seen("use below::{Thing};").contains(&"store/graph/search/below/Thing".to_owned()));
}
