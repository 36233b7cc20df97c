//! The passages that share words with a question, scored with [BM25F](super::bm25f).
//!
//! tantivy's own scorers add up a document's terms in an order that depends on the segment, and its statistics
//! count deleted documents. Both would let the history of an index change its answers, so scores are summed here: term by
//! term, each field in turn, into one sum per document, with the frequencies of the living passages only.

use std::collections::HashSet;

use rayon::prelude::*;

use super::analyzer::{self, Side, Token};
use super::bm25f::{FIELDS, OccurrenceWeights, TUNING, idf, saturated};
use super::compounds::{self, Compound};
use super::row::Address;
use super::terms::{Frequencies, Occurrence, Occurrences};
use super::top::{Scored, Top};
use super::typos;
use crate::error::Result;
use crate::hit::{Candidate, Row, UnknownWord};
use crate::threads;
use crate::words::Language;

/// The most distinct terms of a question that count.
const MOST_TERMS: usize = 256;
/// So many documents of a part take as much time as one that is looked at alone.
const SHARE_OF_CONTENDERS: usize = 8;
/// The documents that make a task worth speaking of.
const DOCUMENTS_PER_TASK: usize = 4096;

/// A term that stands for a word of the question: the word itself in one of the index's languages, or one that it may be a
/// typo of.
#[derive(Debug)]
pub(super) struct Variant {
    /// The term.
    pub(super) term: String,
    /// The weight of a saturated count: the word's IDF, times what it counts.
    pub(super) weight: f32,
    /// How much of the word it is: 1 for the word itself, less for a correction.
    pub(super) share: f32,
}

impl Variant {
    /// The score of so many weighted occurrences.
    pub(super) fn score(&self, count: f32) -> f32 {
        self.weight * saturated(count)
    }
}

/// A word of the question.
#[derive(Debug)]
pub(super) struct QuestionWord {
    /// Its own term, in English notes.
    pub(super) term: String,
    /// Whether any passage has it.
    pub(super) known: bool,
    /// The word itself, folded.
    pub(super) word: String,
    /// The terms that stand for it; the best of those that a passage has counts.
    pub(super) variants: Vec<Variant>,
    /// Its IDF, times what it counts; 0 for a stop word. That of a word that no passage has is the greatest.
    pub(super) idf: f32,
    /// How many words stand before it in the question.
    pub(super) position: usize,
    /// How many words it takes: 1, or more for a name with parts.
    pub(super) length: usize,
}

/// The words of a question, looked up once in an index.
#[derive(Debug)]
pub(super) struct LexicalQuery {
    /// In the order in which their scores are added up.
    pub(super) words: Vec<QuestionWord>,
    /// The languages that the index has besides English.
    pub(super) languages: Vec<Language>,
    pub(super) weights: OccurrenceWeights,
}

impl LexicalQuery {
    /// Looks up the words of a text, which isn't in any query language.
    pub(super) fn new(text: &str, index: &impl Frequencies) -> Result<Self> {
        let languages = index.languages()?;
        let lookup =
            Lookup { index, all: index.passages(), asked: Language::asked(text, &languages), languages };
        let mut tokens = distinct(text);
        let compounding = compounds::compounding(&lookup.languages);
        let is_stop = |token: &Token| lookup.is_stop(token);
        if !compounding.is_empty() {
            tokens = compounds::with_parts(tokens, is_stop, &compounding, index)?;
        }
        let compounds = compounds::compounds(&tokens, is_stop, &compounding, index)?;
        // Of a question of nothing but stop words each is looked for: "to be or not to be".
        let others = tokens.iter().any(|token| !is_stop(token));
        let words_too = tokens.iter().any(|token| token.length > 0 && !is_stop(token));
        let (mut words, mut typos_left): (Vec<QuestionWord>, usize) = (Vec::new(), typos::MOST_WORDS);
        for (token, compounds) in tokens.into_iter().zip(compounds) {
            let stop = others && is_stop(&token);
            words.extend(lookup.word(token, compounds, [stop, words_too], &mut typos_left)?);
        }
        let weights = OccurrenceWeights::new(&index.field_lengths()?);
        Ok(Self { words, languages: lookup.languages, weights })
    }

