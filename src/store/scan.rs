//! The rows nearest to a question, found by comparing it with each.

use rayon::prelude::*;

use super::accept::Accept;
use super::checksummed_file::BlockError;
use super::dense::{Compared, DenseQuery};
use super::row::Address;
use super::top::{Scored, Top};
use super::vectors::VectorFile;
use crate::threads;

/// The rows of one task: about 1.5 MiB of codes.
const ROWS_PER_TASK: usize = 4096;
/// The rows that are compared at once: those of one word of a bit set.
const ROWS_AT_ONCE: usize = 64;

/// A comparison of a question with every vector of a segment.
pub(super) struct Scan<'a> {
    /// The number of the segment.
    pub(super) segment: u32,
    pub(super) vectors: &'a VectorFile,
}

impl Scan<'_> {
    /// Finds the `k` accepted rows nearest to the question, best first by cosine and then by passage id.
    pub(super) fn nearest(
        &self,
        query: &DenseQuery,
        k: usize,
        accept: Accept<'_>,
    ) -> Result<Top, BlockError> {
        let rows = self.vectors.rows();
        let scan = |task: usize| {
            let mut top = Top::new(k);
            let end = rows.min((task + 1) * ROWS_PER_TASK);
            for start in (task * ROWS_PER_TASK..end).step_by(ROWS_AT_ONCE) {
                self.scan(query, accept.rows(start as u32..end.min(start + ROWS_AT_ONCE) as u32), &mut top)?;
            }
            Ok(top)
        };
        let tasks = rows.div_ceil(ROWS_PER_TASK);
        if threads::are_for(tasks) {
            let tops = (0..tasks).into_par_iter().map(scan);
            return tops.try_reduce(|| Top::new(k), |a, b| Ok(a.merge(b)));
        }
        (0..tasks).try_fold(Top::new(k), |top, task| Ok(top.merge(scan(task)?)))
    }

    /// Compares the question with at most [`ROWS_AT_ONCE`] rows.
    fn scan(
        &self,
        query: &DenseQuery,
        rows: impl Iterator<Item = u32>,
        top: &mut Top,
    ) -> Result<(), BlockError> {
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
                top.push(Scored {
                    score,
                    id: vectors.id(doc as usize)?,
                    row: Address { segment, doc }.into(),
                });
            }
        }
        Ok(())
    }
}
