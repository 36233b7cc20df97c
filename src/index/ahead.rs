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

/// The nanoseconds of a day.
const DAY: i64 = 86_400_000_000_000;

/// A file of a root, on its way to whoever makes notes of files.
pub(super) struct File {
    pub(super) root: Arc<str>,
    pub(super) found: FoundFile,
}

/// How many bytes some files have.
pub(super) fn bytes<'a>(files: impl IntoIterator<Item = &'a File>) -> u64 {
    files.into_iter().map(|file| file.found.size).sum()
}

/// Puts files first that will be asked for first, and that cost little: those that were modified about as long before the
/// newest one stand together, and the shortest of them first.
pub(super) fn newest_and_shortest_first(files: &mut [File]) {
    let modified = |file: &File| file.found.stamp.modified_ns;
    let newest = files.iter().map(modified).max().unwrap_or(0);
    // Twice as long ago is no great difference.
    let age = |file: &File| ((newest.saturating_sub(modified(file)) / DAY) as u64 + 1).ilog2();
    files.sort_by(|a, b| {
        let key = |file: &File| (age(file), file.found.size);
        key(a).cmp(&key(b)).then_with(|| (&a.root, &a.found.path).cmp(&(&b.root, &b.found.path)))
    });
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::document::NotePath;
    use crate::files::Stamp;

    #[test]
    fn new_and_short_files_come_first() {
        let file = |path: &str, days_ago: i64, size: u64| {
            let stamp = Stamp { modified_ns: (20_000 - days_ago) * DAY, ..Stamp::default() };
            let (path, root) = (NotePath::from_encoded(path), Arc::from(Path::new("/notes")));
            File { root: "notes".into(), found: FoundFile { path, root, size, stamp } }
        };
        let unknown =
            File { found: FoundFile { stamp: Stamp::default(), ..file("u", 0, 1).found }, ..file("u", 0, 1) };
        let mut files = vec![
            unknown,
            file("old", 4000, 1),
            file("older", 3000, 9),
            file("week", 5, 3),
            file("weeks", 4, 7),
            file("long", 0, 90),
            file("b", 0, 2),
            file("a", 0, 2),
        ];
        assert_eq!(bytes(&files), 115);
        newest_and_shortest_first(&mut files);
        let order: Vec<&str> = files.iter().map(|file| file.found.path.as_str()).collect();
        assert_eq!(order, ["a", "b", "long", "week", "weeks", "old", "older", "u"]);
    }
}
