//! Rows of a snapshot: the number of a segment and that of a document in it.

use crate::hit::Row;

/// Where the passage of a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The segment's number in the snapshot.
    pub(super) segment: u32,
    /// The document's number in the segment.
    pub(super) doc: u32,
}

impl From<Place> for Row {
    fn from(Place { segment, doc }: Place) -> Self {
        Self::new(u64::from(segment) << 32 | u64::from(doc))
    }
}

impl From<Row> for Place {
    fn from(row: Row) -> Self {
        Self { segment: (row.number() >> 32) as u32, doc: row.number() as u32 }
    }
}
