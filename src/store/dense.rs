//! The rows whose vectors are nearest to a question's, by cosine.
//!
//! A question keeps far more precision than the stored codes: it is rounded to sixteen-bit integers, so that
//! the sums are integers too and come out the same on every processor and in every order.

use std::ops::Range;

use rayon::prelude::*;

use super::blocks::Damage;
use super::segment::Accept;
use super::top::{Scored, Top};
use super::vectors::{VectorFile, finite, largest};
use super::windows::Window;
#[cfg(test)]
use super::windows::tests::file as file_of;
use crate::hit::{Evidence, Row, SentenceEvidence};

/// How many rows one task scans; about 1.5 MiB of codes.
const ROWS_PER_TASK: usize = 4096;
/// How many rows are read at a time: enough that looking whether they are undamaged costs nothing, and few enough that
/// little is read for the one row in many that a filter lets through.
const ROWS_PER_RUN: usize = 32;

/// A question's vector, ready to be compared.
#[derive(Clone, Debug)]
pub(super) struct Query {
    codes: Vec<i16>,
    inverse_length: f64,
}

impl Query {
    /// Rounds a vector. Its length doesn't matter; numbers that aren't finite count as 0.
    pub(super) fn new(values: &[f32]) -> Self {
        let largest = largest(values);
        // No sum of products with codes up to 127 may exceed 31 bits.
        let most = (i32::MAX / 127 / values.len().max(1) as i32).min(i32::from(i16::MAX));
        let code = |&value: &f32| {
            let share = if largest > 0.0 { f64::from(finite(value)) / f64::from(largest) } else { 0.0 };
            (share * f64::from(most)).round_ties_even() as i16
        };
        let codes: Vec<i16> = values.iter().map(code).collect();
        let squares: i64 = codes.iter().map(|&code| i64::from(code) * i64::from(code)).sum();
        let inverse_length = if squares == 0 { 0.0 } else { 1.0 / (squares as f64).sqrt() };
        Self { codes, inverse_length }
    }

    /// The cosine of the question's vector and a row's; 0 if either has no length.
    pub(super) fn cosine(&self, vectors: &VectorFile, row: usize) -> Result<f32, Damage> {
        Ok(self.cosine_of(vectors.codes(row)?, vectors.inverse_length(row)?))
    }

    /// The cosine of the question's vector and that of some codes.
    fn cosine_of(&self, codes: &[u8], inverse_length: f32) -> f32 {
        (f64::from(dot(&self.codes, codes)) * self.inverse_length * f64::from(inverse_length)) as f32
    }
}

impl Query {
    /// The cosines of the question's vector with those of a passage's sentences: `windows` are that of what stands
    /// above its content, then those of its sentences.
    pub(super) fn evidence(&self, windows: &[Window]) -> Evidence {
        let Some((context, sentences)) = windows.split_first() else { return Evidence::default() };
        // Vectors are scaled to their own length, since rounding has changed that of the codes.
        let unit = |window: &Window| {
            let squares = f64::from(window.dot(window));
            if squares > 0.0 { 1.0 / squares.sqrt() } else { 0.0 }
        };
        let cosine = |window: &Window, unit: f64| {
            let codes: Vec<u8> = window.codes.iter().map(|&code| code as u8).collect();
            f64::from(dot(&self.codes, &codes)) * self.inverse_length * unit
        };
        let context_unit = unit(context);
        let (context_length, context_cosine) = (f64::from(context.length), cosine(context, context_unit));
        let of = |sentence: &Window| {
            let (unit, length) = (unit(sentence), f64::from(sentence.length));
            let alone = cosine(sentence, unit);
            let between = f64::from(sentence.dot(context)) * unit * context_unit;
            let squares =
                length * length + context_length * context_length + 2.0 * length * context_length * between;
            let together = length * alone + context_length * context_cosine;
            let in_context = if squares > 0.0 { together / squares.sqrt() } else { 0.0 };
            SentenceEvidence { alone: alone as f32, in_context: in_context as f32 }
        };
        Evidence { context: context_cosine as f32, sentences: sentences.iter().map(of).collect() }
    }
}

/// The inner product of a question's codes and a row's, which are the bytes of `i8`s.
///
/// Two products at a time into sixteen sums: a shape that becomes multiply-and-add-pairs instructions.
fn dot(query: &[i16], codes: &[u8]) -> i32 {
    let product = |query: i16, code: u8| i32::from(query) * i32::from(code as i8);
    let (query_blocks, query_rest) = query.as_chunks::<32>();
    let (code_blocks, code_rest) = codes.as_chunks::<32>();
    let mut sums = [0; 16];
    for (query, codes) in query_blocks.iter().zip(code_blocks) {
        for (at, sum) in sums.iter_mut().enumerate() {
            *sum += product(query[at], codes[at]) + product(query[16 + at], codes[16 + at]);
        }
    }
    let rest: i32 = query_rest.iter().zip(code_rest).map(|(&query, &code)| product(query, code)).sum();
    sums.iter().sum::<i32>() + rest
}

