//! The rows whose vectors are nearest to a question's, by cosine.
//!
//! A question keeps far more precision than the stored codes: it is rounded to sixteen-bit integers, so that
//! the sums are integers too and come out the same on every processor and in every order.

use rayon::prelude::*;

use super::blocks::Damage;
use super::graph::search::Effort;
use super::kernel;
use super::segment::Accept;
use super::top::{Scored, Top};
use super::vectors::{VectorFile, finite, largest};
use super::windows::Window;
#[cfg(test)]
use super::windows::tests::file as file_of;
use crate::hit::{Evidence, Row, SentenceEvidence};

/// How many rows one task scans; about 1.5 MiB of codes.
const ROWS_PER_TASK: usize = 4096;
/// How many rows are compared at once: those of one word of a set.
const ROWS_AT_ONCE: usize = 64;

/// The number of rows from which a segment has a graph: with fewer, a scan takes no time worth saving.
pub(super) const FEWEST_WITH_GRAPH: usize = 8_000;
/// How many of the nearest nodes a search of a graph keeps (`ef_search`): for each row that is wanted, at least, and in a
/// graph of 100,000 rows; with the number of rows grows how many lie close to each other. Sketches tell the hundred
/// nearest from the next worse than the ten nearest.
const EF_PER_ROW: usize = 4;
const LEAST_EF: usize = 128;
const EF_OF_100_000: f64 = 320.0;
/// What a graph's search costs for each node that it keeps, in rows that are scanned in the same time; measured in
/// `benches/README.md`. A filter that lets one row in n through makes the search n times as long, and the scan n times as
/// short.
const ROWS_PER_EF: usize = 25;
/// A comparison in a graph takes as long as that of so many rows that follow each other.
const ROWS_PER_COMPARISON: usize = 2;

/// How the rows nearest to a question are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// By whatever is faster: through a segment's graph, or by comparing the question with each row.
    #[default]
    Fastest,
    /// By comparing the question with each row.
    Exact,
    /// Through the graph, where there is one.
    Graph {
        /// How many of the nearest nodes are kept on the way; more find more and take longer.
        ef_search: usize,
    },
}

impl Strategy {
    /// What a search of a graph for `k` of so many accepted of all rows may cost; `None` if the rows are to be scanned.
    pub(super) fn effort(self, k: usize, accepted: usize, rows: usize) -> Option<Effort> {
        match self {
            Self::Exact => None,
            Self::Graph { ef_search } => Some(Effort { ef: ef_search.max(k), most: usize::MAX }),
            Self::Fastest => {
                let of_rows = (EF_OF_100_000 * (rows as f64 / 1e5).sqrt()) as usize;
                let ef = of_rows.max(LEAST_EF).max(k.saturating_mul(EF_PER_ROW));
                let cost = ef as u128 * ROWS_PER_EF as u128;
                let scan_is_faster = accepted as u128 * accepted as u128 <= rows as u128 * cost;
                // Where the graph leads astray, no more is lost than the scan takes.
                (!scan_is_faster).then_some(Effort { ef, most: accepted / ROWS_PER_COMPARISON })
            }
        }
    }
}

/// Something that rows are compared with, many at once.
pub(super) trait Compared: Sync {
    /// An integer for each of some rows; as many as there are places for.
    fn sums(&self, rows: &[&[u8]], sums: &mut [i32]);

    /// A row's cosine from its integer and the number that belongs to it.
    fn scale(&self, sum: i32, of_row: f32) -> f32;
}

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
        // No sum of products may exceed 31 bits, not even with codes of -128, which only a made-up file has.
        let most = (i32::MAX / 128 / values.len().max(1) as i32).min(i32::from(i16::MAX));
        let code = |&value: &f32| {
            let share = if largest > 0.0 { f64::from(finite(value)) / f64::from(largest) } else { 0.0 };
            (share * f64::from(most)).round_ties_even() as i16
        };
        let codes: Vec<i16> = values.iter().map(code).collect();
        let squares: i64 = codes.iter().map(|&code| i64::from(code) * i64::from(code)).sum();
        let inverse_length = if squares == 0 { 0.0 } else { 1.0 / (squares as f64).sqrt() };
        Self { codes, inverse_length }
    }

    /// Becomes the vector of a row instead, that is compared with others.
    pub(super) fn become_row(&mut self, codes: &[u8], inverse_length: f32) {
        self.codes.clear();
        self.codes.extend(codes.iter().map(|&code| i16::from(code as i8)));
        self.inverse_length = f64::from(inverse_length);
    }

    /// The cosine of the question's vector and a row's; 0 if either has no length.
    pub(super) fn cosine(&self, vectors: &VectorFile, row: usize) -> Result<f32, Damage> {
        Ok(self.scale(self.dot(vectors.codes(row)?), vectors.inverse_length(row)?))
    }

    /// Its numbers, all scaled by the same factor.
    pub(super) fn codes(&self) -> &[i16] {
        &self.codes
    }

    fn dot(&self, codes: &[u8]) -> i32 {
        let mut sum = [0];
        self.sums(&[codes], &mut sum);
        sum[0]
    }
}

