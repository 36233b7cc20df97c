//! Which words of a source say a sentence that a language model wrote?
//!
//! - `support/marks.rs`: how a model names its sources.
//! - `support/stream.rs`: the sentences of a text that is still being written.
//! - `support/units.rs`: the sentences of the sources, with what stands above them.
//! - `support/facts.rs`: words, numbers, names and negations.
//! - `support/quote.rs`: where a source says a sentence word for word.
//! - `support/near.rs`: where it may say it in other words.

mod facts;
mod marks;
mod near;
mod quote;
mod stream;
mod units;

use std::collections::HashSet;
use std::ops::Range;

use crate::document::Passage;
use crate::error::Result;
use crate::likeness::CosineMap;
use crate::written::Support;
use facts::{MOST_TOKENS, Token, tokens};
use near::{Candidate, candidates};
use quote::{code_places, is_choice, quotes, range};
pub use stream::{Piece, Stream};
use units::{Unit, units};

/// A source that a language model was shown.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The number under which the model was shown it, from 1.
    pub number: u32,
    /// The title of its note.
    pub title: Option<&'a str>,
    /// Its passage.
    pub passage: &'a Passage,
}

/// At most so many places are found for a sentence.
const MOST_PLACES: usize = 3;
/// So many candidates are compared by what they mean.
const MOST_CANDIDATES: usize = 4;
/// The least cosine between a sentence and what may say it in other words.
const LEAST_COSINE: f32 = 0.5;
/// Choices are so many at most.
const MOST_CHOICES: usize = 150;

/// What a sentence may be taken from: the sentences of sources, and pairs of neighbours.
#[derive(Debug, Default)]
pub struct Grounds {
    /// The texts of the sources.
    texts: Vec<String>,
    /// The numbers under which a model was shown them.
    numbers: Vec<u32>,
    /// The words that stand above each source: its title, headings and question.
    above: Vec<HashSet<u64>>,
    /// The units of the sources, in their order.
    units: Vec<Unit>,
    /// Their vectors; empty where there is none yet.
    vectors: Vec<Vec<f32>>,
    /// All words of the sources.
    known: HashSet<u64>,
    /// How cosines of two texts are read.
    cosines: CosineMap,
}

/// The words that say a sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// How they say it.
    pub support: Support,
    /// Where they stand: the number of a source, from 0 in the order that they were given in, and a range of its passage's
    /// text in bytes. The best first.
    pub places: Vec<(usize, Range<usize>)>,
}

/// Turns texts into unit vectors, in their order.
pub type Embed<'a> = dyn FnMut(&[&str]) -> Result<Vec<Vec<f32>>> + 'a;

