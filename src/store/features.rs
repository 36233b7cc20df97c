//! Features: what the words of a question and given passages have in common.
//!
//! The postings of each term are entered at the given rows only, so the cost grows with terms × rows and not
//! with the index.

use std::collections::HashSet;

use super::analyzer::{self, Side};
use super::bm25f::{BODY, FIELDS, LABELS, TITLE, TUNING, length_of_class, saturated};
use super::lexical::{LexicalQuery, Variant};
use super::row::Address;
use super::terms::Occurrences;
use crate::error::Result;
use crate::hit::{LexicalFeatures, Row};

/// Two words of the question with more between them aren't a pair.
const WIDEST_PAIR: usize = 3;

/// Two words of a question that follow each other, stop words aside.
struct WordPair {
    /// Their numbers among [`LexicalQuery::words`].
    words: [usize; 2],
    /// How far apart they are at most: as in the question.
    distance: u32,
    /// The mean of their IDFs.
    idf: f32,
}

/// The counts and sums of one passage while the words of the question are looked up in it.
#[derive(Clone, Default)]
struct Tally {
    /// The weighted count of the current variant.
    count: f32,
    /// The best score of a variant of the current word.
    best: f32,
    /// The share of the current word that is in any field, above the text, and in the text.
    shares: [f32; 3],
    /// The share of the current word that is in each field.
    in_fields: [f32; FIELDS],
    /// The sum of the words' shares in each field.
    words: [f32; FIELDS],
    /// The length of each field that has one of the words.
    lengths: [u32; FIELDS],
    /// The IDF-weighted sums of the words' shares in any field, above the text, and in the text.
    covered: [f32; 3],
    /// The greatest IDF of a word, times the share of it that is missing.
    missing: f32,
    /// The sum of the words' scores.
    score: f32,
    /// The positions in the text of words that aren't stop words, with their numbers.
    places: Vec<(u32, usize)>,
}

impl LexicalQuery {
    /// The features of each row. The scores are those of [`search`](Self::search).
    pub(super) fn features<P: Occurrences>(&self, parts: &[P], rows: &[Row]) -> Result<Vec<LexicalFeatures>> {
        let pairs = self.pairs();
        let mut features = vec![LexicalFeatures::default(); rows.len()];
        let mut order: Vec<(Address, usize)> = rows.iter().map(|&row| row.into()).zip(0..).collect();
        order.sort_unstable_by_key(|&(_, at)| rows[at]);
        for of_part in order.chunk_by(|(a, _), (b, _)| a.segment == b.segment) {
            let docs: Vec<u32> = of_part.iter().map(|(place, _)| place.doc).collect();
            let tallies = self.count(&parts[of_part[0].0.segment as usize], &docs)?;
            for (&(_, at), tally) in of_part.iter().zip(tallies) {
                features[at] = self.conclude(tally, &pairs);
            }
        }
        Ok(features)
    }

    /// The features of a passage that is called `label` and says nothing else.
    pub(super) fn label(&self, label: &str) -> LexicalFeatures {
        let (mut terms, mut length) = (HashSet::new(), 0);
        analyzer::each(label, Side::Index, |token| {
            length += 1;
            terms.extend(analyzer::terms(&token, &self.languages));
            true
        });
        let mut tally = Tally::default();
        for word in &self.words {
            for variant in word.variants.iter().filter(|variant| terms.contains(&variant.term)) {
                tally.count = 1.0;
                tally.add_share(TITLE, variant.share, length);
                tally.end_variant(variant);
            }
            tally.end_word(word.idf);
        }
        self.conclude(tally, &[])
    }

    /// Looks all words up in some documents of a part, in ascending order.
    fn count(&self, part: &impl Occurrences, docs: &[u32]) -> Result<Vec<Tally>> {
        let mut tallies = vec![Tally::default(); docs.len()];
        for (number, word) in self.words.iter().enumerate() {
            for variant in &word.variants {
                for field in 0..FIELDS {
                    let positions = word.idf > 0.0 && field == BODY;
                    part.visit_some(&variant.term, field, docs, positions, |at, found, positions| {
                        let weight = self.weights.of(field, found.length);
                        tallies[at].count += weight * found.count as f32;
                        tallies[at].add_share(field, variant.share, length_of_class(found.length));
                        tallies[at].places.extend(positions.iter().map(|&position| (position, number)));
                    })?;
                }
                for tally in &mut tallies {
                    tally.end_variant(variant);
                }
            }
            for tally in &mut tallies {
                tally.end_word(word.idf);
            }
        }
        Ok(tallies)
    }

