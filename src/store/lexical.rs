//! The rows that share words with a question, scored with BM25F.
//!
//! BM25F (Robertson, Zaragoza and Taylor 2004) counts a term over all fields of a passage, each with its own
//! weight and length normalisation, before the count saturates: a word in title, heading and text at once isn't
//! three words. A term's rarity is that in any field.
//!
//! tantivy's own scorers add up a document's terms in an order that depends on the segment, and its statistics
//! count deleted documents. Both would let the history of an index shine through, so this walks the postings
//! itself: term by term, each field in turn, into one sum per document, with statistics of the living documents
//! only. A field's average length is taken, as Lucene does, over the documents that have the field: few passages
//! have a question.

use std::collections::HashSet;

use rayon::prelude::*;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::schema::IndexRecordOption;
use tantivy::{BitSet, TERMINATED, Term};

use super::analyzer::{self, Placed};
use super::filter::Selection;
use super::schema::Fields;
use super::segment::Segment;
use super::top::{Scored, Top};
use super::typos;
use crate::hit::Row;

/// What decides the scores.
pub(super) struct Tuning {
    /// What a term counts in each of [`Fields::words`]: title, heading, question, body.
    pub(super) weights: [f32; 4],
    /// How much a field's length matters, from 0 (not at all) to 1.
    pub(super) lengths: [f32; 4],
    /// How soon more of a term is no better: at this count it has half of what it can have.
    pub(super) saturation: f32,
    /// The weight of a term that tells nothing about what is asked, against 1 for any other.
    pub(super) stop: f32,
    /// The weight of a part of a name, against 1 for the whole.
    pub(super) part: f32,
    /// The weight of two words that follow each other as in the question (the ordered pairs of Metzler and Croft's
    /// sequential dependence model), against that of one of them.
    pub(super) pair: f32,
    /// What the words of the text count more if they stand in one place, without any between them.
    pub(super) proximity: f32,
}

/// Chosen by nDCG@10 on five public collections together (claims, questions about paragraphs, duplicate questions,
/// abstracts, questions and answers); no setting is best for all of them. Little depends on most of it: halving or
/// doubling one changes the mean by 0.006 at most.
pub(super) const TUNING: Tuning = Tuning {
    weights: [1.0, 1.0, 1.5, 1.0],
    lengths: [0.75; FIELDS],
    saturation: 1.6,
    stop: 0.3,
    part: 0.5,
    pair: 0.3,
    proximity: 0.25,
};

/// No question uses more distinct terms.
const MOST_TERMS: usize = 256;

/// How many fields hold words.
pub(super) const FIELDS: usize = 4;

/// How long the living documents' fields are; one entry for each of [`Fields::words`].
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lengths([Length; FIELDS]);

/// How long one field is.
#[derive(Clone, Copy, Debug, Default)]
struct Length {
    /// How many documents have the field.
    documents: u64,
    /// How many terms it has in all of them, each document's number as rounded by tantivy.
    terms: u64,
}

impl Lengths {
    /// Counts.
    pub(super) fn of(segments: &[Segment], fields: &Fields) -> tantivy::Result<Self> {
        let mut lengths = Self::default();
        for segment in segments {
            let accept = segment.accept(None);
            for (length, field) in lengths.0.iter_mut().zip(fields.words) {
                let Some(norms) = segment.reader.fieldnorms_readers().get_field(field)? else { continue };
                let mut documents_of_norm = [0u64; 256];
                for doc in 0..segment.reader.max_doc().min(norms.num_docs()) {
                    if accept.contains(doc) {
                        documents_of_norm[usize::from(norms.fieldnorm_id(doc))] += 1;
                    }
                }
                let before = length.terms;
                for (id, documents) in (0..=u8::MAX).zip(documents_of_norm) {
                    let terms = FieldNormReader::id_to_fieldnorm(id);
                    length.documents += if terms > 0 { documents } else { 0 };
                    length.terms += documents * u64::from(terms);
                }
                if length.terms > before && segment.words().terms.part(field).is_none() {
                    return Err(segment.damage("term", "a field is missing"));
                }
            }
        }
        Ok(lengths)
    }
}

/// What one occurrence of a term counts, by the field and by the field's length as tantivy rounds it.
#[derive(Debug)]
pub(super) struct Counts(Box<[[f32; 256]; FIELDS]>);

impl Counts {
    fn new(lengths: &Lengths) -> Self {
        let mut counts = Box::new([[0f32; 256]; FIELDS]);
        for (field, counts) in counts.iter_mut().enumerate() {
            let Length { documents, terms } = lengths.0[field];
            let average = (terms as f32 / documents.max(1) as f32).max(1.0);
            let (weight, b) = (TUNING.weights[field], TUNING.lengths[field]);
            for (id, count) in (0..=u8::MAX).zip(counts.iter_mut()) {
                let length = FieldNormReader::id_to_fieldnorm(id) as f32;
                *count = weight / (1.0 - b + b * length / average);
            }
        }
        Self(counts)
    }

