//! What `ask --write` adds to what `ask` prints.

use serde::Serialize;

use super::Show;
use super::place::Places;
use crate::hit::Hit;
use crate::written;

/// How an answer came to be written, or why it wasn't; there where `--write` was given.
#[derive(Debug, Default, Serialize)]
pub(super) struct Writing<'a> {
    /// The language model; `null` if none was asked.
    model: Option<&'a str>,
    /// The address of its server.
    server: Option<&'a str>,
    /// How many sentences were left out because no source says them.
    left_out: u32,
    /// Whether the model wrote that the sources don't answer.
    declined: bool,
    /// Why its text ends before its end; `null` if it doesn't.
    broken_off: Option<&'a str>,
    /// Why it couldn't write, if that was to be passed over; else `null`.
    error: Option<String>,
}

impl<'a> Writing<'a> {
    /// Describes how an answer was written; `error` says why it wasn't.
    pub(super) fn new(written: Option<&'a written::Written>, error: Option<String>) -> Self {
        let Some(written) = written else { return Self { error, ..Self::default() } };
        let said = |text: &'a String| Some(text.as_str()).filter(|text| !text.is_empty());
        Self {
            model: said(&written.model),
            server: said(&written.server),
            left_out: written.left_out,
            declined: written.declined,
            broken_off: written.broken_off.as_deref(),
            error,
        }
    }
}

/// An answer that a language model wrote.
#[derive(Debug, Serialize)]
pub(super) struct WrittenAnswer<'a> {
    /// Its text: that of its sentences.
    text: String,
    /// Its sentences, each with the words of notes that say it.
    sentences: Vec<Sentence<'a>>,
    /// The `rank` of each result that is cited.
    citations: Vec<u32>,
    /// How many sentences were left out because no source says them.
    left_out: u32,
    /// The language model.
    model: &'a str,
}

/// A sentence of a written answer.
#[derive(Debug, Serialize)]
pub struct Sentence<'a> {
    /// What stands before it, such as a blank or the mark of a list item.
    before: &'a str,
    /// Its text.
    text: &'a str,
    /// How its sources say it: `quoted`, nearly word for word, or `near`, in words that are alike.
    support: &'static str,
    /// The words of notes that say it.
    citations: Vec<Cited<'a>>,
}

/// Words of a note that say a sentence.
#[derive(Debug, Serialize)]
struct Cited<'a> {
    /// The `rank` of the result that has them.
    source: u32,
    /// The path of that result.
    path: Option<&'a str>,
    /// The path of that result on this machine.
    absolute_path: Option<String>,
    /// The line of the note on which they begin.
    first_line: u32,
    /// The line on which they end.
    last_line: u32,
    /// Where they begin in the file, in bytes from 0. If the result is stale, this and the end are those of the result.
    first_byte: u64,
    /// Where they end: the offset one past their last byte.
    last_byte: u64,
    /// The words, as the note has them.
    text: &'a str,
    /// Their places, if the file isn't text; else `null`.
    place: Option<Places>,
}

impl<'a> WrittenAnswer<'a> {
    pub(super) fn new(written: &'a written::Written, hits: &'a [Hit], show: &Show<'_>) -> Self {
        Self {
            text: written.text(),
            sentences: written.sentences.iter().map(|sentence| Sentence::new(sentence, hits, show)).collect(),
            citations: written.citations(),
            left_out: written.left_out,
            model: &written.model,
        }
    }
}

impl<'a> Sentence<'a> {
    /// Describes a sentence that is taken from these hits.
    pub(super) fn new(sentence: &'a written::WrittenSentence, hits: &'a [Hit], show: &Show<'_>) -> Self {
        let support = match sentence.support {
            written::Support::Quoted => "quoted",
            written::Support::Near => "near",
        };
        let citations = sentence.citations.iter().map(|cited| Cited::new(cited, hits, show)).collect();
        Self { before: &sentence.before, text: &sentence.text, support, citations }
    }
}

impl<'a> Cited<'a> {
    fn new(cited: &'a written::WrittenCitation, hits: &'a [Hit], show: &Show<'_>) -> Self {
        let source = hits.iter().find(|hit| hit.rank == cited.citation).map(|hit| &hit.source);
        Self {
            source: cited.citation,
            path: source.map(|source| source.path.as_str()),
            absolute_path: source.and_then(|source| show.absolute(&source.root, &source.path)),
            first_line: cited.lines.first,
            last_line: cited.lines.last,
            first_byte: cited.span.start,
            last_byte: cited.span.end,
            text: &cited.text,
            place: source.and_then(|source| source.passage.places(&cited.range)).as_ref().map(Places::new),
        }
    }
}
