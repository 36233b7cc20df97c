//! The rows that share words with a question, scored with BM25.
//!
//! tantivy's own scorers add up a document's terms in an order that depends on the segment, and its
//! statistics count deleted documents. Both would let the history of an index shine through, so this walks
//! the postings itself: term by term, each field in turn, into one sum per document, with statistics of the
//! living documents only. A field's average length and number of documents are taken, as Lucene does, over
//! the documents that have the field: few passages have a question.

use std::ops::Range;

use rayon::prelude::*;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::Postings;
use tantivy::query::Bm25Weight;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, TERMINATED, Term};

use super::analyzer;
use super::filter::Selection;
use super::schema::Fields;
use super::segment::Segment;
use super::top::{Scored, Top};
use super::vectors::VectorFile;
use crate::hit::Row;

/// What a term is worth in each of [`Fields::words`]: title, heading, question, body.
const BOOSTS: [f32; 4] = [0.5, 1.0, 1.5, 1.0];

/// The weight of a term that tells nothing about what is asked, against 1 for any other.
const STOP_WEIGHT: f32 = 0.3;

/// No question uses more distinct terms.
const MOST_TERMS: usize = 256;

/// How long the living documents' fields are; one entry for each of [`Fields::words`].
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lengths([Length; 4]);

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
                for (id, documents) in (0..=u8::MAX).zip(documents_of_norm) {
                    let terms = FieldNormReader::id_to_fieldnorm(id);
                    length.documents += if terms > 0 { documents } else { 0 };
                    length.terms += documents * u64::from(terms);
                }
            }
        }
        Ok(lengths)
    }
}

/// A term in a field, with what finding it is worth.
#[derive(Clone)]
struct Weighted {
    term: Term,
    field: Field,
    weight: Bm25Weight,
}

/// A question as weighted terms, in the order in which their scores are added up.
pub(super) struct Query {
    weighted: Vec<Weighted>,
    /// For each telling term of the question, what it is worth and which of `weighted` are it. A term that no
    /// passage has is worth most.
    telling: Vec<(f32, Range<usize>)>,
}

impl Query {
    /// Analyses a question. Any text is fine; one without words has no terms.
    pub(super) fn new(
        text: &str,
        segments: &[Segment],
        fields: &Fields,
        lengths: &Lengths,
    ) -> tantivy::Result<Self> {
        let (mut weighted, mut telling) = (Vec::new(), Vec::new());
        let all: u64 = segments.iter().map(|segment| u64::from(segment.reader.num_docs())).sum();
        for text in analyzer::terms(text, MOST_TERMS) {
            let stop = analyzer::stop_terms().contains(&text);
            let (first, mut most) = (weighted.len(), 0);
            for ((field, length), boost) in fields.words.into_iter().zip(lengths.0).zip(BOOSTS) {
                let term = Term::from_field_text(field, &text);
                let mut documents = 0;
                for segment in segments {
                    documents += segment.doc_freq(&term)?;
                }
                if documents > 0 {
                    most = most.max(documents);
                    let average = length.terms as f32 / length.documents.max(1) as f32;
                    // No more documents have the term than have the field, unless a file is damaged.
                    let all = length.documents.max(documents);
                    let weight = Bm25Weight::for_one_term_without_explain(documents, all, average);
                    let boost = if stop { boost * STOP_WEIGHT } else { boost };
                    weighted.push(Weighted { term, field, weight: weight.boost_by(boost) });
                }
            }
            if !stop {
                telling.push((rarity(most, all), first..weighted.len()));
            }
        }
        Ok(Self { weighted, telling })
    }

