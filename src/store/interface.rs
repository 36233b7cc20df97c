//! The interface of a store that can be asked: what the rest of the program needs of it, and no more.

use std::fmt::Debug;
use std::path::Path;

use super::part_vectors::PartVectors;
use super::record::{FileRecord, IndexInfo};
use super::server::ServerStatus;
use super::vectors::Vector;
use crate::document::{EmbeddedHash, NotePath, PassageId};
use crate::error::Result;
use crate::hit::{Candidate, LexicalFeatures, Look, Row, StoredPassage, UnknownWord};
use crate::query::{Clause, Filter, Query};
use crate::word_vector::{QuestionWord, WordMatches};
use crate::words::Language;

/// Passages of a note that stand one behind the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// The passages, in the order of their spans.
    pub passages: Vec<StoredPassage>,
    /// Whether the note has more before them.
    pub before: bool,
    /// Whether it has more behind them.
    pub after: bool,
}

impl Stretch {
    /// All passages of a note.
    pub fn whole(passages: Vec<StoredPassage>) -> Self {
        Self { passages, before: false, after: false }
    }
}

/// One committed state of a store.
///
/// A call may be a trip to another machine, so calls about many passages take all of them at once. Errors are
/// the store's own: it can't be read, or what was read is damaged.
pub trait Store: Debug + Send + Sync {
    /// What is to be told of the server that the index lies on; `None` if it lies on none.
    ///
    /// # Errors
    ///
    /// If the server can't be asked.
    fn server(&self) -> Result<Option<ServerStatus>> {
        Ok(None)
    }

    /// Tells which notes, each by its root and path, and which names of notes will be asked for soon, with so many notes at
    /// most as [`notes_called`](Self::notes_called) says, so that a store can look all of them up at once.
    ///
    /// # Errors
    ///
    /// If the store can't be read.
    #[expect(unused_variables, reason = "a store that lies here looks them up when they are asked for")]
    fn expect(&self, notes: &[(&str, &NotePath)], called: &[&str], most: usize) -> Result<()> {
        Ok(())
    }

    /// A passage of a note with at least `reach` passages before and behind it, as far as there are so many. All that the
    /// note has, if it doesn't have this one.
    ///
    /// # Errors
    ///
    /// If the store can't be read.
    fn stretch(&self, root: &str, path: &NotePath, _id: PassageId, _reach: usize) -> Result<Stretch> {
        self.passages_of(root, path).map(Stretch::whole)
    }

    /// The folder that the index lies in, or what stands for it in messages: [`Place::shown`](super::Place::shown).
    fn dir(&self) -> &Path;

    /// The description of the index.
    fn info(&self) -> &IndexInfo;

    /// Whether the index is still in this state. Asking takes far less time than opening it; `false` if it can't be known.
    fn is_current(&self) -> bool;

    /// The table of files, sorted by root and path.
    ///
    /// # Errors
    ///
    /// If the store can't be read.
    fn files(&self) -> Result<Vec<FileRecord>>;

    /// How many bytes the index takes.
    ///
    /// # Errors
    ///
    /// If the store can't be read.
    fn size_bytes(&self) -> Result<u64>;

