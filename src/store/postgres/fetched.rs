//! Passages that were fetched, and what the words of a question have in common with them.

use std::collections::{HashMap, HashSet};

use super::passage_words::PassageWords;
use super::postings::Posting;
use crate::document::{EmbeddedHash, PassageId};
use crate::error::Result;
use crate::hit::{Row, StoredPassage};
use crate::store::bm25f::FIELDS;
use crate::store::terms::{Occurrence, Occurrences};
use crate::store::{PartVectors, Vector, stored_passage};

/// All that the database has of a passage.
#[derive(Clone, Debug)]
pub(super) struct Fetched {
    /// Its number, which is its row.
    pub(super) number: u32,
    /// Its id.
    pub(super) id: PassageId,
    /// Its vector.
    pub(super) vector: Vector,
    /// The vectors of its parts.
    pub(super) parts: PartVectors,
    /// Its words; see [`passage_words`](super::passage_words).
    pub(super) words: Vec<u8>,
    /// The passage, as [`stored_passage::decode`] reads it.
    pub(super) stored: Vec<u8>,
    /// Whether it links to notes, or its note has other names.
    pub(super) is_labelled: bool,
    /// The hash of what was embedded.
    pub(super) embedded: EmbeddedHash,
    /// The ids of other passages before and behind its own: none is more like it.
    pub(super) similar: [Option<String>; 2],
}

impl Fetched {
    /// The passage; an error says what is wrong with it.
    pub(super) fn passage(&self) -> Result<StoredPassage, String> {
        stored_passage::decode(self.id, &self.stored)
    }
}

/// The words of some fetched passages, whose documents are their numbers.
pub(super) struct WordsOf<'a> {
    of: HashMap<u32, PassageWords>,
    ids: HashMap<u32, u128>,
    accepts: &'a (dyn Fn(u32) -> bool + Sync),
    /// The numbers in ascending order.
    numbers: Vec<u32>,
}

impl<'a> WordsOf<'a> {
    /// Decodes the wanted words of some passages; an error says what is wrong with them.
    pub(super) fn decode<'f>(
        fetched: impl Iterator<Item = &'f Fetched>,
        wanted: &HashSet<String>,
        accepts: &'a (dyn Fn(u32) -> bool + Sync),
    ) -> Result<Self, String> {
        let (mut of, mut ids, mut numbers) = (HashMap::new(), HashMap::new(), Vec::new());
        for passage in fetched {
            let words = PassageWords::decode(&passage.words, Some(wanted));
            let words = words.ok_or_else(|| "the words of a passage can't be read".to_owned())?;
            if of.insert(passage.number, words).is_none() {
                numbers.push(passage.number);
            }
            ids.insert(passage.number, passage.id.0);
        }
        numbers.sort_unstable();
        Ok(Self { of, ids, accepts, numbers })
    }

    fn occurrence(&self, number: u32, term: &str, field: usize) -> Option<(Occurrence, &[u32])> {
        let words = self.of.get(&number)?;
        let positions = words.terms.get(term)?[field].as_deref()?;
        let found = Occurrence { doc: number, count: positions.len() as u32, length: words.lengths[field] };
        Some((found, positions))
    }
}

impl Occurrences for WordsOf<'_> {
    /// More than any of their numbers.
    fn documents(&self) -> u32 {
        self.numbers.last().map_or(0, |last| last.saturating_add(1))
    }

    fn accepts(&self, doc: u32) -> bool {
        (self.accepts)(doc)
    }

    fn row(&self, doc: u32) -> Row {
        Row::new(doc.into())
    }

    fn id(&self, doc: u32) -> Result<u128> {
        Ok(self.ids.get(&doc).copied().unwrap_or_default())
    }

    fn visit(&self, term: &str, field: usize, mut visit: impl FnMut(Occurrence)) -> Result<()> {
        let found = self.numbers.iter().filter_map(|&number| self.occurrence(number, term, field));
        found.for_each(|(found, _)| visit(found));
        Ok(())
    }

    fn visit_some(
        &self,
        term: &str,
        field: usize,
        docs: &[u32],
        positions: bool,
        mut visit: impl FnMut(usize, Occurrence, &[u32]),
    ) -> Result<()> {
        for (at, &doc) in docs.iter().enumerate() {
            if let Some((found, places)) = self.occurrence(doc, term, field) {
                visit(at, found, if positions { places } else { &[] });
            }
        }
        Ok(())
    }
}

