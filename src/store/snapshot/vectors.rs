//! The vectors of one committed state.

use std::collections::BTreeSet;

use tantivy::schema::IndexRecordOption;

use super::Snapshot;
use crate::document::EmbeddedHash;
use crate::error::Result;
use crate::hit::Row;
use crate::store::interface::StoredVectors;
use crate::store::part_vectors::PartVectors;
use crate::store::record::NOTHING_EMBEDDED;
use crate::store::row::Address;
use crate::store::segment::Segment;
use crate::store::vectors::Vector;

impl Snapshot {
    /// The vectors of some rows, in the same order, each times some positive factor: only directions mean something.
    ///
    /// # Errors
    ///
    /// As [`passages`](Self::passages).
    pub fn vectors(&self, rows: &[Row]) -> Result<Vec<Vec<f32>>> {
        let values = |codes: &[u8]| codes.iter().map(|&code| f32::from(code as i8)).collect();
        let vector = |&row: &Row| {
            let (segment, doc) = self.locate(row)?;
            Ok(segment.vectors(|vectors| Ok(values(vectors.codes(doc as usize)?)))?)
        };
        rows.iter().map(vector).collect()
    }

    /// The vectors of any passage with this embedded text, as they are stored: to be stored again without a loss.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`](crate::error::Error::Corrupt) or [`Error::Io`](crate::error::Error::Io) if the index can't be read.
    pub fn vector_of(&self, embedded: &EmbeddedHash) -> Result<Option<(Vector, PartVectors)>> {
        if *embedded == NOTHING_EMBEDDED {
            return Ok(None);
        }
        let rows = self.rows(&self.fields.embedded_term(embedded))?;
        let Some(&row) = rows.first() else { return Ok(None) };
        let (segment, doc) = self.locate(row)?;
        let vector = segment.vectors(|vectors| vectors.vector(doc as usize))?;
        Ok(Some((vector, segment.part_vectors(|file| file.stored(doc as usize))?)))
    }

    /// What is stored of some rows beside their passages, in the same order.
    ///
    /// # Errors
    ///
    /// As [`passages`](Self::passages).
    pub fn stored_vectors(&self, rows: &[Row]) -> Result<Vec<StoredVectors>> {
        let hashes = match self.embedded.get() {
            Some(hashes) => hashes,
            None => self.read(|| self.embedded_hashes()).map(|found| self.embedded.get_or_init(|| found))?,
        };
        let stored = |&row: &Row| {
            let (segment, doc) = self.locate(row)?;
            Ok(StoredVectors {
                embedded: hashes[segment.number as usize][doc as usize],
                vector: segment.vectors(|vectors| vectors.vector(doc as usize))?,
                part_vectors: segment.part_vectors(|file| file.stored(doc as usize))?,
            })
        };
        rows.iter().map(stored).collect()
    }

    /// The documents of each segment whose vectors are pending; no segments where no file has any.
    pub(in crate::store) fn pending(&self) -> Result<&[BTreeSet<u32>]> {
        if self.info.pending == 0 {
            return Ok(&[]);
        }
        if let Some(pending) = self.pending.get() {
            return Ok(pending);
        }
        let term = self.fields.embedded_term(&NOTHING_EMBEDDED);
        let of_segment = |segment: &Segment| {
            let rows = segment.rows(&term)?;
            Ok(rows.into_iter().map(|row| Address::from(row).doc).collect())
        };
        let found = self.read(|| self.segments.iter().map(of_segment).collect())?;
        Ok(self.pending.get_or_init(|| found))
    }

    /// The hash of what was embedded of each document of each segment, from the dictionary that leads the other way.
    fn embedded_hashes(&self) -> tantivy::Result<Vec<Vec<EmbeddedHash>>> {
        let of_segment = |segment: &Segment| {
            let mut hashes = vec![NOTHING_EMBEDDED; segment.reader.max_doc() as usize];
            let dictionary = segment.dictionary(self.fields.embedded)?;
            dictionary.walk_beginning(&[], |term, info| {
                let hash = term.try_into().map_or(NOTHING_EMBEDDED, EmbeddedHash);
                for row in segment.living(dictionary.postings(info, IndexRecordOption::Basic)?) {
                    hashes[Address::from(row).doc as usize] = hash;
                }
                Ok(true)
            })?;
            Ok(hashes)
        };
        self.segments.iter().map(of_segment).collect()
    }
}
