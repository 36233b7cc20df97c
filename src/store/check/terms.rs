//! A check that each passage is found by the words and other terms that it has.

use std::borrow::Cow;

use tantivy::schema::{Field, IndexRecordOption};

use crate::document::EmbeddedHash;
use crate::hit::StoredPassage;
use crate::store::analyzer::{self, Side};
use crate::store::bm25f::FIELDS;
use crate::store::schema::{self, Fields};
use crate::store::segment::Segment;
use crate::words::Language;

/// The fields by which a passage is found, and whether their terms are counted.
const NAMES: [(&str, IndexRecordOption); FIELDS + 9] = [
    ("title", IndexRecordOption::WithFreqs),
    ("headings", IndexRecordOption::WithFreqs),
    ("question", IndexRecordOption::WithFreqs),
    ("name", IndexRecordOption::WithFreqs),
    ("words of properties", IndexRecordOption::WithFreqs),
    ("text", IndexRecordOption::WithFreqs),
    ("id", IndexRecordOption::Basic),
    ("file", IndexRecordOption::Basic),
    ("tags", IndexRecordOption::Basic),
    ("date", IndexRecordOption::Basic),
    ("properties", IndexRecordOption::Basic),
    ("names in links", IndexRecordOption::Basic),
    ("links", IndexRecordOption::Basic),
    ("language", IndexRecordOption::Basic),
    ("embedded text", IndexRecordOption::Basic),
];

/// The terms of each document in the dictionaries of a segment: for each field a sum over all of its terms and their
/// counts, in whatever order they come.
///
/// Positions aren't compared. Of the embedded text there must be one hash, and any will do: it also covers how the
/// model's tokens make sentences.
pub(super) struct TermSums {
    of_documents: [Vec<u64>; NAMES.len()],
}

impl TermSums {
    /// Reads the dictionaries.
    pub(super) fn of(segment: &Segment, fields: &Fields) -> tantivy::Result<Self> {
        let mut of_documents = [const { Vec::new() }; NAMES.len()];
        for ((sums, field), (_, option)) in of_documents.iter_mut().zip(fields.found()).zip(NAMES) {
            let number = if field == fields.embedded { is_hash } else { number };
            *sums = sums_of(segment, field, option, number)?;
        }
        Ok(Self { of_documents })
    }

    /// The fields by which a document isn't found as its passage says.
    pub(super) fn wrong(&self, doc: u32, stored: &StoredPassage) -> impl Iterator<Item = &'static str> {
        let file = schema::file_key(&stored.root, &stored.path);
        let said = schema::words(&stored.into(), &stored.passage).map(|texts| words(stored.language, &texts));
        let said = said.into_iter().chain([
            number(schema::id_term(stored.id).as_bytes()),
            number(file.as_bytes()),
            terms(&schema::tag_terms(&stored.tags)),
            sum(stored.date.iter().map(|date| number(date.to_string().as_bytes()))),
            terms(&schema::property_terms(&stored.properties)),
            terms(&schema::called(&stored.into())),
            terms(&schema::linked(&stored.into(), &stored.passage)),
            terms(&schema::language_terms(stored.language)),
            1,
        ]);
        let found = self.of_documents.each_ref().map(|sums| sums[doc as usize]);
        let wrong = NAMES.into_iter().zip(said).zip(found).filter(|((_, said), found)| said != found);
        wrong.map(|(((name, _), _), _)| name)
    }
}

/// The sum of the terms of each document in a field.
fn sums_of(
    segment: &Segment,
    field: Field,
    option: IndexRecordOption,
    number: fn(&[u8]) -> u64,
) -> tantivy::Result<Vec<u64>> {
    let mut sums = vec![0_u64; segment.reader.max_doc() as usize];
    let dictionary = segment.dictionary(field)?;
    dictionary.walk(b"", None, |term, info| {
        let number = number(term);
        dictionary.postings(info, option)?.for_each(|postings| {
            let sum = &mut sums[postings.doc() as usize];
            *sum = sum.wrapping_add(number.wrapping_mul(u64::from(postings.term_freq())));
        });
        Ok(true)
    })?;
    Ok(sums)
}

/// The sum of the words of some texts in a language.
fn words(language: Language, texts: &[Cow<'_, str>]) -> u64 {
    let mut words = 0_u64;
    for text in texts {
        analyzer::each(text, Side::Index, |word| {
            words = words.wrapping_add(number(word.term_in(language).as_bytes()));
            true
        });
    }
    words
}

/// The sum of some terms.
fn terms(terms: &[String]) -> u64 {
    sum(terms.iter().map(|term| number(term.as_bytes())))
}

fn sum(numbers: impl Iterator<Item = u64>) -> u64 {
    numbers.fold(0, u64::wrapping_add)
}

/// A number that stands for a term.
fn number(term: &[u8]) -> u64 {
    let mut first = [0; 8];
    first.copy_from_slice(&blake3::hash(term).as_bytes()[..8]);
    u64::from_le_bytes(first)
}

/// One for what may be a hash.
fn is_hash(term: &[u8]) -> u64 {
    if term.len() == size_of::<EmbeddedHash>() { 1 } else { 2 }
}
