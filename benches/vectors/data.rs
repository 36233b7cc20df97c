//! Generated vectors that are distributed like those of real passages: in topics, and in notes within them.
//!
//! Random directions would be unrealistic: in 384 dimensions they are all equally far from each other, while the vectors
//! of passages have few degrees of freedom and near neighbours. So here a passage is a point in a latent space of
//! [`LATENT`] dimensions whose variances fall like a power: the centre of its topic, plus an offset of its note, plus one
//! of its own. A fixed random matrix takes that to [`DIM`] dimensions, where a little noise
//! in all of them comes on top, and the length becomes 1.
//!
//! The constants below were chosen so that a set is like the 24,080 passages of some 3,500 real notes (the bundled
//! model's vectors of books, courses and vaults) in what makes a search hard or easy, as `shape.rs` measures it:
//!
//! | | intrinsic dimension | cosine of neighbour 1 | 10 | 100 |
//! |---|---|---|---|---|
//! | real passages | 13.3 | .798 | .638 | .485 |
//! | made up, as many | 13.2 | .780 | .651 | .479 |
//! | real sentences as questions | 23.0 | .667 | .537 | .416 |
//! | made up, to 10,000 and to 100,000 | 19.7, 26.2 | .671, .694 | .573, .621 | .407, .522 |
//!
//! A vector depends on its number alone, so a set is the same on any number of threads, and a smaller one is the
//! beginning of a larger one. (Logarithms and cosines are the system's, whose last bits may differ elsewhere.)

use qsearch::random::SplitMix64;
use rayon::prelude::*;

use super::raw::DIM;

/// Names the way in which vectors are made; another way must have another name.
pub(super) const RECIPE: &str = "topics, notes and passages 2";
/// Passages of one note; they stand together.
pub(super) const PASSAGES_OF_A_NOTE: usize = 10;

/// Dimensions of the latent space.
const LATENT: usize = 64;
/// The spread along the n-th latent dimension is n to the power of minus this.
const DECAY: f32 = 0.36;
/// How many topics there are. Some are larger than others.
const TOPICS: f64 = 300.0;
/// The spreads of topics around the origin, of notes around their topic, of passages around their note, and of the noise
/// in all dimensions.
const SPREADS: [f32; 4] = [0.6, 0.42, 0.46, 0.1];
/// How much farther than a passage a question may be from its note: it is short, and says less.
const QUESTION: f32 = 2.0;

/// Makes vectors.
pub(super) struct Generator {
    /// What takes a latent point to its vector: [`LATENT`] rows of [`DIM`] numbers.
    map: Vec<f32>,
    /// The spread along each latent dimension; their squares add up to 1.
    spectrum: [f32; LATENT],
}

/// What numbers are drawn for; each purpose has sequences of its own.
#[derive(Clone, Copy)]
enum Purpose {
    Map,
    Topic,
    Note,
    Passage,
    Query,
}

impl Generator {
    pub(super) fn new() -> Self {
        let mut map = vec![0.0; LATENT * DIM];
        Random::of(Purpose::Map, 0).add_gaussians(&mut map, |_| 1.0 / (DIM as f32).sqrt());
        let powers: [f32; LATENT] = std::array::from_fn(|at| (at as f32 + 1.0).powf(-DECAY));
        let length = powers.iter().map(|power| power * power).sum::<f32>().sqrt();
        Self { map, spectrum: powers.map(|power| power / length) }
    }

    /// The first `rows` passages, ten from each note.
    pub(super) fn passages(&self, rows: usize) -> Vec<f32> {
        let vector = |row: usize| {
            let note = row / PASSAGES_OF_A_NOTE;
            self.vector(note as u64, Random::of(Purpose::Passage, row as u64), 1.0)
        };
        (0..rows).into_par_iter().flat_map_iter(vector).collect()
    }

    /// `count` questions to the notes of the first `rows` passages.
    pub(super) fn queries(&self, count: usize, rows: usize) -> Vec<f32> {
        let vector = |query: usize| {
            let mut random = Random::of(Purpose::Query, query as u64);
            let note = random.below((rows / PASSAGES_OF_A_NOTE) as f64);
            self.vector(note, random, QUESTION)
        };
        (0..count).into_par_iter().flat_map_iter(vector).collect()
    }

    /// A vector of a note. Its own offset is drawn from `own`, and is `larger` times as large as a passage's.
    fn vector(&self, note: u64, mut own: Random, larger: f32) -> Vec<f32> {
        let [topic_spread, note_spread, own_spread, noise] = SPREADS;
        let mut note = Random::of(Purpose::Note, note);
        // Squared, for some topics are larger than others.
        let topic = (TOPICS * note.unit().powi(2)) as u64;
        // The passages of some notes are closer to each other than those of others: by factors from a half to two.
        let spread = larger * (2.0 * note.unit() - 1.0).exp2() as f32;
        let mut latent = [0.0; LATENT];
        Random::of(Purpose::Topic, topic).add_gaussians(&mut latent, |at| topic_spread * self.spectrum[at]);
        note.add_gaussians(&mut latent, |at| note_spread * self.spectrum[at]);
        own.add_gaussians(&mut latent, |at| spread * own_spread * self.spectrum[at]);
        let mut vector = vec![0.0; DIM];
        for (row, value) in self.map.chunks_exact(DIM).zip(latent) {
            for (sum, factor) in vector.iter_mut().zip(row) {
                *sum += value * factor;
            }
        }
        own.add_gaussians(&mut vector, |_| spread * noise / (DIM as f32).sqrt());
        let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
        vector.into_iter().map(|value| value / length).collect()
    }
}

/// A pseudo-random sequence.
pub(super) struct Random(SplitMix64);

impl Random {
    /// The sequence of one number for a purpose.
    fn of(purpose: Purpose, number: u64) -> Self {
        let mut random = SplitMix64::new(number << 3 | purpose as u64);
        Self::seeded(random.bits())
    }

    /// The sequence of a seed.
    pub(super) fn seeded(seed: u64) -> Self {
        Self(SplitMix64::new(seed))
    }

    /// From 0 up to 1.
    pub(super) fn unit(&mut self) -> f64 {
        (self.0.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A whole number from 0 up to a bound.
    pub(super) fn below(&mut self, bound: f64) -> u64 {
        (bound * self.unit()) as u64
    }

    /// Adds to each place a normally distributed number of the spread that it has (Box and Muller 1958).
    fn add_gaussians(&mut self, to: &mut [f32], spread: impl Fn(usize) -> f32) {
        for (pair, values) in to.chunks_mut(2).enumerate() {
            let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
            let (sine, cosine) = (std::f64::consts::TAU * self.unit()).sin_cos();
            for (at, (value, part)) in values.iter_mut().zip([cosine, sine]).enumerate() {
                *value += spread(2 * pair + at) * (radius * part) as f32;
            }
        }
    }
}
