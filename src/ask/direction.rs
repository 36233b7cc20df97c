//! Directions of vectors, which is all that vectors of a store mean.

/// The direction of a passage's vector.
#[derive(Clone, Debug)]
pub(super) struct Direction {
    vector: Vec<f32>,
    /// The sum of the squares of its numbers.
    squares: f64,
}

impl Direction {
    /// That of a vector.
    pub(super) fn new(vector: Vec<f32>) -> Self {
        let squares = dot(&vector, &vector);
        Self { vector, squares }
    }

    /// The cosine of the angle between two directions, from -1 to 1; 0 if either vector has no length.
    pub(super) fn cosine(&self, other: &Self) -> f32 {
        let squares = self.squares * other.squares;
        if squares > 0.0 { (dot(&self.vector, &other.vector) / squares.sqrt()) as f32 } else { 0.0 }
    }
}

/// The inner product. Of small integers, as the store of an index has them, it is exact.
fn dot(a: &[f32], b: &[f32]) -> f64 {
    const LANES: usize = 16;
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut sums = [0.0_f32; LANES];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest = a_rest.iter().zip(b_rest).map(|(a, b)| f64::from(a * b));
    sums.into_iter().map(f64::from).chain(rest).sum()
}
