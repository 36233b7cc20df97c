//! A question is parsed, embedded and filtered once, and the store isn't asked for one passage at a time.

use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::document::{EmbeddedHash, NotePath, PassageId, Tokens};
use crate::embed::{Embedder, Embedding, Input, QuestionVectors};
use crate::hit::{Candidate, LexicalFeatures, Look, Row, StoredPassage, UnknownWord};
use crate::likeness::LikenessScale;
use crate::query::{Clause, Filter, PARSED, Query};
use crate::store::{FileRecord, IndexInfo, PartVectors, Prepared, StoredVectors, Stretch, Vector};
use crate::word_vector::{QuestionWord, WordMatches};
use crate::words::Language;

/// A number that grows.
#[derive(Debug, Default)]
struct Counter(AtomicUsize);

impl PartialEq for Counter {
    fn eq(&self, other: &Self) -> bool {
        self.0.load(Ordering::Relaxed) == other.0.load(Ordering::Relaxed)
    }
}

/// How often each thing was asked for.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    questions: Counter,
    searches: Counter,
    looks: Counter,
    matches: Counter,
    passages: Counter,
    vectors: Counter,
    notes: Counter,
    short_ids: Counter,
}

fn count(of: &Counter) {
    of.0.fetch_add(1, Ordering::Relaxed);
}

/// A store that counts.
#[derive(Debug)]
struct CountingStore {
    snapshot: Snapshot,
    counts: Counts,
}

struct CountingQuestion<'a> {
    prepared: Box<dyn Prepared + 'a>,
    counts: &'a Counts,
}

impl Store for CountingStore {
    fn dir(&self) -> &Path {
        self.snapshot.dir()
    }

    fn info(&self) -> &IndexInfo {
        self.snapshot.info()
    }

    fn is_current(&self) -> bool {
        self.snapshot.is_current()
    }

    fn files(&self) -> Result<Vec<FileRecord>> {
        self.snapshot.files()
    }

    fn size_bytes(&self) -> Result<u64> {
        self.snapshot.size_bytes()
    }

    fn vectors_of(&self, embedded: &[EmbeddedHash]) -> Result<Vec<Option<(Vector, PartVectors)>>> {
        Store::vectors_of(&self.snapshot, embedded)
    }

    fn stored_vectors(&self, rows: &[Row]) -> Result<Vec<StoredVectors>> {
        self.snapshot.stored_vectors(rows)
    }

    fn passages_linking(&self, key: &str) -> Result<Vec<StoredPassage>> {
        self.snapshot.passages_linking(key)
    }

    fn with_prefix(&self, prefix: &str, limit: usize) -> Result<Vec<StoredPassage>> {
        self.snapshot.with_prefix(prefix, limit)
    }

    fn question<'a>(
        &'a self,
        query: &Query,
        vector: Option<&[f32]>,
        filter: &Filter,
    ) -> Result<Box<dyn Prepared + 'a>> {
        count(&self.counts.questions);
        let prepared = Store::question(&self.snapshot, query, vector, filter)?;
        Ok(Box::new(CountingQuestion { prepared, counts: &self.counts }))
    }

    fn languages(&self) -> Result<Vec<Language>> {
        self.snapshot.languages()
    }

    fn knows(&self, clauses: &[Clause]) -> Result<Vec<bool>> {
        Store::knows(&self.snapshot, clauses)
    }

    fn passages(&self, rows: &[Row]) -> Result<Vec<StoredPassage>> {
        count(&self.counts.passages);
        self.snapshot.passages(rows)
    }

    fn vectors(&self, rows: &[Row]) -> Result<Vec<Vec<f32>>> {
        count(&self.counts.vectors);
        self.snapshot.vectors(rows)
    }

    fn passages_of(&self, root: &str, path: &NotePath) -> Result<Vec<StoredPassage>> {
        count(&self.counts.notes);
        self.snapshot.passages_of(root, path)
    }

    fn stretch(&self, root: &str, path: &NotePath, id: PassageId, reach: usize) -> Result<Stretch> {
        count(&self.counts.notes);
        self.snapshot.stretch(root, path, id, reach)
    }

    fn notes_called(&self, key: &str, most: usize) -> Result<Vec<StoredPassage>> {
        count(&self.counts.notes);
        self.snapshot.notes_called(key, most)
    }

    fn sample(&self, most: usize) -> Result<Vec<Row>> {
        self.snapshot.sample(most)
    }

    fn labelled(&self, rows: &[Row]) -> Result<Vec<Row>> {
        count(&self.counts.notes);
        self.snapshot.labelled(rows)
    }

    fn rows_of(&self, root: &str, path: &NotePath) -> Result<Vec<Row>> {
        count(&self.counts.notes);
        self.snapshot.rows_of(root, path)
    }

    fn short_ids(&self, ids: &[PassageId]) -> Result<Vec<String>> {
        count(&self.counts.short_ids);
        self.snapshot.short_ids(ids)
    }
}

