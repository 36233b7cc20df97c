//! The weights of the score, as `benches/train_ranking.py` learned them along with those of the fusion.

/// What each input counts for, and what everything starts from; see `inputs` for their order.
pub(super) const WEIGHTS: [f32; 7] = [7.833, 4.619, -3.510, 1.887, -0.466, 5.948, -7.765];
