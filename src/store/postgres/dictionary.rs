//! The terms of an index in a database, as far as they were asked for.
//!
//! A question is looked up as if all passages had the terms that aren't known, and what was asked for is remembered. All of it
//! is fetched in one trip, and the question looked up again, until nothing is missing: once for most questions, twice for one
//! with a typo, three times if it takes two edits.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use super::postings::{self, Counts, HEAD_BYTES, Posting};
use crate::error::Result;
use crate::store::bm25f::{FIELDS, FieldLength};
use crate::store::edits::distance;
use crate::store::terms::Frequencies;
use crate::words::Language;

/// A row of a term's postings, of which the whole or the beginning was fetched.
#[derive(Clone, Debug)]
pub(super) struct TermRow {
    /// The commit that it is of.
    pub(super) batch: i64,
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
    /// Whether these are all of them.
    pub(super) whole: bool,
}

/// What is known of a term.
#[derive(Clone, Debug, Default)]
pub(super) struct Term {
    counts: Counts,
    rows: Vec<TermRow>,
}

impl Term {
    /// A term with these rows; `None` if they can't be read.
    pub(super) fn new(rows: Vec<TermRow>) -> Option<Self> {
        let mut counts = Counts::default();
        for row in &rows {
            counts.add(&postings::counts(&row.bytes[..row.bytes.len().min(HEAD_BYTES)])?);
        }
        Some(Self { counts, rows })
    }

    /// How many passages have it.
    pub(super) fn passages(&self) -> i64 {
        self.counts.any
    }

    /// The batches whose rows are to be fetched before its postings are known.
    pub(super) fn cut_rows(&self) -> impl Iterator<Item = i64> {
        self.rows.iter().filter(|row| !row.whole).map(|row| row.batch)
    }

    /// Puts the whole of a row in the place of its beginning.
    pub(super) fn complete(&mut self, batch: i64, bytes: Vec<u8>) {
        if let Some(row) = self.rows.iter_mut().find(|row| row.batch == batch) {
            (row.bytes, row.whole) = (bytes, true);
        }
    }

    /// Its postings, in ascending order; `None` if a row can't be read.
    pub(super) fn postings(&self) -> Option<Vec<Posting>> {
        postings::merge(self.rows.iter().map(|row| &*row.bytes)).map(|[came, _]| came)
    }
}

/// What is to be fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Missing {
    /// Terms.
    pub(super) terms: BTreeSet<String>,
    /// Terms whose neighbours are wanted, with the number of edits between them.
    pub(super) within: BTreeSet<(String, u8)>,
    /// Whether all terms that have a language's code are wanted.
    pub(super) coded: bool,
}

impl Missing {
    /// Whether nothing is.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The terms that were fetched so far, of one state of an index.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    /// How many passages there are.
    passages: u64,
    /// The languages of notes that have passages, but for English; in their order.
    languages: Vec<Language>,
    /// How long each field is.
    lengths: [FieldLength; FIELDS],
    terms: HashMap<String, Term>,
    within: HashMap<(String, u8), BTreeSet<String>>,
    coded: Option<BTreeSet<String>>,
    missing: RefCell<Missing>,
}

impl Dictionary {
    /// Nothing but what is counted of an index.
    pub(super) fn new(passages: u64, languages: Vec<Language>, lengths: [FieldLength; FIELDS]) -> Self {
        Self { passages, languages, lengths, ..Self::default() }
    }

    /// Takes out what was asked for and isn't known.
    pub(super) fn take_missing(&self) -> Missing {
        self.missing.take()
    }

    /// Adds terms; those of `asked` that aren't among `found` have no passages.
    pub(super) fn add(&mut self, asked: &BTreeSet<String>, found: HashMap<String, Term>) {
        for term in asked {
            self.terms.entry(term.clone()).or_default();
        }
        self.terms.extend(found);
    }

