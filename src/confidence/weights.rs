//! The weights of the score, as `benches/train_ranking.py` learned them along with those of the fusion.

/// What each input counts for, and what everything starts from; see `inputs` for their order.
pub(super) const WEIGHTS: [f32; 7] = [7.830, 4.609, -3.549, 1.904, -0.440, 5.881, -7.739];
