//! Compounds: words that some languages write as one, found by their parts, and the other way round.
//!
//! A question's `Datenbankverbindung` is taken apart, and its `Datenbank` also stands in `Datenbankverbindung`. What a part
//! may be, the index tells: it is a word that living passages have, or another word of the question. So there is no list of
//! words, and an index that was updated answers like a fresh one.
//!
//! Parts of a word of the question are looked up like those of a name: they join the question as words of their own that
//! count for less. A compound of the index is one more form of each of its parts, and counts for less than the word itself;
//! for hardly less, if the rest of it is asked for, too.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::analyzer::{self, Token, parts_of};
use super::bm25f::BODY;
use super::terms::Frequencies;
use super::typos::frequency;
use crate::error::Result;
use crate::words::{Language, fold, lowered, stem, stem_in};

/// The most words of a question that are taken apart, or looked for in compounds.
const MOST_WORDS: usize = 8;
/// The most compounds in which a word is looked for.
const MOST: usize = 16;
/// The fewest letters of a word that is taken apart, and the most.
const SHORTEST: usize = 8;
const LONGEST: usize = 40;
/// The fewest letters of a word that may have three parts.
const LONG: usize = 12;
/// The fewest letters of a word that is looked for in compounds.
const SHORTEST_PART: usize = 4;
/// The fewest letters of what a compound has besides.
const SHORTEST_REST: usize = 3;
/// The share of a word that counts where a compound has it, and where a compound has two words of the question.
const SHARE: f32 = 0.5;
const SHARE_OF_BOTH: f32 = 0.9;

/// A compound that a word of the question is a part of.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Compound {
    /// Its term.
    pub(super) term: String,
    /// How many passages have it.
    pub(super) passages: u64,
    /// Its weight, against 1 for the word itself.
    pub(super) share: f32,
}

/// What joins the parts of a compound, behind the stem of the first; none, if the language writes no compounds.
fn links(language: Language) -> &'static [&'static str] {
    match language {
        Language::German => &["", "s", "es", "n", "en", "e", "er", "ens", "ungs"],
        Language::Dutch => &["", "s", "e", "en", "n", "er", "ings"],
        Language::Swedish => &["", "s", "e", "o", "u", "a", "ings"],
        Language::Danish | Language::Norwegian => &["", "s", "e", "er", "ings"],
        Language::Finnish => &["", "n", "en"],
        Language::Hungarian => &["", "a", "e"],
        _ => &[],
    }
}

/// The languages of an index that write compounds.
pub(super) fn compounding(languages: &[Language]) -> Vec<Language> {
    languages.iter().copied().filter(|language| !links(*language).is_empty()).collect()
}

/// Puts the parts of compounds behind them, as those of a name are. `is_stop` tells which words stand in any question.
pub(super) fn with_parts(
    tokens: Vec<Token>,
    is_stop: impl Fn(&Token) -> bool,
    languages: &[Language],
    index: &impl Frequencies,
) -> Result<Vec<Token>> {
    let (mut all, mut known): (Vec<Token>, BTreeSet<String>) = (Vec::new(), BTreeSet::new());
    known.extend(tokens.iter().map(|token| token.term.clone()));
    let (mut left, mut shift) = (MOST_WORDS, 0);
    for mut token in tokens {
        token.position += shift;
        let letters = token.written.chars().count();
        let may_be_one = token.length == 1 && !token.name && (SHORTEST..=LONGEST).contains(&letters);
        let mut parts = None;
        if may_be_one && left > 0 && !is_stop(&token) {
            left -= 1;
            for language in languages {
                if parts.is_none() {
                    parts = Splitting::new(*language, index).split(&lowered(*language, &token.written))?;
                }
            }
        }
        let Some(parts) = parts else {
            all.push(token);
            continue;
        };
        token.length = parts.len();
        let position = token.position;
        shift += parts.len() - 1;
        all.push(token);
        for (behind, written) in parts.into_iter().enumerate() {
            let word = fold(&written);
            let (term, position) = (stem(&word).into_owned(), position + behind);
            if known.insert(term.clone()) {
                all.push(Token { term, word, written, position, length: 1, name: false, part: true });
            }
        }
    }
    Ok(all)
}