    /// The IDF of a word of the question: that of the rarest of its terms; 1 if it has none of its own.
    pub(super) fn idf_of(&self, word: &str) -> f32 {
        let terms = distinct(word);
        let of_term =
            |term: &Token| self.words.iter().find(|word| word.term == term.term).map(|word| word.idf);
        terms.iter().filter_map(of_term).filter(|&idf| idf > 0.0).reduce(f32::max).unwrap_or(1.0)
    }

    /// The words that no passage has.
    pub(super) fn unknown(&self) -> Vec<UnknownWord> {
        let is_unknown = |word: &&QuestionWord| word.idf > 0.0 && word.length == 1 && !word.known;
        let unknown = self.words.iter().filter(is_unknown);
        unknown
            .map(|word| UnknownWord { word: word.word.clone(), may_be_typo: !word.variants.is_empty() })
            .collect()
    }

    /// The `k` best of the passages that have any of the words and that the question may find, best first; ties break by
    /// the passages' ids. `parts` are all parts of the index, in order.
    pub(super) fn search<P: Occurrences>(&self, parts: &[P], k: usize) -> Result<Vec<Candidate>> {
        if k == 0 || self.words.iter().all(|word| word.variants.is_empty()) {
            return Ok(Vec::new());
        }
        let best = |part: &P| self.best(part, k);
        let documents: usize = parts.iter().map(|part| part.documents() as usize).sum();
        let best = if parts.len() > 1 && threads::are_for(documents.div_ceil(DOCUMENTS_PER_TASK)) {
            parts.par_iter().map(best).try_reduce(|| Top::new(k), |a, b| Ok(a.merge(b)))?
        } else {
            parts.iter().try_fold(Top::new(k), |top, part| best(part).map(|best| top.merge(best)))?
        };
        // Pairs of words are looked for in the best by single words.
        let rows: Vec<Row> = best.into_candidates().iter().map(|found| found.row).collect();
        let mut top = Top::new(k);
        for (&row, features) in rows.iter().zip(self.features(parts, &rows)?) {
            let Address { segment, doc } = row.into();
            top.push(Scored { score: features.score, id: parts[segment as usize].id(doc)?, row });
        }
        Ok(top.into_candidates())
    }

    /// The sums of the scores of words in each document of a part: of those words whose numbers are to `count`.
    pub(super) fn sums(&self, part: &impl Occurrences, count: impl Fn(usize) -> bool) -> Result<Vec<f32>> {
        self.sums_of(part, None, count)
    }

    /// The same, in some documents of a part, in ascending order, or in all.
    fn sums_of(
        &self,
        part: &impl Occurrences,
        docs: Option<&[u32]>,
        count: impl Fn(usize) -> bool,
    ) -> Result<Vec<f32>> {
        let mut scores = DocumentScores::new(docs.map_or(part.documents() as usize, <[u32]>::len));
        for (_, word) in self.words.iter().enumerate().filter(|(number, _)| count(*number)) {
            for variant in &word.variants {
                scores.add_variant(part, docs, variant, &self.weights)?;
            }
            scores.add_word();
        }
        Ok(scores.sums)
    }

    /// The most that some words, by their numbers, add to the score of a passage.
    pub(super) fn lift(&self, counts: impl Fn(usize) -> bool) -> f32 {
        let greatest = |word: &QuestionWord| {
            word.variants.iter().map(|variant| variant.weight).fold(0.0, f32::max) * (1.0 + TUNING.saturation)
        };
        let words = self.words.iter().enumerate().filter(|(number, _)| counts(*number));
        words.map(|(_, word)| greatest(word)).sum()
    }

