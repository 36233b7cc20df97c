//! A sample of the passages of an index, the same however the index came to be what it is.

use std::collections::BTreeMap;

use tantivy::schema::IndexRecordOption;

use super::row::Address;
use super::snapshot::Snapshot;
use crate::error::Result;
use crate::hit::Row;

impl Snapshot {
    /// The rows of the living passages that have vectors and the least ids, at most `most`, in the order of the ids.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`](crate::error::Error::Corrupt) or [`Error::Io`](crate::error::Error::Io) if the index can't be read.
    pub fn sample(&self, most: usize) -> Result<Vec<Row>> {
        let pending = self.pending()?;
        self.read(|| {
            let mut least: BTreeMap<Vec<u8>, Row> = BTreeMap::new();
            for segment in self.segments() {
                let (ids, accept) = (segment.dictionary(self.fields().id)?, segment.accept(None));
                let pending = pending.get(segment.number as usize);
                let has_vectors = |doc: &u32| pending.is_none_or(|pending| !pending.contains(doc));
                let mut found = 0;
                ids.walk(b"", None, |id, info| {
                    let mut row = None;
                    ids.postings(info, IndexRecordOption::Basic)?.for_each(|postings| {
                        row = row.or_else(|| Some(postings.doc()).filter(|&doc| accept.contains(doc)));
                    });
                    if let Some(doc) = row.filter(has_vectors) {
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
