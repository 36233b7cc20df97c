//! Archives of notes, as programs export them → their notes, each with its path.
//!
//! Notion (Markdown, CSV and HTML, with ids in the names and ZIPs within the ZIP), Google Keep (a JSON file for each note),
//! Bear and others (textbundles), Evernote (`.enex`), and any ZIP of texts and documents. What isn't a note, such as an
//! image, is left where it is.

mod evernote;
mod keep;
mod names;

use std::collections::BTreeSet;

use serde::Deserialize;

use super::draft::one_line;
use super::package::Package;
use super::{Damaged, Draft, Member, extract, finished};
use crate::encoding::decoded;
use crate::format::{Extractor, FORMATS, NO_NOTES, Reader, by_extension};
use names::Named;

/// No archive in an archive in an archive has more archives in it.
const MOST_DEPTH: usize = 2;

/// No archive has more text, in bytes; what follows is left out, and that is told.
const MOST_TEXT: usize = 64 << 20;

/// No more of what is odd about an archive is told, in number.
const MOST_WARNINGS: usize = 20;

/// Reads the notes of an archive, in the order of their paths.
pub(super) fn notes(extractor: Extractor, file: &[u8]) -> Result<Vec<Member>, Damaged> {
    let mut found = Found::default();
    if extractor == Extractor::Evernote {
        evernote::read(file, "", &mut found)?;
    } else {
        zip(file, "", 0, &mut found)?;
    }
    let Found { notes, mut warnings, full, .. } = found;
    if full {
        warnings.insert(0, format!("only its first {} MB of text are read", MOST_TEXT >> 20));
    }
    let mut notes = names::named(notes);
    notes.sort_by(|a, b| a.path.cmp(&b.path));
    match notes.first_mut() {
        // An archive's own warnings stand with its first note.
        Some(first) => first.extracted.warnings.append(&mut warnings),
        None if warnings.is_empty() => return Err(Damaged(NO_NOTES.into())),
        None => return Err(Damaged(warnings.swap_remove(0))),
    }
    Ok(notes)
}

/// What was found so far.
#[derive(Default)]
struct Found {
    notes: Vec<Named>,
    warnings: Vec<String>,
    text: usize,
    full: bool,
}

impl Found {
    /// Adds a note that is written as Markdown; `bytes` is what it was made from.
    fn add(&mut self, path: &str, draft: Draft, bytes: &[u8]) {
        self.push(Member {
            path: names::normal(path),
            extracted: finished(draft, Extractor::Archive, bytes),
        });
    }

    fn push(&mut self, note: Member) {
        if self.text + note.extracted.text.len() > MOST_TEXT {
            self.full = true;
        } else {
            self.text += note.extracted.text.len();
            self.notes.push(Named(note));
        }
    }

    fn warn(&mut self, warning: String) {
        if self.warnings.len() < MOST_WARNINGS {
            self.warnings.push(warning);
        }
    }
}

/// Reads the notes of a ZIP, whose path within another ends with `/` or is empty.
fn zip(file: &[u8], folder: &str, depth: usize, found: &mut Found) -> Result<(), Damaged> {
    let mut package = Package::open(file)?;
    let names = package.names().iter().cloned().enumerate();
    let mut names: Vec<(String, usize)> =
        names.filter(|(_, name)| is_shown(name)).map(|(number, name)| (name, number)).collect();
    names.sort();
    let known: BTreeSet<String> = names.iter().map(|(name, _)| name.to_lowercase()).collect();
    for (name, number) in names.iter().filter(|(name, _)| !names::is_twin(name, &known)) {
        if found.full {
            break;
        }
        let Some(kind) = kind(name) else { continue };
        if kind == Kind::Archive && depth >= MOST_DEPTH {
            found.warn(format!("{name}: archives in it that are nested deeper aren't read"));
            continue;
        }
        let read = package.bytes_at(*number).and_then(|bytes| {
            let info = names::info(name).and_then(|info| package.bytes(&info).ok());
            member(kind, &format!("{folder}{name}"), &bytes, info.as_deref(), depth, found)
        });
        if let Err(damaged) = read {
            found.warn(format!("{name}: {damaged}"));
        }
    }
    let mut draft = Draft::default();
    package.tell(&mut draft);
    draft.warnings.into_iter().for_each(|warning| found.warn(warning));
    Ok(())
}

/// Whether a part of an archive is a file that people see.
fn is_shown(name: &str) -> bool {
    !name.ends_with('/') && !name.split('/').any(|part| part.starts_with('.') || part == "__MACOSX")
}