impl Grounds {
    /// The grounds that these sources give.
    pub fn of(sources: &[Source<'_>]) -> Self {
        let mut grounds = Self::default();
        for (number, source) in sources.iter().enumerate() {
            let passage = source.passage;
            let titles = source.title.into_iter().chain(passage.heading.iter().map(String::as_str));
            let above = titles.chain(passage.question.as_deref()).chain([passage.context.as_str()]);
            let mut above: HashSet<u64> = above.flat_map(tokens).map(|token| token.key).collect();
            let found = units(passage, number, grounds.units.len());
            let titles = found.iter().filter(|unit| unit.shape == units::Shape::Title);
            above.extend(titles.flat_map(|unit| &unit.tokens).map(|token| token.key));
            grounds.known.extend(&above);
            grounds.known.extend(found.iter().flat_map(|unit| &unit.tokens).map(|token| token.key));
            grounds.above.push(above);
            grounds.units.extend(found);
            grounds.texts.push(passage.shown().into_owned());
            grounds.numbers.push(source.number);
        }
        grounds.vectors = vec![Vec::new(); grounds.units.len()];
        grounds
    }

    /// The same, with cosines that are read in another way.
    #[must_use]
    pub fn read_by(self, cosines: CosineMap) -> Self {
        Self { cosines, ..self }
    }

    /// Embeds these units.
    fn embed(&mut self, units: &[usize], embed: &mut Embed<'_>) -> Result<()> {
        let texts: Vec<&str> = units.iter().map(|&unit| self.units[unit].text.as_str()).collect();
        for (&unit, vector) in units.iter().zip(embed(&texts)?) {
            self.vectors[unit] = vector;
        }
        Ok(())
    }

    /// Finds the words that say a sentence; of places that say it as well, those come first whose sources the model itself
    /// names.
    ///
    /// # Errors
    ///
    /// As `embed`.
    pub fn judge(&mut self, piece: &Piece, embed: &mut Embed<'_>) -> Result<Option<Finding>> {
        if piece.is_code {
            let texts: Vec<&str> = self.texts.iter().map(String::as_str).collect();
            let mut places = code_places(&piece.text, &texts);
            places.sort_by_key(|(source, _)| !self.is_hinted(piece, *source));
            places.truncate(MOST_PLACES);
            let found = !places.is_empty();
            return Ok(found.then_some(Finding { support: Support::Quoted, places }));
        }
        let sentence = tokens(&piece.text);
        if sentence.len() > MOST_TOKENS || !sentence.iter().any(Token::is_content) {
            return Ok(None);
        }
        if !self.has_addresses(&piece.text) {
            return Ok(None);
        }
        let mut found = quotes(&sentence, &self.units);
        if found.is_empty() {
            return self.judge_near(piece, &sentence, embed);
        }
        found.sort_by_key(|quote| {
            let source = self.units[quote.units.0].source;
            (quote.more, !self.is_hinted(piece, source), source, quote.units.0)
        });
        let mut places: Vec<(usize, Range<usize>)> = Vec::new();
        for quote in &found {
            let source = self.units[quote.units.0].source;
            if places.iter().all(|(other, _)| *other != source) && places.len() < MOST_PLACES {
                places.push((source, range(&self.units, quote)));
            }
        }
        Ok(Some(Finding { support: Support::Quoted, places }))
    }

    /// Whether one source has all addresses that a text leads to: what a reader may follow must be what a note has.
    fn has_addresses(&self, text: &str) -> bool {
        let is_end = |c: char| c.is_whitespace() || "()<>\"'`[]".contains(c);
        let bare = text.split(is_end).filter(|part| part.contains("://") || part.starts_with("data:"));
        let linked = text.split("](").skip(1).filter_map(|rest| rest.split(is_end).next());
        let attributes = text.split(['"', '\'']).filter(|_| text.contains("<a ") || text.contains("<img"));
        let addresses: Vec<&str> = bare.chain(linked).chain(attributes.skip(1).step_by(2)).collect();
        let has = |source: &String| addresses.iter().all(|address| source.contains(*address));
        addresses.is_empty() || self.texts.iter().any(has)
    }

    /// Finds the words that may say a sentence in other words.
    fn judge_near(
        &mut self,
        piece: &Piece,
        sentence: &[Token],
        embed: &mut Embed<'_>,
    ) -> Result<Option<Finding>> {
        let known = |token: &Token| self.known.contains(&token.key);
        let mut found = candidates(sentence, &self.units, &self.above, &known);
        let hinted = |candidate: &Candidate| self.is_hinted(piece, self.units[candidate.unit].source);
        found.sort_by(|a, b| {
            let score = |candidate: &Candidate| candidate.coverage + candidate.own;
            score(b).total_cmp(&score(a)).then(hinted(b).cmp(&hinted(a)))
        });
        found.truncate(MOST_CANDIDATES);
        if found.is_empty() {
            return Ok(None);
        }
        let missing = found.iter().map(|candidate| candidate.unit);
        let missing: Vec<usize> = missing.filter(|&unit| self.vectors[unit].is_empty()).collect();
        if !missing.is_empty() {
            self.embed(&missing, embed)?;
        }
        let vector = embed(&[&piece.text])?.pop().unwrap_or_default();
        let like = |candidate: &Candidate| self.cosines.of(cosine(&self.vectors[candidate.unit], &vector));
        let best = found.iter().map(|candidate| (like(candidate), candidate));
        let best = best.filter(|(cosine, _)| *cosine >= LEAST_COSINE);
        let score = |(cosine, candidate): &(f32, &Candidate)| cosine + candidate.coverage;
        let best = best.reduce(|a, b| if score(&b) > score(&a) + 0.001 { b } else { a });
        let finding = best.map(|(_, candidate)| {
            let unit = &self.units[candidate.unit];
            Finding { support: Support::Near, places: vec![(unit.source, unit.range.clone())] }
        });
        Ok(finding)
    }

    /// Whether the model itself names a source for a sentence.
    fn is_hinted(&self, piece: &Piece, source: usize) -> bool {
        piece.hinted.contains(&self.numbers[source])
    }

    /// The sentences that can be quoted as they are, with where they stand, each once: what a model is held to choose from.
    pub fn choices(&self) -> Vec<(String, (usize, Range<usize>))> {
        let mut once: HashSet<Vec<u64>> = HashSet::new();
        let mut choices = Vec::new();
        for unit in self.units.iter().filter(|unit| is_choice(unit)) {
            let is_new = once.insert(unit.tokens.iter().map(|token| token.key).collect());
            if is_new && choices.len() < MOST_CHOICES {
                choices.push((quote::in_one_line(&unit.text), (unit.source, unit.range.clone())));
            }
        }
        choices
    }
}

/// The cosine of two unit vectors.
fn cosine(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
#[path = "support/support_tests.rs"]
mod tests;
