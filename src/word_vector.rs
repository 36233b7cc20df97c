//! What single words mean where they stand, and how the words of a question and of a passage are compared.
//!
//! A model that reads a text has a state for each word, which reflects what stands around it. Of a passage the states of
//! its words are kept as sketches, and each word of a question looks for the word that it is most like (late interaction,
//! `MaxSim`: Khattab and Zaharia 2020, `ColBERT`, arXiv:2004.12832). Unlike one vector for all of a passage this tells
//! whether each thing that is asked for is there.

use std::ops::Range;

/// Numbers of a word's vector, and bits of a sketch.
pub const BITS: usize = 96;
/// Bytes of a sketch.
pub const SKETCH_BYTES: usize = BITS / 8;
/// The most words of a passage that are kept.
pub const MOST_WORDS: usize = 64;

/// The vector of a word where it stands; its length means nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct WordVector(pub [f32; BITS]);

impl WordVector {
    /// The signs of its numbers: bit `n % 8` of byte `n / 8` is set if number `n` is greater than 0.
    pub fn sketch(&self) -> WordSketch {
        let mut bytes = [0; SKETCH_BYTES];
        for (at, _) in self.0.iter().enumerate().filter(|(_, number)| **number > 0.0) {
            bytes[at / 8] |= 1 << (at % 8);
        }
        WordSketch(bytes)
    }
}

/// The signs of a word's vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WordSketch(pub [u8; SKETCH_BYTES]);

/// A word of a question that says what it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct QuestionWord {
    /// The word as it was typed.
    pub text: String,
    /// Its vector.
    pub vector: WordVector,
}

/// How the words of a question and the words of a passage match.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WordMatches {
    /// For each word of the question its IDF in the index.
    pub weights: Vec<f32>,
    /// For each word of the question the cosines, from -1 to 1, with each word of the passage, one word of the question
    /// after the other.
    pub cosines: Vec<f32>,
    /// Where these words of the passage stand in its text, in bytes; nowhere (0 to 0) for those above it. Empty unless
    /// somebody wanted to know.
    pub places: Vec<Range<usize>>,
}

impl WordMatches {
    /// How many words of the passage were compared.
    pub fn words(&self) -> usize {
        self.cosines.len().checked_div(self.weights.len()).unwrap_or(0)
    }

    /// The words of the passage that stand in a part of its text.
    pub fn words_in(&self, part: &Range<usize>) -> Range<usize> {
        let within =
            |place: &Range<usize>| part.start <= place.start && place.end <= part.end && !place.is_empty();
        let first = self.places.iter().position(within).unwrap_or(0);
        let count = self.places.iter().skip(first).take_while(|place| within(place)).count();
        first..first + count
    }

    /// For each word of the question its IDF and its greatest cosine with one of these words of the passage, from -1 to 1;
    /// 0 if there are none.
    pub fn best_in(&self, words: Range<usize>) -> impl Iterator<Item = (f32, f32)> {
        let all = self.words().max(1);
        let best = move |cosines: &[f32]| {
            let within = cosines.get(words.start..words.end.min(cosines.len())).unwrap_or_default();
            within.iter().copied().reduce(f32::max).unwrap_or(0.0)
        };
        let rows = self.cosines.chunks_exact(all).map(Some).chain(std::iter::repeat(None));
        self.weights.iter().zip(rows).map(move |(&weight, row)| (weight, row.map_or(0.0, &best)))
    }

    /// The mean, weighted by IDF, of each question word's greatest cosine with one of these words of the passage.
    pub fn interaction_in(&self, words: Range<usize>) -> f32 {
        let (mut sum, mut all) = (0.0, 0.0);
        for (weight, cosine) in self.best_in(words) {
            sum += f64::from(weight) * f64::from(cosine);
            all += f64::from(weight);
        }
        if all > 0.0 { (sum / all) as f32 } else { 0.0 }
    }

    /// The same with all words of the passage; 0 if nothing was compared.
    pub fn interaction(&self) -> f32 {
        self.interaction_in(0..self.words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_of_the_question_finds_the_word_that_it_is_most_like() {
        let cosines = vec![0.2, 0.8, 0.1, -0.5, -0.25, 0.5];
        let places = vec![0..0, 3..5, 6..9];
        let matches = WordMatches { weights: vec![3.0, 1.0], cosines, places };
        assert_eq!((matches.words_in(&(0..9)), matches.words_in(&(5..9))), (1..3, 2..3));
        assert!(matches.words_in(&(4..8)).is_empty() && matches.words_in(&(0..0)).is_empty());
        assert_eq!(matches.words(), 3);
        assert_eq!(matches.best_in(0..3).collect::<Vec<_>>(), [(3.0, 0.8), (1.0, 0.5)]);
        assert!((matches.interaction() - 0.725).abs() < 1e-6);
        assert!((matches.interaction_in(0..1) - 0.025).abs() < 1e-6);
        assert_eq!(matches.best_in(2..2).collect::<Vec<_>>(), [(3.0, 0.0), (1.0, 0.0)]);
        assert_eq!(matches.best_in(7..9).collect::<Vec<_>>(), [(3.0, 0.0), (1.0, 0.0)]);
    }

    #[test]
    fn nothing_is_like_nothing() {
        let nothing = WordMatches::default();
        assert_eq!((nothing.words(), nothing.interaction()), (0, 0.0));
        let empty = WordMatches { weights: vec![1.0, 2.0], ..WordMatches::default() };
        assert_eq!((empty.words(), empty.interaction(), empty.best_in(0..1).count()), (0, 0.0, 2));
    }

    #[test]
    fn a_sketch_has_the_signs() {
        let mut vector = WordVector([-1.0; BITS]);
        for at in [0, 9, 95] {
            vector.0[at] = 0.5;
        }
        vector.0[10] = f32::NAN;
        let mut bytes = [0; SKETCH_BYTES];
        (bytes[0], bytes[1], bytes[11]) = (1, 2, 128);
        assert_eq!(vector.sketch(), WordSketch(bytes));
    }
}
