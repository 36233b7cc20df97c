//! 128-bit vectors, which every 64-bit ARM processor has: bytes are widened to 16 bits, and `smlal` multiplies four of them
//! with one and adds the products to four sums.
#![expect(unsafe_code, reason = "vector loads and stores, and calls into code for one instruction set")]

use std::arch::aarch64::{
    int16x8_t, int16x8x2_t, int32x4_t, vdupq_n_s16, vdupq_n_s32, vget_low_s8, vget_low_s16, vld1q_s16,
    vld2q_s16, vld4q_s8, vmlal_high_laneq_s16, vmlal_laneq_s16, vmovl_high_s8, vmovl_s8, vst1q_s16,
    vst1q_s32,
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
        by_panels(tile, |panel| unsafe { dot_apart(rows, panel) }, put);
    }

    #[inline(always)]
    fn products(rows: &[Pairs], columns: &[Pairs], sums: &mut Square) {
        // SAFETY: called from `compiled::attend` alone, which enables the same feature.
        unsafe { products(rows, columns, sums) }
    }
}

/// Multiplies some rows with a tile panel by panel: `dot` gives the sums of a panel, which are put where they belong.
#[inline(always)]
pub(super) fn by_panels<W, const R: usize>(
    tile: &[W],
    dot: impl Fn(&[W]) -> [[i32; LANES]; R],
    mut put: impl FnMut(usize, usize, &[i32]),
) {
    for (at, panel) in tile.chunks_exact(tile.len() / 4).enumerate() {
        for (row, sums) in dot(panel).iter().enumerate() {
            put(row, LANES * at, sums);
        }
    }
}

/// [`dot_panel`], not inlined, so that it has all registers. On functions with target features, the attribute does nothing.
///
/// # Safety
///
/// The processor must have these features.
#[inline(never)]
unsafe fn dot_apart<const R: usize>(rows: [&[i16]; R], panel: &[Lanes]) -> [[i32; LANES]; R] {
    // SAFETY: the caller sees to it.
    unsafe { dot_panel(rows, panel) }
}

/// The product [`Isa::dot`] with one panel, half of it at a time: the sums of six rows take 12 of the 32 registers.
#[target_feature(enable = "neon")]
fn dot_panel<const R: usize>(rows: [&[i16]; R], panel: &[Lanes]) -> [[i32; LANES]; R] {
    // Rows are multiples of 64 long.
    let panel = panel.as_chunks::<4>().0;
    assert!(rows.iter().all(|row| row.len() == 8 * panel.len()));
    let rows = rows.map(<[i16]>::as_ptr);
    let mut out = [[0; LANES]; R];
    for half in 0..2 {
        let mut sums = [[vdupq_n_s32(0); 2]; R];
        for (at, weights) in panel.iter().enumerate() {
            let mut codes = [vdupq_n_s16(0); R];
            for row in 0..R {
                // SAFETY: eight codes of the row; the load needs no alignment.
                codes[row] = unsafe { vld1q_s16(rows[row].add(8 * at)) };
            }
            add_input::<0, R>(&mut sums, &codes, load(&weights[0], half));
            add_input::<1, R>(&mut sums, &codes, load(&weights[0], 2 + half));
            add_input::<2, R>(&mut sums, &codes, load(&weights[1], half));
            add_input::<3, R>(&mut sums, &codes, load(&weights[1], 2 + half));
            add_input::<4, R>(&mut sums, &codes, load(&weights[2], half));
            add_input::<5, R>(&mut sums, &codes, load(&weights[2], 2 + half));
            add_input::<6, R>(&mut sums, &codes, load(&weights[3], half));
            add_input::<7, R>(&mut sums, &codes, load(&weights[3], 2 + half));
        }
        for (out, sums) in out.iter_mut().zip(&sums) {
            store(sums, &mut out[8 * half..]);
        }
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

/// Adds the products of one input, which is a lane of the rows' codes, with the weights of eight channels.
#[inline]
#[target_feature(enable = "neon")]
fn add_input<const LANE: i32, const R: usize>(
    sums: &mut [[int32x4_t; 2]; R],
    codes: &[int16x8_t; R],
    weights: int16x8_t,
) {
    for (sums, codes) in sums.iter_mut().zip(codes) {
        add_lane::<LANE>(sums, *codes, weights);
    }
}

/// Adds the products of one lane of `row` with eight columns.
#[inline]
#[target_feature(enable = "neon")]
fn add_lane<const LANE: i32>(sums: &mut [int32x4_t; 2], row: int16x8_t, columns: int16x8_t) {
    sums[0] = vmlal_laneq_s16::<LANE>(sums[0], vget_low_s16(columns), row);
    sums[1] = vmlal_high_laneq_s16::<LANE>(sums[1], columns, row);
}

/// The weights of one input for eight channels, a quarter of `weights`.
#[inline]
#[target_feature(enable = "neon")]
fn load(weights: &Lanes, quarter: usize) -> int16x8_t {
    let weights = &weights.as_chunks::<4>().0[quarter];
    // SAFETY: 16 bytes that may be read; the load needs no alignment.
    unsafe { vld1q_s16(weights.as_ptr().cast()) }
}

/// Writes sums to as many integers at the front of `out`.
#[inline]
#[target_feature(enable = "neon")]
pub(super) fn store(sums: &[int32x4_t], out: &mut [i32]) {
    for (out, sum) in out.as_chunks_mut::<4>().0.iter_mut().zip(sums) {
        // SAFETY: 16 bytes that may be written; the store needs no alignment.
        unsafe { vst1q_s32(out.as_mut_ptr(), *sum) };
    }
}

/// The product [`Isa::products`], eight rows by eight columns at a time: their sums take half of the registers.
#[inline]
#[target_feature(enable = "neon")]
pub(super) fn products(rows: &[Pairs], columns: &[Pairs], out: &mut Square) {
    for (at, out) in out.as_chunks_mut::<8>().0.iter_mut().enumerate() {
        for half in 0..2 {
            let mut sums = [[vdupq_n_s32(0); 2]; 8];
            for (row, column) in rows.iter().zip(columns) {
                let row: *const i16 = row.as_chunks::<8>().0[at].as_ptr().cast();
                let column: *const i16 = column.as_chunks::<8>().0[half].as_ptr().cast();
                // SAFETY: 32 bytes each that may be read; the loads need no alignment.
                let (rows, int16x8x2_t(first, second)) =
                    unsafe { ([vld1q_s16(row), vld1q_s16(row.add(8))], vld2q_s16(column)) };
                for (sums, row) in sums.as_chunks_mut::<4>().0.iter_mut().zip(rows) {
                    add_lane::<0>(&mut sums[0], row, first);
                    add_lane::<1>(&mut sums[0], row, second);
                    add_lane::<2>(&mut sums[1], row, first);
                    add_lane::<3>(&mut sums[1], row, second);
                    add_lane::<4>(&mut sums[2], row, first);
                    add_lane::<5>(&mut sums[2], row, second);
                    add_lane::<6>(&mut sums[3], row, first);
                    add_lane::<7>(&mut sums[3], row, second);
                }
            }
            for (out, sums) in out.iter_mut().zip(&sums) {
                store(sums, &mut out[8 * half..]);
            }
        }
    }
}
