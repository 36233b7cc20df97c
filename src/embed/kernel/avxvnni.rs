//! 256-bit vectors with byte products: `vpdpbusd` multiplies 32 bytes and adds them to 8 sums in one instruction.
//!
//! Processors have it in two encodings that do the same: that of AVX-VNNI is the one of most laptops, which have no AVX-512;
//! that of AVX-512 serves where 512-bit vectors aren't wanted, and shows that the kernel is right on more machines.
#![expect(unsafe_code, reason = "vector loads and stores, and calls into code for one instruction set")]

use std::arch::x86_64::{
    __m256i, _mm256_dpbusd_avx_epi32, _mm256_dpbusd_epi32, _mm256_dpwssd_avx_epi32, _mm256_dpwssd_epi32,
    _mm256_loadu_si256, _mm256_set1_epi32, _mm256_setzero_si256, _mm256_storeu_si256,
};
use std::marker::PhantomData;

use super::super::model_file::{GROUP, PANEL};
use super::super::steps::{Isa, Lanes, Pairs, Square, Weights, WideCodes};
use super::ops::{Ops, steps};

/// The steps, if this processor has the features that one of the two modules enables.
pub(super) fn ops() -> Option<&'static Ops> {
    vex::ops().or_else(evex::ops)
}

/// Compiled for AVX-VNNI.
mod vex {
    use super::{Ops, steps};

    /// Only `compiled` names it, so its code runs in functions that enable the features.
    type Isa = super::Vnni256<super::Vex>;

    steps!(
        #[target_feature(enable = "avx2,avxvnni")]
        Isa
    );

    pub(super) fn ops() -> Option<&'static Ops> {
        (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("avxvnni")).then_some(&OPS)
    }
}

/// Compiled for the same instructions of AVX-512.
mod evex {
    use super::{Ops, steps};

    /// Only `compiled` names it, so its code runs in functions that enable the features.
    type Isa = super::Vnni256<super::Evex>;

    steps!(
        #[target_feature(enable = "avx2,avx512vl,avx512vnni")]
        Isa
    );

    pub(super) fn ops() -> Option<&'static Ops> {
        let runs = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vnni");
        runs.then_some(&OPS)
    }
}

/// An encoding of the two instructions. Both functions need a processor that has it.
trait Encoding {
    /// Adds to each of eight sums the products of four unsigned bytes with four signed ones.
    unsafe fn bytes(sums: __m256i, codes: __m256i, weights: __m256i) -> __m256i;

    /// Adds to each of eight sums the products of two pairs of 16-bit integers.
    unsafe fn halves(sums: __m256i, rows: __m256i, columns: __m256i) -> __m256i;
}

/// The encoding of AVX-VNNI.
struct Vex;

impl Encoding for Vex {
    #[inline(always)]
    unsafe fn bytes(sums: __m256i, codes: __m256i, weights: __m256i) -> __m256i {
        // SAFETY: as the caller promises.
        unsafe { _mm256_dpbusd_avx_epi32(sums, codes, weights) }
    }

    #[inline(always)]
    unsafe fn halves(sums: __m256i, rows: __m256i, columns: __m256i) -> __m256i {
        // SAFETY: as the caller promises.
        unsafe { _mm256_dpwssd_avx_epi32(sums, rows, columns) }
    }
}

/// The encoding of AVX-512.
struct Evex;

impl Encoding for Evex {
    #[inline(always)]
    unsafe fn bytes(sums: __m256i, codes: __m256i, weights: __m256i) -> __m256i {
        // SAFETY: as the caller promises.
        unsafe { _mm256_dpbusd_epi32(sums, codes, weights) }
    }

    #[inline(always)]
    unsafe fn halves(sums: __m256i, rows: __m256i, columns: __m256i) -> __m256i {
        // SAFETY: as the caller promises.
        unsafe { _mm256_dpwssd_epi32(sums, rows, columns) }
    }
}

/// The instruction set. Its functions are inlined into those of a `compiled`, which enable the features they need.
struct Vnni256<E>(PhantomData<E>);

impl<E: Encoding> Isa for Vnni256<E> {
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

    /// A panel at a time: the sums of six rows over its sixteen channels take 12 of the 16 registers.
    #[inline(always)]
    fn dot<const R: usize>(rows: [&[u8]; R], tile: &[Weights], mut put: impl FnMut(usize, usize, &[i32])) {
        // With lengths that the compiler sees are equal, the loop needs no bounds checks.
        let groups = tile.len() / 4;
        let mut codes = [&[][..]; R];
        for (codes, row) in codes.iter_mut().zip(rows) {
            *codes = &row.as_chunks::<GROUP>().0[..groups];
        }
        for (at, panel) in tile.chunks_exact(groups).enumerate() {
            // SAFETY: called from functions of a `compiled` alone, which enable the features. Loads and stores are of
            // arrays of 32 bytes, and need no alignment.
            unsafe {
                let mut sums = [[_mm256_setzero_si256(); 2]; R];
                for (group, weights) in panel.iter().enumerate() {
                    let [low, high] = halves(weights);
                    for row in 0..R {
                        let codes = _mm256_set1_epi32(i32::from_le_bytes(codes[row][group]));
                        sums[row] = [E::bytes(sums[row][0], codes, low), E::bytes(sums[row][1], codes, high)];
                    }
                }
                for (row, sums) in sums.iter().enumerate() {
                    let mut out = [0; PANEL];
                    for (out, sums) in out.as_chunks_mut::<8>().0.iter_mut().zip(sums) {
                        _mm256_storeu_si256(out.as_mut_ptr().cast(), *sums);
                    }
                    put(row, PANEL * at, &out);
                }
            }
        }
    }

    /// Four rows at a time: their sums take half of the registers.
    #[inline(always)]
    fn products(rows: &[Pairs], columns: &[Pairs], out: &mut Square) {
        for (at, out) in out.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            // SAFETY: as above.
            unsafe {
                let mut sums = [[_mm256_setzero_si256(); 2]; 4];
                for (row, column) in rows.iter().zip(columns) {
                    let row = &row.as_chunks::<4>().0[at];
                    for (half, column) in column.as_chunks::<8>().0.iter().enumerate() {
                        let column = _mm256_loadu_si256(column.as_ptr().cast());
                        for r in 0..4 {
                            sums[r][half] = E::halves(sums[r][half], column, _mm256_set1_epi32(row[r]));
                        }
                    }
                }
                for (out, sums) in out.iter_mut().zip(&sums) {
                    for (out, sums) in out.as_chunks_mut::<8>().0.iter_mut().zip(sums) {
                        _mm256_storeu_si256(out.as_mut_ptr().cast(), *sums);
                    }
                }
            }
        }
    }
}

/// The weights of eight channels each.
#[inline(always)]
unsafe fn halves(weights: &Weights) -> [__m256i; 2] {
    let [low, high] = weights.as_chunks::<32>().0 else { unreachable!() };
    // SAFETY: 32 bytes each that may be read; the loads need no alignment.
    unsafe { [_mm256_loadu_si256(low.as_ptr().cast()), _mm256_loadu_si256(high.as_ptr().cast())] }
}
