//! One run: notes that changed go through parse, chunk and embed into the writer.
//!
//! Three threads work at the same time, each with a few portions in front of it: one reads, parses and cuts
//! ([`NoteReader`]), one has the passages embedded, on as many cores as there are ([`Vectors`]), and one gives them to the
//! store. Parts keep their order all the way, so the index is the same however fast each of them is; and no more than
//! the texts of a few files and some hundred passages are in memory, however much there is to index.
//!
//! Where much is to be embedded all files go that way twice: first with the vectors that are known, which are none in a new
//! index, so that all of them are soon found by their words; then those that lack any, the newest and shortest first.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::Walked;
use super::ahead::{File, bytes, newest_and_shortest_first};
use super::known::{DateOrders, KnownFiles, by_root, is_read};
use super::load::{Loader, takes_process};
use super::pace::Pace;
use super::plan::{Plan, plan};
use super::read::{NoteReader, ReadItem};
use super::report::{IndexReport, KeptRoot, Skipped, WhyKept};
use super::roots::Scope;
use super::storing::{Batch, Storing};
use super::vectors::Vectors;
use crate::chunk::Limits;
use crate::document::NotePath;
use crate::embed::Embedder;
use crate::error::{Error, Result, Saved};
use crate::extract::Launch;
use crate::progress::{Event, Progress};
use crate::store::{Committed, FileRecord, Maintenance, Step, Store, StoreWriter};
use crate::walk::{Reason, Walk};

/// So many portions may wait for whoever takes them next.
const WAITING: usize = 8;
/// Passages are embedded in batches of at most about so many, those of a length together.
const BATCH: usize = 512;
/// A batch that took longer is followed by a smaller one, since nothing can be committed before a batch is done.
const BATCH_TIME: Duration = Duration::from_secs(10);

/// The state of one run of `qsearch index`.
pub(super) struct Run<'a> {
    writer: Box<dyn StoreWriter>,
    embedder: &'a dyn Embedder,
    progress: &'a dyn Progress,
    limits: Limits,
    max_bytes: Option<u64>,
    /// How processes are started that read what isn't text.
    launch: Option<&'a Launch>,
    known: KnownFiles,
    /// How dates are written below each root.
    orders: DateOrders,
    report: IndexReport,
    pace: Pace,
}

/// The files that a run has to read.
#[derive(Default)]
struct Work {
    /// New and changed ones.
    read: Vec<File>,
    /// Those that are found by their words already.
    pending: Vec<File>,
}

/// Nobody hears how far a pass has come which isn't the last one.
struct Unheard<'a>(&'a dyn Progress);

impl Progress for Unheard<'_> {
    fn on(&self, _: Event) {}

    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

impl<'a> Run<'a> {
    pub(super) fn new(
        writer: Box<dyn StoreWriter>,
        embedder: &'a dyn Embedder,
        progress: &'a dyn Progress,
        limits: Limits,
        max_bytes: Option<u64>,
    ) -> Result<Self> {
        let known =
            writer.snapshot().map_or_else(|| Ok(Vec::new()), |snapshot| snapshot.files()).map(by_root)?;
        let (report, pace) = (IndexReport::default(), Pace::new());
        let orders = DateOrders::new();
        let launch = None;
        Ok(Self { writer, embedder, progress, limits, max_bytes, launch, known, orders, report, pace })
    }

    /// Has files that aren't text read in processes that are started like this.
    pub(super) fn reading_in(mut self, launch: Option<&'a Launch>) -> Self {
        self.launch = launch;
        self
    }

    /// Has the run commit what it has each time so much time has gone by, and not only at its end.
    pub(super) fn commit_every(mut self, interval: Duration) -> Self {
        self.pace.interval = Some(interval);
        self
    }

    /// Brings every walked scope up to date.
    pub(super) fn refresh(&mut self, walks: Vec<Walked>) -> Result<()> {
        self.refresh_all(walks).map_err(|error| self.pace.tell(error))
    }

    fn refresh_all(&mut self, walks: Vec<Walked>) -> Result<()> {
        let Work { mut read, pending: mut rest } = self.work(walks)?;
        self.pace.waiting = (read.len() + rest.len()) as u64;
        let bytes = bytes(read.iter().chain(&rest));
        self.progress.on(Event::Planned { files: self.pace.waiting, bytes });
        if self.pace.waiting == 0 {
            return Ok(());
        }
        let snapshot = self.writer.snapshot();
        if let Some(quick) = self.words_first(&mut read) {
            rest.extend(self.store_words(quick, snapshot.clone())?);
        }
        let is_long = !rest.is_empty();
        rest.extend(read);
        if is_long {
            newest_and_shortest_first(&mut rest);
        }
        self.pass(rest, Vectors::new(self.embedder, self.progress, snapshot))?;
        if is_long {
            self.report.warnings.sort_by(|a, b| (&a.root, &a.path).cmp(&(&b.root, &b.path)));
        }
        Ok(())
    }

