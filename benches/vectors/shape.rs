//! What makes a set of vectors hard or easy to search.

use super::data::Random;
use super::exact;
use super::raw::DIM;

/// So many vectors are looked at.
const SAMPLE: usize = 1000;
/// Neighbours that the estimate of the dimension takes into account.
const K: usize = 20;
/// Neighbours that are looked up.
const FAR: usize = 100;

/// How the vectors of a set lie.
pub(super) struct Shape {
    /// The maximum-likelihood estimate of the intrinsic dimension (Levina and Bickel 2004) from 20 neighbours.
    pub(super) dimension: f64,
    /// The mean cosines of vectors with their first, tenth and hundredth neighbours.
    pub(super) cosines: [f64; 3],
}

impl Shape {
    /// The shape of a set, from the neighbours that some of its vectors have in it.
    pub(super) fn of(base: &[f32]) -> Self {
        let rows = base.len() / DIM;
        let mut random = Random::seeded(1);
        let sample: Vec<usize> = (0..SAMPLE).map(|_| random.below(rows as f64) as usize).collect();
        let vectors: Vec<f32> =
            sample.iter().flat_map(|row| &base[row * DIM..(row + 1) * DIM]).copied().collect();
        let mut neighbours = exact::nearest(base, &vectors, FAR + 1, |_| true);
        for (&row, found) in sample.iter().zip(&mut neighbours) {
            found.retain(|&(other, _)| other as usize != row);
        }
        Self::from_neighbours(&neighbours)
    }

    /// The shape around some queries, of which the neighbours are known.
    pub(super) fn around(base: &[f32], queries: &[f32]) -> Self {
        Self::from_neighbours(&exact::nearest(base, queries, FAR, |_| true))
    }

    fn from_neighbours(neighbours: &[Vec<(u32, f32)>]) -> Self {
        let count = neighbours.len() as f64;
        let cosine = |place: usize| neighbours.iter().map(|found| f64::from(found[place - 1].1)).sum::<f64>();
        let dimensions = neighbours.iter().map(|found| dimension(&found[..K])).sum::<f64>();
        Self { dimension: dimensions / count, cosines: [1, 10, FAR].map(|place| cosine(place) / count) }
    }
}

/// The estimate around one vector, from the cosines of its neighbours, best first.
fn dimension(neighbours: &[(u32, f32)]) -> f64 {
    // Of unit vectors. Two that are the same would be infinitely many times nearer than others.
    let distance = |cosine: f32| (2.0 - 2.0 * f64::from(cosine)).max(1e-6).sqrt();
    let farthest = distance(neighbours[K - 1].1);
    let logarithms = neighbours[..K - 1].iter().map(|&(_, cosine)| (farthest / distance(cosine)).ln());
    (K - 1) as f64 / logarithms.sum::<f64>().max(1e-9)
}
