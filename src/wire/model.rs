//! The JSON of models and of what they make.

use std::borrow::Cow;
use std::path::Path;

use serde::Serialize;

use crate::embed::{ListedModel, ModelKind};
use crate::generate::LocalServer;
use crate::hub::KnownModel;
#[cfg(feature = "hub")]
use crate::hub::{Fetched, HubFile, Repository};

/// A model that `model list --json` names.
#[derive(Debug, Serialize)]
pub struct Model<'a> {
    /// What to type after `--model`, after `--rerank`, or after `--write=`.
    name: Cow<'a, str>,
    /// What it does: `embedder` turns texts into vectors, `reranker` reads a question with a passage, `language_model` writes
    /// answers.
    kind: &'static str,
    /// `bundled`, its file, the repository it is downloaded from, or the address of its server.
    from: &'a str,
    /// How many numbers a vector has; 0 if its file can't be read, `null` for one that makes no vectors.
    dimensions: Option<usize>,
    /// Whether it is on this machine.
    here: bool,
    /// What is known of one that `model get` downloads.
    #[serde(skip_serializing_if = "Option::is_none")]
    get: Option<Offer<'a>>,
}

/// What is known of a model that `model get` downloads.
#[derive(Debug, Serialize)]
struct Offer<'a> {
    /// Its licence.
    license: &'a str,
    /// How many millions of bytes are downloaded.
    megabytes: u64,
    /// What it reads and is good for.
    purpose: &'a str,
}

/// What `model list --json` prints: the models, those of the hub that aren't here, and those of language models' servers on
/// this machine.
pub fn models<'a>(
    listed: &'a [ListedModel],
    known: &[&'a KnownModel],
    servers: &'a [LocalServer],
) -> Vec<Model<'a>> {
    let of_listed = listed.iter().map(|listed| {
        let (kind, dimensions) = match listed.kind {
            ModelKind::Embedder { dim } => ("embedder", Some(dim)),
            ModelKind::Reranker => ("reranker", None),
        };
        let name = Cow::Borrowed(listed.name.as_str());
        Model { name, kind, from: &listed.from, dimensions, here: listed.is_here, get: None }
    });
    let of_servers = servers.iter().flat_map(|server| {
        server.sources().map(|source| Model {
            name: source.to_string().into(),
            kind: "language_model",
            from: &server.url,
            dimensions: None,
            here: true,
            get: None,
        })
    });
    let of_hub = known.iter().map(|known| Model {
        name: known.name().into(),
        kind: "embedder",
        from: known.repository,
        dimensions: Some(known.dimensions),
        here: false,
        get: Some(Offer { license: known.license, megabytes: known.megabytes, purpose: known.purpose }),
    });
    of_listed.chain(of_hub).chain(of_servers).collect()
}

/// One line of what `embed` prints.
#[derive(Debug, Serialize)]
pub struct Embedding<'a> {
    /// The text of the input line.
    text: &'a str,
    /// Its vector, of length 1 unless all of it is 0.
    embedding: &'a [f32],
}

impl<'a> Embedding<'a> {
    /// Describes the vector of a text.
    pub fn new(text: &'a str, embedding: &'a [f32]) -> Self {
        Self { text, embedding }
    }
}

/// What `model import --json` prints.
#[derive(Debug, Serialize)]
pub struct Imported {
    /// What the model is called.
    name: String,
    /// The model file that was written.
    file: String,
    /// What to type after `--model`.
    model: String,
}

impl Imported {
    /// Describes a model that was written to `file` and is named as `model`.
    pub fn new(name: &str, file: &Path, model: &str) -> Self {
        Self { name: name.to_owned(), file: file.to_string_lossy().into_owned(), model: model.to_owned() }
    }
}

/// What `model get --json` prints.
#[cfg(feature = "hub")]
#[derive(Debug, Serialize)]
pub struct Downloaded<'a> {
    #[serde(flatten)]
    imported: Imported,
    /// Where it comes from on the hub.
    repository: String,
    /// The commit that its files are of; `null` if the hub doesn't say it.
    commit: Option<&'a str>,
    /// Its licence; `null` if nobody names it.
    license: Option<&'a str>,
    /// The files that were downloaded.
    files: Vec<DownloadedFile<'a>>,
    /// The folder where they are kept; `null` if they were removed.
    kept: Option<String>,
}

/// A file that was downloaded.
#[cfg(feature = "hub")]
#[derive(Debug, Serialize)]
struct DownloadedFile<'a> {
    /// Its path in the repository.
    name: &'a str,
    /// How many bytes it has.
    bytes: u64,
    /// Its SHA-256, in hexadecimal digits.
    sha256: &'a str,
}

#[cfg(feature = "hub")]
impl<'a> Downloaded<'a> {
    /// Describes a model that was downloaded and imported.
    pub fn new(
        imported: Imported,
        repository: &Repository,
        fetched: &'a Fetched,
        license: Option<&'a str>,
        kept: Option<&Path>,
    ) -> Self {
        let file =
            |file: &'a HubFile| DownloadedFile { name: &file.name, bytes: file.bytes, sha256: &file.sha256 };
        Self {
            imported,
            repository: repository.to_string(),
            commit: fetched.commit.as_deref(),
            license,
            files: fetched.files.iter().map(file).collect(),
            kept: kept.map(|kept| kept.to_string_lossy().into_owned()),
        }
    }
}
