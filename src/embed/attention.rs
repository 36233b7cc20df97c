//! Self-attention over the tokens of one passage, written once for every kernel as `steps.rs` is.
//!
//! In `f32`: it is a small part of the work, and the products of queries and keys are what quantisation hurts
//! most. Both products are made of squares of 16 by 16: of keys and queries, with queries as the lanes of all
//! vectors, so that a score, its exponential and the sums over keys never cross lanes; and of queries and
//! values, with values as the lanes. Each number is summed in ascending order of what it is summed over, and
//! padding the last square with idle tokens leaves the others alone.

use super::steps::{Isa, LANES, Lanes, exp};

/// Buffers that attention reuses from head to head.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// A head's queries: `[token / 16][value][token % 16]`.
    queries: Vec<Lanes>,
    /// A head's keys, likewise.
    keys: Vec<Lanes>,
    /// A head's values: `[value / 16][token][value % 16]`.
    values: Vec<Lanes>,
    /// The scores of 16 queries, then the exponentials: `[key][query]`.
    scores: Vec<Lanes>,
}

/// Attends with all heads. `input` holds a row of queries, keys and values (three times `hidden`) per token,
/// `output` gets one of `hidden` per token.
#[inline(always)]
pub(super) fn attend<I: Isa>(
    input: &[f32],
    heads: usize,
    hidden: usize,
    scratch: &mut Scratch,
    output: &mut [f32],
) {
    let width = hidden / heads;
    let tokens = output.len() / hidden;
    let Scratch { queries, keys, values, scores } = scratch;
    let blocks = tokens.div_ceil(LANES);
    queries.resize(blocks * width, [0.0; LANES]);
    keys.resize(blocks * width, [0.0; LANES]);
    values.resize(width / LANES * tokens, [0.0; LANES]);
    scores.resize(blocks * LANES, [0.0; LANES]);
    let scale = 1.0 / (width as f32).sqrt();
    for head in 0..heads {
        let part =
            |token: usize, part: usize| &input[token * 3 * hidden + part * hidden + head * width..][..width];
        for token in 0..tokens {
            let block = token / LANES * width..;
            for (lanes, x) in queries[block.clone()].iter_mut().zip(part(token, 0)) {
                lanes[token % LANES] = x * scale;
            }
            for (lanes, x) in keys[block].iter_mut().zip(part(token, 1)) {
                lanes[token % LANES] = *x;
            }
            // Heads are multiples of 16 wide.
            for (at, lanes) in part(token, 2).as_chunks().0.iter().enumerate() {
                values[at * tokens + token] = *lanes;
            }
        }
        for (tile, queries) in queries.chunks_exact(width).enumerate() {
            for (keys, scores) in keys.chunks_exact(width).zip(scores.as_chunks_mut().0) {
                *scores = I::products(keys, queries);
            }
            let scores = &mut scores[..tokens];
            let sums = soften(scores);
            for (at, values) in values.chunks_exact(tokens).enumerate() {
                let mixed = I::products(scores, values);
                let rows = output[tile * LANES * hidden..].chunks_exact_mut(hidden);
                for ((row, lanes), sum) in rows.zip(&mixed).zip(&sums) {
                    for (out, x) in row[head * width + at * LANES..].iter_mut().zip(lanes) {
                        *out = x / sum;
                    }
                }
            }
        }
    }
}

/// Makes each score the exponential of its distance from its query's greatest, and returns their sums.
#[inline(always)]
fn soften(scores: &mut [Lanes]) -> Lanes {
    let mut most = [f32::MIN; LANES];
    for scores in &*scores {
        for (most, score) in most.iter_mut().zip(scores) {
            *most = if *score > *most { *score } else { *most };
        }
    }
    let mut sums = [0.0; LANES];
    for scores in scores {
        for (score, most) in scores.iter_mut().zip(&most) {
            *score = exp(*score - most);
        }
        for (sum, score) in sums.iter_mut().zip(scores) {
            *sum += *score;
        }
    }
    sums
}
