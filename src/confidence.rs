//! Confidence: the likelihood that a passage answers the question at all, and whether an answer can be trusted.
//!
//! The scores of a fusion only compare passages with each other: the best of a bad lot comes out as high as a
//! perfect match. The score looks at one passage by itself, with weights that were learned from questions that were asked
//! of the notes they belong to, of notes about other things, and of their own notes without the ones that answer.
//!
//! Whether the first source can be trusted is another question. Among many notes on a subject the best is always like the
//! question; what tells an answer from a near miss is how far it stands out from what other notes say.

mod weights;

use crate::hit::{Confidence, Features, Parts, Signals, probability};

use self::weights::{TRUST, WEIGHTS};

/// The weight of a title or question that is the question asked. It isn't learned, for that is rare in the sets.
const SAME_LABEL: f32 = 2.0;
/// The greatest lead that counts, in units of the fusion's sum; that of a source without a rival, too.
pub const MOST_LEAD: f32 = 5.0;
/// The probability from which on a source is trusted. It is below a half because many questions that it was learned from
/// have no answer; of those that people ask, some nine of ten that are trusted are right.
const TRUSTED: f32 = 0.3;

/// The value, between 0 and 1.
fn from_0_to_1(value: f32) -> f32 {
    if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) }
}

/// The inputs of the score's regression. The order of the weights is that of `SCORE` in `benches/train_ranking.py`.
///
/// Unlike BM25F scores, all of them mean about the same in any index.
fn inputs(features: &Features, parts: &Parts) -> [f32; WEIGHTS.len()] {
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

/// The probability, from 0 to 1, that the first source answers the question: a logistic regression, whose weights are in
/// the order of `TRUST` in `benches/train_ranking.py`. `lead` is the sum of its parts minus the greatest of another note's
/// passage, at most [`MOST_LEAD`].
pub fn trust(signals: &Signals, lead: f32) -> f32 {
    let Signals { features, parts, .. } = signals;
    let likeness = from_0_to_1(features.likeness());
    // Where words have no vectors, they are as like as the whole.
    let interaction = if features.interaction == 0.0 { likeness } else { from_0_to_1(features.interaction) };
    let coverage = from_0_to_1(features.lexical.coverage);
    let adjacency = from_0_to_1(features.lexical.adjacency);
    let lead = if lead.is_nan() { 0.0 } else { lead.clamp(-MOST_LEAD, MOST_LEAD) };
    let inputs = [likeness, interaction, coverage, adjacency, from_0_to_1(parts.contrast), lead, 1.0];
    probability(inputs.iter().zip(TRUST).map(|(input, weight)| input * weight).sum())
}

/// How far the answer of the first source can be trusted: its score, below `least` of which there is none, and the
/// probability of [`trust`]. One that `is_doubtful` can't be trusted, whatever these are.
pub fn state(score: f32, least: f32, trust: f32, is_doubtful: bool) -> Confidence {
    if score.is_nan() || score < least {
        Confidence::None
    } else if trust >= TRUSTED && !is_doubtful {
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
    fn an_answer_is_trusted_if_it_is_likely_and_nothing_speaks_against_it() {
        assert_eq!(state(0.05, 0.06, 0.9, false), Confidence::None);
        assert_eq!(state(f32::NAN, 0.0, 0.9, false), Confidence::None);
        assert_eq!(state(0.06, 0.06, 0.29, false), Confidence::Low);
        assert_eq!(state(0.06, 0.06, 0.3, false), Confidence::High);
        assert_eq!(state(0.9, 0.06, 0.9, true), Confidence::Low);
        assert_eq!(state(0.9, 0.95, 0.9, false), Confidence::None);
    }

    #[test]
    fn what_stands_out_from_other_notes_is_trusted_more() {
        let lexical = LexicalFeatures { coverage: 0.7, ..LexicalFeatures::default() };
        let features = Features { dense: 0.6, interaction: 0.6, lexical, ..Features::default() };
        let signals =
            Signals { features, parts: Parts { contrast: 0.3, ..Parts::default() }, ..Signals::default() };
        assert!(trust(&signals, 0.0) < 0.5 && trust(&signals, 4.0) > 0.7);
        assert!(trust(&signals, f32::INFINITY) <= trust(&signals, MOST_LEAD));
        assert!((0.0..=1.0).contains(&trust(&signals, f32::NAN)));
        // Without vectors of words the likeness stands for them.
        let plain = Signals { features: Features { interaction: 0.0, ..features }, ..signals };
        assert!((trust(&plain, 2.0) - trust(&signals, 2.0)).abs() < 1e-6);
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
