//! What has been indexed, on disk: passages, words, filters and vectors in one tantivy index.
//!
//! Takes passages with their vectors and gives back the rows nearest to a vector ([`Snapshot::nearest`]) or
//! matching some words ([`Snapshot::matching`]). [`Writer`] adds; [`Snapshot`] reads one committed state.
//!
//! Promises: one [`Writer::commit`] is one atomic step over text, vectors, roots and the table of files, and
//! a writer that dies at any moment leaves the state before; a snapshot keeps seeing the state it was opened
//! on, and opening or asking it writes nothing; answers depend on what is indexed, not on the order of the
//! updates that led there. Knows nothing of notes, models or questions.
//!
//! An index is a folder:
//!
//! ```text
//! qsearch.json         {"format":5}: what makes the folder an index
//! writer.lock          who writes, or wrote last
//! files-7.bin          the table of files, which asking never reads
//! segments/meta.json   the list of segments, with our manifest as its payload: its rename is the commit
//! segments/ID.*        tantivy's files of a segment, with ID.vec and ID.win, its vectors, and ID.graph over them
//! ```

mod analyzer;
mod blocks;
mod check;
mod codec;
mod dense;
mod dictionary;
mod directory;
mod disk;
mod failure;
mod faults;
mod features;
mod filter;
mod graph;
mod header;
mod kernel;
mod layout;
mod lexical;
mod lock;
mod manifest;
mod merge;
mod meta;
mod phrase;
mod plugin;
mod postings;
mod remains;
mod schema;
mod segment;
mod snapshot;
mod stored_roots;
mod structure;
mod top;
mod typos;
mod upkeep;
mod vectors;
mod windows;
mod writer;

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::document::{ContentHash, NotePath, Passage, PassageId, Root};
use crate::files::Stamp;

pub use self::check::{Checkup, Finding, check};
pub use self::dense::Strategy;
pub use self::filter::{Filter, Selection};
pub use self::layout::{FORMAT, MARKER};

pub use self::remains::Remains;
pub use self::snapshot::Snapshot;
pub use self::upkeep::{Committed, Step, Upkeep};
pub use self::vectors::Vector;
pub use self::windows::Windows;
pub use self::writer::Writer;

/// Who is writing the index at `dir`, if anybody is, as a phrase: `process 123 (since …)`. Nothing is written.
pub fn writer_of(dir: &Path) -> Option<String> {
    lock::holder_of(dir)
}

/// What is known of an indexed file; enough to tell whether it has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// The name of its root.
    pub root: String,
    /// Its path relative to the root.
    pub path: NotePath,
    /// Its size in bytes.
    pub size: u64,
    /// What it was like when it was read; the default if that can't be trusted.
    pub stamp: Stamp,
    /// The hash of its bytes.
    pub hash: ContentHash,
    /// How many passages it has in the index.
    pub passages: u32,
    /// What was odd about it when it was parsed.
    pub warnings: Vec<String>,
}

/// What an index says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexInfo {
    /// The format it is written in; see [`FORMAT`].
    pub format: u32,
    /// The fingerprint of the model that made its vectors.
    pub model: String,
    /// Where that model came from, in the words of whoever opened it; empty for the bundled one.
    pub model_source: String,
    /// The fingerprint of the way its passages were cut.
    pub chunking: String,
    /// How many numbers a vector has.
    pub dim: usize,
    /// The folders it covers.
    pub roots: Vec<Root>,
    /// How many files it covers.
    pub files: u64,
    /// How many passages it holds.
    pub passages: u64,
    /// When it was last changed, in seconds since 1970.
    pub indexed_at: u64,
    /// How many notes the run that made it had still to read: 0, unless it goes on or was broken off.
    pub waiting: u64,
}

/// A passage to be indexed.
#[derive(Clone, Debug)]
pub struct NewPassage {
    /// Its identity; no other passage of the index has it.
    pub id: PassageId,
    /// The passage.
    pub passage: Passage,
    /// The hash of [`Passage::embedded_text`].
    pub embedded: ContentHash,
    /// Its vector, with as many numbers as the index has dimensions.
    pub vector: Vector,
    /// The vectors of what stands above its content and of each of [`Passage::sentences`], if the model gives any.
    pub windows: Windows,
}

/// A file to be indexed, with its passages or the first of them.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// What to remember of the file. Its number of passages is set by the writer.
    pub record: FileRecord,
    /// The note's title.
    pub title: Option<String>,
    /// The note's tags.
    pub tags: Vec<String>,
    /// The note's date, as `YYYY-MM-DD`.
    pub date: Option<String>,
    /// The note's passages.
    pub passages: Vec<NewPassage>,
}

#[cfg(test)]
mod tests;
