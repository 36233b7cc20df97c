//! Models other than ours: whatever ONNX Runtime runs, through fastembed.
//!
//! - `runtime.rs` finds and opens ONNX Runtime, a shared library that isn't part of this program.
//! - `folder.rs` reads a model with its tokenizer from a folder on disk; `known.rs` lists those that fastembed downloads.
//! - `rerank.rs` runs cross-encoders.
//!
//! Each text is run by itself. Models with dynamic quantisation, and padding in a batch, give other bits in other
//! company; by themselves, texts get the same vector in every batch.

mod folder;
mod known;
mod rerank;
mod runtime;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use fastembed::{EmbeddingModel, InitOptionsUserDefined, TextEmbedding, TextInitOptions};

use super::prompts;
use super::source::Places;
use super::{Embedder, Embedding, Input};
use crate::document::Tokens;
use crate::error::{Error, ModelRole, Result, Usage};
pub(super) use known::{embedders, find, find_reranker, is_downloaded, rerankers};
pub(super) use rerank::CrossEncoder;

/// No model reads more tokens of a text here: passages are shorter, and time grows with the square.
const MOST_TOKENS: usize = 512;
/// Tokens that a model puts around a text.
const SPECIAL_TOKENS: usize = 2;

/// A model that ONNX Runtime runs.
pub(super) struct Onnx {
    name: String,
    fingerprint: String,
    /// Running it takes it whole.
    model: Mutex<TextEmbedding>,
    tokens: Box<dyn Fn(&str) -> Tokens + Send + Sync>,
    prefixes: Prefixes,
    dim: usize,
    max_tokens: usize,
}

impl std::fmt::Debug for Onnx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Onnx").field("fingerprint", &self.fingerprint).finish_non_exhaustive()
    }
}

/// What stands before a question and before a passage; empty for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Prefixes {
    query: String,
    passage: String,
}

impl From<prompts::Prompts> for Prefixes {
    fn from(prompts: prompts::Prompts) -> Self {
        Self { query: prompts.query.into(), passage: prompts.passage.into() }
    }
}

impl Onnx {
    /// Opens a model that fastembed knows, downloading it the first time.
    pub(super) fn named(name: &str, places: &Places) -> Result<Self> {
        let unknown = |_| Error::Model { name: name.into(), what: "fastembed doesn't know it".into() };
        let model: EmbeddingModel = name.parse().map_err(unknown)?;
        let info = TextEmbedding::get_model_info(&model).map_err(|error| failed(name, &error))?;
        let (repository, dim) = (info.model_code.clone(), info.dim);
        // Before anything is downloaded, and before fastembed would panic without it.
        let environment = runtime::open(&places.runtime)?;
        let cache = cache(places)?;
        let options = TextInitOptions::new(model)
            .with_environment(environment)
            .with_cache_dir(cache.clone())
            .with_show_download_progress(places.shows_progress)
            .with_max_length(MOST_TOKENS)
            .with_intra_threads(places.threads());
        let model = TextEmbedding::try_new(options)
            .map_err(|error| not_here(name, &repository, ModelRole::Embedder, &cache, &error))?;
        let fingerprint = format!("fastembed:{name}@{repository}");
        let prefixes = prompts::known(&repository).map(Prefixes::from).unwrap_or_default();
        Self::new(name.into(), fingerprint, model, prefixes, Some(dim))
    }

    /// Opens a model in a file, with the tokenizer beside it.
    pub(super) fn file(path: &Path, places: &Places) -> Result<Self> {
        let folder = folder::read(path)?;
        let environment = runtime::open(&places.runtime)?;
        let options = InitOptionsUserDefined::new()
            .with_environment(environment)
            .with_max_length(MOST_TOKENS)
            .with_intra_threads(places.threads());
        let name = path.display().to_string();
        let model = TextEmbedding::try_new_from_user_defined(folder.model, options)
            .map_err(|error| failed(&name, &error))?;
        Self::new(name, folder.fingerprint, model, folder.prefixes, None)
    }

