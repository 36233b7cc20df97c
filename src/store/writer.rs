//! The one process that changes an index: collects changes, then commits them as one step.

mod commit;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tantivy::index::SegmentId;
use tantivy::indexer::{IndexWriterOptions, NoMergePolicy};
use tantivy::{Index, IndexBuilder, IndexWriter, Term};

use super::directory::WriteView;
use super::first_errors::FirstErrors;
use super::lock::{Lock, LockId};
use super::maintenance;
use super::manifest::Manifest;
use super::plugin::VectorPlugin;
use super::salvage::Salvage;
use super::schema::{self, Fields};
use super::snapshot::Snapshot;
use super::tantivy_errors::{guard, in_index};
use super::{
    Committed, FileRecord, Fingerprint, IndexInfo, Maintenance, NewFile, NewPassage, Store, StoreWriter,
    analyzer, layout,
};
use crate::document::{NotePath, Root};
use crate::error::{Error, NotFound, Result, Usage};

/// How much memory tantivy may fill before it writes a segment.
const HEAP_BYTES: usize = 64 << 20;

/// Changes an index. Dropping it without [`Writer::commit`] changes nothing.
pub struct Writer {
    dir: PathBuf,
    /// The state before, if there is one.
    snapshot: Option<Arc<Snapshot>>,
    /// The description of the index in the next commit; counts and time are set then.
    info: IndexInfo,
    files: BTreeMap<(String, NotePath), FileRecord>,
    /// The file that was last put, without its passages.
    latest: Option<NewFile>,
    changed: bool,
    /// The manifest of the last commit, if there is one.
    manifest: Option<Manifest>,
    /// The number of passages with vectors that ever came or went.
    changes: u64,
    /// The segments that were there before this run, or before the one that it goes on with.
    before: Vec<String>,
    /// The segments that were there when the index was opened, whoever wrote them.
    found: Vec<SegmentId>,
    fields: Fields,
    index: Index,
    /// The first errors in tantivy's reading and writing.
    first_errors: FirstErrors,
    /// Started with the first change: finding that nothing has changed should cost nothing.
    tantivy: Option<IndexWriter>,
    /// Set once writing has failed: then something may be missing, and nothing may be committed.
    failed: bool,
    /// Last, so that it is let go after all else.
    lock: Lock,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer")
            .field("dir", &self.dir)
            .field("changed", &self.changed)
            .finish_non_exhaustive()
    }
}

impl Writer {
    /// Opens the index at `dir` for changes, or creates it if `dir` doesn't exist or holds nothing of value.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] if another process is writing it, [`Error::Incompatible`] if it was made with another
    /// model, number of dimensions or chunking, [`Error::NotAnIndex`] if `dir` holds something else.
    pub fn open(dir: &Path, fingerprint: &Fingerprint) -> Result<Self> {
        layout::prepare(dir)?;
        let lock = Lock::take(dir)?;
        let snapshot = match Snapshot::open(dir) {
            Ok(snapshot) => Some(snapshot),
            Err(Error::NoIndex { .. }) => None,
            Err(error) => return Err(error),
        };
        if let Some(snapshot) = &snapshot {
            snapshot.info().fingerprint.check(dir, fingerprint)?;
        }
        clean_up(dir, lock.id(), snapshot.as_ref());
        Self::begin(dir, lock, snapshot, fingerprint)
    }

    /// Opens the index at `dir` to rebuild all of it, whatever is there: it may be damaged, of another format, or made with
    /// another model.
    ///
    /// Nothing of it is seen or kept. Until the commit it stays as it is, and can be asked if it could be before.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] if another process is writing it, [`Error::NotAnIndex`] if `dir` holds something else.
    pub fn rebuild(dir: &Path, fingerprint: &Fingerprint) -> Result<Self> {
        layout::prepare_rebuild(dir, Salvage::of(dir).is_some())?;
        let lock = Lock::take(dir)?;
        Self::begin(dir, lock, None, fingerprint)
    }