    /// Prepares a question: what `query` and `filter` let through is found once. Without a `vector`, which has as many
    /// numbers as the index has dimensions, it can only be searched by words.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`](crate::error::Error::Usage) for a broken glob or a vector of the wrong size.
    fn question<'a>(
        &'a self,
        query: &Query,
        vector: Option<&[f32]>,
        filter: &Filter,
    ) -> Result<Box<dyn Prepared + 'a>>;

    /// The languages that its notes are in, but for English, in their order.
    ///
    /// # Errors
    ///
    /// If the store can't be read.
    fn languages(&self) -> Result<Vec<Language>>;

    /// Whether each of some clauses can mean anything: whether any note has the key of a
    /// [property](Clause::Property), or a word with a [beginning](Clause::Prefix). Other clauses always can.
    ///
    /// # Errors
    ///
    /// If the store can't be read.
    fn knows(&self, clauses: &[Clause]) -> Result<Vec<bool>>;

    /// The passages of some rows, in the same order.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::error::Error::NotFound) for a row of another state.
    fn passages(&self, rows: &[Row]) -> Result<Vec<StoredPassage>>;

    /// The vectors of some rows, in the same order, each times some positive factor: only directions mean something.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::error::Error::NotFound) for a row of another state.
    fn vectors(&self, rows: &[Row]) -> Result<Vec<Vec<f32>>>;

    /// For each of some embedded texts the vectors of any passage that has it, as they are stored, in the same order: to be
    /// stored again without a loss.
    ///
    /// # Errors
    ///
    /// If the store can't be read.
    fn vectors_of(&self, embedded: &[EmbeddedHash]) -> Result<Vec<Option<(Vector, PartVectors)>>>;

    /// What is stored of some rows beside their passages, in the same order: all that it takes to store these again in
    /// another index without a model.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::error::Error::NotFound) for a row of another state.
    fn stored_vectors(&self, rows: &[Row]) -> Result<Vec<StoredVectors>>;

    /// The rows of the passages that have vectors and the least ids, at most so many, in the order of the ids. Ids are hashes, so these
    /// passages are a sample of all.
    ///
    /// # Errors
    ///
    /// If the store can't be read.
    fn sample(&self, most: usize) -> Result<Vec<Row>>;

    /// The passages of a note, in the order of their spans.
    ///
    /// # Errors
    ///
    /// If the store can't be read.
    fn passages_of(&self, root: &str, path: &NotePath) -> Result<Vec<StoredPassage>>;

    /// A passage of each note that a link may call `key`, which is a [`name_key`](crate::link::name_key); no passage at
    /// all if there are more than `most` such notes. In the order of root and path.
    ///
    /// # Errors
    ///
    /// If the store can't be read.
    fn notes_called(&self, key: &str, most: usize) -> Result<Vec<StoredPassage>>;

    /// The passages that link to notes that are called `key`, in the order of root, path and place. Whether a link leads
    /// to one of several notes of that name isn't looked at.
    ///
    /// # Errors
    ///
    /// If the store can't be read.
    fn passages_linking(&self, key: &str) -> Result<Vec<StoredPassage>>;

    /// Those of some rows whose passages link to notes or whose notes have other names, in the same order.
    ///
    /// # Errors
    ///
    /// If the store can't be read.
    fn labelled(&self, rows: &[Row]) -> Result<Vec<Row>>;

    /// The rows of a note's passages, in no particular order.
    ///
    /// # Errors
    ///
    /// If the store can't be read.
    fn rows_of(&self, root: &str, path: &NotePath) -> Result<Vec<Row>>;

    /// The passages whose ids begin with these digits, in the order of their ids, at most `limit`. A leading `#` and
    /// capitals don't matter.
    ///
    /// # Errors
    ///
    /// If the store can't be read.
    fn with_prefix(&self, prefix: &str, limit: usize) -> Result<Vec<StoredPassage>>;

    /// Of each of some ids the first digits, at least eight, that no other passage's id begins with.
    ///
    /// # Errors
    ///
    /// If the store can't be read.
    fn short_ids(&self, ids: &[PassageId]) -> Result<Vec<String>>;
}

/// What an index has of a passage beside the passage itself, as in a [`NewPassage`](super::NewPassage).
#[derive(Clone, Debug, PartialEq)]
pub struct StoredVectors {
    /// The hash of what was embedded.
    pub embedded: EmbeddedHash,
    /// The passage's vector.
    pub vector: Vector,
    /// The vectors of its parts.
    pub part_vectors: PartVectors,
}

/// A question, prepared for one committed state.
///
/// Results don't depend on the history of the index: the best come first, and ties break by the passages' ids.
pub trait Prepared {
    /// The `k` rows whose vectors have the greatest cosine with the question's.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`](crate::error::Error::Usage) for a question without a vector.
    fn search_vectors(&self, k: usize) -> Result<Vec<Candidate>>;

    /// The `k` rows that match the words of the question best, by BM25F.
    ///
    /// # Errors
    ///
    /// If the store can't be read.
    fn search_words(&self, k: usize) -> Result<Vec<Candidate>>;

    /// A row of each note that has a passage which the question may find, in no order: that of the first of them, where
    /// the store keeps a note's passages together.
    ///
    /// # Errors
    ///
    /// If the store can't be read.
    fn notes(&self) -> Result<Vec<Row>>;

    /// What the question and each of the given rows have in common, in the order of the rows.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`](crate::error::Error::Usage) for a question without a vector,
    /// [`Error::NotFound`](crate::error::Error::NotFound) for a row of another state.
    fn look(&self, rows: &[Row]) -> Result<Vec<Look>>;

    /// How the words of the question match those of the passages of some rows, in the order of the rows. `words` are of the
    /// whole question or of a part of it.
    ///
    /// # Errors
    ///
    /// As [`look`](Self::look).
    fn match_words(&self, words: &[QuestionWord], rows: &[Row]) -> Result<Vec<WordMatches>>;

    /// The words of the question that no passage of the store has.
    ///
    /// # Errors
    ///
    /// If the store can't be read.
    fn unknown_words(&self) -> Result<Vec<UnknownWord>>;

    /// How many rows the question may find; `None` if it may find all.
    fn selected(&self) -> Option<usize>;

    /// Gives the question another vector.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`](crate::error::Error::Usage) for a vector of the wrong size.
    fn set_vector(&mut self, vector: &[f32]) -> Result<()>;

    /// Whether the question may find a row.
    fn may_find(&self, row: Row) -> bool;

    /// The features that a passage would have that is called `label` and says nothing else.
    ///
    /// # Errors
    ///
    /// If the store can't be read.
    fn label(&self, label: &str) -> Result<LexicalFeatures>;
}
