//! A question, prepared for one snapshot: filtered once, its vector and its words looked up once.

use std::path::Path;
use std::sync::OnceLock;

use tantivy::BitSet;
use tantivy::schema::IndexRecordOption;

use super::dense::DenseQuery;
use super::filter::{Demands, Selection};
use super::interaction::WordQuery;
use super::interface::{Prepared, Store, StoredVectors, Stretch};
use super::lexical::LexicalQuery;
use super::occurrences::SegmentPart;
use super::part_vectors::PartVectors;
use super::record::{FileRecord, IndexInfo};
use super::row::Address;
use super::segment::Segment;
use super::snapshot::Snapshot;
use super::strategy::Strategy;
use super::top::Top;
use super::vectors::Vector;
use crate::document::{EmbeddedHash, NotePath, PassageId};
use crate::error::{Result, Usage};
use crate::hit::{Candidate, LexicalFeatures, Look, Row, StoredPassage, UnknownWord};
use crate::query::{Clause, Filter, Query};
use crate::word_vector::{QuestionWord, WordMatches};
use crate::words::Language;

/// A question, prepared for one snapshot.
#[derive(Debug)]
pub struct PreparedQuestion<'a> {
    snapshot: &'a Snapshot,
    text: String,
    dense: Option<DenseQuery>,
    /// Looked up when they are first asked for: a search by meaning alone never does.
    words: OnceLock<LexicalQuery>,
    /// The rows that it may find; `None` if it may find all.
    selection: Option<Selection>,
    strategy: Strategy,
}

impl Snapshot {
    /// Prepares a question: finds the rows that `query` and `filter` let through, and rounds the question's vector, if
    /// it is to be searched by meaning.
    ///
    /// Where no passage has the phrases of a question that is a sentence, they demand nothing: what people quote isn't
    /// always what their notes say.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`](crate::error::Error::Usage) for a broken glob or a vector of another size than the index's; [`Error::Corrupt`](crate::error::Error::Corrupt) or
    /// [`Error::Io`](crate::error::Error::Io) if the index can't be read.
    pub fn question(
        &self,
        query: &Query,
        vector: Option<&[f32]>,
        filter: &Filter,
    ) -> Result<PreparedQuestion<'_>> {
        let dense = vector.map(|vector| self.dense_query(vector)).transpose()?;
        let selection = self.select(query, filter)?;
        let (text, words, strategy) = (query.text.clone(), OnceLock::new(), Strategy::default());
        Ok(PreparedQuestion { snapshot: self, text, dense, words, selection, strategy })
    }

    fn select(&self, query: &Query, filter: &Filter) -> Result<Option<Selection>> {
        let languages = self.languages()?;
        let demands = Demands::new(filter, query, self.fields(), &languages)?;
        let Some(demands) = demands else { return Ok(None) };
        let selection = self.read(|| demands.select(self.segments(), self.fields()))?;
        match query.without_quotations() {
            Some(plain) if selection.len() == 0 => self.select(&plain, filter),
            _ => Ok(Some(selection)),
        }
    }

    fn dense_query(&self, vector: &[f32]) -> Result<DenseQuery> {
        let (has, wants) = (vector.len(), self.info().fingerprint.dim);
        if has == wants {
            return Ok(DenseQuery::new(vector));
        }
        Err(Usage::Dimensions { has, wants }.into())
    }
}

