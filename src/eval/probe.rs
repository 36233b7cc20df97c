//! A question that a language model is to answer in writing, and what is known of it.

use crate::document::LineSpan;
use crate::hit::StoredPassage;

/// Whether lines of a source are among those that answer a question.
pub(super) type IsGold<'a> = Box<dyn Fn(&StoredPassage, LineSpan) -> bool + 'a>;

/// A question and what is known of it.
pub(super) struct Probe<'a> {
    /// The question.
    pub(super) text: &'a str,
    /// Whether these lines of a source answer it; `None` for a question that the notes don't answer.
    pub(super) is_gold: Option<IsGold<'a>>,
    /// Known answers to it; may be empty.
    pub(super) known: &'a [String],
}

impl<'a> Probe<'a> {
    /// A question that the notes don't answer.
    pub(super) fn unanswerable(text: &'a str) -> Self {
        Self { text, is_gold: None, known: &[] }
    }
}
