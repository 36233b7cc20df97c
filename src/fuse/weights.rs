//! The weights of the fusion, as `benches/train_ranking.py` learned them from `SciFact`, `SQuAD` 1.1, `StackFAQ`,
//! Cranfield and `nnet101_qa`, with the bundled model. `benches/README.md` tells how well they do on sets they didn't see.

/// What each input counts for; see `parts` for their order.
pub(super) const WEIGHTS: [f32; 11] =
    [13.601, 2.408, 3.272, 1.365, -0.351, 8.836, -7.970, -2.843, -2.679, -8.392, 3.938];
