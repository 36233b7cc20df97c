//! Which words of the index a word of the question may be a typo of.
//!
//! Only a word that no passage has, or next to none, is taken for a typo. The index has words by their stems, so the
//! stem is compared; and because a typo in an ending keeps the stemmer from taking it off (`decoratr`), all words that
//! are one edit away from what was typed are looked up by their stems, too.

use std::collections::BTreeSet;

use tantivy::Term;
use tantivy::query::FuzzyTermQuery;

use super::schema::Fields;
use super::segment::Segment;
use super::{analyzer, lexical};

/// No more words of a question are looked at.
pub(super) const MOST_WORDS: usize = 8;

/// A word that more passages have is no typo.
pub(super) const RARE: u64 = 1;

/// If a passage has the word, only a word so many times as frequent is what was meant.
const MUCH_COMMONER: u64 = 10;

/// No more words stand for one.
const MOST: usize = 5;

/// What a word counts for each edit it is away.
const SHARE: f32 = 0.5;

/// A shorter word has too many neighbours.
const SHORTEST: usize = 4;

/// A longer one would be too much to look at in all its variations.
const LONGEST: usize = 30;

/// How many bytes a character takes at most.
const LONGEST_CHARACTER: usize = 4;

/// From so many letters on, two edits are allowed.
const LONG: usize = 8;

/// A term that may have been meant.
pub(super) struct Near {
    /// The term.
    pub(super) term: String,
    /// How many living documents have it.
    pub(super) documents: u64,
    /// What it counts, against 1 for the word as typed.
    pub(super) share: f32,
}

/// Whether a term is made like a word that could be mistyped.
pub(super) fn may_be_typo(term: &str) -> bool {
    term.chars().count() >= SHORTEST && term.chars().all(char::is_alphabetic)
}

/// The terms that a rare one may stand for: the nearest, the most frequent first.
///
/// `typed` is what the term was made of.
pub(super) fn neighbours(
    term: &str,
    typed: &str,
    documents: u64,
    segments: &[Segment],
    fields: &Fields,
) -> tantivy::Result<Vec<Near>> {
    let least = if documents == 0 { 1 } else { MUCH_COMMONER * documents };
    let choose = |terms: BTreeSet<String>, edits: i32| {
        let mut near = Vec::new();
        for other in terms.into_iter().filter(|other| other != term && may_be_typo(other)) {
            let documents = lexical::documents(&other, segments, fields, false)?;
            if documents >= least {
                near.push(Near { term: other, documents, share: SHARE.powi(edits) });
            }
        }
        near.sort_by(|a, b| b.documents.cmp(&a.documents).then_with(|| a.term.cmp(&b.term)));
        near.truncate(MOST);
        tantivy::Result::Ok(near)
    };
    let mut near = choose(within(term, 1, segments, fields)?, 1)?;
    if near.is_empty() && documents == 0 {
        near = choose(one_edit_from(typed, segments, fields)?, 1)?;
    }
    if near.is_empty() && documents == 0 && term.chars().count() >= LONG {
        near = choose(within(term, 2, segments, fields)?, 2)?;
    }
    Ok(near)
}

/// The terms in passages' texts of all words that are one edit away from a word in English letters.
fn one_edit_from(typed: &str, segments: &[Segment], fields: &Fields) -> tantivy::Result<BTreeSet<String>> {
    let word = typed.to_ascii_lowercase();
    let (mut seen, mut found) = (BTreeSet::new(), BTreeSet::new());
    if word.len() < SHORTEST || word.len() > LONGEST || !word.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Ok(found);
    }
    let mut words = String::new();
    for at in 0..=word.len() {
        let (before, behind) = word.split_at(at);
        let mut add = |middle: &str, rest: &str| words.extend([before, middle, rest, " "]);
        for letter in 'a'..='z' {
            let letter = letter.to_string();
            add(&letter, behind);
            add(&letter, behind.get(1..).unwrap_or_default());
        }
        add("", behind.get(1..).unwrap_or_default());
        if let (Some(first), Some(second)) = (behind.get(..1), behind.get(1..2)) {
            add(&format!("{second}{first}"), &behind[2..]);
        }
    }
    analyzer::each(&words, |placed| {
        seen.insert(placed.term);
        true
    });
    let [.., body] = fields.words;
    for term in seen {
        for segment in segments {
            if segment.doc_freq(&Term::from_field_text(body, &term))? > 0 {
                found.insert(term);
                break;
            }
        }
    }
    Ok(found)
}

/// The terms of any field within so many edits, those of deleted documents included.
fn within(term: &str, edits: u8, segments: &[Segment], fields: &Fields) -> tantivy::Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let query = FuzzyTermQuery::new(Term::from_field_text(fields.words[0], term), edits, true);
    let automaton = query.automaton()?;
    let longest = (term.chars().count() + usize::from(edits)) * LONGEST_CHARACTER;
    for segment in segments {
        for field in fields.words {
            segment.dictionary(field)?.search(&automaton, longest, |term, _| {
                found.insert(String::from_utf8_lossy(term).into_owned());
                Ok(true)
            })?;
        }
    }
    Ok(found)
}
