//! Phrases: words that passages must have in a row.
//!
//! Words are compared as they are typed, but for capitals and accents. Since an index has words by their stems, passages
//! that have the stems are found first, and then their texts are read. In titles stems are enough. A name as written (`snake_case`) must be there as written; what capitals or hyphens join
//! (`DataFrame`, `copy-on-write`) may be written as one, joined or apart.

use std::borrow::Cow;
use std::collections::HashMap;

use rayon::prelude::*;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{BitSet, Term};

use super::analyzer::{self, Side, Token};
use super::bm25f::BODY;
use super::postings::Postings;
use super::schema::{Fields, words};
use super::segment::Segment;
use crate::threads;
use crate::words::{Language, Script};

/// The most terms of a phrase that count.
const MOST_TERMS: usize = 256;
/// The passages that are read in one task.
const PASSAGES_PER_TASK: usize = 32;

/// Words that follow each other.
pub(super) struct Phrase {
    /// The terms, in notes in each language of the index, English first.
    pub(super) readings: Vec<Reading>,
    /// The words that the terms were made of, if no others will do.
    exact: Option<Vec<Element>>,
}

/// The terms of a phrase in notes in one language.
#[derive(PartialEq, Eq)]
pub(super) struct Reading(Vec<Element>);

/// A word of a phrase.
#[derive(Default, PartialEq, Eq)]
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
    /// Words that may have any ending, in an index that has some languages besides English.
    pub(super) fn new(words: &str, languages: &[Language]) -> Self {
        let tokens = analyzer::tokens(words, MOST_TERMS);
        let reading =
            |language: &Language| Reading(elements(&tokens, |token| token.term_in(*language).into_owned()));
        let mut readings: Vec<Reading> = [Language::English].iter().chain(languages).map(reading).collect();
        // Where a language takes nothing off, its terms are those of another.
        readings.dedup();
        Self { readings, exact: None }
    }

    /// Words as they are typed.
    pub(super) fn exact(words: &str, languages: &[Language]) -> Self {
        let exact = elements(&analyzer::tokens(words, MOST_TERMS), |token| token.word.clone());
        // Nothing else has the stem of what is in the letters of none of the languages.
        let is_inflected = |c: char| {
            let script = Script::of(c);
            (c.is_alphabetic() && (c as u32) < 0x250)
                || languages.iter().any(|language| script == Some(language.script()))
        };
        Self { exact: words.contains(is_inflected).then_some(exact), ..Self::new(words, languages) }
    }

    /// The documents of a segment among `selected` that have the words in one of these fields.
    pub(super) fn documents(
        &self,
        segment: &Segment,
        fields: &Fields,
        among: &[Field],
        selected: &BitSet,
    ) -> tantivy::Result<BitSet> {
        let mut documents = BitSet::with_max_value(segment.reader.max_doc());
        for &field in among {
            let mut found = Vec::new();
            for reading in &self.readings {
                found.extend(reading.documents_in(segment, field)?);
            }
            found.sort_unstable();
            found.dedup();
            found.retain(|&doc| selected.contains(doc) && !documents.contains(doc));
            let number = fields.words.iter().position(|other| *other == field).unwrap_or(BODY);
            let has = |&doc: &u32| -> tantivy::Result<Option<u32>> {
                if self.exact.is_none() {
                    return Ok(Some(doc));
                }
                let stored = segment.stored_passage(fields, doc)?;
                let texts = &words(&(&stored).into(), &stored.passage)[number];
                Ok(self.is_exactly_in(texts).then_some(doc))
            };
            let found: Vec<_> = if threads::are_for(found.len().div_ceil(PASSAGES_PER_TASK)) {
                found.par_iter().map(has).collect::<tantivy::Result<_>>()?
            } else {
                found.iter().map(has).collect::<tantivy::Result<_>>()?
            };
            for doc in found.into_iter().flatten() {
                documents.insert(doc);
            }
        }
        Ok(documents)
    }

    /// Whether one of some texts, the values of a field, has the words as they are typed.
    pub(super) fn is_exactly_in(&self, texts: &[Cow<'_, str>]) -> bool {
        let elements = self.exact.as_ref().unwrap_or(&self.readings[0].0);
        let words: Vec<&str> = words_of(elements).collect();
        // Of a word that comes again only one place is filled, by which it is looked up.
        let wanted: HashMap<&str, usize> = words.iter().copied().zip(0..).collect();
        texts.iter().any(|text| {
            let mut positions = vec![Vec::new(); words.len()];
            analyzer::each(text, Side::Index, |token| {
                let found = if self.exact.is_some() { &token.word } else { &token.term };
                if let Some(&word) = wanted.get(found.as_str()) {
                    positions[word].push(token.position as u32);
                }
                true
            });
            follow_each_other(elements, |at| {
                wanted.get(words[at]).map_or_else(Vec::new, |&word| positions[word].clone())
            })
        })
    }
}

