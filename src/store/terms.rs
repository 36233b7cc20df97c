//! Document frequencies and occurrences of terms: all that a search by words asks of a store.
//!
//! Scores and features are computed from these two traits alone, so every store that implements them gives the same.
//! Terms are those of the [analyzer](super::analyzer), fields are numbered from 0 to [`FIELDS`]. Only living passages count
//! in what is said of the whole index.

use std::collections::BTreeSet;

use super::bm25f::{FIELDS, FieldLength};
use crate::error::Result;
use crate::hit::Row;
use crate::words::Language;

/// The document frequencies of terms in an index.
pub(super) trait Frequencies {
    /// How many passages there are.
    fn passages(&self) -> u64;

    /// The languages of notes that have passages, but for English; in their order.
    fn languages(&self) -> Result<Vec<Language>>;

    /// How long each field is.
    fn field_lengths(&self) -> Result<[FieldLength; FIELDS]>;

    /// How many passages have a term in a field.
    fn in_field(&self, term: &str, field: usize) -> Result<u64>;

    /// How many passages have a term in any field.
    fn in_any_field(&self, term: &str) -> Result<u64>;

    /// The terms of any field that so many edits, of letters in a row or two of them exchanged, make of a term. There may be
    /// some that no living passage has.
    fn within(&self, term: &str, edits: u8) -> Result<BTreeSet<String>>;

    /// Visits at least the terms of any field that have a language's code, some of them more than once. There may be some that no
    /// living passage has.
    fn visit_terms(&self, visit: &mut dyn FnMut(&str)) -> Result<()>;
}

/// The occurrences of a term in a field of a document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Occurrence {
    /// The document.
    pub(super) doc: u32,
    /// How often it has the term.
    pub(super) count: u32,
    /// The [class](super::bm25f::length_of_class) of the field's length.
    pub(super) length: u8,
}

/// The occurrences of terms in one part of an index, whose passages are documents, numbered from 0.
pub(super) trait Occurrences: Sync {
    /// How many documents there are, those that can't be found included.
    fn documents(&self) -> u32;

    /// Whether the question may find a document.
    fn accepts(&self, doc: u32) -> bool;

    /// The row of a document.
    fn row(&self, doc: u32) -> Row;

    /// The id of a document's passage.
    fn id(&self, doc: u32) -> Result<u128>;

    /// Visits the documents that have a term in a field, in ascending order; those that can't be found may be among them.
    fn visit(&self, term: &str, field: usize, visit: impl FnMut(Occurrence)) -> Result<()>;

    /// Visits those of some documents, in ascending order, that have a term in a field. A visit gets the document's place
    /// among them and, if they are asked for, the positions of the term, in ascending order.
    fn visit_some(
        &self,
        term: &str,
        field: usize,
        docs: &[u32],
        positions: bool,
        visit: impl FnMut(usize, Occurrence, &[u32]),
    ) -> Result<()>;
}
