//! What `ask --json` prints.

use serde::{Serialize, Serializer};

use super::place::Places;
use super::written::{Writing, WrittenAnswer};
use super::{Result, Show, results};
use crate::ask::{self, Question, Stopwatch};
use crate::document::{ByteSpan, LineSpan};
use crate::hit;
use crate::query::Clause;
use crate::store::IndexInfo;
use crate::written::Written;

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
    answer: Option<AnyAnswer<'a>>,
    /// How the answer was written, if `--write` asks for that; else left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    writing: Option<Writing<'a>>,
    /// The sources, best first; where `answered` is false, the nearest misses.
    results: Vec<Result<'a>>,
    /// How up to date the index is.
    #[serde(flatten)]
    freshness: Freshness,
    /// Where the time went, if `--timings` asks for it.
    timings: Option<Timings>,
}

/// How up to date the index was that a reply comes from; its fields are fields of the [`Reply`].
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Freshness {
    /// How many notes are still to be read, since a run goes on or was broken off; left out if it is none.
    #[serde(skip_serializing_if = "is_zero")]
    pub waiting: u64,
    /// How many notes are found by their words alone until they are read; left out if it is none.
    #[serde(skip_serializing_if = "is_zero")]
    pub pending: u64,
    /// How many notes were added, changed or removed since the index was written; `null` if that couldn't be told without
    /// delaying the reply.
    pub stale_notes: Option<u64>,
}

impl Freshness {
    /// How up to date an index is, from which so many notes on disk differ.
    pub fn new(info: &IndexInfo, stale_notes: Option<u64>) -> Self {
        Self { waiting: info.waiting, pending: info.pending, stale_notes }
    }
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

/// An answer in the notes' own words, or one that a language model wrote.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum AnyAnswer<'a> {
    /// Pieces of notes.
    Extracted(Answer<'a>),
    /// Sentences of a language model.
    Written(WrittenAnswer<'a>),
}

/// An answer in the notes' own words.
#[derive(Debug, Serialize)]
pub struct Answer<'a> {
    /// Its text: that of its parts, with ` … ` between them.
    text: &'a str,
    /// Where it is, from its first part to its last one.
    #[serde(flatten)]
    whole: Whole<'a>,
    /// Its pieces, each as it stands in a note.
    parts: Vec<Part<'a>>,
    /// The `rank` of each result that it was taken from.
    citations: &'a [u32],
    /// Whether the note's answer goes on before or after the text.
    partial: bool,
}

/// From where to where an answer goes in its note; all `null` if it is taken from several results, or has no text.
#[derive(Debug, Default, Serialize)]
struct Whole<'a> {
    /// The name of the root its note lies in.
    root: Option<&'a str>,
    /// Its note's path relative to the root.
    path: Option<&'a str>,
    /// Its note's path on this machine.
    absolute_path: Option<String>,
    /// The line of the note on which its first part begins.
    first_line: Option<u32>,
    /// The line on which its last part ends.
    last_line: Option<u32>,
    /// Where its first part begins in the file, in bytes from 0.
    first_byte: Option<u64>,
    /// Where its last part ends: the offset one past its last byte.
    last_byte: Option<u64>,
}

impl<'a> Whole<'a> {
    fn new(answer: &hit::Answer, hits: &'a [hit::Hit], show: &Show<'_>) -> Self {
        let [rank] = answer.citations[..] else { return Self::default() };
        let Some(hit) = hits.iter().find(|hit| hit.rank == rank) else { return Self::default() };
        let lines = answer
            .parts
            .iter()
            .map(|part| part.lines)
            .reduce(|all, next| LineSpan { first: all.first.min(next.first), last: all.last.max(next.last) });
        let bytes = answer
            .parts
            .iter()
            .map(|part| part.span)
            .reduce(|all, next| ByteSpan { start: all.start.min(next.start), end: all.end.max(next.end) });
        let hit::StoredPassage { root, path, .. } = &hit.source;
        Self {
            root: Some(root),
            path: Some(path.as_str()),
            absolute_path: show.absolute(root, path),
            first_line: lines.map(|lines| lines.first),
            last_line: lines.map(|lines| lines.last),
            first_byte: bytes.map(|bytes| bytes.start),
            last_byte: bytes.map(|bytes| bytes.end),
        }
    }
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
    /// The path of that result on this machine.
    absolute_path: Option<String>,
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

impl<'a> Reply<'a> {
    /// Describes a reply.
    pub fn new(
        question: &'a Question,
        reply: &'a ask::Reply,
        show: &Show<'_>,
        freshness: Freshness,
        timings: Option<Timings>,
    ) -> Self {
        let ask::Reply { answer, confidence, missing, hits } = reply;
        Self {
            question: question.text(),
            excluded: question.query().excluded.iter().map(left_out).collect(),
            answered: answer.is_some(),
            confidence: self::confidence(*confidence),
            not_found: missing,
            answer: answer.as_ref().map(|answer| AnyAnswer::Extracted(Answer::new(answer, hits, show))),
            writing: None,
            results: results(hits, show),
            freshness,
            timings,
        }
    }

    /// Adds what a language model wrote, or why it wrote nothing. Where nothing of it remains, the answer is that of the
    /// reply.
    #[must_use]
    pub fn with_writing(
        mut self,
        written: Option<&'a Written>,
        error: Option<String>,
        reply: &'a ask::Reply,
        show: &Show<'_>,
    ) -> Self {
        if let Some(written) = written.filter(|written| !written.sentences.is_empty()) {
            self.answer = Some(AnyAnswer::Written(WrittenAnswer::new(written, &reply.hits, show)));
        }
        self.writing = Some(Writing::new(written, error));
        self
    }
}

impl<'a> Answer<'a> {
    /// Describes an answer that is taken from these hits.
    pub(super) fn new(answer: &'a hit::Answer, hits: &'a [hit::Hit], show: &Show<'_>) -> Self {
        Self {
            text: &answer.text,
            whole: Whole::new(answer, hits, show),
            parts: answer.parts.iter().map(|part| Part::new(part, hits, show)).collect(),
            citations: &answer.citations,
            partial: answer.partial,
        }
    }
}

impl<'a> Part<'a> {
    fn new(part: &'a hit::AnswerPart, hits: &'a [hit::Hit], show: &Show<'_>) -> Self {
        let source = hits.iter().find(|hit| hit.rank == part.citation).map(|hit| &hit.source);
        Self {
            text: &part.text,
            citation: part.citation,
            path: source.map(|source| source.path.as_str()),
            absolute_path: source.and_then(|source| show.absolute(&source.root, &source.path)),
            first_line: part.lines.first,
            last_line: part.lines.last,
            first_byte: part.span.start,
            last_byte: part.span.end,
            place: source.and_then(|source| source.passage.places(&part.range)).as_ref().map(Places::new),
        }
    }
}

/// How far an answer can be trusted, as documents say it.
pub(super) fn confidence(confidence: hit::Confidence) -> &'static str {
    match confidence {
        hit::Confidence::High => "high",
        hit::Confidence::Low => "low",
        hit::Confidence::None => "none",
    }
}

/// What passages are left out for.
fn left_out(clause: &Clause) -> String {
    clause.phrase().map_or_else(|| clause.to_string(), str::to_owned)
}