impl Reading {
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
        words_of(&self.0)
    }

    /// Whether the elements follow each other, in a text in which the [terms](Self::terms) have these positions, by their
    /// numbers. A phrase without words is nowhere.
    pub(super) fn is_at(&self, positions: impl FnMut(usize) -> Vec<u32>) -> bool {
        follow_each_other(&self.0, positions)
    }

    /// The documents that have all words, wherever; `None` for a phrase without words.
    fn candidates(&self, segment: &Segment, field: Field) -> tantivy::Result<Option<Vec<u32>>> {
        self.candidates_by(|term| {
            let postings = segment.postings(&Term::from_field_text(field, term), IndexRecordOption::Basic)?;
            Ok(postings.map_or_else(Vec::new, all))
        })
    }

    /// The documents that have all words, wherever, of which `documents` gives those that have a term, in ascending order;
    /// `None` for a phrase without words.
    pub(super) fn candidates_by<E>(
        &self,
        mut documents: impl FnMut(&str) -> Result<Vec<u32>, E>,
    ) -> Result<Option<Vec<u32>>, E> {
        let mut candidates: Option<Vec<u32>> = None;
        for element in &self.0 {
            let mut docs = documents(&element.whole)?;
            let in_parts = element.parts.iter().map(|part| documents(part)).collect::<Result<Vec<_>, E>>()?;
            docs.extend(in_parts.into_iter().reduce(|a, b| common(&a, &b)).unwrap_or_default());
            docs.sort_unstable();
            docs.dedup();
            candidates = Some(candidates.map_or_else(|| docs.clone(), |before| common(&before, &docs)));
        }
        Ok(candidates)
    }
}

/// Makes the elements of a phrase, of the terms or of the words.
fn elements(tokens: &[Token], text: impl Fn(&Token) -> String) -> Vec<Element> {
    let mut elements: Vec<Element> = Vec::new();
    let mut end = 0;
    for token in tokens {
        let &Token { position, length, part, .. } = token;
        match elements.last_mut() {
            // A name has its parts anyway, and so has a part with parts.
            Some(element) if part => {
                if length == 1 && element.may_be_apart() {
                    element.parts.push(text(token));
                }
            }
            _ => {
                let skipped = position.saturating_sub(end) as u32;
                end = position + length;
                let whole = text(token);
                elements.push(Element { whole, length: length as u32, skipped, ..Element::default() });
            }
        }
    }
    elements
}

/// The words of elements, of each the whole and then its parts.
fn words_of(elements: &[Element]) -> impl Iterator<Item = &str> {
    let words = elements.iter().flat_map(|element| [&element.whole].into_iter().chain(&element.parts));
    words.map(String::as_str)
}

/// Whether elements follow each other, in a text in which their words have these positions, by their numbers.
fn follow_each_other(elements: &[Element], mut positions: impl FnMut(usize) -> Vec<u32>) -> bool {
    let (mut starts, mut next): (Option<Vec<u32>>, usize) = (None, 0);
    for element in elements {
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

impl Element {
    /// Whether its parts may be written apart: those of a name as written may not, but a number and its unit may.
    fn may_be_apart(&self) -> bool {
        let number = self.whole.starts_with(|c: char| c.is_ascii_digit());
        let unit = self.whole.ends_with(char::is_alphabetic);
        (number && unit) || !self.whole.contains(['_', '.'])
    }

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
            ends.push(at + self.length);
            // What may be written apart may have been written as one word.
            ends.extend((!self.parts.is_empty()).then_some(at + 1));
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
pub(super) fn common(a: &[u32], b: &[u32]) -> Vec<u32> {
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