/// By the inner products with rows' codes, and 1 / their lengths.
impl Compared for Query {
    fn sums(&self, rows: &[&[u8]], sums: &mut [i32]) {
        kernel::dots()(&self.codes, rows, sums);
    }

    #[inline]
    fn scale(&self, sum: i32, inverse_length: f32) -> f32 {
        (f64::from(sum) * self.inverse_length * f64::from(inverse_length)) as f32
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
            f64::from(self.dot(&codes)) * self.inverse_length * unit
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

/// Compares the question with every vector.
pub(super) struct Exact<'a> {
    /// The number of the segment.
    pub(super) segment: u32,
    pub(super) vectors: &'a VectorFile,
}

impl Exact<'_> {
    /// Finds the `k` accepted rows nearest to the question, best first by cosine and then by passage id.
    pub(super) fn nearest(&self, query: &Query, k: usize, accept: Accept<'_>) -> Result<Top, Damage> {
        let rows = self.vectors.rows();
        let scan = |task: usize| {
            let mut top = Top::new(k);
            let end = rows.min((task + 1) * ROWS_PER_TASK);
            for start in (task * ROWS_PER_TASK..end).step_by(ROWS_AT_ONCE) {
                self.scan(query, accept.rows(start as u32..end.min(start + ROWS_AT_ONCE) as u32), &mut top)?;
            }
            Ok(top)
        };
        (0..rows.div_ceil(ROWS_PER_TASK))
            .into_par_iter()
            .map(scan)
            .try_reduce(|| Top::new(k), |a, b| Ok(a.merge(b)))
    }

    /// Compares the question with some rows, at most as many as are compared at once.
    fn scan(&self, query: &Query, rows: impl Iterator<Item = u32>, top: &mut Top) -> Result<(), Damage> {
        let Self { segment, vectors } = *self;
        let (mut docs, mut codes, mut count) = ([0; ROWS_AT_ONCE], [&[][..]; ROWS_AT_ONCE], 0);
        for doc in rows {
            (docs[count], codes[count]) = (doc, vectors.codes(doc as usize)?);
            count += 1;
        }
        let mut sums = [0; ROWS_AT_ONCE];
        query.sums(&codes[..count], &mut sums[..count]);
        for (&doc, &sum) in docs[..count].iter().zip(&sums) {
            let score = query.scale(sum, vectors.inverse_length(doc as usize)?);
            if score >= top.threshold() {
                top.push(Scored { score, id: vectors.id(doc as usize)?, row: Row { segment, doc } });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_sum_overflows() {
        for dim in [0, 1, 384, 517, 1024, 4096] {
            for (value, code) in [(1.0, 127i8), (-1.0, 127), (-0.25, -127)] {
                let query = Query::new(&vec![value; dim]);
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
    fn what_is_few_is_scanned() {
        let scanned = |accepted, rows| Strategy::Fastest.effort(10, accepted, rows).is_none();
        assert!(scanned(0, 0) && scanned(3_000, 3_000) && !scanned(50_000, 50_000));
        assert!(scanned(100_000, 1_000_000) && !scanned(500_000, 1_000_000));
        assert_eq!(Strategy::Exact.effort(10, 1 << 20, 1 << 20).map(|effort| effort.ef), None);
        let effort = Strategy::Graph { ef_search: 5 }.effort(10, 3, 3);
        assert_eq!(effort.map(|effort| effort.ef), Some(10));
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
