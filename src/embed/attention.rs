//! Self-attention over the tokens of one passage, written once for every kernel as `steps.rs` is.
//!
//! In `f32`: it is a small part of the work, and the products of queries and keys are what quantisation hurts
//! most. Sixteen queries are the lanes of all vectors here, so that a score, its exponential and the sums over
//! keys never cross lanes: each is summed in ascending order of what it is summed over, and padding the last
//! tile with idle queries leaves the others alone.

use super::steps::{Isa, LANES, Lanes, exp};

/// Rows of keys, or of transposed values, that are multiplied with a tile of queries at once.
const ROWS: usize = 8;

/// Buffers that attention reuses from head to head.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// A head's queries of a tile: `[value][query]`.
    queries: Vec<Lanes>,
    /// Their scores, then the exponentials: `[key][query]`.
    scores: Vec<Lanes>,
    /// A head's values, transposed: `[value][key]`.
    values: Vec<f32>,
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
    scratch.queries.resize(width, [0.0; LANES]);
    scratch.scores.resize(tokens, [0.0; LANES]);
    scratch.values.resize(width * tokens, 0.0);
    let scale = 1.0 / (width as f32).sqrt();
    for head in 0..heads {
        let part =
            |token: usize, part: usize| &input[token * 3 * hidden + part * hidden + head * width..][..width];
        for token in 0..tokens {
            for (value, x) in scratch.values.chunks_exact_mut(tokens).zip(part(token, 2)) {
                value[token] = *x;
            }
        }
        for first in (0..tokens).step_by(LANES) {
            let count = LANES.min(tokens - first);
            for query in 0..count {
                for (lanes, x) in scratch.queries.iter_mut().zip(part(first + query, 0)) {
                    lanes[query] = x * scale;
                }
            }
            score::<I>(scratch, |token| part(token, 1));
            let sums = soften(&mut scratch.scores);
            mix::<I>(scratch, |at, lanes| {
                for (query, sum) in sums.iter().enumerate().take(count) {
                    output[(first + query) * hidden + head * width + at] = lanes[query] / sum;
                }
            });
        }
    }
}

/// Fills the scores: query · key.
#[inline(always)]
fn score<'a, I: Isa>(scratch: &mut Scratch, key: impl Fn(usize) -> &'a [f32]) {
    let last = scratch.scores.len() - 1;
    for (tile, scores) in scratch.scores.chunks_mut(ROWS).enumerate() {
        let keys: [_; ROWS] = std::array::from_fn(|row| key((tile * ROWS + row).min(last)));
        scores.copy_from_slice(&I::products(keys, &scratch.queries)[..scores.len()]);
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

/// Sums the values weighted by the scores; `put` gets the place in the value and its sum for each query.
#[inline(always)]
fn mix<I: Isa>(scratch: &Scratch, mut put: impl FnMut(usize, &Lanes)) {
    let tokens = scratch.scores.len();
    // Heads are multiples of 16 wide, so these are whole.
    for (tile, values) in scratch.values.chunks_exact(ROWS * tokens).enumerate() {
        let values: [_; ROWS] = std::array::from_fn(|row| &values[row * tokens..][..tokens]);
        for (row, lanes) in I::products(values, &scratch.scores).iter().enumerate() {
            put(tile * ROWS + row, lanes);
        }
    }
}
