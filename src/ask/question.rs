//! A question, and the models that answer it.

use crate::calendar::Day;
use crate::embed::{Embedder, Reranker};
use crate::query::{Filter, Query};
use crate::trust::Trust;

/// The most sources of a reply: choosing compares each with all others.
pub const MOST_SOURCES: usize = 1000;

/// A question and how it is to be answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    text: String,
    pub(super) query: Query,
    /// Whether it is [understood](super::understand) already.
    pub(super) understood: bool,
    /// How many sources are wanted; more than [`MOST_SOURCES`] count as so many.
    pub sources: usize,
    /// The demands on passages besides those of the question itself.
    pub filter: Filter,
    /// The score below which a source doesn't answer; `None` for the default.
    pub min_score: Option<f32>,
    /// Whether only an answer that can be trusted is one: [low](crate::hit::Confidence::Low) confidence counts as none.
    pub strict: bool,
    /// The notes that may be read to check citations; the sources of others count as stale.
    pub trust: Trust,
}

impl Question {
    /// A question to all notes, asked on the day `today`, in the language of [`Query`]. One that says only which
    /// notes are wanted has no answer.
    pub fn new(text: impl Into<String>, sources: usize, today: Day) -> Self {
        let text = text.into();
        let query = Query::parse(&text, today);
        let (filter, trust) = (Filter::default(), Trust::default());
        Self { text, query, understood: false, sources, filter, min_score: None, strict: false, trust }
    }

    /// Takes these words with their dashes, as they were typed, for text: whoever asks has said so.
    #[must_use]
    pub fn with_text(mut self, words: &[String]) -> Self {
        self.query = self.query.with_text(|typed| words.iter().any(|word| word == typed));
        self
    }

    /// A part of the question, with these words to look for, and the same demands.
    pub(super) fn part(&self, words: &str) -> Self {
        let mut part = self.clone();
        words.clone_into(&mut part.query.text);
        part.query.date = None;
        part
    }

    /// The question as it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The question taken apart. The words to look for, and to mark in what is found, are its [`Query::text`].
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// Whether it says which notes are wanted, and nothing to look for.
    pub fn only_filters(&self) -> bool {
        self.query.is_silent() && !(self.query.demands_nothing() && self.filter == Filter::default())
    }

    /// How many sources are given at most.
    pub(super) fn most_sources(&self) -> usize {
        self.sources.min(MOST_SOURCES)
    }
}

/// The models that answer questions; made of an embedder's reference alone, there is no reranker.
#[derive(Clone, Copy, Debug)]
pub struct Models<'a> {
    /// The model that the index was made with.
    pub embedder: &'a dyn Embedder,
    /// The model that reads the best candidates beside the question, if there is one.
    pub reranker: Option<&'a dyn Reranker>,
}

impl<'a> From<&'a dyn Embedder> for Models<'a> {
    fn from(embedder: &'a dyn Embedder) -> Self {
        Self { embedder, reranker: None }
    }
}

impl<'a, E: Embedder> From<&'a E> for Models<'a> {
    fn from(embedder: &'a E) -> Self {
        Self { embedder, reranker: None }
    }
}
