//! Vectors as the extension `vector` has them: numbers of sixteen bits, in which our codes are exact.

use std::fmt::Write;

use crate::store::Vector;
use crate::store::dense::DenseQuery;

/// The bits of a half that say how small its smallest step is.
const PRECISION: u32 = 11;

/// A whole number as a half of IEEE 754, which is exact up to 2048.
fn half(number: i8) -> u16 {
    let magnitude = u16::from(number.unsigned_abs());
    if magnitude == 0 {
        return 0;
    }
    let exponent = magnitude.ilog2() as u16;
    let fraction = (magnitude << (10 - exponent)) & 0x3FF;
    let sign = u16::from(number < 0) << 15;
    sign | (exponent + 15) << 10 | fraction
}

/// The whole number that a half is; `None` if it is none, or not one of eight bits.
fn whole(half: u16) -> Option<i8> {
    let (exponent, fraction) = (half >> 10 & 0x1F, i32::from(half & 0x3FF | 0x400));
    let magnitude = match exponent {
        0 if half.trailing_zeros() >= 10 => 0,
        15..=22 => {
            let shift = 25 - exponent;
            let magnitude = fraction >> shift;
            (magnitude << shift == fraction).then_some(magnitude)?
        }
        _ => return None,
    };
    i8::try_from(if half >> 15 == 1 { -magnitude } else { magnitude }).ok()
}

/// A vector's codes in the binary format of `halfvec`: how many there are u16, 0 u16, the halves.
pub(super) fn to_halfvec(vector: &Vector) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(4 + 2 * vector.codes.len());
    bytes.extend_from_slice(&(vector.codes.len() as u16).to_be_bytes());
    bytes.extend_from_slice(&[0, 0]);
    bytes.extend(vector.codes.iter().flat_map(|&code| half(code).to_be_bytes()));
    bytes
}

/// The codes of a `halfvec` of `dim` numbers; `None` if they aren't ours.
pub(super) fn from_halfvec(bytes: &[u8], dim: usize) -> Option<Vec<i8>> {
    let (head, halves) = bytes.split_first_chunk::<4>()?;
    if usize::from(u16::from_be_bytes([head[0], head[1]])) != dim || halves.len() != 2 * dim {
        return None;
    }
    halves.as_chunks().0.iter().map(|half| whole(u16::from_be_bytes(*half))).collect()
}

/// A question's vector as text for a `halfvec`, with no more bits than a half has, and how far it is at most from the
/// question: the greatest difference between a cosine with it and the exact one.
pub(super) fn asked(query: &DenseQuery) -> (String, f32) {
    let rounded: Vec<i64> = query.codes().iter().map(|&code| round(i64::from(code))).collect();
    let mut text = String::with_capacity(6 * rounded.len());
    for (at, code) in rounded.iter().enumerate() {
        // Writing to a string can't fail.
        let _ = write!(text, "{}{code}", if at == 0 { '[' } else { ',' });
    }
    text.push(']');
    let length =
        |codes: &mut dyn Iterator<Item = i64>| (codes.map(|code| code * code).sum::<i64>() as f64).sqrt();
    let exact = length(&mut query.codes().iter().map(|&code| i64::from(code)));
    let near = length(&mut rounded.iter().copied());
    if exact == 0.0 || near == 0.0 {
        return (text, 2.0);
    }
    let differences = query.codes().iter().zip(&rounded);
    let squares: f64 = differences
        .map(|(&code, &near_code)| (f64::from(code) / exact - near_code as f64 / near).powi(2))
        .sum();
    // The extension adds up numbers of 24 bits in whatever order.
    let of_sums = 2.0 * rounded.len() as f64 * f64::from(f32::EPSILON);
    (text, (squares.sqrt() + of_sums) as f32)
}

/// The nearest number that a half can be.
fn round(code: i64) -> i64 {
    let bits = code.unsigned_abs().checked_ilog2().map_or(0, |log| log + 1);
    let step = 1i64 << bits.saturating_sub(PRECISION);
    (code as f64 / step as f64).round_ties_even() as i64 * step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_come_back() {
        let codes: Vec<i8> = (-127..=127).collect();
        let bytes = to_halfvec(&Vector::new(0.5, codes.clone()));
        assert_eq!(from_halfvec(&bytes, codes.len()), Some(codes.clone()));
        assert_eq!(from_halfvec(&bytes, codes.len() - 1), None);
        assert_eq!(from_halfvec(&bytes[..bytes.len() - 1], codes.len()), None);
        // A half, and more than eight bits.
        assert_eq!((whole(0x3800), whole(0x5C00), whole(0x7C00)), (None, None, None));
        assert_eq!((half(1), half(-1), half(127)), (0x3C00, 0xBC00, 0x57F0));
    }

    #[test]
    fn a_question_is_near_itself() {
        let values: Vec<f32> = (0..384).map(|at| ((at * 37 % 101) as f32 - 50.0) / 50.0).collect();
        let (text, bound) = asked(&DenseQuery::new(&values));
        assert!(text.starts_with('[') && text.ends_with(']') && text.matches(',').count() == 383);
        assert!(bound > 0.0 && bound < 1e-3, "{bound}");
        assert_eq!((round(2048), round(2049), round(4097), round(-32767)), (2048, 2048, 4096, -32768));
        assert!(asked(&DenseQuery::new(&[0.0, 0.0])).1 > 1.0);
    }
}