    /// A writer that begins with what is committed, or with nothing.
    fn begin(dir: &Path, lock: Lock, snapshot: Option<Snapshot>, fingerprint: &Fingerprint) -> Result<Self> {
        layout::create(dir)?;
        let first_errors = FirstErrors::default();
        let index = guard(dir, &first_errors, || {
            open_index(dir, lock.id(), &first_errors, snapshot.is_some(), fingerprint.dim)
        })?;
        let fields = Fields::of(&index.schema()).map_err(in_index("read", dir))?;
        let info = match &snapshot {
            Some(snapshot) => snapshot.info().clone(),
            None => IndexInfo {
                format: layout::FORMAT,
                fingerprint: fingerprint.clone(),
                model_source: String::new(),
                roots: vec![],
                files: 0,
                passages: 0,
                indexed_at: 0,
                waiting: 0,
                pending: 0,
                commit: 0,
            },
        };
        let records = snapshot.as_ref().map_or_else(|| Ok(vec![]), Snapshot::files)?;
        let files = records.into_iter().map(|record| (key(&record), record)).collect();
        let changed = snapshot.is_none();
        let manifest = snapshot.as_ref().map(|snapshot| snapshot.manifest().clone());
        let ever_changed = manifest.as_ref().map_or(0, |manifest| manifest.changes);
        let before = snapshot.as_ref().map_or_else(Vec::new, maintenance::before);
        let segments = snapshot.as_ref().map(Snapshot::segments).unwrap_or_default();
        let found = segments.iter().map(|segment| segment.reader.segment_id()).collect();
        let dir = dir.into();
        Ok(Self {
            dir,
            snapshot: snapshot.map(Arc::new),
            info,
            files,
            latest: None,
            changed,
            manifest,
            changes: ever_changed,
            before,
            found,
            fields,
            index,
            first_errors,
            tantivy: None,
            failed: false,
            lock,
        })
    }

    /// The committed state that the changes will replace.
    pub fn snapshot(&self) -> Option<&Snapshot> {
        self.snapshot.as_deref()
    }

    #[cfg(test)]
    /// Whether there is anything to commit. A new index has, even without content.
    pub fn changed(&self) -> bool {
        self.changed
    }

    /// Adds a file with its passages, or the first of them, in place of all that was there of it.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] for a vector of another size than the index's; [`Error::Io`] if the index can't be written; then
    /// nothing can be committed any more.
    pub fn put(&mut self, mut file: NewFile) -> Result<()> {
        let passages = std::mem::take(&mut file.passages);
        passages.iter().try_for_each(|passage| self.check_size(passage))?;
        self.delete(&file.record.root, &file.record.path)?;
        (file.record.passages, file.record.pending) = (0, false);
        let before = self.files.insert(key(&file.record), file.record.clone());
        self.count(before.as_ref().map_or(0, searched));
        self.latest = Some(file);
        passages.into_iter().try_for_each(|passage| self.add(&passage))
    }

    /// Adds one more passage to the file that was [put](Self::put) last.
    ///
    /// # Errors
    ///
    /// As [`put`](Self::put); also [`Error::Usage`] if there is no such file.
    pub fn add(&mut self, passage: &NewPassage) -> Result<()> {
        self.check_size(passage)?;
        let Some(file) = &self.latest else {
            return Err(Usage::NoFile.into());
        };
        let document = self.fields.document(file, passage).map_err(|what| {
            self.failed = true;
            Error::corrupt(file.record.path.to_relative(), what)
        })?;
        let key = key(&file.record);
        if let Err(error) = self.tantivy()?.add_document(document) {
            return Err(self.fail(error));
        }
        self.count(u64::from(!passage.is_pending()));
        if let Some(record) = self.files.get_mut(&key) {
            record.passages += 1;
            record.pending |= passage.is_pending();
        }
        Ok(())
    }

