//! 512-bit vectors: 32 products and their sums in pairs in one instruction.
#![expect(unsafe_code, reason = "vector loads, and calls into code for one instruction set")]

use std::arch::x86_64::{
    _mm256_loadu_si256, _mm512_add_epi32, _mm512_cvtepi8_epi16, _mm512_dpwssd_epi32, _mm512_loadu_si512,
    _mm512_reduce_add_epi32, _mm512_setzero_si512,
};

use super::portable;

super::kernel!(dots: Dots, i16, 1, dot, "avx512f", "avx512bw", "avx512vnni");

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
