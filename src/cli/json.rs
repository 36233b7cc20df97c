//! The JSON documents that qsearch prints. Their fields are a promise: some may be added, none is renamed,
//! retyped or dropped without a new major version.
//!
//! - `ask --json`: a [`Reply`]; `search --json`: an array of [`Result`]s, best first; `get --json`: a [`Note`];
//!   `status --json`: a [`Status`]; `model list --json`: an array of [`Model`]s; `embed`: an [`Embedding`] per line;
//!   `check --json`: a [`Check`](check::Check); `eval --json`: what [`eval`] describes.
//! - Texts are exact. Characters that would act on a terminal are written as `\uXXXX`, which reads back as
//!   the same text.
//! - Lines count from 1 and include the last. Scores are rounded to 4 decimals. What isn't known is `null`;
//!   no field is ever left out.

pub(crate) mod check;
pub(crate) mod eval;
mod signals;

use std::io;

use qsearch::ask::Stopwatch;
use qsearch::hit::{Answer as CitedAnswer, Duplicate as Found, Hit, Part as CitedPart, StoredPassage};
use serde::{Serialize, Serializer};

use super::library::{Listed, ModelKind};
use super::sanitize;
use signals::Signals;

/// What `ask --json` prints, also when nothing was found.
#[derive(Debug, Serialize)]
pub(crate) struct Reply<'a> {
    /// The question as it was asked.
    pub(crate) question: &'a str,
    /// Whether the notes answer it; the exit status is 0 if so, else 1.
    pub(crate) answered: bool,
    /// The answer; `null` where `answered` is false.
    pub(crate) answer: Option<Answer<'a>>,
    /// The sources, best first; where `answered` is false, the nearest misses.
    pub(crate) results: Vec<Result<'a>>,
    /// How many notes aren't in the index yet, since a run goes on or was broken off; left out if it is none.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) waiting: u64,
    /// Where the time went, if `--timings` asks for it.
    pub(crate) timings: Option<Timings>,
}

/// Whether a field can be left out that counts what is rarely there.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "that is how it is asked")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// The milliseconds of each step, in their order, and of all together as `total`. The steps aren't promised.
#[derive(Debug)]
pub(crate) struct Timings(Vec<(&'static str, f64)>);

impl Timings {
    /// What a stopwatch shows, to the microsecond.
    pub(crate) fn new(watch: &Stopwatch) -> Self {
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
pub(crate) struct Answer<'a> {
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
}

/// A passage that was found.
#[derive(Debug, Serialize)]
pub(crate) struct Result<'a> {
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
    /// The line of the note on which it begins.
    first_line: u32,
    /// The line on which it ends.
    last_line: u32,
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
    /// The line of the note on which it begins.
    first_line: u32,
    /// The line on which it ends.
    last_line: u32,
}

/// What `get --json` prints: a note, or some passages of it.
#[derive(Debug, Serialize)]
pub(crate) struct Note<'a> {
    /// The name of the root it lies in.
    pub(crate) root: &'a str,
    /// Its path relative to the root, written as in [`Result`].
    pub(crate) path: &'a str,
    /// Its title.
    pub(crate) title: Option<&'a str>,
    /// Its tags.
    pub(crate) tags: &'a [String],
    /// Its own date, as `YYYY-MM-DD`.
    pub(crate) date: Option<&'a str>,
    /// Whether the file has changed or is gone, so that it doesn't say this any more.
    pub(crate) stale: bool,
    /// Its passages in their order, or those that were asked for.
    pub(crate) passages: Vec<Passage<'a>>,
}

/// A passage of a [`Note`]; its fields are those of [`Result`].
#[derive(Debug, Serialize)]
pub(crate) struct Passage<'a> {
    /// `#` and the shortest unique prefix of its identity.
    id: String,
    /// The line of the note on which it begins.
    first_line: u32,
    /// The line on which it ends.
    last_line: u32,
    /// The headings above it, outermost first.
    heading: &'a [String],
    /// The question it answers.
    question: Option<&'a str>,
    /// Its text.
    text: &'a str,
}

