//! A second store: notes in memory, of which every question looks at every passage.
//!
//! It shares the analyzer, the scores of [`lexical`](crate::store::lexical) and the rounding of vectors with the real one,
//! since results are compared to the bit, and nothing else: it has no segments, postings, graphs or dictionaries.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::document::{EmbeddedHash, NotePath, PassageId};
use crate::error::{NotFound, Result, Usage};
use crate::hit::{Candidate, LexicalFeatures, Look, Row, StoredPassage, UnknownWord};
use crate::link::links;
use crate::query::{Clause, Filter, Query};
use crate::store::bm25f::{FIELDS, FieldLength, length_of_class};
use crate::store::dense::{Compared, DenseQuery};
use crate::store::edits::distance;
use crate::store::entry::{Entry, FieldWords};
use crate::store::filter::compile;
use crate::store::interaction::WordQuery;
use crate::store::lexical::LexicalQuery;
use crate::store::schema::called;
use crate::store::terms::{Frequencies, Occurrence, Occurrences};
use crate::store::vectors::inverse_length;
use crate::store::{
    FileRecord, IndexInfo, NewFile, PartVectors, Prepared, Snapshot, Store, StoredVectors, Vector,
};
use crate::word_vector::{QuestionWord, WordMatches};
use crate::words::Language;

/// A passage with its words and vectors.
#[derive(Debug)]
struct Kept {
    entry: Entry,
    embedded: EmbeddedHash,
    vector: Vector,
    sentences: PartVectors,
}

impl std::ops::Deref for Kept {
    type Target = Entry;

    fn deref(&self) -> &Entry {
        &self.entry
    }
}

/// The store.
#[derive(Debug)]
pub(crate) struct MemoryStore {
    dir: PathBuf,
    info: IndexInfo,
    passages: Vec<Kept>,
    files: Vec<FileRecord>,
}

impl MemoryStore {
    /// A store of some files that says of itself what an index says.
    pub(crate) fn new(snapshot: &Snapshot, files: &[NewFile]) -> Self {
        let (dir, info) = (snapshot.dir().into(), snapshot.info().clone());
        let record =
            |file: &NewFile| FileRecord { passages: file.passages.len() as u32, ..file.record.clone() };
        let mut records: Vec<FileRecord> = files.iter().map(record).collect();
        records.sort_by(|a, b| (&a.root, &a.path).cmp(&(&b.root, &b.path)));
        let mut store = Self { dir, info, passages: vec![], files: records };
        for file in files {
            for new in &file.passages {
                let stored = StoredPassage {
                    id: new.id,
                    root: file.record.root.clone(),
                    path: file.record.path.clone(),
                    title: file.title.clone(),
                    aliases: file.aliases.clone(),
                    tags: file.tags.clone(),
                    date: file.date,
                    properties: file.properties.clone(),
                    language: file.language,
                    passage: new.passage.clone(),
                };
                let (embedded, vector, part_vectors) =
                    (new.embedded, new.vector.clone(), new.part_vectors.clone());
                store.add(stored, StoredVectors { embedded, vector, part_vectors });
            }
        }
        store
    }

    /// A store of all that an index has.
    pub(crate) fn copy_of(snapshot: &Snapshot) -> Self {
        let mut store = Self::new(snapshot, &[]);
        for file in snapshot.files().unwrap() {
            for row in snapshot.rows_of(&file.root, &file.path).unwrap() {
                let vectors = snapshot.stored_vectors(&[row]).unwrap().remove(0);
                store.add(snapshot.passages(&[row]).unwrap().remove(0), vectors);
            }
        }
        store.files = snapshot.files().unwrap();
        // Rows are in no order that the index knows.
        store.passages.sort_by_key(|entry| Reverse(entry.stored.id));
        store
    }

    /// The same, on another machine.
    pub(crate) fn on_machine(mut self, machine: &str) -> Self {
        for root in &mut self.info.roots {
            root.machine = Some(machine.to_owned());
        }
        self
    }

    fn add(&mut self, stored: StoredPassage, vectors: StoredVectors) {
        let StoredVectors { embedded, vector, part_vectors: sentences } = vectors;
        self.passages.push(Kept { entry: Entry::new(stored), embedded, vector, sentences });
    }

    fn check_vector(&self, vector: &[f32]) -> Result<()> {
        let (has, wants) = (vector.len(), self.info.fingerprint.dim);
        if has == wants { Ok(()) } else { Err(Usage::Dimensions { has, wants }.into()) }
    }

    fn entry(&self, row: Row) -> Result<&Kept> {
        self.passages
            .get(row.number() as usize)
            .ok_or_else(|| NotFound::Row { row: row.number().to_string() }.into())
    }

