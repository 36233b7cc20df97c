//! The JSON documents of qsearch, made from what the library gives back.
//!
//! Their fields are a promise: some may be added, none is renamed, retyped or dropped without a new major version.
//!
//! - `ask --json`: a [`Reply`]; `search --json`: an array of [`Result`]s, best first; `get --json`: a [`Note`];
//!   `status --json`: a [`Status`]; `model list --json`: an array of [`Model`]s; `embed`: an [`Embedding`] per line;
//!   `check --json`: a [`Check`]; `eval --json`: what [`eval`] describes; `notes --json` and `tags --json`: arrays of what
//!   [`notes`] and [`tags`] describe.
//! - Texts are exact.
//! - Lines count from 1 and include the last. Scores are rounded to 4 decimals. What isn't known is `null`;
//!   only fields that say so are left out.

mod check;
pub mod eval;
mod links;
mod list;
mod number;
mod place;
mod signals;

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use crate::ask::{Question, Stopwatch};
use crate::calendar::Day;
use crate::document::{LineSpan, NotePath, PlaceSpan};
use crate::embed::{ListedModel, ModelKind};
use crate::query::Clause;
use crate::{ask, get, hit, status};
pub use check::Check;
use links::{Backlink, Link};
pub use list::{notes, tags};
use number::rounded;
use place::Places;
use signals::Signals;

/// What `ask --json` prints, also when nothing was found.
#[derive(Debug, Serialize)]
pub struct Reply<'a> {
    /// The question as it was asked.
    question: &'a str,
    /// What passages were left out for: the words that none of them has, or clauses such as `tag:draft`.
    excluded: Vec<String>,
    /// Whether the notes answer it; the exit status is 0 if so, else 1.
    answered: bool,
    /// How far the answer can be trusted: `high`, `low`, or `none` where `answered` is false.
    confidence: &'static str,
    /// The words, names, numbers and flags that the question insists on and no passage has, as they were typed.
    not_found: &'a [String],
    /// The answer; `null` where `answered` is false.
    answer: Option<Answer<'a>>,
    /// The sources, best first; where `answered` is false, the nearest misses.
    results: Vec<Result<'a>>,
    /// How many notes aren't in the index yet, since a run goes on or was broken off; left out if it is none.
    #[serde(skip_serializing_if = "is_zero")]
    waiting: u64,
    /// Where the time went, if `--timings` asks for it.
    timings: Option<Timings>,
}

/// Whether a field can be left out that counts what is rarely there.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "that is how it is asked")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// The milliseconds of each step, in their order, and of all together as `total`. The steps aren't promised.
#[derive(Debug)]
pub struct Timings(Vec<(&'static str, f64)>);

impl Timings {
    /// What a stopwatch shows, to the microsecond.
    pub fn new(watch: &Stopwatch) -> Self {
        Self(watch.laps().map(|(name, took)| (name, took.as_micros() as f64 / 1e3)).collect())
    }
}

impl Serialize for Timings {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

/// An answer.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    /// Its text: that of its parts, with ` … ` between them.
    text: &'a str,
    /// Its pieces, each as it stands in a note.
    parts: Vec<Part<'a>>,
    /// The `rank` of each result that it was taken from.
    citations: &'a [u32],
    /// Whether the note's answer goes on before or after the text.
    partial: bool,
}

/// A piece of an [`Answer`].
#[derive(Debug, Serialize)]
struct Part<'a> {
    /// Its text.
    text: &'a str,
    /// The `rank` of the result that it was taken from.
    citation: u32,
    /// The path of that result.
    path: Option<&'a str>,
    /// The line of the note on which it begins.
    first_line: u32,
    /// The line on which it ends.
    last_line: u32,
    /// Where it begins in the file, in bytes from 0. If the result is stale, this and the end are those of the result.
    first_byte: u64,
    /// Where it ends: the offset one past its last byte.
    last_byte: u64,
    /// Its places, if its file isn't text: then lines and bytes are those of the text that was extracted. Left out if it
    /// is.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Places>,
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
}

impl Standing {
    /// Describes lines, and places where there are some.
    fn new(lines: LineSpan, place: Option<&PlaceSpan>) -> Self {
        Self { first_line: lines.first, last_line: lines.last, place: place.map(Places::new) }
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
    /// Where it stands in its file.
    #[serde(flatten)]
    at: Standing,
    /// Its note's title.
    title: Option<&'a str>,
    /// Its note's own date, as `YYYY-MM-DD`.
    date: Option<Day>,
    /// The headings above it, outermost first.
    heading: &'a [String],
    /// The question it answers, if it belongs to a question with its answer.
    question: Option<&'a str>,
    /// Its text.
    text: &'a str,
    /// Whether the file has changed since it was indexed so that the lines may not match.
    stale: bool,
    /// How it was found.
    signals: Signals,
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
    /// Where it stands in its file.
    #[serde(flatten)]
    at: Standing,
}

/// What `get --json` prints: a note, or some passages of it.
#[derive(Debug, Serialize)]
pub struct Note<'a> {
    /// The name of the root it lies in.
    root: &'a str,
    /// Its path relative to the root, written as in [`Result`].
    path: &'a str,
    /// Its title.
    title: Option<&'a str>,
    /// Its tags.
    tags: &'a [String],
    /// Its own date, as `YYYY-MM-DD`.
    date: Option<Day>,
    /// Whether the file has changed or is gone, so that it doesn't say this any more.
    stale: bool,
    /// Its passages in their order, or those that were asked for.
    passages: Vec<Passage<'a>>,
    /// The links that stand in these passages.
    links: Vec<Link<'a>>,
    /// The links from other notes.
    backlinks: Vec<Backlink<'a>>,
}

/// A passage of a [`Note`]; its fields are those of [`Result`].
#[derive(Debug, Serialize)]
struct Passage<'a> {
    /// `#` and the shortest unique prefix of its identity.
    id: String,
    /// Where it stands in its file.
    #[serde(flatten)]
    at: Standing,
    /// The headings above it, outermost first.
    heading: &'a [String],
    /// The question it answers.
    question: Option<&'a str>,
    /// Its text.
    text: &'a str,
}

