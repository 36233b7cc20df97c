//! The manifest of a commit, and the table of files that it names.
//!
//! The manifest is the payload of tantivy's commit, inside `meta.json`. Everything that changes is named by
//! it, so that the one rename of that file switches text, vectors, roots and the table of files together.

use std::fs::File;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::stored_roots::StoredRoots;
use super::{FileRecord, Fingerprint, IndexInfo, codec, disk, layout};
use crate::error::{Error, Result};
use crate::files::{self, Links};

/// The payload of a commit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// See [`IndexInfo`] for this and all that follows up to the table, but for the roots.
    format: u32,
    #[serde(flatten)]
    fingerprint: Fingerprint,
    #[serde(default)]
    model_source: String,
    #[serde(flatten)]
    roots: StoredRoots,
    files: u64,
    passages: u64,
    indexed_at: u64,
    #[serde(default)]
    waiting: u64,
    #[serde(default)]
    pending: u64,
    /// How many passages have ever come or gone.
    #[serde(default)]
    pub(super) changes: u64,
    /// The names of the segments from before the run that made this commit: all others are the run's.
    #[serde(default)]
    pub(super) before: Vec<String>,
    /// The table of files.
    pub(super) table: TableRef,
}

/// The field that a payload of any format has. It is read first, since another format may have other fields.
#[derive(Deserialize)]
struct FormatNumber {
    format: u32,
}

/// A reference to the table of files: its number, size and checksum.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct TableRef {
    /// Grows with each commit.
    pub(super) number: u64,
    bytes: u64,
    crc32: u32,
}

/// The parts of a manifest that aren't in the [`IndexInfo`].
#[derive(Debug)]
pub(super) struct Commit<'a> {
    /// See [`Manifest::changes`].
    pub(super) changes: u64,
    /// See [`Manifest::before`].
    pub(super) before: &'a [String],
    /// The table of files.
    pub(super) table: TableRef,
    /// The records of the table.
    pub(super) records: &'a [&'a FileRecord],
}

impl Manifest {
    /// Describes a state of the index at `dir`.
    pub(super) fn new(dir: &Path, info: &IndexInfo, commit: Commit<'_>) -> Self {
        Self {
            format: info.format,
            fingerprint: info.fingerprint.clone(),
            model_source: info.model_source.clone(),
            roots: StoredRoots::new(dir, &info.roots, commit.records),
            files: info.files,
            passages: info.passages,
            indexed_at: info.indexed_at,
            waiting: info.waiting,
            pending: info.pending,
            changes: commit.changes,
            before: commit.before.to_vec(),
            table: commit.table,
        }
    }

    /// The manifest as the payload of a commit.
    pub(super) fn to_payload(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// Reads the payload of a commit to the index at `dir`.
    pub(super) fn from_payload(dir: &Path, payload: &str) -> Result<Self> {
        let damaged = |what: &str| Error::corrupt(dir.join(layout::SEGMENTS).join(layout::META), what);
        let FormatNumber { format } =
            serde_json::from_str(payload).map_err(|_| damaged("its payload isn't ours"))?;
        if format != layout::FORMAT {
            return Err(Error::IndexVersion { path: dir.into(), found: format, supported: layout::FORMAT });
        }
        serde_json::from_str(payload).map_err(|_| damaged("its payload isn't of the format it names"))
    }

    /// The description of the index that now lies at `dir`.
    pub(super) fn info(&self, dir: &Path) -> IndexInfo {
        IndexInfo {
            format: self.format,
            fingerprint: self.fingerprint.clone(),
            model_source: self.model_source.clone(),
            roots: self.roots.placed(dir),
            files: self.files,
            passages: self.passages,
            indexed_at: self.indexed_at,
            waiting: self.waiting,
            pending: self.pending,
            commit: self.table.number,
        }
    }

    /// How many numbers a vector has.
    pub(super) fn dim(&self) -> usize {
        self.fingerprint.dim
    }
}

impl TableRef {
    /// The name of the table's file.
    pub(super) fn name(&self) -> String {
        layout::files_table(self.number)
    }

    /// Writes a table of files; it is on the disk when this returns, and nobody's yet.
    pub(super) fn write(dir: &Path, number: u64, records: &[&FileRecord]) -> Result<Self> {
        let path = dir.join(layout::files_table(number));
        let bytes = codec::encode(&records).map_err(|what| Error::corrupt(&path, what))?;
        disk::write_new(&path, &bytes)
            .and_then(|()| disk::sync_folder(dir))
            .map_err(Error::io("write", &path))?;
        Ok(Self { number, bytes: bytes.len() as u64, crc32: crc32fast::hash(&bytes) })
    }

    /// Opens the table's file in the index at `dir`. That it is missing is damage, unless a commit has just removed it.
    pub(super) fn open(&self, dir: &Path) -> Result<File> {
        let path = dir.join(self.name());
        files::open(&path, Links::Refuse).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::corrupt(&path, "it is missing"),
            _ => Error::io("open", &path)(error),
        })
    }

    /// Opens and reads the table.
    pub(super) fn records(&self, dir: &Path) -> Result<Vec<FileRecord>> {
        self.read(&dir.join(self.name()), &self.open(dir)?)
    }

    /// Reads the table from its opened file.
    pub(super) fn read(&self, path: &Path, mut file: &File) -> Result<Vec<FileRecord>> {
        let size = file.metadata().map_err(Error::io("read", path))?.len();
        if size != self.bytes {
            return Err(Error::corrupt(path, format!("it has {size} bytes instead of {}", self.bytes)));
        }
        let bytes = io::Seek::rewind(&mut file).and_then(|()| files::read(file, codec::MOST_BYTES));
        let bytes = bytes.map_err(Error::io("read", path))?;
        if crc32fast::hash(&bytes) != self.crc32 {
            return Err(Error::corrupt(path, "its checksum doesn't match"));
        }
        codec::decode(&bytes).map_err(|what| Error::corrupt(path, what))
    }
}
