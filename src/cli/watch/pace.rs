//! When is the index to be refreshed?
//!
//! A state machine without a clock: it hears hints, beginnings and ends of refreshes, each with the time since the watch
//! began, and says when the next refresh is due. What writes a note writes it in several steps, and whoever changes many
//! notes takes a while, so a refresh waits until it is [quiet](Pace::QUIET), but [not for ever](Pace::MOST).

use std::time::Duration;

/// How a refresh ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The index is up to date.
    Done,
    /// Another process was writing the index; nothing was done.
    Busy,
    /// It failed.
    Failed,
}

/// When a refresh is due. All times are counted from when the watch began.
#[derive(Clone, Debug)]
pub(super) struct Pace {
    /// The first and the last hint since the last refresh began, if there were any.
    hints: Option<(Duration, Duration)>,
    /// Whether nothing more is waited for.
    hurries: bool,
    /// When the last refresh began, if there was one.
    began: Option<Duration>,
    /// No refresh is due before this.
    not_before: Duration,
    /// When all is looked at again, whether or not there are hints.
    full: Duration,
    /// How many refreshes in a row have not been done.
    in_vain: u32,
}

impl Pace {
    /// It is quiet when there was no hint for so long.
    pub(super) const QUIET: Duration = Duration::from_millis(400);
    /// Where it doesn't get quiet, a refresh is due so long after the first hint.
    pub(super) const MOST: Duration = Duration::from_secs(5);
    /// Refreshes begin at least so far apart.
    pub(super) const APART: Duration = Duration::from_secs(1);
    /// All is looked at so long after the last refresh, for hints may be missing.
    pub(super) const FULL: Duration = Duration::from_mins(10);
    /// While refreshes fail, the pause between them is at most so long.
    pub(super) const LONGEST_PAUSE: Duration = Duration::from_mins(5);
    /// While another process writes, the pause between two attempts is at most so long.
    pub(super) const BUSY_PAUSE: Duration = Duration::from_secs(4);

    /// The beginning, with a refresh that is due at once.
    pub(super) fn new() -> Self {
        Self {
            hints: None,
            hurries: true,
            began: None,
            not_before: Duration::ZERO,
            full: Self::FULL,
            in_vain: 0,
        }
    }

    /// Something may have changed.
    pub(super) fn hint(&mut self, now: Duration) {
        let (first, _) = self.hints.unwrap_or((now, now));
        self.hints = Some((first, now));
    }

    /// Something has changed that may end whatever refreshes failed of, and needs no waiting for more.
    pub(super) fn hurry(&mut self) {
        self.hurries = true;
        self.in_vain = 0;
        self.not_before = self.began.map_or(Duration::ZERO, |began| began + Self::APART);
    }

    /// Whether there are hints that no refresh has followed yet.
    pub(super) fn is_pending(&self) -> bool {
        self.hurries || self.hints.is_some()
    }

    /// When the next refresh is due.
    pub(super) fn due(&self) -> Duration {
        let by_hints = match self.hints {
            _ if self.hurries => Some(Duration::ZERO),
            hints => hints.map(|(first, last)| (last + Self::QUIET).min(first + Self::MOST)),
        };
        by_hints.map_or(self.full, |due| due.min(self.full)).max(self.not_before)
    }

    /// Whether a refresh that is due is one without a hint.
    pub(super) fn is_full(&self, now: Duration) -> bool {
        now >= self.full
    }

    /// A refresh begins; it sees all that was hinted at so far.
    pub(super) fn begin(&mut self, now: Duration) {
        (self.hints, self.hurries) = (None, false);
        self.began = Some(now);
    }

    /// The refresh has ended. Says how long it is until the next attempt, if it has to be tried again.
    pub(super) fn end(&mut self, now: Duration, ended: Ended) -> Option<Duration> {
        let began = self.began.unwrap_or(now);
        let took = now.saturating_sub(began);
        if ended == Ended::Done {
            self.in_vain = 0;
            self.full = now + Self::FULL;
            // A refresh of a large vault takes a while, and is to leave as much for others.
            self.not_before = (began + Self::APART).max(now + took.min(Self::MOST));
            return None;
        }
        let longest = if ended == Ended::Busy { Self::BUSY_PAUSE } else { Self::LONGEST_PAUSE };
        let pause = Self::APART.saturating_mul(1 << self.in_vain.min(16)).min(longest);
        self.in_vain = self.in_vain.saturating_add(1);
        self.not_before = now + pause;
        // What was to be done is to be done still.
        self.hurries = true;
        Some(pause)
    }
}

#[cfg(test)]
#[path = "pace_tests.rs"]
mod tests;