    /// The best of one part, by single words.
    pub(super) fn best(&self, part: &impl Occurrences, k: usize) -> Result<Top> {
        let docs = self.contenders(part, k)?;
        let sums = self.sums_of(part, docs.as_deref(), |_| true)?;
        let mut top = Top::new(k);
        for (at, &score) in sums.iter().enumerate() {
            let doc = docs.as_ref().map_or(at as u32, |docs| docs[at]);
            if score > 0.0 && score >= top.threshold() && part.accepts(doc) {
                top.push(Scored { score, id: part.id(doc)?, row: part.row(doc) });
            }
        }
        Ok(top)
    }

    /// The documents of a part that may be among its `k` best: all that are so good without stop words that these may lift
    /// them there. `None` where it takes less time to look at all.
    ///
    /// Stop words stand in most passages and count for little, so the others leave few to look for them in.
    fn contenders(&self, part: &impl Occurrences, k: usize) -> Result<Option<Vec<u32>>> {
        let is_stop = |word: usize| self.words[word].idf == 0.0;
        let is_short = (part.documents() as usize) < SHARE_OF_CONTENDERS.saturating_mul(k);
        if is_short || !(0..self.words.len()).any(is_stop) {
            return Ok(None);
        }
        let sums = self.sums(part, |word| !is_stop(word))?;
        let found = (0..).zip(&sums).filter(|&(doc, &sum)| sum > 0.0 && part.accepts(doc));
        let mut found: Vec<(u32, f32)> = found.map(|(doc, &sum)| (doc, sum)).collect();
        if found.len() < k {
            // Some have nothing but stop words.
            return Ok(None);
        }
        let mut ordered: Vec<f32> = found.iter().map(|&(_, sum)| sum).collect();
        let (_, &mut least, _) = ordered.select_nth_unstable_by(k - 1, |a, b| b.total_cmp(a));
        let least = below(least, self.lift(is_stop));
        found.retain(|&(_, sum)| sum >= least);
        let is_few = found.len() * SHARE_OF_CONTENDERS <= part.documents() as usize;
        Ok(is_few.then(|| found.into_iter().map(|(doc, _)| doc).collect()))
    }
}

/// The least score that such a lift may raise to `score`, however its sums are rounded.
pub(super) fn below(score: f32, lift: f32) -> f32 {
    const ROUNDING: f32 = 1e-4;
    score - lift - ROUNDING * (score.abs() + lift)
}

/// What is needed to look up the words of a question.
struct Lookup<'a, F> {
    index: &'a F,
    /// How many passages there are.
    all: u64,
    /// The language of the question.
    asked: Language,
    /// The languages that the index has besides English.
    languages: Vec<Language>,
}

