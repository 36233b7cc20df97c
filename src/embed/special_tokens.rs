//! The places of special tokens among those that a model file names: padding, unknown, first, last, mask.

/// The place of the token that stands for what has no piece.
pub(super) const UNK: usize = 1;
/// The place of the first token of a text.
pub(super) const CLS: usize = 2;
/// The place of the last token of a text.
pub(super) const SEP: usize = 3;
