//! An opened segment: its words, its stored passages and its vectors, under one numbering of documents.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use tantivy::directory::OwnedBytes;
use tantivy::index::{SegmentComponent, SegmentId, SegmentReader};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::store::StoreReader;
use tantivy::{BitSet, TantivyError, Term};

use super::accept::Accept;
use super::checksummed_file::BlockError;
use super::dense::DenseQuery;
use super::dictionary::Dictionary;
use super::directory::ReadView;
use super::first_errors::DamagedFile;
use super::graph::file::GraphFile;
use super::inverted::Inverted;
use super::part_vectors::PartVectorFile;
use super::postings::Postings;
use super::row::Address;
use super::scan::Scan;
use super::schema::Fields;
use super::stored_passage;
use super::strategy::Strategy;
use super::structure;
use super::top::Top;
use super::vectors::VectorFile;
use super::{disk, inverted_files, plugin, tantivy_errors};
use crate::document::PassageId;
use crate::error::Result;
use crate::hit::{Row, StoredPassage};

/// The extension of files of stored passages.
const STORE: &str = "store";
/// How many decompressed blocks of stored passages (16 KiB each) are kept.
const CACHED_BLOCKS: usize = 32;

/// A segment opened for reading.
pub(super) struct Segment {
    /// Its number in the snapshot.
    pub(super) number: u32,
    /// tantivy's view of it.
    pub(super) reader: SegmentReader,
    inverted: Inverted,
    /// The name of its list of deletions, if it has one.
    deleted: PathBuf,
    vectors: VectorFile,
    part_vectors: PartVectorFile,
    /// The graph over the vectors, if it was built, or why it can't be used.
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
        fields: &Fields,
    ) -> tantivy::Result<Self> {
        let files = inverted_files::check(view, segment.meta(), fields)?;
        let reader = SegmentReader::open(segment)?;
        let (rows, dim) = (reader.max_doc(), fields.dim);
        let ours = |extension| plugin::file_name(reader.segment_id(), extension);
        let damaged = |name: &Path, what: String| DamagedFile::new(view.folder().join(name), what);
        let (vectors, sentences) = (ours(plugin::VECTORS), ours(plugin::SENTENCES));
        let vectors =
            VectorFile::open(view.file(&vectors)?, dim, rows).map_err(|what| damaged(&vectors, what))?;
        let part_vectors = PartVectorFile::open(view.file(&sentences)?, dim, rows)
            .map_err(|what| damaged(&sentences, what))?;
        let store = reader.get_store_reader(CACHED_BLOCKS)?;
        let deleted = segment.meta().relative_path(SegmentComponent::Delete);
        let graph = open_graph(view, &reader, dim)?.inspect_err(|what| {
            tracing::warn!(segment = %reader.segment_id().short_uuid_string(), what, "a graph can't be used");
        });
        let inverted = Inverted::new(reader.clone(), files, view.folder(), view.first_errors());
        Ok(Self { number, reader, inverted, deleted, vectors, part_vectors, graph, store })
    }

    /// Whether a file belongs to the segment as it was opened.
    ///
    /// The files of a segment never change. Its list of deletions is replaced by one of another name; a list that a dead
    /// writer left would be in the way of the next writer.
    pub(super) fn owns(&self, name: &str) -> bool {
        belongs(name, self.reader.segment_id(), &self.deleted)
    }

    /// The result of reading the segment's vectors; damage names the file.
    pub(super) fn vectors<T>(
        &self,
        read: impl FnOnce(&VectorFile) -> Result<T, BlockError>,
    ) -> Result<T, DamagedFile> {
        read(&self.vectors).map_err(|damage| self.damaged(plugin::VECTORS, damage))
    }

    /// The result of reading the segment's sentence vectors; damage names the file.
    pub(super) fn part_vectors<T>(
        &self,
        read: impl FnOnce(&PartVectorFile) -> Result<T, BlockError>,
    ) -> Result<T, DamagedFile> {
        read(&self.part_vectors).map_err(|damage| self.damaged(plugin::SENTENCES, damage))
    }

    /// Names a file of the segment that is damaged.
    fn damaged(&self, extension: &str, what: impl Into<String>) -> DamagedFile {
        DamagedFile::new(self.inverted.path(extension), what)
    }

    /// The `k` selected rows nearest to a question, best first by cosine and then by passage id.
    pub(super) fn nearest(
        &self,
        query: &DenseQuery,
        k: usize,
        selected: Option<&BitSet>,
        strategy: Strategy,
    ) -> Result<Top, DamagedFile> {
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
        self.vectors(|vectors| Scan { segment: self.number, vectors }.nearest(query, k, accept))
    }

    /// The segment's name as a number, by which its graph knows it.
    pub(super) fn graph_id(&self) -> u128 {
        graph_id(self.reader.segment_id())
    }

    /// The number of passages that had ever come or gone when the segment's graph was built, if it has one.
    pub(super) fn graph_built_at(&self) -> Option<u64> {
        self.graph.as_ref().ok()?.as_ref().map(GraphFile::changes)
    }

    /// The fault of the segment's graph, if it has one.
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

    /// The documents that may be found.
    pub(super) fn accept<'a>(&'a self, selected: Option<&'a BitSet>) -> Accept<'a> {
        Accept::new(self.reader.alive_bitset(), selected)
    }

    /// The documents that may be found but for some.
    pub(super) fn others(&self, selected: Option<&BitSet>, but: &BTreeSet<u32>) -> BitSet {
        let documents = self.reader.max_doc();
        let mut others = BitSet::with_max_value(documents);
        for doc in self.accept(selected).all(documents).filter(|doc| !but.contains(doc)) {
            others.insert(doc);
        }
        others
    }

    /// Its inverted index.
    pub(super) fn inverted(&self) -> &Inverted {
        &self.inverted
    }

    /// Remembers that a file of the segment is damaged: nothing that was read of it counts.
    pub(super) fn damage(&self, extension: &str, what: impl Into<String>) -> TantivyError {
        self.inverted.damage(extension, what)
    }

    /// The terms of a field.
    pub(super) fn dictionary(&self, field: Field) -> tantivy::Result<Dictionary<'_>> {
        Dictionary::open(&self.inverted, field)
    }

    /// The documents that have a term, deleted ones included.
    pub(super) fn postings(
        &self,
        term: &Term,
        option: IndexRecordOption,
    ) -> tantivy::Result<Option<Postings<'_>>> {
        let dictionary = self.dictionary(term.field())?;
        dictionary.get(term)?.map(|info| dictionary.postings(&info, option)).transpose()
    }

    /// Whether a living document has a term of a field that begins so and whose rest `fits`.
    pub(super) fn has_beginning(
        &self,
        field: Field,
        begin: &str,
        fits: impl Fn(&str) -> bool,
    ) -> tantivy::Result<bool> {
        let (terms, mut found) = (self.dictionary(field)?, false);
        terms.walk_beginning(begin.as_bytes(), |term, place| {
            if fits(&String::from_utf8_lossy(&term[begin.len()..])) {
                found = !self.living(terms.postings(place, IndexRecordOption::Basic)?).is_empty();
            }
            Ok(!found)
        })?;
        Ok(found)
    }

    /// The living documents that have a term.
    pub(super) fn rows(&self, term: &Term) -> tantivy::Result<Vec<Row>> {
        let postings = self.postings(term, IndexRecordOption::Basic)?;
        Ok(postings.map_or_else(Vec::new, |postings| self.living(postings)))
    }

    /// The rows of the living documents of some postings.
    pub(super) fn living(&self, postings: Postings<'_>) -> Vec<Row> {
        let accept = self.accept(None);
        let mut rows = Vec::new();
        postings.for_each(|postings| {
            if accept.contains(postings.doc()) {
                rows.push(Address { segment: self.number, doc: postings.doc() }.into());
            }
        });
        rows
    }

    /// How many living documents have a term.
    pub(super) fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        let dictionary = self.dictionary(term.field())?;
        let Some(info) = dictionary.get(term)? else { return Ok(0) };
        let Some(alive) = self.reader.alive_bitset() else { return Ok(u64::from(info.doc_freq)) };
        let mut living = 0;
        let postings = dictionary.postings(&info, IndexRecordOption::Basic)?;
        postings.for_each(|postings| living += u64::from(alive.is_alive(postings.doc())));
        Ok(living)
    }

    /// Reads what a merge reads: all terms with their postings, and all living passages.
    ///
    /// tantivy reads them unchecked, in threads of its own.
    pub(super) fn read_through(&self, dir: &Path, fields: &Fields) -> Result<()> {
        self.read_terms(fields).map_err(tantivy_errors::in_index("read", dir))?;
        let mut rows = self.accept(None).all(self.reader.max_doc());
        rows.try_for_each(|doc| self.stored(dir, fields, doc).map(drop))
    }

    /// Reads all terms, and where they stand.
    pub(super) fn read_terms(&self, fields: &Fields) -> tantivy::Result<()> {
        let mut positions = Vec::new();
        for field in fields.found() {
            let option = if fields.words.contains(&field) {
                IndexRecordOption::WithFreqsAndPositions
            } else {
                IndexRecordOption::Basic
            };
            let dictionary = self.dictionary(field)?;
            dictionary.walk(b"", None, |_, info| {
                dictionary.postings(info, option)?.for_each(|postings| {
                    if option.has_positions() {
                        postings.positions(&mut positions);
                    }
                });
                Ok(true)
            })?;
        }
        Ok(())
    }

    /// A document's passage.
    pub(super) fn passage(&self, dir: &Path, fields: &Fields, doc: u32) -> Result<StoredPassage> {
        let stored = self.stored(dir, fields, doc)?;
        Ok(stored_passage::decode(self.id(doc)?, &stored).map_err(|what| self.damaged(STORE, what))?)
    }

    /// A document's passage, while documents are being looked up.
    pub(super) fn stored_passage(&self, fields: &Fields, doc: u32) -> tantivy::Result<StoredPassage> {
        let document = self.store.get_document_bytes(doc)?;
        let stored = structure::only_field(&document, fields.stored);
        let stored = stored.ok_or_else(|| self.damage(STORE, structure::inconsistent()))?;
        stored_passage::decode(self.id(doc)?, stored).map_err(|what| self.damage(STORE, what))
    }

    /// The id of a document's passage.
    pub(super) fn id(&self, doc: u32) -> Result<PassageId, DamagedFile> {
        self.vectors(|vectors| Ok(PassageId(vectors.id(doc as usize)?)))
    }

    /// A document as it is stored.
    fn stored(&self, dir: &Path, fields: &Fields, doc: u32) -> Result<OwnedBytes> {
        let document = self.store.get_document_bytes(doc).map_err(tantivy_errors::in_index("read", dir))?;
        let stored = structure::only_field(&document, fields.stored);
        let length = stored.ok_or_else(|| self.damaged(STORE, structure::inconsistent()))?.len();
        Ok(document.slice(document.len() - length..document.len()))
    }
}

/// Opens a segment's graph, if it has one.
fn open_graph(
    view: &ReadView,
    reader: &SegmentReader,
    dim: usize,
) -> tantivy::Result<std::result::Result<Option<GraphFile>, String>> {
    let id = reader.segment_id();
    let file = view.derived(&plugin::file_name(id, plugin::GRAPH))?;
    let open = |file| GraphFile::open(file, graph_id(id), dim, reader.max_doc());
    Ok(file.and_then(|file| file.map(open).transpose()))
}

/// A segment's name as a number.
fn graph_id(segment: SegmentId) -> u128 {
    u128::from_str_radix(&segment.uuid_string(), 16).unwrap_or_default()
}

/// Whether a file belongs to a segment whose list of deletions is named `deleted`.
pub(super) fn belongs(name: &str, id: SegmentId, deleted: &Path) -> bool {
    let is_deletion_list = Path::new(name).extension().is_some_and(|extension| extension == "del");
    name.starts_with(&id.uuid_string())
        && !name.ends_with(disk::TEMPORARY)
        && (!is_deletion_list || Path::new(name) == deleted)
}
