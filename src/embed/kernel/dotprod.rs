//! 128-bit vectors with `sdot`, which multiplies sixteen signed bytes and adds them to four sums. Codes are unsigned, so 128
//! is taken off each.
#![expect(unsafe_code, reason = "vector loads, an instruction, and calls into code for one instruction set")]

use std::arch::aarch64::{int8x16_t, int32x4_t, vdupq_n_s8, vdupq_n_s32, vld1q_s8};
use std::arch::{asm, is_aarch64_feature_detected};

use super::super::steps::{Isa, LANES, Lanes, Pairs, Square, Weights, WideCodes};
use super::neon::{self, store};
use super::ops::{Ops, steps};

/// The steps, if this processor has the features that `compiled` enables.
pub(super) fn ops() -> Option<&'static Ops> {
    is_aarch64_feature_detected!("dotprod").then_some(&OPS)
}

steps!(
    #[target_feature(enable = "neon,dotprod")]
    Dotprod
);

/// The instruction set of `FEAT_DotProd`. Only `compiled` names it, so its code runs in functions that enable the feature.
struct Dotprod;

impl Isa for Dotprod {
    const OFFSET: i32 = 128;
    type Code = i8;
    type Weight = Weights;

    #[inline(always)]
    fn codes<'a>(codes: &'a [u8], buffers: &'a mut WideCodes) -> &'a [i8] {
        buffers.bytes.clear();
        buffers.bytes.extend(codes.iter().map(|code| (code ^ 128) as i8));
        &buffers.bytes
    }

    #[inline(always)]
    fn weights<'a>(tile: &'a [Weights], _: &'a mut Vec<Lanes>) -> &'a [Weights] {
        tile
    }

    #[inline(always)]
    fn dot<const R: usize>(rows: [&[i8]; R], tile: &[Weights], put: impl FnMut(usize, usize, &[i32])) {
        // SAFETY: called from functions of `compiled` alone, which enable the same features.
        neon::by_panels(tile, |panel| unsafe { dot_apart(rows, panel) }, put);
    }

    #[inline(always)]
    fn products(rows: &[Pairs], columns: &[Pairs], sums: &mut Square) {
        // SAFETY: called from `compiled::attend` alone, which enables more than that.
        unsafe { neon::products(rows, columns, sums) }
    }
}

/// [`dot_panel`], not inlined, so that it has all registers. On functions with target features, the attribute does nothing.
///
/// # Safety
///
/// The processor must have these features.
#[inline(never)]
unsafe fn dot_apart<const R: usize>(rows: [&[i8]; R], panel: &[Weights]) -> [[i32; LANES]; R] {
    // SAFETY: the caller sees to it.
    unsafe { dot_panel(rows, panel) }
}

/// The product [`Isa::dot`] with one panel: the sums of six rows take 24 of the 32 registers, and their codes six.
#[target_feature(enable = "neon,dotprod")]
fn dot_panel<const R: usize>(rows: [&[i8]; R], panel: &[Weights]) -> [[i32; LANES]; R] {
    // Rows are multiples of 64 long.
    let panel = panel.as_chunks::<4>().0;
    assert!(rows.iter().all(|row| row.len() == 16 * panel.len()));
    let rows = rows.map(<[i8]>::as_ptr);
    let mut sums = [[vdupq_n_s32(0); 4]; R];
    for (at, weights) in panel.iter().enumerate() {
        let mut codes = [vdupq_n_s8(0); R];
        for row in 0..R {
            // SAFETY: 16 bytes of the row; the load needs no alignment.
            codes[row] = unsafe { vld1q_s8(rows[row].add(16 * at)) };
        }
        add_group::<0, R>(&mut sums, &codes, &weights[0]);
        add_group::<1, R>(&mut sums, &codes, &weights[1]);
        add_group::<2, R>(&mut sums, &codes, &weights[2]);
        add_group::<3, R>(&mut sums, &codes, &weights[3]);
    }
    let mut out = [[0; LANES]; R];
    for (out, sums) in out.iter_mut().zip(&sums) {
        store(sums, out);
    }
    out
}

/// Adds the products of one group of inputs, which is a lane of the rows' codes.
#[inline]
#[target_feature(enable = "neon,dotprod")]
fn add_group<const GROUP: i32, const R: usize>(
    sums: &mut [[int32x4_t; 4]; R],
    codes: &[int8x16_t; R],
    weights: &Weights,
) {
    for (quarter, weights) in weights.as_chunks::<16>().0.iter().enumerate() {
        // SAFETY: 16 bytes that may be read; the load needs no alignment.
        let weights = unsafe { vld1q_s8(weights.as_ptr().cast::<i8>()) };
        for row in 0..R {
            sums[row][quarter] = sdot::<GROUP>(sums[row][quarter], weights, codes[row]);
        }
    }
}

/// Adds to each sum the product of four weights with the four codes of a lane.
#[inline]
#[target_feature(enable = "neon,dotprod")]
fn sdot<const LANE: i32>(mut sums: int32x4_t, weights: int8x16_t, codes: int8x16_t) -> int32x4_t {
    // SAFETY: the instruction touches these registers alone. Its function in `std::arch` isn't stable.
    unsafe {
        asm!(
            "sdot {sums:v}.4s, {weights:v}.16b, {codes:v}.4b[{lane}]",
            sums = inout(vreg) sums,
            weights = in(vreg) weights,
            codes = in(vreg) codes,
            lane = const LANE,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    sums
}
