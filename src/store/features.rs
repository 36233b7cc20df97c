//! What the words of a question have to do with given rows: one walk over the question's postings.
//!
//! The postings of each term are entered at the wanted rows only, so the cost grows with terms × rows and not
//! with the index.

use tantivy::Term;
use tantivy::schema::IndexRecordOption;

use super::lexical::{FIELDS, Query, TUNING, Variant, saturated};
use super::segment::Segment;
use crate::hit::{LexicalFeatures, Row};

/// The field of the passage's text among [`super::schema::Fields::words`]; the others are what stands above it.
const BODY: usize = FIELDS - 1;

/// Two words of the question with more between them aren't a pair.
const WIDEST_PAIR: usize = 3;

/// Two words of a question that follow each other, stop words aside.
struct Pair {
    /// Their numbers among [`Query::asked`].
    words: [usize; 2],
    /// How far apart they are at most: as in the question.
    distance: u32,
    /// What the pair tells: the mean of its words.
    telling: f32,
}

/// What is known of one row while the words of the question are walked through.
#[derive(Clone, Default)]
struct Seen {
    /// Of the variant at hand: how often it occurs, weighted by field.
    count: f32,
    /// Of the word at hand: the score of its best variant.
    best: f32,
    /// Of the word at hand: its share in any field, above the text, and in the text.
    shares: [f32; 3],
    /// Of the word at hand: its share in each field.
    in_fields: [f32; FIELDS],
    /// How many of the words are in each field, by their shares.
    words: [f32; FIELDS],
    /// How many words each field has, where it has one of these.
    lengths: [u32; FIELDS],
    /// What has been added up of these, in terms of what the words tell.
    covered: [f32; 3],
    /// The sum of the words' scores.
    score: f32,
    /// Where telling words stand in the text, with their numbers.
    places: Vec<(u32, usize)>,
}

impl Query {
    /// The features of each row. The scores are the same sums as in [`Query::best`].
    pub(super) fn features(
        &self,
        segments: &[&Segment],
        rows: &[Row],
    ) -> tantivy::Result<Vec<LexicalFeatures>> {
        let pairs = self.pairs();
        let mut features = vec![LexicalFeatures::default(); rows.len()];
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_unstable_by_key(|&at| rows[at]);
        for places in order.chunk_by(|&a, &b| rows[a].segment == rows[b].segment) {
            let Some(segment) = segments.get(rows[places[0]].segment as usize) else { continue };
            let docs: Vec<u32> = places.iter().map(|&place| rows[place].doc).collect();
            let seen = self.walk(segment, &docs)?;
            for (&place, seen) in places.iter().zip(seen) {
                features[place] = self.conclude(seen, &pairs);
            }
        }
        Ok(features)
    }

    /// Looks at all words in some documents of a segment, in ascending order.
    fn walk(&self, segment: &Segment, docs: &[u32]) -> tantivy::Result<Vec<Seen>> {
        let mut seen = vec![Seen::default(); docs.len()];
        for (word, asked) in self.asked.iter().enumerate() {
            for variant in &asked.variants {
                for (field, term) in variant.terms.iter().enumerate() {
                    let wanted = (asked.telling > 0.0 && field == BODY).then_some(word);
                    self.enter(segment, (field, term), wanted, variant.share, docs, &mut seen)?;
                }
                for seen in &mut seen {
                    seen.take_variant(variant);
                }
            }
            for seen in &mut seen {
                seen.take_word(asked.telling);
            }
        }
        Ok(seen)
    }

