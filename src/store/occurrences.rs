//! Document frequencies and occurrences of terms in a snapshot, as its segments' postings tell them.

use std::collections::BTreeSet;
use std::path::Path;

use tantivy::query::FuzzyTermQuery;
use tantivy::schema::IndexRecordOption;
use tantivy::{BitSet, Term};

use super::accept::Accept;
use super::bm25f::{FIELDS, FieldLength, length_of_class};
use super::row::Address;
use super::schema::Fields;
use super::segment::Segment;
use super::snapshot::Snapshot;
use super::tantivy_errors::in_index;
use super::terms::{Frequencies, Occurrence, Occurrences};
use crate::error::Result;
use crate::hit::Row;
use crate::words::Language;

/// How many bytes a character takes at most.
const LONGEST_CHARACTER: usize = 4;

impl Snapshot {
    /// The languages that its notes are in, but for English, in their order. Looked up for the first question, and kept.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`](crate::error::Error::Corrupt) or [`Error::Io`](crate::error::Error::Io) if the index can't be read.
    pub fn languages(&self) -> Result<Vec<Language>> {
        self.languages_or(|| self.read(|| languages_of(self.segments(), self.fields())))
    }
}

impl Frequencies for Snapshot {
    fn passages(&self) -> u64 {
        self.segments().iter().map(|segment| u64::from(segment.reader.num_docs())).sum()
    }

    fn languages(&self) -> Result<Vec<Language>> {
        self.languages()
    }

    /// Counted for the first question, and kept.
    fn field_lengths(&self) -> Result<[FieldLength; FIELDS]> {
        let count = || count_lengths(self.segments(), self.fields()).map_err(in_index("read", self.dir()));
        self.field_lengths_or(count)
    }

    fn in_field(&self, term: &str, field: usize) -> Result<u64> {
        let term = Term::from_field_text(self.fields().words[field], term);
        let living = |segment: &Segment| segment.doc_freq(&term);
        self.segments().iter().map(living).sum::<tantivy::Result<u64>>().map_err(in_index("read", self.dir()))
    }

    fn in_any_field(&self, term: &str) -> Result<u64> {
        let terms = self.fields().words.map(|field| Term::from_field_text(field, term));
        let living = |segment: &Segment| {
            let accept = segment.accept(None);
            let mut found = BitSet::with_max_value(segment.reader.max_doc());
            for term in &terms {
                let Some(postings) = segment.postings(term, IndexRecordOption::Basic)? else { continue };
                postings.for_each(|postings| {
                    if accept.contains(postings.doc()) {
                        found.insert(postings.doc());
                    }
                });
            }
            Ok(found.len() as u64)
        };
        self.segments().iter().map(living).sum::<tantivy::Result<u64>>().map_err(in_index("read", self.dir()))
    }

    fn within(&self, term: &str, edits: u8) -> Result<BTreeSet<String>> {
        let search = || {
            let mut found = BTreeSet::new();
            let query = FuzzyTermQuery::new(Term::from_field_text(self.fields().words[0], term), edits, true);
            let automaton = query.automaton()?;
            let longest = (term.chars().count() + usize::from(edits)) * LONGEST_CHARACTER;
            for segment in self.segments() {
                for field in self.fields().words {
                    segment.dictionary(field)?.search(&automaton, longest, |term, _| {
                        found.insert(String::from_utf8_lossy(term).into_owned());
                        Ok(true)
                    })?;
                }
            }
            tantivy::Result::Ok(found)
        };
        search().map_err(in_index("read", self.dir()))
    }

    fn visit_terms(&self, visit: &mut dyn FnMut(&str)) -> Result<()> {
        let mut walk = || {
            for segment in self.segments() {
                for field in self.fields().words {
                    segment.dictionary(field)?.walk(b"", None, |term, _| {
                        if term.contains(&b'@') {
                            visit(&String::from_utf8_lossy(term));
                        }
                        Ok(true)
                    })?;
                }
            }
            tantivy::Result::Ok(())
        };
        walk().map_err(in_index("read", self.dir()))
    }
}

