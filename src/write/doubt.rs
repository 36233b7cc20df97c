//! What an answer must have: a number where one is asked for, and more than the subject where it is doubtful whether the notes
//! answer at all.

use crate::hit::{Confidence, Hit};

/// The least share of the question's telling words that a source must have, or what stands above it.
const LEAST_COVERAGE: f32 = 0.5;

/// What is asked of sentences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Doubt {
    /// Whether it is doubtful that the notes answer.
    is_doubtful: bool,
    /// Whether a number or a date is asked for.
    wants_number: bool,
}

impl Doubt {
    /// What is asked of the sentences that answer a question, of which the reply is so sure.
    pub(super) fn of(asked: &str, confidence: Confidence) -> Self {
        Self { is_doubtful: confidence < Confidence::High, wants_number: wants_number(asked) }
    }

    /// Whether it is doubtful that the notes answer.
    pub(super) fn is_doubtful(self) -> bool {
        self.is_doubtful
    }

    /// Whether a sentence has what an answer must have somewhere.
    pub(super) fn is_met_by(self, sentence: &str) -> bool {
        !self.wants_number || has_number(sentence)
    }

    /// Whether a source may answer.
    pub(super) fn admits_source(self, hit: &Hit) -> bool {
        !self.is_doubtful || hit.signals.features.lexical.coverage > LEAST_COVERAGE
    }
}

/// Whether a question asks for a number or a date.
fn wants_number(asked: &str) -> bool {
    let lower = asked.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let pair = |first: &str, second: &[&str]| {
        words.windows(2).any(|pair| pair[0] == first && second.contains(&pair[1]))
    };
    pair("how", &["many", "much", "old", "often", "tall", "large", "big", "far", "heavy"])
        || pair("what", &["year", "date", "version", "percentage", "number"])
        || pair("which", &["year", "date", "version", "day"])
}

/// Whether a text has a number, in digits or as a word.
fn has_number(text: &str) -> bool {
    const WORDS: [&str; 16] = [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve", "hundred",
        "thousand", "million", "once", "twice",
    ];
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    words.any(|word| {
        word.chars().any(char::is_numeric) || WORDS.iter().any(|number| word.eq_ignore_ascii_case(number))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_for_a_number_wants_one() {
        let doubt = Doubt::of("How many eggs do owls lay?", Confidence::High);
        assert!(doubt.is_met_by("They lay 2 to 6 eggs.") && doubt.is_met_by("They lay two."));
        assert!(!doubt.is_met_by("Owls lay eggs."));
        assert!(Doubt::of("How do owls hunt?", Confidence::Low).is_met_by("By ear."));
        for asked in ["what version of Python", "which year", "how much does it cost"] {
            assert!(wants_number(asked), "{asked}");
        }
        assert!(!wants_number("how do I number pages"));
    }
}