impl PreparedQuestion<'_> {
    /// The same question, whose vectors are searched in a given way.
    #[must_use]
    pub fn by(self, strategy: Strategy) -> Self {
        Self { strategy, ..self }
    }

    /// Gives the question another vector.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`](crate::error::Error::Usage) for a vector of another size than the index's.
    pub fn set_vector(&mut self, vector: &[f32]) -> Result<()> {
        self.dense = Some(self.snapshot.dense_query(vector)?);
        Ok(())
    }

    /// How many rows the question may find; `None` if it may find all.
    pub fn selected(&self) -> Option<usize> {
        self.selection.as_ref().map(Selection::len)
    }

    /// The `k` rows whose vectors have the greatest cosine with the question's, best first; ties break by id.
    ///
    /// In large segments a graph finds them, which misses a few in a hundred of the hundredth and hardly any of the
    /// tenth.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`](crate::error::Error::Usage) for a question without a vector; [`Error::Corrupt`](crate::error::Error::Corrupt) if a vector that was looked at is damaged.
    pub fn search_vectors(&self, k: usize) -> Result<Vec<Candidate>> {
        let query = self.dense()?;
        let pending = self.snapshot.pending()?;
        let mut top = Top::new(k);
        for segment in self.snapshot.segments() {
            let selected = self.selected_in(segment.number);
            let pending = pending.get(segment.number as usize).filter(|pending| !pending.is_empty());
            let others = pending.map(|pending| segment.others(selected, pending));
            top = top.merge(segment.nearest(query, k, others.as_ref().or(selected), self.strategy)?);
        }
        Ok(top.into_candidates())
    }

    /// The `k` rows that match the words of the question best by BM25F, best first; ties break by id.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`](crate::error::Error::Corrupt) or [`Error::Io`](crate::error::Error::Io) if the index can't be read.
    pub fn search_words(&self, k: usize) -> Result<Vec<Candidate>> {
        self.snapshot.guarded(|| self.words()?.search(&self.parts(), k))
    }

    /// A row of each note that has a passage which the question may find, in no order: of each segment that of the first of
    /// them.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`](crate::error::Error::Corrupt) or [`Error::Io`](crate::error::Error::Io) if the index can't be read.
    pub fn notes(&self) -> Result<Vec<Row>> {
        let file = self.snapshot.fields().file;
        self.snapshot.read(|| {
            let mut rows = Vec::new();
            for segment in self.snapshot.segments() {
                let selected = self.selected_in(segment.number);
                let (files, accept) = (segment.dictionary(file)?, segment.accept(selected));
                files.walk(b"", None, |_, file| {
                    let mut first = None;
                    files.postings(file, IndexRecordOption::Basic)?.for_each(|postings| {
                        first = first.or_else(|| Some(postings.doc()).filter(|&doc| accept.contains(doc)));
                    });
                    rows.extend(first.map(|doc| Row::from(Address { segment: segment.number, doc })));
                    Ok(true)
                })?;
            }
            Ok(rows)
        })
    }

    /// What the question and each of the given rows have in common, in the order of the rows.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`](crate::error::Error::Usage) for a question without a vector; [`Error::NotFound`](crate::error::Error::NotFound) for a row of another snapshot;
    /// [`Error::Corrupt`](crate::error::Error::Corrupt) or [`Error::Io`](crate::error::Error::Io) if the index can't be read.
    pub fn look(&self, rows: &[Row]) -> Result<Vec<Look>> {
        let query = self.dense()?;
        let places = rows.iter().map(|&row| self.snapshot.locate(row)).collect::<Result<Vec<_>>>()?;
        let words = self.snapshot.guarded(|| self.words()?.features(&self.parts(), rows))?;
        let pending = self.snapshot.pending()?;
        let look = |((segment, doc), words): (&(&Segment, u32), _)| {
            let doc = *doc as usize;
            let cosine = segment.vectors(|vectors| query.cosine(vectors, doc))?;
            let evidence = query.evidence(cosine, &segment.part_vectors(|file| file.sentences(doc))?);
            let pending =
                pending.get(segment.number as usize).is_some_and(|docs| docs.contains(&(doc as u32)));
            Ok(Look { cosine, evidence, words, pending })
        };
        places.iter().zip(words).map(look).collect()
    }

    /// How the words of the question match those of the passages of some rows, in the order of the rows.
    ///
    /// # Errors
    ///
    /// As [`look`](Self::look).
    pub fn match_words(&self, words: &[QuestionWord], rows: &[Row]) -> Result<Vec<WordMatches>> {
        let query = WordQuery::new(words, self.snapshot.guarded(|| self.words())?);
        let matches = |&row: &Row| {
            let (segment, doc) = self.snapshot.locate(row)?;
            Ok(segment.part_vectors(|file| Ok(query.matches(file.words(doc as usize)?)))?)
        };
        rows.iter().map(matches).collect()
    }

    /// The rows of a segment that it may find; `None` if it may find all.
    fn selected_in(&self, segment: u32) -> Option<&BitSet> {
        self.selection.as_ref().map(|selection| selection.of(segment))
    }

    fn dense(&self) -> Result<&DenseQuery> {
        self.dense.as_ref().ok_or_else(|| Usage::NoVector.into())
    }

    fn words(&self) -> Result<&LexicalQuery> {
        if let Some(words) = self.words.get() {
            return Ok(words);
        }
        let words = LexicalQuery::new(&self.text, self.snapshot)?;
        Ok(self.words.get_or_init(|| words))
    }

    /// The segments, with the rows of each that the question may find.
    fn parts<'s>(&'s self) -> Vec<SegmentPart<'s>> {
        let part = |segment: &'s Segment| {
            let selected = self.selected_in(segment.number);
            let (dir, fields) = (self.snapshot.dir(), self.snapshot.fields());
            SegmentPart { dir, fields, segment, accept: segment.accept(selected) }
        };
        self.snapshot.segments().iter().map(part).collect()
    }
}

