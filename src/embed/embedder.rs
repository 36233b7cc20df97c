//! What turns texts into vectors: the interface of every model, its input and its output.

use std::ops::Range;

use crate::document::Tokens;
use crate::error::Result;
use crate::likeness::LikenessScale;
use crate::word_vector::{QuestionWord, WordVector};

/// What turns texts into vectors.
pub trait Embedder: Send + Sync + std::fmt::Debug {
    /// Identity of model and numerics: vectors may be compared exactly if their fingerprints are equal.
    fn fingerprint(&self) -> &str;

    /// Numbers in a vector.
    fn dim(&self) -> usize;

    /// The most tokens of a passage that are read, two special tokens included and the passage's prefix not.
    fn max_tokens(&self) -> usize;

    /// The tokens of `text`, without special tokens and without truncation.
    fn tokens(&self, text: &str) -> Tokens;

    /// How much of a text the model knows, from 0 to 1: the share of its letters and digits that stand in pieces that can
    /// mean something. A text of other signs has none. A model that can't tell knows all.
    fn known(&self, text: &str) -> f32 {
        let _ = text;
        1.0
    }

    /// How well the model was taught the language of a text, from 0 to 1: the share of its letters in words that the
    /// vocabulary has as they are. A model that can't tell was taught all.
    fn fluent(&self, text: &str) -> f32 {
        let _ = text;
        1.0
    }

    /// Whether single words of a text get vectors.
    fn has_word_vectors(&self) -> bool {
        false
    }

    /// What its cosines mean.
    fn likeness(&self) -> LikenessScale {
        LikenessScale::OWN
    }

    /// The unit vectors of `passages`, in their order. Of a text that is too long, only the beginning counts.
    ///
    /// # Errors
    ///
    /// Fails if the model is damaged or can't be run.
    fn embed_passages(&self, passages: &[Input<'_>]) -> Result<Vec<Embedding>>;

    /// The unit vector of a question.
    ///
    /// # Errors
    ///
    /// As [`embed_passages`](Self::embed_passages).
    fn embed_query(&self, text: &str) -> Result<Vec<f32>>;

    /// The unit vector of a question, and the vectors of the words that say what it is about; none if the model has no
    /// vectors of words.
    ///
    /// # Errors
    ///
    /// As [`embed_passages`](Self::embed_passages).
    fn embed_question(&self, text: &str) -> Result<QuestionVectors> {
        Ok(QuestionVectors { vector: self.embed_query(text)?, words: Vec::new() })
    }

    /// The words of a passage (in bytes of its text) that have vectors, in the order of [`Embedding::words`].
    fn words(&self, text: &str) -> Vec<Range<usize>> {
        let _ = text;
        Vec::new()
    }
}

/// The vectors of a question.
#[derive(Clone, Debug, PartialEq)]
pub struct QuestionVectors {
    /// The unit vector of all of it.
    pub vector: Vec<f32>,
    /// The words that say what it is about, with their vectors, in their order.
    pub words: Vec<QuestionWord>,
}

/// A passage to be embedded.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The text.
    pub text: &'a str,
    /// The numbers of its tokens, as [`Embedder::tokens`] gives them, if they are known already; else empty.
    pub ids: &'a [u32],
    /// Ranges of these tokens that get vectors of their own; may be empty.
    pub windows: &'a [Range<u32>],
}

/// The vectors of a passage.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Embedding {
    /// The unit vector of the passage.
    pub vector: Vec<f32>,
    /// For each of [`Input::windows`] the sum of its tokens' last states, not normalised; zeros for a window without
    /// tokens or whose tokens weren't read. Empty if the model doesn't give its states.
    ///
    /// The states come from the whole passage ("late chunking", Günther et al. 2024, arXiv:2409.04701), so a window
    /// costs nothing more and reflects its context.
    pub windows: Vec<Vec<f32>>,
    /// The vectors of the first [`MOST_WORDS`](crate::word_vector::MOST_WORDS) words that say something; those that stand
    /// in any text are left out. Empty if the model has no vectors of words.
    pub words: Vec<WordVector>,
}

impl<'a> From<&'a str> for Input<'a> {
    fn from(text: &'a str) -> Self {
        Self { text, ids: &[], windows: &[] }
    }
}

impl From<Vec<f32>> for Embedding {
    fn from(vector: Vec<f32>) -> Self {
        Self { vector, windows: Vec::new(), words: Vec::new() }
    }
}