    /// What one occurrence counts in a field of this length.
    pub(super) fn of(&self, field: usize, norm: u8) -> f32 {
        self.0[field][usize::from(norm)]
    }
}

/// What stands for a word of the question in the index: the word itself, or one that it may be a typo of.
#[derive(Debug)]
pub(super) struct Variant {
    /// It as a term of each field.
    pub(super) terms: [Term; FIELDS],
    /// What finding it is worth, by its rarity and its cost.
    pub(super) weight: f32,
    /// How much of the word it is: 1 for the word itself, less for another.
    pub(super) share: f32,
}

impl Variant {
    /// The score of so many weighted occurrences, with BM25's saturation.
    pub(super) fn score(&self, count: f32) -> f32 {
        self.weight * saturated(count)
    }
}

/// What so many occurrences are worth: 1 for one, and never as much as 1 + [`Tuning::saturation`].
pub(super) fn saturated(count: f32) -> f32 {
    count * (1.0 + TUNING.saturation) / (count + TUNING.saturation)
}

/// A word of the question.
#[derive(Debug)]
pub(super) struct Asked {
    /// What stands for it; a document has the best of those it has.
    pub(super) variants: Vec<Variant>,
    /// What it tells about the question, by its rarity: 0 for a stop word. A word that no passage has is worth
    /// most.
    pub(super) telling: f32,
    /// Its place in the question, and how many places it takes.
    pub(super) place: (usize, usize),
}

/// A question as weighted terms, in the order in which their scores are added up.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) asked: Vec<Asked>,
    pub(super) counts: Counts,
}

impl Query {
    /// Analyses a question. Any text is fine; one without words has no terms.
    pub(super) fn new(
        text: &str,
        segments: &[Segment],
        fields: &Fields,
        lengths: &Lengths,
    ) -> tantivy::Result<Self> {
        let all: u64 = segments.iter().map(|segment| u64::from(segment.reader.num_docs())).sum();
        let (mut asked, mut typos_left): (Vec<Asked>, usize) = (Vec::new(), typos::MOST_WORDS);
        for Placed { term, typed, position, length, name, part } in distinct(text) {
            let stop = analyzer::stop_terms().contains(&term);
            let documents = documents(&term, segments, fields, stop)?;
            // Words joined with hyphens, or by capitals, may be written apart everywhere.
            if documents == 0 && length > 1 && !name {
                continue;
            }
            let factor = if stop { TUNING.stop } else { 1.0 } * if part { TUNING.part } else { 1.0 };
            let variant = |term: &str, documents: u64, share: f32| Variant {
                terms: fields.words.map(|field| Term::from_field_text(field, term)),
                weight: factor * share * rarity(documents, all),
                share,
            };
            let mut variants = Vec::new();
            let mut commonest = documents;
            if documents > 0 {
                variants.push(variant(&term, documents, 1.0));
            }
            let rare = documents <= typos::RARE && !stop && length == 1;
            if typos_left > 0 && rare && typos::may_be_typo(&term) {
                typos_left -= 1;
                for near in typos::neighbours(&term, &text[typed.clone()], documents, segments, fields)? {
                    commonest = commonest.max(near.documents);
                    variants.push(variant(&near.term, near.documents, near.share));
                }
            }
            let telling = if stop { 0.0 } else { factor * rarity(commonest, all) };
            asked.push(Asked { variants, telling, place: (position, length) });
        }
        Ok(Self { asked, counts: Counts::new(lengths) })
    }

    /// The `k` best of the accepted rows that have any of the terms; ties break by the passages' ids.
    pub(super) fn best(
        &self,
        segments: &[&Segment],
        k: usize,
        selection: Option<&Selection>,
    ) -> tantivy::Result<Top> {
        if k == 0 || self.asked.iter().all(|asked| asked.variants.is_empty()) {
            return Ok(Top::new(0));
        }
        let best = |&segment: &&Segment| {
            let accept = segment.accept(selection.map(|selection| selection.of(segment.number)));
            let mut scores = Scores::new(segment);
            for asked in &self.asked {
                asked.variants.iter().try_for_each(|variant| scores.count(segment, variant, &self.counts))?;
                scores.take_word();
            }
            let mut top = Top::new(k);
            for (doc, &score) in scores.sums.iter().enumerate() {
                if score > 0.0 && score >= top.threshold() && accept.contains(doc as u32) {
                    let row = Row { segment: segment.number, doc: doc as u32 };
                    let id = segment.vectors(|vectors| vectors.id(doc))?;
                    top.push(Scored { score, id, row });
                }
            }
            tantivy::Result::Ok(top)
        };
        let top = segments.par_iter().map(best).try_reduce(|| Top::new(k), |a, b| Ok(a.merge(b)))?;
        // Pairs are looked for in the best by their words.
        let rows: Vec<Row> = top.into_candidates().iter().map(|found| found.row).collect();
        let mut again = Top::new(k);
        for (&row, features) in rows.iter().zip(self.features(segments, &rows)?) {
            let id = segments[row.segment as usize].vectors(|vectors| vectors.id(row.doc as usize))?;
            again.push(Scored { score: features.score, id, row });
        }
        Ok(again)
    }
}

