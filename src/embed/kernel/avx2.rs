//! 256-bit vectors: bytes are widened to 16 bits, so that `vpmaddwd` adds pairs of products exactly.
//! (`vpmaddubsw` would need no widening, but saturates with activations of 8 bits.)
#![expect(unsafe_code, reason = "vector loads and stores, and calls into code for one instruction set")]

use std::arch::x86_64::{
    __m256i, _mm_loadu_si128, _mm_set1_epi32, _mm256_add_epi32, _mm256_add_ps, _mm256_cvtepi8_epi16,
    _mm256_cvtepu8_epi16, _mm256_hadd_epi32, _mm256_loadu_ps, _mm256_madd_epi16, _mm256_mul_ps,
    _mm256_permute4x64_epi64, _mm256_set1_ps, _mm256_setzero_ps, _mm256_setzero_si256, _mm256_storeu_ps,
    _mm256_storeu_si256,
};

use super::super::steps::{Codes, Isa, Lanes, Sums, Weights};
use super::Ops;

/// The steps, if this processor has what `compiled` is compiled for.
pub(super) fn ops() -> Option<&'static Ops> {
    is_x86_feature_detected!("avx2").then_some(&OPS)
}

// SAFETY (of each call): `OPS` is private to this module, and `ops` hands it out only where the processor has
// the feature that the functions of `compiled` enable.
static OPS: Ops = Ops {
    quantize: |rows, factors, out| unsafe { compiled::quantize(rows, factors, out) },
    linear: |input, layer, output| unsafe { compiled::linear(input, layer, output) },
    gelu: |values| unsafe { compiled::gelu(values) },
    add_normalize: |rows, more, norm, epsilon| unsafe { compiled::add_normalize(rows, more, norm, epsilon) },
    attend: |input, heads, hidden, scratch, output| unsafe {
        compiled::attend(input, heads, hidden, scratch, output);
    },
};

super::steps!(
    #[target_feature(enable = "avx2")]
    super::Avx2
);

/// Only named in `compiled`, so its code only runs inside functions that enable its features.
struct Avx2;

impl Isa for Avx2 {
    #[inline(always)]
    fn dot<const R: usize>(rows: [&[Codes]; R], panels: [&[Weights]; 4]) -> Sums<R> {
        // SAFETY: called from `compiled::linear` alone, which enables the same features.
        unsafe { dot(rows, panels) }
    }

    #[inline(always)]
    fn products<const R: usize>(rows: [&[f32]; R], columns: &[Lanes]) -> [Lanes; R] {
        // SAFETY: called from `compiled::attend` alone, which enables the same features.
        unsafe { products(rows, columns) }
    }
}

/// See [`Isa::dot`]. Two rows and one panel at a time.
#[inline]
#[target_feature(enable = "avx2")]
fn dot<const R: usize>(rows: [&[Codes]; R], panels: [&[Weights]; 4]) -> Sums<R> {
    let mut out = [[0; 64]; R];
    let groups = panels[0].len();
    for (at, panel) in panels.iter().enumerate() {
        let mut row = 0;
        // Two rows' sums of a panel are 8 of the 16 registers.
        while row + 2 <= R {
            let [first, second] = panel_dot([&rows[row][..groups], &rows[row + 1][..groups]], panel);
            out[row][16 * at..][..16].copy_from_slice(&first);
            out[row + 1][16 * at..][..16].copy_from_slice(&second);
            row += 2;
        }
        if row < R {
            let [last] = panel_dot([&rows[row][..groups]], panel);
            out[row][16 * at..][..16].copy_from_slice(&last);
        }
    }
    out
}

/// The sums of some rows over the 16 channels of one panel.
#[inline]
#[target_feature(enable = "avx2")]
fn panel_dot<const R: usize>(rows: [&[Codes]; R], panel: &[Weights]) -> [[i32; 16]; R] {
    // They can't overflow: 32,768 products at most, of 255 · 128.
    // Each register holds four channels, each channel as two sums: of the first and of the second two inputs.
    let mut sums = [[_mm256_setzero_si256(); 4]; R];
    for (group, weights) in panel.iter().enumerate() {
        let mut codes = [_mm256_setzero_si256(); R];
        for row in 0..R {
            codes[row] = _mm256_cvtepu8_epi16(_mm_set1_epi32(i32::from_le_bytes(rows[row][group])));
        }
        for (quarter, weights) in weights.as_chunks::<16>().0.iter().enumerate() {
            let weights = widen(weights);
            for row in 0..R {
                sums[row][quarter] =
                    _mm256_add_epi32(sums[row][quarter], _mm256_madd_epi16(codes[row], weights));
            }
        }
    }
    let mut out = [[0; 16]; R];
    for (out, sums) in out.iter_mut().zip(&sums) {
        for (half, out) in out.as_chunks_mut::<8>().0.iter_mut().enumerate() {
            // Adds pairs, which leaves the channels as 0 1 4 5 2 3 6 7.
            let pairs = _mm256_hadd_epi32(sums[2 * half], sums[2 * half + 1]);
            let ordered = _mm256_permute4x64_epi64::<0b11_01_10_00>(pairs);
            // SAFETY: `out` is 32 bytes that may be written; the store needs no alignment.
            unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), ordered) };
        }
    }
    out
}

/// Sixteen weights as 16-bit integers: four channels' weights for one group of inputs.
#[inline]
#[target_feature(enable = "avx2")]
fn widen(weights: &[u8; 16]) -> __m256i {
    // SAFETY: `weights` is 16 bytes that may be read; the load needs no alignment.
    _mm256_cvtepi8_epi16(unsafe { _mm_loadu_si128(weights.as_ptr().cast()) })
}

/// See [`Isa::products`]. No fused operation, though there is one: it would round differently.
#[inline]
#[target_feature(enable = "avx2")]
fn products<const R: usize>(mut rows: [&[f32]; R], columns: &[Lanes]) -> [Lanes; R] {
    for row in &mut rows {
        *row = &row[..columns.len()];
    }
    let mut out = [[0.0; 16]; R];
    // One half of the lanes after the other: the sums of eight rows are half of the registers.
    for half in 0..2 {
        let mut sums = [_mm256_setzero_ps(); R];
        for (k, column) in columns.iter().enumerate() {
            let column = &column.as_chunks::<8>().0[half];
            // SAFETY: `column` is 32 bytes that may be read; the load needs no alignment.
            let column = unsafe { _mm256_loadu_ps(column.as_ptr()) };
            for r in 0..R {
                sums[r] = _mm256_add_ps(sums[r], _mm256_mul_ps(_mm256_set1_ps(rows[r][k]), column));
            }
        }
        for (out, sum) in out.iter_mut().zip(&sums) {
            let out = &mut out.as_chunks_mut::<8>().0[half];
            // SAFETY: `out` is 32 bytes that may be written; the store needs no alignment.
            unsafe { _mm256_storeu_ps(out.as_mut_ptr(), *sum) };
        }
    }
    out
}
