//! The kernel that runs everywhere, and the twin that the others are tested against.

use super::super::model::{GROUP, PANEL};
use super::super::steps::{Codes, Isa, LANES, Lanes, Sums, Weights};
use super::Ops;

/// The steps; every processor runs them.
pub(super) static OPS: Ops = Ops {
    quantize: compiled::quantize,
    linear: compiled::linear,
    gelu: compiled::gelu,
    add_normalize: compiled::add_normalize,
    attend: compiled::attend,
};

super::steps!(super::Portable);

/// The instruction set that the whole program is compiled for.
struct Portable;

impl Isa for Portable {
    #[inline(always)]
    fn dot<const R: usize>(rows: [&[Codes]; R], panels: [&[Weights]; 4]) -> Sums<R> {
        let mut sums = [[0; 64]; R];
        for (at, panel) in panels.iter().enumerate() {
            for (sums, panel_sums) in sums.iter_mut().zip(panel_dot(&rows, panel)) {
                sums.as_chunks_mut::<PANEL>().0[at] = panel_sums;
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

/// Groups of inputs that are summed in `f32` at a time: 256 products of at most 255 · 128 stay below 2²⁴, so
/// every sum on the way is an integer that `f32` holds exactly.
const GROUPS_MAX: usize = 64;

/// The sums of some rows over the 16 channels of one panel. Works in `f32`, exactly, because multiplying and
/// adding floats is what compilers make vectors of for any processor.
#[inline(always)]
fn panel_dot<const R: usize>(rows: &[&[Codes]; R], panel: &[Weights]) -> [[i32; PANEL]; R] {
    let mut totals = [[0_i32; PANEL]; R];
    // The weights of all channels for one input beside each other: what a vector holds.
    let mut columns = [[0.0; PANEL]; GROUP * GROUPS_MAX];
    let mut factors = [[0.0; GROUP * GROUPS_MAX]; R];
    for (chunk, panel) in panel.chunks(GROUPS_MAX).enumerate() {
        for (columns, weights) in columns.as_chunks_mut::<GROUP>().0.iter_mut().zip(panel) {
            for (channel, weights) in weights.as_chunks::<GROUP>().0.iter().enumerate() {
                for input in 0..GROUP {
                    columns[input][channel] = f32::from(weights[input] as i8);
                }
            }
        }
        let inputs = GROUP * panel.len();
        for (factors, row) in factors.iter_mut().zip(rows) {
            let codes = row[chunk * GROUPS_MAX..].as_flattened();
            for (factor, code) in factors.iter_mut().zip(codes) {
                *factor = f32::from(*code);
            }
        }
        let sums = Portable::products(
            std::array::from_fn::<_, R, _>(|row| &factors[row][..inputs]),
            &columns[..inputs],
        );
        for (total, sum) in totals.as_flattened_mut().iter_mut().zip(sums.as_flattened()) {
            *total += *sum as i32;
        }
    }
    totals
}