    fn check_size(&self, passage: &NewPassage) -> Result<()> {
        let has = passage.vector.codes.len();
        if has == self.info.fingerprint.dim {
            return Ok(());
        }
        Err(Usage::Dimensions { has, wants: self.info.fingerprint.dim }.into())
    }

    /// Replaces what is known of a file whose content hasn't changed.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if the file isn't in the index.
    pub fn touch(&mut self, record: FileRecord) -> Result<()> {
        let Some(known) = self.files.get_mut(&key(&record)) else {
            return Err(NotFound::File { path: record.path.to_string() }.into());
        };
        let record = FileRecord { passages: known.passages, pending: known.pending, ..record };
        self.changed |= *known != record;
        *known = record;
        Ok(())
    }

    /// Removes a file with all of its passages. One that isn't there is no error.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the index can't be written; then nothing can be committed any more.
    pub fn remove(&mut self, root: &str, path: &NotePath) -> Result<()> {
        if let Some(record) = self.files.remove(&(root.to_owned(), path.clone())) {
            self.count(searched(&record));
            self.latest = None;
            self.delete(root, path)?;
        }
        Ok(())
    }

    /// How many files have passages whose vectors are pending.
    fn pending(&self) -> u64 {
        self.files.values().filter(|record| record.pending).count() as u64
    }

    /// Counts passages with vectors that came or went.
    fn count(&mut self, passages: u64) {
        self.changes = self.changes.saturating_add(passages);
    }

    /// Sets the folders that the index covers, all of them on this machine. Doesn't remove the files of others.
    pub fn set_roots(&mut self, mut roots: Vec<Root>) {
        for root in &mut roots {
            root.machine = None;
        }
        self.changed |= self.info.roots != roots;
        self.info.roots = roots;
    }

    /// Sets the source of the index's model.
    pub fn set_model_source(&mut self, source: &str) {
        self.changed |= self.info.model_source != source;
        source.clone_into(&mut self.info.model_source);
    }

    /// Marks all passages of a file as deleted, those added before in the same commit included.
    fn delete(&mut self, root: &str, path: &NotePath) -> Result<()> {
        self.changed = true;
        // tantivy will read what is there of it, in a thread where a panic would end the process.
        self.snapshot.as_ref().map_or(Ok(Vec::new()), |snapshot| snapshot.rows_of(root, path))?;
        let term: Term = self.fields.file_term(root, path);
        self.tantivy()?.delete_term(term);
        Ok(())
    }

    /// tantivy's writer, started if it isn't yet.
    fn tantivy(&mut self) -> Result<&mut IndexWriter> {
        if self.failed {
            return Err(self.earlier_failure());
        }
        let started = self.tantivy.take().map_or_else(|| start(&self.dir, &self.index), Ok)?;
        Ok(self.tantivy.insert(started))
    }

    /// Gives up. tantivy only says that its thread is gone; the thread itself knows why.
    fn fail(&mut self, error: tantivy::TantivyError) -> Error {
        self.failed = true;
        let cause = self.tantivy.take().and_then(|mut tantivy| tantivy.prepare_commit().err());
        self.failed_to("write")(cause.unwrap_or(error))
    }

    /// Turns tantivy's error into ours: into what the operating system refused or what was damaged, if either is
    /// known.
    fn failed_to(&self, action: &'static str) -> impl Fn(tantivy::TantivyError) -> Error + use<> {
        let (first_errors, dir, lock) = (self.first_errors.clone(), self.dir.clone(), self.lock.id().clone());
        move |error| match (first_errors.refused(), first_errors.damaged()) {
            _ if first_errors.is_displaced() || !lock.is_held() => lock.lost(),
            (Some(refused), _) => Error::io(action, &dir)(refused),
            (None, Some(damaged)) => damaged.into(),
            (None, None) => in_index(action, &dir)(error),
        }
    }

