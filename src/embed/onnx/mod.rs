//! Models other than ours: whatever ONNX Runtime runs, through fastembed.
//!
//! - `embedder.rs` runs embedders, `cross_encoder.rs` rerankers.
//! - `folder.rs` reads a model with its tokenizer from a folder on disk; `known.rs` lists those that fastembed
//!   downloads.
//! - `runtime.rs` finds and opens ONNX Runtime, a shared library that isn't part of this program.
//!
//! Each text is run by itself. Models with dynamic quantisation, and padding in a batch, give other bits in other
//! company; by themselves, texts get the same vector in every batch.

mod shared;
mod runtime;
mod folder;
mod known;
mod embedder;
mod cross_encoder;

use std::path::Path;

use self::cross_encoder::CrossEncoder;
use self::embedder::OnnxEmbedder;
use super::embedder::Embedder;
use super::places::Places;
use super::reranker::Reranker;
use crate::error::Result;

pub(super) use self::known::{embedder_called, listed, reranker_called};

/// Whether models can be opened.
pub(super) const AVAILABLE: bool = true;

/// Opens the embedder in an ONNX file, with the tokenizer beside it.
pub(super) fn embedder_in(path: &Path, places: &Places) -> Result<Box<dyn Embedder>> {
    Ok(Box::new(OnnxEmbedder::file(path, places)?))
}

/// Opens an embedder by fastembed's name, and downloads it the first time.
pub(super) fn embedder_named(name: &str, places: &Places) -> Result<Box<dyn Embedder>> {
    Ok(Box::new(OnnxEmbedder::named(name, places)?))
}

/// Opens the reranker in an ONNX file, with the tokenizer beside it.
pub(super) fn reranker_in(path: &Path, places: &Places) -> Result<Box<dyn Reranker>> {
    Ok(Box::new(CrossEncoder::file(path, places)?))
}

/// Opens a reranker by fastembed's name, and downloads it the first time.
pub(super) fn reranker_named(name: &str, places: &Places) -> Result<Box<dyn Reranker>> {
    Ok(Box::new(CrossEncoder::named(name, places)?))
}
