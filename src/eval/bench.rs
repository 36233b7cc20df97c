//! What every evaluation works with: where things are kept, the model, and how a question is asked.

use std::path::PathBuf;

use crate::ask::{Question, Search};
use crate::calendar::Day;
use crate::embed::{Embedder, ModelSource};
use crate::error::{Error, Result, Saved};
use crate::progress::{Event, Progress};
use crate::trust::Trust;

/// The searches that are measured, in the order of the report.
pub const SEARCHES: [Search; 3] = [Search::Lexical, Search::Dense, Search::Hybrid];
/// How many sources a question is asked for; as many as `qsearch ask` shows.
const SOURCES: usize = 5;

/// What an evaluation works with.
pub struct Bench<'a> {
    /// The folder in which notes and indexes are kept between runs.
    pub cache: PathBuf,
    /// The embedder.
    pub embedder: &'a dyn Embedder,
    /// Where its model comes from, which indexes store.
    pub model: ModelSource,
    /// Is told how far indexing and asking have come, and says when to stop.
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
    pub(super) fn go_on(&self) -> Result<()> {
        if self.progress.cancelled() { Err(Error::Interrupted(Saved::Nothing)) } else { Ok(()) }
    }

    /// Reports how many questions will be asked.
    pub(super) fn asking(&self, questions: u64) {
        self.progress.on(Event::Asking { questions });
    }

    /// Counts one more question, and fails if the user wants to stop.
    pub(super) fn asked(&self) -> Result<()> {
        self.progress.on(Event::Asked);
        self.go_on()
    }
}

/// A question as `qsearch ask` asks it.
pub(super) fn question(text: &str) -> Question {
    // A fixed day, so that `since:7d` in a question means the same in each run. All notes are trusted: the index was made
    // just now, of what the user named.
    let mut question = Question::new(text, SOURCES, Day::of(0));
    question.trust = Trust::All;
    question
}

/// At most `most` of the numbers below `len`, evenly spaced, the first among them.
pub(super) fn sample(len: usize, most: usize) -> impl Iterator<Item = usize> {
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
}
