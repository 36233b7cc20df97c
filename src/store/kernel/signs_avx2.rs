//! 256-bit vectors of a query's codes, masked by the bits of a row.
#![expect(unsafe_code, reason = "vector loads and stores, and calls into code for one instruction set")]

use std::arch::x86_64::{
    _mm256_add_epi32, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_madd_epi16,
    _mm256_maddubs_epi16, _mm256_set1_epi8, _mm256_set1_epi16, _mm256_set1_epi32, _mm256_set1_epi64x,
    _mm256_setr_epi64x, _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_storeu_si256,
};

super::kernel!(signs: Signs, i8, 8, sum, "avx2");

#[inline]
#[target_feature(enable = "avx2")]
fn sum(query: &[i8], bits: &[u8]) -> i32 {
    // Each byte of a mask looks at one bit of one of four bytes.
    let byte_of_place = _mm256_setr_epi64x(
        0x0000_0000_0000_0000,
        0x0101_0101_0101_0101,
        0x0202_0202_0202_0202,
        0x0303_0303_0303_0303,
    );
    let bit_of_place = _mm256_set1_epi64x(0x8040_2010_0804_0201_u64 as i64);
    let mut sums = _mm256_setzero_si256();
    let (file, _) = query.as_chunks::<32>();
    let (words, rest) = bits.as_chunks::<4>();
    assert!(rest.is_empty());
    for (block, word) in file.iter().zip(words) {
        let bits = _mm256_shuffle_epi8(_mm256_set1_epi32(i32::from_le_bytes(*word)), byte_of_place);
        let chosen = _mm256_cmpeq_epi8(_mm256_and_si256(bits, bit_of_place), bit_of_place);
        // SAFETY: 32 bytes that may be read; the load needs no alignment.
        let block = unsafe { _mm256_loadu_si256(block.as_ptr().cast()) };
        let pairs = _mm256_maddubs_epi16(_mm256_set1_epi8(1), _mm256_and_si256(block, chosen));
        sums = _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
    }
    let mut lanes = [0; 8];
    // SAFETY: 32 bytes that may be written; the store needs no alignment.
    unsafe { _mm256_storeu_si256(lanes.as_mut_ptr().cast(), sums) };
    lanes.iter().sum()
}
