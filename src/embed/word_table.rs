//! The rows of a model's words, in 8 bits a number or in 4.

use std::str::FromStr;

use super::half::{from_half, to_half};

/// Numbers of a row with 4 bits that have one scale.
const GROUP: usize = 32;
/// Bytes of such a group: the scale, and two numbers in each of the others.
const GROUP_BYTES: usize = 2 + GROUP / 2;

/// How the numbers of a row are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TableBits {
    /// 8 bits, one scale a row.
    #[default]
    Eight,
    /// 4 bits, one scale for 32 numbers.
    Four,
}

impl FromStr for TableBits {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "8bit" => Ok(Self::Eight),
            "4bit" => Ok(Self::Four),
            _ => Err(format!("`{text}` is neither `8bit` nor `4bit`")),
        }
    }
}

impl TableBits {
    /// Bytes of a row of `width` numbers, without a scale that is kept elsewhere.
    pub(super) fn row_bytes(self, width: usize) -> usize {
        match self {
            Self::Eight => width,
            Self::Four => width / GROUP * GROUP_BYTES,
        }
    }
}

/// Writes a row of numbers, a multiple of 32, with 4 bits each.
///
/// The number that is farthest from 0 becomes -8, so all steps are used on its side; the other side has seven.
pub(super) fn four_bits(row: &[f32]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(TableBits::Four.row_bytes(row.len()));
    for group in row.as_chunks::<GROUP>().0 {
        let farthest = group.iter().fold(0.0_f32, |far, x| if x.abs() > far.abs() { *x } else { far });
        let half = to_half(farthest / -8.0);
        let scale = from_half(half);
        let code = |x: f32| {
            let steps = if scale == 0.0 { 0.0 } else { (x / scale).round_ties_even() };
            (steps.clamp(-8.0, 7.0) + 8.0) as u8
        };
        bytes.extend(half.to_le_bytes());
        let (low, high) = group.split_at(GROUP / 2);
        bytes.extend(low.iter().zip(high).map(|(low, high)| code(*low) | code(*high) << 4));
    }
    bytes
}

/// The numbers of a row with 4 bits each.
pub(super) fn from_four_bits(row: &[u8]) -> impl Iterator<Item = f32> + '_ {
    row.as_chunks::<GROUP_BYTES>().0.iter().flat_map(|group| {
        let scale = from_half(u16::from_le_bytes([group[0], group[1]]));
        let number = move |code: u8| f32::from(i16::from(code) - 8) * scale;
        let codes = &group[2..];
        codes.iter().map(move |code| number(code & 15)).chain(codes.iter().map(move |code| number(code >> 4)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_bits_keep_what_has_sixteen_steps() {
        let row: Vec<f32> =
            (0..64).map(|at| ((at * 7) % 16 - 8) as f32 * if at < 32 { 0.25 } else { -2.0 }).collect();
        let bytes = four_bits(&row);
        assert_eq!(bytes.len(), TableBits::Four.row_bytes(64));
        assert_eq!(from_four_bits(&bytes).collect::<Vec<_>>(), row);
        assert!(from_four_bits(&four_bits(&[0.0; 32])).all(|x| x == 0.0));
    }

    #[test]
    fn other_numbers_are_off_by_half_a_step_at_most() {
        let row: Vec<f32> =
            (0..96_u32).map(|at| (at.wrapping_mul(2_654_435_761) % 1000) as f32 / 500.0 - 1.0).collect();
        for (x, y) in row.iter().zip(from_four_bits(&four_bits(&row))) {
            // The side that is less far has one step less.
            assert!((x - y).abs() <= 1.0 / 8.0 + 1e-3, "{x} {y}");
        }
    }
}
