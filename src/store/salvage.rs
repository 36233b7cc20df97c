//! Salvage of an index, also of one that can't be opened: enough to rebuild it from the notes.

use std::path::Path;

use serde::Deserialize;

use super::manifest::TableRef;
use super::stored_roots::StoredRoots;
use super::{FileRecord, Store, layout, meta};
use crate::document::Root;

/// The roots and the model of an index, whatever state it is in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Salvage {
    /// The folders it covers.
    #[serde(skip)]
    pub roots: Vec<Root>,
    /// The roots as they were written.
    #[serde(flatten)]
    stored: StoredRoots,
    /// The source of its model, as in [`IndexInfo`](super::IndexInfo).
    #[serde(default)]
    pub model_source: String,
    /// Whether the file that all this was read from is damaged, so that any of it may be wrong.
    #[serde(skip)]
    pub damaged: bool,
    /// The reference to the table of files. It is decoded only when the table is asked for: the rest counts without it.
    #[serde(default)]
    table: serde_json::Value,
    /// The table of files itself, where a store had it.
    #[serde(skip)]
    records: Option<Vec<FileRecord>>,
}

/// The part of tantivy's list of segments that matters here.
#[derive(Deserialize)]
struct Meta {
    payload: String,
}

impl Salvage {
    /// The salvage of the index at `dir`, whatever its format and whatever is damaged; `None` if it can't
    /// be read as JSON any more.
    pub fn of(dir: &Path) -> Option<Self> {
        layout::check_segments(dir).ok()?;
        let bytes = meta::read_sealed(&dir.join(layout::SEGMENTS)).ok()?;
        // Behind the list stands its checksum, in formats that have one.
        let mut values = serde_json::Deserializer::from_slice(&bytes).into_iter();
        let list: Meta = values.next()?.ok()?;
        let has_checksum = !bytes[values.byte_offset()..].trim_ascii().is_empty();
        let salvage: Self = serde_json::from_str(&list.payload).ok()?;
        let roots = salvage.stored.placed(dir);
        Some(Self { roots, damaged: has_checksum && meta::unseal(&bytes).is_none(), ..salvage })
    }

    /// What is to be known of an index that can be opened.
    pub fn of_store(store: &dyn Store) -> Self {
        let info = store.info();
        Self {
            roots: info.roots.clone(),
            stored: StoredRoots::default(),
            model_source: info.model_source.clone(),
            damaged: false,
            table: serde_json::Value::Null,
            records: store.files().ok(),
        }
    }

    /// The table of files of the index at `dir`; `None` if it can't be read as it was written, or may be that of others.
    pub fn files(&self, dir: &Path) -> Option<Vec<FileRecord>> {
        if self.damaged {
            return None;
        }
        if let Some(records) = &self.records {
            return Some(records.clone());
        }
        let table = TableRef::deserialize(&self.table).ok()?;
        table.records(dir).ok()
    }
}
