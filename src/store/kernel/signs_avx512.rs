//! 512-bit vectors of a query's codes, masked by the bits of a row.
#![expect(unsafe_code, reason = "vector loads, and calls into code for one instruction set")]

use std::arch::x86_64::{
    _mm512_add_epi32, _mm512_dpbusd_epi32, _mm512_maskz_loadu_epi8, _mm512_reduce_add_epi32,
    _mm512_set1_epi8, _mm512_setzero_si512,
};

super::kernel!(signs: Signs, i8, 8, sum, "avx512f", "avx512bw", "avx512vnni");

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn sum(query: &[i8], bits: &[u8]) -> i32 {
    let (file, _) = query.as_chunks::<128>();
    let (masks, rest) = bits.as_chunks::<16>();
    assert!(rest.is_empty());
    let ones = _mm512_set1_epi8(1);
    let (mut even, mut odd) = (_mm512_setzero_si512(), _mm512_setzero_si512());
    for (block, masks) in file.iter().zip(masks) {
        let masks = u128::from_le_bytes(*masks);
        let (left, right) = block.split_at(64);
        // SAFETY: 64 bytes each that may be read; the loads need no alignment.
        let (left, right) = unsafe {
            (
                _mm512_maskz_loadu_epi8(masks as u64, left.as_ptr()),
                _mm512_maskz_loadu_epi8((masks >> 64) as u64, right.as_ptr()),
            )
        };
        even = _mm512_dpbusd_epi32(even, ones, left);
        odd = _mm512_dpbusd_epi32(odd, ones, right);
    }
    _mm512_reduce_add_epi32(_mm512_add_epi32(even, odd))
}
