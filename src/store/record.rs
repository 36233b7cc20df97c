//! Records: what goes into a store, and what it says of itself.

use serde::{Deserialize, Serialize};

use super::sentence_vectors::SentenceVectors;
use super::vectors::Vector;
use crate::calendar::Day;
use crate::document::{ContentHash, NotePath, Passage, PassageId, Root};
use crate::files::Stamp;

/// A file that is indexed, with enough to see whether it has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// The name of its root.
    pub root: String,
    /// Its path relative to the root.
    pub path: NotePath,
    /// Its size in bytes.
    pub size: u64,
    /// Its stamp when it was read; the default if that can't be trusted.
    pub stamp: Stamp,
    /// The hash of its bytes.
    pub hash: ContentHash,
    /// How many passages it has in the index.
    pub passages: u32,
    /// The warnings of parsing it.
    pub warnings: Vec<String>,
}

/// The description of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexInfo {
    /// The format it is written in; see [`FORMAT`](super::FORMAT).
    pub format: u32,
    /// The fingerprint of the model that made its vectors.
    pub model: String,
    /// The source of that model, in the words of the caller who opened it; empty for the bundled one.
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
    /// The number of the commit that made this state. It grows with each commit that changes anything: whoever has a state
    /// with a smaller one open should open the index again. Merges keep it.
    pub commit: u64,
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
    pub sentence_vectors: SentenceVectors,
}

/// A file to be indexed, with its passages or the first of them.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// The file. Its number of passages is set by the writer.
    pub record: FileRecord,
    /// The note's title.
    pub title: Option<String>,
    /// The note's tags.
    pub tags: Vec<String>,
    /// The note's date.
    pub date: Option<Day>,
    /// The note's passages.
    pub passages: Vec<NewPassage>,
}
