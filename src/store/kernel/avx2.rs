//! 256-bit vectors: sixteen products and their sums in pairs in one instruction.
#![expect(unsafe_code, reason = "vector loads, fetching ahead, and calls into code for one instruction set")]

use std::arch::x86_64::{
    _MM_HINT_T0, _mm_loadu_si128, _mm_prefetch, _mm256_add_epi32, _mm256_cvtepi8_epi16, _mm256_loadu_si256,
    _mm256_madd_epi16, _mm256_setzero_si256, _mm256_storeu_si256,
};

use super::{Dots, portable};

/// The kernel, if this processor has all it is compiled for.
pub(super) fn dots() -> Option<Dots> {
    let runs = is_x86_feature_detected!("avx2");
    // SAFETY: the processor has every feature that `compiled` enables.
    runs.then_some(|query, rows, sums| unsafe { compiled(query, rows, sums) })
}

/// How many rows ahead are fetched.
const AHEAD: usize = 3;

#[target_feature(enable = "avx2")]
fn compiled(query: &[i16], rows: &[&[u8]], sums: &mut [i32]) {
    assert_eq!(rows.len(), sums.len());
    for row in rows.iter().take(AHEAD) {
        fetch(row);
    }
    for at in 0..rows.len() {
        if let Some(next) = rows.get(at + AHEAD) {
            fetch(next);
        }
        assert_eq!(rows[at].len(), query.len());
        sums[at] = dot(query, rows[at]);
    }
}

/// Has a row brought to the caches.
#[inline]
#[target_feature(enable = "avx2")]
fn fetch(row: &[u8]) {
    for line in row.chunks(64) {
        _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast());
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn dot(query: &[i16], codes: &[u8]) -> i32 {
    let (query_blocks, query_rest) = query.as_chunks::<16>();
    let (code_blocks, code_rest) = codes.as_chunks::<16>();
    let mut sums = [_mm256_setzero_si256(); 4];
    for (at, (query, codes)) in query_blocks.iter().zip(code_blocks).enumerate() {
        // SAFETY: 32 and 16 bytes that may be read; the loads need no alignment.
        let (query, codes) =
            unsafe { (_mm256_loadu_si256(query.as_ptr().cast()), _mm_loadu_si128(codes.as_ptr().cast())) };
        let products = _mm256_madd_epi16(query, _mm256_cvtepi8_epi16(codes));
        sums[at % 4] = _mm256_add_epi32(sums[at % 4], products);
    }
    let sum = _mm256_add_epi32(_mm256_add_epi32(sums[0], sums[1]), _mm256_add_epi32(sums[2], sums[3]));
    let mut lanes = [0i32; 8];
    // SAFETY: `lanes` is 32 bytes that may be written; the store needs no alignment.
    unsafe { _mm256_storeu_si256(lanes.as_mut_ptr().cast(), sum) };
    lanes.iter().sum::<i32>() + portable::dot(query_rest, code_rest)
}
