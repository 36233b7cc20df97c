//! The measures of a ranking, by the definitions of `trec_eval`.

/// The depth of nDCG, MRR and the first recall.
const SHALLOW: usize = 10;
/// The depth of the second recall, and so the length of a ranking.
pub(super) const DEEP: usize = 100;

/// The measures of one ranking, or their means over many; each from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Normalised discounted cumulative gain of the first 10: `ndcg_cut_10`.
    pub ndcg10: f64,
    /// Reciprocal rank of the first relevant document, 0 if it isn't among the first 10: `recip_rank` of a run that is
    /// cut after 10.
    pub mrr10: f64,
    /// The share of relevant documents among the first 10: `recall_10`.
    pub recall10: f64,
    /// The share of relevant documents among the first 100: `recall_100`.
    pub recall100: f64,
    /// Whether the first document is relevant: `success_1`.
    pub hit1: f64,
}

impl Figures {
    /// The names of the measures, in the order of [`Figures::values`].
    pub const NAMES: [&'static str; 5] = ["ndcg@10", "mrr@10", "recall@10", "recall@100", "hit@1"];

    /// All measures.
    pub fn values(&self) -> [f64; 5] {
        [self.ndcg10, self.mrr10, self.recall10, self.recall100, self.hit1]
    }

    /// The means over queries; 0 without any.
    pub fn mean(all: &[Self]) -> Self {
        let mean = |value: fn(&Self) -> f64| all.iter().map(value).sum::<f64>() / all.len().max(1) as f64;
        Self {
            ndcg10: mean(|one| one.ndcg10),
            mrr10: mean(|one| one.mrr10),
            recall10: mean(|one| one.recall10),
            recall100: mean(|one| one.recall100),
            hit1: mean(|one| one.hit1),
        }
    }
}

/// Measures a ranking: `ranked` has the judgment of each document in its order (0 for one that wasn't judged), `judged`
/// all judgments of the query in any order.
///
/// A document is relevant if its judgment is positive. Gains are the judgments themselves; negative ones count as 0.
/// Without a relevant document all measures are 0.
pub(super) fn figures(ranked: &[i64], judged: &[i64]) -> Figures {
    let relevant = judged.iter().filter(|&&gain| gain > 0).count();
    if relevant == 0 {
        return Figures::default();
    }
    let mut ideal = judged.to_vec();
    ideal.sort_unstable_by(|a, b| b.cmp(a));
    let first = ranked.iter().take(SHALLOW).position(|&gain| gain > 0);
    let found = |depth| ranked.iter().take(depth).filter(|&&gain| gain > 0).count();
    let recall = |depth| found(depth) as f64 / relevant as f64;
    Figures {
        ndcg10: dcg(ranked) / dcg(&ideal),
        mrr10: first.map_or(0.0, |at| 1.0 / (at + 1) as f64),
        recall10: recall(SHALLOW),
        recall100: recall(DEEP),
        hit1: f64::from(u8::from(first == Some(0))),
    }
}

/// Discounted cumulative gain of the first 10, with the logarithm of Järvelin and Kekäläinen as `trec_eval` has it.
fn dcg(gains: &[i64]) -> f64 {
    let places = gains.iter().take(SHALLOW).zip(2..);
    places.filter(|(gain, _)| **gain > 0).map(|(&gain, place)| gain as f64 / f64::from(place).log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-12
    }

    #[test]
    fn hand_computed_values() {
        // Gains 3 at place 2, 1 at place 4; a document judged 2 isn't found, one judged -1 is.
        let got = figures(&[0, 3, -1, 1], &[1, 3, 2, -1, 0]);
        let ideal = 3.0 + 2.0 / 3f64.log2() + 1.0 / 2.0;
        assert!(close(got.ndcg10, (3.0 / 3f64.log2() + 1.0 / 5f64.log2()) / ideal));
        assert!(close(got.mrr10, 0.5) && close(got.recall10, 2.0 / 3.0) && close(got.recall100, 2.0 / 3.0));
        assert!(close(got.hit1, 0.0));
        let perfect = figures(&[2, 1], &[1, 2]);
        assert!(perfect.values().iter().all(|&value| close(value, 1.0)));
        // Place 11 is too late for all but the deep recall.
        let mut late = vec![0; 10];
        late.push(1);
        assert_eq!(figures(&late, &[1]), Figures { recall100: 1.0, ..Figures::default() });
        let mut lost = vec![0; 100];
        lost.push(1);
        assert_eq!(figures(&lost, &[1]), Figures::default());
        assert_eq!(figures(&[], &[]), Figures::default());
        assert_eq!(figures(&[0], &[-3, 0]), Figures::default());
    }

    #[test]
    fn more_relevant_documents_than_places() {
        // 20 documents of gain 1, 10 found: the ideal has only 10 places, too.
        let got = figures(&[1; 10], &[1; 20]);
        assert!(close(got.ndcg10, 1.0) && close(got.recall10, 0.5));
    }

    #[test]
    fn means_are_means() {
        let all = [figures(&[1], &[1]), figures(&[0], &[1])];
        assert!(Figures::mean(&all).values().iter().all(|&value| close(value, 0.5)));
        assert_eq!(Figures::mean(&[]), Figures::default());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn values_are_shares_and_the_order_of_judgments_changes_nothing(
            judged in proptest::collection::vec(-2i64..5, 0..30),
            extra in 0usize..120,
            turn in 0usize..30,
        ) {
            // A ranking is some of the judged documents with others in between.
            let mut ranked: Vec<i64> = judged.iter().step_by(2).copied().collect();
            ranked.extend(std::iter::repeat_n(0, extra));
            let by = turn.min(ranked.len());
            ranked.rotate_left(by);
            let got = figures(&ranked, &judged);
            prop_assert!(got.values().iter().all(|value| (0.0..=1.0 + 1e-12).contains(value)), "{:?}", got);
            prop_assert!(got.recall10 <= got.recall100 && got.hit1 <= got.mrr10);
            let mut turned = judged.clone();
            turned.reverse();
            prop_assert_eq!(got, figures(&ranked, &turned));
            // What isn't relevant says the same as what wasn't judged.
            let plain: Vec<i64> = ranked.iter().map(|&gain| gain.max(0)).collect();
            prop_assert_eq!(got, figures(&plain, &judged));
        }

        #[test]
        fn a_relevant_document_moving_up_never_hurts(
            ranked in proptest::collection::vec(0i64..4, 2..40), at in 1usize..40
        ) {
            let at = at.min(ranked.len() - 1);
            let mut better = ranked.clone();
            if better[at] > better[at - 1] {
                better.swap(at, at - 1);
            }
            let (before, after) = (figures(&ranked, &ranked), figures(&better, &ranked));
            for (before, after) in before.values().iter().zip(after.values()) {
                prop_assert!(after >= before - 1e-12);
            }
        }
    }
}
