//! `qsearch get`: a passage or a note, as it is indexed.
//!
//! What is typed can be what any other command printed: `path:line`, `path:first-last`, `root/path` or `#id`.

use std::path::{Component, Path, PathBuf};

use qsearch::document::{LineSpan, NotePath, Root};
use qsearch::error::{Error, Result};
use qsearch::hit::StoredPassage;

use super::args::GetArgs;
use super::library::{Checker, FileRecord, Snapshot, decode};
use super::page::{DIM, HEADING, Page};
use super::{Context, Failure, Outcome, json, printer, render, sanitize};

/// How many candidates are named where a request has several meanings.
const CANDIDATES: usize = 10;

/// Passages of one note.
struct Found {
    /// The name of its root.
    root: String,
    /// Its path in the root.
    path: NotePath,
    /// The passages, in the order of the file.
    passages: Vec<StoredPassage>,
    /// Whether these are all passages of the note because all of it was asked for.
    whole: bool,
}

/// Prints what was asked for.
pub(crate) fn get(context: &Context, args: &GetArgs) -> Result<Outcome, Failure> {
    let snapshot = Snapshot::open(&context.index_to_read()?)?;
    let found = find(&snapshot, &args.target, &context.environment.cwd)?;
    let ids = short_ids(&snapshot, &found.passages)?;
    let stale = is_stale(context, &snapshot, &found);
    let unconfirmed = context.tell_unconfirmed(
        snapshot.dir(),
        snapshot.info().roots.iter().filter(|root| root.name == found.root),
    );
    let text = if args.json {
        json::document(&note(&found, &ids, stale))
    } else {
        if stale && !unconfirmed {
            let path = sanitize::name(found.path.as_str()).into_owned();
            context.printer.message(&format!(
                "warning: {path} has changed or is gone; this is what the index has of it"
            ));
        }
        let page = context.printer.page(snapshot.info().roots.clone());
        let header =
            if found.whole || page.width.is_none() { String::new() } else { header(&page, &found, &ids) };
        let text = sanitize::text(&joined(&found.passages)).into_owned();
        if text.is_empty() { header } else { format!("{header}{text}\n") }
    };
    printer::data(&text)?;
    Ok(Outcome::Done)
}

/// Whether the note doesn't say any more what was found of it.
fn is_stale(context: &Context, snapshot: &Snapshot, found: &Found) -> bool {
    let Some(root) = snapshot.info().roots.iter().find(|root| root.name == found.root) else { return true };
    if !context.trust(snapshot.dir()).reach(snapshot.dir()).allows(&root.path) {
        return true;
    }
    let mut checker = Checker::new(&decode);
    !checker.can_read(root, &found.path)
        || found.passages.iter().any(|stored| checker.is_stale(root, &found.path, &stored.passage))
}

/// Finds the note or the passages that `target` names.
fn find(snapshot: &Snapshot, target: &Path, cwd: &Path) -> Result<Found> {
    if let Some(id) = target.to_str().and_then(|text| text.strip_prefix('#')) {
        return by_id(snapshot, id);
    }
    let files = snapshot.files()?;
    let roots = &snapshot.info().roots;
    for (path, lines) in readings(target) {
        let candidates = matching(&files, roots, &path, cwd);
        match candidates[..] {
            [] => {}
            [file] => return in_note(snapshot, file, lines),
            _ => {
                return Err(ambiguous(
                    target,
                    candidates.iter().map(|file| format!("{}/{}", file.root, file.path)),
                ));
            }
        }
    }
    let text = target.to_string_lossy();
    if let Some((path, lines)) = text.rsplit_once(':')
        && let [file, ..] = matching(&files, roots, Path::new(path), cwd)[..]
    {
        return Err(Error::Usage {
            what: format!("{lines} isn't a line of {}", file.path),
            hint: format!("type `{path}:7` or `{path}:7-9`; the first line is 1"),
        });
    }
    // `#` begins a comment in a shell, so it is easily lost.
    if text.len() >= 4 && text.chars().all(|c| c.is_ascii_alphanumeric()) && !digits(&text).is_empty() {
        return by_id(snapshot, &text);
    }
    Err(Error::NotFound {
        what: format!("the index has no note {text}"),
        hint: "`qsearch status` lists the folders it knows; `qsearch index` reads what is new".to_owned(),
    })
}

