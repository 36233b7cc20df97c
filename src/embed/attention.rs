//! Self-attention over the tokens of one passage, written once for every kernel as `steps.rs` is.
//!
//! Its two products are of 16-bit integers, so their sums are exact in any order: of queries and keys with 12 bits and
//! more, the ones with a scale per token, the others with one per channel, which the queries take over; and of weights
//! and values, with 14 bits at most and with 10 bits and a scale per channel. That is finer by far than the bytes of
//! the linear maps before and after. Both are made of squares of 16 by 16: of keys and queries, with queries as the
//! lanes of all vectors, so that a score, its exponential and the sums over keys never cross lanes; and of queries and
//! values, with values as the lanes. Padding the last square with idle tokens leaves the others alone.

use std::f32::consts::LOG2_E;

use super::steps::{Isa, LANES, Lanes, Pairs, Square, join, round, tree};

/// The greatest code of a query.
const QUERY_LIMIT: i32 = 4095;
/// The greatest code of a value.
const VALUE_LIMIT: i32 = 1023;
/// The most bits of a weight: more don't fit in 16 with a sign.
const WEIGHT_BITS: u32 = 14;

/// Buffers that attention reuses from head to head.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// A head's queries: `[token / 16][pair of values][token % 16]`.
    queries: Vec<Pairs>,
    /// What one step of each query's products is worth: `[token / 16][token % 16]`.
    query_scales: Vec<Lanes>,
    /// A head's keys, as the queries.
    keys: Vec<Pairs>,
    /// What one step of them is worth: `[value / 16][value % 16]`.
    key_scales: Vec<Lanes>,
    /// A head's values: `[value / 16][pair of tokens][value % 16]`.
    values: Vec<Pairs>,
    /// What one step of them is worth, as for the keys.
    value_scales: Vec<Lanes>,
    /// The scores of 16 queries: `[key / 16][key % 16][query]`.
    scores: Vec<Square>,
    /// The weights that they become: `[pair of keys][query]`.
    weights: Vec<Pairs>,
}

/// Where one head stands in the rows of queries, keys and values.
#[derive(Clone, Copy)]
struct Head<'a> {
    input: &'a [f32],
    hidden: usize,
    start: usize,
    width: usize,
}

impl<'a> Head<'a> {
    /// A token's query (0), key (1) or value (2).
    #[inline(always)]
    fn part(self, token: usize, part: usize) -> &'a [Lanes] {
        let row = &self.input[(3 * token + part) * self.hidden + self.start..][..self.width];
        // Heads are multiples of 16 wide.
        row.as_chunks().0
    }
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
    let (blocks, couples) = (tokens.div_ceil(LANES), tokens.div_ceil(2));
    scratch.scores.resize(blocks, [[0; LANES]; LANES]);
    scratch.weights.resize(couples, [0; LANES]);
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
            let shares = soften(&scores.as_flattened()[..tokens], scales, weights);
            for (at, (values, scales)) in values.chunks_exact(couples).zip(&*value_scales).enumerate() {
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
        // Products with queries, one for each value of the head, stay within 32 bits.
        let limit = (i32::MAX / QUERY_LIMIT / head.width as i32).min(i32::from(i16::MAX)) as f32;
        ranges(head, 1, tokens, &mut self.key_scales);
        let pairs = head.width / 2;
        self.keys.resize(tokens.div_ceil(LANES) * pairs, [0; LANES]);
        for (at, most) in self.key_scales.iter_mut().enumerate() {
            let factors = factors(most, limit);
            for token in 0..tokens {
                let codes = code(&head.part(token, 1)[at], &factors, limit);
                spread(&codes, &mut self.keys[token / LANES * pairs + at * LANES / 2..], token % LANES);
            }
        }
    }

    /// Quantises a head's queries, each token by itself, after taking over the keys' scales.
    #[inline(always)]
    fn fill_queries(&mut self, head: Head<'_>, tokens: usize) {
        let limit = QUERY_LIMIT as f32;
        // What the exponential to the base of two wants.
        let scale = LOG2_E / (head.width as f32).sqrt() / limit;
        let pairs = head.width / 2;
        self.queries.resize(tokens.div_ceil(LANES) * pairs, [0; LANES]);
        self.query_scales.resize(tokens.div_ceil(LANES), [0.0; LANES]);
        for token in 0..tokens {
            let row = head.part(token, 0);
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
        let couples = tokens.div_ceil(2);
        let limit = VALUE_LIMIT as f32;
        ranges(head, 2, tokens, &mut self.value_scales);
        self.values.resize(head.width / LANES * couples, [0; LANES]);
        for (at, most) in self.value_scales.iter_mut().enumerate() {
            let factors = factors(most, limit);
            for (couple, to) in self.values[at * couples..][..couples].iter_mut().enumerate() {
                let first = code(&head.part(2 * couple, 2)[at], &factors, limit);
                let second = match 2 * couple + 1 {
                    token if token < tokens => code(&head.part(token, 2)[at], &factors, limit),
                    _ => [0; LANES],
                };
                *to = join(&first, &second);
            }
        }
    }
}

