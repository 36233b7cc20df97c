//! The kernel that runs everywhere, and the twin that the others are tested against.

use super::super::steps::{Codes, Isa, LANES, Lanes, Sums, Weights};
use super::Ops;

pub(super) static OPS: Ops = Ops {
    quantize: compiled::quantize,
    linear: compiled::linear,
    gelu: compiled::gelu,
    add_normalize: compiled::add_normalize,
    attend: compiled::attend,
};

super::steps!(super::Portable);

struct Portable;

impl Isa for Portable {
    #[inline(always)]
    fn dot<const R: usize>(rows: [&[Codes]; R], panels: [&[Weights]; 4]) -> Sums<R> {
        let mut sums = [[0; 64]; R];
        for (at, panel) in panels.iter().enumerate() {
            for (sums, panel_sums) in sums.iter_mut().zip(panel_dot(&rows, panel)) {
                sums.as_chunks_mut::<16>().0[at] = panel_sums;
            }
        }
        sums
    }

    #[inline(always)]
    fn products<const R: usize>(rows: [&[f32]; R], columns: &[Lanes]) -> [Lanes; R] {
        rows.map(|row| {
            let mut sums = [0.0; LANES];
            for (x, column) in row.iter().zip(columns) {
                for (sum, y) in sums.iter_mut().zip(column) {
                    *sum += x * y;
                }
            }
            sums
        })
    }
}

/// The sums of some rows over the 16 channels of one panel.
#[inline(always)]
fn panel_dot<const R: usize>(rows: &[&[Codes]; R], panel: &[Weights]) -> [[i32; 16]; R] {
    let mut sums = [[0_i32; 16]; R];
    for (group, weights) in panel.iter().enumerate() {
        // The weights of all channels for one input beside each other: what a vector holds.
        let mut by_input = [[0_i16; 16]; 4];
        for (channel, weights) in weights.as_chunks::<4>().0.iter().enumerate() {
            for input in 0..4 {
                by_input[input][channel] = i16::from(weights[input] as i8);
            }
        }
        for (row, sums) in rows.iter().zip(&mut sums) {
            for (code, weights) in row[group].into_iter().zip(&by_input) {
                let code = i16::from(code);
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    // From 255 · -128 to 255 · 127, which 16 bits hold.
                    *sum = sum.wrapping_add(i32::from(code.wrapping_mul(*weight)));
                }
            }
        }
    }
    sums
}
