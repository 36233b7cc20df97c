//! The JSON documents of qsearch, made from what the library gives back.
//!
//! Their fields are a promise: some may be added, none is renamed, retyped or dropped without a new major version.
//! `qsearch help json` prints what each means.
//!
//! - `ask --json`: a [`Reply`]; `search --json`: an array of [`Result`]s, best first; `get --json`: a [`Note`];
//!   `index --json`: an [`Indexed`]; `forget --json`: a [`Forgotten`]; `copy --json`: a [`Copied`]; `status --json`: a [`Status`]; `model list --json`:
//!   an array of [`Model`]s; `model import --json`: an [`Imported`], `model get --json` one with more; `embed`: an [`Embedding`] per line; `check --json`: a
//!   [`Check`]; `eval --json`: what [`eval`] describes; `notes --json` and `tags --json`: arrays of what [`notes`] and
//!   [`tags`] describe.
//! - `ask --jsonl`: an [`Event`] per line; `watch --json`: a [`WatchEvent`] per line.
//! - Where `--json` was given, an error is a [`Failure`].
//! - Texts are exact.
//! - Lines count from 1 and include the last. Scores are rounded to 4 decimals. What isn't known is `null`;
//!   only fields that say so are left out.

mod check;
pub mod eval;
mod event;
mod excerpt;
mod failure;
mod index;
mod links;
mod list;
mod model;
mod note;
mod number;
mod extraction;
mod place;
mod reply;
mod served;
mod signals;
mod status;
mod watch;
mod written;

use serde::Serialize;

use crate::calendar::Day;
use crate::document::{ByteSpan, LineSpan, NotePath, PlaceSpan, Root};
use crate::hit;
pub use check::Check;
pub use event::{Event, Unnamed};
use excerpt::Excerpt;
pub use extraction::{Extraction, extractions};
pub use failure::{Failure, kind};
pub use index::{Copied, Forgotten, Indexed};
pub use list::{notes, tags};
#[cfg(feature = "hub")]
pub use model::Downloaded;
pub use model::{Embedding, Imported, Model, models};
pub use note::Note;
use number::rounded;
use place::Places;
pub use reply::{Freshness, Reply, Timings};
pub use served::{Found, Health, Links, Llm, Seen, SeenPlace, ServedNote, ServedStatus};
use signals::Signals;
pub use status::Status;
pub use watch::{WatchEvent, WatchedRoot};

/// How documents show passages and notes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Show<'a> {
    /// The roots of the index, which say where notes are.
    pub roots: &'a [Root],
    /// Whether to tell how each source was found.
    pub explain: bool,
}

impl Show<'_> {
    /// Where a note is on this machine; nothing if that can't be written as JSON, or its root isn't known or lies elsewhere.
    fn absolute(&self, root: &str, path: &NotePath) -> Option<String> {
        let root = self.roots.iter().find(|known| known.name == root && known.is_here())?;
        root.locate(path).into_os_string().into_string().ok()
    }
}

/// Where a passage stands in its file; its fields are fields of what has it.
#[derive(Debug, Serialize)]
struct Standing {
    /// The line of the note on which it begins.
    first_line: u32,
    /// The line on which it ends.
    last_line: u32,
    /// Its places, if its file isn't text: then lines and bytes are those of the text that was extracted. Left out if it
    /// is.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Places>,
    /// Whose text it is: that of the `file` itself, or of an `extract` that was made of it.
    text_of: &'static str,
}

impl Standing {
    /// Describes lines, and places where there are some.
    fn new(lines: LineSpan, place: Option<&PlaceSpan>) -> Self {
        // All that was extracted stands at a place.
        let text_of = if place.is_some() { "extract" } else { "file" };
        Self { first_line: lines.first, last_line: lines.last, place: place.map(Places::new), text_of }
    }
}

/// Which bytes of its file something is; its fields are fields of what has it.
#[derive(Debug, Serialize)]
struct Bytes {
    /// Where it begins in the file, in bytes from 0.
    first_byte: u64,
    /// Where it ends: the offset one past its last byte.
    last_byte: u64,
}

