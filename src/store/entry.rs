//! A passage with its words, of which every demand of a question can be decided without an index.

use std::borrow::Cow;
use std::collections::BTreeMap;

use tantivy::fieldnorm::FieldNormReader;

use crate::document::Passage;
use crate::error::Result;
use crate::hit::StoredPassage;
use crate::query::{Clause, Filter, Query};
use crate::store::analyzer::{self, Side};
use crate::store::bm25f::FIELDS;
use crate::store::filter::{beginnings, compile};
use crate::store::pattern::{TagPattern, ValuePattern};
use crate::store::phrase::Phrase;
use crate::store::schema::{Note, property_terms, words};
use crate::words::{Language, composed};

/// A passage with its words.
#[derive(Debug)]
pub(super) struct Entry {
    /// The passage.
    pub(super) stored: StoredPassage,
    /// The words of each field.
    pub(super) fields: [FieldWords; FIELDS],
}

/// The positions of the terms of a field, and the class of its length.
#[derive(Clone, Debug, Default)]
pub(super) struct FieldWords {
    /// The positions of each term, in ascending order.
    pub(super) positions: BTreeMap<String, Vec<u32>>,
    /// The class of the field's length.
    pub(super) length: u8,
}

impl FieldWords {
    /// The words of a field with these values in a note in a language, between which a position is left free.
    fn of(language: Language, values: &[Cow<'_, str>]) -> Self {
        let (mut words, mut start, mut count) = (Self::default(), 0, 0);
        for value in values {
            let mut end = start;
            analyzer::each(value, Side::Index, |token| {
                let position = start + token.position as u32;
                words.positions.entry(token.term_in(language).into_owned()).or_default().push(position);
                end = end.max(position + token.length as u32);
                count += 1;
                true
            });
            start = end + 1;
        }
        words.length = FieldNormReader::fieldnorm_to_id(count);
        words
    }
}

/// The words of the fields of a passage in a note in a language.
pub(super) fn fields(language: Language, note: &Note<'_>, passage: &Passage) -> [FieldWords; FIELDS] {
    words(note, passage).map(|values| FieldWords::of(language, &values))
}

impl Entry {
    /// A passage with its words.
    pub(super) fn new(stored: StoredPassage) -> Self {
        let fields = fields(stored.language, &(&stored).into(), &stored.passage);
        Self { stored, fields }
    }

    /// Whether a question to an index with some languages may find it.
    pub(super) fn passes(&self, query: &Query, filter: &Filter, languages: &[Language]) -> Result<bool> {
        let globs = query.required.iter().filter_map(|clause| match clause {
            Clause::Path(glob) => Some(glob.clone()),
            _ => None,
        });
        let globs: Vec<String> = globs.collect();
        let mut passes = (globs.is_empty() || self.is_at(&globs)?)
            && (filter.paths.is_empty() || self.is_at(&filter.paths)?)
            && filter.tags.iter().all(|tag| self.has_tag(tag));
        let date = self.stored.date;
        if let Some(since) = filter.since {
            passes &= date.is_some_and(|date| date >= since);
        }
        if let Some(before) = filter.before {
            passes &= date.is_some_and(|date| date < before);
        }
        for clause in &query.required {
            passes &= matches!(clause, Clause::Path(_)) || self.has(clause, languages)?;
        }
        for clause in &query.excluded {
            passes &= !self.has(clause, languages)?;
        }
        Ok(passes)
    }

    /// Whether it meets a demand of a question to an index with some languages.
    pub(super) fn has(&self, clause: &Clause, languages: &[Language]) -> Result<bool> {
        let date = self.stored.date;
        Ok(match clause {
            Clause::Phrase(phrase) => {
                let phrase = Phrase::exact(phrase, languages);
                let fields = words(&(&self.stored).into(), &self.stored.passage);
                fields.iter().any(|values| phrase.is_exactly_in(values))
            }
            Clause::Title(words) => says(&self.fields[0], words, languages),
            Clause::Tag(tag) => self.has_tag(tag),
            Clause::Path(glob) => self.is_at(std::slice::from_ref(glob))?,
            Clause::Property { key, value } => self.has_property(key, &ValuePattern::new(value)),
            Clause::Prefix(begin) => self.has_beginning(begin, languages),
            Clause::Any(clauses) => {
                let met = clauses
                    .iter()
                    .map(|clause| self.has(clause, languages))
                    .collect::<Result<Vec<bool>>>()?;
                met.contains(&true)
            }
            Clause::Since(day) => date.is_some_and(|date| date >= *day),
            Clause::Before(day) => date.is_some_and(|date| date < *day),
        })
    }

    fn is_at(&self, globs: &[String]) -> Result<bool> {
        let (globs, path) = (compile(globs)?, composed(self.stored.path.as_str()));
        Ok(globs.is_match(&*path) || globs.is_match(&*composed(&format!("{}/{path}", self.stored.root))))
    }

    fn has_tag(&self, tag: &str) -> bool {
        let tag = TagPattern::new(tag);
        self.stored.tags.iter().any(|other| tag.fits(&other.to_lowercase()))
    }

    fn has_property(&self, key: &str, value: &ValuePattern) -> bool {
        let terms = property_terms(&self.stored.properties);
        terms.iter().filter_map(|term| term.split_once('=')).any(|(of, other)| of == key && value.fits(other))
    }

    /// Whether it has a word that begins so.
    pub(super) fn has_beginning(&self, begin: &str, languages: &[Language]) -> bool {
        let beginnings = beginnings(begin, languages);
        let begins = |term: &String| {
            beginnings.iter().any(|begin| term.strip_prefix(&begin.stem).is_some_and(|rest| begin.fits(rest)))
        };
        self.fields.iter().flat_map(|field| field.positions.keys()).any(begins)
    }
}

/// Whether a field has some words in a row.
fn says(field: &FieldWords, words: &str, languages: &[Language]) -> bool {
    Phrase::new(words, languages).readings.iter().any(|reading| {
        let terms: Vec<&str> = reading.terms().collect();
        reading.is_at(|term| field.positions.get(terms[term]).cloned().unwrap_or_default())
    })
}
