//! The table of functions that a kernel consists of, and the macro that compiles them for one instruction set.

use super::super::attention::Scratch;
use super::super::model::Norm;
use super::super::steps::{LinearView, Quantized, Weights, WideBuffers};

/// The steps of the forward pass: the functions of the same names in `steps.rs` and `attention.rs`.
///
/// Each call works on many rows, so that choosing at run time costs nothing measurable.
#[derive(Debug)]
pub(in crate::embed) struct Ops {
    /// Takes rows and factors, and writes the quantised rows.
    pub(in crate::embed) quantize: fn(&[f32], &[f32], &mut Quantized),
    /// Takes input, linear map, buffers and output.
    pub(in crate::embed) linear: fn(&Quantized, LinearView<'_>, &mut WideBuffers, &mut [f32]),
    /// Adds the second rows to the first, then normalises them; takes the epsilon last.
    pub(in crate::embed) add_normalize: fn(&mut [f32], &[f32], &Norm, f32),
    /// Takes input, number of heads, hidden size, buffers and output.
    pub(in crate::embed) attend: fn(&[f32], usize, usize, &mut Scratch, &mut [f32]),
    /// Takes the codes of as many rows as are multiplied at once, a tile, and how often to multiply.
    pub(in crate::embed) repeat_dot: fn(&[u8], &[Weights], usize),
}

/// Defines the table [`Ops`] and its functions in a kernel's module, for the type there that implements `Isa`. The attribute
/// before it enables the instruction set: code that is inlined into these functions is compiled for it. Then the table is
/// private to the module, which hands it out only where the processor has every feature that the attribute enables: so the
/// functions may be called.
macro_rules! steps {
    (#[$features:meta] $isa:ident) => {
        // SAFETY (of each call): as above.
        static OPS: Ops = Ops {
            quantize: |rows, factors, out| unsafe { compiled::quantize(rows, factors, out) },
            linear: |input, layer, buffers, output| unsafe { compiled::linear(input, layer, buffers, output) },
            add_normalize: |rows, more, norm, epsilon| unsafe {
                compiled::add_normalize(rows, more, norm, epsilon);
            },
            attend: |input, heads, hidden, scratch, output| unsafe {
                compiled::attend(input, heads, hidden, scratch, output);
            },
            repeat_dot: |codes, tile, times| unsafe { compiled::repeat_dot(codes, tile, times) },
        };
        steps!(@compiled #[$features] $isa);
    };
    ($isa:ident) => {
        /// The steps; every processor runs them.
        pub(super) static OPS: Ops = Ops {
            quantize: compiled::quantize,
            linear: compiled::linear,
            add_normalize: compiled::add_normalize,
            attend: compiled::attend,
            repeat_dot: compiled::repeat_dot,
        };
        steps!(@compiled $isa);
    };
    (@compiled $(#[$features:meta])? $isa:ident) => {
        mod compiled {
            use crate::embed::attention::{self, Scratch};
            use crate::embed::model::Norm;
            use crate::embed::steps::{self, LinearView, Quantized, Weights, WideBuffers};

            $(#[$features])?
            pub(super) fn quantize(rows: &[f32], factors: &[f32], out: &mut Quantized) {
                steps::quantize(rows, factors, out);
            }

            $(#[$features])?
            pub(super) fn linear(
                input: &Quantized,
                layer: LinearView<'_>,
                buffers: &mut WideBuffers,
                output: &mut [f32],
            ) {
                steps::linear::<super::$isa>(input, layer, buffers, output);
            }

            $(#[$features])?
            pub(super) fn add_normalize(rows: &mut [f32], more: &[f32], norm: &Norm, epsilon: f32) {
                steps::add_normalize(rows, more, norm, epsilon);
            }

            $(#[$features])?
            pub(super) fn attend(
                input: &[f32],
                heads: usize,
                hidden: usize,
                scratch: &mut Scratch,
                output: &mut [f32],
            ) {
                attention::attend::<super::$isa>(input, heads, hidden, scratch, output);
            }

            $(#[$features])?
            pub(super) fn repeat_dot(codes: &[u8], tile: &[Weights], times: usize) {
                steps::repeat_dot::<super::$isa>(codes, tile, times);
            }
        }
    };
}
pub(super) use steps;
