//! One opened segment: its words, its stored passages and its vectors, under one numbering of documents.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use tantivy::fastfield::AliveBitSet;
use tantivy::index::{SegmentComponent, SegmentId, SegmentReader};
use tantivy::postings::SegmentPostings;
use tantivy::schema::IndexRecordOption;
use tantivy::store::StoreReader;
use tantivy::{BitSet, DocSet, TERMINATED, TantivyDocument, Term};

use super::blocks::Damage;
use super::dense::{Exact, Query, Strategy};
use super::directory::ReadView;
use super::faults::Damaged;
use super::graph::file::GraphFile;
use super::schema::Fields;
use super::top::Top;
use super::vectors::VectorFile;
use super::windows::WindowFile;
use super::{disk, failure, plugin};
use crate::error::Result;
use crate::hit::{Row, StoredPassage};

/// How many decompressed blocks of stored passages (16 KiB each) are kept.
const CACHED_BLOCKS: usize = 32;

/// A segment opened for reading.
pub(super) struct Segment {
    /// Its number in the snapshot.
    pub(super) number: u32,
    /// tantivy's view of it.
    pub(super) reader: SegmentReader,
    /// The folder of segments.
    folder: PathBuf,
    /// The name of the file that says which documents are deleted, if any are.
    deleted: PathBuf,
    vectors: VectorFile,
    windows: WindowFile,
    /// Of the vectors, if it was built; or why it can't be used.
    graph: std::result::Result<Option<GraphFile>, String>,
    store: StoreReader,
}

impl fmt::Debug for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Segment({}, {:?})", self.reader.segment_id().short_uuid_string(), self.vectors)
    }
}

impl Segment {
    /// Opens a segment through the view that it was found in.
    pub(super) fn open(
        view: &ReadView,
        number: u32,
        segment: &tantivy::Segment,
        dim: usize,
    ) -> tantivy::Result<Self> {
        // tantivy takes a missing file of positions for an empty one, and complains when it is asked. If a
        // commit has just removed it, that must be noticed now; while it is held, tantivy will find it.
        let positions = segment.open_read(SegmentComponent::Positions)?;
        let reader = SegmentReader::open(segment)?;
        drop(positions);
        let rows = reader.max_doc();
        let ours = |extension| plugin::file_name(reader.segment_id(), extension);
        let damaged = |name: &Path, what: String| Damaged::new(view.folder().join(name), what);
        let (vectors, windows) = (ours(plugin::VECTORS), ours(plugin::WINDOWS));
        let vectors =
            VectorFile::open(view.blocks(&vectors)?, dim, rows).map_err(|what| damaged(&vectors, what))?;
        let windows =
            WindowFile::open(view.blocks(&windows)?, dim, rows).map_err(|what| damaged(&windows, what))?;
        let store = reader.get_store_reader(CACHED_BLOCKS)?;
        let deleted = segment.meta().relative_path(SegmentComponent::Delete);
        let graph = open_graph(view, &reader, dim).inspect_err(|what| {
            tracing::warn!(segment = %reader.segment_id().short_uuid_string(), what, "a graph can't be used");
        });
        let folder = view.folder().into();
        Ok(Self { number, reader, folder, deleted, vectors, windows, graph, store })
    }

    /// Whether a file belongs to the segment as it was opened.
    ///
    /// The files of a segment never change, but for the list of what is deleted, which is written anew under
    /// another name; one that a dead writer left would be in the way of the next.
    pub(super) fn owns(&self, name: &str) -> bool {
        belongs(name, self.reader.segment_id(), &self.deleted)
    }

    /// What `read` gives of the segment's vectors.
    pub(super) fn vectors<T>(
        &self,
        read: impl FnOnce(&VectorFile) -> Result<T, Damage>,
    ) -> Result<T, Damaged> {
        read(&self.vectors).map_err(|damage| self.damaged(plugin::VECTORS, damage))
    }

    /// What `read` gives of the segment's windows.
    pub(super) fn windows<T>(
        &self,
        read: impl FnOnce(&WindowFile) -> Result<T, Damage>,
    ) -> Result<T, Damaged> {
        read(&self.windows).map_err(|damage| self.damaged(plugin::WINDOWS, damage))
    }

    /// Names a file of the segment that is damaged.
    fn damaged(&self, extension: &str, what: impl Into<String>) -> Damaged {
        Damaged::new(self.folder.join(plugin::file_name(self.reader.segment_id(), extension)), what)
    }