/// Words that are taken apart in one language.
struct Splitting<'a, F> {
    language: Language,
    index: &'a F,
    /// How many passages have a stem, of those that were looked up.
    frequencies: HashMap<String, u64>,
}

impl<'a, F: Frequencies> Splitting<'a, F> {
    fn new(language: Language, index: &'a F) -> Self {
        Self { language, index, frequencies: HashMap::new() }
    }

    /// The two parts of a word that most passages have, or more, if no two are known: then the longest at its beginning, and
    /// the parts of the rest.
    fn split(&mut self, word: &str) -> Result<Option<Vec<String>>> {
        let ends: Vec<usize> = word.char_indices().map(|(at, _)| at).collect();
        let inner = ends.get(SHORTEST_REST..ends.len().saturating_sub(SHORTEST_REST - 1)).unwrap_or_default();
        let mut best: Option<(u64, Vec<String>)> = None;
        for &at in inner {
            // Few ends are words.
            let of_tail = self.frequency(&word[at..])?;
            let Some((of_head, head)) = (if of_tail > 0 { self.head(&word[..at])? } else { None }) else {
                continue;
            };
            let passages = of_tail.min(of_head);
            if passages > best.as_ref().map_or(0, |(most, _)| *most) {
                best = Some((passages, vec![head, word[at..].to_owned()]));
            }
        }
        if best.is_some() || ends.len() < LONG {
            return Ok(best.map(|(_, parts)| parts));
        }
        for &at in inner.iter().rev().filter(|&&at| word[at..].chars().count() >= SHORTEST) {
            if let Some((_, head)) = self.head(&word[..at])? {
                let rest = self.split(&word[at..])?;
                return Ok(rest.map(|rest| [head].into_iter().chain(rest).collect()));
            }
        }
        Ok(None)
    }

    /// How many passages have the first part of a compound, and that part without what joins it to the next.
    fn head(&mut self, written: &str) -> Result<Option<(u64, String)>> {
        let mut best: Option<(u64, String)> = None;
        for link in links(self.language) {
            let Some(head) = written.strip_suffix(link) else { continue };
            if head.chars().count() < SHORTEST_REST {
                continue;
            }
            let passages = self.frequency(head)?;
            if passages > best.as_ref().map_or(0, |(most, _)| *most) {
                best = Some((passages, head.to_owned()));
            }
        }
        Ok(best)
    }

    /// How many passages have a word in their text; a stop word is no part of a compound.
    fn frequency(&mut self, word: &str) -> Result<u64> {
        let Some(term) = term(self.language, word) else { return Ok(0) };
        if let Some(&passages) = self.frequencies.get(&term) {
            return Ok(passages);
        }
        let passages = self.index.in_field(&term, BODY)?;
        self.frequencies.insert(term, passages);
        Ok(passages)
    }
}

/// The term of a part of a compound, which is a word of the language and none that stands in any question.
fn term(language: Language, word: &str) -> Option<String> {
    if language.is_stop_word(&fold(word)) {
        return None;
    }
    stem_in(language, word).map(|stem| analyzer::term_of(language, &stem))
}

/// The compounds that each of some words of a question is a part of, the commonest first; nothing for a word that isn't
/// looked for.
pub(super) fn compounds(
    tokens: &[Token],
    is_stop: impl Fn(&Token) -> bool,
    languages: &[Language],
    index: &impl Frequencies,
) -> Result<Vec<Vec<Compound>>> {
    let mut found = vec![Vec::new(); tokens.len()];
    let is_asked = |(_, token): &(usize, &Token)| {
        let letters = token.written.chars().count();
        token.length == 1 && letters >= SHORTEST_PART && !is_stop(token)
    };
    let asked: Vec<usize> =
        tokens.iter().enumerate().filter(is_asked).map(|(at, _)| at).take(MOST_WORDS).collect();
    if asked.is_empty() || languages.is_empty() {
        return Ok(found);
    }
    let stems: Vec<Stems> = languages.iter().map(|language| Stems::of(*language, tokens, &asked)).collect();
    let mut candidates: BTreeMap<String, Vec<Part>> = BTreeMap::new();
    index.visit_terms(&mut |term| {
        let (compound, code) = parts_of(term);
        let stems = code.and_then(|code| stems.iter().find(|stems| stems.language.code() == code));
        let parts = stems.map_or_else(Vec::new, |stems| stems.in_compound(compound));
        if !parts.is_empty() {
            candidates.insert(term.to_owned(), parts);
        }
    })?;
    for (term, parts) in candidates {
        let passages = frequency(index, &term, false)?;
        for Part { at, others, both } in parts.into_iter().filter(|_| passages > 0) {
            if both || has_any(index, &others)? {
                let share = if both { SHARE_OF_BOTH } else { SHARE };
                found[at].push(Compound { term: term.clone(), passages, share });
            }
        }
    }
    for compounds in &mut found {
        compounds.sort_by(|a, b| {
            b.share.total_cmp(&a.share).then(b.passages.cmp(&a.passages)).then_with(|| a.term.cmp(&b.term))
        });
        compounds.truncate(MOST);
    }
    Ok(found)
}

