//! The weights of the fusion, as `benches/train_ranking.py` learned them from `SciFact`, `SQuAD` 1.1, `StackFAQ`,
//! Cranfield and `nnet101_qa`, with the bundled model. `benches/README.md` tells how well they do on sets they didn't see.

/// What each input counts for; see `parts` for their order.
pub(super) const WEIGHTS: [f32; 11] =
    [13.675, 2.433, 3.295, 1.399, -0.403, 9.598, -8.319, -2.916, -2.774, -8.847, 4.053];
