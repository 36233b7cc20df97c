//! Self-attention over the tokens of one passage, written once for all kernels, as `steps.rs` is.
//!
//! Both matrix products are of 16-bit integers, so their sums are exact in any order. That is far finer than the bytes of
//! the linear maps before and after:
//!
//! | product | operand | bits | scale |
//! |---|---|---|---|
//! | scores | queries | 12 | one per token |
//! | | keys | 12 or more | one per channel; queries are multiplied by it before they are quantised |
//! | output | softmax weights | at most 14 | one per query |
//! | | values | 10 | one per channel |
//!
//! Both are computed in squares of 16 by 16. For the scores, a square is keys by queries with queries as the lanes of all
//! vectors, so that a score, its exponential and the sums over keys never cross lanes; for the output it is queries by
//! values with values as the lanes. Idle tokens fill the last square and change nothing for the others.

use std::f32::consts::LOG2_E;

use super::steps::{Isa, LANES, Lanes, Pairs, Square, join, round, tree};

/// The greatest integer that stands for a query's value.
const QUERY_LIMIT: i32 = 4095;
/// The greatest integer that stands for a value.
const VALUE_LIMIT: i32 = 1023;
/// The most bits of a softmax weight: more don't fit in 16 with a sign.
const WEIGHT_BITS: u32 = 14;

/// Buffers that attention reuses from head to head.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// A head's queries: `[token / 16][pair of values][token % 16]`.
    queries: Vec<Pairs>,
    /// The scale of each query's scores: `[token / 16][token % 16]`.
    query_scales: Vec<Lanes>,
    /// A head's keys: `[token / 16][pair of values][token % 16]`.
    keys: Vec<Pairs>,
    /// The scale of each channel of the keys: `[value / 16][value % 16]`.
    key_scales: Vec<Lanes>,
    /// A head's values: `[value / 16][pair of tokens][value % 16]`.
    values: Vec<Pairs>,
    /// The scale of each channel of the values: `[value / 16][value % 16]`.
    value_scales: Vec<Lanes>,
    /// The scores of 16 queries: `[key / 16][key % 16][query]`.
    scores: Vec<Square>,
    /// The softmax weights of 16 queries: `[pair of keys][query]`.
    weights: Vec<Pairs>,
}

/// The part of one head in the rows of queries, keys and values.
#[derive(Clone, Copy)]
struct Head<'a> {
    input: &'a [f32],
    hidden: usize,
    start: usize,
    width: usize,
}

/// The place of queries in a token's row.
const QUERY: usize = 0;
/// The place of keys in a token's row.
const KEY: usize = 1;
/// The place of values in a token's row.
const VALUE: usize = 2;

impl<'a> Head<'a> {
    /// The token's [`QUERY`], [`KEY`] or [`VALUE`].
    #[inline(always)]
    fn vector(self, token: usize, which: usize) -> &'a [Lanes] {
        let row = &self.input[(3 * token + which) * self.hidden + self.start..][..self.width];
        // Heads are multiples of 16 wide.
        row.as_chunks().0
    }
}

/// Self-attention with all heads. `input` is a row of queries, keys and values (three times `hidden`) for each token;
/// `output` gets a row of `hidden` numbers for each.
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
    let (squares, token_pairs) = (tokens.div_ceil(LANES), tokens.div_ceil(2));
    scratch.scores.resize(squares, [[0; LANES]; LANES]);
    scratch.weights.resize(token_pairs, [0; LANES]);
    let mut mixed = [[0; LANES]; LANES];
    for start in (0..hidden).step_by(width) {
        let head = Head { input, hidden, start, width };
        scratch.fill_keys(head, tokens);
        scratch.fill_queries(head, tokens);
        scratch.fill_values(head, tokens);
        let Scratch { queries, query_scales, keys, values, value_scales, scores, weights, .. } = scratch;
        let rows = output.chunks_mut(LANES * hidden);
        for ((queries, scales), rows) in queries.chunks_exact(width / 2).zip(&*query_scales).zip(rows) {
            for (keys, scores) in keys.chunks_exact(width / 2).zip(&mut *scores) {
                I::products(keys, queries, scores);
            }
            let shares = softmax(&scores.as_flattened()[..tokens], scales, weights);
            for (at, (values, scales)) in values.chunks_exact(token_pairs).zip(&*value_scales).enumerate() {
                I::products(weights, values, &mut mixed);
                for ((row, sums), share) in rows.chunks_exact_mut(hidden).zip(&mixed).zip(&shares) {
                    let out = &mut row[start + at * LANES..][..LANES];
                    for lane in 0..LANES {
                        out[lane] = sums[lane] as f32 * share * scales[lane];
                    }
                }
            }
        }
    }
}