    /// Which passages a question may find.
    fn select(&self, query: &Query, filter: &Filter) -> Result<Vec<bool>> {
        let languages = Frequencies::languages(self)?;
        let accepts = |entry: &Kept| entry.passes(query, filter, &languages);
        let selected = self.passages.iter().map(accepts).collect::<Result<Vec<_>>>()?;
        match query.without_quotations() {
            Some(plain) if !selected.contains(&true) => self.select(&plain, filter),
            _ => Ok(selected),
        }
    }
}

impl Frequencies for MemoryStore {
    fn passages(&self) -> u64 {
        self.passages.len() as u64
    }

    fn languages(&self) -> Result<Vec<Language>> {
        let all: BTreeSet<Language> = self.passages.iter().map(|entry| entry.stored.language).collect();
        Ok(all.into_iter().filter(|language| *language != Language::English).collect())
    }

    fn field_lengths(&self) -> Result<[FieldLength; FIELDS]> {
        let mut lengths = [FieldLength::default(); FIELDS];
        for (length, field) in self.passages.iter().flat_map(lengths_of) {
            lengths[field].passages += u64::from(length > 0);
            lengths[field].words += u64::from(length);
        }
        Ok(lengths)
    }

    fn in_field(&self, term: &str, field: usize) -> Result<u64> {
        let has = |entry: &&Kept| entry.fields[field].positions.contains_key(term);
        Ok(self.passages.iter().filter(has).count() as u64)
    }

    fn in_any_field(&self, term: &str) -> Result<u64> {
        let has = |entry: &&Kept| entry.fields.iter().any(|field| field.positions.contains_key(term));
        Ok(self.passages.iter().filter(has).count() as u64)
    }

    fn within(&self, term: &str, edits: u8) -> Result<BTreeSet<String>> {
        let terms =
            self.passages.iter().flat_map(|entry| &entry.fields).flat_map(|field| field.positions.keys());
        Ok(terms.filter(|other| distance(term, other) <= usize::from(edits)).cloned().collect())
    }

    fn visit_terms(&self, visit: &mut dyn FnMut(&str)) -> Result<()> {
        let fields = self.passages.iter().flat_map(|entry| &entry.fields);
        fields.flat_map(|field| field.positions.keys()).for_each(|term| visit(term));
        Ok(())
    }
}

/// The length of each field, with its number.
fn lengths_of(entry: &Kept) -> impl Iterator<Item = (u32, usize)> {
    entry.fields.iter().map(|field| length_of_class(field.length)).zip(0..)
}

/// A question to the store.
struct Asked<'a> {
    store: &'a MemoryStore,
    words: LexicalQuery,
    dense: Option<DenseQuery>,
    selected: Vec<bool>,
}

/// All passages are one part, whose documents are their numbers.
impl Occurrences for Asked<'_> {
    fn documents(&self) -> u32 {
        self.selected.len() as u32
    }

    fn accepts(&self, doc: u32) -> bool {
        self.selected[doc as usize]
    }

    fn row(&self, doc: u32) -> Row {
        Row::new(doc.into())
    }

    fn id(&self, doc: u32) -> Result<u128> {
        Ok(self.store.passages[doc as usize].stored.id.0)
    }

    fn visit(&self, term: &str, field: usize, mut visit: impl FnMut(Occurrence)) -> Result<()> {
        let all: Vec<u32> = (0..self.documents()).collect();
        self.visit_some(term, field, &all, false, |_, found, _| visit(found))
    }

    fn visit_some(
        &self,
        term: &str,
        field: usize,
        docs: &[u32],
        positions: bool,
        mut visit: impl FnMut(usize, Occurrence, &[u32]),
    ) -> Result<()> {
        for (at, &doc) in docs.iter().enumerate() {
            let FieldWords { positions: places, length } = &self.store.passages[doc as usize].fields[field];
            if let Some(places) = places.get(term) {
                let found = Occurrence { doc, count: places.len() as u32, length: *length };
                visit(at, found, if positions { places } else { &[] });
            }
        }
        Ok(())
    }
}

impl Asked<'_> {
    fn dense(&self) -> Result<&DenseQuery> {
        self.dense.as_ref().ok_or_else(|| Usage::NoVector.into())
    }

    fn cosine(&self, entry: &Kept) -> Result<f32> {
        let codes: Vec<u8> = entry.vector.codes.iter().map(|&code| code as u8).collect();
        let mut sum = [0];
        self.dense()?.sums(&[&codes], &mut sum);
        Ok(self.dense()?.scale(sum[0], inverse_length(entry.vector.codes.iter().copied())))
    }
}

