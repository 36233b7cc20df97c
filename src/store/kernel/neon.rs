//! 128-bit vectors: the portable product, in which compilers find their instructions, with rows fetched ahead.
#![expect(unsafe_code, reason = "calls into code for one instruction set")]

use super::portable::dot;

super::kernel!(dots: Dots, i16, 1, dot, "neon");
