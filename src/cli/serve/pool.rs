//! Who calculates: as many threads as there are cores, and a queue that doesn't grow for ever.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use axum::http::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, spawn_blocking};
use tokio::time::timeout;

use super::super::{defect, sanitize};
use super::refusal::Refusal;

/// So many questions wait for their turn; more are refused.
const MOST_WAITING: usize = 64;

/// How long a piece of work may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// The turns of questions.
#[derive(Debug)]
pub(super) struct Pool {
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// Whether anybody still waits for a piece of work. When this is dropped, nobody does.
#[derive(Debug, Default)]
pub(super) struct Interest(Arc<AtomicBool>);

impl Interest {
    /// What the work asks from time to time: whether it may end.
    pub(super) fn is_gone(&self) -> impl Fn() -> bool + Send + Sync + 'static {
        let gone = Arc::clone(&self.0);
        move || gone.load(Relaxed)
    }
}

impl Drop for Interest {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

/// Counts one that waits, as long as it does.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl Pool {
    /// A turn for each core.
    pub(super) fn new() -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self { turns: Arc::new(Semaphore::new(cores)), waiting: AtomicUsize::new(0) }
    }

    /// Waits for a turn, unless too many do already.
    async fn turn(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        let too_many = self.waiting.fetch_add(1, Relaxed) >= MOST_WAITING;
        let _waiting = Waiting(&self.waiting);
        if let Ok(turn) = Arc::clone(&self.turns).try_acquire_owned() {
            return Ok(turn);
        }
        if too_many {
            return Err(Refusal::busy("too many questions are asked at once", 1));
        }
        Arc::clone(&self.turns).acquire_owned().await.map_err(|_| Refusal::stopping())
    }

    /// Does some work once it is its turn. The work may end early once the function that it gets says that nobody waits any
    /// more.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Fn() -> bool) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let turn = self.turn().await?;
        let interest = Interest::default();
        let is_gone = interest.is_gone();
        let done = spawn_blocking(move || {
            let _turn = turn;
            work(&is_gone)
        });
        let late = || {
            let what = "it takes too long";
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "busy", what).with("ask for less, or later")
        };
        let done = timeout(PATIENCE, done).await.map_err(|_| late())?;
        done.unwrap_or_else(|error| Err(defective(error)))
    }
}

/// What is said of work that ended in a panic.
pub(super) fn defective(error: JoinError) -> Refusal {
    let payload = error.try_into_panic().ok();
    let what = payload.as_deref().and_then(defect::message).unwrap_or("no message");
    let what = format!("this is a defect of qsearch: {}", sanitize::line(what));
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "defect", what)
        .with("please report it, with the request that you sent")
}
