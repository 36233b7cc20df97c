//! The first errors of one view of an index.
//!
//! tantivy passes some errors on as mere text, panics on some and swallows others. So the views that read and write for
//! it remember the first error of each kind: a full disk is reported as a full disk, a damaged file by its name, and
//! nothing that was read past damage is taken for an answer.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use tantivy::TantivyError;

use crate::error::Error;

/// A file that doesn't hold what was written to it; an [`io::Error`] carries it through tantivy.
#[derive(Clone, Debug)]
pub(super) struct DamagedFile {
    path: PathBuf,
    what: String,
}

impl DamagedFile {
    /// A damaged file, and what is wrong with it.
    pub(super) fn new(path: impl Into<PathBuf>, what: impl Into<String>) -> Self {
        Self { path: path.into(), what: what.into() }
    }

    /// The damaged file that an error names, if it names one.
    pub(super) fn in_error(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

impl fmt::Display for DamagedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is damaged: {}", self.path.display(), self.what)
    }
}

impl std::error::Error for DamagedFile {}

impl From<DamagedFile> for io::Error {
    fn from(damaged: DamagedFile) -> Self {
        Self::new(io::ErrorKind::InvalidData, damaged)
    }
}

impl From<DamagedFile> for TantivyError {
    fn from(damaged: DamagedFile) -> Self {
        io::Error::from(damaged).into()
    }
}

impl From<DamagedFile> for Error {
    fn from(damaged: DamagedFile) -> Self {
        Self::corrupt(damaged.path, damaged.what)
    }
}

/// The first error of each kind that one view of an index has seen; clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct FirstErrors(Arc<Errors>);

#[derive(Debug, Default)]
struct Errors {
    /// The number of an operating system's error.
    refused: OnceLock<i32>,
    damaged: OnceLock<DamagedFile>,
    /// Set once the writer's lock is found to be gone, or its list of segments to be another's.
    displaced: OnceLock<()>,
}

impl FirstErrors {
    /// The first refusal of the operating system, if there was one.
    pub(super) fn refused(&self) -> Option<io::Error> {
        self.0.refused.get().copied().map(io::Error::from_raw_os_error)
    }

    /// The file that was found damaged first, if one was.
    pub(super) fn damaged(&self) -> Option<DamagedFile> {
        self.0.damaged.get().cloned()
    }

    /// Remembers that another writer may be at work. Gives an error that stops this one.
    pub(super) fn displace(&self) -> io::Error {
        self.0.displaced.get_or_init(|| ());
        io::Error::other("another writer may be at work")
    }

    /// Whether another writer may be at work.
    pub(super) fn is_displaced(&self) -> bool {
        self.0.displaced.get().is_some()
    }

    /// Remembers an error if it is the first of its kind, and passes the result on.
    pub(super) fn note<T>(&self, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result {
            if let Some(code) = error.raw_os_error() {
                self.0.refused.get_or_init(|| code);
            } else if let Some(damaged) = DamagedFile::in_error(error) {
                self.0.damaged.get_or_init(|| damaged.clone());
            }
        }
        result
    }

    /// Remembers a damaged file, and gives the error that names it.
    pub(super) fn damage(&self, path: &Path, what: impl Into<String>) -> io::Error {
        let damaged = DamagedFile::new(path, what);
        self.0.damaged.get_or_init(|| damaged.clone());
        damaged.into()
    }
}
