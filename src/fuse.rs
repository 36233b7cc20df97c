//! Fusion: one order of what the searches by meaning and by words have found.
//!
//! The score of a candidate is a weighted sum of a few inputs, some of which compare it with the other candidates of the
//! question. The weights were learned from public sets of questions with known answers; see `benches/README.md`. A pure function: the order of its input changes nothing.

mod weights;

use crate::hit::{Examined, Features, Fused, Parts, Signals};

use self::weights::{WEIGHTS, WITHOUT_WORDS};

/// The weight of a title or question that is the question asked.
///
/// It isn't learned: all 25 such candidates in the public sets are relevant, but they stand first there anyway.
const SAME_LABEL: f32 = 2.0;
/// The place, from 0, of the candidate with which the best likeness is compared.
const FIELD: usize = 49;
/// The place, from 0, of the candidate with which the best BM25F score is compared.
const CHASER: usize = 9;

/// By which weights candidates are fused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weights {
    /// Those of the bundled model, and of any whose cosines are read as they are.
    #[default]
    Bundled,
    /// Those of a model without vectors of words, whose cosines are read by a scale.
    WithoutWords,
}

/// The candidates of a question, taken together.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Pool {
    /// The least BM25F score and the greatest.
    lexical: (f32, f32),
    /// The best likeness minus that of most candidates. It is great where the question means one passage, and small where
    /// it means all of them a little; then words count more.
    contrast: f32,
    /// The lead of the best BM25F score over those that follow, from 0 to 1. It is great where rare words decide.
    lead: f32,
    /// How much words can tell, from 0 to 1: nothing where no candidate has the words of the question, as with a question in
    /// another language than the notes.
    reach: f32,
}

impl Pool {
    fn of(found: &[Examined]) -> Self {
        let falling = |value: fn(&Features) -> f32| {
            let mut all: Vec<f32> = found.iter().map(|found| finite(value(&found.features))).collect();
            all.sort_by(|a, b| b.total_cmp(a));
            all
        };
        let at = |all: &[f32], place: usize| all.get(place).or(all.last()).copied().unwrap_or(0.0);
        let (likeness, lexical) = (falling(Features::likeness), falling(|features| features.lexical.score));
        let (best, least) = (at(&lexical, 0), at(&lexical, usize::MAX));
        Self {
            lexical: (least, best),
            contrast: at(&likeness, 0) - at(&likeness, FIELD),
            lead: if best > 0.0 { 1.0 - at(&lexical, CHASER) / best } else { 0.0 },
            reach: reach(found),
        }
    }

    /// A BM25F score on a scale from 0, the least of the candidates, to 1.
    fn stretch(&self, score: f32) -> f32 {
        let (least, greatest) = self.lexical;
        if greatest > least { (finite(score) - least) / (greatest - least) } else { 0.0 }
    }
}

/// How much the words of a question can tell among these candidates, by the greatest share of them that one has.
fn reach(found: &[Examined]) -> f32 {
    const NOTHING: f32 = 0.15;
    const ALL: f32 = 0.45;
    let coverage = found.iter().map(|found| finite(found.features.lexical.coverage)).fold(0.0, f32::max);
    ((coverage - NOTHING) / (ALL - NOTHING)).clamp(0.0, 1.0)
}

/// The value, or 0 for what isn't finite.
fn finite(value: f32) -> f32 {
    if value.is_finite() { value } else { 0.0 }
}

/// The parts of a candidate's score. The order of the weights is that of `FUSION` in `benches/train_ranking.py`.
fn parts(features: &Features, pool: &Pool, weights: Weights) -> Parts {
    // A model that reads one language knows nothing better than words in any other.
    let reach = if weights == Weights::WithoutWords { pool.reach } else { 1.0 };
    let (contrast, lead) = (pool.contrast, pool.lead * reach);
    let likeness = finite(features.likeness());
    let words = reach * pool.stretch(features.lexical.score);
    let [coverage, adjacency, context] =
        [features.lexical.coverage, features.lexical.adjacency, features.lexical.context_coverage]
            .map(finite);
    let [coverage, adjacency] = [coverage, adjacency].map(|share| share * reach);
    let interaction = finite(features.interaction);
    let [
        l,
        w,
        c,
        a,
        above,
        l_contrast,
        w_contrast,
        c_contrast,
        a_contrast,
        l_lead,
        w_lead,
        inter,
        inter_contrast,
    ] = match weights {
        Weights::Bundled => WEIGHTS,
        Weights::WithoutWords => WITHOUT_WORDS,
    };
    Parts {
        likeness: likeness * (l + l_contrast * contrast + l_lead * lead),
        words: words * (w + w_contrast * contrast + w_lead * lead),
        coverage: coverage * (c + c_contrast * contrast),
        adjacency: adjacency * (a + a_contrast * contrast),
        context: context * above + SAME_LABEL * features.same_label(),
        interaction: interaction * (inter + inter_contrast * contrast),
        contrast,
    }
}

