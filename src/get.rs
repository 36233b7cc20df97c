//! The spine of `qsearch get`: a note or some of its passages, as they are indexed.
//!
//! A name can be what any command prints: `path:line`, `path:first-last`, `path:cell7`, `path#part`, `root/path` or `#id`.

mod links;
mod now;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::cite::Checker;
use crate::document::{LineSpan, NotePath, Root};
use crate::error::{Error, NotFound, Result, Usage};
use crate::files;
use crate::hit::StoredPassage;
use crate::parse;
use crate::store::{FileRecord, Store};
use crate::sys;
use crate::trust::Trust;
use crate::words::composed;

pub use links::{Backlink, Links, Outgoing, links};
pub use now::{open_below, text_now};

/// How many candidates are named where a name has several meanings.
const CANDIDATES: usize = 10;

/// One thing that a name can mean.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Target {
    /// The passage whose identity begins with these digits.
    Id(String),
    /// A whole note.
    Note(PathBuf),
    /// The passages of a note that touch these lines.
    Lines(PathBuf, LineSpan),
    /// The passages of a file that touch this place, as it was typed; see [`Place::is_meant_by`](crate::document::Place::is_meant_by).
    Place(PathBuf, String),
}

impl Target {
    /// All that a name can mean, in the order in which it is tried.
    pub fn readings(typed: &Path) -> Vec<Self> {
        let text = typed.to_str();
        if let Some(id) = text.and_then(|text| text.strip_prefix('#')) {
            return vec![Self::Id(id.to_owned())];
        }
        let mut readings = vec![Self::Note(typed.to_path_buf())];
        // A name that isn't UTF-8 comes in the encoded form if it has a line behind it.
        let Some(text) = text else { return readings };
        if let Some((path, last)) = text.rsplit_once(':') {
            let place = || Self::Place(path.into(), last.to_owned());
            let lines = line_span(last).map(|lines| Self::Lines(path.into(), lines));
            readings.extend(lines.or_else(|| last.contains(char::is_alphabetic).then(place)));
            // As editors and compilers write it: path, line, column.
            if let Some((path, line)) = path.rsplit_once(':')
                && let (Some(lines), Ok(_)) = (line_span(line), last.parse::<u32>())
            {
                readings.push(Self::Lines(path.into(), lines));
            }
        }
        // As in a link to a part of a page.
        if let Some((path, id)) =
            text.rsplit_once('#').filter(|(path, id)| !path.is_empty() && !id.is_empty())
        {
            readings.push(Self::Place(path.into(), format!("#{id}")));
        }
        // `#` begins a comment in a shell, so it is easily lost.
        if text.len() >= 4 && text.chars().all(|c| c.is_ascii_alphanumeric()) && !digits(text).is_empty() {
            readings.push(Self::Id(text.to_owned()));
        }
        readings
    }
}

/// Passages of one note.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Note {
    /// The name of its root.
    pub root: String,
    /// Its path in the root.
    pub path: NotePath,
    /// The passages, in the order of the file.
    pub passages: Vec<StoredPassage>,
    /// The shortest unique prefix of each passage's identity, without `#`.
    pub short_ids: Vec<String>,
    /// Whether these are all passages of the note because all of it was asked for.
    pub whole: bool,
    /// Whether the note has changed or can't be read, so that it doesn't say this any more.
    pub stale: bool,
    /// The machine that the note lies on, if that is another one than this: then it wasn't compared, and counts as fresh.
    pub machine: Option<String>,
    /// What the file says from the first passage on, if all of it was asked for and no passage has some of it: data of
    /// images, comments.
    pub unabridged: Option<String>,
}

impl Note {
    /// The texts of the passages, as far apart as they are in the file, with what stands between them in no passage.
    pub fn text(&self) -> String {
        if let Some(text) = &self.unabridged {
            return text.clone();
        }
        let mut out = String::new();
        for (at, stored) in self.passages.iter().enumerate() {
            let passage = &stored.passage;
            if let Some(before) = at.checked_sub(1).map(|before| &self.passages[before].passage) {
                let lines = passage.lines.first.saturating_sub(before.lines.last) as usize;
                // What is between two passages is blank, but of what was asked for some may be missing.
                out.push_str(&"\n".repeat(lines.min(3)));
                if lines == 0 && before.span.end < passage.span.start {
                    out.push(' ');
                }
            }
            out.push_str(&passage.text);
        }
        out
    }
}

