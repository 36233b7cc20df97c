//! Reranking: the order of the best candidates, once a model has read each beside the question.
//!
//! Vectors are made without knowing the question, and words are only counted. A cross-encoder reads question and
//! passage together, which is better and far slower, so it reads the best few alone (Nogueira and Cho, "Passage
//! Re-ranking with BERT", 2019). Without scores of one, everything stays as it is.

use crate::hit::{Fused, probability, ranks};

/// How many candidates are reranked.
pub const RERANKED: usize = 30;

/// Reorders the best candidates by their scores, which are a cross-encoder's, of any size, higher is better; the
/// first score is that of the first candidate. Candidates without one stay behind them, in their order.
///
/// `candidates` have the best first. What comes out has, too, with scores from 0 to 1: where there is one, the
/// [`probability`] that most cross-encoders are trained to give as its logit, and below the lowest of these for the others. Of equals the earlier
/// one stays the earlier; a score that isn't a number is the lowest of all.
pub fn rerank(mut candidates: Vec<Fused>, scores: &[f32]) -> Vec<Fused> {
    let count = scores.len().min(candidates.len());
    let Some(last) = count.checked_sub(1).map(|last| candidates[last].score) else { return candidates };
    let places: Vec<u32> = ranks(candidates.iter().map(|candidate| candidate.score)).collect();
    for (candidate, rank) in candidates.iter_mut().zip(places) {
        candidate.signals.fused_rank = Some(rank);
    }
    let (read, unread) = candidates.split_at_mut(count);
    let mut lowest = 1.0_f32;
    for (candidate, &score) in read.iter_mut().zip(scores) {
        let score = probability(score);
        (candidate.score, candidate.signals.rerank) = (score, Some(score));
        lowest = lowest.min(score);
    }
    read.sort_by(|a, b| b.score.total_cmp(&a.score));
    for candidate in unread {
        let share = if last > 0.0 { candidate.score / last } else { 0.0 };
        candidate.score = lowest * share.clamp(0.0, 1.0);
    }
    candidates
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::hit::{Evidence, Row, Signals};

    /// Candidates with these fused scores, best first, numbered from 0.
    fn fused(scores: &[f32]) -> Vec<Fused> {
        let candidate = |(doc, &score): (u64, &f32)| {
            let row = Row::new(doc);
            Fused { row, score, signals: Signals::default(), evidence: Evidence::default() }
        };
        (0..).zip(scores).map(candidate).collect()
    }

    fn order(fused: &[Fused]) -> Vec<u64> {
        fused.iter().map(|fused| fused.row.number()).collect()
    }

    #[test]
    fn without_scores_everything_stays() {
        assert_eq!(rerank(fused(&[0.9, 0.4]), &[]), fused(&[0.9, 0.4]));
        assert_eq!(rerank(Vec::new(), &[1.0]), []);
    }

    #[test]
    fn the_best_are_reordered_and_the_others_stay_behind() {
        let reranked = rerank(fused(&[0.9, 0.8, 0.6, 0.3, 0.0]), &[-3.0, 4.0, 0.0]);
        assert_eq!(order(&reranked), [1, 2, 0, 3, 4]);
        let scores: Vec<f32> = reranked.iter().map(|fused| fused.score).collect();
        assert_eq!(scores[..3], [4.0, 0.0, -3.0].map(probability));
        assert_eq!(scores[3..], [0.5 * probability(-3.0), 0.0]);
        let ranks: Vec<_> = reranked.iter().map(|fused| fused.signals.fused_rank.unwrap()).collect();
        assert_eq!(ranks, [2, 3, 1, 4, 5]);
        let read: Vec<_> = reranked.iter().map(|fused| fused.signals.rerank.is_some()).collect();
        assert_eq!(read, [true, true, true, false, false]);
    }

    #[test]
    fn equals_keep_their_order_and_no_number_is_the_worst() {
        let reranked =
            rerank(fused(&[0.9, 0.8, 0.8, 0.6, 0.5]), &[1.0, f32::NAN, 2.0, 1.0, f32::NEG_INFINITY]);
        assert_eq!(order(&reranked), [2, 0, 3, 1, 4]);
        let ranks: Vec<_> = reranked.iter().map(|fused| fused.signals.fused_rank.unwrap()).collect();
        assert_eq!(ranks, [2, 1, 4, 2, 5]);
    }

    #[test]
    fn a_logit_is_a_probability() {
        assert!((probability(2.0) - 0.880_797).abs() < 1e-6);
        let ends = [f32::NAN, f32::MIN, 0.0, f32::INFINITY].map(probability);
        assert_eq!(ends.map(f32::to_bits), [0.0_f32, 0.0, 0.5, 1.0].map(f32::to_bits));
    }

    proptest! {
        #[test]
        fn scores_descend_and_nobody_is_lost(
            mut before in proptest::collection::vec(0.0f32..1.0, 0..12),
            scores in proptest::collection::vec(prop_oneof![any::<f32>(), Just(0.5), Just(f32::NAN)], 0..14)
        ) {
            before.sort_by(|a, b| b.total_cmp(a));
            let reranked = rerank(fused(&before), &scores);
            prop_assert!(reranked.iter().all(|fused| (0.0..=1.0).contains(&fused.score)));
            prop_assert!(reranked.is_sorted_by(|a, b| a.score >= b.score));
            let unread: Vec<u64> = order(&reranked).into_iter().skip(scores.len()).collect();
            prop_assert!(unread.is_sorted());
            let mut all = order(&reranked);
            all.sort_unstable();
            prop_assert_eq!(all, (0..before.len() as u64).collect::<Vec<_>>());
        }
    }
}
