//! Two lists of candidates become one: what searches by meaning and by words found, on one scale.
//!
//! Each list's scores are stretched to reach from 0 to 1, then summed by weight; a candidate that a list doesn't
//! hold gets nothing from it. A pure function: the order of its input changes nothing.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::hit::{Candidate, Fused, Row, Signals};

/// How much each search counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights {
    /// The share of the dense search, from 0 to 1; the lexical one has the rest.
    pub dense: f32,
}

impl Default for Weights {
    fn default() -> Self {
        Self { dense: 0.7 }
    }
}

impl Weights {
    /// The share of the dense search, kept between 0 and 1; a half if it isn't a number.
    fn share(self) -> f32 {
        if self.dense.is_nan() { 0.5 } else { self.dense.clamp(0.0, 1.0) }
    }
}

/// Fuses two lists, in any order, into one with the best first; equal scores are ordered by row.
///
/// Scores are from 0 to 1. A candidate whose score isn't a finite number is left out of its list; of several
/// with the same row the best counts.
pub fn fuse(dense: &[Candidate], lexical: &[Candidate], weights: &Weights) -> Vec<Fused> {
    let share = weights.share();
    let mut fused: BTreeMap<Row, Fused> = BTreeMap::new();
    let mut add = |list: &[Candidate], weight: f32, fill: fn(&mut Signals, f32, u32)| {
        for (candidate, stretched, rank) in rank(list) {
            let empty = Fused { row: candidate.row, score: 0.0, signals: Signals::default() };
            let entry = fused.entry(candidate.row).or_insert(empty);
            entry.score += weight * stretched;
            fill(&mut entry.signals, candidate.score, rank);
        }
    };
    add(dense, share, |signals, score, rank| (signals.dense, signals.dense_rank) = (Some(score), Some(rank)));
    add(lexical, 1.0 - share, |signals, score, rank| {
        (signals.lexical, signals.lexical_rank) = (Some(score), Some(rank));
    });
    let mut fused: Vec<Fused> = fused.into_values().collect();
    for entry in &mut fused {
        // Both shares may round up.
        entry.score = entry.score.min(1.0);
    }
    fused.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.row.cmp(&b.row)));
    fused
}

/// Sorts a list and gives each candidate its score on a scale from 0, the list's worst, to 1, its best, and its
/// rank from 1, which equals share. Where all scores are the same, all are best.
fn rank(list: &[Candidate]) -> impl Iterator<Item = (Candidate, f32, u32)> {
    let mut list: Vec<Candidate> =
        list.iter().copied().filter(|candidate| candidate.score.is_finite()).collect();
    list.sort_by(|a, b| a.row.cmp(&b.row).then(better(a, b)));
    list.dedup_by_key(|candidate| candidate.row);
    list.sort_by(|a, b| better(a, b).then(a.row.cmp(&b.row)));
    // In f64 the difference of two finite scores is finite.
    let best = list.first().map_or(0.0, |candidate| f64::from(candidate.score));
    let worst = list.last().map_or(0.0, |candidate| f64::from(candidate.score));
    let stretch = move |score: f32| {
        if best > worst { ((f64::from(score) - worst) / (best - worst)) as f32 } else { 1.0 }
    };
    let mut before: Option<(Candidate, u32)> = None;
    list.into_iter().zip(1..).map(move |(candidate, place)| {
        // Equals share a rank: which of them stands first says nothing.
        let rank = match &before {
            Some((other, rank)) if better(other, &candidate).is_eq() => *rank,
            _ => place,
        };
        before = Some((candidate, rank));
        (candidate, stretch(candidate.score), rank)
    })
}

