//! 128-bit vectors, which every 64-bit ARM processor has: bytes are widened to 16 bits, and `smlal` multiplies four of them
//! with one and adds the products to four sums.
#![expect(unsafe_code, reason = "vector loads and stores, and calls into code for one instruction set")]

use std::arch::aarch64::{
    int16x8_t, int16x8x2_t, int32x4_t, vdupq_n_s32, vget_low_s8, vget_low_s16, vld1q_s16, vld2q_s16,
    vld4q_s8, vmlal_high_laneq_s16, vmlal_laneq_s16, vmovl_high_s8, vmovl_s8, vst1q_s16, vst1q_s32,
};
use std::arch::is_aarch64_feature_detected;

use super::super::steps::{Isa, LANES, Lanes, Pairs, Square, Weights, WideCodes};
use super::ops::{Ops, steps};

/// The steps, if this processor has the feature that `compiled` enables.
pub(super) fn ops() -> Option<&'static Ops> {
    is_aarch64_feature_detected!("neon").then_some(&OPS)
}

steps!(
    #[target_feature(enable = "neon")]
    Neon
);

/// The instruction set NEON. Only `compiled` names it, so its code runs in functions that enable the feature.
struct Neon;

impl Isa for Neon {
    type Code = i16;
    /// Bits of 32 integers of 16 bits: the weights of a panel for two inputs.
    type Weight = Lanes;

    #[inline(always)]
    fn codes<'a>(codes: &'a [u8], buffers: &'a mut WideCodes) -> &'a [i16] {
        buffers.halves.clear();
        buffers.halves.extend(codes.iter().map(|code| i16::from(*code)));
        &buffers.halves
    }

    #[inline(always)]
    fn weights<'a>(tile: &'a [Weights], buffers: &'a mut Vec<Lanes>) -> &'a [Lanes] {
        buffers.resize(2 * tile.len(), [0.0; LANES]);
        for (weights, wide) in tile.iter().zip(buffers.as_chunks_mut().0) {
            // SAFETY: called from functions of `compiled` alone, which enable the same feature.
            unsafe { widen(weights, wide) };
        }
        buffers
    }

    #[inline(always)]
    fn dot<const R: usize>(rows: [&[i16]; R], tile: &[Lanes], put: impl FnMut(usize, usize, &[i32])) {
        // SAFETY: called from functions of `compiled` alone, which enable the same feature.
        unsafe { dot(rows, tile, put) }
    }

    #[inline(always)]
    fn products(rows: &[Pairs], columns: &[Pairs], sums: &mut Square) {
        // SAFETY: called from `compiled::attend` alone, which enables the same feature.
        unsafe { products(rows, columns, sums) }
    }
}

/// The product [`Isa::dot`], a panel at a time.
#[inline]
#[target_feature(enable = "neon")]
fn dot<const R: usize>(rows: [&[i16]; R], tile: &[Lanes], mut put: impl FnMut(usize, usize, &[i32])) {
    for (at, panel) in tile.chunks_exact(tile.len() / 4).enumerate() {
        for (row, sums) in dot_panel(rows, panel).iter().enumerate() {
            put(row, LANES * at, sums);
        }
    }
}

/// The products with one panel: the sums of six rows take 24 of the 32 registers, and their codes six. Not inlined, so that
/// it has all registers.
#[inline(never)]
#[target_feature(enable = "neon")]
fn dot_panel<const R: usize>(rows: [&[i16]; R], panel: &[Lanes]) -> [[i32; LANES]; R] {
    // Rows are multiples of 64 long.
    let panel = panel.as_chunks::<4>().0;
    let rows = rows.map(|row| &row.as_chunks().0[..panel.len()]);
    let mut sums = [[vdupq_n_s32(0); 4]; R];
    for (at, weights) in panel.iter().enumerate() {
        let mut codes = [load(&[0; 8]); R];
        for row in 0..R {
            codes[row] = load(&rows[row][at]);
        }
        add_inputs::<0, 1, R>(&mut sums, &codes, &weights[0]);
        add_inputs::<2, 3, R>(&mut sums, &codes, &weights[1]);
        add_inputs::<4, 5, R>(&mut sums, &codes, &weights[2]);
        add_inputs::<6, 7, R>(&mut sums, &codes, &weights[3]);
    }
    let mut out = [[0; LANES]; R];
    for (out, sums) in out.iter_mut().zip(&sums) {
        store(sums, out);
    }
    out
}