    /// An error, or that the lock is lost, which may be its cause.
    fn unless_displaced(&self, error: Error) -> Error {
        if self.lock.id().is_held() { error } else { self.lock.id().lost() }
    }

    /// The error of any step after a failed one.
    fn earlier_failure(&self) -> Error {
        Error::io("write", &self.dir)(std::io::Error::other("an earlier write failed"))
    }
}

impl StoreWriter for Writer {
    fn snapshot(&self) -> Option<Arc<dyn Store>> {
        self.snapshot.clone().map(|snapshot| snapshot as Arc<dyn Store>)
    }

    fn put(&mut self, file: NewFile) -> Result<()> {
        self.put(file)
    }

    fn add(&mut self, passage: &NewPassage) -> Result<()> {
        self.add(passage)
    }

    fn touch(&mut self, record: FileRecord) -> Result<()> {
        self.touch(record)
    }

    fn remove(&mut self, root: &str, path: &NotePath) -> Result<()> {
        self.remove(root, path)
    }

    fn set_roots(&mut self, roots: Vec<Root>) {
        self.set_roots(roots);
    }

    fn set_model_source(&mut self, source: &str) {
        self.set_model_source(source);
    }

    fn pending(&self) -> Option<u64> {
        Some(self.pending())
    }

    fn checkpoint(&mut self, waiting: u64) -> Result<()> {
        self.checkpoint(waiting)
    }

    fn commit(self: Box<Self>, maintenance: &Maintenance<'_>) -> Result<Committed> {
        (*self).commit(maintenance)
    }
}

/// Starts tantivy's writer.
fn start(dir: &Path, index: &Index) -> Result<IndexWriter> {
    // One thread: document numbers would depend on how many there are. And there is one merge at a time.
    let options = IndexWriterOptions::builder().num_worker_threads(1).num_merge_threads(1);
    let options = options.memory_budget_per_thread(HEAP_BYTES).build();
    let writer = index.writer_with_options(options).map_err(in_index("write", dir))?;
    writer.set_merge_policy(Box::new(NoMergePolicy));
    Ok(writer)
}

/// How many passages of a file are searched by their vectors, as far as it tells: none if any are pending.
fn searched(record: &FileRecord) -> u64 {
    if record.pending { 0 } else { u64::from(record.passages) }
}

/// The key of a file.
fn key(record: &FileRecord) -> (String, NotePath) {
    (record.root.clone(), record.path.clone())
}

/// Removes what no commit names.
fn clean_up(dir: &Path, lock: &LockId, snapshot: Option<&Snapshot>) {
    let table = snapshot.map(|snapshot| snapshot.manifest().table.name());
    layout::sweep(dir, lock, table.as_deref(), |name| snapshot.is_some_and(|snapshot| snapshot.owns(name)));
}

/// Opens tantivy's side of the index, or makes it.
fn open_index(
    dir: &Path,
    lock: &LockId,
    first_errors: &FirstErrors,
    committed: bool,
    dim: usize,
) -> Result<Index> {
    let failed = in_index("open", dir);
    let (folder, lock, first_errors) = (dir.join(layout::SEGMENTS), lock.clone(), first_errors.clone());
    let index = if committed {
        let view = WriteView::new(&folder, lock, first_errors).map_err(&failed)?;
        let mut index = Index::open(view).map_err(&failed)?;
        index.register_plugin(std::sync::Arc::new(VectorPlugin));
        index
    } else {
        let view = WriteView::rebuilding(&folder, lock, first_errors).map_err(&failed)?;
        IndexBuilder::new()
            .schema(schema::schema(dim))
            .register_plugin(std::sync::Arc::new(VectorPlugin))
            .open_or_create(view)
            .map_err(&failed)?
    };
    index.tokenizers().register(analyzer::NAME, analyzer::analyzer());
    Ok(index)
}
