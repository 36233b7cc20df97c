//! 256-bit vectors: sixteen products and their sums in pairs in one instruction.
#![expect(unsafe_code, reason = "vector loads, and calls into code for one instruction set")]

use std::arch::x86_64::{
    _mm_loadu_si128, _mm256_add_epi32, _mm256_cvtepi8_epi16, _mm256_loadu_si256, _mm256_madd_epi16,
    _mm256_setzero_si256, _mm256_storeu_si256,
};

use super::portable;

super::kernel!(dots: Dots, i16, 1, dot, "avx2");

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