/// The weights of one group, a row of channels for each input, as 16-bit integers.
#[inline]
#[target_feature(enable = "neon")]
fn widen(weights: &Weights, wide: &mut [Lanes; 2]) {
    let to: *mut i16 = wide.as_mut_ptr().cast();
    // SAFETY: 64 bytes that may be read, and 128 that may be written; neither needs an alignment, and any bits are floats.
    unsafe {
        let inputs = vld4q_s8(weights.as_ptr().cast());
        for (at, input) in [inputs.0, inputs.1, inputs.2, inputs.3].into_iter().enumerate() {
            vst1q_s16(to.add(16 * at), vmovl_s8(vget_low_s8(input)));
            vst1q_s16(to.add(16 * at + 8), vmovl_high_s8(input));
        }
    }
}

/// Adds the products of two inputs, which are lanes of the rows' codes.
#[inline]
#[target_feature(enable = "neon")]
fn add_inputs<const A: i32, const B: i32, const R: usize>(
    sums: &mut [[int32x4_t; 4]; R],
    codes: &[int16x8_t; R],
    weights: &Lanes,
) {
    let from: *const i16 = weights.as_ptr().cast();
    // SAFETY: `weights` is 64 bytes that may be read; the loads need no alignment.
    let weights = unsafe { [0, 8, 16, 24].map(|at| vld1q_s16(from.add(at))) };
    for (sums, codes) in sums.iter_mut().zip(codes) {
        add_lane::<A>(sums, *codes, [weights[0], weights[1]]);
        add_lane::<B>(sums, *codes, [weights[2], weights[3]]);
    }
}

/// Adds the products of one lane of `row` with sixteen columns.
#[inline]
#[target_feature(enable = "neon")]
fn add_lane<const LANE: i32>(sums: &mut [int32x4_t; 4], row: int16x8_t, columns: [int16x8_t; 2]) {
    sums[0] = vmlal_laneq_s16::<LANE>(sums[0], vget_low_s16(columns[0]), row);
    sums[1] = vmlal_high_laneq_s16::<LANE>(sums[1], columns[0], row);
    sums[2] = vmlal_laneq_s16::<LANE>(sums[2], vget_low_s16(columns[1]), row);
    sums[3] = vmlal_high_laneq_s16::<LANE>(sums[3], columns[1], row);
}

/// Eight codes.
#[inline]
#[target_feature(enable = "neon")]
fn load(codes: &[i16; 8]) -> int16x8_t {
    // SAFETY: 16 bytes that may be read; the load needs no alignment.
    unsafe { vld1q_s16(codes.as_ptr()) }
}

/// Writes sixteen sums.
#[inline]
#[target_feature(enable = "neon")]
pub(super) fn store(sums: &[int32x4_t; 4], out: &mut [i32; LANES]) {
    for (out, sum) in out.as_chunks_mut::<4>().0.iter_mut().zip(sums) {
        // SAFETY: 16 bytes that may be written; the store needs no alignment.
        unsafe { vst1q_s32(out.as_mut_ptr(), *sum) };
    }
}

/// The product [`Isa::products`], four rows at a time: their sums take half of the registers.
#[inline]
#[target_feature(enable = "neon")]
pub(super) fn products(rows: &[Pairs], columns: &[Pairs], out: &mut Square) {
    for (at, out) in out.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let mut sums = [[vdupq_n_s32(0); 4]; 4];
        for (row, column) in rows.iter().zip(columns) {
            let row: *const i16 = row.as_chunks::<4>().0[at].as_ptr().cast();
            let column: *const i16 = column.as_ptr().cast();
            // SAFETY: 16 and 64 bytes that may be read; the loads need no alignment.
            let (row, int16x8x2_t(first, second), int16x8x2_t(more_first, more_second)) =
                unsafe { (vld1q_s16(row), vld2q_s16(column), vld2q_s16(column.add(16))) };
            let (first, second) = ([first, more_first], [second, more_second]);
            add_lane::<0>(&mut sums[0], row, first);
            add_lane::<1>(&mut sums[0], row, second);
            add_lane::<2>(&mut sums[1], row, first);
            add_lane::<3>(&mut sums[1], row, second);
            add_lane::<4>(&mut sums[2], row, first);
            add_lane::<5>(&mut sums[2], row, second);
            add_lane::<6>(&mut sums[3], row, first);
            add_lane::<7>(&mut sums[3], row, second);
        }
        for (out, sums) in out.iter_mut().zip(&sums) {
            store(sums, out);
        }
    }
}
