//! Rerankers that ONNX Runtime runs: cross-encoders, which read a question and a passage together.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use fastembed::{
    OnnxSource, RerankInitOptions, RerankInitOptionsUserDefined, RerankerModel, TextRerank,
    UserDefinedRerankingModel,
};
use serde_json::Value;

use super::shared::{MOST_TOKENS, cache, failed, not_here};
use super::{folder, runtime};
use crate::embed::places::Places;
use crate::embed::reranker::Reranker;
use crate::error::{Error, ModelRole, Result};
use crate::files::{self, Links};

/// A cross-encoder that ONNX Runtime runs.
pub(super) struct CrossEncoder {
    name: String,
    /// Running the model needs exclusive access to it.
    model: Mutex<TextRerank>,
}

impl std::fmt::Debug for CrossEncoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CrossEncoder").field("name", &self.name).finish_non_exhaustive()
    }
}

impl CrossEncoder {
    /// Opens a model that fastembed knows, downloading it the first time.
    pub(super) fn named(name: &str, places: &Places) -> Result<Self> {
        let is_meant = |model: &RerankerModel| format!("{model:?}") == name;
        let known = TextRerank::list_supported_models().into_iter().find(|info| is_meant(&info.model));
        let known = known.ok_or_else(|| wrong(name, "fastembed doesn't know it"))?;
        // Before anything is downloaded, and before fastembed would panic without it.
        let environment = runtime::open(&places.runtime)?;
        let cache = cache(places)?;
        let options = RerankInitOptions::new(known.model)
            .with_environment(environment)
            .with_cache_dir(cache.clone())
            .with_show_download_progress(places.shows_progress)
            .with_max_length(MOST_TOKENS)
            .with_intra_threads(places.threads());
        let model = TextRerank::try_new(options)
            .map_err(|error| not_here(name, &known.model_code, ModelRole::Reranker, &cache, &error))?;
        Self::new(name.into(), model)
    }

    /// Opens a model in a file, with the tokenizer beside it.
    pub(super) fn file(path: &Path, places: &Places) -> Result<Self> {
        let name = path.display().to_string();
        // ONNX Runtime would open whatever is there.
        files::open(path, Links::Follow).map_err(Error::io("read", path))?;
        let (_, tokenizer_files) = folder::tokenizer(path)?;
        let config: Value = serde_json::from_slice(&tokenizer_files.config_file).unwrap_or_default();
        let labels = config["id2label"].as_object().map_or(1, serde_json::Map::len);
        if labels > 1 {
            let what = format!("it sorts texts into {labels} classes, where a reranker gives one score");
            return Err(wrong(&name, &what));
        }
        let environment = runtime::open(&places.runtime)?;
        let options = RerankInitOptionsUserDefined::new()
            .with_environment(environment)
            .with_max_length(MOST_TOKENS)
            .with_intra_threads(places.threads());
        // By its path, so that weights in a file beside it are found.
        let model = UserDefinedRerankingModel::new(OnnxSource::File(path.into()), tokenizer_files);
        let model =
            TextRerank::try_new_from_user_defined(model, options).map_err(|error| failed(&name, &error))?;
        Self::new(name, model)
    }

    /// A cross-encoder that has been tried once: only running a model shows whether it is one.
    fn new(name: String, model: TextRerank) -> Result<Self> {
        let encoder = Self { name, model: Mutex::new(model) };
        encoder.score("Is this a question?", "This is a passage.")?;
        Ok(encoder)
    }

    /// The score of one passage.
    fn score(&self, question: &str, passage: &str) -> Result<f32> {
        let mut model = self.model.lock().unwrap_or_else(PoisonError::into_inner);
        let mut run = || model.rerank(question, [passage], false, None);
        // fastembed panics where the output has another shape than it expects.
        let scored = catch_unwind(AssertUnwindSafe(&mut run)).unwrap_or_else(|_| {
            Err(fastembed::Error::InvalidShape("its output `logits` isn't a number for each passage".into()))
        });
        match scored {
            Ok(scored) => match &scored[..] {
                [one] if one.score.is_finite() => Ok(one.score),
                [one] => {
                    Err(wrong(&self.name, &format!("it gives a score that can't be used, {}", one.score)))
                }
                _ => Err(wrong(&self.name, "it gives no score")),
            },
            Err(fastembed::Error::OutputKeyMissing { key }) => Err(wrong(
                &self.name,
                &format!("it isn't a cross-encoder, as a reranker must be: it has no output `{key}`"),
            )),
            Err(fastembed::Error::InvalidShape(what)) => Err(wrong(&self.name, &what)),
            Err(error) => Err(failed(&self.name, &error)),
        }
    }
}

impl Reranker for CrossEncoder {
    fn name(&self) -> &str {
        &self.name
    }

    fn scores(&self, question: &str, passages: &[&str]) -> Result<Vec<f32>> {
        // One by one, as vectors are made: in a batch, padding changes the last digits.
        passages.iter().map(|passage| self.score(question, passage)).collect()
    }
}

/// The error for the model `name`, of which `what` is wrong.
fn wrong(name: &str, what: &str) -> Error {
    Error::Model { name: name.into(), what: what.into() }
}
