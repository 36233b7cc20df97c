//! STUB: stands in for the library until its parts are merged. All of it then becomes:
//!
//! ```ignore
//! //! The parts of the library that the commands call.
//!
//! pub(crate) use qsearch::ask::{ask, search};
//! pub(crate) use qsearch::embed::{Embedder, Encoder};
//! pub(crate) use qsearch::index::{IndexOptions, forget, index};
//! pub(crate) use qsearch::progress::Progress;
//! pub(crate) use qsearch::store::{FileRecord, Snapshot};
//! #[cfg(test)]
//! pub(crate) use qsearch::walk::{Reason, Skipped};
//! pub(crate) use qsearch::walk::{Found, Walk, WalkOptions, walk};
//! ```

#![allow(dead_code, unused_variables, missing_docs, clippy::all, clippy::pedantic)]

use std::path::{Path, PathBuf};

use qsearch::ask::{Question, Reply};
use qsearch::document::{ContentHash, NotePath, Root};
use qsearch::error::{Error, Result};
use qsearch::hit::{Hit, StoredPassage};
use qsearch::index::IndexReport;

pub(crate) struct IndexOptions {
    pub(crate) include: Vec<String>,
    pub(crate) exclude: Vec<String>,
    pub(crate) max_bytes: u64,
}

pub(crate) trait Embedder {
    fn dim(&self) -> usize;
    fn embed_passages(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>>;
}

pub(crate) struct Encoder;
impl Encoder {
    pub(crate) fn bundled() -> Result<Self> {
        Ok(Self)
    }
}
impl Embedder for Encoder {
    fn dim(&self) -> usize {
        3
    }
    fn embed_passages(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>> {
        Ok(texts.iter().map(|t| vec![t.len() as f32, 0.5, -0.25]).collect())
    }
}

pub(crate) trait Progress: Sync {
    fn walked(&self, files: u64) {}
    fn planned(&self, files: u64, bytes: u64) {}
    fn parsed(&self, files: u64, bytes: u64) {}
    fn chunked(&self, passages: u64) {}
    fn embedded(&self, passages: u64, tokens: u64) {}
    fn storing(&self) {}
    fn cancelled(&self) -> bool {
        false
    }
}

pub(crate) fn index(
    dir: &Path,
    paths: &[PathBuf],
    options: &IndexOptions,
    embedder: &dyn Embedder,
    progress: &dyn Progress,
) -> Result<IndexReport> {
    Ok(IndexReport::default())
}
pub(crate) fn forget(dir: &Path, path: &str, cwd: &Path) -> Result<u64> {
    Ok(0)
}
pub(crate) fn ask(snapshot: &Snapshot, embedder: &dyn Embedder, question: &Question) -> Result<Reply> {
    Ok(Reply { answer: None, hits: Vec::new() })
}
pub(crate) fn search(snapshot: &Snapshot, embedder: &dyn Embedder, question: &Question) -> Result<Vec<Hit>> {
    Ok(Vec::new())
}

#[derive(Clone, Debug)]
pub(crate) struct IndexInfo {
    pub(crate) format: u32,
    pub(crate) model: String,
    pub(crate) chunking: String,
    pub(crate) dim: usize,
    pub(crate) roots: Vec<Root>,
    pub(crate) files: u64,
    pub(crate) passages: u64,
    pub(crate) indexed_at: u64,
}
#[derive(Clone, Debug)]
pub(crate) struct FileRecord {
    pub(crate) root: String,
    pub(crate) path: NotePath,
    pub(crate) size: u64,
    pub(crate) mtime_ns: i64,
    pub(crate) hash: ContentHash,
    pub(crate) passages: u32,
}
pub(crate) struct Snapshot(IndexInfo);
impl Snapshot {
    pub(crate) fn open(dir: &Path) -> Result<Self> {
        Err(Error::NoIndex { path: dir.to_path_buf() })
    }
    pub(crate) fn info(&self) -> &IndexInfo {
        &self.0
    }
    pub(crate) fn files(&self) -> Result<Vec<FileRecord>> {
        Ok(Vec::new())
    }
    pub(crate) fn size_bytes(&self) -> Result<u64> {
        Ok(0)
    }
    pub(crate) fn passages_of(&self, root: &str, path: &NotePath) -> Result<Vec<StoredPassage>> {
        Ok(Vec::new())
    }
    pub(crate) fn with_prefix(&self, prefix: &str, limit: usize) -> Result<Vec<StoredPassage>> {
        Ok(Vec::new())
    }
    pub(crate) fn short_id(&self, id: qsearch::document::PassageId) -> Result<String> {
        Ok(id.digits()[..8].to_owned())
    }
}

pub(crate) struct WalkOptions {
    pub(crate) include: Vec<String>,
    pub(crate) exclude: Vec<String>,
    pub(crate) max_bytes: u64,
    pub(crate) skip: Vec<PathBuf>,
}
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) path: NotePath,
    pub(crate) absolute: PathBuf,
    pub(crate) size: u64,
    pub(crate) modified_ns: i64,
}
pub(crate) struct Skipped {
    pub(crate) path: NotePath,
    pub(crate) reason: Reason,
}
pub(crate) enum Reason {
    Unreadable(String),
    Vanished,
}
impl Reason {
    pub(crate) fn is_failure(&self) -> bool {
        matches!(self, Self::Unreadable(_))
    }
}
pub(crate) struct Walk {
    pub(crate) files: Vec<Found>,
    pub(crate) skipped: Vec<Skipped>,
}
pub(crate) fn walk(
    root: &Path,
    options: &WalkOptions,
    on_file: &mut dyn FnMut(u64),
    cancelled: &dyn Fn() -> bool,
) -> Result<Walk> {
    Ok(Walk { files: Vec::new(), skipped: Vec::new() })
}
