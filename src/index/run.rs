//! One run: notes that changed go through parse, chunk and embed into the writer.
//!
//! Three threads work at the same time, each with a few portions in front of it: one reads, parses and cuts
//! ([`NoteReader`]), one has the passages embedded, on as many cores as there are ([`Vectors`]), and one gives them to the
//! store. Parts keep their order all the way, so the index is the same however fast each of them is; and no more than
//! the texts of a few files and some hundred passages are in memory, however much there is to index.

use std::collections::{BTreeMap, HashMap};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::Walked;
use super::known::{DateOrders, KnownFiles, by_root};
use super::load::Loader;
use super::plan::{Plan, plan};
use super::read::{NoteReader, ReadItem};
use super::report::{FileWarning, IndexReport, KeptRoot, Skipped, WhyKept};
use super::roots::Scope;
use super::vectors::{self, Vectors};
use crate::chunk::Limits;
use crate::document::{ContentHash, NotePath};
use crate::embed::Embedder;
use crate::error::{Error, Result, Saved};
use crate::extract::Launch;
use crate::progress::{Event, Progress};
use crate::store::{Committed, FileRecord, Maintenance, NewFile, NewPassage, Step, StoreWriter};
use crate::walk::{FoundFile, Reason, Walk};

/// So many portions may wait for whoever takes them next.
const WAITING: usize = 8;
/// Passages are embedded in batches of at most about so many, those of a length together.
const BATCH: usize = 512;
/// A batch that took longer is followed by a smaller one, since nothing can be committed before a batch is done.
const BATCH_TIME: Duration = Duration::from_secs(10);

/// A run commits for the first time after so long, so that there is something to ask soon, then after twice as long each
/// time, up to its interval.
const FIRST: Duration = Duration::from_secs(10);

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

/// When the changes so far are committed in the middle of a run.
#[derive(Debug)]
struct Pace {
    /// How long a run goes on without a commit at most; `None` if it is to have one at its end only.
    interval: Option<Duration>,
    /// How long it goes on without the next one.
    next: Duration,
    /// When the run began, or committed last.
    last: Instant,
    /// How many of the planned notes aren't stored yet.
    waiting: u64,
    /// How many are stored and not yet committed.
    stored: u64,
    /// How much of the run is committed.
    saved: Saved,
}

impl Pace {
    fn new() -> Self {
        Self {
            interval: None,
            next: FIRST,
            last: Instant::now(),
            waiting: 0,
            stored: 0,
            saved: Saved::Nothing,
        }
    }

    /// Whether it is time for a commit.
    fn is_due(&self) -> bool {
        self.stored > 0
            && self.interval.is_some_and(|interval| self.last.elapsed() >= interval.min(self.next))
    }

    /// Counts notes that are stored.
    fn store(&mut self, notes: u64) {
        self.waiting = self.waiting.saturating_sub(notes);
        self.stored += notes;
    }

    /// Remembers a commit.
    fn committed(&mut self) {
        self.last = Instant::now();
        self.stored = 0;
        self.next = self.next.saturating_mul(2);
        self.saved = Saved::Part { waiting: self.waiting };
    }

    /// An error, in which an interruption says how much is committed.
    fn tell(&self, error: Error) -> Error {
        if let Error::Interrupted(_) = error { Error::Interrupted(self.saved) } else { error }
    }
}

/// Parts with the vectors of their passages.
type Batch = (Vec<ReadItem>, HashMap<ContentHash, vectors::StoredVectors>);

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
        let mut work: BTreeMap<String, Vec<FoundFile>> = BTreeMap::new();
        for (scope, walked) in walks {
            self.orders.insert(scope.root.name.clone(), scope.root.rules.date_order);
            if let Some(plan) = self.plan(&scope, walked) {
                self.report.unchanged += plan.unchanged;
                for path in &plan.gone {
                    self.writer.remove(&scope.root.name, path)?;
                }
                let is_note = |path: &&NotePath| is_read(&self.known, &scope.root.name, path);
                self.report.removed += plan.gone.iter().filter(is_note).count() as u64;
                work.entry(scope.root.name).or_default().extend(plan.read);
            }
        }
        let notes = || work.values().flatten();
        self.pace.waiting = notes().count() as u64;
        let bytes = notes().map(|note| note.size).sum();
        self.progress.on(Event::Planned { files: self.pace.waiting, bytes });
        if notes().next().is_none() {
            return Ok(());
        }
        let mut vectors = Vectors::new(self.embedder, self.progress, self.writer.snapshot());
        let Self { writer, known, orders, report, pace, .. } = self;
        let (to_embed, from_reader) = sync_channel(WAITING);
        let (to_store, from_embedder) = sync_channel(1);
        let (max_bytes, launch, progress) = (self.max_bytes, self.launch, self.progress);
        let loader = Loader { max_bytes, known, orders, launch, progress };
        let (embedder, limits) = (self.embedder, self.limits);
        let reader = NoteReader { embedder, limits, loader, to: to_embed, portion: Vec::new() };
        let storing = Storing { writer: &mut **writer, known, report, pace };
        thread::scope(|scope| {
            let refused = |source| Error::NoThread { source };
            let other = thread::Builder::new().spawn_scoped(scope, || storing.run(from_embedder));
            let other = other.map_err(refused)?;
            thread::Builder::new().spawn_scoped(scope, || reader.read(work)).map_err(refused)?;
            let outcome = embed(&mut vectors, from_reader, &to_store);
            // That there will be no more is what ends the other thread.
            drop(to_store);
            let stored = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            stored.and(outcome)
        })?;
        if self.progress.cancelled() {
            return Err(Error::Interrupted(Saved::Nothing));
        }
        self.report.embedded += vectors.embedded;
        self.report.reused += vectors.reused;
        Ok(())
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

