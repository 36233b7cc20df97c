//! tantivy's files of a segment, checked before tantivy opens them.

use tantivy::TantivyError;
use tantivy::index::SegmentComponent::{
    self, Delete, FastFields, FieldNorms, Positions, Postings, Store, Terms,
};
use tantivy::index::SegmentMeta;

use super::directory::ReadView;
use super::schema::Fields;
use super::structure::{Composite, Passages, TOKENS, inconsistent, no_columns, one_bit_each};

/// The files of a segment in which terms are looked up.
#[derive(Clone, Debug)]
pub(super) struct InvertedFiles {
    /// The dictionaries.
    pub(super) terms: Composite,
    /// The postings: in which documents each term is, and how often.
    pub(super) postings: Composite,
    /// The positions in these documents.
    pub(super) positions: Composite,
}

/// Checks all of tantivy's files of a segment.
pub(super) fn check(view: &ReadView, meta: &SegmentMeta, fields: &Fields) -> tantivy::Result<InvertedFiles> {
    let documents = meta.max_doc();
    let file = |component| meta.relative_path(component);
    let damaged = |component, what: String| TantivyError::from(view.damage(&file(component), what));
    let open = |component| view.file(&file(component));
    let composite = |component: SegmentComponent| -> tantivy::Result<Composite> {
        Composite::open(open(component.clone())?).map_err(|what| damaged(component, what))
    };
    no_columns(&open(FastFields)?, documents).map_err(|what| damaged(FastFields, what))?;
    Passages::open(&open(Store)?).map_err(|what| damaged(Store, what))?;
    if meta.has_deletes() {
        one_bit_each(&open(Delete)?, documents).map_err(|what| damaged(Delete, what))?;
    }
    let norms = composite(FieldNorms)?;
    let one_byte_each = norms.lengths().all(|length| length == documents as usize);
    if !one_byte_each || fields.words.iter().any(|field| norms.part(*field).is_none()) {
        return Err(damaged(FieldNorms, inconsistent()));
    }
    let files = InvertedFiles {
        terms: composite(Terms)?,
        postings: composite(Postings)?,
        positions: composite(Positions)?,
    };
    let alike = |other: &Composite| files.terms.fields().eq(other.fields());
    if !alike(&files.postings) || files.postings.lengths().any(|length| length < TOKENS) {
        return Err(damaged(Postings, inconsistent()));
    }
    if !alike(&files.positions) {
        return Err(damaged(Positions, inconsistent()));
    }
    let every_passage_has = [fields.id, fields.file, fields.embedded];
    if documents > 0 && every_passage_has.iter().any(|field| files.terms.part(*field).is_none()) {
        return Err(damaged(Terms, "a field is missing".into()));
    }
    Ok(files)
}
