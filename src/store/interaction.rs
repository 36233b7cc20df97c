//! The words of a question, ready to be compared with the sketches of passages' words.
//!
//! The numbers of a question's word are rounded to integers, and those of a sketch are all of one size, so that sums are
//! exact integers and cosines come out the same on every processor. Eight bits of a sketch are one look into a table.

use super::lexical::LexicalQuery;
use crate::word_vector::{BITS, QuestionWord, SKETCH_BYTES, WordMatches};

/// The greatest magnitude of a number: sums of eight of them fit in sixteen bits.
const MOST: f32 = 2047.0;

/// Sums of the numbers of a word by each value of each byte of a sketch.
type Tables = [[i16; 256]; SKETCH_BYTES];

/// The words of a question.
#[derive(Debug)]
pub(super) struct WordQuery {
    weights: Vec<f32>,
    words: Vec<(Box<Tables>, f64)>,
}

impl WordQuery {
    /// Rounds the vectors of the words, and weighs them by their IDF.
    pub(super) fn new(words: &[QuestionWord], lexical: &LexicalQuery) -> Self {
        Self {
            weights: words.iter().map(|word| lexical.idf_of(&word.text)).collect(),
            words: words.iter().map(|word| tables(&word.vector.0)).collect(),
        }
    }

    /// Compares all words with the sketches of a passage's words.
    pub(super) fn matches(&self, sketches: &[[u8; SKETCH_BYTES]]) -> WordMatches {
        let mut cosines = Vec::with_capacity(self.words.len() * sketches.len());
        for (tables, factor) in &self.words {
            cosines.extend(sketches.iter().map(|sketch| {
                let sums = sketch.iter().zip(&**tables).map(|(&byte, table)| table[usize::from(byte)]);
                (f64::from(sums.map(i32::from).sum::<i32>()) * factor) as f32
            }));
        }
        WordMatches { weights: self.weights.clone(), cosines, places: Vec::new() }
    }
}

/// The tables of a word, and the factor that makes a cosine of a sum.
fn tables(numbers: &[f32; BITS]) -> (Box<Tables>, f64) {
    let largest =
        numbers.iter().filter(|number| number.is_finite()).fold(0.0f32, |most, x| most.max(x.abs()));
    let code = |number: f32| {
        let step = if number.is_finite() && largest > 0.0 { number / largest * MOST } else { 0.0 };
        step.round_ties_even() as i16
    };
    let codes = numbers.map(code);
    let squares: i64 = codes.iter().map(|&code| i64::from(code) * i64::from(code)).sum();
    let mut tables = Box::new([[0; 256]; SKETCH_BYTES]);
    for (table, codes) in tables.iter_mut().zip(codes.as_chunks::<8>().0) {
        table[0] = -codes.iter().sum::<i16>();
        for byte in 1..256_usize {
            // One more bit that is set changes a sign.
            let bit = byte.trailing_zeros() as usize;
            table[byte] = table[byte & (byte - 1)] + 2 * codes[bit];
        }
    }
    let factor = if squares > 0 { 1.0 / (squares as f64 * BITS as f64).sqrt() } else { 0.0 };
    (tables, factor)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::word_vector::WordVector;

    proptest! {
        #[test]
        fn cosines_are_those_of_the_numbers_and_the_signs(
            numbers in prop::collection::vec(-3.0f32..3.0, BITS), bits in any::<[u8; SKETCH_BYTES]>(),
        ) {
            let numbers: [f32; BITS] = numbers.try_into().unwrap();
            let (tables, factor) = tables(&numbers);
            let query = WordQuery { weights: vec![1.0], words: vec![(tables, factor)] };
            let matches = query.matches(&[bits, numbers_sketch(&numbers)]);
            let sign = |at: usize| if bits[at / 8] >> (at % 8) & 1 == 1 { 1.0 } else { -1.0 };
            let product: f64 = (0..BITS).map(|at| f64::from(numbers[at]) * sign(at)).sum();
            let length: f64 = numbers.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt();
            let expected = product / length.max(1e-9) / (BITS as f64).sqrt();
            prop_assert!((f64::from(matches.cosines[0]) - expected).abs() < 2e-3);
            prop_assert!(matches.cosines[1] >= matches.cosines[0]);
        }
    }

    fn numbers_sketch(numbers: &[f32; BITS]) -> [u8; SKETCH_BYTES] {
        WordVector(*numbers).sketch().0
    }

    #[test]
    fn a_word_of_nothing_is_like_nothing() {
        for number in [0.0, f32::NAN, f32::INFINITY] {
            let (tables, factor) = tables(&[number; BITS]);
            let query = WordQuery { weights: vec![1.0], words: vec![(tables, factor)] };
            assert_eq!(query.matches(&[[7; SKETCH_BYTES]]).cosines, [0.0]);
        }
        let (tables, factor) = tables(&[1.0; BITS]);
        let query = WordQuery { weights: vec![1.0], words: vec![(tables, factor)] };
        assert_eq!(query.matches(&[[255; SKETCH_BYTES], [0; SKETCH_BYTES]]).cosines, [1.0, -1.0]);
    }
}
