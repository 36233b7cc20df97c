//! The best rows of a list, in one order whatever the order they come in.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::hit::{Candidate, Row};

/// A row with its score. The greater of two has the higher score or, at the same score, the smaller passage id; rows
/// themselves don't count, since they depend on the order of updates.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scored {
    /// Higher is better; never NaN.
    pub(super) score: f32,
    /// The passage's id.
    pub(super) id: u128,
    /// The passage's row.
    pub(super) row: Row,
}

impl Ord for Scored {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score.total_cmp(&other.score).then_with(|| other.id.cmp(&self.id))
    }
}

impl PartialOrd for Scored {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Scored {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Scored {}

/// The greatest `k` of the rows that it is given.
#[derive(Debug)]
pub(super) struct Top {
    k: usize,
    heap: BinaryHeap<Reverse<Scored>>,
}

impl Top {
    /// Room for `k` rows; memory is taken only as rows come.
    pub(super) fn new(k: usize) -> Self {
        Self { k, heap: BinaryHeap::new() }
    }

    /// The score that a row must reach to have a chance.
    pub(super) fn threshold(&self) -> f32 {
        match self.heap.peek() {
            Some(Reverse(least)) if self.heap.len() >= self.k => least.score,
            _ => f32::NEG_INFINITY,
        }
    }

    /// How many rows are kept now.
    pub(super) fn len(&self) -> usize {
        self.heap.len()
    }

    /// Keeps a row if it is among the best so far.
    pub(super) fn push(&mut self, scored: Scored) {
        if self.heap.len() < self.k {
            self.heap.push(Reverse(scored));
        } else if let Some(mut least) = self.heap.peek_mut()
            && scored > least.0
        {
            *least = Reverse(scored);
        }
    }

    /// The best of both.
    pub(super) fn merge(mut self, other: Self) -> Self {
        for Reverse(scored) in other.heap {
            self.push(scored);
        }
        self
    }

    /// The rows that were kept, the greatest first.
    pub(super) fn into_candidates(self) -> Vec<Candidate> {
        let ascending = self.heap.into_sorted_vec();
        ascending.into_iter().map(|Reverse(Scored { row, score, .. })| Candidate { row, score }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_come_first_and_ties_break_by_id() {
        let all = [(0.5, 3), (0.9, 7), (0.5, 1), (0.1, 9), (0.5, 2)];
        for rotation in 0..all.len() {
            let mut top = Top::new(3);
            for at in 0..all.len() {
                let (score, id) = all[(at + rotation) % all.len()];
                let row = Row::new(id as u64);
                top.push(Scored { score, id, row });
            }
            let docs: Vec<u64> = top.into_candidates().iter().map(|found| found.row.number()).collect();
            assert_eq!(docs, [7, 1, 2]);
        }
        assert!(Top::new(0).into_candidates().is_empty());
    }
}