/// What the argument can mean: a path, or a path with a line or lines behind it.
fn readings(target: &Path) -> Vec<(PathBuf, Option<LineSpan>)> {
    let mut readings = vec![(target.to_path_buf(), None)];
    // A name that isn't UTF-8 comes in the encoded form if it has a line behind it.
    let Some((path, last)) = target.to_str().and_then(|text| text.rsplit_once(':')) else { return readings };
    if let Some(lines) = line_span(last) {
        readings.push((path.into(), Some(lines)));
    }
    // As editors and compilers write it: path, line, column.
    if let Some((path, line)) = path.rsplit_once(':')
        && let (Some(lines), Ok(_)) = (line_span(line), last.parse::<u32>())
    {
        readings.push((path.into(), Some(lines)));
    }
    readings
}

/// Reads `7` or `7-8`.
fn line_span(text: &str) -> Option<LineSpan> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let span = LineSpan { first: first.parse().ok()?, last: last.parse().ok()? };
    (1..=span.last).contains(&span.first).then_some(span)
}

/// The files that a path can mean: the one on disk; else the one with this `root/path`; else those with this path in
/// their root; else those whose path ends with it.
fn matching<'a>(files: &'a [FileRecord], roots: &[Root], typed: &Path, cwd: &Path) -> Vec<&'a FileRecord> {
    let absolute = plain(&cwd.join(typed));
    let real = absolute.canonicalize().unwrap_or_else(|_| absolute.clone());
    let on_disk = |file: &&FileRecord| {
        let root = roots.iter().find(|root| root.name == file.root);
        let file = root.map(|root| root.locate(&file.path));
        file.is_some_and(|file| file == absolute || file == real)
    };
    // As printed, a backslash in a name is doubled; as typed, it need not be.
    let typed = plain(typed);
    let names = [typed.to_string_lossy().into_owned(), NotePath::from_relative(&typed).as_str().to_owned()];
    let by_full_name = |file: &&FileRecord| names.contains(&format!("{}/{}", file.root, file.path));
    let by_name = |file: &&FileRecord| names.iter().any(|name| name == file.path.as_str());
    let by_end = |file: &&FileRecord| {
        names.iter().any(|name| {
            file.path.as_str().strip_suffix(name.as_str()).is_some_and(|before| before.ends_with('/'))
        })
    };
    let mut found: Vec<&FileRecord> = files.iter().filter(on_disk).collect();
    if found.is_empty() {
        found = files.iter().filter(by_full_name).collect();
    }
    if found.is_empty() {
        found = files.iter().filter(by_name).collect();
    }
    if found.is_empty() && !typed.as_os_str().is_empty() {
        found = files.iter().filter(by_end).collect();
    }
    found
}

/// A path without `.` and, where that is possible, without `..`.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            _ => out.push(part),
        }
    }
    out
}

/// A note, or its passages that touch `lines`.
fn in_note(snapshot: &Snapshot, file: &FileRecord, lines: Option<LineSpan>) -> Result<Found> {
    let mut passages = snapshot.passages_of(&file.root, &file.path)?;
    passages.sort_by_key(|stored| stored.passage.span);
    let (root, path) = (file.root.clone(), file.path.clone());
    let Some(lines) = lines else {
        return Ok(Found { root, path, passages, whole: true });
    };
    let all: Vec<LineSpan> = passages.iter().map(|stored| stored.passage.lines).collect();
    passages.retain(|stored| {
        let LineSpan { first, last } = stored.passage.lines;
        first <= lines.last && lines.first <= last
    });
    if passages.is_empty() {
        let (before, after) = (
            all.iter().rev().find(|span| span.last < lines.first),
            all.iter().find(|span| span.first > lines.last),
        );
        let near: Vec<String> =
            before.into_iter().chain(after).map(|span| format!("`{path}:{span}`")).collect();
        return Err(Error::NotFound {
            what: format!("no passage of {path} covers line {lines}"),
            hint: if near.is_empty() {
                "the note has no passages".to_owned()
            } else {
                format!("the nearest are {}", near.join(" and "))
            },
        });
    }
    Ok(Found { root, path, passages, whole: false })
}

