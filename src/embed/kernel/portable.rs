//! The kernel that runs everywhere, and the reference for the others' tests.

use super::super::model_file::{GROUP, PANEL};
use super::super::steps::{Isa, LANES, Lanes, Pairs, Square, Weights, WideCodes, round};
use super::ops::{Ops, steps};

steps!(Portable);

/// The instruction set for which the whole program is compiled.
struct Portable;

/// Inputs whose products are summed in `f32` at a time: 128 products of at most 255 · 128 stay below 2²², so
/// every sum on the way is an integer that `f32` holds exactly, and that `round` takes.
const EXACT: usize = 128;

/// Products of integers are computed in `f32`, exactly, as compilers vectorise products and sums of floats for every
/// processor. With 16-bit integers the code is no faster at best, and isn't vectorised with more than one row.
impl Isa for Portable {
    type Code = f32;
    /// The weights of a panel for one input.
    type Weight = Lanes;

    #[inline(always)]
    fn codes<'a>(codes: &'a [u8], buffers: &'a mut WideCodes) -> &'a [f32] {
        buffers.floats.clear();
        buffers.floats.extend(codes.iter().map(|code| f32::from(*code)));
        &buffers.floats
    }

    #[inline(always)]
    fn weights<'a>(tile: &'a [Weights], buffers: &'a mut Vec<Lanes>) -> &'a [Lanes] {
        buffers.resize(tile.len() * GROUP, [0.0; LANES]);
        for (columns, weights) in buffers.as_chunks_mut::<GROUP>().0.iter_mut().zip(tile) {
            *columns = widen(weights);
        }
        buffers
    }

    #[inline(always)]
    fn dot<const R: usize>(rows: [&[f32]; R], tile: &[Lanes], mut put: impl FnMut(usize, usize, &[i32])) {
        for (at, panel) in tile.chunks_exact(tile.len() / 4).enumerate() {
            for (pair_at, rows) in rows.chunks(2).enumerate() {
                let mut sums = [[0; PANEL]; 2];
                for (part, columns) in panel.chunks(EXACT).enumerate() {
                    let first = &rows[0][part * EXACT..];
                    let second = rows.get(1).map_or(first, |row| &row[part * EXACT..]);
                    let products = pair(first.iter().zip(second).map(|(x, y)| [*x, *y]), columns);
                    for (sum, x) in sums.as_flattened_mut().iter_mut().zip(products.as_flattened()) {
                        *sum += round(*x);
                    }
                }
                for (row, sums) in sums.iter().take(rows.len()).enumerate() {
                    put(2 * pair_at + row, PANEL * at, sums);
                }
            }
        }
    }

    #[inline(always)]
    fn products(rows: &[Pairs], columns: &[Pairs], sums: &mut Square) {
        *sums = [[0; LANES]; LANES];
        // Widened once for all sums, in parts that fit in the first-level cache.
        let (mut wide_rows, mut wide_columns) = ([[0.0; LANES]; 2 * PAIRS], [[0.0; LANES]; 2 * PAIRS]);
        for (rows, columns) in rows.chunks(PAIRS).zip(columns.chunks(PAIRS)) {
            halve(rows, &mut wide_rows);
            halve(columns, &mut wide_columns);
            let count = 2 * rows.len();
            for (row, sums) in sums.iter_mut().enumerate() {
                let row = wide_rows[..count].iter().map(|wide| wide[row]);
                for (sum, x) in sums.iter_mut().zip(pairs(row, &wide_columns)) {
                    *sum = sum.wrapping_add(x as i32);
                }
            }
        }
    }
}

/// How many pairs are multiplied between two conversions to integers.
const PAIRS: usize = 32;

/// The products of one row of a square, exact in `f64`. Compilers make worse code of 32-bit integers, whose sums they may
/// reorder. Not inlined, so that it has all registers.
#[inline(never)]
fn pairs(row: impl Iterator<Item = f64>, columns: &[[f64; LANES]]) -> [f64; LANES] {
    let mut sums = [0.0; LANES];
    for (x, column) in row.zip(columns) {
        for lane in 0..LANES {
            sums[lane] += x * column[lane];
        }
    }
    sums
}

/// Unpacks pairs: for each the integers of the lower halves, then those of the upper.
#[inline(always)]
fn halve(pairs: &[Pairs], wide: &mut [[f64; LANES]]) {
    for (pairs, wide) in pairs.iter().zip(wide.as_chunks_mut::<2>().0) {
        for lane in 0..LANES {
            wide[0][lane] = f64::from(pairs[lane] as i16);
            wide[1][lane] = f64::from(pairs[lane] >> 16);
        }
    }
}

/// The products of two rows, whose sums take half of the registers where these have 128 bits. More rows wouldn't fit, and
/// fewer would make worse use of the columns. Not inlined, so that it has all registers.
#[inline(never)]
fn pair(rows: impl Iterator<Item = [f32; 2]>, columns: &[Lanes]) -> [Lanes; 2] {
    let mut sums = [[0.0; LANES]; 2];
    for (xs, column) in rows.zip(columns) {
        for (sums, x) in sums.iter_mut().zip(xs) {
            for lane in 0..LANES {
                sums[lane] += x * column[lane];
            }
        }
    }
    sums
}

/// The weights of one group as floats, a row of channels for each input. A channel's four weights fill a 32-bit lane, so
/// that shifts transpose all channels at once.
#[inline(always)]
fn widen(weights: &Weights) -> [Lanes; GROUP] {
    let mut lanes = [0; PANEL];
    for (lane, weights) in lanes.iter_mut().zip(weights.as_chunks().0) {
        *lane = i32::from_le_bytes(*weights);
    }
    let mut columns = [[0.0; LANES]; GROUP];
    for column in columns.iter_mut().rev() {
        for lane in 0..LANES {
            column[lane] = (lanes[lane] >> 24) as f32;
            lanes[lane] <<= 8;
        }
    }
    columns
}
