//! 256-bit vectors: bytes are widened to 16 bits, so that `vpmaddwd` adds pairs of products exactly.
//! (`vpmaddubsw` would need no widening, but saturates with activations of 8 bits.)
#![expect(unsafe_code, reason = "vector loads and stores, and calls into code for one instruction set")]

use std::arch::x86_64::{
    __m256i, _mm_loadl_epi64, _mm_loadu_si128, _mm256_add_epi32, _mm256_broadcastq_epi64,
    _mm256_cvtepi8_epi16, _mm256_hadd_epi32, _mm256_loadu_si256, _mm256_madd_epi16, _mm256_permute4x64_epi64,
    _mm256_set1_epi32, _mm256_setzero_si256, _mm256_storeu_si256,
};

use super::super::model_file::GROUP;
use super::super::steps::{Isa, Lanes, Pairs, Square, Weights, WideCodes};
use super::ops::{Ops, steps};

/// The steps, if this processor has the features that `compiled` enables.
pub(super) fn ops() -> Option<&'static Ops> {
    is_x86_feature_detected!("avx2").then_some(&OPS)
}

steps!(
    #[target_feature(enable = "avx2")]
    Avx2
);

/// The instruction set AVX2. Only `compiled` names it, so its code runs in functions that enable the features.
struct Avx2;

impl Isa for Avx2 {
    type Code = i16;
    type Weight = Weights;

    #[inline(always)]
    fn codes<'a>(codes: &'a [u8], buffers: &'a mut WideCodes) -> &'a [i16] {
        buffers.halves.clear();
        buffers.halves.extend(codes.iter().map(|code| i16::from(*code)));
        &buffers.halves
    }

    #[inline(always)]
    fn weights<'a>(tile: &'a [Weights], _: &'a mut Vec<Lanes>) -> &'a [Weights] {
        tile
    }

    #[inline(always)]
    fn dot<const R: usize>(rows: [&[i16]; R], tile: &[Weights], put: impl FnMut(usize, usize, &[i32])) {
        // SAFETY: called from functions of `compiled` alone, which enable the same features.
        unsafe { dot(rows, tile, put) }
    }

    #[inline(always)]
    fn products(rows: &[Pairs], columns: &[Pairs], sums: &mut Square) {
        // SAFETY: called from `compiled::attend` alone, which enables the same features.
        unsafe { products(rows, columns, sums) }
    }
}

/// The product [`Isa::dot`], half a panel at a time: the sums of six rows over eight channels take 12 of the 16
/// registers, and widened weights are used for six rows.
#[inline]
#[target_feature(enable = "avx2")]
fn dot<const R: usize>(rows: [&[i16]; R], tile: &[Weights], mut put: impl FnMut(usize, usize, &[i32])) {
    let groups = tile.len() / 4;
    let mut codes = [&[][..]; R];
    for (codes, row) in codes.iter_mut().zip(rows) {
        *codes = &row.as_chunks::<GROUP>().0[..groups];
    }
    for (at, panel) in tile.chunks_exact(groups).enumerate() {
        let mut out = [[0; 16]; R];
        for half in 0..2 {
            // Sums of at most 32,768 products of 255 · 128 don't overflow. Each register holds four channels, and for
            // each channel two sums: of the first two and of the last two inputs of a group.
            let mut sums = [[_mm256_setzero_si256(); 2]; R];
            for (group, weights) in panel.iter().enumerate() {
                let quarters = weights.as_chunks::<16>().0;
                let weights = [widen(&quarters[2 * half]), widen(&quarters[2 * half + 1])];
                for row in 0..R {
                    let codes = broadcast(&codes[row][group]);
                    for quarter in 0..2 {
                        let products = _mm256_madd_epi16(codes, weights[quarter]);
                        sums[row][quarter] = _mm256_add_epi32(sums[row][quarter], products);
                    }
                }
            }
            for (out, sums) in out.iter_mut().zip(&sums) {
                let out = &mut out.as_chunks_mut::<8>().0[half];
                // Adds pairs, which leaves the channels as 0 1 4 5 2 3 6 7.
                let pairs = _mm256_hadd_epi32(sums[0], sums[1]);
                let ordered = _mm256_permute4x64_epi64::<0b11_01_10_00>(pairs);
                // SAFETY: `out` is 32 bytes that may be written; the store needs no alignment.
                unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), ordered) };
            }
        }
        for (row, sums) in out.iter().enumerate() {
            put(row, 16 * at, sums);
        }
    }
}

/// One group of codes in each quarter of a register.
#[inline]
#[target_feature(enable = "avx2")]
fn broadcast(codes: &[i16; GROUP]) -> __m256i {
    // SAFETY: `codes` is 8 bytes that may be read; the load needs no alignment.
    _mm256_broadcastq_epi64(unsafe { _mm_loadl_epi64(codes.as_ptr().cast()) })
}

/// Sixteen weights as 16-bit integers: four channels' weights for one group of inputs.
#[inline]
#[target_feature(enable = "avx2")]
fn widen(weights: &[u8; 16]) -> __m256i {
    // SAFETY: `weights` is 16 bytes that may be read; the load needs no alignment.
    _mm256_cvtepi8_epi16(unsafe { _mm_loadu_si128(weights.as_ptr().cast()) })
}

/// The product [`Isa::products`], four rows at a time: their sums take half of the registers.
#[inline]
#[target_feature(enable = "avx2")]
fn products(rows: &[Pairs], columns: &[Pairs], out: &mut Square) {
    for (at, out) in out.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let mut sums = [[_mm256_setzero_si256(); 2]; 4];
        for (row, column) in rows.iter().zip(columns) {
            let row = &row.as_chunks::<4>().0[at];
            for (half, column) in column.as_chunks::<8>().0.iter().enumerate() {
                // SAFETY: `column` is 32 bytes that may be read; the load needs no alignment.
                let column = unsafe { _mm256_loadu_si256(column.as_ptr().cast()) };
                for r in 0..4 {
                    let products = _mm256_madd_epi16(column, _mm256_set1_epi32(row[r]));
                    sums[r][half] = _mm256_add_epi32(sums[r][half], products);
                }
            }
        }
        for (out, sums) in out.iter_mut().zip(&sums) {
            for (out, sum) in out.as_chunks_mut::<8>().0.iter_mut().zip(sums) {
                // SAFETY: `out` is 32 bytes that may be written; the store needs no alignment.
                unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), *sum) };
            }
        }
    }
}
