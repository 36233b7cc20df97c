//! Sketches of vectors, from which cosines are estimated without bias (`RaBitQ`: Gao and Long 2024, arXiv:2405.12497).
//!
//! A sketch has a bit for the sign of each number of the vector, once that is rotated at random.
//!
//! A sketch takes a sixth of the bytes of a vector of 384 numbers, so a search for which it is enough to know roughly which
//! nodes are near runs through far less memory. What it finds is compared again by the vectors themselves.
//!
//! The rotation flips signs by a fixed pattern and applies a Walsh–Hadamard transform, twice.

use super::super::dense::{Compared, DenseQuery};
use super::super::kernel::{self, LINE, Signs};
use super::super::vectors::rounded;

/// The bytes of the factor behind the bits.
const FACTOR: usize = 4;
/// Sums of bits by each value of a byte.
type Sums = [i16; 256];

/// The bytes of the sketch of a vector with so many numbers: at least one bit a number, and the factor, in whole cache
/// lines.
pub(super) fn bytes(dim: usize) -> usize {
    (dim.div_ceil(8) + FACTOR).next_multiple_of(LINE)
}

/// Adds a vector's sketch: its bits, then a factor f32 by which a sum of numbers with these signs becomes a cosine.
pub(super) fn push(to: &mut Vec<u8>, codes: &[u8]) {
    let numbers = rotated(codes.iter().map(|&code| f32::from(code as i8)), codes.len());
    let squares: f64 = numbers.iter().map(|&number| f64::from(number) * f64::from(number)).sum();
    let kept = &numbers[..8 * (bytes(codes.len()) - FACTOR)];
    for of_byte in kept.chunks_exact(8) {
        to.push((0..8).filter(|&bit| of_byte[bit] > 0.0).map(|bit| 1 << bit).sum());
    }
    let magnitudes: f64 = kept.iter().map(|&number| f64::from(number.abs())).sum();
    let factor = if magnitudes > 0.0 { squares.sqrt() / magnitudes } else { 0.0 };
    to.extend_from_slice(&(factor as f32).to_le_bytes());
}

/// The factor of a sketch.
#[inline]
pub(super) fn factor(sketch: &[u8]) -> f32 {
    let factor = sketch.last_chunk().map_or(0.0, |bytes| f32::from_le_bytes(*bytes));
    // Whatever stands in a file, no estimate is NaN.
    if factor.is_finite() { factor } else { 0.0 }
}

/// The error of an estimated cosine that only one of a thousand exceeds.
pub(super) fn doubt(dim: usize, cosine: f32) -> f32 {
    const DEVIATIONS: f32 = 3.0;
    let kept = (8 * (bytes(dim) - FACTOR)) as f32;
    // The square of what is left of a random vector without its part along the bits, by that part.
    let spread = std::f32::consts::FRAC_PI_2 - kept / rotated_size(dim) as f32;
    DEVIATIONS * (spread * (1.0 - cosine * cosine).max(0.0) / kept).sqrt()
}

/// A question, ready to be compared with sketches.
#[derive(Debug)]
pub(super) struct SketchQuery {
    /// The numbers of the question, one for each bit of a sketch, and zeros in the place of the factor.
    numbers: Vec<i8>,
    /// The sum of all numbers.
    all: i32,
    /// The size of a step of the numbers, for a question of length 1.
    step: f32,
    sum: Sum,
}

/// How the numbers whose bits are set are summed up.
#[derive(Debug)]
enum Sum {
    /// By the processor.
    Kernel(Signs),
    /// By the sums of each byte of a sketch.
    Table(Vec<Sums>),
}

impl SketchQuery {
    /// Rotates a question and rounds it to eight bits.
    pub(super) fn new(query: &DenseQuery) -> Self {
        Self::with(query, kernel::signs())
    }

    fn with(query: &DenseQuery, kernel: Option<Signs>) -> Self {
        let codes = query.codes();
        let bits = 8 * bytes(codes.len());
        let mut rotated = rotated(codes.iter().map(|&code| f32::from(code)), codes.len());
        let squares: f64 = rotated.iter().map(|&number| f64::from(number) * f64::from(number)).sum();
        rotated.resize(bits, 0.0);
        rotated[bits - 8 * FACTOR..].fill(0.0);
        let largest = rotated.iter().fold(0.0, |largest: f32, number| largest.max(number.abs()));
        let step = largest / 127.0;
        let code = |number: &f32| if step > 0.0 { rounded(f64::from(number / step)) as i8 } else { 0 };
        let numbers: Vec<i8> = rotated.iter().map(code).collect();
        let all = numbers.iter().map(|&number| i32::from(number)).sum();
        let step = if squares > 0.0 { (f64::from(step) / squares.sqrt()) as f32 } else { 0.0 };
        let sum = kernel.map_or_else(|| Sum::Table(tables(&numbers)), Sum::Kernel);
        Self { numbers, all, step, sum }
    }
}

impl Compared for SketchQuery {
    fn sums(&self, sketches: &[&[u8]], sums: &mut [i32]) {
        match &self.sum {
            Sum::Kernel(signs) => signs(&self.numbers, sketches, sums),
            Sum::Table(tables) => {
                assert_eq!(sketches.len(), sums.len());
                for (sketch, sum) in sketches.iter().zip(sums) {
                    assert_eq!(sketch.len(), tables.len());
                    let of_bytes = sketch.iter().zip(tables).map(|(&byte, sums)| sums[usize::from(byte)]);
                    *sum = of_bytes.map(i32::from).sum();
                }
            }
        }
    }