impl Prepared for CountingQuestion<'_> {
    fn search_vectors(&self, k: usize) -> Result<Vec<Candidate>> {
        count(&self.counts.searches);
        self.prepared.search_vectors(k)
    }

    fn search_words(&self, k: usize) -> Result<Vec<Candidate>> {
        count(&self.counts.searches);
        self.prepared.search_words(k)
    }

    fn notes(&self) -> Result<Vec<Row>> {
        self.prepared.notes()
    }

    fn look(&self, rows: &[Row]) -> Result<Vec<Look>> {
        count(&self.counts.looks);
        self.prepared.look(rows)
    }

    fn match_words(&self, words: &[QuestionWord], rows: &[Row]) -> Result<Vec<WordMatches>> {
        count(&self.counts.matches);
        self.prepared.match_words(words, rows)
    }

    fn unknown_words(&self) -> Result<Vec<UnknownWord>> {
        self.prepared.unknown_words()
    }

    fn selected(&self) -> Option<usize> {
        self.prepared.selected()
    }

    fn set_vector(&mut self, vector: &[f32]) -> Result<()> {
        self.prepared.set_vector(vector)
    }

    fn may_find(&self, row: Row) -> bool {
        self.prepared.may_find(row)
    }

    fn label(&self, label: &str) -> Result<LexicalFeatures> {
        self.prepared.label(label)
    }
}

/// A model that counts the questions that it embeds.
#[derive(Debug)]
struct CountingEncoder<'a>(&'a Encoder, AtomicUsize);

impl Embedder for CountingEncoder<'_> {
    fn fingerprint(&self) -> &str {
        self.0.fingerprint()
    }

    fn dim(&self) -> usize {
        self.0.dim()
    }

    fn max_tokens(&self) -> usize {
        self.0.max_tokens()
    }

    fn tokens(&self, text: &str) -> Tokens {
        self.0.tokens(text)
    }

    fn has_word_vectors(&self) -> bool {
        self.0.has_word_vectors()
    }

    fn likeness(&self) -> LikenessScale {
        self.0.likeness()
    }

    fn known(&self, text: &str) -> f32 {
        self.0.known(text)
    }

    fn fluent(&self, text: &str) -> f32 {
        self.0.fluent(text)
    }

    fn embed_passages(&self, passages: &[Input<'_>]) -> Result<Vec<Embedding>> {
        self.0.embed_passages(passages)
    }

    fn embed_query(&self, text: &str) -> Result<Vec<f32>> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.embed_query(text)
    }

    fn embed_question(&self, text: &str) -> Result<QuestionVectors> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.embed_question(text)
    }

    fn words(&self, text: &str) -> Vec<Range<usize>> {
        self.0.words(text)
    }
}

#[test]
fn a_question_is_prepared_once() {
    let vault = Vault::new(&NOTES);
    let index = CountingStore { snapshot: vault.snapshot(), counts: Counts::default() };
    let encoder = CountingEncoder(&vault.encoder, AtomicUsize::new(0));
    let before = PARSED.get();
    let mut question = Question::new("what do owls eat -trains", 3, Day::of(0));
    question.filter.paths.push("*.md".into());
    let reply = ask(&index, &encoder, &question, &mut Stopwatch::default()).unwrap();
    assert_eq!(paths(&reply), ["eat.md", "fly.md"]);
    assert_eq!((PARSED.get() - before, encoder.1.into_inner()), (1, 1));
    let times = |number| Counter(AtomicUsize::new(number));
    // Whether a dash belongs to a flag is looked up once more, by words alone. The note of the first source is read for
    // the rest of the answer's section.
    let expected = Counts {
        questions: times(2),
        searches: times(3),
        looks: times(1),
        matches: times(1),
        passages: times(3),
        vectors: times(2),
        notes: times(2),
        short_ids: times(1),
    };
    assert_eq!(index.counts, expected);
}
