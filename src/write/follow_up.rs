//! What a question means that goes on from what was said before: "and in Go?", "why?", "who wrote it?".
//!
//! - `follow_up/phrase.rs`: the words of a question, as they were typed.
//! - `follow_up/points_back.rs`: whether a question goes on from another one.
//! - `follow_up/by_words.rs`: what it is rewritten to by the words of the one before.
//! - `follow_up/topic.rs`: what a question is about.
//! - `follow_up/by_model.rs`: what it is rewritten to by a language model.

mod by_model;
mod by_words;
mod phrase;
mod points_back;
mod topic;

use crate::error::Result;
use crate::generate::LanguageModel;
use by_model::by_model;
use by_words::{by_words, with_filters};
use points_back::points_back;

/// A question that was asked, and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// The question that was answered: as it was typed, or what it was rewritten to.
    pub asked: String,
    /// The answer; empty if there was none.
    pub answer: String,
}

/// The question that stands by itself in place of one that goes on from what was said; the same if it stands by itself.
///
/// A language model rewrites it, if there is one and what it writes can be meant; else it is made of its own words and those
/// of the last question. `cancelled` is asked while the model writes; the words decide then.
///
/// # Errors
///
/// When the model can't write.
pub fn follow_up(
    llm: Option<&dyn LanguageModel>,
    said: &[Turn],
    question: &str,
    cancelled: &dyn Fn() -> bool,
) -> Result<String> {
    let last = said.iter().rev().find(|turn| phrase::says_something(&turn.asked));
    let Some(last) = last.filter(|_| points_back(question)) else {
        return Ok(question.to_owned());
    };
    if let Some(llm) = llm
        && let Some(written) = by_model(llm, said, question, cancelled)?
    {
        return Ok(with_filters(written, &last.asked, question));
    }
    Ok(by_words(&last.asked, question))
}

#[cfg(test)]
#[path = "follow_up_tests.rs"]
mod tests;
