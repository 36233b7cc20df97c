//! Finding the sources of a question, from its embedding to what is shown of them.

use super::choose::{Chosen, choose, penalty};
use super::dates;
use super::missing::is_doubtful;
use super::notes::Notes;
use super::present::{PRESENT, present};
use super::question::{Models, Question};
use super::rerank;
use super::retrieve::{Retrieved, check_model, retrieve};
use super::sources;
use super::stopwatch::Stopwatch;
use crate::answer::Terms;
use crate::confidence::{MOST_LEAD, confidence, state, trust};
use crate::embed::Embedder;
use crate::error::Result;
use crate::hit::{Confidence, Hit, UnknownWord};
use crate::store::Store;

/// The score below which a source doesn't answer the question.
///
/// Of the questions of five public sets 0.2 % to 4 % are refused at this value, and 86 % to 97 % of questions that
/// belong to another set; see `benches/README.md`. Being silent about what the notes say is the worse mistake.
pub const MIN_SCORE: f32 = 0.06;

/// How many passages are chosen at least: the first is compared with those of other notes.
const RIVALS: usize = 8;

/// What is found for a question.
#[derive(Default)]
pub(super) struct Found {
    /// The sources, best first.
    pub(super) hits: Vec<Hit>,
    /// The words of the question that no passage has.
    pub(super) unknown: Vec<UnknownWord>,
    /// The probability, from 0 to 1, that the first source answers.
    pub(super) trust: f32,
}

impl Found {
    /// How far an answer from the first source can be trusted. `missing` is what the question insists on and no passage has.
    pub(super) fn confidence(
        &self,
        question: &Question,
        embedder: &dyn Embedder,
        missing: &[String],
    ) -> Confidence {
        let Some(best) = self.hits.first() else { return Confidence::None };
        let is_doubtful = !missing.is_empty() || is_doubtful(embedder, question, best);
        match state(best.score, question.min_score.unwrap_or(MIN_SCORE), self.trust, is_doubtful) {
            Confidence::Low if question.strict => Confidence::None,
            state => state,
        }
    }
}

/// Finds the sources of a question.
pub(super) fn find(
    index: &dyn Store,
    notes: &mut Notes<'_>,
    terms: &Terms,
    Models { embedder, reranker }: Models<'_>,
    question: &Question,
    watch: &mut Stopwatch,
) -> Result<Found> {
    check_model(index, embedder)?;
    if terms.is_empty() || question.sources == 0 {
        return Ok(Found::default());
    }
    let mut asked = dates::of_notes(index, question)?;
    let Retrieved { fused: mut candidates, unknown } =
        retrieve(index, embedder, question, asked.as_mut(), watch)?;
    if let Some(reranker) = reranker {
        candidates = rerank::reorder(index, reranker, &question.query().text, candidates)?;
        watch.lap("rerank");
    }
    let wanted = question.most_sources();
    let scale = embedder.likeness();
    let mut chosen = choose(index, notes, &scale, candidates, wanted.max(RIVALS))?;
    let lead = lead(&chosen);
    chosen.truncate(wanted);
    sources::place_words(embedder, &mut chosen);
    watch.lap("choose");
    let is_read = reranker.is_some();
    let raised = |likelihood: f32, chosen: &Chosen| {
        let likelihood = if is_read { chosen.fused.score } else { likelihood * penalty(&chosen.source) };
        match &asked {
            Some(asked) if !is_read => asked.raise(likelihood, &chosen.source),
            _ => likelihood,
        }
    };
    let trust = chosen.first().map_or(0.0, |first| {
        let is_present = present(question.query(), &first.source);
        match first.fused.signals.pending {
            _ if is_present => 1.0,
            // Words alone don't say that much.
            true => 0.0,
            false => raised(trust(&first.fused.signals, lead), first),
        }
    });
    let mut before = 1.0_f32;
    let score = |chosen: &Chosen| {
        // A reranker has looked at each by itself. What stands lower isn't more likely, whatever it looks like.
        let score = raised(confidence(&chosen.fused.signals), chosen);
        let score = if present(question.query(), &chosen.source) { score.max(PRESENT) } else { score };
        let score = score.min(before);
        before = score;
        score
    };
    let hits = sources::hits(index, notes, terms, chosen, score)?;
    watch.lap("cite");
    Ok(Found { hits, unknown, trust })
}

/// How far the first of the chosen stands out from what other notes say.
fn lead(chosen: &[Chosen]) -> f32 {
    let sum = |chosen: &Chosen| chosen.fused.signals.parts.sum();
    let Some((first, others)) = chosen.split_first() else { return 0.0 };
    let is_rival = |other: &&Chosen| {
        (&other.source.root, &other.source.path) != (&first.source.root, &first.source.path)
    };
    let rival = others.iter().filter(is_rival).map(sum).reduce(f32::max);
    rival.map_or(MOST_LEAD, |rival| (sum(first) - rival).min(MOST_LEAD))
}