    fn new(
        name: String,
        fingerprint: String,
        model: TextEmbedding,
        prefixes: Prefixes,
        dim: Option<usize>,
    ) -> Result<Self> {
        let max_tokens =
            model.tokenizer.get_truncation().map_or(MOST_TOKENS, |truncation| truncation.max_length);
        let mut whole = model.tokenizer.clone();
        whole.with_padding(None);
        whole.with_truncation(None).map_err(|error| failed(&name, &error))?;
        let tokens = move |text: &str| {
            tokens(whole.encode(text, false).map(|found| found.get_offsets().to_vec()).ok())
        };
        let taken = tokens(&prefixes.passage).ends.len().max(tokens(&prefixes.query).ends.len());
        if max_tokens <= taken + SPECIAL_TOKENS {
            let what = format!("it reads {max_tokens} tokens only, fewer than its prefixes have");
            return Err(Error::Model { name, what });
        }
        let max_tokens = max_tokens - taken;
        let tokens = Box::new(tokens);
        let model = Mutex::new(model);
        // How many numbers come out, and whether any do, is tried, even if somebody claims to know.
        let mut onnx = Self { name, fingerprint, model, tokens, prefixes, dim: 0, max_tokens };
        let found = onnx.run("dimensions")?.len();
        if let Some(dim) = dim.filter(|dim| *dim != found) {
            let what = format!("its vectors have {found} numbers instead of {dim}");
            return Err(Error::Model { name: onnx.name, what });
        }
        onnx.dim = found;
        Ok(onnx)
    }

    /// The vector of one text.
    fn run(&self, text: &str) -> Result<Vec<f32>> {
        let wrong = |what: String| Error::Model { name: self.name.clone(), what };
        let mut model = self.model.lock().unwrap_or_else(PoisonError::into_inner);
        let vectors = model.embed([text], None).map_err(|error| failed(&self.name, &error))?;
        let Some(mut vector) = vectors.into_iter().next() else {
            return Err(wrong("it gives no vectors".into()));
        };
        if self.dim != 0 && vector.len() != self.dim {
            return Err(wrong(format!("it gives vectors of {} and of {} numbers", self.dim, vector.len())));
        }
        let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
        if !length.is_normal() {
            return Err(wrong(format!("it gives a vector that can't be used, of length {length}")));
        }
        for x in &mut vector {
            *x /= length;
        }
        Ok(vector)
    }
}

/// Tokens from their offsets. Where a tokenizer turns characters around, ends still ascend.
fn tokens(offsets: Option<Vec<(usize, usize)>>) -> Tokens {
    let mut last = 0;
    let mut ascend = |(_, end): (usize, usize)| {
        last = last.max(end as u32);
        last
    };
    Tokens { ends: offsets.unwrap_or_default().into_iter().map(&mut ascend).collect(), ids: Vec::new() }
}

/// The folder of downloaded models.
fn cache(places: &Places) -> Result<PathBuf> {
    let cache = places.cache.clone().ok_or(Usage::NoModelCache)?;
    std::fs::create_dir_all(&cache).map_err(Error::io("create", &cache))?;
    Ok(cache)
}

/// What fastembed says, as our error.
fn failed(name: &str, error: &dyn std::fmt::Display) -> Error {
    // Its messages may go over several lines.
    let what = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    Error::Model { name: name.into(), what }
}

/// Why a model that has to be downloaded can't be used.
fn not_here(name: &str, repository: &str, role: ModelRole, cache: &Path, error: &fastembed::Error) -> Error {
    let mut what = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        // Some of them repeat what is below them.
        if !what.ends_with(&cause_text) {
            what = format!("{what}: {cause_text}");
        }
        source = cause.source();
    }
    let what = what.split_whitespace().collect::<Vec<_>>().join(" ");
    let (name, repository, cache) = (name.to_owned(), repository.to_owned(), cache.to_path_buf());
    Usage::Download { name, repository, why: what, role, cache }.into()
}

impl Embedder for Onnx {
    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn dim(&self) -> usize {
        self.dim
    }

    fn max_tokens(&self) -> usize {
        self.max_tokens
    }

    fn tokens(&self, text: &str) -> Tokens {
        (self.tokens)(text)
    }

    fn embed_passages(&self, passages: &[Input<'_>]) -> Result<Vec<Embedding>> {
        passages
            .iter()
            .map(|passage| {
                self.run(&format!("{}{}", self.prefixes.passage, passage.text)).map(Embedding::from)
            })
            .collect()
    }

    fn embed_query(&self, text: &str) -> Result<Vec<f32>> {
        self.run(&format!("{}{text}", self.prefixes.query))
    }
}
