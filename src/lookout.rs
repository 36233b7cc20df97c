//! Have notes changed since they were indexed? Looked at beside other work, so that no answer waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::Duration;

use crate::error::Result;
use crate::status;
use crate::store::Store;
use crate::trust::Trust;

/// A look at the notes of an index, on a thread of its own. Dropping it ends it.
#[derive(Debug)]
pub struct Lookout {
    found: Receiver<u64>,
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
        let over = Arc::clone(&is_over);
        // Whatever goes wrong, it only isn't known then whether notes have changed.
        drop(thread::Builder::new().name("lookout".into()).spawn(move || {
            let drift = open().and_then(|store| status::drift(&*store, &trust, &|| over.load(Relaxed)));
            if let Ok(drift) = drift {
                // Whoever asked may have gone.
                let _gone = tell.send(drift.notes());
            }
        }));
        Self { found, is_over }
    }

    /// A look that finds nothing.
    pub(crate) fn nothing() -> Self {
        Self { found: sync_channel(1).1, is_over: Arc::default() }
    }

    /// How many notes have changed, as [`changed_notes`](Self::changed_notes) tells, if that is known by now.
    pub fn found(&self) -> Option<u64> {
        self.found.try_recv().ok()
    }

    /// How many notes were added, changed or removed since the state was written, in roots that can be read. Waits for it
    /// no longer than `patience`; `None` if it isn't known by then.
    pub fn changed_notes(self, patience: Duration) -> Option<u64> {
        self.found.recv_timeout(patience).ok()
    }
}

impl Drop for Lookout {
    fn drop(&mut self) {
        self.is_over.store(true, Relaxed);
    }
}
