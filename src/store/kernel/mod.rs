//! Kernels: inner products of integers, and sums of those whose bits are set, for one instruction set each. They are
//! chosen once at run time.
//!
//! Sums are exact integers, so all kernels give the same ones, in whatever order they add.

#[cfg(target_arch = "aarch64")]
use std::arch::is_aarch64_feature_detected as has_feature;
#[cfg(target_arch = "x86_64")]
use std::arch::is_x86_feature_detected as has_feature;
use std::sync::OnceLock;

mod fetch;
mod portable;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(target_arch = "x86_64")]
mod signs_avx2;
#[cfg(target_arch = "x86_64")]
mod signs_avx512;
#[cfg(target_arch = "aarch64")]
mod signs_neon;

pub(super) use fetch::fetch;

/// The inner products of a query's codes with those of some rows, which are the bytes of `i8`s: query, rows, sums.
///
/// Panics unless there are as many sums as rows and each row is as long as the query. No sum may exceed 31 bits; whoever
/// makes a query sees to that.
pub(super) type Dots = fn(&[i16], &[&[u8]], &mut [i32]);

/// The fastest there is for this processor.
pub(super) fn dots() -> Dots {
    static BEST: OnceLock<Dots> = OnceLock::new();
    *BEST.get_or_init(|| all().pop().unwrap_or(portable::dots))
}

/// The sums of those of a query's codes whose bits are set in some rows of bits: query, rows, sums.
///
/// Panics unless there are as many sums as rows, and each row has a bit for each code, and a multiple of 128 bits.
pub(super) type Signs = fn(&[i8], &[&[u8]], &mut [i32]);

/// The fastest kernel for sums by bits that this processor runs; none if looking sums up in tables is all there is.
pub(super) fn signs() -> Option<Signs> {
    static BEST: OnceLock<Option<Signs>> = OnceLock::new();
    *BEST.get_or_init(|| all_signs().pop())
}

/// All kernels for sums by bits that this processor runs, the fastest last.
fn all_signs() -> Vec<Signs> {
    #[cfg(target_arch = "x86_64")]
    return [signs_avx2::signs(), signs_avx512::signs()].into_iter().flatten().collect();
    #[cfg(target_arch = "aarch64")]
    return signs_neon::signs().into_iter().collect();
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    Vec::new()
}

/// All that this processor runs, the fastest last.
fn all() -> Vec<Dots> {
    let mut all: Vec<Dots> = vec![portable::dots];
    #[cfg(target_arch = "x86_64")]
    all.extend([avx2::dots(), avx512::dots()].into_iter().flatten());
    #[cfg(target_arch = "aarch64")]
    all.extend(neon::dots());
    all
}

/// How many bytes a cache line has.
pub(super) const LINE: usize = 64;
/// How many cache lines of rows ahead are fetched.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
const LINES_AHEAD: usize = 18;

/// Defines the kernel of a module for some instruction sets: its name and type, the query's codes and how many of them
/// belong to a byte of a row, and the module's function for one row.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
macro_rules! kernel {
    ($name:ident: $kernel:ident, $code:ty, $codes_of_byte:literal, $of_row:ident, $($feature:tt),+) => {
        /// The kernel, if this processor has all it is compiled for.
        pub(super) fn $name() -> Option<super::$kernel> {
            let runs = $(super::has_feature!($feature))&&+;
            // SAFETY: the processor has every feature that `compiled` enables.
            runs.then_some(|query, rows, sums| unsafe { compiled(query, rows, sums) })
        }

        #[target_feature($(enable = $feature),+)]
        fn compiled(query: &[$code], rows: &[&[u8]], sums: &mut [i32]) {
            assert_eq!(rows.len(), sums.len());
            let lines = rows.first().map_or(1, |row| row.len().div_ceil(super::LINE).max(1));
            let ahead = (super::LINES_AHEAD / lines).max(1);
            for row in rows.iter().take(ahead) {
                super::fetch(row);
            }
            for at in 0..rows.len() {
                if let Some(next) = rows.get(at + ahead) {
                    super::fetch(next);
                }
                assert_eq!(rows[at].len() * $codes_of_byte, query.len());
                sums[at] = $of_row(query, rows[at]);
            }
        }
    };
}
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use kernel;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn all_kernels_give_the_sum(
            query in prop::collection::vec(-32_767i16..=32_767, 0..600),
            seed in any::<u64>(),
            rows in 0usize..9,
        ) {
            let mut state = seed;
            let mut code = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                // All bytes, the greatest magnitudes more often.
                match state >> 60 { 0 => 127, 1 => 129, _ => (state >> 40) as u8 }
            };
            // So that no sum takes more than 31 bits.
            let query: Vec<i16> = query.iter().map(|&code| code / 2).collect();
            let rows: Vec<Vec<u8>> = (0..rows).map(|_| (0..query.len()).map(|_| code()).collect()).collect();
            let rows: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
            let product = |(&q, &c): (&i16, &u8)| i64::from(q) * i64::from(c as i8);
            let expected: Vec<i64> = rows.iter().map(|row| query.iter().zip(*row).map(product).sum()).collect();
            for dots in all() {
                let mut sums = vec![-1; rows.len()];
                dots(&query, &rows, &mut sums);
                prop_assert_eq!(&sums.iter().map(|&sum| i64::from(sum)).collect::<Vec<_>>(), &expected);
            }
        }
    }

    proptest! {
        #[test]
        fn sums_by_bits_are_those_of_the_codes_whose_bits_are_set(
            rows in (0usize..10).prop_flat_map(|words| prop::collection::vec(
                prop::collection::vec(any::<u8>(), 16 * words), 0..40)),
            code in -127i8..=127,
        ) {
            let bytes = rows.first().map_or(0, Vec::len);
            let query: Vec<i8> = (0..8 * bytes).map(|at| code.wrapping_mul(at as i8).max(-127)).collect();
            let rows: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
            let sum = |row: &&[u8]| {
                let set = (0..query.len()).filter(|&at| row[at / 8] >> (at % 8) & 1 == 1);
                set.map(|at| i32::from(query[at])).sum::<i32>()
            };
            let expected: Vec<i32> = rows.iter().map(sum).collect();
            for signs in all_signs() {
                let mut sums = vec![-1; rows.len()];
                signs(&query, &rows, &mut sums);
                prop_assert_eq!(&sums, &expected);
            }
        }
    }

    #[test]
    fn the_greatest_sums_fit() {
        for dim in [384usize, 512, 517, 1024, 4096] {
            let most = (i32::MAX / 127 / dim as i32).min(32_767);
            for (query, code) in [(most, 127i8), (-most, 127), (most, -127)] {
                let (query, row) = (vec![query as i16; dim], vec![code as u8; dim]);
                let expected = i32::from(query[0]) * i32::from(code) * dim as i32;
                for dots in all() {
                    let mut sums = [0];
                    dots(&query, &[&row], &mut sums);
                    assert_eq!(sums, [expected]);
                }
            }
        }
    }
}