/// A part whose documents are numbered without gaps, in the order of the numbers that they have elsewhere.
pub(super) struct Renumbered<P> {
    /// The number elsewhere of each document.
    pub(super) numbers: Vec<u32>,
    /// The part.
    pub(super) of: P,
}

impl<P: Occurrences> Occurrences for Renumbered<P> {
    fn documents(&self) -> u32 {
        self.numbers.len() as u32
    }

    fn accepts(&self, doc: u32) -> bool {
        self.of.accepts(self.numbers[doc as usize])
    }

    fn row(&self, doc: u32) -> Row {
        self.of.row(self.numbers[doc as usize])
    }

    fn id(&self, doc: u32) -> Result<u128> {
        self.of.id(self.numbers[doc as usize])
    }

    fn visit(&self, term: &str, field: usize, mut visit: impl FnMut(Occurrence)) -> Result<()> {
        let mut at = 0;
        // Both ascend.
        self.of.visit(term, field, |found| {
            while self.numbers.get(at).is_some_and(|number| *number < found.doc) {
                at += 1;
            }
            if self.numbers.get(at) == Some(&found.doc) {
                visit(Occurrence { doc: at as u32, ..found });
            }
        })
    }

    fn visit_some(
        &self,
        term: &str,
        field: usize,
        docs: &[u32],
        positions: bool,
        visit: impl FnMut(usize, Occurrence, &[u32]),
    ) -> Result<()> {
        let docs: Vec<u32> = docs.iter().map(|doc| self.numbers[*doc as usize]).collect();
        self.of.visit_some(term, field, &docs, positions, visit)
    }
}

/// The postings of some terms, whose documents are the numbers of passages. They have no positions and no ids.
pub(super) struct PostingsOf<'a> {
    /// By their terms, each in ascending order.
    pub(super) terms: HashMap<String, Vec<Posting>>,
    /// Which passages the question may find.
    pub(super) accepts: &'a (dyn Fn(u32) -> bool + Sync),
}

impl PostingsOf<'_> {
    /// The same, with its passages numbered without gaps.
    pub(super) fn renumbered(self) -> Renumbered<Self> {
        let mut numbers: Vec<u32> = self.terms.values().flatten().map(|posting| posting.passage).collect();
        numbers.sort_unstable();
        numbers.dedup();
        Renumbered { numbers, of: self }
    }
}

impl Occurrences for PostingsOf<'_> {
    fn documents(&self) -> u32 {
        self.terms
            .values()
            .filter_map(|all| all.last())
            .map(|last| last.passage)
            .max()
            .map_or(0, |last| last + 1)
    }

    fn accepts(&self, doc: u32) -> bool {
        (self.accepts)(doc)
    }

    fn row(&self, doc: u32) -> Row {
        Row::new(doc.into())
    }

    fn id(&self, _: u32) -> Result<u128> {
        Ok(0)
    }

    fn visit(&self, term: &str, field: usize, mut visit: impl FnMut(Occurrence)) -> Result<()> {
        debug_assert!(field < FIELDS);
        for Posting { passage, fields } in self.terms.get(term).into_iter().flatten() {
            if let Some((count, length)) = fields[field] {
                visit(Occurrence { doc: *passage, count, length });
            }
        }
        Ok(())
    }

    fn visit_some(
        &self,
        term: &str,
        field: usize,
        docs: &[u32],
        _: bool,
        mut visit: impl FnMut(usize, Occurrence, &[u32]),
    ) -> Result<()> {
        let Some(postings) = self.terms.get(term) else { return Ok(()) };
        for (at, &doc) in docs.iter().enumerate() {
            let found = postings.binary_search_by_key(&doc, |posting| posting.passage);
            if let Some((count, length)) = found.ok().and_then(|found| postings[found].fields[field]) {
                visit(at, Occurrence { doc, count, length }, &[]);
            }
        }
        Ok(())
    }
}
