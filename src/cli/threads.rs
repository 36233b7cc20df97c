//! The threads of rayon.
//!
//! rayon starts one for each core, and panics if the system doesn't allow as many. So they are started here, before rayon
//! needs them, and it is given those that could be started; if there are none, the main thread does the work.

use std::io;
use std::num::NonZeroUsize;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};

use qsearch::threads;
use rayon::{ThreadBuilder, ThreadPoolBuilder};

use super::cores;

/// The most threads for each core; some thousands would take longer to start than the work.
const MOST_PER_CORE: usize = 4;
/// How many threads are left for the rest of the program, where there are few.
const OTHERS: usize = 12;

/// A thread that waits for what it has to do.
struct Waiting {
    work: Sender<ThreadBuilder>,
    thread: JoinHandle<()>,
}

impl Waiting {
    /// Starts one.
    fn start() -> Option<Self> {
        let (work, given) = channel::<ThreadBuilder>();
        let run = move || given.into_iter().for_each(ThreadBuilder::run);
        let thread = thread::Builder::new().spawn(run).ok()?;
        Some(Self { work, thread })
    }
}

/// Lets threads be started once there is work for them: as many as are wanted, or one for each fast core, or as many as there
/// can be.
pub(crate) fn prepare(wanted: Option<NonZeroUsize>) {
    threads::start_by(move || start(wanted));
}

fn start(wanted: Option<NonZeroUsize>) {
    let cores = cores::count();
    let wanted = wanted.map_or(cores, |wanted| wanted.get().min(MOST_PER_CORE * cores));
    let mut waiting: Vec<Waiting> = (0..wanted).map_while(|_| Waiting::start()).collect();
    if waiting.len() < wanted {
        tracing::warn!(wanted, started = waiting.len(), "there can't be as many threads");
        let kept = waiting.len().saturating_sub(OTHERS).max(1).min(waiting.len());
        for Waiting { work, thread } in waiting.split_off(kept) {
            drop(work);
            // It does nothing that could fail.
            thread.join().unwrap_or_default();
        }
    }
    let pool = ThreadPoolBuilder::new().num_threads(waiting.len().max(1));
    let started = if waiting.is_empty() {
        pool.use_current_thread().build_global()
    } else {
        let give = |worker| {
            let gone = || io::Error::other("a thread is gone");
            let Waiting { work, .. } = waiting.pop().ok_or_else(gone)?;
            work.send(worker).map_err(|_| gone())
        };
        pool.spawn_handler(give).build_global()
    };
    // It fails if the pool exists already; then the number is what it is.
    started.unwrap_or_else(|error| tracing::warn!(%error, "the number of threads can't be chosen"));
}

/// Threads for work that is to yield to questions: one less than there are cores, or than are wanted, and at a lower
/// priority where the system has one for single threads. `None` if there can't be any.
#[cfg(feature = "watch")]
pub(crate) fn yielding(wanted: Option<NonZeroUsize>) -> Option<rayon::ThreadPool> {
    let cores = cores::count();
    let wanted = wanted.map_or(cores, |wanted| wanted.get().min(MOST_PER_CORE * cores));
    let pool = ThreadPoolBuilder::new().num_threads(wanted.saturating_sub(1).max(1));
    let pool =
        pool.thread_name(|at| format!("refresh {at}")).start_handler(|_| qsearch::sys::yield_to_others());
    pool.build().inspect_err(|error| tracing::warn!(%error, "there are no threads that yield")).ok()
}
