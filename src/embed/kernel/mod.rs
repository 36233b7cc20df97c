//! The steps of the forward pass, compiled for several instruction sets, of which one is chosen at run time.
//!
//! A kernel has its own products; the other steps are those of `steps.rs` and `attention.rs`, compiled for its
//! instruction set. All kernels give the same bits.

use std::time::{Duration, Instant};

use super::model_file::{GROUP, PANEL, TILE};
use super::steps::ROWS;

mod ops;
mod portable;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod avxvnni;
#[cfg(target_arch = "aarch64")]
mod dotprod;
#[cfg(target_arch = "aarch64")]
mod i8mm;
#[cfg(target_arch = "aarch64")]
mod neon;

pub(super) use self::ops::Ops;

/// An instruction set that the forward pass is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// The instruction set of the whole program.
    Portable,
    /// 256-bit vectors.
    Avx2,
    /// 256-bit vectors with byte products (AVX2 with AVX-VNNI, or AVX-512 VL and VNNI).
    AvxVnni,
    /// 512-bit vectors with byte products (AVX-512 F, BW, DQ, VL and VNNI).
    Avx512,
    /// 128-bit vectors, which all 64-bit ARM processors have.
    Neon,
    /// The same with products of signed bytes (`FEAT_DotProd`).
    Dotprod,
    /// The same with products of matrices of bytes (`FEAT_I8MM`).
    I8mm,
}

impl Kernel {
    /// All kernels, those of one processor from the slowest to the fastest.
    pub const ALL: [Self; 7] =
        [Self::Portable, Self::Avx2, Self::AvxVnni, Self::Avx512, Self::Neon, Self::Dotprod, Self::I8mm];

    /// Its name for users.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::AvxVnni => "avxvnni",
            Self::Avx512 => "avx512",
            Self::Neon => "neon",
            Self::Dotprod => "dotprod",
            Self::I8mm => "i8mm",
        }
    }

    /// The fastest kernel that this processor runs.
    pub fn best() -> Self {
        Self::ALL.into_iter().rfind(|kernel| kernel.is_supported()).unwrap_or(Self::Portable)
    }

    /// Whether this processor runs it.
    pub fn is_supported(self) -> bool {
        self.ops().is_some()
    }

    /// The peak rate of one thread in 10⁹ integer products a second, or nothing if this processor doesn't run the kernel.
    ///
    /// It is the best rate within a tenth of a second, with operands that stay in the nearest caches. The share of it
    /// that the whole encoder reaches shows what everything else costs.
    pub fn peak(self) -> Option<f64> {
        const INPUTS: usize = 256;
        const TIMES: usize = 64;
        let ops = self.ops()?;
        let tile = [[3; PANEL * GROUP]; TILE / PANEL * INPUTS / GROUP];
        let (start, mut best) = (Instant::now(), Duration::MAX);
        while start.elapsed() < Duration::from_millis(100) {
            let start = Instant::now();
            (ops.repeat_dot)(&[200; ROWS * INPUTS], &tile, TIMES);
            best = best.min(start.elapsed());
        }
        Some((TIMES * ROWS * INPUTS * TILE) as f64 / best.as_secs_f64() / 1e9)
    }

    /// The steps of the kernel that runs everywhere.
    pub(super) const PORTABLE: &'static Ops = &portable::OPS;

    /// Its steps, if this processor runs them. There is no other way to [`Ops`], so they may always be called.
    pub(super) fn ops(self) -> Option<&'static Ops> {
        match self {
            Self::Portable => Some(Self::PORTABLE),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => avx2::ops(),
            #[cfg(target_arch = "x86_64")]
            Self::AvxVnni => avxvnni::ops(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => avx512::ops(),
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx2 | Self::AvxVnni | Self::Avx512 => None,
            #[cfg(target_arch = "aarch64")]
            Self::Neon => neon::ops(),
            #[cfg(target_arch = "aarch64")]
            Self::Dotprod => dotprod::ops(),
            #[cfg(target_arch = "aarch64")]
            Self::I8mm => i8mm::ops(),
            #[cfg(not(target_arch = "aarch64"))]
            Self::Neon | Self::Dotprod | Self::I8mm => None,
        }
    }
}

#[cfg(test)]
mod tests;