/// A way of finding the nearest rows of one segment.
pub(super) trait Neighbours {
    /// Finds the `k` accepted rows nearest to the question, best first by cosine and then by passage id.
    fn nearest(&self, query: &Query, k: usize, accept: Accept<'_>) -> Result<Top, Damage>;
}

/// Compares the question with every vector.
pub(super) struct Exact<'a> {
    /// The number of the segment.
    pub(super) segment: u32,
    pub(super) vectors: &'a VectorFile,
}

impl Neighbours for Exact<'_> {
    fn nearest(&self, query: &Query, k: usize, accept: Accept<'_>) -> Result<Top, Damage> {
        let tasks = self.vectors.rows().div_ceil(ROWS_PER_TASK);
        let scan = |task: usize| {
            let mut top = Top::new(k);
            let end = self.vectors.rows().min((task + 1) * ROWS_PER_TASK);
            for start in (task * ROWS_PER_TASK..end).step_by(ROWS_PER_RUN) {
                self.scan(query, start..end.min(start + ROWS_PER_RUN), accept, &mut top)?;
            }
            Ok(top)
        };
        (0..tasks).into_par_iter().map(scan).try_reduce(|| Top::new(k), |a, b| Ok(a.merge(b)))
    }
}

impl Exact<'_> {
    /// Compares the question with some rows that follow each other.
    fn scan(
        &self,
        query: &Query,
        rows: Range<usize>,
        accept: Accept<'_>,
        top: &mut Top,
    ) -> Result<(), Damage> {
        let Self { segment, vectors } = *self;
        if !rows.clone().any(|row| accept.contains(row as u32)) {
            return Ok(());
        }
        let run = vectors.run(rows.clone())?;
        let dim = run.len() / rows.len();
        for (at, row) in rows.enumerate() {
            let doc = row as u32;
            if accept.contains(doc) {
                let score = query.cosine_of(&run[at * dim..(at + 1) * dim], vectors.inverse_length(row)?);
                if score >= top.threshold() {
                    top.push(Scored { score, id: vectors.id(row)?, row: Row { segment, doc } });
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_exact_for_any_size_and_never_overflow() {
        for dim in [0, 1, 15, 31, 32, 33, 384, 512, 517, 1024, 4096] {
            for (value, code) in [(1.0, 127i8), (-1.0, 127), (-0.25, -127)] {
                let query = Query::new(&vec![value; dim]);
                let codes = vec![code as u8; dim];
                let expected: i64 = query.codes.iter().map(|&q| i64::from(q) * i64::from(code)).sum();
                assert_eq!(i64::from(dot(&query.codes, &codes)), expected, "{dim} × {value} × {code}");
            }
        }
        let query: Vec<i16> = (0..77).map(|at| at * 401 - 15_000).collect();
        let codes: Vec<u8> = (0..77).map(|at| (at * 53 % 256) as u8).collect();
        let expected: i32 = (0..77).map(|at| i32::from(query[at]) * i32::from(codes[at] as i8)).sum();
        assert_eq!(dot(&query, &codes), expected);
    }

    #[test]
    fn sentences_are_compared_alone_and_in_context() {
        let windows = [vec![4.0, 0.0], vec![0.0, 2.0], vec![3.0, 0.0], vec![0.0, 0.0]];
        let file = file_of(&[windows.to_vec(), vec![]], 2);
        let evidence = Query::new(&[0.0, 1.0]).evidence(&file.windows(0).unwrap());
        assert!(evidence.context.abs() < 1e-6);
        let near = |sentence: usize, alone: f32, in_context: f32| {
            let got = evidence.sentences[sentence];
            assert!(
                (got.alone - alone).abs() < 1e-5 && (got.in_context - in_context).abs() < 1e-5,
                "{got:?}"
            );
        };
        near(0, 1.0, 2.0 / 20f32.sqrt());
        near(1, 0.0, 0.0);
        near(2, 0.0, 0.0);
        let (alone, in_context) = evidence.best().unwrap();
        assert!((alone - 1.0).abs() < 1e-5 && (in_context - 2.0 / 20f32.sqrt()).abs() < 1e-5);
        let nothing = Query::new(&[0.0, 1.0]).evidence(&file.windows(1).unwrap());
        assert_eq!((nothing.best(), nothing.sentences.len()), (None, 0));
    }

    #[test]
    fn a_question_of_nothing_is_like_nothing() {
        for values in [[0.0, 0.0], [f32::NAN, f32::INFINITY]] {
            let query = Query::new(&values);
            assert_eq!(query.codes, [0, 0]);
            assert!(query.inverse_length == 0.0);
        }
    }
}
