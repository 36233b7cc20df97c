//! How a person would name the notes of an archive.

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::{DateOrder, WrittenDate};
use crate::extract::Member;

/// The longest name of a note that its title gives, in bytes.
const LONGEST: usize = 120;

/// A note whose path is still as the archive has it.
pub(super) struct Named(pub(super) Member);

/// Gives notes the paths that a person would: without ids, unless that makes two the same, and textbundles as one file.
pub(super) fn named(notes: Vec<Named>) -> Vec<Member> {
    let short = |path: &str| without_ids(&bundled(path));
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for Named(note) in &notes {
        *counts.entry(short(&note.path)).or_default() += 1;
    }
    let (mut taken, mut numbers) = (BTreeSet::new(), BTreeMap::new());
    let name = |Named(mut note): Named| {
        let path = short(&note.path);
        note.path = if counts.get(&path) == Some(&1) { path } else { bundled(&note.path) };
        while !taken.insert(note.path.clone()) {
            let number: &mut u32 = numbers.entry(note.path.clone()).or_insert(1);
            *number += 1;
            let (stem, extension) = split(&note.path);
            note.path = format!("{stem} ({number}){extension}");
        }
        note
    };
    notes.into_iter().map(name).collect()
}

/// A path without parts that lead nowhere or upward.
pub(super) fn normal(path: &str) -> String {
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "." | ".."));
    parts.collect::<Vec<_>>().join("/")
}

/// The part of a path before its extension, and the extension with its dot.
fn split(path: &str) -> (&str, &str) {
    let name = path.rfind('/').map_or(0, |at| at + 1);
    let dot = path[name..].rfind('.').filter(|&at| at > 0).map_or(path.len(), |at| name + at);
    path.split_at(dot)
}

/// A path whose names have no ids of Notion: 32 hexadecimal digits behind a blank.
fn without_ids(path: &str) -> String {
    let name = |name: &str| {
        let (stem, extension) = split(name);
        let stem = stem.strip_suffix("_all").filter(|_| extension == ".csv").unwrap_or(stem);
        let Some(at) = stem.len().checked_sub(33).filter(|&at| at > 0 && stem.is_char_boundary(at)) else {
            return name.to_owned();
        };
        let is_id =
            stem[at..].starts_with([' ', '-']) && stem[at + 1..].bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_id { format!("{}{extension}", &stem[..at]) } else { name.to_owned() }
    };
    path.split('/').map(name).collect::<Vec<_>>().join("/")
}

/// A textbundle's path as one of a note: `A.textbundle/text.md` is `A.md`.
fn bundled(path: &str) -> String {
    let Some((folder, name)) = path.rsplit_once('/') else { return path.to_owned() };
    let is_text = name.starts_with("text.") && !name.contains(' ');
    match folder.strip_suffix(".textbundle").or_else(|| folder.strip_suffix(".textpack")) {
        Some(stem) if is_text => format!("{stem}.md"),
        _ => path.to_owned(),
    }
}

/// The path of a note that becomes Markdown.
pub(super) fn markdown(path: &str) -> String {
    format!("{}.md", split(path).0)
}

/// The folder that an archive in an archive is: none, if it is only a part of it (`Export-….zip`, `…-Part-1.zip`).
pub(super) fn folder(path: &str) -> String {
    let (stem, _) = split(path);
    let (parent, name) = stem.rsplit_once('/').unwrap_or(("", stem));
    let is_part = name.starts_with("Export") || name.contains("Part-") || name.starts_with("takeout-");
    match (parent, is_part) {
        ("", true) => String::new(),
        (parent, true) => format!("{parent}/"),
        _ => format!("{stem}/"),
    }
}

/// The file beside a textbundle's text that says more of it.
pub(super) fn info(name: &str) -> Option<String> {
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    let slash = if folder.is_empty() { "" } else { "/" };
    file.starts_with("text.").then(|| format!("{folder}{slash}info.json"))
}

/// Whether a file says the same as another that is read: pages beside notes of Keep and Keep's list of labels, and tables
/// of Notion that show a part of another.
pub(super) fn is_twin(name: &str, known: &BTreeSet<String>) -> bool {
    let lower = name.to_lowercase();
    let (stem, extension) = split(&lower);
    match extension {
        ".html" => known.contains(&format!("{stem}.json")),
        ".csv" => known.contains(&format!("{stem}_all.csv")),
        ".txt" => lower.ends_with("keep/labels.txt"),
        _ => false,
    }
}

/// A note's name by its title.
pub(super) fn titled(title: &str) -> String {
    let clean = |c: char| if c.is_control() || "/\\:".contains(c) { '-' } else { c };
    let name: String = title.trim().chars().map(clean).collect();
    let mut end = name.len().min(LONGEST);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    let name = name[..end].trim().trim_start_matches('.').trim();
    if name.is_empty() { "Untitled".to_owned() } else { name.to_owned() }
}

/// The day that a text begins with.
pub(super) fn day(text: &str) -> Option<String> {
    let text = text.trim();
    let date = WrittenDate::read(text, DateOrder::of(false));
    let date = date.or_else(|| {
        // `May 1, 2024 10:00 AM`
        let words: Vec<&str> = text.split_whitespace().take(3).collect();
        WrittenDate::read(&words.join(" "), DateOrder::of(false))
    });
    date?.day().map(|day| day.to_string())
}