/// The languages of the living documents, but for English.
fn languages_of(segments: &[Segment], fields: &Fields) -> tantivy::Result<Vec<Language>> {
    let mut found = BTreeSet::new();
    for segment in segments {
        let codes = segment.dictionary(fields.language)?;
        codes.walk(b"", None, |code, postings| {
            let known = std::str::from_utf8(code).ok().and_then(Language::by_code);
            if let Some(language) = known.filter(|language| !found.contains(language))
                && !segment.living(codes.postings(postings, IndexRecordOption::Basic)?).is_empty()
            {
                found.insert(language);
            }
            Ok(true)
        })?;
    }
    Ok(found.into_iter().collect())
}

/// Counts how long the fields of the living documents are.
fn count_lengths(segments: &[Segment], fields: &Fields) -> tantivy::Result<[FieldLength; FIELDS]> {
    let mut lengths = [FieldLength::default(); FIELDS];
    for segment in segments {
        let accept = segment.accept(None);
        for (length, field) in lengths.iter_mut().zip(fields.words) {
            let Some(norms) = segment.reader.fieldnorms_readers().get_field(field)? else { continue };
            // Passages next to each other are counted apart: a count waits for the one before it of the same class.
            let mut of_class = [[0u32; 256]; 4];
            let docs = 0..segment.reader.max_doc().min(norms.num_docs());
            let mut count = |doc: u32| of_class[doc as usize % 4][usize::from(norms.fieldnorm_id(doc))] += 1;
            if accept.is_all() {
                docs.for_each(count);
            } else {
                docs.filter(|&doc| accept.contains(doc)).for_each(&mut count);
            }
            let passages_of = |class: usize| of_class.iter().map(|of_class| u64::from(of_class[class])).sum();
            let before = length.words;
            for class in 0..=u8::MAX {
                let (words, passages): (_, u64) = (length_of_class(class), passages_of(usize::from(class)));
                length.passages += if words > 0 { passages } else { 0 };
                length.words += passages * u64::from(words);
            }
            if length.words > before && segment.inverted().files.terms.part(field).is_none() {
                return Err(segment.damage("term", "a field is missing"));
            }
        }
    }
    Ok(lengths)
}

/// A segment with the documents of it that a question may find.
pub(super) struct SegmentPart<'a> {
    /// The folder of the index.
    pub(super) dir: &'a Path,
    pub(super) fields: &'a Fields,
    pub(super) segment: &'a Segment,
    pub(super) accept: Accept<'a>,
}

impl Occurrences for SegmentPart<'_> {
    fn documents(&self) -> u32 {
        self.segment.reader.max_doc()
    }

    fn accepts(&self, doc: u32) -> bool {
        self.accept.contains(doc)
    }

    fn row(&self, doc: u32) -> Row {
        Address { segment: self.segment.number, doc }.into()
    }

    fn id(&self, doc: u32) -> Result<u128> {
        Ok(self.segment.id(doc)?.0)
    }

    fn visit(&self, term: &str, field: usize, mut visit: impl FnMut(Occurrence)) -> Result<()> {
        let mut walk = || {
            let term = Term::from_field_text(self.fields.words[field], term);
            let option = IndexRecordOption::WithFreqs;
            let Some(postings) = self.segment.postings(&term, option)? else { return Ok(()) };
            let norms = self.segment.reader.get_fieldnorms_reader(term.field())?;
            postings.for_each(|postings| {
                let doc = postings.doc();
                visit(Occurrence { doc, count: postings.term_freq(), length: norms.fieldnorm_id(doc) });
            });
            Ok(())
        };
        walk().map_err(in_index("read", self.dir))
    }

    fn visit_some(
        &self,
        term: &str,
        field: usize,
        docs: &[u32],
        positions: bool,
        mut visit: impl FnMut(usize, Occurrence, &[u32]),
    ) -> Result<()> {
        let mut walk = || {
            let term = Term::from_field_text(self.fields.words[field], term);
            let option = if positions {
                IndexRecordOption::WithFreqsAndPositions
            } else {
                IndexRecordOption::WithFreqs
            };
            let Some(mut postings) = self.segment.postings(&term, option)? else { return Ok(()) };
            let norms = self.segment.reader.get_fieldnorms_reader(term.field())?;
            let mut places = Vec::new();
            for (at, &doc) in docs.iter().enumerate() {
                if postings.seek(doc) != doc {
                    continue;
                }
                let (count, length) = (postings.term_freq(), norms.fieldnorm_id(doc));
                if positions {
                    postings.positions(&mut places);
                }
                visit(at, Occurrence { doc, count, length }, &places);
            }
            Ok(())
        };
        walk().map_err(in_index("read", self.dir))
    }
}
