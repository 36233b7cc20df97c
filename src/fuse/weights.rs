//! The weights of the fusion, as `benches/train_ranking.py` learned them from `SciFact`, `SQuAD` 1.1, `StackFAQ`,
//! Cranfield and `nnet101_qa`, with the bundled model. `benches/README.md` tells how well they do on sets they didn't see.

/// What each input counts for; see `parts` for their order.
pub(super) const WEIGHTS: [f32; 13] =
    [12.052, 2.032, 0.102, 0.577, -0.681, 7.533, -6.458, -1.193, -2.733, -11.197, 4.241, 14.000, -7.000];
