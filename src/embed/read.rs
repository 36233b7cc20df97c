//! Files of a model: reading them, and saying what is wrong with one.

use std::fs::{File, Metadata};
use std::path::Path;

use super::mapped::Bytes;
use crate::error::{Error, Result};
use crate::files::{self, Links};

/// No model's file is larger.
pub(super) const MOST_MODEL_BYTES: u64 = 4 << 30;
/// No file beside a model is larger: its settings, its vocabulary.
pub(super) const MOST_SETTINGS_BYTES: u64 = 256 << 20;

/// Reads a file of a model, which may come from anywhere.
///
/// # Errors
///
/// Fails if the file can't be read or has more than `most` bytes.
pub(super) fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    files::read_at(path, Links::Follow, most).map_err(Error::io("read", path))
}

/// Maps a file of a model, which may come from anywhere, or reads it where it can't be mapped.
///
/// # Errors
///
/// Fails if the file can't be read or has more than `most` bytes.
pub(super) fn map(path: &Path, most: u64) -> Result<Bytes> {
    // What isn't a file, or is none of this size, is refused by whoever reads it.
    let is_file = |about: Metadata| about.is_file() && (1..=most).contains(&about.len());
    let file = path.metadata().is_ok_and(is_file).then(|| File::open(path).ok()).flatten();
    match file.as_ref().and_then(Bytes::mapped) {
        Some(mapped) => Ok(mapped),
        None => read(path, most).map(Bytes::Read),
    }
}

/// Reads a settings file of a model, if it is there.
///
/// # Errors
///
/// Fails if the file is there and can't be read.
pub(super) fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>> {
    match read(path, MOST_SETTINGS_BYTES) {
        Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some),
    }
}

/// The error for a file or folder that can't be used; `what` is a phrase that follows its name.
pub(super) fn wrong(path: &Path, what: impl Into<String>) -> Error {
    Error::Model { name: path.display().to_string(), what: what.into() }
}
