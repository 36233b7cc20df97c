//! A question's vector, and the comparison of vectors.
//!
//! A question keeps far more precision than the stored codes: it is rounded to sixteen-bit integers, so that
//! the sums are integers too and come out the same on every processor and in every order.

use super::checksummed_file::BlockError;
use super::kernel;
use super::part_vectors::SentenceVector;
#[cfg(test)]
use super::part_vectors::tests::file as file_of;
use super::vectors::{VectorFile, finite, largest, rounded};
use crate::hit::{Evidence, SentenceEvidence};

/// Anything that rows are compared with, many at once.
pub(super) trait Compared: Sync {
    /// Computes an integer for each of some rows.
    fn sums(&self, rows: &[&[u8]], sums: &mut [i32]);

    /// The cosine of a row, from its integer and its factor.
    fn scale(&self, sum: i32, of_row: f32) -> f32;
}

/// A question's vector, ready to be compared.
#[derive(Clone, Debug)]
pub(super) struct DenseQuery {
    codes: Vec<i16>,
    inverse_length: f64,
}

impl DenseQuery {
    /// Rounds a vector. Its length doesn't matter; numbers that aren't finite count as 0.
    pub(super) fn new(values: &[f32]) -> Self {
        let largest = largest(values);
        // No sum of products may exceed 31 bits, not even with codes of -128, which only a made-up file has.
        let most = (i32::MAX / 128 / values.len().max(1) as i32).min(i32::from(i16::MAX));
        let code = |&value: &f32| {
            let share = if largest > 0.0 { f64::from(finite(value)) / f64::from(largest) } else { 0.0 };
            rounded(share * f64::from(most)) as i16
        };
        let codes: Vec<i16> = values.iter().map(code).collect();
        let squares: i64 = codes.iter().map(|&code| i64::from(code) * i64::from(code)).sum();
        let inverse_length = if squares == 0 { 0.0 } else { 1.0 / (squares as f64).sqrt() };
        Self { codes, inverse_length }
    }

    /// Takes the vector of a row, which is then compared with others.
    pub(super) fn become_row(&mut self, codes: &[u8], inverse_length: f32) {
        self.codes.clear();
        self.codes.extend(codes.iter().map(|&code| i16::from(code as i8)));
        self.inverse_length = f64::from(inverse_length);
    }

    /// The cosine of the question's vector and a row's; 0 if either has no length.
    pub(super) fn cosine(&self, vectors: &VectorFile, row: usize) -> Result<f32, BlockError> {
        Ok(self.scale(self.dot(vectors.codes(row)?), vectors.inverse_length(row)?))
    }

    /// Its numbers, times a common factor.
    pub(super) fn codes(&self) -> &[i16] {
        &self.codes
    }

    fn dot(&self, codes: &[u8]) -> i32 {
        let mut sum = [0];
        self.sums(&[codes], &mut sum);
        sum[0]
    }
}

/// The integers are inner products with rows' codes, and the factors 1 / their lengths.
impl Compared for DenseQuery {
    fn sums(&self, rows: &[&[u8]], sums: &mut [i32]) {
        kernel::dots()(&self.codes, rows, sums);
    }

    #[inline]
    fn scale(&self, sum: i32, inverse_length: f32) -> f32 {
        (f64::from(sum) * self.inverse_length * f64::from(inverse_length)) as f32
    }
}

impl DenseQuery {
    /// The cosines of the question's vector with those of a passage's sentences, where it has this cosine with the passage's:
    /// `vectors` are that of what stands above its content, then those of its sentences.
    pub(super) fn evidence(&self, passage: f32, vectors: &[SentenceVector]) -> Evidence {
        let rows: Vec<&[u8]> = vectors.iter().map(|vector| &vector.codes[..]).collect();
        let mut sums = vec![0; rows.len()];
        self.sums(&rows, &mut sums);
        let cosine = |(vector, &sum): (&SentenceVector, &i32)| {
            f64::from(passage) * vector.along + f64::from(sum) * self.inverse_length * vector.step
        };
        let mut cosines = vectors.iter().zip(&sums).map(cosine);
        let Some(context) = cosines.next() else { return Evidence::default() };
        let of = |(alone, vector): (f64, &SentenceVector)| {
            let [own, of_context] = vector.weights;
            SentenceEvidence { alone: alone as f32, in_context: (own * alone + of_context * context) as f32 }
        };
        let sentences = cosines.zip(&vectors[1..]).map(of).collect();
        Evidence { context: context as f32, sentences, ..Evidence::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_sum_overflows() {
        for dim in [0, 1, 384, 517, 1024, 4096] {
            for (value, code) in [(1.0, 127i8), (-1.0, 127), (-0.25, -127)] {
                let query = DenseQuery::new(&vec![value; dim]);
                let expected: i64 = query.codes.iter().map(|&q| i64::from(q) * i64::from(code)).sum();
                assert_eq!(
                    i64::from(query.dot(&vec![code as u8; dim])),
                    expected,
                    "{dim} × {value} × {code}"
                );
            }
        }
    }

    #[test]
    fn sentences_are_compared_alone_and_in_context() {
        // Their passage's vector has a direction in the middle of these.
        let vectors = [vec![4.0, 0.0], vec![0.0, 2.0], vec![3.0, 0.0], vec![0.0, 0.0]];
        let file = file_of(&[vectors.to_vec(), vec![]], 2);
        let passage = 0.5f32.sqrt();
        let evidence = DenseQuery::new(&[0.0, 1.0]).evidence(passage, &file.sentences(0).unwrap());
        assert!(evidence.context.abs() < 0.01);
        let near = |sentence: usize, alone: f32, in_context: f32| {
            let got = evidence.sentences[sentence];
            assert!(
                (got.alone - alone).abs() < 0.01 && (got.in_context - in_context).abs() < 0.01,
                "{got:?}"
            );
        };
        near(0, 1.0, 2.0 / 20f32.sqrt());
        near(1, 0.0, 0.0);
        near(2, 0.0, 0.0);
        let (alone, in_context) = evidence.best().unwrap();
        assert!((alone - 1.0).abs() < 0.01 && (in_context - 2.0 / 20f32.sqrt()).abs() < 0.01);
        let nothing = DenseQuery::new(&[0.0, 1.0]).evidence(passage, &file.sentences(1).unwrap());
        assert_eq!((nothing.best(), nothing.sentences.len()), (None, 0));
    }

    #[test]
    fn a_question_of_nothing_is_like_nothing() {
        for values in [[0.0, 0.0], [f32::NAN, f32::INFINITY]] {
            let query = DenseQuery::new(&values);
            assert_eq!(query.codes, [0, 0]);
            assert!(query.inverse_length == 0.0);
        }
    }
}