    /// Adds the neighbours of a term, of terms among which they are.
    pub(super) fn add_within<'t>(&mut self, asked: &(String, u8), among: impl Iterator<Item = &'t str>) {
        let (term, edits) = asked;
        let near = among.filter(|other| distance(term, other) <= usize::from(*edits)).map(str::to_owned);
        self.within.insert(asked.clone(), near.collect());
    }

    /// The neighbours of a term, if they were fetched.
    pub(super) fn within_of(&self, asked: &(String, u8)) -> Option<&BTreeSet<String>> {
        self.within.get(asked)
    }

    /// Adds those of some terms that weren't fetched before.
    pub(super) fn add_unknown(&mut self, found: HashMap<String, Term>) {
        for (name, term) in found {
            self.terms.entry(name).or_insert(term);
        }
    }

    /// Adds all terms that have a language's code.
    pub(super) fn add_coded(&mut self, coded: BTreeSet<String>) {
        self.coded = Some(coded);
    }

    /// A term that was fetched.
    pub(super) fn term(&self, term: &str) -> Option<&Term> {
        self.terms.get(term)
    }

    /// A term that was fetched, to be completed.
    pub(super) fn term_mut(&mut self, term: &str) -> Option<&mut Term> {
        self.terms.get_mut(term)
    }

    /// How many terms it has.
    pub(super) fn len(&self) -> usize {
        self.terms.len()
    }

    fn counts(&self, term: &str) -> Counts {
        let Some(known) = self.terms.get(term) else {
            self.missing.borrow_mut().terms.insert(term.to_owned());
            // So that what is asked for next isn't what only rare words need: their neighbours.
            let all = i64::try_from(self.passages).unwrap_or(i64::MAX).max(1);
            return Counts { any: all, in_field: [all; FIELDS] };
        };
        known.counts
    }
}

impl Frequencies for Dictionary {
    fn passages(&self) -> u64 {
        self.passages
    }

    fn languages(&self) -> Result<Vec<Language>> {
        Ok(self.languages.clone())
    }

    fn field_lengths(&self) -> Result<[FieldLength; FIELDS]> {
        Ok(self.lengths)
    }

    fn in_field(&self, term: &str, field: usize) -> Result<u64> {
        Ok(u64::try_from(self.counts(term).in_field[field]).unwrap_or(0))
    }

    fn in_any_field(&self, term: &str) -> Result<u64> {
        Ok(u64::try_from(self.counts(term).any).unwrap_or(0))
    }

    fn within(&self, term: &str, edits: u8) -> Result<BTreeSet<String>> {
        let asked = (term.to_owned(), edits);
        let Some(known) = self.within.get(&asked) else {
            self.missing.borrow_mut().within.insert(asked);
            return Ok(BTreeSet::new());
        };
        Ok(known.clone())
    }

    fn visit_terms(&self, visit: &mut dyn FnMut(&str)) -> Result<()> {
        let Some(coded) = &self.coded else {
            self.missing.borrow_mut().coded = true;
            return Ok(());
        };
        for term in coded {
            visit(term);
        }
        Ok(())
    }
}

/// What a term may look like that is so many edits away from another, for a database that knows no edits but has the terms in
/// order, and their reversed letters: it has one of these beginnings, or one of these ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Neighbours {
    /// Beginnings.
    pub(super) begin: BTreeSet<String>,
    /// Ends.
    pub(super) end: BTreeSet<String>,
    /// Beginnings with any letter between two parts.
    pub(super) begin_around: BTreeSet<(String, String)>,
    /// Whole terms.
    pub(super) whole: BTreeSet<String>,
    /// The fewest characters.
    pub(super) shortest: usize,
    /// The most.
    pub(super) longest: usize,
}

impl Neighbours {
    /// Those of a term, at most two edits away.
    ///
    /// Cut in one more part than there are edits, a term keeps one of its parts, unless two neighbours change places across a
    /// cut: that is done beforehand. If of three parts it keeps the one in the middle alone, there is one edit in the first.
    pub(super) fn of(term: &str, edits: u8) -> Self {
        let letters: Vec<char> = term.chars().collect();
        let mut neighbours = Self {
            shortest: letters.len().saturating_sub(usize::from(edits)),
            longest: letters.len() + usize::from(edits),
            ..Self::default()
        };
        neighbours.add(&letters, edits);
        neighbours
    }

    fn add(&mut self, letters: &[char], edits: u8) {
        let text = |letters: &[char]| letters.iter().collect::<String>();
        let parts = usize::from(edits) + 1;
        if edits == 0 {
            self.whole.insert(text(letters));
            return;
        }
        let cuts: Vec<usize> = (0..=parts).map(|part| part * letters.len() / parts).collect();
        self.begin.insert(text(&letters[..cuts[1]]));
        self.end.insert(text(&letters[cuts[parts - 1]..]));
        if edits > 1 {
            self.add_edited(&letters[..cuts[1]], &letters[cuts[1]..cuts[2]]);
        }
        for &cut in &cuts[1..parts] {
            if cut > 0 && cut < letters.len() {
                let mut swapped = letters.to_vec();
                swapped.swap(cut - 1, cut);
                self.add(&swapped, edits - 1);
            }
        }
    }
}

