//! A sample of the passages of an index, the same however the index came to be what it is.

use std::collections::BTreeMap;

use tantivy::schema::IndexRecordOption;

use super::row::Address;
use super::snapshot::Snapshot;
use crate::error::Result;
use crate::hit::Row;

impl Snapshot {
    /// The rows of the living passages with the least ids, at most `most`, in the order of the ids.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`](crate::error::Error::Corrupt) or [`Error::Io`](crate::error::Error::Io) if the index can't be read.
    pub fn sample(&self, most: usize) -> Result<Vec<Row>> {
        self.read(|| {
            let mut least: BTreeMap<Vec<u8>, Row> = BTreeMap::new();
            for segment in self.segments() {
                let (ids, accept) = (segment.dictionary(self.fields().id)?, segment.accept(None));
                let mut found = 0;
                ids.walk(b"", None, |id, info| {
                    let mut row = None;
                    ids.postings(info, IndexRecordOption::Basic)?.for_each(|postings| {
                        row = row.or_else(|| Some(postings.doc()).filter(|&doc| accept.contains(doc)));
                    });
                    if let Some(doc) = row {
                        least.insert(id.to_vec(), Row::from(Address { segment: segment.number, doc }));
                        found += 1;
                    }
                    Ok(found < most)
                })?;
            }
            Ok(least.into_values().take(most).collect())
        })
    }
}