/// Whether any passage has one of these terms in its text.
fn has_any(index: &impl Frequencies, terms: &[String]) -> Result<bool> {
    for term in terms {
        if index.in_field(term, BODY)? > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The stems of the words that are asked for, in one language, with the words' numbers.
struct Stems {
    language: Language,
    stems: Vec<(usize, String)>,
}

/// A word of a question in a compound.
struct Part {
    /// The word's number.
    at: usize,
    /// The terms that the rest of the compound may have.
    others: Vec<String>,
    /// Whether that is another word of the question.
    both: bool,
}

impl Stems {
    fn of(language: Language, tokens: &[Token], asked: &[usize]) -> Self {
        let stem = |at: usize| stem_in(language, &lowered(language, &tokens[at].written));
        Self { language, stems: asked.iter().filter_map(|&at| Some((at, stem(at)?))).collect() }
    }

    /// The words that a compound begins or ends with.
    fn in_compound(&self, compound: &str) -> Vec<Part> {
        let part = |(at, stem): &(usize, String)| {
            let mut others = others(self.language, compound, stem);
            others.retain(|other| !self.language.is_stop_word(other));
            let both = self.stems.iter().any(|(of, stem)| of != at && others.contains(stem));
            let others: Vec<String> =
                others.iter().map(|other| analyzer::term_of(self.language, other)).collect();
            (!others.is_empty()).then_some(Part { at: *at, others, both })
        };
        self.stems.iter().filter_map(part).collect()
    }
}

/// The stems that a compound may have besides one with which it begins or ends; none, if it does neither.
fn others(language: Language, compound: &str, stem: &str) -> Vec<String> {
    let is_long = |rest: &&str| rest.chars().count() >= SHORTEST_REST;
    let mut others = Vec::new();
    if let Some(rest) = compound.strip_prefix(stem) {
        let behind = links(language).iter().filter_map(|link| rest.strip_prefix(link));
        others.extend(behind.filter(is_long).map(str::to_owned));
    }
    if let Some(rest) = compound.strip_suffix(stem) {
        let before = links(language).iter().filter_map(|link| rest.strip_suffix(link)).filter(is_long);
        others.extend(before.filter_map(|head| stem_in(language, head)));
    }
    others
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compound_has_two_parts() {
        let of = |compound, stem| others(Language::German, compound, stem);
        assert!(of("datenbankverbind", "datenbank").contains(&"verbind".to_owned()));
        assert!(of("datenbankverbind", "verbind").contains(&"datenbank".to_owned()));
        assert!(of("verbindungsabbruch", "verbind").contains(&"abbruch".to_owned()));
        assert!(of("liebesbrief", "lieb").contains(&"brief".to_owned()));
        assert!(of("hauserbau", "haus").contains(&"bau".to_owned()));
        assert!(of("datenbank", "datenbank").is_empty());
        assert!(of("datenbanken", "datenbank").is_empty());
        assert!(of("verbindlich", "daten").is_empty());
    }

    #[test]
    fn some_languages_write_compounds() {
        let all: Vec<Language> = Language::all().collect();
        let codes: Vec<&str> = compounding(&all).into_iter().map(Language::code).collect();
        assert_eq!(codes, ["de", "nl", "sv", "da", "no", "fi", "hu"]);
    }
}