impl Prepared for PreparedQuestion<'_> {
    fn search_vectors(&self, k: usize) -> Result<Vec<Candidate>> {
        self.search_vectors(k)
    }

    fn search_words(&self, k: usize) -> Result<Vec<Candidate>> {
        self.search_words(k)
    }

    fn notes(&self) -> Result<Vec<Row>> {
        self.notes()
    }

    fn look(&self, rows: &[Row]) -> Result<Vec<Look>> {
        self.look(rows)
    }

    fn match_words(&self, words: &[QuestionWord], rows: &[Row]) -> Result<Vec<WordMatches>> {
        self.match_words(words, rows)
    }

    fn unknown_words(&self) -> Result<Vec<UnknownWord>> {
        self.snapshot.guarded(|| Ok(self.words()?.unknown()))
    }

    fn selected(&self) -> Option<usize> {
        self.selected()
    }

    fn set_vector(&mut self, vector: &[f32]) -> Result<()> {
        self.set_vector(vector)
    }

    fn may_find(&self, row: Row) -> bool {
        let Address { segment, doc } = row.into();
        self.selected_in(segment).is_none_or(|selected| selected.contains(doc))
    }

    fn label(&self, label: &str) -> Result<LexicalFeatures> {
        Ok(self.words()?.label(label))
    }
}

impl Store for Snapshot {
    fn dir(&self) -> &Path {
        self.dir()
    }

    fn info(&self) -> &IndexInfo {
        self.info()
    }

    fn is_current(&self) -> bool {
        self.is_current()
    }

    fn files(&self) -> Result<Vec<FileRecord>> {
        self.files()
    }

    fn size_bytes(&self) -> Result<u64> {
        self.size_bytes()
    }

    fn question<'a>(
        &'a self,
        query: &Query,
        vector: Option<&[f32]>,
        filter: &Filter,
    ) -> Result<Box<dyn Prepared + 'a>> {
        Ok(Box::new(self.question(query, vector, filter)?))
    }

    fn languages(&self) -> Result<Vec<Language>> {
        self.languages()
    }

    fn knows(&self, clauses: &[Clause]) -> Result<Vec<bool>> {
        clauses.iter().map(|clause| self.knows(clause)).collect()
    }

    fn passages(&self, rows: &[Row]) -> Result<Vec<StoredPassage>> {
        self.passages(rows)
    }

    fn vectors(&self, rows: &[Row]) -> Result<Vec<Vec<f32>>> {
        self.vectors(rows)
    }

    fn vectors_of(&self, embedded: &[EmbeddedHash]) -> Result<Vec<Option<(Vector, PartVectors)>>> {
        embedded.iter().map(|hash| self.vector_of(hash)).collect()
    }

    fn stored_vectors(&self, rows: &[Row]) -> Result<Vec<StoredVectors>> {
        self.stored_vectors(rows)
    }

    fn sample(&self, most: usize) -> Result<Vec<Row>> {
        self.sample(most)
    }

    fn passages_of(&self, root: &str, path: &NotePath) -> Result<Vec<StoredPassage>> {
        self.passages_of(root, path)
    }

    fn stretch(&self, root: &str, path: &NotePath, id: PassageId, reach: usize) -> Result<Stretch> {
        self.stretch(root, path, id, reach)
    }

    fn notes_called(&self, key: &str, most: usize) -> Result<Vec<StoredPassage>> {
        self.notes_called(key, most)
    }

    fn passages_linking(&self, key: &str) -> Result<Vec<StoredPassage>> {
        self.passages_linking(key)
    }

    fn with_prefix(&self, prefix: &str, limit: usize) -> Result<Vec<StoredPassage>> {
        self.with_prefix(prefix, limit)
    }

    fn labelled(&self, rows: &[Row]) -> Result<Vec<Row>> {
        self.labelled(rows)
    }

    fn rows_of(&self, root: &str, path: &NotePath) -> Result<Vec<Row>> {
        self.rows_of(root, path)
    }

    fn short_ids(&self, ids: &[PassageId]) -> Result<Vec<String>> {
        self.short_ids(ids)
    }
}