    /// The `k` selected rows nearest to a question, best first by cosine and then by passage id.
    pub(super) fn nearest(
        &self,
        query: &Query,
        k: usize,
        selected: Option<&BitSet>,
        strategy: Strategy,
    ) -> Result<Top, Damaged> {
        let accept = self.accept(selected);
        let accepted = accept.count(self.reader.max_doc());
        if let Ok(Some(graph)) = &self.graph
            && let Some(effort) = strategy.effort(k, accepted, self.vectors.rows())
        {
            match graph.nearest(&self.vectors, query, k, effort, self.number, accept) {
                Ok(Some(top)) if top.len() >= k.min(accepted) => return Ok(top),
                Ok(_) => {}
                // If it is the vectors that are damaged, the scan will say so.
                Err(what) => tracing::warn!(segment = ?self, %what, "a graph can't be used"),
            }
        }
        self.vectors(|vectors| Exact { segment: self.number, vectors }.nearest(query, k, accept))
    }

    /// The segment's name as a number, by which its graph knows it.
    pub(super) fn graph_id(&self) -> u128 {
        graph_id(self.reader.segment_id())
    }

    /// How many passages had ever come or gone when the segment's graph was built, if it has one.
    pub(super) fn linked_at(&self) -> Option<u64> {
        self.graph.as_ref().ok()?.as_ref().map(GraphFile::changes)
    }

    /// What is wrong with the segment's graph, if anything is.
    pub(super) fn wrong_with_graph(&self) -> Option<String> {
        match &self.graph {
            Ok(Some(graph)) => {
                let living = self.accept(None).all(self.reader.max_doc());
                graph.check(&self.vectors, living).err()
            }
            Ok(None) => None,
            Err(what) => Some(what.clone()),
        }
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
        Ok(fields.passage(&document).map_err(|what| self.damaged("store", what))?)
    }
}

/// Opens a segment's graph, if it has one.
fn open_graph(
    view: &ReadView,
    reader: &SegmentReader,
    dim: usize,
) -> std::result::Result<Option<GraphFile>, String> {
    let id = reader.segment_id();
    let Some(blocks) = view.derived(&plugin::file_name(id, plugin::GRAPH))? else { return Ok(None) };
    GraphFile::open(blocks, graph_id(id), dim, reader.max_doc()).map(Some)
}

/// A segment's name as a number.
fn graph_id(segment: SegmentId) -> u128 {
    u128::from_str_radix(&segment.uuid_string(), 16).unwrap_or_default()
}

/// Whether a file belongs to a segment of which `deleted` would be the list of what is deleted.
pub(super) fn belongs(name: &str, id: SegmentId, deleted: &Path) -> bool {
    let is_deletion_list = Path::new(name).extension().is_some_and(|extension| extension == "del");
    name.starts_with(&id.uuid_string())
        && !name.ends_with(disk::TEMPORARY)
        && (!is_deletion_list || Path::new(name) == deleted)
}

/// Which documents of a segment may be found: those that live and are selected.
#[derive(Clone, Copy, Default)]
pub(super) struct Accept<'a> {
    alive: Option<&'a AliveBitSet>,
    selected: Option<&'a BitSet>,
}

impl<'a> Accept<'a> {
    /// Whether a document of the segment may be found.
    #[inline]
    pub(super) fn contains(self, doc: u32) -> bool {
        self.alive.is_none_or(|alive| alive.is_alive(doc))
            && self.selected.is_none_or(|selected| selected.contains(doc))
    }

    /// Whether all documents may be found.
    pub(super) fn is_all(self) -> bool {
        self.alive.is_none() && self.selected.is_none()
    }

    /// How many of a segment's documents may be found, if all selected ones live.
    pub(super) fn count(self, documents: u32) -> usize {
        match self {
            Self { selected: Some(selected), .. } => selected.len(),
            Self { alive: Some(alive), .. } => alive.num_alive_docs(),
            Self { .. } => documents as usize,
        }
    }

    /// All that may be found of so many documents.
    pub(super) fn all(self, documents: u32) -> impl Iterator<Item = u32> + use<'a> {
        (0..documents).filter(move |&doc| self.contains(doc))
    }

    /// Those that may be found of some documents, which begin at a multiple of 64 and are at most so many.
    pub(super) fn rows(self, docs: Range<u32>) -> impl Iterator<Item = u32> + use<'a> {
        let mut selected = self.selected.map(|selected| selected.tinyset(docs.start / 64));
        let (start, mut rest) = (docs.start, docs.clone());
        let some = std::iter::from_fn(move || match &mut selected {
            Some(selected) => Some(start + selected.pop_lowest()?),
            None => rest.next(),
        });
        some.take_while(move |&doc| doc < docs.end)
            .filter(move |&doc| self.alive.is_none_or(|alive| alive.is_alive(doc)))
    }
}

#[cfg(test)]
impl<'a> Accept<'a> {
    /// All documents that a set has.
    pub(super) fn selected(selected: &'a BitSet) -> Self {
        Self { alive: None, selected: Some(selected) }
    }
}
