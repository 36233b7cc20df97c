//! The passages around one, without all the others of its note.

use std::ops::Range;

use super::Snapshot;
use crate::document::{NotePath, PassageId};
use crate::error::Result;
use crate::hit::Row;
use crate::store::interface::Stretch;
use crate::store::row::Address;

impl Snapshot {
    /// A passage of a note with so many before and behind it; see [`Store::stretch`](crate::store::Store::stretch).
    ///
    /// # Errors
    ///
    /// As [`passages_of`](Self::passages_of).
    pub fn stretch(&self, root: &str, path: &NotePath, id: PassageId, reach: usize) -> Result<Stretch> {
        let mut rows = self.rows_of(root, path)?;
        rows.sort_unstable();
        let Some(near) = self.near(&rows, id, reach)? else {
            return self.passages_of(root, path).map(Stretch::whole);
        };
        let passages = self.passages(&rows[near.clone()])?;
        let key = |at: usize| (passages[at].passage.span, passages[at].id);
        if !(1..passages.len()).all(|at| key(at - 1) < key(at)) {
            return self.passages_of(root, path).map(Stretch::whole);
        }
        Ok(Stretch { passages, before: near.start > 0, after: near.end < rows.len() })
    }

    /// Which of a note's rows are near a passage. `None` if they don't stand one behind the other, as a writer writes them, or
    /// it is none of them.
    fn near(&self, rows: &[Row], id: PassageId, reach: usize) -> Result<Option<Range<usize>>> {
        let (Some(&first), Some(&last)) = (rows.first(), rows.last()) else { return Ok(None) };
        if last.number() - first.number() != rows.len() as u64 - 1 {
            return Ok(None);
        }
        let (segment, _) = self.locate(first)?;
        let doc = |row: Row| Address::from(row).doc as usize;
        let at = segment.vectors(|vectors| {
            for (at, &row) in rows.iter().enumerate() {
                if vectors.id(doc(row))? == id.0 {
                    return Ok(Some(at));
                }
            }
            Ok(None)
        })?;
        Ok(at.map(|at| at.saturating_sub(reach)..rows.len().min(at.saturating_add(reach + 1))))
    }
}
