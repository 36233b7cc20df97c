//! Have notes changed since they were indexed? Looked at beside other work, so that no answer waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::Duration;

use crate::error::Result;
use crate::status;
use crate::store::Store;
use crate::trust::Trust;

/// The most notes that are looked at in a millisecond.
const NOTES_A_MILLISECOND: u64 = 1000;

/// A look at the notes of an index, on a thread of its own. Dropping it ends it.
#[derive(Debug)]
pub struct Lookout {
    found: Receiver<u64>,
    /// How many notes there are still to look at, as far as the index knows.
    left: Arc<AtomicU64>,
    is_over: Arc<AtomicBool>,
}

impl Lookout {
    /// Begins to compare the notes on disk with the state of an index that `open` gives. `trust` says which roots may be read.
    pub(crate) fn begin(
        open: impl FnOnce() -> Result<Arc<dyn Store>> + Send + 'static,
        trust: Trust,
    ) -> Self {
        let (tell, found) = sync_channel(1);
        let is_over = Arc::new(AtomicBool::new(false));
        let left = Arc::new(AtomicU64::new(0));
        let (over, still_left) = (Arc::clone(&is_over), Arc::clone(&left));
        // Whatever goes wrong, it only isn't known then whether notes have changed.
        drop(thread::Builder::new().name("lookout".into()).spawn(move || {
            let drift = open().and_then(|store| {
                still_left.store(store.info().files, Relaxed);
                // There may be more than the index knows.
                let on_note = || still_left.store(still_left.load(Relaxed).saturating_sub(1), Relaxed);
                status::drift(&*store, &trust, &on_note, &|| over.load(Relaxed))
            });
            if let Ok(drift) = drift {
                // Whoever asked may have gone.
                let _gone = tell.send(drift.notes());
            }
        }));
        Self { found, left, is_over }
    }

    /// A look that finds nothing.
    pub(crate) fn nothing() -> Self {
        Self { found: sync_channel(1).1, left: Arc::default(), is_over: Arc::default() }
    }

    /// How many notes have changed, as [`changed_notes`](Self::changed_notes) tells, if that is known by now.
    pub fn found(&self) -> Option<u64> {
        self.found.try_recv().ok()
    }

    /// How many notes were added, changed or removed since the state was written, in roots that can be read. Waits for it
    /// no longer than `patience`, and not at all where more notes are left than can be looked at in that time; `None` if it
    /// isn't known by then.
    pub fn changed_notes(self, patience: Duration) -> Option<u64> {
        let possible = patience.as_millis() * u128::from(NOTES_A_MILLISECOND);
        if u128::from(self.left.load(Relaxed)) > possible {
            self.found()
        } else {
            self.found.recv_timeout(patience).ok()
        }
    }
}

impl Drop for Lookout {
    fn drop(&mut self) {
        self.is_over.store(true, Relaxed);
    }
}