/// What `status --json` prints.
#[derive(Debug, Serialize)]
pub struct Status<'a> {
    /// The folder of the index.
    index: Cow<'a, str>,
    /// The format it is written in.
    format: u32,
    /// The fingerprint of the model that made its vectors.
    model: &'a str,
    /// The fingerprint of the way its passages were cut.
    chunking: &'a str,
    /// How many numbers a vector has.
    dimensions: usize,
    /// When it was last written, in seconds since 1970.
    indexed_at: u64,
    /// The size of its files.
    bytes: u64,
    /// How many files it covers.
    files: u64,
    /// How many passages it holds.
    passages: u64,
    /// The folders it covers.
    roots: Vec<Root<'a>>,
    /// Who is writing the index now, as a phrase; `null` if nobody is.
    writer: Option<&'a str>,
    /// How many notes the last run had still to read: 0, unless it goes on or was broken off.
    waiting: u64,
    /// Whether anything on disk differs from what is indexed.
    stale: bool,
    /// Notes whose content has changed.
    changed: Vec<NoteRef<'a>>,
    /// Notes that aren't in the index yet.
    new: Vec<NoteRef<'a>>,
    /// Notes that aren't on disk any more.
    vanished: Vec<NoteRef<'a>>,
}

/// A folder that the index covers.
#[derive(Debug, Serialize)]
struct Root<'a> {
    /// Its name.
    name: &'a str,
    /// Where it is.
    path: String,
    /// How many files of it are in the index.
    files: u64,
    /// How many passages these have.
    passages: u64,
    /// Why it can't be compared with the index; `null` if it can.
    error: Option<String>,
}

/// The name of a note.
#[derive(Debug, Serialize)]
struct NoteRef<'a> {
    /// The name of the root it lies in.
    root: &'a str,
    /// Its path relative to the root, written as in [`Result`].
    path: &'a str,
}

/// A model that `model list --json` names.
#[derive(Debug, Serialize)]
pub struct Model<'a> {
    /// What to type after `--model`, or after `--rerank`.
    name: &'a str,
    /// What it does: `embedder` turns texts into vectors, `reranker` reads a question with a passage.
    kind: &'static str,
    /// `bundled`, its file, or the repository it is downloaded from.
    from: &'a str,
    /// How many numbers a vector has; 0 if its file can't be read, `null` for a reranker.
    dimensions: Option<usize>,
    /// Whether it is on this machine.
    here: bool,
}

/// What `model list --json` prints.
pub fn models(listed: &[ListedModel]) -> Vec<Model<'_>> {
    listed
        .iter()
        .map(|listed| {
            let (kind, dimensions) = match listed.kind {
                ModelKind::Embedder { dim } => ("embedder", Some(dim)),
                ModelKind::Reranker => ("reranker", None),
            };
            Model { name: &listed.name, kind, from: &listed.from, dimensions, here: listed.is_here }
        })
        .collect()
}

/// One line of what `embed` prints.
#[derive(Debug, Serialize)]
pub struct Embedding<'a> {
    /// The text of the input line.
    text: &'a str,
    /// Its vector, of length 1 unless all of it is 0.
    embedding: &'a [f32],
}

impl<'a> Embedding<'a> {
    /// Describes the vector of a text.
    pub fn new(text: &'a str, embedding: &'a [f32]) -> Self {
        Self { text, embedding }
    }
}

