//! The JSON of notes and tags that are listed.

use serde::Serialize;

use super::Show;
use crate::calendar::Day;
use crate::list::{ListedNote, ListedTag};

/// A note of `notes --json`.
#[derive(Debug, Serialize)]
pub struct Note<'a> {
    /// The name of the root it lies in.
    root: &'a str,
    /// Its path relative to the root. A byte that isn't UTF-8 is written `\\xNN`, a backslash doubled.
    path: &'a str,
    /// Its path on this machine; `null` if that isn't UTF-8.
    absolute_path: Option<String>,
    /// Its title.
    title: Option<&'a str>,
    /// Its other names.
    aliases: &'a [String],
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
pub fn notes<'a>(listed: &'a [ListedNote], show: &Show<'_>) -> Vec<Note<'a>> {
    let passages = listed.iter().map(|note| &note.passage);
    let note = passages.map(|of| Note {
        root: &of.root,
        path: of.path.as_str(),
        absolute_path: show.absolute(&of.root, &of.path),
        title: of.title.as_deref(),
        aliases: &of.aliases,
        date: of.date,
        tags: &of.tags,
    });
    note.collect()
}

/// Describes tags.
pub fn tags(listed: &[ListedTag]) -> Vec<Tag<'_>> {
    listed.iter().map(|tag| Tag { tag: &tag.name, notes: tag.notes }).collect()
}
