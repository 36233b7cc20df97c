//! Records: what goes into a store, and what it says of itself.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::part_vectors::PartVectors;
use super::vectors::Vector;
use crate::calendar::{DateOrder, Day};
use crate::document::{ContentHash, EmbeddedHash, NotePath, Passage, PassageId, Property, Root};
use crate::error::{Error, Mismatch, Result};
use crate::files::Stamp;
use crate::words::Language;

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
    /// How the dates in it were read.
    pub date_order: DateOrder,
    /// How many passages it has in the index.
    pub passages: u32,
    /// The warnings of parsing it.
    pub warnings: Vec<String>,
    /// Why there is nothing of it, if it can't be read as what it should be. It is remembered so that it isn't tried
    /// again before it changes, and it isn't a note.
    pub unread: Option<String>,
    /// Whether vectors of its passages are pending: it is found by its words, and is to be read again. Set by the writer.
    pub pending: bool,
}

/// What must be the same wherever vectors are compared and passages stand beside each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// The fingerprint of the model that makes the vectors.
    pub model: String,
    /// The fingerprint of the way passages are cut.
    pub chunking: String,
    /// How many numbers a vector has.
    pub dim: usize,
}

impl Fingerprint {
    /// The fingerprint of a model and a chunking.
    pub fn new(model: impl Into<String>, chunking: impl Into<String>, dim: usize) -> Self {
        Self { model: model.into(), chunking: chunking.into(), dim }
    }

    /// Refuses another fingerprint than that of the index at `dir`, which this is.
    ///
    /// # Errors
    ///
    /// [`Error::Incompatible`] with the first difference.
    pub fn check(&self, dir: &Path, asked: &Self) -> Result<()> {
        let differs = |what, indexed: &dyn ToString, asked: &dyn ToString| Error::Incompatible {
            path: dir.into(),
            what,
            indexed: indexed.to_string(),
            asked: asked.to_string(),
        };
        if self.model != asked.model {
            return Err(differs(Mismatch::Model, &self.model, &asked.model));
        }
        if self.chunking != asked.chunking {
            return Err(differs(Mismatch::Chunking, &self.chunking, &asked.chunking));
        }
        if self.dim != asked.dim {
            return Err(differs(Mismatch::Dimensions, &self.dim, &asked.dim));
        }
        Ok(())
    }
}

/// The description of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexInfo {
    /// The format it is written in; see [`FORMAT`](super::FORMAT).
    pub format: u32,
    /// What its vectors and passages were made with.
    pub fingerprint: Fingerprint,
    /// The source of its model, in the words of the caller who opened it; empty for the bundled one.
    pub model_source: String,
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
    /// How many of its files have passages whose vectors are pending: until these are there, they are found by their words
    /// alone.
    pub pending: u64,
    /// The number of the commit that made this state. It grows with each commit that changes anything: whoever has a state
    /// with a smaller one open should open the index again. Merges keep it.
    pub commit: u64,
}

impl IndexInfo {
    /// How many of the notes that are [waiting](Self::waiting) aren't in the index, not even by their words.
    pub fn absent(&self) -> u64 {
        self.waiting.saturating_sub(self.pending)
    }
}

/// What stands for the hash of what was embedded where nothing was yet.
pub(super) const NOTHING_EMBEDDED: EmbeddedHash = EmbeddedHash([0; 12]);

impl NewPassage {
    /// A passage whose vectors are pending, in an index with so many dimensions. It can be found by its words.
    pub fn pending(id: PassageId, passage: Passage, dim: usize) -> Self {
        let (vector, part_vectors) = (Vector::new(0.0, vec![0; dim]), PartVectors::default());
        Self { id, passage, embedded: NOTHING_EMBEDDED, vector, part_vectors }
    }

    /// Whether its vectors are pending.
    pub fn is_pending(&self) -> bool {
        self.embedded == NOTHING_EMBEDDED
    }
}

impl NewFile {
    /// A file that can't be read.
    pub fn unread(record: FileRecord) -> Self {
        Self {
            record,
            title: None,
            aliases: Vec::new(),
            tags: Vec::new(),
            date: None,
            properties: Vec::new(),
            language: Language::English,
            passages: Vec::new(),
        }
    }
}

/// A passage to be indexed.
#[derive(Clone, Debug)]
pub struct NewPassage {
    /// Its identity; no other passage of the index has it.
    pub id: PassageId,
    /// The passage.
    pub passage: Passage,
    /// The hash of [`Passage::embedded_text`] and of the tokens that its sentences are: passages with the same hash have the
    /// same vectors.
    pub embedded: EmbeddedHash,
    /// Its vector, with as many numbers as the index has dimensions.
    pub vector: Vector,
    /// The vectors of what stands above its content and of each of [`Passage::sentences`], if the model gives any.
    pub part_vectors: PartVectors,
}

/// A file to be indexed, with its passages or the first of them.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// The file. Its number of passages is set by the writer.
    pub record: FileRecord,
    /// The note's title.
    pub title: Option<String>,
    /// The note's other names.
    pub aliases: Vec<String>,
    /// The note's tags.
    pub tags: Vec<String>,
    /// The note's date.
    pub date: Option<Day>,
    /// What the note says of itself besides.
    pub properties: Vec<Property>,
    /// The language that most of the note is in.
    pub language: Language,
    /// The note's passages.
    pub passages: Vec<NewPassage>,
}
