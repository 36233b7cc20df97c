//! A model as a list shows it.

/// What a model does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelKind {
    /// It turns texts into vectors.
    Embedder {
        /// Numbers in a vector; 0 if the model can't be read.
        dim: usize,
    },
    /// It reads a question with a passage, as a [`Reranker`](super::Reranker).
    Reranker,
}

/// A model that can be named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedModel {
    /// What to type after `--model`, or after `--rerank`.
    pub name: String,
    /// Where it comes from: `bundled`, a file, or a repository.
    pub from: String,
    /// What it does.
    pub kind: ModelKind,
    /// Whether it is on this machine already.
    pub is_here: bool,
}
