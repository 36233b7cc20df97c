//! The models that fastembed knows: their names, their repositories, and whether they have been downloaded.

use std::path::Path;

use fastembed::{TextEmbedding, TextRerank};

use crate::embed::listed_model::{ListedModel, ModelKind};
use crate::embed::places::Places;
use crate::files::{self, Links};

/// No commit's name is longer.
const MOST_REF_BYTES: u64 = 1 << 10;

/// A model that fastembed can download.
struct KnownModel {
    /// fastembed's name for it: `BGESmallENV15Q`.
    name: String,
    /// Where it comes from: `Xenova/bge-small-en-v1.5`.
    repository: String,
    /// The files of its weights there: `onnx/model.onnx`.
    files: Vec<String>,
    /// What it does.
    kind: ModelKind,
}

/// The embedders, by name.
fn embedders() -> Vec<KnownModel> {
    let mut known: Vec<KnownModel> = TextEmbedding::list_supported_models()
        .into_iter()
        .map(|info| KnownModel {
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
fn rerankers() -> Vec<KnownModel> {
    let mut known: Vec<KnownModel> = TextRerank::list_supported_models()
        .into_iter()
        .map(|mut info| {
            info.additional_files.push(info.model_file);
            // Its `Display` is the repository.
            let name = format!("{:?}", info.model);
            KnownModel {
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

/// The models that fastembed knows: embedders by name, then rerankers by name.
pub(in crate::embed) fn listed(places: &Places) -> Vec<ListedModel> {
    let is_here =
        |known: &KnownModel| places.cache.as_deref().is_some_and(|cache| is_downloaded(cache, known));
    let known = embedders().into_iter().chain(rerankers());
    known
        .map(|known| ListedModel {
            is_here: is_here(&known),
            name: known.name,
            from: known.repository,
            kind: known.kind,
        })
        .collect()
}

/// fastembed's name of the embedder that a user calls `name`.
pub(in crate::embed) fn embedder_called(name: &str) -> Option<String> {
    find(embedders(), name)
}

/// fastembed's name of the reranker that a user calls `name`.
pub(in crate::embed) fn reranker_called(name: &str) -> Option<String> {
    find(rerankers(), name)
}

/// fastembed's name of the model that a user calls by fastembed's name, by the repository, or by the model's own name.
///
/// The repository may be another owner's: `BAAI/bge-small-en-v1.5` comes from `Xenova/bge-small-en-v1.5`. Of the
/// variants in one repository the one that isn't quantised is meant.
fn find(known: Vec<KnownModel>, name: &str) -> Option<String> {
    let own = |repository: &str| {
        let own = repository.rsplit('/').next().unwrap_or(repository).to_lowercase();
        own.strip_suffix("-onnx").unwrap_or(&own).to_owned()
    };
    let by = |is_meant: &dyn Fn(&KnownModel) -> bool| known.iter().position(is_meant);
    let found = by(&|known| known.name.eq_ignore_ascii_case(name))
        .or_else(|| by(&|known| known.repository.eq_ignore_ascii_case(name)))
        .or_else(|| by(&|known| own(&known.repository) == own(name)))?;
    known.into_iter().nth(found).map(|known| known.name)
}

/// Whether a model's weights and tokenizer are in the cache. Its folder alone says nothing: an interrupted download
/// leaves a part, and a repository may hold other variants.
fn is_downloaded(cache: &Path, known: &KnownModel) -> bool {
    // huggingface_hub, "Understand caching": refs/main names the folder in snapshots/ that is the newest.
    let repository = cache.join(format!("models--{}", known.repository.replace('/', "--")));
    let commit = files::read_at(&repository.join("refs/main"), Links::Follow, MOST_REF_BYTES);
    let Some(commit) = commit.ok().and_then(|commit| String::from_utf8(commit).ok()) else { return false };
    let files = repository.join("snapshots").join(commit.trim());
    let mut names = known.files.iter().map(String::as_str).chain(["tokenizer.json"]);
    names.all(|name| files.join(name).is_file())
}
