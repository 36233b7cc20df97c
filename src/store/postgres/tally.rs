//! What is counted of a root, and the postings of a commit: all that comes and goes with its passages.

use std::collections::BTreeMap;

use super::passage_words::PassageWords;
use super::postings::{InField, Posting, Sign, encode};
use crate::store::bm25f::{FIELDS, length_of_class};
use crate::store::entry::FieldWords;

/// What is counted of a root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Its files.
    pub(super) files: i64,
    /// Its passages.
    pub(super) passages: i64,
    /// Of each field how many passages have it, and the sum of its lengths.
    pub(super) lengths: [[i64; 2]; FIELDS],
    /// How many passages are in each language, by its code.
    pub(super) languages: BTreeMap<String, i64>,
}

impl Tally {
    /// Counts a passage that came (`1`) or went (`-1`).
    pub(super) fn count(&mut self, by: i64, classes: [u8; FIELDS], language: &str) {
        self.passages += by;
        for ([passages, words], class) in self.lengths.iter_mut().zip(classes) {
            let length = i64::from(length_of_class(class));
            *passages += if length > 0 { by } else { 0 };
            *words += by * length;
        }
        *self.languages.entry(language.to_owned()).or_default() += by;
    }
}

/// The postings of a commit in one root, by their terms.
#[derive(Debug, Default)]
pub(super) struct NewPostings(BTreeMap<String, Vec<Posting>>);

impl NewPostings {
    /// Adds the words of a passage that came. Passages come in ascending order of their numbers.
    pub(super) fn add(&mut self, passage: u32, fields: &[FieldWords; FIELDS]) {
        let mut of: BTreeMap<&str, [InField; FIELDS]> = BTreeMap::new();
        for (at, field) in fields.iter().enumerate() {
            for (term, positions) in &field.positions {
                of.entry(term).or_default()[at] = Some((positions.len() as u32, field.length));
            }
        }
        for (term, fields) in of {
            self.push(term, Posting { passage, fields });
        }
    }

    /// Adds the words of a passage that went.
    pub(super) fn add_stored(&mut self, passage: u32, words: &PassageWords) {
        for (term, positions) in &words.terms {
            let mut fields = [None; FIELDS];
            for ((field, positions), class) in fields.iter_mut().zip(positions).zip(words.lengths) {
                *field = positions.as_ref().map(|positions| (positions.len() as u32, class));
            }
            self.push(term, Posting { passage, fields });
        }
    }

    fn push(&mut self, term: &str, posting: Posting) {
        match self.0.get_mut(term) {
            Some(postings) => postings.push(posting),
            None => drop(self.0.insert(term.to_owned(), vec![posting])),
        }
    }

    /// The rows of the table `postings`: terms, in order, with their bytes.
    pub(super) fn rows(self, sign: Sign) -> impl Iterator<Item = (String, Vec<u8>)> {
        self.0.into_iter().map(move |(term, mut postings)| {
            postings.sort_unstable_by_key(|posting| posting.passage);
            (term, encode(sign, &postings))
        })
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
