//! The inverted index of a segment, which leads from terms to documents.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use tantivy::TantivyError;
use tantivy::index::SegmentReader;
use tantivy::schema::Field;

use super::first_errors::FirstErrors;
use super::inverted_files::InvertedFiles;
use super::plugin;

/// tantivy's reader of a segment, with what is needed to check the files that it reads.
pub(super) struct Inverted {
    pub(super) reader: SegmentReader,
    /// The files of terms, postings and positions.
    pub(super) files: InvertedFiles,
    /// The folder of segments.
    folder: PathBuf,
    /// The fields, as bits, whose dictionaries were checked.
    checked: AtomicU64,
    /// The first errors that were seen.
    first_errors: FirstErrors,
}

impl Inverted {
    /// The inverted index of a segment in a folder of segments.
    pub(super) fn new(
        reader: SegmentReader,
        files: InvertedFiles,
        folder: &Path,
        first_errors: &FirstErrors,
    ) -> Self {
        let (folder, first_errors) = (folder.into(), first_errors.clone());
        Self { reader, files, folder, checked: AtomicU64::new(0), first_errors }
    }

    /// Whether a field is asked for the first time.
    pub(super) fn is_new(&self, field: Field) -> bool {
        let bit = 1 << (field.field_id() % u64::BITS);
        self.checked.fetch_or(bit, Ordering::Relaxed) & bit == 0
    }

    /// The path of a file of the segment.
    pub(super) fn path(&self, extension: &str) -> PathBuf {
        self.folder.join(plugin::file_name(self.reader.segment_id(), extension))
    }

    /// Remembers that a file of the segment is damaged: nothing that was read of it counts.
    pub(super) fn damage(&self, extension: &str, what: impl Into<String>) -> TantivyError {
        self.first_errors.damage(&self.path(extension), what).into()
    }
}
