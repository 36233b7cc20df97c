//! A sample of the passages of an index, the same however the index came to be what it is.

use std::collections::BTreeMap;

use tantivy::schema::IndexRecordOption;

use super::row::Address;
use super::snapshot::Snapshot;
use crate::document::PassageId;
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
            let mut least: BTreeMap<PassageId, Row> = BTreeMap::new();
            for segment in self.segments() {
                let ids = segment.dictionary(self.fields().id)?;
                let pending = pending.get(segment.number as usize);
                let has_vectors = |doc: &u32| pending.is_none_or(|pending| !pending.contains(doc));
                let mut found = 0;
                ids.walk(b"", None, |_, info| {
                    for row in segment.living(ids.postings(info, IndexRecordOption::Basic)?) {
                        let doc = Address::from(row).doc;
                        if has_vectors(&doc) {
                            least.insert(segment.id(doc)?, row);
                            found += 1;
                        }
                    }
                    Ok(found < most)
                })?;
            }
            Ok(least.into_values().take(most).collect())
        })
    }
}