    #[inline]
    fn scale(&self, sum: i32, factor: f32) -> f32 {
        // Numbers whose bits aren't set count negatively.
        (2 * sum - self.all) as f32 * self.step * factor
    }
}

/// For each byte of a sketch, the sum of the numbers whose bits are set, by the byte's value.
fn tables(numbers: &[i8]) -> Vec<Sums> {
    let table = |of_byte: &[i8]| {
        let mut sums: Sums = [0; 256];
        for value in 1..sums.len() {
            // Without its lowest bit, the value is one that came before.
            sums[value] = sums[value & (value - 1)] + i16::from(of_byte[value.trailing_zeros() as usize]);
        }
        sums
    };
    numbers.chunks_exact(8).map(table).collect()
}

/// How many numbers a vector of so many has once it is rotated.
fn rotated_size(dim: usize) -> usize {
    (8 * bytes(dim)).next_power_of_two()
}

/// A vector of so many numbers, rotated; of more numbers, so that there is one for each bit of a sketch.
fn rotated(numbers: impl Iterator<Item = f32>, dim: usize) -> Vec<f32> {
    let mut rotated: Vec<f32> = numbers.collect();
    rotated.resize(rotated_size(dim), 0.0);
    for round in 1..=2_u64 {
        for (place, of_word) in (0..).zip(rotated.chunks_mut(64)) {
            let flipped = mixed(round << 32 | place);
            for (bit, number) in of_word.iter_mut().enumerate() {
                if flipped >> bit & 1 == 1 {
                    *number = -*number;
                }
            }
        }
        transform(&mut rotated);
    }
    rotated
}

/// The Walsh–Hadamard transform of a power of two of numbers, times the root of how many there are.
fn transform(numbers: &mut [f32]) {
    let mut half = 1;
    while half < numbers.len() {
        for both in numbers.chunks_exact_mut(2 * half) {
            let (left, right) = both.split_at_mut(half);
            for (left, right) in left.iter_mut().zip(right) {
                (*left, *right) = (*left + *right, *left - *right);
            }
        }
        half *= 2;
    }
}

/// 64 bits that look random (`SplitMix64`).
fn mixed(number: u64) -> u64 {
    let bits = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let bits = (bits ^ bits >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let bits = (bits ^ bits >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ bits >> 31
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::store::vectors::Vector;

    fn codes(values: &[f32]) -> Vec<u8> {
        Vector::quantise(values).codes.iter().map(|&code| code as u8).collect()
    }

    fn estimate(question: &SketchQuery, sketch: &[u8]) -> f32 {
        let mut sums = [0];
        question.sums(&[sketch], &mut sums);
        question.scale(sums[0], factor(sketch))
    }

    proptest! {
        #[test]
        fn an_estimate_is_near_the_cosine(
            dim in prop_oneof![1usize..1_100, Just(2_048), Just(4_096)],
            seed in any::<u64>(),
            share in 0.0f32..1.0,
        ) {
            let number = |place: u64| (mixed(seed.wrapping_add(place)) >> 40) as f32 / (1 << 23) as f32 - 1.0;
            let row: Vec<f32> = (0..dim as u64).map(number).collect();
            let other = (dim as u64..2 * dim as u64).map(number);
            let query: Vec<f32> = row.iter().zip(other).map(|(a, b)| share * a + (1.0 - share) * b).collect();
            let cosine = Vector::quantise(&row).cosine(&Vector::quantise(&query));
            let mut sketch = Vec::new();
            push(&mut sketch, &codes(&row));
            prop_assert_eq!(sketch.len(), bytes(dim));
            let query = DenseQuery::new(&query);
            let estimated = estimate(&SketchQuery::new(&query), &sketch);
            // Twice the doubt, for there are many cases; and what rounding the question to eight bits costs.
            let doubt = 2.0 * doubt(dim, cosine) + 0.01;
            prop_assert!((estimated - cosine).abs() <= doubt, "{} for {} ± {}", estimated, cosine, doubt);
            let tables = SketchQuery::with(&query, None);
            prop_assert_eq!(estimate(&tables, &sketch).to_bits(), estimated.to_bits());
        }
    }

    #[test]
    fn a_vector_is_like_itself_and_unlike_its_opposite() {
        let values: Vec<f32> = (0..384).map(|at| (at as f32 * 1.7).sin()).collect();
        let mut sketch = Vec::new();
        push(&mut sketch, &codes(&values));
        assert_eq!(sketch.len(), 64);
        let opposite: Vec<f32> = values.iter().map(|value| -value).collect();
        for (values, cosine) in [(&values, 1.0), (&opposite, -1.0)] {
            let estimated = estimate(&SketchQuery::new(&DenseQuery::new(values)), &sketch);
            assert!((estimated - cosine).abs() < 0.01, "{estimated}");
        }
    }

    #[test]
    fn nothing_is_like_nothing() {
        let mut sketch = Vec::new();
        push(&mut sketch, &[0; 384]);
        let is_nothing = |number: f32| number.abs() < f32::MIN_POSITIVE;
        assert!(is_nothing(factor(&sketch)));
        assert!(is_nothing(estimate(&SketchQuery::new(&DenseQuery::new(&[1.0; 384])), &sketch)));
        push(&mut sketch, &codes(&[1.0; 384]));
        assert!(is_nothing(estimate(&SketchQuery::new(&DenseQuery::new(&[0.0; 384])), &sketch[64..])));
        assert!(is_nothing(factor(&[255; 64])));
        assert_eq!((bytes(0), bytes(480), bytes(481), bytes(1024)), (64, 64, 128, 192));
    }
}
