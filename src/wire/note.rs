//! What `get --json` prints.

use serde::Serialize;

use super::links::{Backlink, Link};
use super::{Bytes, Show, Standing};
use crate::calendar::Day;
use crate::{get, hit};

/// What `get --json` prints: a note, or some passages of it.
#[derive(Debug, Serialize)]
pub struct Note<'a> {
    /// The name of the root it lies in.
    root: &'a str,
    /// Its path relative to the root, written as in [`Result`](super::Result).
    path: &'a str,
    /// Its path on this machine; `null` if that isn't UTF-8.
    absolute_path: Option<String>,
    /// Its title.
    title: Option<&'a str>,
    /// Its other names.
    aliases: &'a [String],
    /// Its tags.
    tags: &'a [String],
    /// Its own date, as `YYYY-MM-DD`.
    date: Option<Day>,
    /// Whether the file has changed or is gone, so that it doesn't say this any more.
    stale: bool,
    /// The machine that it lies on, if that is another one than this; else left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    machine: Option<&'a str>,
    /// Its passages in their order, or those that were asked for.
    passages: Vec<Passage<'a>>,
    /// The links that stand in these passages.
    links: Vec<Link<'a>>,
    /// The links from other notes.
    backlinks: Vec<Backlink<'a>>,
}

/// A passage of a [`Note`]; its fields are those of [`Result`](super::Result).
#[derive(Debug, Serialize)]
struct Passage<'a> {
    /// `#` and the shortest unique prefix of its identity.
    id: String,
    /// Where it stands in its file.
    #[serde(flatten)]
    at: Standing,
    /// Which bytes of its file it is.
    #[serde(flatten)]
    bytes: Bytes,
    /// The headings above it, outermost first.
    heading: &'a [String],
    /// The question it answers.
    question: Option<&'a str>,
    /// Its text.
    text: &'a str,
}

impl<'a> Note<'a> {
    /// Describes a note, or some passages of one.
    pub fn new(note: &'a get::Note, links: &'a get::Links, show: &Show<'_>) -> Self {
        let first = note.passages.first();
        Self {
            root: &note.root,
            path: note.path.as_str(),
            absolute_path: show.absolute(&note.root, &note.path),
            title: first.and_then(|stored| stored.title.as_deref()),
            aliases: first.map(|stored| stored.aliases.as_slice()).unwrap_or_default(),
            tags: first.map(|stored| stored.tags.as_slice()).unwrap_or_default(),
            date: first.and_then(|stored| stored.date),
            stale: note.stale,
            machine: note.machine.as_deref(),
            passages: note
                .short_ids
                .iter()
                .zip(&note.passages)
                .map(|(id, stored)| Passage::new(id, stored))
                .collect(),
            links: links.outgoing.iter().map(Link::from).collect(),
            backlinks: links.backlinks.iter().map(Backlink::from).collect(),
        }
    }
}

impl<'a> Passage<'a> {
    /// Describes a passage by its identity's short form.
    fn new(short_id: &str, stored: &'a hit::StoredPassage) -> Self {
        let passage = &stored.passage;
        Self {
            id: format!("#{short_id}"),
            at: Standing::new(passage.lines, passage.place().as_ref()),
            bytes: passage.span.into(),
            heading: &passage.heading,
            question: passage.question.as_deref(),
            text: &passage.text,
        }
    }
}
