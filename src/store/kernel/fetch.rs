//! Asking for memory before it is read.
#![cfg_attr(
    any(target_arch = "x86_64", target_arch = "aarch64"),
    expect(unsafe_code, reason = "the instruction takes a pointer")
)]

/// Asks the processor to bring bytes to its caches; where that can't be asked, nothing.
#[inline]
pub(in super::super) fn fetch(bytes: &[u8]) {
    for line in bytes.chunks(super::LINE) {
        fetch_line(line);
    }
}

/// Asks for the cache line that these bytes begin in.
#[cfg(target_arch = "x86_64")]
#[inline]
fn fetch_line(bytes: &[u8]) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: every x86-64 processor has the instruction, which reads nothing and fails nowhere.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(bytes.as_ptr().cast()) };
}

/// Asks for the cache line that these bytes begin in.
#[cfg(target_arch = "aarch64")]
#[inline]
fn fetch_line(bytes: &[u8]) {
    // SAFETY: every 64-bit ARM processor has the instruction, which reads nothing and fails nowhere. Its function in
    // `std::arch` isn't stable.
    unsafe {
        std::arch::asm!(
            "prfm pldl1keep, [{}]",
            in(reg) bytes.as_ptr(),
            options(readonly, nostack, preserves_flags),
        );
    }
}

/// Nothing.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
#[inline]
fn fetch_line(_: &[u8]) {}
