//! Phrases: words that passages must have in a row.
//!
//! Words are compared as the [analyzer] makes terms of them: without regard to capitals, accents
//! and endings. A name as written (`snake_case`) must be there as written; what capitals or hyphens join
//! (`DataFrame`, `copy-on-write`) may be written as one, joined or apart.

use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{BitSet, Term};

use super::analyzer::{self, Token};
use super::postings::Postings;
use super::segment::Segment;

/// The most terms of a phrase that count.
const MOST_TERMS: usize = 256;

/// Words that follow each other.
pub(super) struct Phrase(Vec<Element>);

/// A word of a phrase.
struct Element {
    /// The word, or a name as a whole.
    whole: String,
    /// The parts by which it may be found too; none for a word, and for a name that must be there as written.
    parts: Vec<String>,
    /// The positions that it takes, written in parts.
    length: u32,
    /// The positions between the element before and this one: those of words that aren't indexed.
    skipped: u32,
}

impl Phrase {
    /// Analyses the words.
    pub(super) fn new(words: &str) -> Self {
        let mut elements: Vec<Element> = Vec::new();
        let mut end = 0;
        for Token { term, position, length, part, .. } in analyzer::tokens(words, MOST_TERMS) {
            match elements.last_mut() {
                // A name has its parts anyway, and so has a part with parts.
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
        let open = |term: &str| {
            let term = Term::from_field_text(field, term);
            segment.postings(&term, IndexRecordOption::WithFreqsAndPositions)
        };
        let mut postings = self.terms().map(open).collect::<tantivy::Result<Vec<_>>>()?;
        candidates.retain(|&doc| {
            self.is_at(|term| postings[term].as_mut().map_or_else(Vec::new, |found| positions(found, doc)))
        });
        Ok(candidates)
    }

    /// The terms that the phrase consists of, of each element the whole and then its parts.
    pub(super) fn terms(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .flat_map(|element| [&element.whole].into_iter().chain(&element.parts))
            .map(String::as_str)
    }

    /// Whether the elements follow each other, in a text in which the [terms](Self::terms) have these positions, by their
    /// numbers. A phrase without words is nowhere.
    pub(super) fn is_at(&self, mut positions: impl FnMut(usize) -> Vec<u32>) -> bool {
        let (mut starts, mut next): (Option<Vec<u32>>, usize) = (None, 0);
        for element in &self.0 {
            let whole = positions(next);
            let parts: Vec<Vec<u32>> = (0..element.parts.len()).map(|at| positions(next + 1 + at)).collect();
            next += 1 + parts.len();
            let ends = element.ends(&whole, &parts, starts.as_deref());
            if ends.is_empty() {
                return false;
            }
            starts = Some(ends);
        }
        starts.is_some()
    }

    /// The documents that have all words, wherever; `None` for a phrase without words.
    fn candidates(&self, segment: &Segment, field: Field) -> tantivy::Result<Option<Vec<u32>>> {
        let documents = |term: &String| {
            let postings = segment.postings(&Term::from_field_text(field, term), IndexRecordOption::Basic)?;
            tantivy::Result::Ok(postings.map_or_else(Vec::new, all))
        };
        let mut candidates: Option<Vec<u32>> = None;
        for element in &self.0 {
            let mut docs = documents(&element.whole)?;
            let in_parts = element.parts.iter().map(documents).collect::<tantivy::Result<Vec<_>>>()?;
            docs.extend(in_parts.into_iter().reduce(|a, b| common(&a, &b)).unwrap_or_default());
            docs.sort_unstable();
            docs.dedup();
            candidates = Some(candidates.map_or_else(|| docs.clone(), |before| common(&before, &docs)));
        }
        Ok(candidates)
    }
}

impl Element {
    /// The positions behind the element, where it stands behind one of `starts`, if there are any: `whole` are those of the
    /// word or name, `parts` those of each part.
    fn ends(&self, whole: &[u32], parts: &[Vec<u32>], starts: Option<&[u32]>) -> Vec<u32> {
        let begins = |at: &u32| {
            starts.is_none_or(|starts| {
                at.checked_sub(self.skipped).is_some_and(|start| starts.binary_search(&start).is_ok())
            })
        };
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
fn all(postings: Postings<'_>) -> Vec<u32> {
    let mut docs = Vec::new();
    postings.for_each(|postings| docs.push(postings.doc()));
    docs
}

/// The common members of two ascending lists.
fn common(a: &[u32], b: &[u32]) -> Vec<u32> {
    let mut b = b.iter().copied().peekable();
    let in_b = |&&doc: &&u32| {
        while b.next_if(|other| *other < doc).is_some() {}
        b.peek() == Some(&doc)
    };
    a.iter().filter(in_b).copied().collect()
}

/// The positions of a term in a document; documents are asked for in ascending order.
fn positions(postings: &mut Postings<'_>, doc: u32) -> Vec<u32> {
    let mut positions = Vec::new();
    if postings.seek(doc) == doc {
        postings.positions(&mut positions);
    }
    positions
}