    /// The pairs of words that follow each other.
    fn pairs(&self) -> Vec<WordPair> {
        let is_paired = |&word: &usize| self.words[word].idf > 0.0 && self.words[word].length == 1;
        let words: Vec<usize> = (0..self.words.len()).filter(is_paired).collect();
        let pair = |words: &[usize]| {
            let [a, b] = [&self.words[words[0]], &self.words[words[1]]];
            let distance = b.position - a.position;
            (1..=WIDEST_PAIR).contains(&distance).then(|| WordPair {
                words: [words[0], words[1]],
                distance: distance as u32,
                idf: 0.5 * (a.idf + b.idf),
            })
        };
        words.windows(2).filter_map(pair).collect()
    }

    /// Makes features of what is known of a passage.
    fn conclude(&self, mut tally: Tally, pairs: &[WordPair]) -> LexicalFeatures {
        let whole: f32 = self.words.iter().map(|word| word.idf).sum();
        let share = |part: f32, whole: f32| if whole > 0.0 { (part / whole).min(1.0) } else { 0.0 };
        tally.places.sort_unstable();
        let (mut adjacent, mut score) = (0.0, tally.score);
        for pair in pairs {
            let count = pair.count(&tally.places);
            adjacent += if count > 0 { pair.idf } else { 0.0 };
            score += TUNING.pair * pair.idf * saturated(count as f32);
        }
        let proximity = proximity(&tally.places, self.words.len());
        score += TUNING.proximity * tally.covered[2] * proximity;
        LexicalFeatures {
            score,
            coverage: share(tally.covered[0], whole),
            context_coverage: share(tally.covered[1], whole),
            body_coverage: share(tally.covered[2], whole),
            label_overlap: tally.label_overlap(self.words.len()),
            adjacency: share(adjacent, pairs.iter().map(|pair| pair.idf).sum()),
            proximity,
            missing: share(tally.missing, self.words.iter().map(|word| word.idf).fold(0.0, f32::max)),
        }
    }
}

impl Tally {
    /// Notes that a field of this length has a share of the current word.
    fn add_share(&mut self, field: usize, share: f32, length: u32) {
        for of in [0, if field == BODY { 2 } else { 1 }] {
            self.shares[of] = self.shares[of].max(share);
        }
        self.in_fields[field] = self.in_fields[field].max(share);
        self.lengths[field] = length;
    }

    /// Scores the current variant.
    fn end_variant(&mut self, variant: &Variant) {
        if self.count > 0.0 {
            self.best = self.best.max(variant.score(std::mem::take(&mut self.count)));
        }
    }

    /// Adds the current word to the sums.
    fn end_word(&mut self, idf: f32) {
        self.score += std::mem::take(&mut self.best);
        self.missing = self.missing.max(idf * (1.0 - self.shares[0]));
        for (covered, share) in self.covered.iter_mut().zip(std::mem::take(&mut self.shares)) {
            *covered += idf * share;
        }
        for (words, share) in self.words.iter_mut().zip(std::mem::take(&mut self.in_fields)) {
            *words += share;
        }
    }

    /// How nearly a title, the headings or a question has the words that are asked for, and no others: the greatest
    /// Dice coefficient of the fields above the text. Stop words count, for they make a question what it is.
    fn label_overlap(&self, asked: usize) -> f32 {
        let overlap =
            |field: usize| 2.0 * self.words[field] / (asked as f32 + self.lengths[field] as f32).max(1.0);
        (0..LABELS).map(overlap).fold(0.0, f32::max).min(1.0)
    }
}

impl WordPair {
    /// How often the pair stands at these places, which ascend: the second word no farther behind the first than
    /// in the question.
    fn count(&self, places: &[(u32, usize)]) -> usize {
        let firsts = places.iter().enumerate().filter(|(_, (_, word))| *word == self.words[0]);
        let followed = |(at, (position, _)): &(usize, &(u32, usize))| {
            let near = places[*at..].iter().take_while(|(other, _)| other - position <= self.distance);
            near.into_iter().any(|(other, word)| *word == self.words[1] && other > position)
        };
        firsts.filter(followed).count()
    }
}

/// How many different words stand in the text, against the length of the shortest stretch that has them all.
fn proximity(places: &[(u32, usize)], words: usize) -> f32 {
    let mut counts = vec![0u32; words];
    for (_, word) in places {
        counts[*word] = 1;
    }
    let all = counts.iter().sum::<u32>();
    if all < 2 {
        return 0.0;
    }
    counts.fill(0);
    let (mut first, mut missing, mut shortest) = (0, all, u32::MAX);
    for &(end, word) in places {
        missing -= u32::from(counts[word] == 0);
        counts[word] += 1;
        while missing == 0 {
            let (start, word) = places[first];
            shortest = shortest.min(end - start + 1);
            counts[word] -= 1;
            missing += u32::from(counts[word] == 0);
            first += 1;
        }
    }
    (all as f32 / shortest as f32).min(1.0)
}