impl<F: Frequencies> Lookup<'_, F> {
    /// Whether a word stands in any question.
    fn is_stop(&self, token: &Token) -> bool {
        match self.asked {
            Language::English => analyzer::is_stop_term(&token.term),
            language => language.is_stop_word(&token.word),
        }
    }

    /// Looks up a word that is a part of some compounds; `None` if it needn't be found. Whether it is a stop word, and whether
    /// the question has other words than symbols.
    fn word(
        &self,
        token: Token,
        compounds: Vec<Compound>,
        [stop, words_too]: [bool; 2],
        typos_left: &mut usize,
    ) -> Result<Option<QuestionWord>> {
        let terms = analyzer::terms(&token, &self.languages);
        let (mut passages, mut found) = (0, Vec::new());
        // A passage is in one language, so it has the word in one form.
        for term in &terms {
            let of_term = typos::frequency(self.index, term, stop)?;
            passages += of_term;
            found.extend((of_term > 0).then(|| term.clone()));
        }
        let Token { term, word, position, length, name, part, .. } = token;
        // Words joined with hyphens, or by capitals, may be written apart everywhere, and a symbol may be an ornament.
        if passages == 0 && ((length > 1 && !name) || (length == 0 && words_too)) {
            return Ok(None);
        }
        let factor = if stop { TUNING.stop } else { 1.0 } * if part { TUNING.part } else { 1.0 };
        let weight = |passages: u64, share: f32| factor * share * idf(passages, self.all);
        let own = |term| Variant { term, weight: weight(passages, 1.0), share: 1.0 };
        let mut variants: Vec<Variant> = found.into_iter().map(own).collect();
        let mut commonest = passages;
        let known = passages > 0 || !compounds.is_empty();
        let rare = passages <= typos::RARE && compounds.is_empty() && !stop && length == 1;
        for Compound { term, passages: of_compound, share } in compounds {
            commonest = commonest.max(of_compound);
            // A compound is rarer than its part, but it says no more of that.
            variants.push(Variant { term, weight: weight(passages.max(of_compound), share), share });
        }
        if *typos_left > 0 && rare && typos::may_be_typo(&term) {
            *typos_left -= 1;
            let corrections = typos::corrections(self.index, &terms, &word, &self.languages, passages)?;
            for typos::Correction { term, passages, share } in corrections {
                commonest = commonest.max(passages);
                variants.push(Variant { term, weight: weight(passages, share), share });
            }
        }
        let idf = if stop { 0.0 } else { factor * idf(commonest, self.all) };
        Ok(Some(QuestionWord { term, known, word, variants, idf, position, length }))
    }
}

/// The distinct terms of a question, where each stands first.
fn distinct(text: &str) -> Vec<Token> {
    let (mut known, mut terms) = (HashSet::new(), Vec::new());
    analyzer::each(text, Side::Question, |token| {
        if known.insert(token.term.clone()) {
            terms.push(token);
        }
        terms.len() < MOST_TERMS
    });
    terms
}

/// The sums of scores of a part's documents.
struct DocumentScores {
    sums: Vec<f32>,
    /// The weighted count of the current variant in each document.
    counts: Vec<f32>,
    /// The best score of a variant of the current word in each document.
    best: Vec<f32>,
    /// The documents that have the current variant.
    counted: Vec<u32>,
    /// The documents that have a variant of the current word.
    scored: Vec<u32>,
}

impl DocumentScores {
    fn new(documents: usize) -> Self {
        let zeros = vec![0f32; documents];
        let (counted, scored) = (Vec::new(), Vec::new());
        Self { sums: zeros.clone(), counts: zeros.clone(), best: zeros, counted, scored }
    }

    /// Scores those of the documents that have a variant in any field.
    fn add_variant(
        &mut self,
        part: &impl Occurrences,
        docs: Option<&[u32]>,
        variant: &Variant,
        weights: &OccurrenceWeights,
    ) -> Result<()> {
        let Self { counts, best, counted, scored, .. } = self;
        for field in 0..FIELDS {
            let mut add = |at: usize, found: Occurrence| {
                if let Some(count) = counts.get_mut(at) {
                    if *count == 0.0 {
                        counted.push(at as u32);
                    }
                    *count += weights.of(field, found.length) * found.count as f32;
                }
            };
            match docs {
                Some(docs) => {
                    part.visit_some(&variant.term, field, docs, false, |at, found, _| add(at, found))?;
                }
                None => part.visit(&variant.term, field, |found| add(found.doc as usize, found))?,
            }
        }
        for doc in counted.drain(..) {
            let count = std::mem::take(&mut counts[doc as usize]);
            let best = &mut best[doc as usize];
            if *best == 0.0 {
                scored.push(doc);
            }
            *best = best.max(variant.score(count));
        }
        Ok(())
    }

    /// Adds the best scores of the current word to the sums.
    fn add_word(&mut self) {
        for doc in self.scored.drain(..) {
            self.sums[doc as usize] += std::mem::take(&mut self.best[doc as usize]);
        }
    }
}

#[cfg(test)]
#[path = "lexical_tests.rs"]
mod tests;
