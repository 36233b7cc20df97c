//! Corrections: the words of the index that a word of the question may be a typo of.
//!
//! Only a word that no passage has, or next to none, is taken for a typo. The index has words by their stems, so the
//! stem is compared; and because a typo in an ending keeps the stemmer from taking it off (`decoratr`), all words that
//! are one edit away from what was typed are looked up by their stems, too.

use std::collections::BTreeSet;

use super::analyzer::{self, parts_of};
use super::bm25f::{BODY, FIELDS};
use super::terms::Frequencies;
use crate::error::Result;
use crate::words::Language;

/// The most words of a question that are corrected.
pub(super) const MOST_WORDS: usize = 8;

/// The most passages that have a typo.
pub(super) const RARE: u64 = 1;

/// If a passage has the word, a correction must be this many times as frequent.
const MUCH_COMMONER: u64 = 10;

/// The most corrections of a word.
const MOST: usize = 5;

/// The share of a word that counts for each edit.
const SHARE: f32 = 0.5;

/// The fewest letters of a typo: a shorter word has too many neighbours.
const SHORTEST: usize = 4;

/// The most letters of a word whose variations are looked up.
const LONGEST: usize = 30;

/// The number of letters from which two edits are allowed.
const LONG: usize = 8;

/// A term that may have been meant.
pub(super) struct Correction {
    /// The term.
    pub(super) term: String,
    /// How many passages have it.
    pub(super) passages: u64,
    /// Its weight, against 1 for the word as typed.
    pub(super) share: f32,
}

/// Whether a term is made like a word that could be mistyped.
pub(super) fn may_be_typo(term: &str) -> bool {
    let (stem, _) = parts_of(term);
    stem.chars().count() >= SHORTEST && stem.chars().all(char::is_alphabetic)
}

/// How many passages have a term in any field. A `stop` word counts for little, so its field with most passages will do.
pub(super) fn frequency(index: &impl Frequencies, term: &str, stop: bool) -> Result<u64> {
    let mut in_fields = [0u64; FIELDS];
    for (field, passages) in in_fields.iter_mut().enumerate() {
        *passages = index.in_field(term, field)?;
    }
    let most = in_fields.into_iter().max().unwrap_or(0);
    if stop || most == in_fields.into_iter().sum::<u64>() { Ok(most) } else { index.in_any_field(term) }
}

/// The terms that a rare word may stand for: the nearest, the most frequent first.
///
/// `terms` are those of the word that was `typed`, in English and in other `languages`, and `passages` is how many have one
/// of them.
pub(super) fn corrections(
    index: &impl Frequencies,
    terms: &[String],
    typed: &str,
    languages: &[Language],
    passages: u64,
) -> Result<Vec<Correction>> {
    let least = if passages == 0 { 1 } else { MUCH_COMMONER * passages };
    let choose = |others: BTreeSet<String>, edits: i32| -> Result<Vec<Correction>> {
        let mut near = Vec::new();
        for other in others.into_iter().filter(|other| !terms.contains(other) && may_be_typo(other)) {
            let passages = frequency(index, &other, false)?;
            if passages >= least {
                near.push(Correction { term: other, passages, share: SHARE.powi(edits) });
            }
        }
        near.sort_by(|a, b| b.passages.cmp(&a.passages).then_with(|| a.term.cmp(&b.term)));
        near.truncate(MOST);
        Ok(near)
    };
    let within = |edits: u8, shortest: usize| -> Result<BTreeSet<String>> {
        let mut found = BTreeSet::new();
        for term in terms {
            let (stem, language) = parts_of(term);
            if stem.chars().count() >= shortest {
                // Another language isn't a typo.
                let others = index.within(term, edits)?.into_iter();
                found.extend(others.filter(|other| parts_of(other).1 == language));
            }
        }
        Ok(found)
    };
    let mut near = choose(within(1, 0)?, 1)?;
    if near.is_empty() && passages == 0 {
        near = choose(one_edit_from(index, typed, languages)?, 1)?;
    }
    if near.is_empty() && passages == 0 {
        near = choose(within(2, LONG)?, 2)?;
    }
    Ok(near)
}

/// The terms in passages' texts of all words that are one edit away from a word in English letters.
fn one_edit_from(index: &impl Frequencies, typed: &str, languages: &[Language]) -> Result<BTreeSet<String>> {
    let word = typed.to_ascii_lowercase();
    let (mut terms, mut found) = (BTreeSet::new(), BTreeSet::new());
    if word.len() < SHORTEST || word.len() > LONGEST || !word.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Ok(found);
    }
    for at in 0..=word.len() {
        let (before, behind) = word.split_at(at);
        let mut add = |middle: &str, rest: &str| {
            terms.extend(analyzer::terms_of_letters(&[before, middle, rest].concat(), languages));
        };
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
    for term in terms {
        if index.in_field(&term, BODY)? > 0 {
            found.insert(term);
        }
    }
    Ok(found)
}