    /// The `k` best of the accepted rows that have any of the terms.
    ///
    /// `vectors` are those of each segment; they know the passages' ids, by which ties break.
    pub(super) fn best(
        &self,
        segments: &[(&Segment, &VectorFile)],
        k: usize,
        selection: Option<&Selection>,
    ) -> tantivy::Result<Top> {
        if self.weighted.is_empty() || k == 0 {
            return Ok(Top::new(0));
        }
        let best = |&(segment, vectors): &(&Segment, &VectorFile)| {
            let accept = segment.accept(selection.map(|selection| selection.of(segment.number)));
            let mut scores = vec![0f32; segment.reader.max_doc() as usize];
            for weighted in &self.weighted {
                weighted.add_to(segment, &mut scores)?;
            }
            let mut top = Top::new(k);
            for (doc, &score) in scores.iter().enumerate() {
                if score > 0.0 && score >= top.threshold() && accept.contains(doc as u32) {
                    let row = Row { segment: segment.number, doc: doc as u32 };
                    top.push(Scored { score, id: vectors.id(doc), row });
                }
            }
            Ok(top)
        };
        segments.par_iter().map(best).try_reduce(|| Top::new(k), |a, b| Ok(a.merge(b)))
    }

    /// The scores of given rows; 0 for one that has none of the terms. The same sums as in [`Self::best`].
    pub(super) fn scores(&self, segments: &[Segment], rows: &[Row]) -> tantivy::Result<Vec<f32>> {
        let mut scores = vec![0f32; rows.len()];
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_unstable_by_key(|&at| rows[at]);
        for places in order.chunk_by(|&a, &b| rows[a].segment == rows[b].segment) {
            let Some(segment) = segments.get(rows[places[0]].segment as usize) else { continue };
            for weighted in &self.weighted {
                weighted.add_to_some(segment, rows, places, &mut scores)?;
            }
        }
        Ok(scores)
    }

    /// How much of what the question asks about is named by each of the given rows, from 0 to 1: the share of
    /// its telling terms that the row has, by their rarity.
    pub(super) fn coverage(&self, segments: &[Segment], rows: &[Row]) -> tantivy::Result<Vec<f32>> {
        let whole: f32 = self.telling.iter().map(|(worth, _)| worth).sum();
        let mut covered = vec![0f32; rows.len()];
        for (worth, fields) in &self.telling {
            let (weighted, telling) = (self.weighted[fields.clone()].to_vec(), Vec::new());
            let found = Self { weighted, telling }.scores(segments, rows)?;
            for (covered, _) in covered.iter_mut().zip(found).filter(|(_, score)| *score > 0.0) {
                *covered += worth / whole;
            }
        }
        Ok(covered)
    }
}

/// The inverse document frequency of BM25.
fn rarity(documents: u64, all: u64) -> f32 {
    let (documents, all) = (documents as f64, all.max(documents) as f64);
    (1.0 + (all - documents + 0.5) / (documents + 0.5)).ln() as f32
}

impl Weighted {
    /// Adds the term's score to that of each document of a segment that has it.
    fn add_to(&self, segment: &Segment, scores: &mut [f32]) -> tantivy::Result<()> {
        let Some(mut postings) = segment.postings(&self.term, IndexRecordOption::WithFreqs)? else {
            return Ok(());
        };
        let norms = segment.reader.get_fieldnorms_reader(self.field)?;
        while postings.doc() != TERMINATED {
            let doc = postings.doc();
            if let Some(score) = scores.get_mut(doc as usize) {
                *score += self.weight.score(norms.fieldnorm_id(doc), postings.term_freq());
            }
            postings.advance();
        }
        Ok(())
    }

    /// Adds the term's score for the rows at `places`, which are sorted and lie in this segment.
    fn add_to_some(
        &self,
        segment: &Segment,
        rows: &[Row],
        places: &[usize],
        scores: &mut [f32],
    ) -> tantivy::Result<()> {
        let Some(mut postings) = segment.postings(&self.term, IndexRecordOption::WithFreqs)? else {
            return Ok(());
        };
        let norms = segment.reader.get_fieldnorms_reader(self.field)?;
        for &place in places {
            let doc = rows[place].doc;
            if postings.doc() < doc {
                postings.seek(doc);
            }
            if postings.doc() == doc {
                scores[place] += self.weight.score(norms.fieldnorm_id(doc), postings.term_freq());
            }
        }
        Ok(())
    }
}
