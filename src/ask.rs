//! The spine of `qsearch ask`: query → embed → retrieve (dense + lexical) → fuse → rerank → answer → cite.

use crate::hit::{Answer, Hit};

/// A question and how it is to be answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The question as it was typed.
    pub text: String,
    /// How many sources are wanted.
    pub sources: usize,
    /// Only passages of notes that match one of these globs; all, if empty.
    pub paths: Vec<String>,
    /// Only passages of notes that have all of these tags.
    pub tags: Vec<String>,
    /// The score below which a source doesn't answer; `None` for the default.
    pub min_score: Option<f32>,
}

/// What the notes have to say to a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The answer, if the notes hold one.
    pub answer: Option<Answer>,
    /// The sources, best first. Without an answer, the nearest misses.
    pub hits: Vec<Hit>,
}
