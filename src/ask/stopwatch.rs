//! A stopwatch for the steps of an answer.

use std::time::{Duration, Instant};

/// The times of the steps of one question, one after the other.
#[derive(Clone, Debug)]
pub struct Stopwatch {
    began: Instant,
    last: Instant,
    laps: Vec<(&'static str, Duration)>,
}

impl Stopwatch {
    /// Starts to measure; `began` is when the work did.
    pub fn since(began: Instant) -> Self {
        Self { began, last: began, laps: Vec::new() }
    }

    /// The step `name` ends here, and the next begins.
    pub fn lap(&mut self, name: &'static str) {
        let now = Instant::now();
        self.laps.push((name, now - self.last));
        self.last = now;
    }

    /// The steps so far in their order, then all of them together as `total`.
    pub fn laps(&self) -> impl Iterator<Item = (&'static str, Duration)> {
        self.laps.iter().copied().chain([("total", self.last - self.began)])
    }
}

impl Default for Stopwatch {
    fn default() -> Self {
        Self::since(Instant::now())
    }
}
