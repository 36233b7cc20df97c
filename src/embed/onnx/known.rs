//! The models that fastembed knows: what they are called, where they are had from, whether they are here.

use std::path::Path;

use fastembed::{TextEmbedding, TextRerank};

use crate::embed::source::ModelKind;
use crate::files::{self, Links};

/// A name of a commit isn't longer.
const MOST_REF_BYTES: u64 = 1 << 10;

/// A model that fastembed can download.
pub(in crate::embed) struct Known {
    /// What it is called here: fastembed's name for it, `BGESmallENV15Q`.
    pub(in crate::embed) name: String,
    /// Where it comes from: `Xenova/bge-small-en-v1.5`.
    pub(in crate::embed) repository: String,
    /// Its weights in there: `onnx/model.onnx`.
    files: Vec<String>,
    /// What it does.
    pub(in crate::embed) kind: ModelKind,
}

/// The models that turn texts into vectors, by name.
pub(in crate::embed) fn embedders() -> Vec<Known> {
    let mut known: Vec<Known> = TextEmbedding::list_supported_models()
        .into_iter()
        .map(|info| Known {
            name: info.model.to_string(),
            repository: info.model_code,
            files: vec![info.model_file],
            kind: ModelKind::Embedder { dim: info.dim },
        })
        .collect();
    known.sort_by(|a, b| a.name.cmp(&b.name));
    known
}

/// The cross-encoders, by name.
pub(in crate::embed) fn rerankers() -> Vec<Known> {
    let mut known: Vec<Known> = TextRerank::list_supported_models()
        .into_iter()
        .map(|mut info| {
            info.additional_files.push(info.model_file);
            // As text, fastembed has the repository.
            let name = format!("{:?}", info.model);
            Known {
                name,
                repository: info.model_code,
                files: info.additional_files,
                kind: ModelKind::Reranker,
            }
        })
        .collect();
    known.sort_by(|a, b| a.name.cmp(&b.name));
    known
}

/// fastembed's name for what a user may have called by that, by its repository, or by the model's own name, whose
/// repository may be another's: `BAAI/bge-small-en-v1.5` is had from `Xenova/bge-small-en-v1.5`. Of the variants in
/// one repository the one that isn't quantised is meant.
pub(in crate::embed) fn find(name: &str) -> Option<String> {
    among(&embedders(), name).map(|known| known.name.clone())
}

/// As [`find`], of rerankers.
pub(in crate::embed) fn find_reranker(name: &str) -> Option<String> {
    among(&rerankers(), name).map(|known| known.name.clone())
}

fn among<'a>(known: &'a [Known], name: &str) -> Option<&'a Known> {
    let own = |repository: &str| {
        let own = repository.rsplit('/').next().unwrap_or(repository).to_lowercase();
        own.strip_suffix("-onnx").unwrap_or(&own).to_owned()
    };
    let by = |is_meant: &dyn Fn(&Known) -> bool| known.iter().find(|known| is_meant(known));
    by(&|known| known.name.eq_ignore_ascii_case(name))
        .or_else(|| by(&|known| known.repository.eq_ignore_ascii_case(name)))
        .or_else(|| by(&|known| own(&known.repository) == own(name)))
}

/// Whether a model is in the cache: its weights and its tokenizer, for a download that was cut off leaves a part, and
/// a repository may hold other variants.
pub(in crate::embed) fn is_downloaded(cache: &Path, known: &Known) -> bool {
    // huggingface_hub, "Understand caching": refs/main names the folder in snapshots/ that is the newest.
    let repository = cache.join(format!("models--{}", known.repository.replace('/', "--")));
    let commit = files::read_at(&repository.join("refs/main"), Links::Follow, MOST_REF_BYTES);
    let Some(commit) = commit.ok().and_then(|commit| String::from_utf8(commit).ok()) else { return false };
    let files = repository.join("snapshots").join(commit.trim());
    let mut names = known.files.iter().map(String::as_str).chain(["tokenizer.json"]);
    names.all(|name| files.join(name).is_file())
}
