//! 128-bit vectors of a query's codes, masked by the bits of a row.
#![expect(unsafe_code, reason = "vector loads, and calls into code for one instruction set")]

use std::arch::aarch64::{
    vaddvq_s32, vandq_s8, vcombine_u8, vdup_n_u8, vdupq_n_s16, vdupq_n_s32, vdupq_n_u64, vld1q_s8, vld1q_u8,
    vpadalq_s8, vpadalq_s16, vqtbl1q_u8, vreinterpretq_s8_u8, vreinterpretq_u8_u64, vtstq_u8,
};

super::kernel!(signs: Signs, i8, 8, sum, "neon");

#[inline]
#[target_feature(enable = "neon")]
fn sum(query: &[i8], bits: &[u8]) -> i32 {
    // Each byte of a mask looks at one bit of one of two bytes.
    let bit_of_place = vreinterpretq_u8_u64(vdupq_n_u64(0x8040_2010_0804_0201));
    let (file, _) = query.as_chunks::<128>();
    let (words, rest) = bits.as_chunks::<16>();
    assert!(rest.is_empty());
    let mut sums = vdupq_n_s32(0);
    for (block, word) in file.iter().zip(words) {
        // SAFETY: 16 bytes that may be read; the load needs no alignment.
        let word = unsafe { vld1q_u8(word.as_ptr()) };
        // Eight pairs of codes add up to at most 2,032.
        let mut pairs = vdupq_n_s16(0);
        for (at, block) in block.as_chunks::<16>().0.iter().enumerate() {
            let byte = 2 * at as u8;
            let bits = vqtbl1q_u8(word, vcombine_u8(vdup_n_u8(byte), vdup_n_u8(byte + 1)));
            let chosen = vreinterpretq_s8_u8(vtstq_u8(bits, bit_of_place));
            // SAFETY: 16 bytes that may be read; the load needs no alignment.
            let block = unsafe { vld1q_s8(block.as_ptr()) };
            pairs = vpadalq_s8(pairs, vandq_s8(block, chosen));
        }
        sums = vpadalq_s16(sums, pairs);
    }
    vaddvq_s32(sums)
}