fn better(a: &Candidate, b: &Candidate) -> Ordering {
    // Adding 0 makes -0 and 0 equal.
    (b.score + 0.0).total_cmp(&(a.score + 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    fn list(scores: &[(u32, f32)]) -> Vec<Candidate> {
        scores.iter().map(|&(doc, score)| Candidate { row: Row { segment: 0, doc }, score }).collect()
    }

    fn check(dense: &[(u32, f32)], lexical: &[(u32, f32)], weight: f32, want: &[(u32, f32)]) {
        let fused = fuse(&list(dense), &list(lexical), &Weights { dense: weight });
        let got: Vec<_> = fused.iter().map(|fused| (fused.row.doc, fused.score)).collect();
        assert_eq!(got, want);
    }

    #[test]
    fn scores_are_stretched_and_weighted() {
        check(
            &[(1, 0.9), (2, 0.7), (3, 0.5)],
            &[(3, 12.0), (4, 2.0)],
            0.5,
            &[(1, 0.5), (3, 0.5), (2, 0.25), (4, 0.0)],
        );
        check(&[], &[], 0.5, &[]);
        check(&[(7, -0.3)], &[], 0.75, &[(7, 0.75)]);
        check(&[(2, 0.4), (1, 0.4)], &[], 0.5, &[(1, 0.5), (2, 0.5)]);
        check(&[(1, 0.4), (1, 0.8), (2, f32::NAN), (3, 0.4)], &[], 1.0, &[(1, 1.0), (3, 0.0)]);
        check(&[(1, f32::MAX), (2, f32::MIN)], &[], f32::NAN, &[(1, 0.5), (2, 0.0)]);
        check(&[(1, 0.1)], &[(1, 3.0)], 2.0, &[(1, 1.0)]);
    }

    #[test]
    fn signals_tell_where_a_candidate_stood() {
        let fused = fuse(&list(&[(1, 0.5), (2, 0.9)]), &list(&[(1, 7.0)]), &Weights::default());
        let of = |doc| fused.iter().find(|fused| fused.row.doc == doc).unwrap().signals;
        let second = Signals { dense: Some(0.9), dense_rank: Some(1), ..Signals::default() };
        assert_eq!(of(2), second);
        let first = Signals {
            dense: Some(0.5),
            dense_rank: Some(2),
            lexical: Some(7.0),
            lexical_rank: Some(1),
            ..Signals::default()
        };
        assert_eq!(of(1), first);
    }

    #[test]
    fn equals_share_a_rank() {
        let fused = fuse(&list(&[(1, 0.5), (2, 0.9), (3, 0.5), (4, 0.1)]), &[], &Weights::default());
        let ranks: Vec<_> = fused.iter().map(|fused| fused.signals.dense_rank.unwrap()).collect();
        assert_eq!(ranks, [1, 2, 2, 4]);
    }

    fn candidates() -> impl Strategy<Value = Vec<Candidate>> {
        // Few rows and few scores, so that lists overlap and scores tie.
        let score = prop_oneof![(-4i8..5).prop_map(f32::from), any::<f32>()];
        proptest::collection::vec((0u32..2, 0u32..8, score), 0..12).prop_map(|list| {
            let candidate = |(segment, doc, score)| Candidate { row: Row { segment, doc }, score };
            list.into_iter().map(candidate).collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_order_of_the_input_changes_nothing(
            dense in candidates(), lexical in candidates(), weight in 0.0f32..1.0, turn in 0usize..12
        ) {
            let weights = Weights { dense: weight };
            let fused = fuse(&dense, &lexical, &weights);
            let turned = |list: &[Candidate]| {
                let mut list = list.to_vec();
                list.reverse();
                let by = turn.min(list.len());
                list.rotate_left(by);
                list
            };
            // Debug output, for -0 and 0 are equal but not the same.
            let zero = |list: Vec<Fused>| format!("{list:?}").replace("-0.0", "0.0");
            prop_assert_eq!(zero(fused.clone()), zero(fuse(&turned(&dense), &turned(&lexical), &weights)));
            prop_assert!(fused.iter().all(|fused| (0.0..=1.0).contains(&fused.score)));
            prop_assert!(fused.is_sorted_by(|a, b| (b.score, a.row) <= (a.score, b.row)));
        }

        #[test]
        fn the_sides_are_alike(dense in candidates(), lexical in candidates()) {
            let half = Weights { dense: 0.5 };
            let strip = |list: Vec<Fused>| list.iter().map(|f| (f.row, f.score.to_bits())).collect::<Vec<_>>();
            prop_assert_eq!(strip(fuse(&dense, &lexical, &half)), strip(fuse(&lexical, &dense, &half)));
        }

        #[test]
        fn better_on_both_sides_is_better(
            dense in candidates(), lexical in candidates(), weight in 0.0f32..1.0
        ) {
            let fused = fuse(&dense, &lexical, &Weights { dense: weight });
            for (at, first) in fused.iter().enumerate() {
                for second in &fused[at + 1..] {
                    let (a, b) = (first.signals, second.signals);
                    // `None` is less than any score. What comes second is never better twice.
                    let twice = b.dense > a.dense && b.lexical > a.lexical;
                    prop_assert!(!twice || first.score <= second.score, "{first:?} {second:?}");
                }
            }
        }
    }
}
