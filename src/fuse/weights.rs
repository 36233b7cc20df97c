//! The weights of the fusion, as they were learned.

/// What the score of a candidate is made of.
pub const INPUTS: [&str; 9] = [
    "meaning",
    "meaning²",
    "words",
    "coverage",
    "adjacency",
    "proximity",
    "meaning × best meaning",
    "words × best meaning",
    "coverage × best meaning",
];

/// What each of them counts for.
pub const WEIGHTS: [f32; INPUTS.len()] = [16.45, -11.71, 5.33, 6.34, 0.7, 1.2, 12.24, -5.56, -6.23];
