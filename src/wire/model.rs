//! The JSON of models and of what they make.

use std::borrow::Cow;
use std::path::Path;

use serde::Serialize;

use crate::embed::{ListedModel, ModelKind};
use crate::generate::LocalServer;

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
}

/// What `model list --json` prints: the models, and those of language models' servers on this machine.
pub fn models<'a>(listed: &'a [ListedModel], servers: &'a [LocalServer]) -> Vec<Model<'a>> {
    let of_listed = listed.iter().map(|listed| {
        let (kind, dimensions) = match listed.kind {
            ModelKind::Embedder { dim } => ("embedder", Some(dim)),
            ModelKind::Reranker => ("reranker", None),
        };
        let name = Cow::Borrowed(listed.name.as_str());
        Model { name, kind, from: &listed.from, dimensions, here: listed.is_here }
    });
    let of_servers = servers.iter().flat_map(|server| {
        server.sources().map(|source| Model {
            name: source.to_string().into(),
            kind: "language_model",
            from: &server.url,
            dimensions: None,
            here: true,
        })
    });
    of_listed.chain(of_servers).collect()
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
pub struct Imported<'a> {
    /// What the model is called.
    name: &'a str,
    /// The model file that was written.
    file: String,
    /// What to type after `--model`.
    model: &'a str,
}

impl<'a> Imported<'a> {
    /// Describes a model that was written to `file` and is named as `model`.
    pub fn new(name: &'a str, file: &Path, model: &'a str) -> Self {
        Self { name, file: file.to_string_lossy().into_owned(), model }
    }
}
