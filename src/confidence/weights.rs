//! The weights of the score, as `benches/train_ranking.py` learned them along with those of the fusion.

/// What each input counts for, and what everything starts from; see `inputs` for their order.
pub(super) const WEIGHTS: [f32; 7] = [7.387, 4.803, -3.990, 0.504, 0.170, 5.803, -7.370];

/// The same for whether the first source can be trusted; see `trust`.
pub(super) const TRUST: [f32; 7] = [5.948, 4.323, 0.985, 0.343, 4.035, 0.481, -8.814];