    /// Stores and commits files with those vectors that the index as it was before has. Gives back the files that lack any.
    fn store_words(&mut self, files: Vec<File>, snapshot: Option<Arc<dyn Store>>) -> Result<Vec<File>> {
        let (all, all_bytes) = (files.len(), bytes(&files));
        let unheard = Unheard(self.progress);
        let again = self.pass(files, Vectors::known(self.embedder, &unheard, snapshot))?;
        self.writer.checkpoint(self.pace.waiting)?;
        self.pace.words_committed(self.writer.pending().unwrap_or(0));
        let (files, bytes) = ((all - again.len()) as u64, all_bytes - bytes(&again));
        self.progress.on(Event::Parsed { files, bytes });
        self.progress.on(Event::Words { files: again.len() as u64 });
        Ok(again)
    }

    /// What is to be done, after what is gone has been removed.
    fn work(&mut self, walks: Vec<Walked>) -> Result<Work> {
        let mut work = Work::default();
        for (scope, walked) in walks {
            self.orders.insert(scope.root.name.clone(), scope.root.rules.date_order);
            if let Some(plan) = self.plan(&scope, walked) {
                self.report.unchanged += plan.unchanged;
                for path in &plan.gone {
                    self.writer.remove(&scope.root.name, path)?;
                }
                let is_note = |path: &&NotePath| is_read(&self.known, &scope.root.name, path);
                self.report.removed += plan.gone.iter().filter(is_note).count() as u64;
                let root: Arc<str> = scope.root.name.into();
                let file = |found| File { root: Arc::clone(&root), found };
                work.read.extend(plan.read.into_iter().map(file));
                work.pending.extend(plan.pending.into_iter().map(file));
            }
        }
        // Of a root there may be several parts.
        work.read.sort_by(|a, b| a.root.cmp(&b.root));
        Ok(work)
    }

    /// Takes those files out of the ones that are to be read whose words are to be stored first, if any are. What takes a
    /// process to read isn't read twice.
    fn words_first(&self, read: &mut Vec<File>) -> Option<Vec<File>> {
        self.writer.pending()?;
        let quick = || read.iter().filter(|file| !takes_process(&file.found));
        if !self.pace.has_words_first(bytes(quick())) {
            return None;
        }
        let (slow, quick) = std::mem::take(read).into_iter().partition(|file| takes_process(&file.found));
        *read = slow;
        Some(quick)
    }

    /// Reads and stores files, with the vectors that `vectors` gives. Gives back those that are to be read again for others.
    fn pass(&mut self, files: Vec<File>, mut vectors: Vectors<'_>) -> Result<Vec<File>> {
        let Self { writer, known, orders, report, pace, .. } = self;
        let (to_embed, from_reader) = sync_channel(WAITING);
        let (to_store, from_embedder) = sync_channel(1);
        let (max_bytes, launch, progress) = (self.max_bytes, self.launch, vectors.progress);
        let only_text = vectors.only_known;
        let loader = Loader { max_bytes, known, orders, launch, progress, only_text };
        let (embedder, limits) = (self.embedder, self.limits);
        let reader = NoteReader { embedder, limits, loader, to: to_embed, portion: Vec::new() };
        let storing = Storing::new(&mut **writer, known, report, pace, embedder.dim());
        let again = thread::scope(|scope| {
            let refused = |source| Error::NoThread { source };
            let other = thread::Builder::new().spawn_scoped(scope, || storing.run(from_embedder));
            let other = other.map_err(refused)?;
            thread::Builder::new().spawn_scoped(scope, || reader.read(files)).map_err(refused)?;
            let outcome = embed(&mut vectors, from_reader, &to_store);
            // That there will be no more is what ends the other thread.
            drop(to_store);
            let stored = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            stored.and_then(|again| outcome.map(|()| again))
        })?;
        if self.progress.cancelled() {
            return Err(Error::Interrupted(Saved::Nothing));
        }
        self.report.embedded += vectors.embedded;
        self.report.reused = self.report.reused.saturating_sub(vectors.embedded);
        Ok(again)
    }

