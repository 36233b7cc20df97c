//! The best candidates are read by a reranker.

use std::collections::HashMap;

use crate::embed::Reranker;
use crate::error::{Error, Result};
use crate::hit::{Fused, Row, StoredPassage};
use crate::rerank::{RERANKED, rerank};
use crate::store::Store;

/// Candidates, best first, in the order of the reranker. It reads what the embedder read: a passage with the title,
/// headings and question that its text doesn't show; the same text once.
pub(super) fn reorder(
    index: &dyn Store,
    reranker: &dyn Reranker,
    question: &str,
    fused: Vec<Fused>,
) -> Result<Vec<Fused>> {
    let (fused, texts) = split(index, fused)?;
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut distinct: Vec<&str> = Vec::new();
    let numbers: Vec<usize> = texts
        .iter()
        .map(|text| {
            *numbers.entry(text).or_insert_with(|| {
                distinct.push(text);
                distinct.len() - 1
            })
        })
        .collect();
    let scores = reranker.scores(question, &distinct)?;
    if scores.len() != distinct.len() {
        let what = format!("it gives {} scores for {} passages", scores.len(), distinct.len());
        return Err(Error::Model { name: reranker.name().to_owned(), what });
    }
    let scores: Vec<f32> = numbers.into_iter().map(|number| scores[number]).collect();
    Ok(rerank(fused, &scores))
}

/// The texts of the best candidates. Where equals stand on both sides of the last, those are taken that come first by
/// root, path and place, for the order of equals is an accident of how the index came about.
fn split(index: &dyn Store, mut fused: Vec<Fused>) -> Result<(Vec<Fused>, Vec<String>)> {
    let Some(last) = fused.get(RERANKED.min(fused.len()).wrapping_sub(1)).map(|last| last.score) else {
        return Ok((fused, Vec::new()));
    };
    let rest = fused.split_off(fused.partition_point(|candidate| candidate.score >= last));
    let rows: Vec<Row> = fused.iter().map(|candidate| candidate.row).collect();
    let mut best: Vec<(Fused, StoredPassage)> = fused.into_iter().zip(index.passages(&rows)?).collect();
    best.sort_by(|(a, at), (b, bt)| {
        b.score.total_cmp(&a.score).then_with(|| at.sort_key().cmp(&bt.sort_key()))
    });
    let texts = best.iter().take(RERANKED).map(|(_, source)| source.passage.embedded_text()).collect();
    Ok((best.into_iter().map(|(candidate, _)| candidate).chain(rest).collect(), texts))
}