impl Neighbours {
    /// Adds beginnings with one edit in the first part, and the second part as it is.
    fn add_edited(&mut self, first: &[char], second: &[char]) {
        let text = |parts: [&[char]; 2]| parts.concat().iter().collect::<String>();
        for at in 0..=first.len() {
            let (before, behind) = first.split_at(at);
            let begin: String = before.iter().collect();
            // A letter more.
            self.begin_around.insert((begin.clone(), text([behind, second])));
            let Some((letter, rest)) = behind.split_first() else { continue };
            // Another letter, a letter less, and two that change places.
            self.begin_around.insert((begin.clone(), text([rest, second])));
            self.begin.insert(begin.clone() + &text([rest, second]));
            if let Some((next, rest)) = rest.split_first() {
                self.begin.insert(format!("{begin}{next}{letter}{}", text([rest, second])));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    impl Neighbours {
        fn may_be(&self, term: &str) -> bool {
            let letters = term.chars().count();
            (self.shortest..=self.longest).contains(&letters)
                && (self.begin.iter().any(|begin| term.starts_with(begin))
                    || self.end.iter().any(|end| term.ends_with(end))
                    || self.begin_around.iter().any(|(begin, rest)| {
                        let behind = term.strip_prefix(&**begin).map(|behind| {
                            let mut letters = behind.chars();
                            letters.next();
                            letters.as_str()
                        });
                        behind.is_some_and(|behind| behind.starts_with(rest))
                    })
                    || self.whole.contains(term))
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]
        #[test]
        fn no_neighbour_is_overlooked(term in "[abc]{1,12}", other in "[abc]{0,13}", edits in 1u8..=2) {
            if distance(&term, &other) <= usize::from(edits) {
                prop_assert!(Neighbours::of(&term, edits).may_be(&other), "{} {}", term, other);
            }
        }

        #[test]
        fn nor_one_that_was_made(term in "[a-zé]{4,12}", ops in proptest::collection::vec((0usize..4, 0usize..12, "[a-z]"), 1..=2)) {
            let mut letters: Vec<char> = term.chars().collect();
            for (kind, at, letter) in &ops {
                let (at, letter) = (at % letters.len().max(1), letter.chars().next().unwrap());
                match kind {
                    0 => letters.insert(at, letter),
                    1 if letters.len() > 1 => drop(letters.remove(at)),
                    2 if at + 1 < letters.len() => letters.swap(at, at + 1),
                    _ if !letters.is_empty() => letters[at] = letter,
                    _ => {}
                }
            }
            let other: String = letters.into_iter().collect();
            let edits = ops.len() as u8;
            if distance(&term, &other) <= ops.len() {
                prop_assert!(Neighbours::of(&term, edits).may_be(&other), "{} {}", term, other);
            }
        }
    }

    #[test]
    fn what_is_unknown_is_asked_for_once() {
        let mut dictionary = Dictionary::default();
        assert_eq!(dictionary.in_field("owl", 0).unwrap(), 1, "it isn't rare until that is known");
        assert!(dictionary.within("owl", 1).unwrap().is_empty());
        dictionary.visit_terms(&mut |_| panic!("none is known")).unwrap();
        let missing = dictionary.take_missing();
        assert_eq!((missing.terms.len(), missing.within.len(), missing.coded), (1, 1, true));
        dictionary.add(&missing.terms, HashMap::new());
        dictionary.add_within(&("owl".into(), 1), ["owls", "bread", "ow"].into_iter());
        dictionary.add_coded(["haus@de".to_owned()].into());
        let mut seen = Vec::new();
        dictionary.visit_terms(&mut |term| seen.push(term.to_owned())).unwrap();
        assert_eq!((dictionary.within("owl", 1).unwrap().len(), seen), (2, vec!["haus@de".to_owned()]));
        assert_eq!(dictionary.in_any_field("owl").unwrap(), 0);
        assert!(dictionary.take_missing().is_empty());
    }
}
