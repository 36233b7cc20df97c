//! The pace of a run: when it commits what it has, and whether words come first.

use std::time::{Duration, Instant};

use crate::error::{Error, Saved};

/// A run commits for the first time after so long, so that there is something to ask soon, then after twice as long each
/// time, up to its interval.
const FIRST: Duration = Duration::from_secs(10);

/// About so many bytes of notes are embedded in a second, on a few cores.
const BYTES_A_SECOND: u64 = 100 << 10;

/// When the changes so far are committed in the middle of a run.
#[derive(Debug)]
pub(super) struct Pace {
    /// How long a run goes on without a commit at most; `None` if it is to have one at its end only.
    pub(super) interval: Option<Duration>,
    /// How long it goes on without the next one.
    next: Duration,
    /// When the run began, or committed last.
    last: Instant,
    /// How many of the planned notes aren't done with yet.
    pub(super) waiting: u64,
    /// How many are stored and not yet committed.
    stored: u64,
    /// How much of the run is committed.
    saved: Saved,
}

impl Pace {
    pub(super) fn new() -> Self {
        let (last, saved) = (Instant::now(), Saved::Nothing);
        Self { interval: None, next: FIRST, last, waiting: 0, stored: 0, saved }
    }

    /// Whether all words are to be stored before anything is embedded, of notes with so many bytes: there would be nothing to
    /// ask for some time.
    pub(super) fn has_words_first(&self, bytes: u64) -> bool {
        self.interval.is_some_and(|interval| bytes > interval.min(FIRST).as_secs() * BYTES_A_SECOND)
    }

    /// Whether it is time for a commit.
    pub(super) fn is_due(&self) -> bool {
        self.stored > 0
            && self.interval.is_some_and(|interval| self.last.elapsed() >= interval.min(self.next))
    }

    /// Counts a note that is stored, and whether that is all there is to be done about it.
    pub(super) fn store(&mut self, is_done: bool) {
        self.waiting = self.waiting.saturating_sub(u64::from(is_done));
        self.stored += 1;
    }

    /// Remembers a commit, in which so many notes are found by their words only.
    pub(super) fn committed(&mut self, pending: u64) {
        self.last = Instant::now();
        self.stored = 0;
        self.next = self.next.saturating_mul(2);
        self.saved = Saved::Part { waiting: self.waiting, pending };
    }

    /// Remembers the commit of all words. Vectors are committed as if the run began now.
    pub(super) fn words_committed(&mut self, pending: u64) {
        self.committed(pending);
        self.next = FIRST;
    }

    /// An error, in which an interruption says how much is committed.
    pub(super) fn tell(&self, error: Error) -> Error {
        if let Error::Interrupted(_) = error { Error::Interrupted(self.saved) } else { error }
    }
}
