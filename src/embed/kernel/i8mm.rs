//! 128-bit vectors with `usmmla`, which multiplies two rows of eight unsigned bytes with two columns of eight signed ones and
//! adds them to four sums.
#![expect(
    unsafe_code,
    reason = "vector loads and stores, an instruction, and calls into code for one instruction set"
)]

use std::arch::aarch64::{
    int8x16_t, int32x4_t, uint64x2_t, vcombine_u64, vdupq_n_s32, vdupq_n_u64, vld1_u64, vld1q_s8, vld1q_u8,
    vreinterpretq_s32_s64, vreinterpretq_s32_u8, vreinterpretq_s64_s32, vst1q_s32, vzip1q_s32, vzip1q_s64,
    vzip2q_s32, vzip2q_s64,
};
use std::arch::{asm, is_aarch64_feature_detected};

use super::super::steps::{Isa, LANES, Lanes, Pairs, ROWS, Square, Weights, WideCodes};
use super::neon::{self, store};
use super::ops::{Ops, steps};

/// The steps, if this processor has the features that `compiled` enables.
pub(super) fn ops() -> Option<&'static Ops> {
    is_aarch64_feature_detected!("i8mm").then_some(&OPS)
}

steps!(
    #[target_feature(enable = "neon,i8mm")]
    I8mm
);

/// The instruction set of `FEAT_I8MM`. Only `compiled` names it, so its code runs in functions that enable the feature.
struct I8mm;

impl Isa for I8mm {
    type Code = u8;
    /// Bits of 64 bytes: half of the weights of a panel for eight inputs, two channels after the other.
    type Weight = Lanes;

    #[inline(always)]
    fn codes<'a>(codes: &'a [u8], _: &'a mut WideCodes) -> &'a [u8] {
        codes
    }

    #[inline(always)]
    fn weights<'a>(tile: &'a [Weights], buffers: &'a mut Vec<Lanes>) -> &'a [Lanes] {
        buffers.resize(tile.len(), [0.0; LANES]);
        for (weights, pairs) in tile.as_chunks().0.iter().zip(buffers.as_chunks_mut().0) {
            // SAFETY: called from functions of `compiled` alone, which enable the same features.
            unsafe { pair(weights, pairs) };
        }
        buffers
    }

    #[inline(always)]
    fn dot<const R: usize>(rows: [&[u8]; R], tile: &[Lanes], put: impl FnMut(usize, usize, &[i32])) {
        // SAFETY: called from functions of `compiled` alone, which enable the same features.
        neon::by_panels(tile, |panel| unsafe { dot_apart(rows, panel) }, put);
    }

    #[inline(always)]
    fn products(rows: &[Pairs], columns: &[Pairs], sums: &mut Square) {
        // SAFETY: called from `compiled::attend` alone, which enables more than that.
        unsafe { neon::products(rows, columns, sums) }
    }
}

/// Brings the weights of two groups together: those of a channel for eight inputs, channel by channel.
#[inline]
#[target_feature(enable = "neon")]
fn pair(weights: &[Weights; 2], pairs: &mut [Lanes; 2]) {
    let to: *mut i32 = pairs.as_mut_ptr().cast();
    for at in 0..4 {
        // SAFETY: twice 64 bytes that may be read, and 128 that may be written; neither needs an alignment, and any bits
        // are floats.
        unsafe {
            let [first, second] = weights
                .each_ref()
                .map(|weights| vreinterpretq_s32_u8(vld1q_u8(weights.as_ptr().add(16 * at))));
            vst1q_s32(to.add(8 * at), vzip1q_s32(first, second));
            vst1q_s32(to.add(8 * at + 4), vzip2q_s32(first, second));
        }
    }
}

/// [`dot_panel`], not inlined, so that it has all registers. On functions with target features, the attribute does nothing.
///
/// # Safety
///
/// The processor must have these features.
#[inline(never)]
unsafe fn dot_apart<const R: usize>(rows: [&[u8]; R], panel: &[Lanes]) -> [[i32; LANES]; R] {
    // SAFETY: the caller sees to it.
    unsafe { dot_panel(rows, panel) }
}

/// The product [`Isa::dot`] with one panel: the sums of three pairs of rows take 24 of the 32 registers. A row without
/// another is its own.
#[target_feature(enable = "neon,i8mm")]
fn dot_panel<const R: usize>(rows: [&[u8]; R], panel: &[Lanes]) -> [[i32; LANES]; R] {
    // Rows are multiples of 64 long.
    let panel = panel.as_chunks::<2>().0;
    assert!(rows.iter().all(|row| row.len() == 8 * panel.len()));
    let rows = rows.map(<[u8]>::as_ptr);
    let mut sums = [[vdupq_n_s32(0); 8]; ROWS / 2];
    for (at, weights) in panel.iter().enumerate() {
        let mut codes = [vdupq_n_u64(0); ROWS / 2];
        for pair in 0..R.div_ceil(2) {
            let (first, second) = (rows[2 * pair], rows[(2 * pair + 1).min(R - 1)]);
            // SAFETY: eight codes of each row; the loads need no alignment.
            codes[pair] = unsafe {
                vcombine_u64(vld1_u64(first.add(8 * at).cast()), vld1_u64(second.add(8 * at).cast()))
            };
        }
        for channels in 0..8 {
            let weights = load(&weights[channels / 4], channels % 4);
            for pair in 0..R.div_ceil(2) {
                sums[pair][channels] = usmmla(sums[pair][channels], codes[pair], weights);
            }
        }
    }
    let mut out = [[0; LANES]; R];
    for (row, out) in out.iter_mut().enumerate() {
        store(&row_of(&sums[row / 2], row % 2), out);
    }
    out
}

/// The sums of the first or the second of two rows.
#[inline]
#[target_feature(enable = "neon")]
fn row_of(sums: &[int32x4_t; 8], row: usize) -> [int32x4_t; 4] {
    let mut out = [vdupq_n_s32(0); 4];
    for (out, sums) in out.iter_mut().zip(sums.as_chunks::<2>().0) {
        let [first, second] = sums.map(|sums| vreinterpretq_s64_s32(sums));
        let of_row = if row == 0 { vzip1q_s64(first, second) } else { vzip2q_s64(first, second) };
        *out = vreinterpretq_s32_s64(of_row);
    }
    out
}

/// The weights of two channels for eight inputs, a quarter of `weights`.
#[inline]
#[target_feature(enable = "neon")]
fn load(weights: &Lanes, quarter: usize) -> int8x16_t {
    let weights = &weights.as_chunks::<4>().0[quarter];
    // SAFETY: 16 bytes that may be read; the load needs no alignment.
    unsafe { vld1q_s8(weights.as_ptr().cast()) }
}

/// Adds the product of two rows of codes with the weights of two channels.
#[inline]
#[target_feature(enable = "neon,i8mm")]
fn usmmla(mut sums: int32x4_t, codes: uint64x2_t, weights: int8x16_t) -> int32x4_t {
    // SAFETY: the instruction touches these registers alone. Its function in `std::arch` isn't stable.
    unsafe {
        asm!(
            "usmmla {sums:v}.4s, {codes:v}.16b, {weights:v}.16b",
            sums = inout(vreg) sums,
            codes = in(vreg) codes,
            weights = in(vreg) weights,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    sums
}