/// What `status --json` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Status<'a> {
    /// The folder of the index.
    pub(crate) index: &'a str,
    /// The format it is written in.
    pub(crate) format: u32,
    /// The fingerprint of the model that made its vectors.
    pub(crate) model: &'a str,
    /// The fingerprint of the way its passages were cut.
    pub(crate) chunking: &'a str,
    /// How many numbers a vector has.
    pub(crate) dimensions: usize,
    /// When it was last written, in seconds since 1970.
    pub(crate) indexed_at: u64,
    /// The size of its files.
    pub(crate) bytes: u64,
    /// How many files it covers.
    pub(crate) files: u64,
    /// How many passages it holds.
    pub(crate) passages: u64,
    /// The folders it covers.
    pub(crate) roots: Vec<Root<'a>>,
    /// Who is writing the index now, as a phrase; `null` if nobody is.
    pub(crate) writer: Option<String>,
    /// How many notes the last run had still to read: 0, unless it goes on or was broken off.
    pub(crate) waiting: u64,
    /// Whether anything on disk differs from what is indexed.
    pub(crate) stale: bool,
    /// Notes whose content has changed.
    pub(crate) changed: Vec<NoteRef<'a>>,
    /// Notes that aren't in the index yet.
    pub(crate) new: Vec<NoteRef<'a>>,
    /// Notes that aren't on disk any more.
    pub(crate) vanished: Vec<NoteRef<'a>>,
}

/// A folder that the index covers.
#[derive(Debug, Serialize)]
pub(crate) struct Root<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// Where it is.
    pub(crate) path: String,
    /// How many files of it are in the index.
    pub(crate) files: u64,
    /// How many passages these have.
    pub(crate) passages: u64,
    /// Why it can't be compared with the index; `null` if it can.
    pub(crate) error: Option<&'a str>,
}

/// The name of a note.
#[derive(Debug, Serialize)]
pub(crate) struct NoteRef<'a> {
    /// The name of the root it lies in.
    pub(crate) root: &'a str,
    /// Its path relative to the root, written as in [`Result`].
    pub(crate) path: &'a str,
}

/// A model that `model list --json` names.
#[derive(Debug, Serialize)]
pub(crate) struct Model<'a> {
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
pub(crate) fn models(listed: &[Listed]) -> Vec<Model<'_>> {
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
pub(crate) struct Embedding<'a> {
    /// The text of the input line.
    pub(crate) text: &'a str,
    /// Its vector, of length 1 unless all of it is 0.
    pub(crate) embedding: &'a [f32],
}

impl<'a> Reply<'a> {
    /// Describes a reply.
    pub(crate) fn new(
        question: &'a str,
        answer: Option<&'a CitedAnswer>,
        hits: &'a [Hit],
        timings: Option<Timings>,
    ) -> Self {
        Self {
            waiting: 0,
            question,
            answered: answer.is_some(),
            answer: answer.map(|answer| Answer {
                text: &answer.text,
                parts: answer.parts.iter().map(|part| Part::new(part, hits)).collect(),
                citations: &answer.citations,
                partial: answer.partial,
            }),
            results: results(hits),
            timings,
        }
    }
}

impl<'a> Part<'a> {
    fn new(part: &'a CitedPart, hits: &'a [Hit]) -> Self {
        let hit = hits.iter().find(|hit| hit.rank == part.citation);
        Self {
            text: &part.text,
            citation: part.citation,
            path: hit.map(|hit| hit.source.path.as_str()),
            first_line: part.lines.first,
            last_line: part.lines.last,
            first_byte: part.span.start,
            last_byte: part.span.end,
        }
    }
}

/// Describes what was found.
pub(crate) fn results(hits: &[Hit]) -> Vec<Result<'_>> {
    hits.iter().map(Result::new).collect()
}