impl Prepared for Asked<'_> {
    fn search_vectors(&self, k: usize) -> Result<Vec<Candidate>> {
        self.dense()?;
        let mut found: Vec<(f32, PassageId, Row)> = Vec::new();
        for (doc, entry) in (0..).zip(&self.store.passages) {
            if self.accepts(doc) {
                found.push((self.cosine(entry)?, entry.stored.id, self.row(doc)));
            }
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        Ok(found.into_iter().take(k).map(|(score, _, row)| Candidate { row, score }).collect())
    }

    fn search_words(&self, k: usize) -> Result<Vec<Candidate>> {
        self.words.search(std::slice::from_ref(self), k)
    }

    fn notes(&self) -> Result<Vec<Row>> {
        let mut first: BTreeMap<(&str, &NotePath), usize> = BTreeMap::new();
        for (number, entry) in
            self.store.passages.iter().enumerate().filter(|(number, _)| self.selected[*number])
        {
            let at = first.entry((&entry.stored.root, &entry.stored.path)).or_insert(number);
            if entry.stored.sort_key() < self.store.passages[*at].stored.sort_key() {
                *at = number;
            }
        }
        Ok(first.into_values().map(|number| Row::new(number as u64)).collect())
    }

    fn look(&self, rows: &[Row]) -> Result<Vec<Look>> {
        let entries = rows.iter().map(|&row| self.store.entry(row)).collect::<Result<Vec<_>>>()?;
        let words = self.words.features(std::slice::from_ref(self), rows)?;
        let look = |(entry, words): (&Kept, _)| {
            let (sentences, _) = entry.sentences.unpack(self.store.info.fingerprint.dim);
            let cosine = self.cosine(entry)?;
            let evidence = self.dense()?.evidence(cosine, &sentences);
            Ok(Look { cosine, evidence, words, pending: false })
        };
        self.dense()?;
        entries.into_iter().zip(words).map(look).collect()
    }

    fn match_words(&self, words: &[QuestionWord], rows: &[Row]) -> Result<Vec<WordMatches>> {
        let query = WordQuery::new(words, &self.words);
        let dim = self.store.info.fingerprint.dim;
        rows.iter().map(|&row| Ok(query.matches(&self.store.entry(row)?.sentences.unpack(dim).1))).collect()
    }

    fn unknown_words(&self) -> Result<Vec<UnknownWord>> {
        Ok(self.words.unknown())
    }

    fn selected(&self) -> Option<usize> {
        Some(self.selected.iter().filter(|&&selected| selected).count())
    }

    fn set_vector(&mut self, vector: &[f32]) -> Result<()> {
        self.store.check_vector(vector)?;
        self.dense = Some(DenseQuery::new(vector));
        Ok(())
    }

    fn may_find(&self, row: Row) -> bool {
        self.selected.get(row.number() as usize).is_some_and(|&selected| selected)
    }

    fn label(&self, label: &str) -> Result<LexicalFeatures> {
        Ok(self.words.label(label))
    }
}

impl Store for MemoryStore {
    fn dir(&self) -> &Path {
        &self.dir
    }

    fn info(&self) -> &IndexInfo {
        &self.info
    }

    fn is_current(&self) -> bool {
        true
    }

    fn files(&self) -> Result<Vec<FileRecord>> {
        Ok(self.files.clone())
    }

    fn size_bytes(&self) -> Result<u64> {
        Ok(0)
    }

    fn vectors_of(&self, embedded: &[EmbeddedHash]) -> Result<Vec<Option<(Vector, PartVectors)>>> {
        let find = |wanted: &EmbeddedHash| {
            let found = self.passages.iter().find(|entry| entry.embedded == *wanted);
            found.map(|entry| (entry.vector.clone(), entry.sentences.clone()))
        };
        Ok(embedded.iter().map(find).collect())
    }

    fn stored_vectors(&self, rows: &[Row]) -> Result<Vec<StoredVectors>> {
        let stored = |&row: &Row| {
            let entry = self.entry(row)?;
            Ok(StoredVectors {
                embedded: entry.embedded,
                vector: entry.vector.clone(),
                part_vectors: entry.sentences.clone(),
            })
        };
        rows.iter().map(stored).collect()
    }

    fn passages_linking(&self, key: &str) -> Result<Vec<StoredPassage>> {
        let is_linking = |stored: &&StoredPassage| {
            links(&stored.passage.text, &stored.passage.blocks).iter().any(|link| link.key() == key)
        };
        let mut passages: Vec<StoredPassage> =
            self.passages.iter().map(|entry| &entry.stored).filter(is_linking).cloned().collect();
        passages.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        Ok(passages)
    }