impl Scratch {
    /// Quantises a head's keys, each channel over all tokens.
    #[inline(always)]
    fn fill_keys(&mut self, head: Head<'_>, tokens: usize) {
        // So that the sum of a key's products with a query stays within 32 bits.
        let limit = (i32::MAX / QUERY_LIMIT / head.width as i32).min(i32::from(i16::MAX)) as f32;
        ranges(head, KEY, tokens, &mut self.key_scales);
        let pairs = head.width / 2;
        self.keys.resize(tokens.div_ceil(LANES) * pairs, [0; LANES]);
        for (at, most) in self.key_scales.iter_mut().enumerate() {
            let factors = factors(most, limit);
            for token in 0..tokens {
                let codes = code(&head.vector(token, KEY)[at], &factors, limit);
                spread(&codes, &mut self.keys[token / LANES * pairs + at * LANES / 2..], token % LANES);
            }
        }
    }

    /// Quantises a head's queries, multiplied by the keys' scales, each token by itself.
    #[inline(always)]
    fn fill_queries(&mut self, head: Head<'_>, tokens: usize) {
        let limit = QUERY_LIMIT as f32;
        // The factor of attention, with `LOG2_E` as the softmax uses powers of two.
        let scale = LOG2_E / (head.width as f32).sqrt() / limit;
        let pairs = head.width / 2;
        self.queries.resize(tokens.div_ceil(LANES) * pairs, [0; LANES]);
        self.query_scales.resize(tokens.div_ceil(LANES), [0.0; LANES]);
        for token in 0..tokens {
            let row = head.vector(token, QUERY);
            let mut most = [1e-30; LANES];
            for (chunk, scales) in row.iter().zip(&self.key_scales) {
                most = larger(&most, &scaled(chunk, scales));
            }
            let most = tree(most, |a, b| if b > a { b } else { a });
            self.query_scales[token / LANES][token % LANES] = most * scale;
            let factors = [limit / most; LANES];
            for (at, (chunk, scales)) in row.iter().zip(&self.key_scales).enumerate() {
                let codes = code(&scaled(chunk, scales), &factors, limit);
                spread(&codes, &mut self.queries[token / LANES * pairs + at * LANES / 2..], token % LANES);
            }
        }
    }

    /// Quantises a head's values, each channel over all tokens.
    #[inline(always)]
    fn fill_values(&mut self, head: Head<'_>, tokens: usize) {
        let token_pairs = tokens.div_ceil(2);
        let limit = VALUE_LIMIT as f32;
        ranges(head, VALUE, tokens, &mut self.value_scales);
        self.values.resize(head.width / LANES * token_pairs, [0; LANES]);
        for (at, most) in self.value_scales.iter_mut().enumerate() {
            let factors = factors(most, limit);
            for (pair, to) in self.values[at * token_pairs..][..token_pairs].iter_mut().enumerate() {
                let first = code(&head.vector(2 * pair, VALUE)[at], &factors, limit);
                let second = match 2 * pair + 1 {
                    token if token < tokens => code(&head.vector(token, VALUE)[at], &factors, limit),
                    _ => [0; LANES],
                };
                *to = join(&first, &second);
            }
        }
    }
}

/// The greatest magnitude of each channel of the [`KEY`] or [`VALUE`] over all tokens.
#[inline(always)]
fn ranges(head: Head<'_>, which: usize, tokens: usize, out: &mut Vec<Lanes>) {
    out.resize(head.width / LANES, [0.0; LANES]);
    for (at, out) in out.iter_mut().enumerate() {
        let mut most = [1e-30; LANES];
        for token in 0..tokens {
            most = larger(&most, &head.vector(token, which)[at]);
        }
        *out = most;
    }
}

/// Turns ranges into the scales of integers up to `limit`, and returns the inverse scales.
#[inline(always)]
fn factors(ranges: &mut Lanes, limit: f32) -> Lanes {
    let mut factors = [0.0; LANES];
    for lane in 0..LANES {
        factors[lane] = limit / ranges[lane];
        ranges[lane] /= limit;
    }
    factors
}

/// Puts the codes of one token, as pairs, into its lane.
#[inline(always)]
fn spread(codes: &[i32; LANES], to: &mut [Pairs], lane: usize) {
    for (pair, to) in codes.as_chunks::<2>().0.iter().zip(to) {
        to[lane] = i32::from(pair[0] as u16) | pair[1] << 16;
    }
}

/// Each number times its factor.
#[inline(always)]
fn scaled(chunk: &Lanes, factors: &Lanes) -> Lanes {
    let mut out = *chunk;
    for lane in 0..LANES {
        out[lane] *= factors[lane];
    }
    out
}

/// The larger of `most` and the number's magnitude, lane by lane; NaN is passed over.
#[inline(always)]
fn larger(most: &Lanes, chunk: &Lanes) -> Lanes {
    let mut out = *most;
    for lane in 0..LANES {
        let size = chunk[lane].abs();
        out[lane] = if size > most[lane] { size } else { most[lane] };
    }
    out
}