/// Whether an index had a note in this file.
fn is_read(known: &KnownFiles, root: &str, path: &NotePath) -> bool {
    let known = known.get(root).and_then(|known| known.get(path));
    known.is_some_and(|record| record.unread.is_none())
}

/// Gives what was found to the writer, and counts.
struct Storing<'a> {
    writer: &'a mut dyn StoreWriter,
    known: &'a KnownFiles,
    report: &'a mut IndexReport,
    pace: &'a mut Pace,
}

impl Storing<'_> {
    fn run(mut self, batches: Receiver<Batch>) -> Result<()> {
        batches.into_iter().try_for_each(|(parts, vectors)| {
            parts.into_iter().try_for_each(|part| self.store(part, &vectors))
        })
    }

    /// Ends a file, and commits what there is if it is time to. The notes of an archive are committed together, for each
    /// has the archive's hash, by which all of them count as read.
    fn end_file(&mut self) -> Result<()> {
        self.pace.store(1);
        if self.pace.is_due() {
            self.writer.checkpoint(self.pace.waiting)?;
            self.pace.committed();
        }
        Ok(())
    }

    fn store(
        &mut self,
        part: ReadItem,
        vectors: &HashMap<ContentHash, vectors::StoredVectors>,
    ) -> Result<()> {
        match part {
            ReadItem::End => self.end_file(),
            ReadItem::Same(record) => {
                if let Some(why) = &record.unread {
                    self.report.skip(&record.root, record.path.clone(), Reason::unread(why));
                } else {
                    self.report.unchanged += 1;
                }
                self.writer.touch(record)
            }
            ReadItem::Gone(record) => {
                self.report.removed += u64::from(record.unread.is_none());
                self.writer.remove(&record.root, &record.path)
            }
            ReadItem::Unread(record, reason) => {
                let FileRecord { root, path, .. } = &*record;
                self.report.removed += u64::from(self.is_read(root, path));
                self.report.skip(root, path.clone(), reason);
                self.writer.put(NewFile::unread(*record))
            }
            ReadItem::Skipped(root, path, reason) => {
                if matches!(reason, Reason::Vanished | Reason::Binary) && self.is_known(&root, &path) {
                    self.report.removed += u64::from(self.is_read(&root, &path));
                    self.writer.remove(&root, &path)?;
                }
                self.report.skip(&root, path, reason);
                Ok(())
            }
            ReadItem::Note(file) => {
                let FileRecord { root, path, warnings, .. } = &file.record;
                let warning = |what: &String| FileWarning {
                    root: root.clone(),
                    path: path.clone(),
                    what: what.clone(),
                };
                self.report.warnings.extend(warnings.iter().map(warning));
                if self.is_read(root, path) {
                    self.report.changed += 1;
                } else {
                    self.report.added += 1;
                }
                self.writer.put(*file)
            }
            ReadItem::Passage(pending) => {
                let (vector, part_vectors) = vectors[&pending.embedded].clone();
                let (id, passage, embedded) = (pending.id, pending.passage, pending.embedded);
                self.writer.add(&NewPassage { id, passage, embedded, vector, part_vectors })
            }
        }
    }

    /// Whether the index had a note in this file when the run began.
    fn is_read(&self, root: &str, path: &NotePath) -> bool {
        is_read(self.known, root, path)
    }

    fn is_known(&self, root: &str, path: &NotePath) -> bool {
        self.known.get(root).is_some_and(|known| known.contains_key(path))
    }
}
