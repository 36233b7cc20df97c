//! Files that take long to read are read ahead, on as many threads as there are cores, and handed on in their order.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Scope;

use super::load::{Loaded, Loader, NotLoaded, takes_process};
use crate::extract::Readers;
use crate::walk::FoundFile;

/// No more files wait to be handed on; most of them aren't opened before that.
const MOST_WAITING: usize = 512;

/// So many files a thread are read, or wait for it, at a time.
const AHEAD: usize = 2;

/// A file of a root, on its way to whoever makes notes of files.
pub(super) struct File {
    pub(super) root: Arc<str>,
    pub(super) found: FoundFile,
}

/// What became of a file that was read ahead.
type Outcome = Result<Loaded, NotLoaded>;

/// A file to be read, and where to say what became of it.
type Job = (Arc<str>, FoundFile, SyncSender<Outcome>);

/// Hands on files in their order, some of which are being read already.
pub(super) struct Ahead<'a, Files> {
    loader: Loader<'a>,
    /// For what isn't read ahead.
    readers: Readers,
    files: Files,
    waiting: VecDeque<(File, Option<Receiver<Outcome>>)>,
    jobs: std::sync::mpsc::Sender<Job>,
    /// How many jobs may be under way.
    room: usize,
    /// How many are.
    under_way: usize,
}

impl<'a, Files: Iterator<Item = File>> Ahead<'a, Files> {
    /// Begins to read files on `threads` threads.
    pub(super) fn begin<'scope>(
        scope: &'scope Scope<'scope, 'a>,
        threads: usize,
        loader: Loader<'a>,
        files: Files,
    ) -> Self {
        let (jobs, from) = channel::<Job>();
        let from = Arc::new(Mutex::new(from));
        let mut started = 0;
        for _ in 0..threads {
            let from = Arc::clone(&from);
            let work = move || {
                let mut readers = loader.readers();
                loop {
                    let job = from.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((root, found, to)) = job else { return };
                    // Who asked may have gone.
                    let _gone = to.send(loader.load(&mut readers, &root, &found));
                }
            };
            let thread = std::thread::Builder::new().name("extract".into()).spawn_scoped(scope, work);
            started += usize::from(thread.is_ok());
        }
        let room = AHEAD * started;
        Self { loader, readers: loader.readers(), files, waiting: VecDeque::new(), jobs, room, under_way: 0 }
    }

    /// The next file, with what became of it.
    pub(super) fn next(&mut self) -> Option<(File, Outcome)> {
        while self.waiting.len() < MOST_WAITING {
            let is_foreign = |file: &File| takes_process(&file.found);
            if self.under_way >= self.room && self.room > 0 {
                break;
            }
            let Some(file) = self.files.next() else { break };
            let outcome = (self.room > 0 && is_foreign(&file)).then(|| {
                let (to, outcome) = sync_channel(1);
                // The threads are there as long as this is.
                let _alive = self.jobs.send((Arc::clone(&file.root), file.found.clone(), to));
                self.under_way += 1;
                outcome
            });
            self.waiting.push_back((file, outcome));
        }
        let (file, outcome) = self.waiting.pop_front()?;
        let outcome = match outcome {
            Some(outcome) => {
                self.under_way -= 1;
                outcome.recv().unwrap_or(Err(NotLoaded::Cancelled))
            }
            None => self.loader.load(&mut self.readers, &file.root, &file.found),
        };
        Some((file, outcome))
    }
}