/// What a part of an archive may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Document(Extractor),
    Keep,
    Archive,
    Evernote,
}

/// What a part of an archive may be, by its name.
fn kind(name: &str) -> Option<Kind> {
    let extension = name.rsplit('/').next()?.rsplit_once('.')?.1.to_lowercase();
    match by_extension(FORMATS, &extension).map(|format| format.reader) {
        Some(Reader::Text(_)) => Some(Kind::Text),
        Some(Reader::Extract(Extractor::Archive)) => Some(Kind::Archive),
        Some(Reader::Extract(Extractor::Evernote)) => Some(Kind::Evernote),
        Some(Reader::Extract(extractor)) => Some(Kind::Document(extractor)),
        _ if extension == "json" && !name.ends_with("/info.json") => Some(Kind::Keep),
        _ => None,
    }
}

/// Reads a part of an archive.
fn member(
    kind: Kind,
    path: &str,
    bytes: &[u8],
    info: Option<&[u8]>,
    depth: usize,
    found: &mut Found,
) -> Result<(), Damaged> {
    match kind {
        Kind::Text => {
            let text = decoded(bytes);
            let info = info.and_then(|info| serde_json::from_slice::<Info>(info).ok()).unwrap_or_default();
            if text.contains('\0') || text.trim().is_empty() || info.is_gone() {
                return Ok(());
            }
            found.add(path, note(&text, &info), bytes);
        }
        Kind::Document(extractor) => {
            let extracted = extract(extractor, bytes)?;
            if !extracted.text.trim().is_empty() {
                found.push(Member { path: path.to_owned(), extracted });
            }
        }
        Kind::Keep => {
            if let Some(draft) = keep::read(bytes) {
                found.add(&names::markdown(path), draft, bytes);
            }
        }
        Kind::Archive => zip(bytes, &names::folder(path), depth + 1, found)?,
        Kind::Evernote => evernote::read(bytes, &names::folder(path), found)?,
    }
    Ok(())
}

/// What a textbundle says of its text (<https://textbundle.org/spec/>); Bear adds its own.
#[derive(Default, Deserialize)]
struct Info {
    #[serde(default, rename = "net.shinyfrog.bear")]
    bear: Bear,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bear {
    #[serde(default)]
    creation_date: Option<String>,
    #[serde(default)]
    modification_date: Option<String>,
    #[serde(default)]
    trashed: Truth,
    #[serde(default)]
    archived: Truth,
}

/// A truth value, which Bear also writes as a number.
#[derive(Default, Deserialize)]
#[serde(untagged)]
enum Truth {
    Said(bool),
    Counted(f64),
    #[default]
    Unknown,
}

impl Truth {
    fn holds(&self) -> bool {
        matches!(self, Self::Said(true)) || matches!(self, Self::Counted(number) if number.abs() > 0.5)
    }
}

impl Info {
    /// Whether the note was thrown away.
    fn is_gone(&self) -> bool {
        self.bear.trashed.holds()
    }
}

/// A note that is a text. One that says nothing of itself has the date that its archive knows, and its properties if it
/// begins as Notion's pages do: a title, and lines such as `Tags: a, b`.
fn note(text: &str, info: &Info) -> Draft {
    let mut draft = Draft::default();
    draft.paragraph(text);
    if text.starts_with("---") || text.starts_with("+++") {
        return draft;
    }
    let bear = &info.bear;
    draft.about.date = bear.creation_date.clone().or_else(|| bear.modification_date.clone());
    if bear.archived.holds() {
        draft.about.tags.push("archived".to_owned());
    }
    let mut lines = text.lines().skip_while(|line| line.trim().is_empty());
    if !lines.next().is_some_and(|line| line.starts_with("# ")) {
        return draft;
    }
    for line in
        lines.skip_while(|line| line.trim().is_empty()).take(40).take_while(|line| !line.trim().is_empty())
    {
        let Some((key, value)) = line.split_once(": ") else { break };
        match key.trim().to_lowercase().as_str() {
            "tags" | "tag" => {
                let tags = value.split(',').map(one_line).filter(|tag| !tag.is_empty());
                draft.about.tags.extend(tags);
            }
            "created" | "created time" | "date" if draft.about.date.is_none() => {
                draft.about.date = names::day(value);
            }
            _ => {}
        }
    }
    draft
}

#[cfg(test)]
#[path = "../archive_tests.rs"]
mod tests;
