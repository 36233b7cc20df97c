//! The forward pass's steps for one instruction set each, chosen once at run time.
//!
//! A kernel brings its own products; the other steps are those of `steps.rs` and `attention.rs`,
//! compiled anew for its instruction set. All kernels give the same bits.

use std::time::{Duration, Instant};

use super::model_file::{GROUP, PANEL, TILE};
use super::steps::ROWS;

mod ops;
mod portable;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;

pub(super) use self::ops::Ops;

/// The instruction sets that there is code for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// Whatever the program was compiled for.
    Portable,
    /// 256-bit vectors.
    Avx2,
    /// 512-bit vectors with byte products (AVX-512 F, BW, DQ, VL and VNNI).
    Avx512,
}

impl Kernel {
    /// All kernels, from the slowest to the fastest.
    pub const ALL: [Self; 3] = [Self::Portable, Self::Avx2, Self::Avx512];

    /// What it is called where somebody chooses one.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
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

    /// The most that one thread multiplies, in 10⁹ integer products a second, or nothing if this processor
    /// doesn't run it: the best of a tenth of a second's worth of products whose operands stay in the nearest
    /// caches. What share of it the whole encoder reaches says how much the rest of the work costs.
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

    /// Its steps. The only way to them, so whoever holds [`Ops`] may call them.
    pub(super) fn ops(self) -> Option<&'static Ops> {
        match self {
            Self::Portable => Some(Self::PORTABLE),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => avx2::ops(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => avx512::ops(),
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx2 | Self::Avx512 => None,
        }
    }
}

#[cfg(test)]
mod tests;