    fn with_prefix(&self, prefix: &str, limit: usize) -> Result<Vec<StoredPassage>> {
        let prefix = prefix.trim_start_matches('#').to_ascii_lowercase();
        let all = self.passages.iter().map(|entry| &entry.stored);
        let mut found: Vec<&StoredPassage> =
            all.filter(|stored| stored.id.digits().starts_with(&prefix)).collect();
        found.sort_by_key(|stored| stored.id.digits());
        Ok(found.into_iter().take(limit).cloned().collect())
    }

    fn question<'a>(
        &'a self,
        query: &Query,
        vector: Option<&[f32]>,
        filter: &Filter,
    ) -> Result<Box<dyn Prepared + 'a>> {
        vector.map_or(Ok(()), |vector| self.check_vector(vector))?;
        // A glob that can't be read is refused, whether there are passages or not.
        compile(&filter.paths)?;
        let (words, dense) = (LexicalQuery::new(&query.text, self)?, vector.map(DenseQuery::new));
        Ok(Box::new(Asked { store: self, words, dense, selected: self.select(query, filter)? }))
    }

    fn languages(&self) -> Result<Vec<Language>> {
        Frequencies::languages(self)
    }

    fn knows(&self, clauses: &[Clause]) -> Result<Vec<bool>> {
        let languages = Frequencies::languages(self)?;
        let any = |known: &dyn Fn(&Kept) -> bool| self.passages.iter().any(known);
        let knows = |clause: &Clause| match clause {
            Clause::Property { key, .. } => any(&|entry| {
                let mut properties = entry.stored.properties.iter();
                properties.any(|property| property.key == *key && !property.values.is_empty())
            }),
            Clause::Prefix(begin) => any(&|entry| entry.has_beginning(begin, &languages)),
            _ => true,
        };
        Ok(clauses.iter().map(knows).collect())
    }

    fn passages(&self, rows: &[Row]) -> Result<Vec<StoredPassage>> {
        rows.iter().map(|&row| Ok(self.entry(row)?.stored.clone())).collect()
    }

    fn vectors(&self, rows: &[Row]) -> Result<Vec<Vec<f32>>> {
        rows.iter().map(|&row| Ok(self.entry(row)?.vector.values())).collect()
    }

    fn passages_of(&self, root: &str, path: &NotePath) -> Result<Vec<StoredPassage>> {
        let stored = self.passages.iter().map(|entry| &entry.stored);
        let mut passages: Vec<StoredPassage> =
            stored.filter(|stored| (stored.root.as_str(), &stored.path) == (root, path)).cloned().collect();
        passages.sort_by_key(|stored| (stored.passage.span, stored.id));
        Ok(passages)
    }

    fn notes_called(&self, key: &str, most: usize) -> Result<Vec<StoredPassage>> {
        let mut notes: BTreeMap<(&str, &NotePath), &StoredPassage> = BTreeMap::new();
        for stored in self.passages.iter().map(|entry| &entry.stored) {
            if called(&stored.into()).iter().any(|name| name == key) {
                notes.insert((&stored.root, &stored.path), stored);
            }
        }
        Ok(if notes.len() > most { Vec::new() } else { notes.into_values().cloned().collect() })
    }

    fn sample(&self, most: usize) -> Result<Vec<Row>> {
        let mut rows: Vec<_> =
            (0..).zip(&self.passages).map(|(doc, entry)| (entry.stored.id, Row::new(doc))).collect();
        rows.sort_unstable_by_key(|(id, _)| id.digits());
        Ok(rows.into_iter().take(most).map(|(_, row)| row).collect())
    }

    fn labelled(&self, rows: &[Row]) -> Result<Vec<Row>> {
        let mut labelled = Vec::new();
        for &row in rows {
            let StoredPassage { aliases, passage, .. } = &self.entry(row)?.stored;
            if !aliases.is_empty() || !links(&passage.text, &passage.blocks).is_empty() {
                labelled.push(row);
            }
        }
        Ok(labelled)
    }

    fn rows_of(&self, root: &str, path: &NotePath) -> Result<Vec<Row>> {
        let is_of = |entry: &Kept| (entry.stored.root.as_str(), &entry.stored.path) == (root, path);
        let rows = (0..).zip(&self.passages).filter(|(_, entry)| is_of(entry));
        Ok(rows.map(|(doc, _)| Row::new(doc)).collect())
    }

    fn short_ids(&self, ids: &[PassageId]) -> Result<Vec<String>> {
        let all: Vec<String> = self.passages.iter().map(|entry| entry.stored.id.digits()).collect();
        let short = |id: &PassageId| {
            let digits = id.digits();
            let is_unique = |&length: &usize| {
                all.iter().all(|other| *other == digits || !other.starts_with(&digits[..length]))
            };
            let length = (8..digits.len()).find(is_unique).unwrap_or(digits.len());
            digits[..length].to_owned()
        };
        Ok(ids.iter().map(short).collect())
    }
}
