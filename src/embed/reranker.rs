//! What says how well a passage answers a question, by reading both together.

use crate::error::Result;

/// A cross-encoder: a model that reads a question and a passage together and scores how well the passage answers.
pub trait Reranker: Send + Sync + std::fmt::Debug {
    /// What it is called, or where it is.
    fn name(&self) -> &str;

    /// The score of each passage, in their order: the model's logit, any number, higher is better. It depends on the
    /// question and on that passage alone. Of a text that is too long, only the beginning counts.
    ///
    /// # Errors
    ///
    /// Fails if the model can't be run.
    fn scores(&self, question: &str, passages: &[&str]) -> Result<Vec<f32>>;
}
