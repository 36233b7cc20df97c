//! What embedders and cross-encoders share: a limit, the folder of downloads, and errors.

use std::path::{Path, PathBuf};

use crate::embed::places::Places;
use crate::error::{Error, ModelRole, Result, Usage};

/// No model reads more tokens of a text here: passages are shorter, and time grows with the square.
pub(super) const MOST_TOKENS: usize = 512;

/// The folder of downloaded models, made if it isn't there.
pub(super) fn cache(places: &Places) -> Result<PathBuf> {
    let cache = places.cache.clone().ok_or(Usage::NoModelCache)?;
    std::fs::create_dir_all(&cache).map_err(Error::io("create", &cache))?;
    Ok(cache)
}

/// An error of fastembed or ONNX Runtime about the model `name`, as our error.
pub(super) fn failed(name: &str, error: &dyn std::fmt::Display) -> Error {
    // Its messages may go over several lines.
    let what = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    Error::Model { name: name.into(), what }
}

/// The error for a model that can't be opened or downloaded.
pub(super) fn not_here(
    name: &str,
    repository: &str,
    role: ModelRole,
    cache: &Path,
    error: &fastembed::Error,
) -> Error {
    let mut what = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        // Some messages repeat their cause's.
        if !what.ends_with(&cause_text) {
            what = format!("{what}: {cause_text}");
        }
        source = cause.source();
    }
    let what = what.split_whitespace().collect::<Vec<_>>().join(" ");
    let (name, repository, cache) = (name.to_owned(), repository.to_owned(), cache.to_path_buf());
    Usage::Download { name, repository, why: what, role, cache }.into()
}
