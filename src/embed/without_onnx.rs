//! Stands in for `onnx/` in a build without the feature `fastembed`: no model has a name, and none can be opened.

use std::path::Path;

use super::embedder::Embedder;
use super::listed_model::ListedModel;
use super::places::Places;
use super::reranker::Reranker;
use crate::error::{Error, Result, Usage};

/// Whether models can be opened.
pub(super) const AVAILABLE: bool = false;

fn not_built() -> Error {
    Usage::WithoutFastembed.into()
}

/// No embedder has a name.
pub(super) fn embedder_called(_: &str) -> Option<String> {
    None
}

/// No reranker has a name.
pub(super) fn reranker_called(_: &str) -> Option<String> {
    None
}

/// No model is listed.
pub(super) fn listed(_: &Places) -> Vec<ListedModel> {
    Vec::new()
}

/// Fails: no embedder can be opened.
pub(super) fn embedder_in(_: &Path, _: &Places) -> Result<Box<dyn Embedder>> {
    Err(not_built())
}

/// Fails: no embedder can be opened.
pub(super) fn embedder_named(_: &str, _: &Places) -> Result<Box<dyn Embedder>> {
    Err(not_built())
}

/// Fails: no reranker can be opened.
pub(super) fn reranker_in(_: &Path, _: &Places) -> Result<Box<dyn Reranker>> {
    Err(not_built())
}

/// Fails: no reranker can be opened.
pub(super) fn reranker_named(_: &str, _: &Places) -> Result<Box<dyn Reranker>> {
    Err(not_built())
}
