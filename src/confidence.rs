//! How likely is it that a passage answers the question at all?
//!
//! The scores of a fusion only compare passages with each other: the best of a bad lot comes out as high as a
//! perfect match. This looks at one passage by itself.

use crate::hit::Signals;

/// What a passage with no likeness to the question starts from, on the logistic scale.
const BIAS: f32 = -7.5;
/// What a cosine of 1 adds.
const DENSE: f32 = 15.0;
/// What it adds if the passage has every telling word of the question.
const COVERAGE: f32 = 6.0;

/// The probability, from 0 to 1, that a passage with these signals answers the question.
///
/// A logistic function of cosine and coverage; unlike BM25 scores, both mean the same in any index. Its weights
/// come from questions that were asked of the notes they belong to and of notes about other things.
pub fn confidence(signals: &Signals) -> f32 {
    let dense = signals.dense.unwrap_or(0.0).clamp(0.0, 1.0);
    let coverage = signals.features.map_or(0.0, |features| features.lexical.coverage).clamp(0.0, 1.0);
    // The last bit of `exp` may differ between processors; of its 53, rounding takes it away.
    let exponential = f64::from(-(BIAS + DENSE * dense + COVERAGE * coverage)).exp();
    (1.0 / (1.0 + exponential)) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hit::{Features, LexicalFeatures};

    fn of(dense: f32, coverage: f32) -> f32 {
        let lexical = LexicalFeatures { coverage, ..LexicalFeatures::default() };
        let features = Some(Features { lexical, ..Features::default() });
        confidence(&Signals { dense: Some(dense), features, ..Signals::default() })
    }

    #[test]
    fn more_likeness_and_more_words_are_more_likely_to_answer() {
        assert!(of(0.1, 0.2) < 0.01 && of(0.31, 1.0) > 0.9 && of(0.6, 0.3) > 0.9);
        for step in 0..10_u8 {
            let (less, more) = (f32::from(step) / 10.0, f32::from(step + 1) / 10.0);
            assert!(of(less, 0.5) <= of(more, 0.5) && of(0.3, less) <= of(0.3, more));
        }
    }

    #[test]
    fn it_is_a_probability_whatever_comes() {
        for dense in [f32::MIN, -1.0, 0.0, 1.0, f32::MAX] {
            for coverage in [f32::MIN, 0.0, 1.0, f32::MAX] {
                assert!((0.0..=1.0).contains(&of(dense, coverage)));
            }
        }
        assert!(confidence(&Signals::default()) < 0.01);
    }
}
