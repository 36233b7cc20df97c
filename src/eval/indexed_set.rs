//! A test set whose documents are indexed, ready to be asked.

use std::collections::HashMap;

use super::bench::Bench;
use super::cache;
use super::cached_embedder::CachedEmbedder;
use super::set::Set;
use crate::error::Result;
use crate::hit::Row;
use crate::store::Store;

/// Which document each passage of an index belongs to.
pub(super) struct Documents(HashMap<Row, u32>);

impl Documents {
    /// Looks up the rows of each note, which is cheaper than reading the passage of each hit.
    pub(super) fn of(snapshot: &dyn Store) -> Result<Self> {
        let mut documents = HashMap::new();
        for file in snapshot.files()? {
            let Some(number) = cache::document_at(&file.path) else { continue };
            documents.extend(snapshot.rows_of(&file.root, &file.path)?.into_iter().map(|row| (row, number)));
        }
        Ok(Self(documents))
    }

    /// The document of a passage, by its number.
    pub(super) fn of_row(&self, row: Row) -> Option<u32> {
        self.0.get(&row).copied()
    }
}

/// A set whose documents are indexed.
pub(super) struct IndexedSet<'a> {
    /// What the evaluation works with.
    pub(super) bench: &'a Bench<'a>,
    /// The embedder, with the vectors of the set's queries.
    pub(super) embedder: &'a CachedEmbedder<'a>,
    /// The index of the set's documents.
    pub(super) snapshot: &'a dyn Store,
    /// Which document each passage belongs to.
    pub(super) documents: Documents,
    /// The set.
    pub(super) set: &'a Set,
}
