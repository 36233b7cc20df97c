//! Which passages have given words in a row?
//!
//! Words are compared as the [analyzer](super::analyzer) makes terms of them: without regard to capitals, accents
//! and endings. A name as written (`snake_case`) must be there as written; what capitals or hyphens join
//! (`DataFrame`, `copy-on-write`) may be written as one, joined or apart.

use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{BitSet, TERMINATED, Term};

use super::analyzer::{self, Placed};
use super::postings::Postings;
use super::segment::Segment;

/// No more terms of a phrase are looked at.
const MOST_TERMS: usize = 256;

/// Words that follow each other.
pub(super) struct Phrase(Vec<Element>);

/// A word of a phrase.
struct Element {
    /// The word, or a name as a whole.
    whole: String,
    /// The parts by which it may be found too; none for a word, and for a name that must be there as written.
    parts: Vec<String>,
    /// How many positions it takes, written in parts.
    length: u32,
    /// How many positions lie between the element before and this one: those of words that aren't indexed.
    skipped: u32,
}

/// Where an element is found.
struct Found<'a> {
    whole: Option<Postings<'a>>,
    /// The postings of all parts, or none if one of them is nowhere.
    parts: Vec<Postings<'a>>,
}

impl Phrase {
    /// Analyses the words.
    pub(super) fn new(words: &str) -> Self {
        let mut elements: Vec<Element> = Vec::new();
        let mut end = 0;
        for Placed { term, position, length, part, .. } in analyzer::tokens(words, MOST_TERMS) {
            match elements.last_mut() {
                // A name has its parts anyway, and a part that has parts is told by them.
                Some(element) if part => {
                    if length == 1 && !element.whole.contains(['_', '.']) {
                        element.parts.push(term);
                    }
                }
                _ => {
                    let skipped = position.saturating_sub(end) as u32;
                    end = position + length;
                    elements.push(Element { whole: term, parts: vec![], length: length as u32, skipped });
                }
            }
        }
        Self(elements)
    }

    /// The documents of a segment that have the words in one of these fields, deleted ones included.
    pub(super) fn documents(&self, segment: &Segment, fields: &[Field]) -> tantivy::Result<BitSet> {
        let mut documents = BitSet::with_max_value(segment.reader.max_doc());
        for &field in fields {
            for doc in self.documents_in(segment, field)? {
                documents.insert(doc);
            }
        }
        Ok(documents)
    }

    fn documents_in(&self, segment: &Segment, field: Field) -> tantivy::Result<Vec<u32>> {
        let Some(mut candidates) = self.candidates(segment, field)? else { return Ok(Vec::new()) };
        if self.0.len() == 1 && self.0[0].parts.is_empty() {
            return Ok(candidates);
        }
        let option = IndexRecordOption::WithFreqsAndPositions;
        let find = |element: &Element| element.find(segment, field, option);
        let mut found = self.0.iter().map(find).collect::<tantivy::Result<Vec<_>>>()?;
        candidates.retain(|&doc| {
            let mut starts: Option<Vec<u32>> = None;
            for (element, found) in self.0.iter().zip(&mut found) {
                let ends = element.ends(found, doc, starts.as_deref());
                if ends.is_empty() {
                    return false;
                }
                starts = Some(ends);
            }
            true
        });
        Ok(candidates)
    }

    /// The documents that have all words, wherever; `None` for a phrase without words.
    fn candidates(&self, segment: &Segment, field: Field) -> tantivy::Result<Option<Vec<u32>>> {
        let mut candidates: Option<Vec<u32>> = None;
        for element in &self.0 {
            let Found { whole, parts } = element.find(segment, field, IndexRecordOption::Basic)?;
            let mut docs = whole.map_or_else(Vec::new, all);
            let in_parts = parts.into_iter().map(all).reduce(|a, b| common(&a, &b));
            docs.extend(in_parts.unwrap_or_default());
            docs.sort_unstable();
            docs.dedup();
            candidates = Some(candidates.map_or_else(|| docs.clone(), |before| common(&before, &docs)));
        }
        Ok(candidates)
    }
}

impl Element {
    fn find<'a>(
        &self,
        segment: &'a Segment,
        field: Field,
        option: IndexRecordOption,
    ) -> tantivy::Result<Found<'a>> {
        let postings = |term: &String| segment.postings(&Term::from_field_text(field, term), option);
        let parts = self.parts.iter().map(postings).collect::<tantivy::Result<Option<Vec<_>>>>()?;
        Ok(Found { whole: postings(&self.whole)?, parts: parts.unwrap_or_default() })
    }

    /// The positions behind the element in a document, where it stands behind one of `starts`, if there are any.
    fn ends(&self, found: &mut Found<'_>, doc: u32, starts: Option<&[u32]>) -> Vec<u32> {
        let begins = |at: &u32| {
            starts.is_none_or(|starts| {
                at.checked_sub(self.skipped).is_some_and(|start| starts.binary_search(&start).is_ok())
            })
        };
        let whole = found.whole.as_mut().map_or_else(Vec::new, |postings| positions(postings, doc));
        let parts: Vec<Vec<u32>> = found.parts.iter_mut().map(|postings| positions(postings, doc)).collect();
        let in_parts = |at: u32| {
            let follows =
                |(positions, behind): (&Vec<u32>, u32)| positions.binary_search(&(at + behind)).is_ok();
            !parts.is_empty() && parts.iter().zip(0..).all(follows)
        };
        let mut ends: Vec<u32> = Vec::new();
        for at in whole.iter().copied().filter(begins) {
            // What may be written apart was written as one word, unless its parts are there as well.
            let one = !self.parts.is_empty() && !in_parts(at);
            ends.push(at + if one { 1 } else { self.length });
        }
        let apart = parts.first().into_iter().flatten().copied().filter(begins);
        ends.extend(apart.filter(|&at| in_parts(at)).map(|at| at + self.length));
        ends.sort_unstable();
        ends.dedup();
        ends
    }
}

/// All documents of some postings.
fn all(mut postings: Postings<'_>) -> Vec<u32> {
    let mut docs = Vec::new();
    while postings.doc() != TERMINATED {
        docs.push(postings.doc());
        postings.advance();
    }
    docs
}

/// What two ascending lists have in common.
fn common(a: &[u32], b: &[u32]) -> Vec<u32> {
    let mut b = b.iter().copied().peekable();
    let in_b = |&&doc: &&u32| {
        while b.next_if(|other| *other < doc).is_some() {}
        b.peek() == Some(&doc)
    };
    a.iter().filter(in_b).copied().collect()
}

/// Where a term stands in a document; documents are asked for in ascending order.
fn positions(postings: &mut Postings<'_>, doc: u32) -> Vec<u32> {
    let mut positions = Vec::new();
    if postings.seek(doc) == doc {
        postings.positions(&mut positions);
    }
    positions
}
