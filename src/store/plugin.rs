//! Vectors as one more component of tantivy's segments.
//!
//! tantivy calls this plugin when it writes, merges or removes a segment, so vectors live and die with the
//! passages they belong to, and a row of a vector file is the document of that number. What it relies on: a
//! document is given to [`PluginWriter::add_document`] in the order of document numbers, and without index
//! sorting a merge stacks the living documents of its readers in order (checked: `mapping_type`).

use std::any::Any;
use std::io::Write as _;
use std::path::PathBuf;

use tantivy::directory::TerminatingWrite;
use tantivy::index::{Segment, SegmentComponent, SegmentId, SegmentReader};
use tantivy::indexer::DocIdMapping;
use tantivy::indexer::doc_id_mapping::MappingType;
use tantivy::schema::document::{ErasedDocument, Value};
use tantivy::schema::{Field, Schema};
use tantivy::{
    DocId, PluginMergeContext, PluginWriter, PluginWriterContext, SegmentPlugin, TantivyDocument,
    TantivyError,
};

use super::checksummed_file::ChecksummedFile;
use super::first_errors::DamagedFile;
use super::part_vectors::{PartVectorColumns, PartVectorFile, PartVectorStarts};
use super::schema::Fields;
use super::vector_field;
use super::vectors::{Columns, VectorFile};

/// The extension of files with the vectors of passages.
pub(super) const VECTORS: &str = "vec";
/// The extension of files with the vectors of passages' sentences.
pub(super) const SENTENCES: &str = "win";

/// The extension of files with the graph of a segment's vectors. tantivy only has to know that they belong to the
/// segment, so that they go when it goes.
pub(super) const GRAPH: &str = "graph";

/// The component of a segment that has an extension.
fn component(extension: &str) -> SegmentComponent {
    SegmentComponent::Custom(extension.into())
}

/// The file of a segment that has an extension.
pub(super) fn file_name(id: SegmentId, extension: &str) -> PathBuf {
    format!("{}.{extension}", id.uuid_string()).into()
}

/// Opens one of our files of a segment to be merged.
///
/// All of it is read and so checked at once: nothing damaged may get new checksums.
fn whole<T>(
    reader: &SegmentReader,
    extension: &str,
    open: impl FnOnce(ChecksummedFile) -> Result<T, String>,
) -> tantivy::Result<T> {
    let content = reader.open_read(component(extension))?.read_bytes()?;
    Ok(open(ChecksummedFile::verified(content)).map_err(|what| damaged(reader, extension, what))?)
}

/// The error that stops a merge at a damaged file.
fn damaged(reader: &SegmentReader, extension: &str, what: impl Into<String>) -> DamagedFile {
    DamagedFile::new(file_name(reader.segment_id(), extension), what)
}

/// The plugin; it learns all it needs from the schema.
#[derive(Debug)]
pub(super) struct VectorPlugin;

impl SegmentPlugin for VectorPlugin {
    fn extensions(&self) -> &[&str] {
        &[VECTORS, SENTENCES, GRAPH]
    }

    fn create_writer(&self, context: &PluginWriterContext<'_>) -> tantivy::Result<Box<dyn PluginWriter>> {
        let fields = Fields::of(&context.segment.schema())?;
        let (columns, sentences) = (Columns::new(fields.dim), PartVectorColumns::new(fields.dim));
        Ok(Box::new(VectorWriter { field: fields.vector, dim: fields.dim, columns, sentences }))
    }

    fn merge(&self, context: PluginMergeContext<'_>) -> tantivy::Result<()> {
        match context.doc_id_mapping.mapping_type() {
            MappingType::Stacked | MappingType::StackedWithDeletes => {}
            MappingType::Shuffled => return Err(TantivyError::InternalError("documents were sorted".into())),
        }
        let dim = Fields::of(context.schema)?.dim;
        let mut parts = Vec::with_capacity(context.readers.len());
        let mut sentences = Vec::with_capacity(context.readers.len());
        let mut starts = PartVectorStarts::default();
        for reader in context.readers {
            let documents = reader.max_doc();
            let file = whole(reader, VECTORS, |file| VectorFile::open(file, dim, documents))?;
            let old = whole(reader, SENTENCES, |file| PartVectorFile::open(file, dim, documents))?;
            let rows: Vec<DocId> = reader.doc_ids_alive().collect();
            for &row in &rows {
                let bytes = old.bytes(row as usize).map_err(|damage| damaged(reader, SENTENCES, damage))?;
                starts.push(bytes, dim).map_err(|what| damaged(reader, SENTENCES, what))?;
            }
            parts.push((file, rows));
            sentences.push(old);
        }
        let mut to = context.target_segment.open_write(component(VECTORS))?;
        VectorFile::write_merged(&mut to, dim, &parts)?;
        finish(to)?;
        // They may be larger than all the memory there is.
        let mut to = context.target_segment.open_write(component(SENTENCES))?;
        starts.write(&mut to, dim)?;
        for ((reader, old), (_, rows)) in context.readers.iter().zip(&sentences).zip(&parts) {
            for &row in rows {
                to.write_all(old.bytes(row as usize).map_err(|damage| damaged(reader, SENTENCES, damage))?)?;
            }
        }
        finish(to)
    }
}

/// Puts a finished file, with tantivy's footer, on the disk.
fn finish(mut to: impl TerminatingWrite) -> tantivy::Result<()> {
    to.flush()?;
    Ok(to.terminate()?)
}

/// Collects the vectors of a segment that is being written.
struct VectorWriter {
    field: Field,
    dim: usize,
    columns: Columns,
    sentences: PartVectorColumns,
}

impl PluginWriter for VectorWriter {
    fn add_document(&mut self, _: DocId, document: &dyn ErasedDocument, _: &Schema) -> tantivy::Result<()> {
        let document = document.as_any().downcast_ref::<TantivyDocument>();
        let field = document.and_then(|document| document.get_first(self.field)?.as_custom());
        let field = field.ok_or_else(|| TantivyError::InternalError("a passage has no vector".into()))?;
        let (vector, sentences) = vector_field::split_field(field, self.dim);
        self.columns.push_field(vector).map_err(TantivyError::InternalError)?;
        self.sentences.push(sentences).map_err(TantivyError::InternalError)
    }

    fn serialize(self: Box<Self>, segment: &Segment, sorted: Option<&DocIdMapping>) -> tantivy::Result<()> {
        if sorted.is_some() {
            return Err(TantivyError::InternalError("documents were sorted".into()));
        }
        let mut to = segment.open_write(component(VECTORS))?;
        self.columns.write(&mut to)?;
        finish(to)?;
        let mut to = segment.open_write(component(SENTENCES))?;
        self.sentences.write(&mut to)?;
        finish(to)
    }

    fn mem_usage(&self) -> usize {
        self.columns.memory() + self.sentences.memory()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}
