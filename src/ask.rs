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
mod unit;
mod sources;
mod rank;
mod understand;

use crate::answer::Terms;
use crate::confidence::{confidence, state};
use crate::error::Result;
use crate::hit::{Answer, Confidence, Hit};
use crate::store::Store;
use choose::{Chosen, choose, penalty};
pub use listing::list;
use missing::missing;
use notes::Notes;
use present::{PRESENT, present};
pub use question::{MOST_SOURCES, Models, Question};
pub use rank::{Search, pool, rank};
use retrieve::{check_model, retrieve};
pub use stopwatch::Stopwatch;
pub use understand::understand;

/// The score below which a source doesn't answer the question.
///
/// Of the questions of five public sets 0.2 % to 4 % are refused at this value, and 86 % to 97 % of questions that
/// belong to another set; see `benches/README.md`. Being silent about what the notes say is the worse mistake.
pub const MIN_SCORE: f32 = 0.06;

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
    let terms = Terms::of(&question.query().text);
    let mut hits = find(index, &mut notes, &terms, models.into(), question, watch)?;
    let least = question.min_score.unwrap_or(MIN_SCORE);
    let missing = missing(index, question, &hits)?;
    let confidence = match hits.first().map(|best| state(best.score, least, &missing)) {
        Some(Confidence::Low) if question.strict => Confidence::None,
        state => state.unwrap_or(Confidence::None),
    };
    let best = hits.first_mut().filter(|_| confidence != Confidence::None);
    let answer = best.map(|best| sources::answer(index, &mut notes, &terms, best)).transpose()?;
    if let Some(first) = hits.first().filter(|_| answer.is_some()).map(|best| best.source.clone()) {
        // What has become a part of the first source isn't one by itself.
        hits.retain(|hit| hit.rank == 1 || !first.contains(&hit.source));
        hits.iter_mut().zip(1..).for_each(|(hit, rank)| hit.rank = rank);
    }
    watch.lap("answer");
    Ok(Reply { answer, confidence, missing, hits })
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
    let terms = Terms::of(&question.query().text);
    let mut hits = find(index, &mut notes, &terms, models.into(), question, &mut Stopwatch::default())?;
    hits.retain(|hit| question.min_score.is_none_or(|least| hit.score >= least));
    Ok(hits)
}

/// The sources of a question, best first.
fn find(
    index: &dyn Store,
    notes: &mut Notes<'_>,
    terms: &Terms,
    Models { embedder, reranker }: Models<'_>,
    question: &Question,
    watch: &mut Stopwatch,
) -> Result<Vec<Hit>> {
    check_model(index, embedder)?;
    if terms.is_empty() || question.sources == 0 {
        return Ok(Vec::new());
    }
    let mut asked = dates::of_notes(index, question)?;
    let mut candidates = retrieve(index, embedder, question, asked.as_mut(), watch)?;
    if let Some(reranker) = reranker {
        candidates = rerank::reorder(index, reranker, &question.query().text, candidates)?;
        watch.lap("rerank");
    }
    let chosen = choose(index, notes, candidates, question.most_sources())?;
    watch.lap("choose");
    let mut before = 1.0_f32;
    let score = |chosen: &Chosen| {
        // A reranker has looked at each by itself. What stands lower isn't more likely, whatever it looks like.
        let score = if reranker.is_some() {
            chosen.fused.score
        } else {
            let score = confidence(&chosen.fused.signals) * penalty(&chosen.source);
            asked.as_ref().map_or(score, |asked| asked.raise(score, &chosen.source))
        };
        let score = if present(question.query(), &chosen.source) { score.max(PRESENT) } else { score };
        let score = score.min(before);
        before = score;
        score
    };
    let hits = sources::hits(index, notes, terms, chosen, score)?;
    watch.lap("cite");
    Ok(hits)
}

#[cfg(test)]
mod tests;