/// The integers from `-limit` to `limit` that are nearest to numbers times their factors. NaN becomes `-limit` on every
/// kernel.
#[inline(always)]
fn code(chunk: &Lanes, factors: &Lanes, limit: f32) -> [i32; LANES] {
    let mut codes = [0; LANES];
    for lane in 0..LANES {
        let x = chunk[lane] * factors[lane];
        let x = if x > -limit { x } else { -limit };
        let x = if x < limit { x } else { limit };
        codes[lane] = round(x);
    }
    codes
}

/// The softmax of the scores of 16 queries. Writes integer weights: the exponential of each score's difference from the
/// query's greatest. Returns for each query the scale with which its weights add up to 1.
#[inline(always)]
fn softmax(scores: &[[i32; LANES]], scales: &Lanes, weights: &mut [Pairs]) -> Lanes {
    // As floats: of integers, compilers take the maximum over several rows at once, which needs slow gathers.
    let mut most = [f32::MIN; LANES];
    for scores in scores {
        for lane in 0..LANES {
            let score = scores[lane] as f32;
            most[lane] = if score > most[lane] { score } else { most[lane] };
        }
    }
    // So that the sum of a query's products with the values of all keys stays within 32 bits.
    let bits = (i32::MAX / VALUE_LIMIT / scores.len() as i32).ilog2().min(WEIGHT_BITS);
    let mut sums = [0_i32; LANES];
    let (pairs, last) = scores.as_chunks::<2>();
    for (scores, weights) in pairs.iter().zip(&mut *weights) {
        let first = exponentials(&scores[0], &most, scales, bits);
        let second = exponentials(&scores[1], &most, scales, bits);
        for lane in 0..LANES {
            // Only the sums of idle lanes can overflow.
            sums[lane] = sums[lane].wrapping_add(first[lane]).wrapping_add(second[lane]);
        }
        *weights = join(&first, &second);
    }
    if let (Some(scores), Some(weights)) = (last.first(), weights.last_mut()) {
        let first = exponentials(scores, &most, scales, bits);
        for lane in 0..LANES {
            sums[lane] = sums[lane].wrapping_add(first[lane]);
        }
        *weights = join(&first, &[0; LANES]);
    }
    let mut shares = [0.0; LANES];
    for lane in 0..LANES {
        shares[lane] = 1.0 / sums[lane] as f32;
    }
    shares
}

/// Two to the power of each score's difference from the greatest, times its scale, times two to the power of `bits`;
/// rounded.
#[inline(always)]
fn exponentials(scores: &[i32; LANES], most: &Lanes, scales: &Lanes, bits: u32) -> [i32; LANES] {
    let mut out = [0; LANES];
    for lane in 0..LANES {
        let x = (scores[lane] as f32 - most[lane]) * scales[lane];
        // Smaller exponents, and NaN, give a weight of 0.
        let x = if x > -30.0 { x } else { -30.0 };
        let power = round(x);
        let f = x - power as f32;
        // 2ᶠ for f in [-½, ½] to 3e-6: a polynomial with the least relative error that is 1 at 0.
        let mut p = 9.582_853e-3;
        for c in [5.590_642_6e-2, 2.402_41e-1, 6.931_242e-1, 1.0] {
            p = p * f + c;
        }
        let power = f32::from_bits((power.wrapping_add(127 + bits as i32) as u32) << 23);
        out[lane] = round(p * power);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_exponentials_to_half_a_step() {
        for at in 0..=20_000 {
            let got = exponentials(&[-at; LANES], &[0.0; LANES], &[LOG2_E / 1000.0; LANES], WEIGHT_BITS)[5];
            let exact = (-f64::from(at) / 1000.0).exp() * f64::from(1 << WEIGHT_BITS);
            assert!((f64::from(got) - exact).abs() <= 0.56, "{at}: {got}, {exact}");
        }
        for (score, scale, weight) in [(0, 1.0, 1 << WEIGHT_BITS), (-1, f32::NAN, 0), (-1, f32::INFINITY, 0)]
        {
            assert_eq!(
                exponentials(&[score; LANES], &[0.0; LANES], &[scale; LANES], WEIGHT_BITS),
                [weight; LANES]
            );
        }
    }

    #[test]
    fn codes_are_bounded_whatever_the_number() {
        let numbers = [0.0, -0.0, 1.0, -1.0, 0.25, 1e30, -1e30, f32::INFINITY, f32::NEG_INFINITY, f32::NAN];
        let mut chunk = [0.0; LANES];
        chunk[..numbers.len()].copy_from_slice(&numbers);
        let codes = code(&chunk, &[100.0; LANES], 100.0);
        assert_eq!(codes[..numbers.len()], [0, 0, 100, -100, 25, 100, -100, 100, -100, -100]);
    }
}