    /// Looks a term up in some documents; notes where it stands if it is the `wanted` word.
    fn enter(
        &self,
        segment: &Segment,
        (field, term): (usize, &Term),
        wanted: Option<usize>,
        share: f32,
        docs: &[u32],
        seen: &mut [Seen],
    ) -> tantivy::Result<()> {
        let option = match wanted {
            Some(_) => IndexRecordOption::WithFreqsAndPositions,
            None => IndexRecordOption::WithFreqs,
        };
        let Some(mut postings) = segment.postings(term, option)? else { return Ok(()) };
        let norms = segment.reader.get_fieldnorms_reader(term.field())?;
        let mut positions = Vec::new();
        for (&doc, seen) in docs.iter().zip(seen) {
            if postings.seek(doc) != doc {
                continue;
            }
            seen.count += self.counts.of(field, norms.fieldnorm_id(doc)) * postings.term_freq() as f32;
            for of in [0, if field == BODY { 2 } else { 1 }] {
                seen.shares[of] = seen.shares[of].max(share);
            }
            seen.in_fields[field] = seen.in_fields[field].max(share);
            seen.lengths[field] = norms.fieldnorm(doc);
            if let Some(word) = wanted {
                postings.positions(&mut positions);
                seen.places.extend(positions.iter().map(|&position| (position, word)));
            }
        }
        Ok(())
    }

    /// The pairs of words that follow each other.
    fn pairs(&self) -> Vec<Pair> {
        let telling = |&word: &usize| self.asked[word].telling > 0.0 && self.asked[word].place.1 == 1;
        let words: Vec<usize> = (0..self.asked.len()).filter(telling).collect();
        let pair = |words: &[usize]| {
            let [a, b] = [&self.asked[words[0]], &self.asked[words[1]]];
            let distance = b.place.0 - a.place.0;
            (1..=WIDEST_PAIR).contains(&distance).then(|| Pair {
                words: [words[0], words[1]],
                distance: distance as u32,
                telling: 0.5 * (a.telling + b.telling),
            })
        };
        words.windows(2).filter_map(pair).collect()
    }

    /// Makes features of what was seen of a row.
    fn conclude(&self, mut seen: Seen, pairs: &[Pair]) -> LexicalFeatures {
        let whole: f32 = self.asked.iter().map(|asked| asked.telling).sum();
        let share = |part: f32, whole: f32| if whole > 0.0 { (part / whole).min(1.0) } else { 0.0 };
        seen.places.sort_unstable();
        let (mut adjacent, mut score) = (0.0, seen.score);
        for pair in pairs {
            let count = pair.count(&seen.places);
            adjacent += if count > 0 { pair.telling } else { 0.0 };
            score += TUNING.pair * pair.telling * saturated(count as f32);
        }
        let proximity = proximity(&seen.places, self.asked.len());
        score += TUNING.proximity * seen.covered[2] * proximity;
        LexicalFeatures {
            score,
            coverage: share(seen.covered[0], whole),
            context_coverage: share(seen.covered[1], whole),
            body_coverage: share(seen.covered[2], whole),
            label_overlap: seen.label_overlap(self.asked.len()),
            adjacency: share(adjacent, pairs.iter().map(|pair| pair.telling).sum()),
            proximity,
        }
    }
}

impl Seen {
    /// How nearly a title, the headings or a question has the words that are asked for, and no others: the greatest
    /// Dice coefficient of the fields above the text. Stop words count, for they make a question what it is.
    fn label_overlap(&self, asked: usize) -> f32 {
        let overlap =
            |field: usize| 2.0 * self.words[field] / (asked as f32 + self.lengths[field] as f32).max(1.0);
        (0..BODY).map(overlap).fold(0.0, f32::max).min(1.0)
    }

    /// Ends a variant.
    fn take_variant(&mut self, variant: &Variant) {
        if self.count > 0.0 {
            self.best = self.best.max(variant.score(std::mem::take(&mut self.count)));
        }
    }

    /// Ends a word.
    fn take_word(&mut self, telling: f32) {
        self.score += std::mem::take(&mut self.best);
        for (covered, share) in self.covered.iter_mut().zip(std::mem::take(&mut self.shares)) {
            *covered += telling * share;
        }
        for (words, share) in self.words.iter_mut().zip(std::mem::take(&mut self.in_fields)) {
            *words += share;
        }
    }
}

impl Pair {
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
