//! Embedders that ONNX Runtime runs.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use fastembed::{EmbeddingModel, InitOptionsUserDefined, TextEmbedding, TextInitOptions};

use super::shared::{MOST_TOKENS, cache, failed, not_here};
use super::{folder, runtime};
use crate::document::Tokens;
use crate::embed::embedder::{Embedder, Embedding, Input};
use crate::embed::places::Places;
use crate::embed::prefixes::{self, Prefixes, check_room};
use crate::error::{Error, ModelRole, Result};

/// An embedder that ONNX Runtime runs.
pub(super) struct OnnxEmbedder {
    name: String,
    fingerprint: String,
    /// Running the model needs exclusive access to it.
    model: Mutex<TextEmbedding>,
    tokens: Box<dyn Fn(&str) -> Tokens + Send + Sync>,
    prefixes: Prefixes,
    dim: usize,
    max_tokens: usize,
}

impl std::fmt::Debug for OnnxEmbedder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OnnxEmbedder").field("fingerprint", &self.fingerprint).finish_non_exhaustive()
    }
}

impl OnnxEmbedder {
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
        let prefixes = prefixes::known(&repository).unwrap_or_default();
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

    /// An embedder that has been tried once; `dim` is what fastembed says of its vectors.
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
        check_room(&name, taken, max_tokens)?;
        let max_tokens = max_tokens - taken;
        let tokens = Box::new(tokens);
        let model = Mutex::new(model);
        // Only running the model shows how many numbers a vector has, and that it gives one at all.
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

/// Tokens from their offsets. Ends ascend also where a tokenizer reorders characters.
fn tokens(offsets: Option<Vec<(usize, usize)>>) -> Tokens {
    let mut last = 0;
    let mut ascend = |(_, end): (usize, usize)| {
        last = last.max(end as u32);
        last
    };
    Tokens { ends: offsets.unwrap_or_default().into_iter().map(&mut ascend).collect(), ids: Vec::new() }
}

impl Embedder for OnnxEmbedder {
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
