//! The arithmetic of the forward pass, written once for every kernel.
//!
//! Same bits everywhere: every function here is plain Rust that a kernel inlines into code compiled for its
//! instruction set, where LLVM turns the lanes into vectors. Rust neither contracts `a * b + c` into a fused
//! operation nor reorders sums, so all that is left to do is to fix the order: sums run in 16 lanes that one
//! tree adds up, and exponential and error function are our own polynomials.

use super::model::{GROUP, PANEL, TILE};

/// Lanes of a sum, and of the widest vectors that the kernels use.
pub(super) const LANES: usize = 16;
/// Rows of activations that a kernel multiplies with a tile at once.
pub(super) const ROWS: usize = 6;

/// Sixteen values that are worked on together.
pub(super) type Lanes = [f32; LANES];
/// As many activations as one lane of `vpdpbusd` multiplies.
pub(super) type Codes = [u8; GROUP];
/// The weights, `i8` in `u8`, that belong to one group of inputs and one panel of output channels.
pub(super) type Weights = [u8; PANEL * GROUP];
/// The integer sums of some rows over the output channels of a tile.
pub(super) type Sums<const R: usize> = [[i32; TILE]; R];

/// An instruction set, by the two products in which all the time goes.
pub(super) trait Isa {
    /// The sums of products of `R` rows with the four panels of a tile: `sums[r][c] = Σ rows[r][k] × w[c][k]`.
    /// Rows and panels have equally many groups. Exact, whatever the operands.
    fn dot<const R: usize>(rows: [&[Codes]; R], panels: [&[Weights]; 4]) -> Sums<R>;

    /// The sums of products of `R` rows with the lanes of `columns`: `sums[r] = Σ rows[r][k] × columns[k]`, added
    /// up in ascending order of `k`, each product rounded. Rows are as long as `columns`.
    fn products<const R: usize>(rows: [&[f32]; R], columns: &[Lanes]) -> [Lanes; R];
}

/// Rows of activations as unsigned bytes with a scale and a zero point per row: `x ≈ scale · (code − zero)`.
#[derive(Debug, Default)]
pub(super) struct Quantized {
    /// Row after row.
    pub(super) codes: Vec<u8>,
    /// What one step of each row is worth.
    pub(super) scales: Vec<f32>,
    /// The code of each row that stands for 0.
    pub(super) zeros: Vec<i32>,
}

/// A linear map, borrowed from a model; see `model.rs`.
#[derive(Clone, Copy, Debug)]
pub(super) struct LinearView<'a> {
    /// Numbers in a row of input.
    pub(super) inputs: usize,
    /// Packed, panel after panel.
    pub(super) weights: &'a [Weights],
    /// What one step of each output channel's weights is worth.
    pub(super) scales: &'a [f32],
    /// What is added to each output.
    pub(super) biases: &'a [f32],
    /// The sum of each channel's weights, in steps; as many as there are outputs.
    pub(super) sums: &'a [i32],
}

/// Adds up lanes: halves onto halves until one is left.
#[inline(always)]
pub(super) fn tree_sum(mut lanes: Lanes) -> f32 {
    let mut width = LANES / 2;
    while width > 0 {
        for lane in 0..width {
            lanes[lane] += lanes[lane + width];
        }
        width /= 2;
    }
    lanes[0]
}

/// The sum of `f` over a row whose length is a multiple of 16.
#[inline(always)]
pub(super) fn sum_of(row: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0; LANES];
    for chunk in row.as_chunks::<LANES>().0 {
        for lane in 0..LANES {
            lanes[lane] += f(chunk[lane]);
        }
    }
    tree_sum(lanes)
}

/// Adding this to a small number rounds it to an integer, ties to even, in the low bits of the result.
const ROUND: f32 = 12_582_912.0;

/// The nearest integer, ties to even, of a number below 2²² in size.
#[inline(always)]
fn round(x: f32) -> i32 {
    ((x + ROUND).to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32)
}

/// Turns rows, times `factors`, into bytes, each row with the scale and zero point that fit its own range.
#[inline(always)]
pub(super) fn quantize(rows: &[f32], factors: &[f32], out: &mut Quantized) {
    let width = factors.len();
    let count = rows.len() / width;
    out.codes.resize(rows.len(), 0);
    out.scales.resize(count, 0.0);
    out.zeros.resize(count, 0);
    for (at, (row, codes)) in rows.chunks_exact(width).zip(out.codes.chunks_exact_mut(width)).enumerate() {
        let (mut least, mut most) = ([0.0_f32; LANES], [0.0_f32; LANES]);
        for (chunk, factors) in row.as_chunks::<LANES>().0.iter().zip(factors.as_chunks::<LANES>().0) {
            for lane in 0..LANES {
                let x = chunk[lane] * factors[lane];
                least[lane] = if x < least[lane] { x } else { least[lane] };
                most[lane] = if x > most[lane] { x } else { most[lane] };
            }
        }
        let least = least.into_iter().fold(0.0, |a, b| if b < a { b } else { a });
        let most = most.into_iter().fold(0.0, |a, b| if b > a { b } else { a });
        // A row of zeros, or one that isn't finite, still gets a usable scale.
        let range = if most - least > 1e-30 { most - least } else { 1e-30 };
        let inverse = 255.0 / range;
        let zero = round(-least * inverse);
        out.scales[at] = range / 255.0;
        out.zeros[at] = zero;
        for ((code, x), factor) in codes.iter_mut().zip(row).zip(factors) {
            *code = round(x * factor * inverse).wrapping_add(zero).clamp(0, 255) as u8;
        }
    }
}

