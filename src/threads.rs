//! The threads that share large work: when are they started?
//!
//! Starting them takes longer than much of what a question needs, above all where others keep the processor busy. So whoever
//! knows how they are to be started says so, and it is done once there is work for them. Where nobody has said it, rayon
//! starts its own when it is first used.

use std::fmt;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// From so many parts on, work is worth starting threads for. One is a few thousand comparisons, about .1 ms.
const MANY: usize = 16;

/// How the threads of this process are started.
static ALL: Threads = Threads::new();

/// Threads that may not be there yet.
struct Threads {
    /// What starts them, until it has.
    starter: Mutex<Option<Box<dyn FnOnce() + Send>>>,
    are_running: AtomicBool,
}

impl fmt::Debug for Threads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Threads").field("are_running", &self.are_running).finish_non_exhaustive()
    }
}

impl Threads {
    const fn new() -> Self {
        Self { starter: Mutex::new(None), are_running: AtomicBool::new(false) }
    }

    fn start_by(&self, start: impl FnOnce() + Send + 'static) {
        *self.starter.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(start));
    }

    /// Whoever comes second waits for the first.
    fn start(&self) {
        let mut starter = self.starter.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(start) = starter.take() {
            start();
        }
        self.are_running.store(true, Relaxed);
    }

    fn are_for(&self, parts: usize) -> bool {
        let is_much = parts > 1 && (parts >= MANY || self.are_running.load(Relaxed));
        if is_much && !self.are_running.load(Relaxed) {
            self.start();
        }
        is_much
    }
}

/// Says how the threads of this process are to be started, once they are needed.
pub fn start_by(start: impl FnOnce() + Send + 'static) {
    ALL.start_by(start);
}

/// Starts the threads of this process, unless they are running.
pub fn start() {
    ALL.start();
}

/// Does two things at the same time, the second on a thread of its own where one can be started.
pub(crate) fn both<A, B: Send>(here: impl FnOnce() -> A, there: impl Fn() -> B + Sync) -> (A, B) {
    thread::scope(|scope| {
        let other = thread::Builder::new().spawn_scoped(scope, &there);
        let done = here();
        (
            done,
            other.map_or_else(|_| there(), |other| other.join().unwrap_or_else(|panic| resume_unwind(panic))),
        )
    })
}

/// Whether so many parts of work are for threads; they are running then.
pub(crate) fn are_for(parts: usize) -> bool {
    ALL.are_for(parts)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[test]
    fn threads_start_once_there_is_much_work() {
        let (threads, started) = (Threads::new(), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&started);
        threads.start_by(move || {
            count.fetch_add(1, Relaxed);
        });
        assert!(!threads.are_for(0) && !threads.are_for(1) && !threads.are_for(MANY - 1));
        assert_eq!(started.load(Relaxed), 0);
        assert!(threads.are_for(MANY) && threads.are_for(MANY));
        assert_eq!(started.load(Relaxed), 1);
    }

    #[test]
    fn two_things_are_done_at_the_same_time() {
        let (tell, told) = std::sync::mpsc::sync_channel(0);
        // Each waits for the other.
        let (here, there) = both(|| told.recv().unwrap(), || tell.send("hello").is_ok());
        assert_eq!((here, there), ("hello", true));
    }

    #[test]
    fn threads_that_run_share_little_work_too() {
        let threads = Threads::new();
        threads.start();
        assert!(threads.are_for(2) && !threads.are_for(1));
    }
}
