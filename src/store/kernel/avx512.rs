//! 512-bit vectors: 32 products and their sums in pairs in one instruction.
#![expect(unsafe_code, reason = "vector loads, fetching ahead, and calls into code for one instruction set")]

use std::arch::x86_64::{
    _MM_HINT_T0, _mm_prefetch, _mm256_loadu_si256, _mm512_add_epi32, _mm512_cvtepi8_epi16,
    _mm512_dpwssd_epi32, _mm512_loadu_si512, _mm512_reduce_add_epi32, _mm512_setzero_si512,
};

use super::{Dots, portable};

/// The kernel, if this processor has all it is compiled for.
pub(super) fn dots() -> Option<Dots> {
    let runs = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vnni");
    // SAFETY: the processor has every feature that `compiled` enables.
    runs.then_some(|query, rows, sums| unsafe { compiled(query, rows, sums) })
}

/// How many rows ahead are fetched.
const AHEAD: usize = 3;

#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
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
#[target_feature(enable = "avx512f")]
fn fetch(row: &[u8]) {
    for line in row.chunks(64) {
        _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast());
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn dot(query: &[i16], codes: &[u8]) -> i32 {
    let (query_blocks, query_rest) = query.as_chunks::<32>();
    let (code_blocks, code_rest) = codes.as_chunks::<32>();
    let mut sums = [_mm512_setzero_si512(); 2];
    for (at, (query, codes)) in query_blocks.iter().zip(code_blocks).enumerate() {
        // SAFETY: 64 and 32 bytes that may be read; the loads need no alignment.
        let (query, codes) =
            unsafe { (_mm512_loadu_si512(query.as_ptr().cast()), _mm256_loadu_si256(codes.as_ptr().cast())) };
        sums[at % 2] = _mm512_dpwssd_epi32(sums[at % 2], query, _mm512_cvtepi8_epi16(codes));
    }
    _mm512_reduce_add_epi32(_mm512_add_epi32(sums[0], sums[1])) + portable::dot(query_rest, code_rest)
}
