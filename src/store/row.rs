//! Rows of a snapshot: the number of a segment and that of a document in it.

use crate::hit::Row;

/// The address of a row: its segment, and its document there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// The segment's number in the snapshot.
    pub(super) segment: u32,
    /// The document's number in the segment.
    pub(super) doc: u32,
}

impl From<Address> for Row {
    fn from(Address { segment, doc }: Address) -> Self {
        Self::new(u64::from(segment) << 32 | u64::from(doc))
    }
}

impl From<Row> for Address {
    fn from(row: Row) -> Self {
        Self { segment: (row.number() >> 32) as u32, doc: row.number() as u32 }
    }
}
