//! Confidence: the likelihood that a passage answers the question at all.
//!
//! The scores of a fusion only compare passages with each other: the best of a bad lot comes out as high as a
//! perfect match. This looks at one passage by itself, with weights that were learned from questions that were asked of
//! the notes they belong to, of notes about other things, and of their own notes without the ones that answer.

mod weights;

use crate::hit::{Confidence, Features, Parts, Signals, probability};

use self::weights::WEIGHTS;

/// The weight of a title or question that is the question asked. It isn't learned, for that is rare in the sets.
const SAME_LABEL: f32 = 2.0;

/// The inputs of the regression. The order of the weights is that of `SCORE` in `benches/train_ranking.py`.
///
/// Unlike BM25F scores, all of them mean about the same in any index.
fn inputs(features: &Features, parts: &Parts) -> [f32; WEIGHTS.len()] {
    let from_0_to_1 = |value: f32| if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) };
    let likeness = from_0_to_1(features.likeness());
    let coverage = from_0_to_1(features.lexical.coverage);
    let adjacency = from_0_to_1(features.lexical.adjacency);
    let context = from_0_to_1(features.lexical.context_coverage);
    [likeness, coverage, likeness * coverage, adjacency, context, from_0_to_1(parts.contrast), 1.0]
}

/// The probability, from 0 to 1, that a passage with these signals answers the question: a logistic regression.
pub fn confidence(signals: &Signals) -> f32 {
    let Signals { features, parts, .. } = signals;
    let logit: f32 = inputs(features, parts).iter().zip(WEIGHTS).map(|(input, weight)| input * weight).sum();
    probability(logit + SAME_LABEL * features.same_label())
}

/// The score from which on a source that lacks nothing is trusted.
const TRUSTED: f32 = 0.5;

/// How far the answer of a source with this score can be trusted; below the score `least` there is none. `missing` are the
/// words that the question insists on and no passage has.
pub fn state(score: f32, least: f32, missing: &[String]) -> Confidence {
    if score.is_nan() || score < least {
        Confidence::None
    } else if score >= TRUSTED && missing.is_empty() {
        Confidence::High
    } else {
        Confidence::Low
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hit::LexicalFeatures;

    fn of(likeness: f32, coverage: f32, contrast: f32) -> f32 {
        let lexical = LexicalFeatures { coverage, ..LexicalFeatures::default() };
        let features = Features { dense: likeness, lexical, ..Features::default() };
        confidence(&Signals { features, parts: Parts { contrast, ..Parts::default() }, ..Signals::default() })
    }

    #[test]
    fn more_likeness_and_more_words_are_more_likely_to_answer() {
        assert!(of(0.1, 0.2, 0.1) < 0.05 && of(0.7, 1.0, 0.4) > 0.8 && of(0.8, 0.3, 0.5) > 0.6);
        for step in 0..10_u8 {
            let (less, more) = (f32::from(step) / 10.0, f32::from(step + 1) / 10.0);
            assert!(of(less, 0.5, 0.3) <= of(more, 0.5, 0.3) && of(0.3, less, 0.3) <= of(0.3, more, 0.3));
        }
    }

    #[test]
    fn an_answer_is_trusted_if_it_is_likely_and_lacks_nothing() {
        let missing = ["COBOL".to_owned()];
        assert_eq!(state(0.05, 0.06, &[]), Confidence::None);
        assert_eq!(state(f32::NAN, 0.0, &[]), Confidence::None);
        assert_eq!((state(0.06, 0.06, &[]), state(0.0, 0.0, &[])), (Confidence::Low, Confidence::Low));
        assert_eq!((state(0.9, 0.06, &[]), state(0.9, 0.06, &missing)), (Confidence::High, Confidence::Low));
        assert_eq!(state(0.9, 0.95, &[]), Confidence::None);
    }

    #[test]
    fn it_is_a_probability_whatever_comes() {
        for likeness in [f32::MIN, -1.0, 0.0, 1.0, f32::MAX, f32::NAN] {
            for coverage in [f32::MIN, 0.0, 1.0, f32::NAN] {
                assert!((0.0..=1.0).contains(&of(likeness, coverage, f32::NAN)));
            }
        }
        assert!(confidence(&Signals::default()) < 0.01);
    }
}