/// The distinct terms of a question, where each stands first.
fn distinct(text: &str) -> Vec<Placed> {
    let (mut seen, mut terms) = (HashSet::new(), Vec::new());
    analyzer::each(text, |placed| {
        if seen.insert(placed.term.clone()) {
            terms.push(placed);
        }
        terms.len() < MOST_TERMS
    });
    terms
}

/// How many living documents have a term in any field. Of a stop word, which counts for little, in the field that
/// has it most often, which the dictionary knows without a walk.
pub(super) fn documents(
    term: &str,
    segments: &[Segment],
    fields: &Fields,
    stop: bool,
) -> tantivy::Result<u64> {
    let terms = fields.words.map(|field| Term::from_field_text(field, term));
    let mut by_field = [0u64; FIELDS];
    for (documents, term) in by_field.iter_mut().zip(&terms) {
        for segment in segments {
            *documents += segment.doc_freq(term)?;
        }
    }
    let most = by_field.into_iter().max().unwrap_or(0);
    if stop || most == by_field.into_iter().sum::<u64>() {
        return Ok(most);
    }
    let mut documents = 0;
    for segment in segments {
        let accept = segment.accept(None);
        let mut found = BitSet::with_max_value(segment.reader.max_doc());
        for term in &terms {
            let Some(mut postings) = segment.postings(term, IndexRecordOption::Basic)? else { continue };
            while postings.doc() != TERMINATED {
                if accept.contains(postings.doc()) {
                    found.insert(postings.doc());
                }
                postings.advance();
            }
        }
        documents += found.len() as u64;
    }
    Ok(documents)
}

/// The inverse document frequency of BM25.
pub(super) fn rarity(documents: u64, all: u64) -> f32 {
    let (documents, all) = (documents as f64, all.max(documents) as f64);
    (1.0 + (all - documents + 0.5) / (documents + 0.5)).ln() as f32
}

/// The sums of scores of a segment's documents.
struct Scores {
    sums: Vec<f32>,
    /// Of the word at hand: what each document has of a variant, and the best score of any.
    counts: Vec<f32>,
    best: Vec<f32>,
    /// The documents that have a variant, and those that have any.
    counted: Vec<u32>,
    scored: Vec<u32>,
}

impl Scores {
    fn new(segment: &Segment) -> Self {
        let zeros = vec![0f32; segment.reader.max_doc() as usize];
        let (counted, scored) = (Vec::new(), Vec::new());
        Self { sums: zeros.clone(), counts: zeros.clone(), best: zeros, counted, scored }
    }

    /// Walks a variant's postings in all fields.
    fn count(&mut self, segment: &Segment, variant: &Variant, counts: &Counts) -> tantivy::Result<()> {
        for (field, term) in variant.terms.iter().enumerate() {
            let Some(mut postings) = segment.postings(term, IndexRecordOption::WithFreqs)? else { continue };
            let norms = segment.reader.get_fieldnorms_reader(term.field())?;
            while postings.doc() != TERMINATED {
                let doc = postings.doc();
                if let Some(count) = self.counts.get_mut(doc as usize) {
                    if *count == 0.0 {
                        self.counted.push(doc);
                    }
                    *count += counts.of(field, norms.fieldnorm_id(doc)) * postings.term_freq() as f32;
                }
                postings.advance();
            }
        }
        for doc in self.counted.drain(..) {
            let count = std::mem::take(&mut self.counts[doc as usize]);
            let best = &mut self.best[doc as usize];
            if *best == 0.0 {
                self.scored.push(doc);
            }
            *best = best.max(variant.score(count));
        }
        Ok(())
    }

    /// Adds the best of the variants to the sums.
    fn take_word(&mut self) {
        for doc in self.scored.drain(..) {
            self.sums[doc as usize] += std::mem::take(&mut self.best[doc as usize]);
        }
    }
}
