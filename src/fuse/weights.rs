//! The weights of the fusion, as `benches/train_ranking.py` learned them from `SciFact`, `SQuAD` 1.1, `StackFAQ`,
//! Cranfield and `nnet101_qa`, with the bundled model. `benches/README.md` tells how well they do on sets they didn't see.

/// What each input counts for; see `parts` for their order.
pub(super) const WEIGHTS: [f32; 13] =
    [12.052, 2.032, 0.102, 0.577, -0.681, 7.533, -6.458, -1.193, -2.733, -11.197, 4.241, 14.000, -7.000];

/// The same for a model without vectors of words, whose cosines are read by a scale: learned in the same way with an imported
/// multilingual-e5-small, from `XQuAD` in four languages, Cranfield and `nnet101_qa`, and drawn towards the weights above. The
/// last two are those of an input that is always 0.
pub(super) const WITHOUT_WORDS: [f32; 13] =
    [13.289, 2.463, 1.503, 1.145, -1.566, 1.394, -5.259, -0.333, -2.121, -8.041, 4.481, 0.0, 0.0];
