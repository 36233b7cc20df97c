//! 512-bit vectors: `vpdpbusd` multiplies 64 bytes and adds them to 16 sums in one instruction.
#![expect(unsafe_code, reason = "vector loads and stores, and calls into code for one instruction set")]

use std::arch::x86_64::{
    __m512i, _mm512_dpbusd_epi32, _mm512_dpwssd_epi32, _mm512_loadu_si512, _mm512_set1_epi32,
    _mm512_setzero_si512, _mm512_storeu_si512,
};

use super::super::model_file::{GROUP, TILE};
use super::super::steps::{Isa, LANES, Lanes, Pairs, Square, Weights, WideCodes};
use super::ops::{Ops, steps};

/// The steps, if this processor has the features that `compiled` enables.
pub(super) fn ops() -> Option<&'static Ops> {
    let runs = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512vnni");
    runs.then_some(&OPS)
}

steps!(
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
    Avx512
);

/// The instruction set AVX-512. Only `compiled` names it, so its code runs in functions that enable the features.
struct Avx512;

impl Isa for Avx512 {
    type Code = u8;
    type Weight = Weights;

    #[inline(always)]
    fn codes<'a>(codes: &'a [u8], _: &'a mut WideCodes) -> &'a [u8] {
        codes
    }

    #[inline(always)]
    fn weights<'a>(tile: &'a [Weights], _: &'a mut Vec<Lanes>) -> &'a [Weights] {
        tile
    }

    #[inline(always)]
    fn dot<const R: usize>(rows: [&[u8]; R], tile: &[Weights], put: impl FnMut(usize, usize, &[i32])) {
        // SAFETY: called from functions of `compiled` alone, which enable the same features.
        unsafe { dot(rows, tile, put) }
    }

    #[inline(always)]
    fn products(rows: &[Pairs], columns: &[Pairs], sums: &mut Square) {
        // SAFETY: called from `compiled::attend` alone, which enables the same features.
        unsafe { products(rows, columns, sums) }
    }
}

/// The product [`Isa::dot`]. The sums of six rows and four panels take 24 of the 32 registers.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
fn dot<const R: usize>(rows: [&[u8]; R], tile: &[Weights], mut put: impl FnMut(usize, usize, &[i32])) {
    // With lengths that the compiler sees are equal, the loop needs no bounds checks.
    let groups = tile.len() / 4;
    let mut codes = [&[][..]; R];
    for (codes, row) in codes.iter_mut().zip(rows) {
        *codes = &row.as_chunks::<GROUP>().0[..groups];
    }
    let mut panels = [tile; 4];
    for (at, panel) in panels.iter_mut().enumerate() {
        *panel = &tile[at * groups..][..groups];
    }
    let mut sums = [[_mm512_setzero_si512(); 4]; R];
    for group in 0..groups {
        let mut weights = [_mm512_setzero_si512(); 4];
        for panel in 0..4 {
            weights[panel] = load(&panels[panel][group]);
        }
        for row in 0..R {
            let codes = _mm512_set1_epi32(i32::from_le_bytes(codes[row][group]));
            for panel in 0..4 {
                sums[row][panel] = _mm512_dpbusd_epi32(sums[row][panel], codes, weights[panel]);
            }
        }
    }
    for (row, sums) in sums.iter().enumerate() {
        let mut out = [0; TILE];
        for (out, sum) in out.as_chunks_mut::<16>().0.iter_mut().zip(sums) {
            // SAFETY: `out` is 64 bytes that may be written; the store needs no alignment.
            unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), *sum) };
        }
        put(row, 0, &out);
    }
}

/// One group of inputs of one panel.
#[inline]
#[target_feature(enable = "avx512f")]
fn load(weights: &Weights) -> __m512i {
    // SAFETY: `weights` is 64 bytes that may be read; the load needs no alignment.
    unsafe { _mm512_loadu_si512(weights.as_ptr().cast()) }
}

/// The product [`Isa::products`]. The sums of sixteen rows take half of the registers.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
fn products(rows: &[Pairs], columns: &[Pairs], out: &mut Square) {
    let mut sums = [_mm512_setzero_si512(); LANES];
    for (row, column) in rows.iter().zip(columns) {
        // SAFETY: `column` is 64 bytes that may be read; the load needs no alignment.
        let column = unsafe { _mm512_loadu_si512(column.as_ptr().cast()) };
        for r in 0..LANES {
            sums[r] = _mm512_dpwssd_epi32(sums[r], column, _mm512_set1_epi32(row[r]));
        }
    }
    for (out, sum) in out.iter_mut().zip(&sums) {
        // SAFETY: `out` is 64 bytes that may be written; the store needs no alignment.
        unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), *sum) };
    }
}
