//! The JSON of notes and tags that are listed.

use serde::Serialize;

use crate::calendar::Day;
use crate::list::{ListedNote, ListedTag};

/// A note of `notes --json`.
#[derive(Debug, Serialize)]
pub struct Note<'a> {
    /// The name of the root it lies in.
    root: &'a str,
    /// Its path relative to the root. A byte that isn't UTF-8 is written `\\xNN`, a backslash doubled.
    path: &'a str,
    /// Its title.
    title: Option<&'a str>,
    /// Its own date, as `YYYY-MM-DD`.
    date: Option<Day>,
    /// Its tags.
    tags: &'a [String],
}

/// A tag of `tags --json`.
#[derive(Debug, Serialize)]
pub struct Tag<'a> {
    /// Its name, without `#`.
    tag: &'a str,
    /// How many notes have it.
    notes: u64,
}

/// Describes notes.
pub fn notes(listed: &[ListedNote]) -> Vec<Note<'_>> {
    let passages = listed.iter().map(|note| &note.passage);
    let note = passages.map(|of| Note {
        root: &of.root,
        path: of.path.as_str(),
        title: of.title.as_deref(),
        date: of.date,
        tags: &of.tags,
    });
    note.collect()
}

/// Describes tags.
pub fn tags(listed: &[ListedTag]) -> Vec<Tag<'_>> {
    listed.iter().map(|tag| Tag { tag: &tag.name, notes: tag.notes }).collect()
}