/// The passage whose identity begins with these digits.
fn by_id(snapshot: &Snapshot, typed: &str) -> Result<Found> {
    let prefix = digits(typed);
    let mut found =
        if prefix.is_empty() { Vec::new() } else { snapshot.with_prefix(&prefix, CANDIDATES + 1)? };
    if found.len() > 1 {
        let ids = short_ids(snapshot, &found)?;
        let candidates = ids
            .iter()
            .zip(&found)
            .map(|(id, stored)| format!("#{id} ({}/{}:{})", stored.root, stored.path, stored.passage.lines));
        return Err(ambiguous(Path::new(&format!("#{prefix}")), candidates));
    }
    let Some(stored) = found.pop() else {
        return Err(Error::NotFound {
            what: format!("the index has no passage #{typed}"),
            hint: "ids are those that `qsearch ask --json` and `qsearch search --json` print; they change with the text".to_owned(),
        });
    };
    Ok(Found { root: stored.root.clone(), path: stored.path.clone(), passages: vec![stored], whole: false })
}

/// The digits of an id as Crockford's base 32 reads them: either case, `o` as 0, `i` and `l` as 1. Empty if it
/// has any other character.
fn digits(typed: &str) -> String {
    let digit = |c: char| match c.to_ascii_lowercase() {
        'o' => Some('0'),
        'i' | 'l' => Some('1'),
        'u' => None,
        c if c.is_ascii_alphanumeric() => Some(c),
        _ => None,
    };
    typed.chars().map(digit).collect::<Option<String>>().unwrap_or_default()
}

/// More than one thing has this name.
fn ambiguous(target: &Path, candidates: impl ExactSizeIterator<Item = String>) -> Error {
    let count = candidates.len();
    let mut names: Vec<String> = candidates.take(CANDIDATES).collect();
    if count > CANDIDATES {
        names.push("…".to_owned());
    }
    Error::Usage {
        what: format!("{} can mean more than one", target.display()),
        hint: format!("say which: {}", names.join(", ")),
    }
}

fn short_ids(snapshot: &Snapshot, passages: &[StoredPassage]) -> Result<Vec<String>> {
    let ids: Vec<_> = passages.iter().map(|stored| stored.id).collect();
    snapshot.short_ids(&ids)
}

/// The JSON form.
fn note<'a>(found: &'a Found, ids: &[String], stale: bool) -> json::Note<'a> {
    let first = found.passages.first();
    json::Note {
        root: &found.root,
        path: found.path.as_str(),
        title: first.and_then(|stored| stored.title.as_deref()),
        tags: first.map(|stored| stored.tags.as_slice()).unwrap_or_default(),
        date: first.and_then(|stored| stored.date.as_deref()),
        stale,
        passages: ids
            .iter()
            .zip(&found.passages)
            .map(|(id, stored)| json::Passage::new(id, stored))
            .collect(),
    }
}

/// Where the passages stand, for a person.
fn header(page: &Page, found: &Found, ids: &[String]) -> String {
    let mut out = String::new();
    for (id, stored) in ids.iter().zip(&found.passages) {
        let passage = &stored.passage;
        out.push_str(&page.location(&stored.root, &stored.path, passage.lines));
        if !passage.heading.is_empty() {
            out.push_str("  ");
            out.push_str(&page.paint(HEADING, &render::trail(&passage.heading)));
        }
        out.push_str(&page.paint(DIM, &format!("  #{id}")));
        out.push('\n');
    }
    out.push('\n');
    out
}

/// The texts of a note's passages, as far apart as they are in the file.
fn joined(passages: &[StoredPassage]) -> String {
    let mut out = String::new();
    for (at, stored) in passages.iter().enumerate() {
        let passage = &stored.passage;
        if let Some(before) = at.checked_sub(1).map(|before| &passages[before].passage) {
            let lines = passage.lines.first.saturating_sub(before.lines.last) as usize;
            // What is between two passages is blank, but in what was asked for some may be missing.
            out.push_str(&"\n".repeat(lines.min(3)));
            if lines == 0 && before.span.end < passage.span.start {
                out.push(' ');
            }
        }
        out.push_str(&passage.text);
    }
    out
}

#[cfg(test)]
#[path = "get_tests.rs"]
mod tests;