/// `output = input · weightsᵀ + biases` for all rows of `input`, one row of `sums.len()` outputs each.
#[inline(always)]
pub(super) fn linear<I: Isa>(input: &Quantized, layer: LinearView<'_>, output: &mut [f32]) {
    let groups = layer.inputs / GROUP;
    let codes = input.codes.as_chunks::<GROUP>().0;
    let rows = input.scales.len();
    // Tile by tile, so that a tile's weights stay in the nearest cache while all rows pass by.
    for (tile, weights) in layer.weights.chunks_exact(4 * groups).enumerate() {
        let panels = std::array::from_fn(|panel| &weights[panel * groups..][..groups]);
        let mut at = 0;
        while at < rows {
            let tile = Tile { input, layer, codes, panels, at, channel: tile * TILE };
            match rows - at {
                1 => tile.rows::<I, 1>(output),
                2 => tile.rows::<I, 2>(output),
                3 => tile.rows::<I, 3>(output),
                4 => tile.rows::<I, 4>(output),
                5 => tile.rows::<I, 5>(output),
                _ => tile.rows::<I, ROWS>(output),
            }
            at += ROWS;
        }
    }
}

/// One tile of outputs for the rows from `at` on.
#[derive(Clone, Copy)]
struct Tile<'a> {
    input: &'a Quantized,
    layer: LinearView<'a>,
    codes: &'a [Codes],
    panels: [&'a [Weights]; 4],
    /// The first row.
    at: usize,
    /// The first output channel.
    channel: usize,
}

impl Tile<'_> {
    /// The outputs of this tile for `R` rows. The integer sum of `(code − zero) · weight` is exact, however it
    /// is taken apart.
    #[inline(always)]
    fn rows<I: Isa, const R: usize>(self, output: &mut [f32]) {
        let groups = self.layer.inputs / GROUP;
        let rows = std::array::from_fn(|row| &self.codes[(self.at + row) * groups..][..groups]);
        let sums = I::dot::<R>(rows, self.panels);
        let width = self.layer.sums.len();
        let channel = self.channel;
        let scales = &self.layer.scales[channel..][..TILE];
        let biases = &self.layer.biases[channel..][..TILE];
        let columns = &self.layer.sums[channel..][..TILE];
        for (row, sums) in sums.iter().enumerate() {
            let (zero, scale) = (self.input.zeros[self.at + row], self.input.scales[self.at + row]);
            let output = &mut output[(self.at + row) * width + channel..][..TILE];
            for c in 0..TILE {
                let sum = sums[c].wrapping_sub(columns[c].wrapping_mul(zero));
                output[c] = sum as f32 * scale * scales[c] + biases[c];
            }
        }
    }
}

/// Layer normalisation of each row: to mean 0 and variance 1, then times `gain` plus `shift`.
#[inline(always)]
pub(super) fn normalize(rows: &mut [f32], gain: &[f32], shift: &[f32], epsilon: f32) {
    let width = gain.len();
    for row in rows.chunks_exact_mut(width) {
        let mean = sum_of(row, |x| x) / width as f32;
        let variance = sum_of(row, |x| (x - mean) * (x - mean)) / width as f32;
        let inverse = 1.0 / (variance + epsilon).sqrt();
        for ((x, gain), shift) in row.iter_mut().zip(gain).zip(shift) {
            *x = (*x - mean) * inverse * gain + shift;
        }
    }
}

/// `rows += more`.
#[inline(always)]
pub(super) fn add(rows: &mut [f32], more: &[f32]) {
    for (x, y) in rows.iter_mut().zip(more) {
        *x += y;
    }
}

/// The exponential of a number that is at most 0, to about 2 units in the last place; below -87 it is the
/// smallest normal number. Powers of two by the exponent's bits, the rest by Cephes' polynomial (`expf`).
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    let x = if x < -87.0 { -87.0 } else { x };
    let power = round(x * std::f32::consts::LOG2_E);
    let n = power as f32;
    // ln 2 in two parts, of which the first has so few bits that its product is exact.
    let r = x - n * 0.693_359_4 - n * -2.121_944_4e-4;
    let mut p = 1.987_569_1e-4;
    for c in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 5e-1] {
        p = p * r + c;
    }
    (p * (r * r) + r + 1.0) * f32::from_bits((power.wrapping_add(127) as u32) << 23)
}

/// The error function to about 4e-7, as a quotient of polynomials on [-4, 4], outside of which it is ±1 to
/// that accuracy (the coefficients are those of Eigen's `generic_fast_erf`).
#[inline(always)]
pub(super) fn erf(x: f32) -> f32 {
    let x = if x < -4.0 { -4.0 } else { x };
    let x = if x > 4.0 { 4.0 } else { x };
    let s = x * x;
    let mut p = -2.726_142_3e-10;
    for c in [2.770_681_4e-8, -2.101_024e-6, -5.692_506_5e-5, -7.349_906_6e-4, -2.954_6e-3, -1.609_603_3e-2] {
        p = p * s + c;
    }
    let mut q = -1.456_607_2e-5;
    for c in [-2.133_740_6e-4, -1.682_827e-3, -7.373_329e-3, -1.426_473_9e-2] {
        q = q * s + c;
    }
    x * p / q
}

/// The Gaussian error linear unit `x · Φ(x)` of each value, in place.
#[inline(always)]
pub(super) fn gelu(values: &mut [f32]) {
    for x in values {
        *x = 0.5 * *x * (1.0 + erf(*x * std::f32::consts::FRAC_1_SQRT_2));
    }
}

#[cfg(test)]
#[path = "steps_tests.rs"]
mod tests;
