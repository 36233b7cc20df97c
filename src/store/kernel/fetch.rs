//! Asking for memory before it is read.
#![cfg_attr(target_arch = "x86_64", expect(unsafe_code, reason = "the instruction takes a pointer"))]

/// Asks the processor to bring bytes to its caches; where that can't be asked, nothing.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(in super::super) fn fetch(bytes: &[u8]) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    for line in bytes.chunks(super::LINE) {
        // SAFETY: every x86-64 processor has the instruction, which reads nothing and fails nowhere.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
    }
}

/// Nothing.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
pub(in super::super) fn fetch(_: &[u8]) {}