/// The greatest size that each channel of a part has over all tokens.
#[inline(always)]
fn ranges(head: Head<'_>, part: usize, tokens: usize, out: &mut Vec<Lanes>) {
    out.resize(head.width / LANES, [0.0; LANES]);
    for (at, out) in out.iter_mut().enumerate() {
        let mut most = [1e-30; LANES];
        for token in 0..tokens {
            most = larger(&most, &head.part(token, part)[at]);
        }
        *out = most;
    }
}

/// Turns ranges into what a step of codes up to `limit` is worth, and returns what makes codes of numbers.
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

/// The larger of each lane and the size of a number; what isn't a number counts for nothing.
#[inline(always)]
fn larger(most: &Lanes, chunk: &Lanes) -> Lanes {
    let mut out = *most;
    for lane in 0..LANES {
        let size = chunk[lane].abs();
        out[lane] = if size > most[lane] { size } else { most[lane] };
    }
    out
}

/// The integers from `-limit` to `limit` that are nearest to numbers times their factors. What isn't a number
/// becomes the least of them, the same on every kernel.
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

/// Turns the scores of 16 queries into weights: the exponential of each one's distance from its query's greatest,
/// as an integer. Returns what a step of each query's weights is worth if they are to add up to 1.
#[inline(always)]
fn soften(scores: &[[i32; LANES]], scales: &Lanes, weights: &mut [Pairs]) -> Lanes {
    // As floats: of integers compilers take the greatest over several rows at once, which they have to gather.
    let mut most = [f32::MIN; LANES];
    for scores in scores {
        for lane in 0..LANES {
            let score = scores[lane] as f32;
            most[lane] = if score > most[lane] { score } else { most[lane] };
        }
    }
    // Products of weights and values, as many as there are keys, stay within 32 bits.
    let bits = (i32::MAX / VALUE_LIMIT / scores.len() as i32).ilog2().min(WEIGHT_BITS);
    let mut sums = [0_i32; LANES];
    let (couples, last) = scores.as_chunks::<2>();
    for (scores, weights) in couples.iter().zip(&mut *weights) {
        let first = weigh(&scores[0], &most, scales, bits);
        let second = weigh(&scores[1], &most, scales, bits);
        for lane in 0..LANES {
            // Only idle lanes can overflow.
            sums[lane] = sums[lane].wrapping_add(first[lane]).wrapping_add(second[lane]);
        }
        *weights = join(&first, &second);
    }
    if let (Some(scores), Some(weights)) = (last.first(), weights.last_mut()) {
        let first = weigh(scores, &most, scales, bits);
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

/// Two to the power of `bits` and of each score's distance from the greatest times its scale, rounded.
#[inline(always)]
fn weigh(scores: &[i32; LANES], most: &Lanes, scales: &Lanes, bits: u32) -> [i32; LANES] {
    let mut out = [0; LANES];
    for lane in 0..LANES {
        let x = (scores[lane] as f32 - most[lane]) * scales[lane];
        // What is less, or isn't a number, rounds to nothing.
        let x = if x > -30.0 { x } else { -30.0 };
        let power = round(x);
        let f = x - power as f32;
        // 2ᶠ for f in [-½, ½] to 3e-6, fitted for the least relative error with 1 at 0.
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
            let got = weigh(&[-at; LANES], &[0.0; LANES], &[LOG2_E / 1000.0; LANES], WEIGHT_BITS)[5];
            let exact = (-f64::from(at) / 1000.0).exp() * f64::from(1 << WEIGHT_BITS);
            assert!((f64::from(got) - exact).abs() <= 0.56, "{at}: {got}, {exact}");
        }
        for (score, scale, weight) in [(0, 1.0, 1 << WEIGHT_BITS), (-1, f32::NAN, 0), (-1, f32::INFINITY, 0)]
        {
            assert_eq!(weigh(&[score; LANES], &[0.0; LANES], &[scale; LANES], WEIGHT_BITS), [weight; LANES]);
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