/// Finds the note or the passages that `typed` names. Relative paths on disk start from `cwd`; if that is empty, paths are
/// names, and the disk isn't asked where they lead.
///
/// # Errors
///
/// When nothing or more than one thing has this name, or the index is damaged.
pub fn get(snapshot: &dyn Store, typed: &Path, cwd: &Path, trust: &Trust) -> Result<Note> {
    let mut note = find(snapshot, typed, cwd)?;
    note.short_ids = short_ids(snapshot, &note.passages)?;
    compare(snapshot, trust, &mut note);
    Ok(note)
}

/// Compares a note with its file: tells whether that doesn't say any more what was found of it, or says more.
fn compare(snapshot: &dyn Store, trust: &Trust, note: &mut Note) {
    note.stale = true;
    let Some(root) = snapshot.info().roots.iter().find(|root| root.name == note.root) else { return };
    if !root.is_here() {
        (note.stale, note.machine) = (false, root.machine.clone());
        return;
    }
    if !trust.reach(snapshot.dir()).allows(&root.path) {
        return;
    }
    let mut checker = Checker::new(&parse::decode);
    note.stale = !checker.can_read(root, &note.path)
        || note.passages.iter().any(|stored| checker.is_stale(root, &note.path, &stored.passage));
    if let Some(first) = note.passages.first().filter(|_| note.whole && !note.stale) {
        let count = |text: &str| text.chars().filter(|char| !char.is_whitespace()).count();
        let said: usize = note.passages.iter().map(|stored| count(&stored.passage.text)).sum();
        let text = checker.text_from(root, &note.path, &first.passage).map(str::trim_end);
        note.unabridged = text.filter(|text| count(text) > said).map(str::to_owned);
    }
}