/// Fuses candidates, in any order, into a list with the best first; equal scores are ordered by row.
///
/// Scores are stretched to reach from 0 to 1; where all are the same, all are 1. Of several candidates with the same
/// row one counts.
pub fn fuse(mut found: Vec<Examined>, weights: Weights) -> Vec<Fused> {
    found.sort_by_key(|found| found.row);
    found.dedup_by_key(|found| found.row);
    let pool = Pool::of(&found);
    let all: Vec<Parts> = found.iter().map(|found| parts(&found.features, &pool, weights)).collect();
    let sums = || all.iter().map(Parts::sum);
    let (least, greatest) = (sums().fold(f32::INFINITY, f32::min), sums().fold(f32::NEG_INFINITY, f32::max));
    let stretch = |sum: f32| if greatest > least { (sum - least) / (greatest - least) } else { 1.0 };
    let fuse = |(found, parts): (Examined, Parts)| fused(found, parts, stretch(parts.sum()));
    let mut fused: Vec<Fused> = found.into_iter().zip(all.iter().copied()).map(fuse).collect();
    fused.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.row.cmp(&b.row)));
    fused
}

fn fused(found: Examined, parts: Parts, score: f32) -> Fused {
    let Examined { row, dense_rank, lexical_rank, features, evidence, pending } = found;
    let signals = Signals { dense_rank, lexical_rank, features, parts, pending, ..Signals::default() };
    Fused { row, score, signals, evidence }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hit::{Evidence, LexicalFeatures, Row};

    use proptest::prelude::*;

    fn found(doc: u64, dense: f32, score: f32, coverage: f32) -> Examined {
        let lexical = LexicalFeatures { score, coverage, ..LexicalFeatures::default() };
        let features =
            Features { dense, sentence: dense, in_context: dense, context: 0.0, interaction: 0.0, lexical };
        let evidence = Evidence::default();
        let (row, dense_rank) = (Row::new(doc), Some(1));
        Examined { row, dense_rank, lexical_rank: None, features, evidence, pending: false }
    }

    fn in_order(found: Vec<Examined>) -> Vec<Fused> {
        fuse(found, Weights::Bundled)
    }

    fn order(fused: &[Fused]) -> Vec<u64> {
        fused.iter().map(|fused| fused.row.number()).collect()
    }

    #[test]
    fn the_best_is_1_and_the_worst_is_0() {
        let fused = in_order(vec![found(1, 0.2, 1.0, 0.1), found(2, 0.7, 9.0, 1.0), found(3, 0.5, 4.0, 0.6)]);
        assert_eq!(order(&fused), [2, 3, 1]);
        assert_eq!((fused[0].score, fused[2].score), (1.0, 0.0));
        let parts = fused[0].signals.parts;
        assert!(parts.likeness > 0.0 && parts.words > 0.0 && parts.contrast > 0.0);
        assert!(in_order(Vec::new()).is_empty());
        assert!(in_order(vec![found(7, 0.1, 0.0, 0.0)])[0].score > 0.999);
    }

    #[test]
    fn equals_stand_in_the_order_of_their_rows() {
        let same: Vec<Examined> = [3, 1, 2, 1].map(|doc| found(doc, 0.4, 2.0, 0.5)).to_vec();
        let fused = in_order(same);
        assert_eq!(order(&fused), [1, 2, 3]);
        assert!(fused.iter().all(|fused| fused.score > 0.999));
    }

    #[test]
    fn words_that_no_candidate_has_most_of_tell_a_model_of_all_languages_nothing() {
        let few = vec![found(1, 0.5, 1.0, 0.05), found(2, 0.4, 9.0, 0.15)];
        assert_eq!(order(&fuse(few.clone(), Weights::WithoutWords)), [1, 2]);
        assert_eq!(order(&in_order(few)), [2, 1]);
        let most = vec![found(1, 0.5, 1.0, 0.05), found(2, 0.4, 9.0, 0.9)];
        assert_eq!(order(&fuse(most, Weights::WithoutWords)), [2, 1]);
    }

    #[test]
    fn a_sentence_counts_as_much_as_its_passage() {
        let mut hidden = found(1, 0.3, 2.0, 0.5);
        hidden.features.sentence = 0.8;
        let fused = in_order(vec![hidden, found(2, 0.5, 2.0, 0.5)]);
        assert_eq!(order(&fused), [1, 2]);
    }

    fn candidates() -> impl Strategy<Value = Vec<Examined>> {
        let cosine = prop_oneof![-1.0f32..=1.0, Just(f32::NAN)];
        let score = prop_oneof![0.0f32..40.0, Just(f32::INFINITY)];
        let one = (0u64..30, cosine, score, 0.0f32..=1.0);
        proptest::collection::vec(
            one.prop_map(|(doc, dense, score, share)| found(doc, dense, score, share)),
            0..70,
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn scores_fall_from_1_to_0_whatever_comes(found in candidates()) {
            let fused = in_order(found);
            prop_assert!(fused.iter().all(|fused| (0.0..=1.0).contains(&fused.score)));
            prop_assert!(fused.is_sorted_by(|a, b| (b.score, a.row) <= (a.score, b.row)));
        }

        #[test]
        fn the_order_of_the_input_changes_nothing(found in candidates(), turn in 0usize..70) {
            let mut once: Vec<Examined> = Vec::new();
            for one in found {
                if once.iter().all(|other| other.row != one.row) {
                    once.push(one);
                }
            }
            let mut turned = once.clone();
            turned.reverse();
            let by = turn.min(turned.len());
            turned.rotate_left(by);
            // Debug output, for NaN doesn't equal itself.
            prop_assert_eq!(format!("{:?}", in_order(once)), format!("{:?}", in_order(turned)));
        }
    }
}