impl From<ByteSpan> for Bytes {
    fn from(span: ByteSpan) -> Self {
        Self { first_byte: span.start, last_byte: span.end }
    }
}

/// A passage that was found.
#[derive(Debug, Serialize)]
pub struct Result<'a> {
    /// Its place, from 1.
    rank: u32,
    /// `#` and the shortest unique prefix of its identity; `qsearch get` takes it.
    id: String,
    /// How well it fits, from 0 to 1.
    #[serde(serialize_with = "rounded")]
    score: f32,
    /// The name of the root its note lies in.
    root: &'a str,
    /// Its note's path relative to the root. A byte that isn't UTF-8 is written `\xNN`, a backslash doubled.
    path: &'a str,
    /// Its note's path on this machine; `null` if that isn't UTF-8.
    absolute_path: Option<String>,
    /// Where it stands in its file.
    #[serde(flatten)]
    at: Standing,
    /// Which bytes of its file it is.
    #[serde(flatten)]
    bytes: Bytes,
    /// Its note's title.
    title: Option<&'a str>,
    /// Its note's other names.
    aliases: &'a [String],
    /// Its note's tags.
    tags: &'a [String],
    /// Its note's own date, as `YYYY-MM-DD`.
    date: Option<Day>,
    /// The headings above it, outermost first.
    heading: &'a [String],
    /// The question it answers, if it belongs to a question with its answer.
    question: Option<&'a str>,
    /// Its text.
    text: &'a str,
    /// The part of its text that matches best.
    excerpt: Excerpt<'a>,
    /// Whether the file has changed since it was indexed so that the lines may not match.
    stale: bool,
    /// The machine that the file lies on, if that is another one than this, where nobody can say whether it is stale; else
    /// left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    machine: Option<&'a str>,
    /// How it was found, if `--explain` asks for it; else left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    signals: Option<Signals>,
    /// Other places that say the same, five at most.
    also_in: Vec<Duplicate<'a>>,
    /// How many more of them there are.
    also_in_more: usize,
}

/// Another place that says what a [`Result`] says; its fields are those of a result.
#[derive(Debug, Serialize)]
struct Duplicate<'a> {
    /// `#` and the shortest unique prefix of its identity.
    id: String,
    /// The name of the root its note lies in.
    root: &'a str,
    /// Its note's path relative to the root.
    path: &'a str,
    /// Its note's path on this machine; `null` if that isn't UTF-8.
    absolute_path: Option<String>,
    /// Where it stands in its file.
    #[serde(flatten)]
    at: Standing,
}

/// Describes what was found.
pub fn results<'a>(hits: &'a [hit::Hit], show: &Show<'_>) -> Vec<Result<'a>> {
    hits.iter().map(|hit| Result::new(hit, show)).collect()
}

impl<'a> Result<'a> {
    fn new(hit: &'a hit::Hit, show: &Show<'_>) -> Self {
        let hit::StoredPassage { root, path, title, aliases, tags, date, passage, .. } = &hit.source;
        Self {
            rank: hit.rank,
            id: format!("#{}", hit.short_id),
            score: hit.score,
            root,
            path: path.as_str(),
            absolute_path: show.absolute(root, path),
            at: Standing::new(passage.lines, passage.place().as_ref()),
            bytes: passage.span.into(),
            title: title.as_deref(),
            aliases,
            tags,
            date: *date,
            heading: &passage.heading,
            question: passage.question.as_deref(),
            text: &passage.text,
            excerpt: Excerpt::new(passage, &hit.excerpt),
            stale: hit.stale,
            machine: hit.machine.as_deref(),
            signals: show.explain.then(|| Signals::new(hit.signals)),
            also_in: hit.also.iter().map(|other| Duplicate::new(other, show)).collect(),
            also_in_more: hit.also_more,
        }
    }
}

impl<'a> Duplicate<'a> {
    fn new(found: &'a hit::Duplicate, show: &Show<'_>) -> Self {
        let hit::Duplicate { short_id, root, path, lines, place } = found;
        let at = Standing::new(*lines, place.as_ref());
        let absolute_path = show.absolute(root, path);
        Self { id: format!("#{short_id}"), root, path: path.as_str(), absolute_path, at }
    }
}
