//! What searches by meaning and by words know of the candidates becomes one order.
//!
//! The score of a candidate is a weighted sum of a few inputs, some of which compare it with the others that were
//! found for the question. The weights were learned from public sets of questions with known answers, as
//! `benches/README.md` tells. A pure function: the order of its input changes nothing.

mod weights;

use crate::hit::{Features, Found, Fused, Signals};

pub use self::weights::{INPUTS, WEIGHTS};

/// What the candidates of a question look like together.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Pool {
    /// The least BM25F score and the greatest.
    lexical: (f32, f32),
    /// The greatest likeness in meaning.
    meaning: f32,
}

impl Pool {
    fn of(found: &[Found]) -> Self {
        let greatest = |value: fn(&Features) -> f32| {
            found.iter().map(|found| value(&found.features)).fold(f32::NEG_INFINITY, f32::max)
        };
        let lexical = |features: &Features| finite(features.lexical.score);
        let least = found.iter().map(|found| lexical(&found.features)).fold(f32::INFINITY, f32::min);
        Self { lexical: (least, greatest(lexical)), meaning: greatest(meaning) }
    }

    /// A BM25F score on a scale from 0, the least of the candidates, to 1.
    fn stretch(&self, score: f32) -> f32 {
        let (least, greatest) = self.lexical;
        if greatest > least { (finite(score) - least) / (greatest - least) } else { 0.0 }
    }
}

/// A number, whatever comes.
fn finite(value: f32) -> f32 {
    if value.is_finite() { value } else { 0.0 }
}

/// How alike a passage and the question are in meaning: the passage as a whole, its best sentence by itself, and its
/// best sentence with what stands above it.
fn meaning(features: &Features) -> f32 {
    let Features { dense, sentence, in_context, .. } = *features;
    (finite(dense) + finite(sentence) + finite(in_context)) / 3.0
}

/// What the score of a candidate is made of, in the order of [`INPUTS`].
fn inputs(features: &Features, pool: &Pool) -> [f32; INPUTS.len()] {
    let meaning = meaning(features);
    let words = pool.stretch(features.lexical.score);
    let (coverage, proximity) = (finite(features.lexical.coverage), finite(features.lexical.proximity));
    let adjacency = finite(features.lexical.adjacency);
    [
        meaning,
        meaning * meaning,
        words,
        coverage,
        adjacency,
        proximity,
        pool.meaning * meaning,
        pool.meaning * words,
        pool.meaning * coverage,
    ]
}

/// Each input's part of a candidate's score, in the order of [`INPUTS`].
fn parts(features: &Features, pool: &Pool) -> [f32; INPUTS.len()] {
    let mut parts = inputs(features, pool);
    for (part, weight) in parts.iter_mut().zip(WEIGHTS) {
        *part *= weight;
    }
    parts
}

/// Fuses candidates, in any order, into a list with the best first; equal scores are ordered by row.
///
/// Scores are stretched to reach from 0 to 1; where all are the same, all are 1. Of several candidates with the same
/// row one counts.
pub fn fuse(found: &[Found]) -> Vec<Fused> {
    let mut found = found.to_vec();
    found.sort_by_key(|found| found.row);
    found.dedup_by_key(|found| found.row);
    let pool = Pool::of(&found);
    let sum = |found: &Found| parts(&found.features, &pool).iter().sum::<f32>();
    let sums: Vec<f32> = found.iter().map(sum).collect();
    let least = sums.iter().copied().fold(f32::INFINITY, f32::min);
    let greatest = sums.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let stretch = |sum: f32| if greatest > least { (sum - least) / (greatest - least) } else { 1.0 };
    let mut fused: Vec<Fused> =
        found.into_iter().zip(sums).map(|(found, sum)| fused(found, stretch(sum))).collect();
    fused.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.row.cmp(&b.row)));
    fused
}

fn fused(found: Found, score: f32) -> Fused {
    let Found { row, dense_rank, lexical_rank, features } = found;
    let signals = Signals {
        dense: Some(features.dense),
        dense_rank,
        lexical: Some(features.lexical.score),
        lexical_rank,
        features: Some(features),
        ..Signals::default()
    };
    Fused { row, score, signals }
}
