//! The nearest vectors, by comparing with all of them in 32-bit floats: the truth that engines are measured by.

use rayon::prelude::*;

use super::raw::DIM;

/// Rows that are compared with many queries while they are in the processor's cache.
const BLOCK: usize = 256;
/// Queries that go through the rows together.
const QUERIES: usize = 50;

/// Cosines that differ by less are the same: engines add up in different orders.
const TOLERANCE: f32 = 1e-6;

/// Sums that are added up side by side, so that they go into wide registers.
const LANES: usize = 16;

/// The inner product of two vectors: of unit length, their cosine.
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; LANES];
    let (a, b) = (a.as_chunks::<LANES>().0, b.as_chunks::<LANES>().0);
    for (a, b) in a.iter().zip(b) {
        for at in 0..LANES {
            sums[at] += a[at] * b[at];
        }
    }
    sums.iter().sum()
}

/// For each query the `k` rows nearest to it, best first, with their cosines; of the rows that `keep` lets through, of
/// which there may be fewer.
pub(super) fn nearest(
    base: &[f32],
    queries: &[f32],
    k: usize,
    keep: impl Fn(usize) -> bool + Sync,
) -> Vec<Vec<(u32, f32)>> {
    let some = |queries: &[f32]| {
        let mut tops = vec![Vec::with_capacity(k + 1); queries.len() / DIM];
        for (block, rows) in base.chunks(BLOCK * DIM).enumerate() {
            let wanted: Vec<(usize, &[f32])> =
                (block * BLOCK..).zip(rows.chunks_exact(DIM)).filter(|&(row, _)| keep(row)).collect();
            for (top, query) in tops.iter_mut().zip(queries.chunks_exact(DIM)) {
                for &(row, vector) in &wanted {
                    push(top, k, (row as u32, dot(query, vector)));
                }
            }
        }
        tops
    };
    queries.par_chunks(QUERIES * DIM).flat_map_iter(some).collect()
}

/// Takes a row into the best `k` if it belongs there.
fn push(top: &mut Vec<(u32, f32)>, k: usize, found: (u32, f32)) {
    if top.len() == k && top.last().is_some_and(|worst| worst.1 >= found.1) {
        return;
    }
    let place = top.partition_point(|better| better.1 >= found.1);
    top.insert(place, found);
    top.truncate(k);
}

/// The share of what should be found that was: of the rows found for each query, those that are no farther from it than
/// the last of the nearest rows, which `truth` has.
pub(super) fn recall(base: &[f32], queries: &[f32], truth: &[Vec<u32>], found: &[Vec<u32>]) -> f64 {
    let vector = |row: u32| &base[row as usize * DIM..(row as usize + 1) * DIM];
    let mut hits = 0;
    for ((query, truth), found) in queries.chunks_exact(DIM).zip(truth).zip(found) {
        let Some(&last) = truth.last() else { continue };
        let enough = dot(query, vector(last)) - TOLERANCE;
        let mut found = found.clone();
        found.sort_unstable();
        found.dedup();
        let near = found.iter().filter(|&&row| dot(query, vector(row)) >= enough).count();
        hits += near.min(truth.len());
    }
    hits as f64 / truth.iter().map(Vec::len).sum::<usize>() as f64
}
