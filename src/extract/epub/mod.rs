//! Books → Markdown, chapter by chapter in the order of reading (EPUB 3.3 and 2.0.1).
//!
//! The package says which files are chapters and in which order; the table of contents says what they are called. A
//! chapter's number is that of its file in the order of reading; what isn't part of that order comes last.

mod book;
mod contents;
mod escapes;

use std::collections::{BTreeMap, HashMap};

use super::package::{Package, joined};
use super::{Damaged, Draft, html};
use crate::document::{Place, PlaceStart};
use book::Book;
use contents::Entry;

/// No book has more chapters that are read.
const MAX_CHAPTERS: usize = 20_000;

/// How far into a chapter a heading is looked for, in bytes.
const START: usize = 400;

/// Reads a book.
pub(super) fn read(file: &[u8]) -> Result<Draft, Damaged> {
    let mut package = Package::open(file)?;
    let book = Book::read(&mut package)?;
    let entries = contents::read(&mut package, &book);
    let mut writer = Writer { draft: Draft::default(), notes: 0, texts: HashMap::new() };
    writer.draft.about = book.about.clone();
    let (mut read, mut encrypted) = (0, 0);
    for (at, path) in book.chapters.iter().enumerate().take(MAX_CHAPTERS) {
        if writer.draft.is_full() {
            break;
        }
        if book.encrypted.contains(path) {
            encrypted += 1;
            continue;
        }
        match package.bytes(path) {
            Ok(bytes) => {
                read += 1;
                let page = html::decode(&bytes, None).into_owned();
                writer.find_notes(&mut package, path, &page);
                writer.chapter(at as u32 + 1, path, &page, entries.get(path).map_or(&[], Vec::as_slice));
            }
            Err(damaged) => writer.draft.warn(format!("chapter {}: {damaged}", at + 1)),
        }
    }
    let mut draft = writer.draft;
    package.tell(&mut draft);
    if draft.text.is_empty() {
        return Err(Damaged(
            match (encrypted, read) {
                (0, 0) => "none of its chapters can be read",
                (0, _) => "it has no text: pictures of pages?",
                _ => "it is encrypted (DRM); only programs of its shop can read it",
            }
            .into(),
        ));
    }
    if encrypted > 0 {
        draft.warn(format!("{encrypted} of its chapters are encrypted (DRM)"));
    }
    Ok(draft)
}

/// A book that is being written down.
struct Writer {
    draft: Draft,
    /// How many footnotes have been written.
    notes: usize,
    /// Footnotes that stand in other files than what refers to them, by file and id: `notes.xhtml#n1`.
    texts: HashMap<String, String>,
}

impl Writer {
    /// Reads the footnotes in other files that a chapter refers to.
    fn find_notes(&mut self, package: &mut Package<'_>, path: &str, page: &str) {
        if !page.contains("noteref") {
            return;
        }
        let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for href in html::references(page) {
            if let Some((file, id)) = href.split_once('#').filter(|(file, _)| !file.is_empty()) {
                files.entry(joined(path, &escapes::decoded(file))).or_default().push(id.to_owned());
            }
        }
        for (file, ids) in files {
            let missing: Vec<String> =
                ids.into_iter().filter(|id| !self.texts.contains_key(&format!("{file}#{id}"))).collect();
            if missing.is_empty() {
                continue;
            }
            let Ok(bytes) = package.bytes(&file) else { continue };
            for (id, text) in html::notes(&html::decode(&bytes, None), &missing) {
                self.texts.insert(format!("{file}#{id}"), text);
            }
        }
    }

    /// Writes a chapter, with the entries of the table of contents that lead into its file.
    ///
    /// A chapter without a heading gets the name that the table has for it.
    fn chapter(&mut self, number: u32, path: &str, page: &str, entries: &[Entry]) {
        let place = |entry: Option<&Entry>| Place::Chapter {
            number,
            href: match entry.and_then(|entry| entry.id.as_ref()) {
                Some(id) => format!("{path}#{id}"),
                None => path.to_owned(),
            },
            title: entry.map(|entry| entry.title.clone()),
        };
        // What an entry without an id leads to is the whole file; the first with one often is its heading.
        let whole = entries.iter().find(|entry| entry.id.is_none()).or_else(|| entries.first());
        let parts: BTreeMap<String, Place> = entries
            .iter()
            .filter(|entry| Some(*entry) != whole)
            .filter_map(|entry| Some((entry.id.clone()?, place(Some(entry)))))
            .collect();
        let notes: HashMap<String, String> = self.notes_of(path, page);
        let options = html::Options {
            places: html::Places::At(&parts),
            article: false,
            is_xml: true,
            notes: Some(&notes),
            notes_before: self.notes,
        };
        let mut part = Draft::default();
        self.notes = html::body(&mut part, page, &options).notes;
        let text = part.text.trim_matches('\n');
        if text.trim().is_empty() {
            return;
        }
        self.draft.begin(place(whole));
        let start = &text[..crate::document::floor(text, START)];
        let has_heading = start.lines().any(|line| line.starts_with('#'));
        if let Some(whole) = whole.filter(|_| !has_heading) {
            self.draft.heading(whole.level, &whole.title);
        }
        self.draft.paragraph(text);
        let at = self.draft.text.len().saturating_sub(text.trim_end().len() + 1);
        for start in part.places {
            self.draft.places.push(PlaceStart { at: at + start.at, place: start.place });
        }
    }

    /// The notes in other files that a page refers to, by what its links say.
    fn notes_of(&self, path: &str, page: &str) -> HashMap<String, String> {
        if self.texts.is_empty() || !page.contains("noteref") {
            return HashMap::new();
        }
        let text_of = |href: String| {
            let (file, id) = href.split_once('#')?;
            let text = self.texts.get(&format!("{}#{id}", joined(path, &escapes::decoded(file))))?;
            Some((href.clone(), text.clone()))
        };
        html::references(page).into_iter().filter_map(text_of).collect()
    }
}

#[cfg(test)]
#[path = "../epub_tests.rs"]
mod tests;
