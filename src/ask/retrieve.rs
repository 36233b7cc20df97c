//! Candidates for a question: both searches and their fusion.

use std::collections::HashSet;

use super::{MOST_SOURCES, Question, Stopwatch};
use crate::embed::Embedder;
use crate::error::Result;
use crate::fuse::{self, Weights};
use crate::hit::{Candidate, Fused, Row};
use crate::query::Query;
use crate::store::{Filter, Snapshot};

/// How many passages each search contributes to the fusion.
const CANDIDATES: usize = 100;

/// Both searches and their fusion. A passage that one search alone found gets the other's score too, but no
/// rank there.
pub(super) fn retrieve(
    snapshot: &Snapshot,
    embedder: &dyn Embedder,
    question: &Question,
    query: &Query,
    watch: &mut Stopwatch,
) -> Result<Vec<Fused>> {
    let filter = Filter { paths: question.paths.clone(), tags: question.tags.clone() };
    let selection = snapshot.select_for(query, &filter)?;
    watch.lap("filter");
    let vector = embedder.embed_query(&query.text)?;
    watch.lap("embed");
    let wanted =
        CANDIDATES.max(2 * question.sources.min(MOST_SOURCES)).min(snapshot.info().passages as usize);
    let mut dense = snapshot.nearest(&vector, wanted, selection.as_ref())?;
    watch.lap("dense");
    let mut lexical = snapshot.matching(&query.text, wanted, selection.as_ref())?;
    watch.lap("lexical");
    let (by_dense, by_words) = (dense.len(), lexical.len());
    let (to_dense, to_lexical) = (missing(&lexical, &dense), missing(&dense, &lexical));
    dense.extend(scored(&to_dense, snapshot.scores(&vector, &to_dense)?));
    lexical.extend(scored(&to_lexical, snapshot.lexical_scores(&query.text, &to_lexical)?));
    let mut fused = fuse::fuse(&dense, &lexical, &Weights::default());
    for signals in fused.iter_mut().map(|fused| &mut fused.signals) {
        signals.dense_rank = signals.dense_rank.filter(|rank| *rank as usize <= by_dense);
        signals.lexical_rank = signals.lexical_rank.filter(|rank| *rank as usize <= by_words);
    }
    watch.lap("fuse");
    Ok(fused)
}

/// The rows of one list that another one doesn't have.
fn missing(of: &[Candidate], from: &[Candidate]) -> Vec<Row> {
    let there: HashSet<Row> = from.iter().map(|candidate| candidate.row).collect();
    of.iter().map(|candidate| candidate.row).filter(|row| !there.contains(row)).collect()
}

fn scored(rows: &[Row], scores: Vec<f32>) -> impl Iterator<Item = Candidate> {
    rows.iter().zip(scores).map(|(&row, score)| Candidate { row, score })
}
