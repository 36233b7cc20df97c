//! The spine of `qsearch ask`: query → embed → retrieve (dense + lexical) → fuse → rerank → answer → cite.

mod listing;
mod question;
mod present;
mod stopwatch;
mod retrieve;
mod rerank;
mod labels;
mod missing;
mod notes;
mod choose;
mod dates;
mod direction;
mod find;
mod several;
mod unit;
mod sources;
mod rank;
mod understand;

use crate::answer::Terms;
use crate::error::Result;
use crate::hit::{Answer, Confidence, Hit};
use crate::store::Store;
use crate::words::Language;
pub use find::MIN_SCORE;
use find::find;
pub use listing::list;
use missing::missing;
pub(crate) use notes::Notes;
pub use question::{MOST_SOURCES, Models, Question};
pub use rank::{Search, pool, rank};
use several::Several;
pub(crate) use sources::{complete, expect};
pub use stopwatch::Stopwatch;
pub use understand::understand;

/// The reply to a question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    /// The answer; `None` exactly where the confidence is [`Confidence::None`].
    pub answer: Option<Answer>,
    /// How far the answer can be trusted.
    pub confidence: Confidence,
    /// The words, names, numbers and flags that the question insists on and no passage has, as they were typed.
    pub missing: Vec<String>,
    /// The sources, best first. Without an answer, the nearest misses.
    pub hits: Vec<Hit>,
}

/// Answers a question from one state of a store. Writes nothing. `watch` gets a lap for each step.
///
/// # Errors
///
/// When the index is damaged, was made with another model, a model can't be run, or a glob can't be read.
pub fn ask<'a>(
    index: &dyn Store,
    models: impl Into<Models<'a>>,
    question: &Question,
    watch: &mut Stopwatch,
) -> Result<Reply> {
    let question = &understand(index, question)?;
    let mut notes = Notes::new(index, &question.trust);
    let terms = terms(index, &question.query().text)?;
    let models = models.into();
    let found = find(index, &mut notes, &terms, models, question, watch)?;
    let missing = missing(models.embedder, question, terms.language(), &found.unknown);
    let confidence = found.confidence(question, models.embedder, &missing);
    let mut reply = Reply { answer: None, confidence, missing, hits: found.hits };
    let several = several::answer(index, &mut notes, models, question, &reply.missing, &mut reply.hits)?;
    if let Some(Several { answer, confidence, unanswered }) = several {
        watch.lap("answer");
        reply.missing.extend(unanswered);
        return Ok(Reply { answer: Some(answer), confidence, ..reply });
    }
    if confidence != Confidence::None
        && let Some(best) = reply.hits.first_mut()
    {
        reply.answer = Some(sources::answer(index, &mut notes, &terms, best)?);
        // What has become a part of the first source isn't one by itself.
        let first = best.source.clone();
        reply.hits.retain(|hit| hit.rank == 1 || !first.contains(&hit.source));
        reply.hits.iter_mut().zip(1..).for_each(|(hit, rank)| hit.rank = rank);
    }
    watch.lap("answer");
    Ok(reply)
}

/// Finds the passages that fit a question best, without an answer. Writes nothing.
///
/// # Errors
///
/// As [`ask`].
pub fn search<'a>(index: &dyn Store, models: impl Into<Models<'a>>, question: &Question) -> Result<Vec<Hit>> {
    let question = &understand(index, question)?;
    if question.only_filters() {
        return list(index, question);
    }
    let mut notes = Notes::new(index, &question.trust);
    let terms = terms(index, &question.query().text)?;
    let watch = &mut Stopwatch::default();
    let mut hits = find(index, &mut notes, &terms, models.into(), question, watch)?.hits;
    hits.retain(|hit| question.min_score.is_none_or(|least| hit.score >= least));
    Ok(hits)
}

/// What a text asks for, in the language that it is in, of those that the index has.
fn terms(index: &dyn Store, text: &str) -> Result<Terms> {
    let among = index.languages()?;
    Ok(Terms::in_language(Language::asked(text, &among), text))
}

#[cfg(test)]
mod tests;