impl<'a> Result<'a> {
    fn new(hit: &'a Hit) -> Self {
        let StoredPassage { root, path, passage, .. } = &hit.source;
        Self {
            rank: hit.rank,
            id: format!("#{}", hit.short_id),
            score: hit.score,
            root,
            path: path.as_str(),
            first_line: passage.lines.first,
            last_line: passage.lines.last,
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
    fn new(found: &'a Found) -> Self {
        let Found { short_id, root, path, lines } = found;
        let (first_line, last_line) = (lines.first, lines.last);
        Self { id: format!("#{short_id}"), root, path: path.as_str(), first_line, last_line }
    }
}

impl<'a> Passage<'a> {
    /// Describes a passage by its identity's short form.
    pub(crate) fn new(short_id: &str, stored: &'a StoredPassage) -> Self {
        let passage = &stored.passage;
        Self {
            id: format!("#{short_id}"),
            first_line: passage.lines.first,
            last_line: passage.lines.last,
            heading: &passage.heading,
            question: passage.question.as_deref(),
            text: &passage.text,
        }
    }
}

/// Writes a document on one line, its line end included.
pub(crate) fn document(value: &impl Serialize) -> String {
    let mut out = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, Harmless);
    // Our own types have no maps with odd keys, and a Vec takes all that is written.
    value.serialize(&mut serializer).unwrap_or_else(|error| unreachable!("a DTO can't be written: {error}"));
    out.push(b'\n');
    String::from_utf8(out).unwrap_or_else(|error| unreachable!("JSON isn't UTF-8: {error}"))
}

/// Compact JSON in which no character acts on a terminal.
struct Harmless;

impl serde_json::ser::Formatter for Harmless {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        let mut rest = fragment;
        while let Some((at, active)) = rest.char_indices().find(|&(_, c)| sanitize::is_active(c)) {
            writer.write_all(&rest.as_bytes()[..at])?;
            for unit in active.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[at + active.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }
}

/// A score with 4 decimals, as the decimal number it shows; what isn't finite becomes `null`.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn rounded<S: Serializer>(score: &f32, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_f64((f64::from(*score) * 1e4).round() / 1e4)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fixtures;
    use super::*;

    #[test]
    fn a_reply_has_the_documented_form() {
        let mut hits = [fixtures::gil()];
        hits[0].also = vec![fixtures::copy("b.md")];
        hits[0].also_more = 2;
        (hits[0].signals.rerank, hits[0].signals.fused_rank) = (Some(0.93), Some(7));
        let answer = fixtures::answer("A lock.");
        let expected = r##"{"question":"what is the GIL","answered":true,"answer":{"text":"A lock.","parts":[{"text":"A lock.","citation":1,"path":"python/a.md","first_line":8,"last_line":8,"first_byte":124,"last_byte":131}],"citations":[1],"partial":false},"results":[{"rank":1,"id":"#k3f9a2c1","score":0.87,"root":"notes","path":"python/a.md","first_line":7,"last_line":8,"heading":["Core Mechanics"],"question":"What is the GIL?","text":"**Q: What is the GIL?**\nA lock.","stale":false,"signals":{"dense":0.7123,"lexical":9.3,"dense_rank":1,"lexical_rank":2,"coverage":1.0,"features":{"sentence":0.75,"sentence_in_context":0.0,"context":0.0,"context_coverage":0.0,"body_coverage":0.0,"label_overlap":0.0,"adjacency":0.0,"proximity":0.0},"parts":{"likeness":8.5,"words":2.25,"coverage":3.0,"adjacency":0.0,"context":0.0,"sum":13.75,"contrast":0.0},"rerank":{"score":0.93,"rank_before":7}},"also_in":[{"id":"#9zz","root":"notes","path":"b.md","first_line":3,"last_line":4}],"also_in_more":2}],"timings":null}"##;
        let reply = document(&Reply::new("what is the GIL", Some(&answer), &hits, None));
        assert_eq!(reply, format!("{expected}\n"));
    }

    #[test]
    fn an_empty_result_is_a_document_too() {
        assert_eq!(
            document(&Reply::new("?", None, &[], None)),
            "{\"question\":\"?\",\"answered\":false,\"answer\":null,\"results\":[],\"timings\":null}\n"
        );
        assert_eq!(document(&results(&[])), "[]\n");
    }

    #[test]
    fn numbers_that_are_none_become_null() {
        let mut hit = fixtures::gil();
        hit.score = f32::NAN;
        hit.signals = qsearch::hit::Signals::default();
        let text = document(&results(&[hit]));
        assert!(text.contains("\"score\":null"), "{text}");
        assert!(text.contains(r#""dense_rank":null,"lexical_rank":null,"#), "{text}");
        assert!(text.contains(r#""rerank":null"#), "{text}");
    }

    proptest! {
        #[test]
        fn texts_are_exact_and_harmless(text in any::<String>(), bidi in "[\u{7f}-\u{9f}\u{202a}-\u{202e}\u{e0001}a\"\\\\]*") {
            let text = text + &bidi;
            let json = document(&text);
            prop_assert!(!json.trim_end_matches('\n').chars().any(sanitize::is_active));
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
