//! What embedders and cross-encoders share: a limit, the folder of downloads, and errors.

use std::path::{Path, PathBuf};

use crate::embed::places::Places;
use crate::error::{Error, Result};

/// No model reads more tokens of a text here: passages are shorter, and time grows with the square.
pub(super) const MOST_TOKENS: usize = 512;

/// The folder of downloaded models, made if it isn't there.
pub(super) fn cache(places: &Places) -> Result<PathBuf> {
    let cache = places.cache.clone().ok_or_else(|| Error::Usage {
        what: "there is no place for downloaded models".into(),
        hint: "set HOME or XDG_CACHE_HOME".into(),
    })?;
    std::fs::create_dir_all(&cache).map_err(Error::io("create", &cache))?;
    Ok(cache)
}

/// An error of fastembed or ONNX Runtime about the model `name`, as our error.
pub(super) fn failed(name: &str, error: &dyn std::fmt::Display) -> Error {
    // Its messages may go over several lines.
    let what = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    Error::Model { name: name.into(), what }
}

/// The error for a model that can't be opened or downloaded. The hint names `flag` as the way to name a folder.
pub(super) fn not_here(
    name: &str,
    repository: &str,
    flag: &str,
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
    Error::Usage {
        what: format!("the model {name} can't be opened or downloaded from {repository}: {what}"),
        hint: format!(
            "check the network, or copy the model's files from elsewhere and name their folder with `{flag} FOLDER`; \
             downloads are kept in {}",
            cache.display()
        ),
    }
}
