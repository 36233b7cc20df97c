//! One opened segment: its words, its stored passages and its vectors, under one numbering of documents.

use std::fmt;
use std::path::{Path, PathBuf};

use tantivy::fastfield::AliveBitSet;
use tantivy::index::{SegmentComponent, SegmentReader};
use tantivy::postings::SegmentPostings;
use tantivy::schema::IndexRecordOption;
use tantivy::store::StoreReader;
use tantivy::{BitSet, DocSet, TERMINATED, TantivyDocument, Term};

use super::schema::Fields;
use super::vectors::VectorFile;
use super::windows::WindowFile;
use super::{failure, layout, plugin};
use crate::error::{Error, Result};
use crate::hit::{Row, StoredPassage};

/// How many decompressed blocks of stored passages (16 KiB each) are kept.
const CACHED_BLOCKS: usize = 32;

/// A segment opened for reading.
pub(super) struct Segment {
    /// Its number in the snapshot.
    pub(super) number: u32,
    /// tantivy's view of it.
    pub(super) reader: SegmentReader,
    /// The name of the file that says which documents are deleted, if any are.
    deleted: PathBuf,
    vectors: VectorFile,
    windows: WindowFile,
    store: StoreReader,
}

impl fmt::Debug for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Segment({}, {:?})", self.reader.segment_id().short_uuid_string(), self.vectors)
    }
}

impl Segment {
    /// Opens a segment of the index at `dir`. The outer error is tantivy's, the inner tells of damage.
    pub(super) fn open(
        dir: &Path,
        number: u32,
        segment: &tantivy::Segment,
        dim: usize,
    ) -> tantivy::Result<Result<Self>> {
        // tantivy takes a missing file of positions for an empty one, and complains when it is asked. If a
        // commit has just removed it, that must be noticed now; while it is held, tantivy will find it.
        let positions = segment.open_read(SegmentComponent::Positions)?;
        let reader = SegmentReader::open(segment)?;
        drop(positions);
        let store = reader.get_store_reader(CACHED_BLOCKS)?;
        let deleted = segment.meta().relative_path(SegmentComponent::Delete);
        let vectors = plugin::open(&reader, dim)?;
        let windows = plugin::open_windows(&reader, dim)?;
        Ok(match (vectors, windows) {
            (Ok(vectors), Ok(windows)) => Ok(Self { number, reader, deleted, vectors, windows, store }),
            (Err(what), _) => Err(Error::corrupt(path_of(dir, &reader, plugin::VECTORS), what)),
            (_, Err(what)) => Err(Error::corrupt(path_of(dir, &reader, plugin::WINDOWS), what)),
        })
    }

    /// Whether a file belongs to the segment as it was opened.
    ///
    /// The files of a segment never change, but for the list of what is deleted, which is written anew under
    /// another name; one that a dead writer left would be in the way of the next.
    pub(super) fn owns(&self, name: &str) -> bool {
        let is_deletion_list = Path::new(name).extension().is_some_and(|extension| extension == "del");
        name.starts_with(&self.reader.segment_id().uuid_string())
            && (!is_deletion_list || Path::new(name) == self.deleted)
    }

    /// The segment's vectors, once they are known to be undamaged.
    pub(super) fn vectors(&self, dir: &Path) -> Result<&VectorFile> {
        let verified = self.vectors.verify();
        verified.map_err(|what| Error::corrupt(path_of(dir, &self.reader, plugin::VECTORS), what))?;
        Ok(&self.vectors)
    }

    /// What a row's windows are, as `read` gives them.
    pub(super) fn windows<T>(
        &self,
        dir: &Path,
        read: impl FnOnce(&WindowFile) -> std::result::Result<T, String>,
    ) -> Result<T> {
        let damaged = |what| Error::corrupt(path_of(dir, &self.reader, plugin::WINDOWS), what);
        read(&self.windows).map_err(damaged)
    }

    /// Which documents may be found.
    pub(super) fn accept<'a>(&'a self, selected: Option<&'a BitSet>) -> Accept<'a> {
        Accept { alive: self.reader.alive_bitset(), selected }
    }

    /// The documents that have a term, deleted ones included.
    pub(super) fn postings(
        &self,
        term: &Term,
        option: IndexRecordOption,
    ) -> tantivy::Result<Option<SegmentPostings>> {
        Ok(self.reader.inverted_index(term.field())?.read_postings(term, option)?)
    }

    /// The living documents that have a term.
    pub(super) fn rows(&self, term: &Term) -> tantivy::Result<Vec<Row>> {
        let postings = self.postings(term, IndexRecordOption::Basic)?;
        Ok(postings.map_or_else(Vec::new, |postings| self.living(postings)))
    }

    /// The rows of the living documents of some postings.
    pub(super) fn living(&self, mut postings: SegmentPostings) -> Vec<Row> {
        let accept = self.accept(None);
        let mut rows = Vec::new();
        while postings.doc() != TERMINATED {
            if accept.contains(postings.doc()) {
                rows.push(Row { segment: self.number, doc: postings.doc() });
            }
            postings.advance();
        }
        rows
    }

    /// How many living documents have a term.
    pub(super) fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        let index = self.reader.inverted_index(term.field())?;
        Ok(match self.reader.alive_bitset() {
            None => u64::from(index.doc_freq(term)?),
            Some(alive) => index
                .read_postings(term, IndexRecordOption::Basic)?
                .map_or(0, |postings| u64::from(postings.doc_freq_given_deletes(alive))),
        })
    }

    /// A document's passage.
    pub(super) fn passage(&self, dir: &Path, fields: &Fields, doc: u32) -> Result<StoredPassage> {
        let document: TantivyDocument = self.store.get(doc).map_err(failure::in_index("read", dir))?;
        fields.passage(&document).map_err(|what| {
            let name = format!("{}.store", self.reader.segment_id().uuid_string());
            Error::corrupt(dir.join(layout::SEGMENTS).join(name), what)
        })
    }
}

/// Where a file of a segment lies, for messages.
fn path_of(dir: &Path, reader: &SegmentReader, extension: &str) -> PathBuf {
    dir.join(layout::SEGMENTS).join(plugin::file_name(reader, extension))
}

/// Which documents of a segment may be found: those that live and are selected.
#[derive(Clone, Copy)]
pub(super) struct Accept<'a> {
    alive: Option<&'a AliveBitSet>,
    selected: Option<&'a BitSet>,
}

impl Accept<'_> {
    /// Whether a document of the segment may be found.
    pub(super) fn contains(self, doc: u32) -> bool {
        self.alive.is_none_or(|alive| alive.is_alive(doc))
            && self.selected.is_none_or(|selected| selected.contains(doc))
    }
}