impl<'a> Reply<'a> {
    /// Describes a reply.
    pub fn new(
        question: &'a Question,
        reply: &'a ask::Reply,
        waiting: u64,
        timings: Option<Timings>,
    ) -> Self {
        let ask::Reply { answer, confidence, missing, hits } = reply;
        Self {
            question: question.text(),
            excluded: question.query().excluded.iter().map(left_out).collect(),
            answered: answer.is_some(),
            confidence: match confidence {
                hit::Confidence::High => "high",
                hit::Confidence::Low => "low",
                hit::Confidence::None => "none",
            },
            not_found: missing,
            answer: answer.as_ref().map(|answer| Answer {
                text: &answer.text,
                parts: answer.parts.iter().map(|part| Part::new(part, hits)).collect(),
                citations: &answer.citations,
                partial: answer.partial,
            }),
            results: results(hits),
            waiting,
            timings,
        }
    }
}

impl<'a> Part<'a> {
    fn new(part: &'a hit::AnswerPart, hits: &'a [hit::Hit]) -> Self {
        let hit = hits.iter().find(|hit| hit.rank == part.citation);
        Self {
            text: &part.text,
            citation: part.citation,
            path: hit.map(|hit| hit.source.path.as_str()),
            first_line: part.lines.first,
            last_line: part.lines.last,
            first_byte: part.span.start,
            last_byte: part.span.end,
            place: hit.and_then(|hit| hit.source.passage.places(&part.range)).as_ref().map(Places::new),
        }
    }
}

/// What passages are left out for.
fn left_out(clause: &Clause) -> String {
    clause.phrase().map_or_else(|| clause.to_string(), str::to_owned)
}

/// Describes what was found.
pub fn results(hits: &[hit::Hit]) -> Vec<Result<'_>> {
    hits.iter().map(Result::new).collect()
}

impl<'a> Result<'a> {
    fn new(hit: &'a hit::Hit) -> Self {
        let hit::StoredPassage { root, path, title, date, passage, .. } = &hit.source;
        Self {
            rank: hit.rank,
            id: format!("#{}", hit.short_id),
            score: hit.score,
            root,
            path: path.as_str(),
            at: Standing::new(passage.lines, passage.place().as_ref()),
            title: title.as_deref(),
            date: *date,
            heading: &passage.heading,
            question: passage.question.as_deref(),
            text: &passage.text,
            stale: hit.stale,
            signals: Signals::new(hit.signals),
            also_in: hit.also.iter().map(Duplicate::new).collect(),
            also_in_more: hit.also_more,
        }
    }
}

impl<'a> Duplicate<'a> {
    fn new(found: &'a hit::Duplicate) -> Self {
        let hit::Duplicate { short_id, root, path, lines, place } = found;
        let at = Standing::new(*lines, place.as_ref());
        Self { id: format!("#{short_id}"), root, path: path.as_str(), at }
    }
}

impl<'a> Note<'a> {
    /// Describes a note, or some passages of one.
    pub fn new(note: &'a get::Note, links: &'a get::Links) -> Self {
        let first = note.passages.first();
        Self {
            root: &note.root,
            path: note.path.as_str(),
            title: first.and_then(|stored| stored.title.as_deref()),
            tags: first.map(|stored| stored.tags.as_slice()).unwrap_or_default(),
            date: first.and_then(|stored| stored.date),
            stale: note.stale,
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

impl<'a> Status<'a> {
    /// Describes the state of an index.
    pub fn new(status: &'a status::Status) -> Self {
        let status::Status { index, info, bytes, roots, writer, drift } = status;
        let refs = |notes: &'a [(String, NotePath)]| {
            notes.iter().map(|(root, path)| NoteRef { root, path: path.as_str() }).collect()
        };
        let roots = roots.iter().map(|of| Root {
            name: &of.root.name,
            path: of.root.path.to_string_lossy().into_owned(),
            files: of.files,
            passages: of.passages,
            error: drift.unreadable.get(&of.root.name).map(ToString::to_string),
        });
        Self {
            index: index.to_string_lossy(),
            format: info.format,
            model: &info.fingerprint.model,
            chunking: &info.fingerprint.chunking,
            dimensions: info.fingerprint.dim,
            indexed_at: info.indexed_at,
            bytes: *bytes,
            files: info.files,
            passages: info.passages,
            roots: roots.collect(),
            writer: writer.as_deref(),
            waiting: info.waiting,
            stale: !drift.is_empty(),
            changed: refs(&drift.changed),
            new: refs(&drift.new),
            vanished: refs(&drift.vanished),
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
            heading: &passage.heading,
            question: passage.question.as_deref(),
            text: &passage.text,
        }
    }
}
