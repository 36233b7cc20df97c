//! The postings of a term: in which documents of a segment it is, how often, and where.
//!
//! tantivy reads postings unchecked. So this checks, before and while it does, that documents ascend and exist, and that
//! none has a term more often than there are positions. Anything else is remembered as damage, and ends the list.

use std::ops::Range;

use tantivy::index::InvertedIndexReader;
use tantivy::postings::{Postings as _, SegmentPostings, TermInfo};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, TERMINATED};

use super::inverted::Inverted;
use super::structure::{Cursor, TOKENS, inconsistent};

/// The number of documents, or of positions, that are packed together.
const PACK: u32 = 128;
/// The most positions that a term may have in a document.
const MOST_POSITIONS: u32 = 1 << 24;

/// The documents of a term, in ascending order, deleted ones included.
pub(super) struct Postings<'a> {
    segment: &'a Inverted,
    inner: SegmentPostings,
    doc: u32,
    /// The most positions that there can be.
    positions: u32,
}

impl<'a> Postings<'a> {
    /// Opens the postings that the dictionary names for a term.
    pub(super) fn open(
        segment: &'a Inverted,
        index: &InvertedIndexReader,
        field: Field,
        info: &TermInfo,
        option: IndexRecordOption,
    ) -> tantivy::Result<Self> {
        let recorded = segment.reader.schema().get_field_entry(field).field_type().get_index_record_option();
        let recorded = recorded.unwrap_or(IndexRecordOption::Basic);
        let files = &segment.files;
        let documents = files.postings.part(field).and_then(|part| {
            let of_terms = part.start.checked_add(TOKENS)?..part.end;
            inside(&of_terms, &info.postings_range)
        });
        check_documents(segment, documents, info.doc_freq, recorded)
            .map_err(|what| segment.damage("idx", what))?;
        let mut positions = 0;
        if recorded.has_positions() && option.has_positions() {
            let part = files.positions.part(field).and_then(|part| inside(&part, &info.positions_range));
            positions = count_positions(segment, part).map_err(|what| segment.damage("pos", what))?;
        }
        let inner = index.read_postings_from_terminfo(info, option)?;
        let mut postings = Self { segment, inner, doc: 0, positions };
        postings.take(postings.inner.doc(), 0);
        Ok(postings)
    }

    /// The document at hand, or [`TERMINATED`] behind the last one.
    pub(super) fn doc(&self) -> u32 {
        self.doc
    }

    /// Visits each of the documents.
    pub(super) fn for_each(mut self, mut visit: impl FnMut(&mut Self)) {
        while self.doc != TERMINATED {
            visit(&mut self);
            // A visit that has found damage has ended the list.
            if self.doc != TERMINATED {
                let next = self.inner.advance();
                self.take(next, self.doc + 1);
            }
        }
    }

    /// Goes on to a document, or to the first one behind it, unless it is there or farther already.
    pub(super) fn seek(&mut self, target: u32) -> u32 {
        if self.doc >= target {
            return self.doc;
        }
        let next = self.inner.seek(target);
        self.take(next, target)
    }

    /// How often the document at hand has the term.
    pub(super) fn term_freq(&self) -> u32 {
        self.inner.term_freq()
    }

    /// The positions of the term in the document at hand.
    pub(super) fn positions(&mut self, positions: &mut Vec<u32>) {
        positions.clear();
        if self.term_freq() > self.positions {
            self.segment.damage("idx", inconsistent());
            self.doc = TERMINATED;
            return;
        }
        self.inner.positions(positions);
    }

    fn take(&mut self, doc: u32, least: u32) -> u32 {
        let is_right = doc == TERMINATED || (least..self.segment.reader.max_doc()).contains(&doc);
        if !is_right {
            self.segment.damage("idx", inconsistent());
        }
        self.doc = if is_right { doc } else { TERMINATED };
        self.doc
    }
}

/// A range within a part of a file, as one of the file.
fn inside(part: &Range<usize>, range: &Range<usize>) -> Option<Range<usize>> {
    let (start, end) = (part.start.checked_add(range.start)?, part.start.checked_add(range.end)?);
    (start <= end && end <= part.end).then_some(start..end)
}

/// Checks that a list of so many documents can be in its place, with all that leads to its packs.
fn check_documents(
    segment: &Inverted,
    place: Option<Range<usize>>,
    number: u32,
    recorded: IndexRecordOption,
) -> Result<(), String> {
    let documents = segment.reader.max_doc();
    let place = place.filter(|_| (1..=documents).contains(&number)).ok_or_else(inconsistent)?;
    let bytes = segment.files.postings.file.get(place)?;
    if number < PACK {
        // Each takes a byte at least.
        return if bytes.len() < number as usize { Err(inconsistent()) } else { Ok(()) };
    }
    packs(Cursor(bytes), number, recorded, documents).ok_or_else(inconsistent)
}

/// Checks a list with packs: each says its last document, and how many bits a document takes.
fn packs(mut bytes: Cursor<'_>, number: u32, recorded: IndexRecordOption, documents: u32) -> Option<()> {
    let skips = usize::try_from(bytes.vint()?).ok()?;
    let (skips, packed) = bytes.0.split_at_checked(skips)?;
    let entry = match recorded {
        IndexRecordOption::Basic => 5,
        IndexRecordOption::WithFreqs => 8,
        IndexRecordOption::WithFreqsAndPositions => 12,
    };
    if skips.len() != (number / PACK) as usize * entry {
        return None;
    }
    let (mut before, mut size) = (None, (number % PACK) as usize);
    for skip in skips.chunks_exact(entry) {
        let mut skip = Cursor(skip);
        let (last, bits) = (skip.u32()?, skip.byte()?);
        let counts = if recorded == IndexRecordOption::Basic { 0 } else { skip.byte()? };
        // The bit says that what is packed are differences.
        let is_right = before.is_none_or(|before| last > before)
            && last < documents
            && bits & !31 == 1 << 6
            && counts <= 32;
        if !is_right {
            return None;
        }
        before = Some(last);
        size += (usize::from(bits & 31) + usize::from(counts)) * (PACK / 8) as usize;
    }
    (size <= packed.len()).then_some(())
}

/// The most positions that there can be in a place.
fn count_positions(segment: &Inverted, place: Option<Range<usize>>) -> Result<u32, String> {
    let mut bytes = Cursor(segment.files.positions.file.get(place.ok_or_else(inconsistent)?)?);
    let packs = bytes.vint().filter(|packs| *packs <= bytes.0.len() as u64).ok_or_else(inconsistent)?;
    let most = (packs + 1).saturating_mul(PACK.into());
    Ok(u32::try_from(most).unwrap_or(MOST_POSITIONS).min(MOST_POSITIONS))
}
