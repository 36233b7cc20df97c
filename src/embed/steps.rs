//! The arithmetic of the forward pass, written once for every kernel.
//!
//! Every function here is plain Rust that a kernel inlines into code compiled for its instruction set, where LLVM turns
//! the lanes into vectors. All kernels give the same bits: Rust neither contracts `a * b + c` into a fused operation nor
//! reorders sums, sums of floats run in 16 lanes that one tree adds up, sums of integers are exact, and exponential and
//! GELU are our own polynomials.

use std::hint::black_box;

use super::model::Norm;

use super::model_file::{GROUP, PANEL, TILE};

/// Lanes of a sum, and of the widest vectors that the kernels use.
pub(super) const LANES: usize = 16;
/// Rows of activations that a kernel multiplies with a tile at once.
pub(super) const ROWS: usize = 6;

/// Sixteen values that are worked on together.
pub(super) type Lanes = [f32; LANES];
/// Sixteen pairs of 16-bit integers, which are multiplied pair by pair; the first of a pair is the lower half.
pub(super) type Pairs = [i32; LANES];
/// Sums for each of sixteen rows and sixteen columns.
pub(super) type Square = [[i32; LANES]; LANES];
/// The weights, `i8` in `u8`, that belong to one group of inputs and one panel of output channels.
pub(super) type Weights = [u8; PANEL * GROUP];

/// Rows of activations as unsigned bytes with a scale and a zero point per row: `x ≈ scale · (code − zero)`.
#[derive(Debug, Default)]
pub(super) struct Quantized {
    /// The codes, row after row; what follows the last row is left from earlier use.
    pub(super) codes: Vec<u8>,
    /// The scale of each row.
    pub(super) scales: Vec<f32>,
    /// The code of each row that stands for 0.
    pub(super) zeros: Vec<i32>,
}

/// A linear map, borrowed from a model.
#[derive(Clone, Copy, Debug)]
pub(super) struct LinearView<'a> {
    /// Numbers in a row of input.
    pub(super) inputs: usize,
    /// The weights, packed panel after panel; see `model_file.rs`.
    pub(super) weights: &'a [Weights],
    /// The scale of each output channel's weights.
    pub(super) scales: &'a [f32],
    /// What is added to each output.
    pub(super) biases: &'a [f32],
    /// The sum of each output channel's weights, as integers.
    pub(super) sums: &'a [i32],
    /// The activation that each output goes through.
    pub(super) activation: Activation,
}

/// A function that the outputs of a linear map go through while they are in registers.
#[derive(Clone, Copy, Debug)]
pub(super) enum Activation {
    /// None.
    Identity,
    /// The Gaussian error linear unit, [`gelu`].
    Gelu,
}

/// Joins the integers of two rows, which fit in 16 bits, to pairs.
#[inline(always)]
pub(super) fn join(first: &[i32; LANES], second: &[i32; LANES]) -> Pairs {
    let mut pairs = [0; LANES];
    for lane in 0..LANES {
        pairs[lane] = (first[lane] & 0xffff) | second[lane] << 16;
    }
    pairs
}