    /// The files that weren't taken so far.
    pub(super) fn skipped(&self) -> &[Skipped] {
        &self.report.skipped
    }

    /// Makes everything visible in one step, and merges all segments if that is wanted.
    pub(super) fn commit(mut self, optimize: bool) -> Result<IndexReport> {
        let committed = commit(self.writer, optimize, self.progress);
        let Committed { info, put_off } = committed.map_err(|error| self.pace.tell(error))?;
        match put_off {
            Some(error) if optimize => return Err(error),
            // What was asked for wasn't done, though all is committed.
            None if optimize && self.progress.cancelled() => return Err(Error::Interrupted(Saved::All)),
            put_off => self.report.put_off = put_off.map(|error| error.to_string()),
        }
        self.report.files = info.files;
        self.report.passages = info.passages;
        Ok(self.report)
    }

    /// What is to be done in a scope; `None` if it can't be looked at and has to stay as it is.
    fn plan(&mut self, scope: &Scope, walked: Result<Walk>) -> Option<Plan> {
        let known = self.known.get(&scope.root.name);
        let known: BTreeMap<&NotePath, &FileRecord> =
            known.into_iter().flat_map(|known| scope.of(known)).collect();
        for ignored in walked.iter().flat_map(|walk| &walk.ignored) {
            self.report.ignore(&scope.root.name, ignored);
        }
        let walk = match walked {
            Ok(walk) if walk.files.is_empty() && scope.part.is_none() && !known.is_empty() => {
                let unreadable = walk.skipped.iter().any(|skipped| skipped.reason.is_failure());
                let why = if unreadable { WhyKept::NoneReadable } else { WhyKept::Emptied };
                for skipped in walk.skipped {
                    let path = skipped.path;
                    self.report.skip(&scope.root.name, path, skipped.reason);
                }
                return self.keep(scope, why, known.len());
            }
            Ok(walk) => walk,
            Err(error) => return self.keep(scope, WhyKept::from(&error), known.len()),
        };
        let mut unreadable = Vec::new();
        for skipped in walk.skipped {
            if skipped.reason.is_failure() {
                unreadable.push(skipped.path.clone());
            }
            self.report.skip(&scope.root.name, skipped.path, skipped.reason);
        }
        let plan = plan(walk.files, &known, &unreadable, scope.root.rules.date_order);
        for (path, why) in &plan.unread {
            self.report.skip(&scope.root.name, path.clone(), Reason::unread(why));
        }
        Some(plan)
    }

    fn keep(&mut self, scope: &Scope, why: WhyKept, files: usize) -> Option<Plan> {
        let (name, path) = (scope.root.name.clone(), scope.path());
        self.report.kept.push(KeptRoot { name, path, why, files: files as u64 });
        None
    }
}

/// Commits what a writer has collected, and merges all segments if that is wanted, while `progress` looks on.
pub(crate) fn commit(
    writer: Box<dyn StoreWriter>,
    optimize: bool,
    progress: &dyn Progress,
) -> Result<Committed> {
    progress.on(Event::Storing);
    if progress.cancelled() {
        return Err(Error::Interrupted(Saved::Nothing));
    }
    let watch = |step| {
        progress.on(match step {
            Step::Merging(passages) => Event::Merging { passages },
            Step::BuildingGraph { done, all } => Event::BuildingGraph { done, all },
        });
        !progress.cancelled()
    };
    writer.commit(&Maintenance::new(optimize, &watch))
}

/// Gives passages their vectors, batch by batch, and passes all on. Ends early if nobody takes them any more.
fn embed(vectors: &mut Vectors<'_>, from: Receiver<Vec<ReadItem>>, to: &SyncSender<Batch>) -> Result<()> {
    let mut portions = from.into_iter();
    let mut batch = BATCH / 8;
    loop {
        let mut parts: Vec<ReadItem> = Vec::new();
        while parts.len() < batch
            && let Some(portion) = portions.next()
        {
            parts.extend(portion);
        }
        if parts.is_empty() {
            return Ok(());
        }
        let began = Instant::now();
        let known = vectors.of(&parts)?;
        // Vectors are the same whatever else is in their batch.
        batch = if began.elapsed() > BATCH_TIME { (batch / 2).max(1) } else { (batch * 2).min(BATCH) };
        if to.send((parts, known)).is_err() {
            return Ok(());
        }
    }
}
