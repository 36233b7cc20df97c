//! The spine of `qsearch ask`: query → embed → retrieve (dense + lexical) → fuse → rerank → answer → cite.

mod choose;
mod rerank;
mod rank;
mod retrieve;
mod sources;
mod stopwatch;
mod unit;

use crate::answer::Terms;
use crate::calendar::Day;
use crate::confidence::confidence;
use crate::embed::{Embedder, Reranker};
use crate::error::{Error, Mismatch, Result};
use crate::hit::{Answer, Hit};
use crate::query::Query;
use crate::store::Snapshot;
use crate::trust::Trust;
use choose::{choose, worth};
pub use rank::{Search, rank};
use retrieve::retrieve;
use sources::Sources;
pub use stopwatch::Stopwatch;

/// No more sources are given, however many are wanted: choosing looks at each beside all others.
pub const MOST_SOURCES: usize = 1000;
/// The score below which a source doesn't answer the question.
///
/// Of the questions of five public sets 0.2 % to 4 % are refused at this value, and 86 % to 97 % of questions that
/// belong to another set; see `benches/README.md`. Being silent about what the notes say is the worse mistake.
pub const MIN_SCORE: f32 = 0.06;

/// A question and how it is to be answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The question as it was typed, in the language of [`Query`]. One that says only where to look finds nothing.
    pub text: String,
    /// How many sources are wanted; more than [`MOST_SOURCES`] count as so many.
    pub sources: usize,
    /// Only passages of notes that match one of these globs; all, if empty.
    pub paths: Vec<String>,
    /// Only passages of notes that have all of these tags.
    pub tags: Vec<String>,
    /// Only passages of notes that are dated this day or later.
    pub since: Option<Day>,
    /// Only passages of notes that are dated before this day.
    pub before: Option<Day>,
    /// The day of the question, for `since:7d` in its text.
    pub today: Day,
    /// The score below which a source doesn't answer; `None` for the default.
    pub min_score: Option<f32>,
    /// Which notes may be read, to see whether they still say what is cited; the sources of others count as stale.
    pub trust: Trust,
}

impl Question {
    /// A question to all notes, asked on the day `today`.
    pub fn new(text: impl Into<String>, sources: usize, today: Day) -> Self {
        let (paths, tags) = (Vec::new(), Vec::new());
        Self {
            text: text.into(),
            sources,
            paths,
            tags,
            since: None,
            before: None,
            today,
            min_score: None,
            trust: Trust::default(),
        }
    }

    /// The question taken apart.
    pub fn query(&self) -> Query {
        Query::parse(&self.text, self.today)
    }
}

/// What the notes have to say to a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The answer, if the notes hold one.
    pub answer: Option<Answer>,
    /// The sources, best first. Without an answer, the nearest misses.
    pub hits: Vec<Hit>,
}

/// What questions are answered with; made of a model's reference alone, there is no reranker.
#[derive(Clone, Copy, Debug)]
pub struct Models<'a> {
    /// The model that the index was made with.
    pub embedder: &'a dyn Embedder,
    /// What reads the best candidates beside the question, if anything does.
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

/// Answers a question from one snapshot of the index. Writes nothing.
///
/// # Errors
///
/// When the index is damaged, was made with another model, a model can't be run, or a glob in `paths` can't be read.
pub fn ask<'a>(snapshot: &Snapshot, models: impl Into<Models<'a>>, question: &Question) -> Result<Reply> {
    ask_timed(snapshot, models, question, &mut Stopwatch::default())
}

/// [`ask`], with a lap for each step.
///
/// # Errors
///
/// As [`ask`].
pub fn ask_timed<'a>(
    snapshot: &Snapshot,
    models: impl Into<Models<'a>>,
    question: &Question,
    watch: &mut Stopwatch,
) -> Result<Reply> {
    let query = question.query();
    let terms = Terms::of(&query.text);
    let mut sources = Sources::new(snapshot, &terms, &question.trust);
    let mut hits = hits(&mut sources, models.into(), question, &query, watch)?;
    let least = question.min_score.unwrap_or(MIN_SCORE);
    let answer = match hits.first_mut().filter(|best| best.score >= least) {
        Some(best) => {
            let partial = sources.complete(best)?;
            Some(Answer { partial, ..sources.answer(best) })
        }
        None => None,
    };
    if let Some(first) = hits.first().filter(|_| answer.is_some()).map(|best| best.source.clone()) {
        // What has become a part of the first source isn't one by itself.
        hits.retain(|hit| hit.rank == 1 || !first.contains(&hit.source));
        hits.iter_mut().zip(1..).for_each(|(hit, rank)| hit.rank = rank);
    }
    watch.lap("answer");
    Ok(Reply { answer, hits })
}

/// Finds the passages that fit a question best, without an answer. Writes nothing.
///
/// # Errors
///
/// As [`ask`].
pub fn search<'a>(
    snapshot: &Snapshot,
    models: impl Into<Models<'a>>,
    question: &Question,
) -> Result<Vec<Hit>> {
    let query = question.query();
    let terms = Terms::of(&query.text);
    let mut sources = Sources::new(snapshot, &terms, &question.trust);
    let mut hits = hits(&mut sources, models.into(), question, &query, &mut Stopwatch::default())?;
    hits.retain(|hit| question.min_score.is_none_or(|least| hit.score >= least));
    Ok(hits)
}

fn hits(
    sources: &mut Sources<'_>,
    models: Models<'_>,
    question: &Question,
    query: &Query,
    watch: &mut Stopwatch,
) -> Result<Vec<Hit>> {
    let Models { embedder, reranker } = models;
    let (snapshot, terms) = (sources.snapshot, sources.terms);
    check_model(snapshot, embedder)?;
    if terms.is_empty() || question.sources == 0 {
        return Ok(Vec::new());
    }
    let (mut fused, mut evidence) = retrieve(snapshot, embedder, question, query, watch)?;
    if let Some(reranker) = reranker {
        fused = rerank::reorder(snapshot, reranker, &query.text, fused)?;
        watch.lap("rerank");
    }
    let chosen = choose(sources, &fused, question.sources.min(MOST_SOURCES))?;
    watch.lap("choose");
    let mut hits = Vec::with_capacity(chosen.len());
    let mut before = 1.0_f32;
    for (rank, chosen) in (1..).zip(chosen) {
        let fused = chosen.fused;
        let evidence = evidence.remove(&fused.row).unwrap_or_default();
        // A reranker has looked at each by itself. What stands lower isn't more likely, whatever it looks like.
        let score = match reranker {
            Some(_) => fused.score,
            None => (confidence(&fused.signals) * worth(&chosen.source)).min(before),
        };
        before = before.min(score);
        hits.push(sources.hit(rank, score, fused.signals, chosen, evidence)?);
    }
    watch.lap("cite");
    Ok(hits)
}

/// Refuses to compare vectors of different models.
fn check_model(snapshot: &Snapshot, embedder: &dyn Embedder) -> Result<()> {
    let info = snapshot.info();
    if info.model == embedder.fingerprint() && info.dim == embedder.dim() {
        return Ok(());
    }
    Err(Error::Incompatible {
        path: snapshot.dir().to_path_buf(),
        what: Mismatch::Model,
        indexed: info.model.clone(),
        asked: embedder.fingerprint().to_owned(),
    })
}

#[cfg(test)]
mod tests;
