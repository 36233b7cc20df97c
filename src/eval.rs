//! The spine of `qsearch eval`: how good are the answers? Questions whose answers are known go through `index` and
//! `ask`, and what comes back is compared with what should.
//!
//! Three forms of test sets are known, by the files that a folder holds ([`Form::of`]):
//!
//! - [`Set`], the layout of BEIR (Thakur et al. 2021): documents, queries and judgments of relevance. [`retrieval`]
//!   measures the rankings of the three searches, by the definitions of `trec_eval`; with known answers it asks, too.
//! - [`golden`]: questions about notes, with the lines that answer them.
//! - [`chunking`]: questions with character spans in long files, by the definitions of Smith and Troynikov (2024).
//!
//! Indexes are kept in a cache and brought up to date by the ordinary spine `index`, so what is measured is what users
//! get. Nothing here depends on time or chance but the milliseconds; samples are evenly spaced, permutations seeded.

mod answers;
mod cache;
mod chunking;
mod citation;
mod compare;
mod features;
mod foreign;
mod golden;
mod lines;
mod metrics;
mod ranges;
mod remembered;
mod retrieval;
mod set;

use std::path::{Path, PathBuf};

use crate::ask::Question;
use crate::calendar::Day;
use crate::embed::{Embedder, ModelSource};
use crate::error::{Error, Result, Saved};
use crate::progress::Progress;
use crate::trust::Trust;

pub use answers::{Answers, MOST_CHARS, MOST_SENTENCES};
pub use chunking::{Chunking, PUBLISHED, Published, SpanFigures, SpanSet, chunking};
pub use citation::Citations;
pub use compare::{Change, Comparison, PERMUTATIONS, Previous, compare, randomisation_test};
pub use foreign::{BINS, Bin, Foreign};
pub use golden::{Golden, GoldenSet, Miss, Span, Wrong, golden, plain_questions};
pub use metrics::{Figures, figures};
pub use retrieval::{Measured, Ranking, Retrieval, SEARCHES, retrieval};
pub use set::{Query, Set};

/// How many sources a question is asked for; as many as `qsearch ask` shows.
const SOURCES: usize = 5;

/// What an evaluation works with.
pub struct Bench<'a> {
    /// The folder in which notes and indexes are kept from run to run.
    pub cache: PathBuf,
    /// The model.
    pub embedder: &'a dyn Embedder,
    /// Where the model comes from, for indexes to remember.
    pub model: ModelSource,
    /// Hears how indexing goes, and says when to stop.
    pub progress: &'a dyn Progress,
}

impl std::fmt::Debug for Bench<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { cache, embedder, model, .. } = self;
        let mut shown = f.debug_struct("Bench");
        shown.field("cache", cache).field("embedder", embedder).field("model", model).finish_non_exhaustive()
    }
}

impl Bench<'_> {
    /// Fails if the user wants to stop.
    fn go_on(&self) -> Result<()> {
        if self.progress.cancelled() { Err(Error::Interrupted(Saved::Nothing)) } else { Ok(()) }
    }

    /// Counts one more question, and fails if the user wants to stop.
    fn asked(&self) -> Result<()> {
        self.progress.asked();
        self.go_on()
    }
}

/// What kind of test set a folder holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `corpus.jsonl`, `queries.jsonl`, `qrels.tsv`.
    Retrieval,
    /// Notes, and `golden.jsonl` among them.
    Golden,
    /// `corpora/`, `queries.jsonl`, `spans.jsonl`.
    Chunking,
}

impl Form {
    /// Recognises a test set by its files.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if the folder holds none, or isn't there.
    pub fn of(dir: &Path) -> Result<Self> {
        let has = |name: &str| dir.join(name).exists();
        if has("corpus.jsonl") {
            return Ok(Self::Retrieval);
        }
        if has("spans.jsonl") {
            return Ok(Self::Chunking);
        }
        if has(golden::FILE) {
            return Ok(Self::Golden);
        }
        let what = if dir.is_dir() {
            format!("there is no test set in {}", dir.display())
        } else {
            format!("there is no folder {}", dir.display())
        };
        let hint = "a test set is a folder with `corpus.jsonl`, `queries.jsonl` and `qrels.tsv`, or with notes and \
                    `golden.jsonl`, or with `corpora/`, `queries.jsonl` and `spans.jsonl`";
        Err(Error::NotFound { what, hint: hint.into() })
    }
}

/// Something odd about a test set that doesn't keep it from being used, and how often it occurs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Warning {
    /// How often.
    pub count: u64,
    /// What, as a phrase that follows the count: `queries have no positive judgment`.
    pub what: String,
}

impl Warning {
    /// Keeps those that occur.
    fn list<const N: usize>(counted: [(u64, &str); N]) -> Vec<Self> {
        let occurs = counted.into_iter().filter(|(count, _)| *count > 0);
        occurs.map(|(count, what)| Self { count, what: what.to_owned() }).collect()
    }
}

/// A question as `qsearch ask` asks it.
fn question(text: &str) -> Question {
    // The same day each time, so that a question says the same on another. The index was made just now, of what was named.
    let mut question = Question::new(text, SOURCES, Day::of(0));
    question.trust = Trust::All;
    question
}

/// At most `most` of the numbers below `len`, evenly spaced, the first among them.
fn sample(len: usize, most: usize) -> impl Iterator<Item = usize> {
    let taken = len.min(most);
    (0..taken).map(move |at| at * len / taken.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_even_and_complete_where_they_can_be() {
        assert_eq!(sample(3, 10).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(sample(10, 4).collect::<Vec<_>>(), [0, 2, 5, 7]);
        assert_eq!(sample(0, 4).count() + sample(4, 0).count(), 0);
    }

    #[test]
    fn a_form_is_known_by_its_files() {
        let at = tempfile::tempdir().unwrap();
        let error = Form::of(at.path()).unwrap_err();
        assert!(error.to_string().starts_with("there is no test set in "), "{error}");
        assert!(Form::of(&at.path().join("x")).unwrap_err().to_string().starts_with("there is no folder "));
        for (name, form) in [
            ("golden.jsonl", Form::Golden),
            ("spans.jsonl", Form::Chunking),
            ("corpus.jsonl", Form::Retrieval),
        ] {
            std::fs::write(at.path().join(name), "").unwrap();
            assert_eq!(Form::of(at.path()).unwrap(), form);
        }
    }
}