/// Finds what the first reading means that means anything.
fn find(snapshot: &dyn Store, typed: &Path, cwd: &Path) -> Result<Note> {
    let readings = Target::readings(typed);
    if let [Target::Id(id)] = &readings[..] {
        return by_id(snapshot, id);
    }
    let mut files = snapshot.files()?;
    files.retain(|file| file.unread.is_none());
    let roots = &snapshot.info().roots;
    for reading in readings {
        let path = match &reading {
            Target::Id(id) => return by_id(snapshot, id),
            Target::Note(path) | Target::Lines(path, _) | Target::Place(path, _) => path,
        };
        let candidates = matching(&files, roots, path, cwd);
        match candidates[..] {
            [] => {}
            [file] => {
                if let Some(note) = in_note(snapshot, file, &reading)? {
                    return Ok(note);
                }
            }
            _ => {
                let names = candidates.iter().map(|file| format!("{}/{}", file.root, file.path));
                return Err(ambiguous(typed.display().to_string(), names));
            }
        }
    }
    let text = typed.to_string_lossy();
    if let Some((path, lines)) = text.rsplit_once(':')
        && let [file, ..] = matching(&files, roots, Path::new(path), cwd)[..]
    {
        let (note, lines, typed) = (file.path.to_string(), lines.to_owned(), path.to_owned());
        return Err(Usage::NotALine { lines, note, typed }.into());
    }
    Err(NotFound::Note { typed: text.into_owned() }.into())
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
    let absolute = files::normalised(&cwd.join(typed));
    let led = if cwd.as_os_str().is_empty() { None } else { sys::resolved(&absolute).ok() };
    let real = led.unwrap_or_else(|| absolute.clone());
    let on_disk = |file: &&FileRecord| {
        let root = roots.iter().find(|root| root.name == file.root && root.is_here());
        let file = root.map(|root| root.locate(&file.path));
        file.is_some_and(|file| file == absolute || file == real)
    };
    // As printed, a backslash in a name is doubled; as typed, it need not be.
    let typed = files::normalised(typed);
    let names = [typed.to_string_lossy().into_owned(), NotePath::from_relative(&typed).as_str().to_owned()];
    let by_full_name = |file: &&FileRecord| names.contains(&format!("{}/{}", file.root, file.path));
    let by_name = |file: &&FileRecord| names.iter().any(|name| name == file.path.as_str());
    let by_end = |file: &&FileRecord| {
        names.iter().any(|name| {
            file.path.as_str().strip_suffix(name.as_str()).is_some_and(|before| before.ends_with('/'))
        })
    };
    let composed_names =
        [absolute.to_string_lossy(), Cow::from(&names[0])].map(|name| composed(&name).into_owned());
    let alike = |file: &&FileRecord| {
        let [absolute, name] = &composed_names;
        let path = composed(file.path.as_str());
        let root = roots.iter().find(|root| root.name == file.root && root.is_here());
        let on_disk = root.map(|root| root.locate(&file.path));
        on_disk.is_some_and(|file| composed(&file.to_string_lossy()) == *absolute)
            || composed(&format!("{}/{path}", file.root)) == *name
            || path == *name
            || path.strip_suffix(name.as_str()).is_some_and(|before| before.ends_with('/'))
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
    // The same letters may be composed in one name and not in the other.
    if found.is_empty() && !names[0].is_ascii() {
        found = files.iter().filter(alike).collect();
    }
    found
}

/// A note, or its passages that touch the lines or the place that is meant; nothing, if it has no places at all.
fn in_note(snapshot: &dyn Store, file: &FileRecord, target: &Target) -> Result<Option<Note>> {
    let mut passages = snapshot.passages_of(&file.root, &file.path)?;
    passages.sort_by_key(|stored| stored.passage.span);
    let lines = match target {
        Target::Lines(_, lines) => *lines,
        Target::Place(_, typed) => return at_place(file, passages, typed),
        Target::Id(_) | Target::Note(_) => {
            return Ok(Some(note(file.root.clone(), file.path.clone(), passages, true)));
        }
    };
    let all: Vec<LineSpan> = passages.iter().map(|stored| stored.passage.lines).collect();
    passages.retain(|stored| {
        let LineSpan { first, last } = stored.passage.lines;
        first <= lines.last && lines.first <= last
    });
    if passages.is_empty() {
        let before = all.iter().rev().find(|span| span.last < lines.first);
        let after = all.iter().find(|span| span.first > lines.last);
        let near = before.into_iter().chain(after).copied().collect();
        return Err(NotFound::Lines { path: file.path.to_string(), lines, near }.into());
    }
    Ok(Some(note(file.root.clone(), file.path.clone(), passages, false)))
}

/// The passages that touch a place; nothing, if none of them has a place.
fn at_place(file: &FileRecord, mut passages: Vec<StoredPassage>, typed: &str) -> Result<Option<Note>> {
    let span = |stored: &StoredPassage| stored.passage.place();
    let (Some(first), Some(last)) = (passages.iter().find_map(span), passages.iter().rev().find_map(span))
    else {
        return Ok(None);
    };
    let touches = |stored: &StoredPassage| {
        let places = stored.passage.extract.iter().flat_map(|extract| &extract.places);
        places.into_iter().any(|start| start.place.is_meant_by(typed))
    };
    passages.retain(touches);
    if passages.is_empty() {
        let (path, typed) = (file.path.to_string(), typed.to_owned());
        let (first, last) = (first.first.to_string(), last.last.to_string());
        return Err(NotFound::Place { path, typed, first, last }.into());
    }
    Ok(Some(note(file.root.clone(), file.path.clone(), passages, false)))
}

/// A note before its short ids and its staleness are known.
fn note(root: String, path: NotePath, passages: Vec<StoredPassage>, whole: bool) -> Note {
    Note { root, path, passages, short_ids: Vec::new(), whole, stale: false, machine: None, unabridged: None }
}

/// The passage whose identity begins with these digits.
fn by_id(snapshot: &dyn Store, typed: &str) -> Result<Note> {
    let prefix = digits(typed);
    let mut found =
        if prefix.is_empty() { Vec::new() } else { snapshot.with_prefix(&prefix, CANDIDATES + 1)? };
    if found.len() > 1 {
        let ids = short_ids(snapshot, &found)?;
        let candidates = ids
            .iter()
            .zip(&found)
            .map(|(id, stored)| format!("#{id} ({}/{}:{})", stored.root, stored.path, stored.passage.lines));
        return Err(ambiguous(format!("#{prefix}"), candidates));
    }
    let Some(stored) = found.pop() else {
        return Err(NotFound::Passage { id: typed.to_owned() }.into());
    };
    Ok(note(stored.root.clone(), stored.path.clone(), vec![stored], false))
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
fn ambiguous(target: String, candidates: impl ExactSizeIterator<Item = String>) -> Error {
    let more = candidates.len() > CANDIDATES;
    Usage::Ambiguous { target, candidates: candidates.take(CANDIDATES).collect(), more }.into()
}

fn short_ids(snapshot: &dyn Store, passages: &[StoredPassage]) -> Result<Vec<String>> {
    let ids: Vec<_> = passages.iter().map(|stored| stored.id).collect();
    snapshot.short_ids(&ids)
}