/// Reduces lanes to one number: `f` combines the halves until one lane is left.
#[inline(always)]
pub(super) fn tree(mut lanes: Lanes, f: impl Fn(f32, f32) -> f32) -> f32 {
    let mut width = LANES / 2;
    while width > 0 {
        for lane in 0..width {
            lanes[lane] = f(lanes[lane], lanes[lane + width]);
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
    tree(lanes, |a, b| a + b)
}

/// A number which, added to a small one, leaves the nearest integer, ties to even, in the low bits of the sum.
const ROUND: f32 = 12_582_912.0;

/// The nearest integer, ties to even, of a number of a magnitude below 2²².
#[inline(always)]
pub(super) fn round(x: f32) -> i32 {
    ((x + ROUND).to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32)
}

/// Quantises rows, multiplied by `factors`, to bytes; each row gets the scale and the zero point that fit its range.
#[inline(always)]
pub(super) fn quantize(rows: &[f32], factors: &[f32], out: &mut Quantized) {
    let width = factors.len();
    let count = rows.len() / width;
    let codes = grow(&mut out.codes, rows.len());
    out.scales.resize(count, 0.0);
    out.zeros.resize(count, 0);
    for (at, (row, codes)) in rows.chunks_exact(width).zip(codes.chunks_exact_mut(width)).enumerate() {
        let (mut least, mut most) = ([0.0_f32; LANES], [0.0_f32; LANES]);
        for (chunk, factors) in row.as_chunks::<LANES>().0.iter().zip(factors.as_chunks::<LANES>().0) {
            for lane in 0..LANES {
                let x = chunk[lane] * factors[lane];
                least[lane] = if x < least[lane] { x } else { least[lane] };
                most[lane] = if x > most[lane] { x } else { most[lane] };
            }
        }
        let least = tree(least, |a, b| if b < a { b } else { a });
        let most = tree(most, |a, b| if b > a { b } else { a });
        // Rows of zeros, and rows that aren't finite, get a usable scale, too.
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

/// An instruction set, as the two products that take most of the time.
///
/// If its instructions don't multiply bytes, activations are widened once for a whole linear map, and weights once for
/// all rows that are multiplied with a tile.
pub(super) trait Isa {
    /// What `dot` has taken off every code, for instructions that multiply signed bytes alone.
    const OFFSET: i32 = 0;
    /// An activation's code, less [`OFFSET`](Self::OFFSET), in the type that `dot` multiplies.
    type Code: Copy;
    /// Weights of a tile in the type that `dot` multiplies.
    type Weight: Copy;

    /// The codes as they are, or in another type in `buffers`, in the same order.
    fn codes<'a>(codes: &'a [u8], buffers: &'a mut WideCodes) -> &'a [Self::Code];

    /// The four panels of a tile as they are, or as the instructions need them, in `buffers`.
    fn weights<'a>(tile: &'a [Weights], buffers: &'a mut Vec<Lanes>) -> &'a [Self::Weight];

    /// The sums of products of `R` rows with the channels of a tile: `sums[r][c] = Σ rows[r][k] × w[c][k]`.
    /// Rows have as many inputs as the tile. Exact, whatever the operands. `put` gets them in runs: the row, the
    /// first channel, and the sums from there on.
    fn dot<const R: usize>(
        rows: [&[Self::Code]; R],
        tile: &[Self::Weight],
        put: impl FnMut(usize, usize, &[i32]),
    );

    /// The sums of products of each lane of `rows` with each lane of `columns`, which has the same length:
    /// `sums[r][c] = Σ rows[k][r] · columns[k][c]`, where a product is that of two pairs. Exact if it fits in 32 bits.
    fn products(rows: &[Pairs], columns: &[Pairs], sums: &mut Square);
}

/// Buffers for codes in the other types that some kernels multiply.
#[derive(Debug, Default)]
pub(super) struct WideCodes {
    /// For products of signed bytes.
    #[cfg(target_arch = "aarch64")]
    pub(super) bytes: Vec<i8>,
    /// For products of 16-bit integers.
    pub(super) halves: Vec<i16>,
    /// For products of floats.
    pub(super) floats: Vec<f32>,
}

/// Buffers for codes and weights that a kernel widens; empty with a kernel that multiplies bytes.
#[derive(Debug, Default)]
pub(super) struct WideBuffers {
    /// The codes of a linear map's input.
    codes: WideCodes,
    /// The weights of one tile.
    weights: Vec<Lanes>,
}

/// `output = activation(input · weightsᵀ + biases)` for all rows of `input`, each of `sums.len()` outputs.
#[inline(always)]
pub(super) fn linear<I: Isa>(
    input: &Quantized,
    layer: LinearView<'_>,
    buffers: &mut WideBuffers,
    output: &mut [f32],
) {
    let rows = input.scales.len();
    let codes = I::codes(&input.codes[..rows * layer.inputs], &mut buffers.codes);
    // Tile by tile, so that a tile's weights stay in the nearest cache while all rows pass by.
    for (tile, weights) in layer.weights.chunks_exact(4 * layer.inputs / GROUP).enumerate() {
        let weights = I::weights(weights, &mut buffers.weights);
        let tile = Tile::<I> { input, layer, codes, weights, channel: tile * TILE };
        for at in (0..rows).step_by(ROWS) {
            match rows - at {
                1 => tile.rows::<1>(at, output),
                2 => tile.rows::<2>(at, output),
                3 => tile.rows::<3>(at, output),
                4 => tile.rows::<4>(at, output),
                5 => tile.rows::<5>(at, output),
                _ => tile.rows::<ROWS>(at, output),
            }
        }
    }
}

/// Multiplies [`ROWS`] rows with one tile, `times` times, to measure a kernel's speed.
#[inline(always)]
pub(super) fn repeat_dot<I: Isa>(codes: &[u8], tile: &[Weights], times: usize) {
    let mut buffers = WideBuffers::default();
    let codes = I::codes(codes, &mut buffers.codes);
    let tile = I::weights(tile, &mut buffers.weights);
    let inputs = codes.len() / ROWS;
    for _ in 0..times {
        let rows = std::array::from_fn(|row| &black_box(codes)[row * inputs..][..inputs]);
        I::dot::<ROWS>(rows, tile, |_, _, sums| _ = black_box(sums));
    }
}

/// One tile of outputs.
struct Tile<'a, I: Isa> {
    input: &'a Quantized,
    layer: LinearView<'a>,
    codes: &'a [I::Code],
    weights: &'a [I::Weight],
    /// The first output channel.
    channel: usize,
}

impl<I: Isa> Tile<'_, I> {
    /// The outputs of this tile for `R` rows from `at` on.
    #[inline(always)]
    fn rows<const R: usize>(&self, at: usize, output: &mut [f32]) {
        let inputs = self.layer.inputs;
        let rows = std::array::from_fn(|row| &self.codes[(at + row) * inputs..][..inputs]);
        I::dot::<R>(rows, self.weights, |row, channel, sums| {
            let (row, channel) = (at + row, self.channel + channel);
            match self.layer.activation {
                Activation::Identity => self.finish(row, channel, sums, |x| x, output),
                Activation::Gelu => self.finish(row, channel, sums, gelu, output),
            }
        });
    }

    /// The outputs of a row from `channel` on by their sums, through `f`. The integer sum of
    /// `(code − zero) · weight` is exact, however it is taken apart.
    #[inline(always)]
    fn finish(&self, row: usize, channel: usize, sums: &[i32], f: impl Fn(f32) -> f32, output: &mut [f32]) {
        let count = sums.len();
        let (zero, scale) = (self.input.zeros[row].wrapping_sub(I::OFFSET), self.input.scales[row]);
        let scales = &self.layer.scales[channel..][..count];
        let biases = &self.layer.biases[channel..][..count];
        let columns = &self.layer.sums[channel..][..count];
        let output = &mut output[row * self.layer.sums.len() + channel..][..count];
        for c in 0..count {
            let sum = sums[c].wrapping_sub(columns[c].wrapping_mul(zero));
            output[c] = f(sum as f32 * scale * scales[c] + biases[c]);
        }
    }
}

/// `rows += more`, and layer normalisation of each row: to mean 0 and variance 1, then times `gain` plus `shift`.
#[inline(always)]
pub(super) fn add_normalize(rows: &mut [f32], more: &[f32], norm: &Norm, epsilon: f32) {
    let width = norm.gain.len();
    for (row, more) in rows.chunks_exact_mut(width).zip(more.chunks_exact(width)) {
        for (x, y) in row.iter_mut().zip(more) {
            *x += y;
        }
        let mean = sum_of(row, |x| x) / width as f32;
        let variance = sum_of(row, |x| (x - mean) * (x - mean)) / width as f32;
        let inverse = 1.0 / (variance + epsilon).sqrt();
        for ((x, gain), shift) in row.iter_mut().zip(&norm.gain).zip(&norm.shift) {
            *x = (*x - mean) * inverse * gain + shift;
        }
    }
}

/// The Gaussian error linear unit `x · Φ(x)`, to 0.0001, which is a hundredth of a step of the bytes that it becomes. Φ
/// is a polynomial on [-4.2, 4.2], with the least error of the product, and close to 0 or 1 outside.
#[inline(always)]
pub(super) fn gelu(x: f32) -> f32 {
    let c = if x < -4.2 { -4.2 } else { x };
    let c = if c > 4.2 { 4.2 } else { c };
    let s = c * c;
    let mut p = -9.017_580_6e-10;
    for k in [
        7.941_372e-08,
        -3.037_940_4e-06,
        6.689_082e-05,
        -9.506_584e-04,
        9.298_232e-03,
        -6.552_821e-02,
        3.984_658_7e-01,
    ] {
        p = p * s + k;
    }
    x * (0.5 + c * p)
}

/// The first `len` places of a buffer, which grows if it is shorter. Old content stays, as it is overwritten anyway.
#[inline(always)]
pub(super) fn grow<T: Copy + Default>(buffer: &mut Vec<T>, len: usize) -> &mut [T] {
    if buffer.len() < len {
        buffer.resize(len, T::default());
    }
    &mut buffer[..len]
}

#[cfg(test)]
#[path = "steps_tests.rs"]
mod tests;
