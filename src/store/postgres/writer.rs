//! The writer of an index in a database: collects whole notes, and commits them together.
//!
//! What isn't committed is held in memory, so that a commit can be tried again when another session was in its way, a server
//! stopped, or the connection was lost. Whether a commit was kept whose connection was lost is told by the number of commits
//! of its roots, which only this writer may change.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::connect::{Connection, Purpose};
use super::lease::Tenant;
use super::rebuilding;
use super::session::{Value, set_up, state_of};
use super::snapshot::DatabaseSnapshot;
use super::state::{State, TELL};
use super::tables::{self, FORMAT};
use super::{Database, open_snapshot};
use crate::document::{NotePath, Root};
use crate::error::{DatabaseError, Error, NotFound, Result, Usage};
use crate::store::maintenance::{Committed, Maintenance};
use crate::store::{FileRecord, Fingerprint, NewFile, NewPassage};
use crate::store::{Store, StoreWriter};

/// So many passages are held at most before they are committed; whole notes, so there may be a few more.
const MOST_HELD: usize = 8192;
/// How often a commit is tried that another session or the end of a connection was in the way of.
const TRIES: u32 = 9;

/// What a file's key is: its root, and its path there.
pub(super) type FileKey = (String, NotePath);

/// What is to be done with a file.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// It is put in the place of what is there of it.
    Put(Box<NewFile>),
    /// Its content is the same, and its record is another.
    Touch(FileRecord),
    /// It is removed.
    Remove,
}

/// The writer of an index in a database. Dropping it without a commit changes nothing but what was committed on the way.
#[derive(Debug)]
pub(super) struct DatabaseWriter {
    /// Where it writes, and what of it.
    pub(super) tenant: Tenant,
    /// The index that is made again.
    replaces: Option<Database>,
    snapshot: Option<Arc<DatabaseSnapshot>>,
    pub(super) fingerprint: Fingerprint,
    /// The files that are committed.
    files: BTreeMap<FileKey, FileRecord>,
    /// What isn't committed yet.
    pub(super) changes: BTreeMap<FileKey, Change>,
    /// How many passages are among that.
    held: usize,
    latest: Option<FileKey>,
    /// The roots that the index is to have, if that was said.
    pub(super) roots: Option<Vec<Root>>,
    pub(super) model_source: Option<String>,
    /// The roots whose last commit said that notes are waiting.
    pub(super) unfinished: BTreeSet<String>,
}

impl DatabaseWriter {
    /// Opens an index for changes of some roots, and makes it if there is none.
    pub(super) fn open(database: &Database, fingerprint: &Fingerprint, roots: &[String]) -> Result<Self> {
        let mut connection = Connection::open(&database.address, Purpose::Writing)?;
        rebuilding::drop_before(database, &mut connection)?;
        prepare(database, &mut connection, fingerprint)?;
        let mut tenant = Tenant::new(database, connection);
        let (connection, leases) = tenant.begin()?;
        for root in roots {
            leases.take(database, connection, root, None)?;
        }
        connection.commit()?;
        // What is read now was committed before the roots were taken.
        // What a standby has may be older.
        let mut snapshot = open_snapshot(&database.for_writing())?;
        // The files of other roots, which may be many, are none of this run's.
        snapshot.told = Some(roots.to_vec()).filter(|roots| !roots.is_empty());
        snapshot.state.info.fingerprint.check(database.shown(), fingerprint)?;
        // What it is asked for while the run goes on may be of any state: vectors of texts.
        snapshot.session.follow();
        let is_new = snapshot.state.info.commit == 0;
        let snapshot = Some(Arc::new(snapshot)).filter(|_| !is_new);
        let files = snapshot.as_ref().map_or_else(|| Ok(Vec::new()), |snapshot| snapshot.files())?;
        let files = files.into_iter().map(|record| (key(&record), record)).collect();
        let is_waiting = snapshot.as_ref().is_some_and(|snapshot| snapshot.state.info.waiting > 0);
        let unfinished = if is_waiting { roots.iter().cloned().collect() } else { BTreeSet::new() };
        Ok(Self { snapshot, files, unfinished, ..Self::new(tenant, fingerprint) })
    }

    /// Begins to make an index again, beside the one that is there.
    pub(super) fn rebuild(database: &Database, fingerprint: &Fingerprint) -> Result<Self> {
        let beside = rebuilding::beside(database);
        let mut connection = Connection::open(&database.address, Purpose::Writing)?;
        rebuilding::check(database, &mut connection)?;
        rebuilding::drop_schema(&beside, &mut connection)?;
        prepare(&beside, &mut connection, fingerprint)?;
        let replaces = Some(database.clone());
        Ok(Self { replaces, ..Self::new(Tenant::new(&beside, connection), fingerprint) })
    }

    fn new(tenant: Tenant, fingerprint: &Fingerprint) -> Self {
        Self {
            tenant,
            replaces: None,
            snapshot: None,
            fingerprint: fingerprint.clone(),
            files: BTreeMap::new(),
            changes: BTreeMap::new(),
            held: 0,
            latest: None,
            roots: None,
            model_source: None,
            unfinished: BTreeSet::new(),
        }
    }

    fn check_size(&self, passage: &NewPassage) -> Result<()> {
        let (has, wants) = (passage.vector.codes.len(), self.fingerprint.dim);
        if has == wants { Ok(()) } else { Err(Usage::Dimensions { has, wants }.into()) }
    }

    /// Commits what is held, if that is much.
    fn make_room(&mut self) -> Result<()> {
        if self.held >= MOST_HELD {
            self.commit_held(1)?;
        }
        match self.tenant.extend() {
            Err(Error::Database(error)) if error.is_worth_retrying() => Ok(()),
            extended => extended,
        }
    }

    /// The roots that are to be described, by their names.
    pub(super) fn described(&self) -> BTreeMap<String, Root> {
        let here = self.roots.iter().flatten().filter(|root| root.machine.is_none());
        here.map(|root| (root.name.clone(), root.clone())).collect()
    }

    /// The roots that were there when the writer was opened and aren't to be there any more.
    pub(super) fn dropped(&self) -> Vec<String> {
        let Some(wanted) = &self.roots else { return Vec::new() };
        let wanted: BTreeSet<&str> = wanted.iter().map(|root| &*root.name).collect();
        let there = self.snapshot.iter().flat_map(|snapshot| &snapshot.state.info.roots);
        there.filter(|root| !wanted.contains(&*root.name)).map(|root| root.name.clone()).collect()
    }

    /// The roots that have something to be committed: also that nothing is `waiting` any more.
    pub(super) fn changed(&self, waiting: u64) -> BTreeSet<String> {
        let mut names: BTreeSet<String> = self.changes.keys().map(|(root, _)| root.clone()).collect();
        let before = |name: &str| {
            let there = self.snapshot.iter().flat_map(|snapshot| &snapshot.state.info.roots);
            there.into_iter().find(|root| root.name == name).cloned()
        };
        let described = self.described();
        let changed = described.iter().filter(|(name, root)| before(name).as_ref() != Some(*root));
        names.extend(changed.map(|(name, _)| name.clone()));
        if waiting == 0 {
            names.extend(self.unfinished.iter().cloned());
        }
        names
    }

    /// Commits all that is held, in one transaction; once more if that was in the way of others, or the connection was lost.
    pub(super) fn commit_held(&mut self, waiting: u64) -> Result<()> {
        let mut before = BTreeMap::new();
        for attempt in 1..=TRIES {
            let leases = self.tenant.leases.clone();
            let flushed = self.flush(waiting, &mut before);
            if flushed.is_err() {
                // What was taken in the transaction went with it.
                self.tenant.leases = leases;
            }
            match flushed {
                Err(Error::Database(error)) if may_pass(&error) && attempt < TRIES => {
                    tracing::warn!("{error}; trying again");
                    self.tenant.roll_back();
                    std::thread::sleep(Duration::from_millis(50 << attempt));
                }
                Err(error) => {
                    self.tenant.roll_back();
                    return Err(error);
                }
                Ok(()) => break,
            }
        }
        for (key, change) in std::mem::take(&mut self.changes) {
            match change {
                Change::Put(file) => drop(self.files.insert(key, file.record)),
                Change::Touch(record) => drop(self.files.insert(key, record)),
                Change::Remove => drop(self.files.remove(&key)),
            }
        }
        (self.held, self.latest) = (0, None);
        Ok(())
    }

    /// The state that is committed now.
    fn state(&mut self) -> Result<State> {
        let database = self.tenant.database.clone();
        let (connection, _) = self.tenant.begin()?;
        let mut told = connection.batch(&TELL.join("; "))?;
        connection.commit()?;
        let roots = told.pop().unwrap_or_default();
        state_of(&database, &told.pop().unwrap_or_default(), &roots)
    }
}

impl StoreWriter for DatabaseWriter {
    fn snapshot(&self) -> Option<Arc<dyn Store>> {
        self.snapshot.clone().map(|snapshot| snapshot as Arc<dyn Store>)
    }

    fn put(&mut self, mut file: NewFile) -> Result<()> {
        self.make_room()?;
        file.passages.iter().try_for_each(|passage| self.check_size(passage))?;
        file.record.passages = file.passages.len() as u32;
        self.held += file.passages.len();
        let key = key(&file.record);
        self.latest = Some(key.clone());
        self.changes.insert(key, Change::Put(Box::new(file)));
        Ok(())
    }

    fn add(&mut self, passage: &NewPassage) -> Result<()> {
        self.check_size(passage)?;
        let latest = self.latest.as_ref().and_then(|key| self.changes.get_mut(key));
        let Some(Change::Put(file)) = latest else { return Err(Usage::NoFile.into()) };
        file.passages.push(passage.clone());
        file.record.passages += 1;
        self.held += 1;
        Ok(())
    }

    fn touch(&mut self, record: FileRecord) -> Result<()> {
        self.make_room()?;
        let key = key(&record);
        if let Some(Change::Put(file)) = self.changes.get_mut(&key) {
            file.record = FileRecord { passages: file.record.passages, ..record };
            return Ok(());
        }
        let Some(known) = self.files.get(&key) else {
            return Err(NotFound::File { path: record.path.to_string() }.into());
        };
        let record = FileRecord { passages: known.passages, ..record };
        if *known != record {
            self.changes.insert(key, Change::Touch(record));
        }
        Ok(())
    }

    fn remove(&mut self, root: &str, path: &NotePath) -> Result<()> {
        self.make_room()?;
        let key = (root.to_owned(), path.clone());
        self.latest = None;
        if self.files.contains_key(&key) {
            self.changes.insert(key, Change::Remove);
        } else {
            self.changes.remove(&key);
        }
        Ok(())
    }

    fn set_roots(&mut self, roots: Vec<Root>) {
        self.roots = Some(roots);
    }

    fn set_model_source(&mut self, source: &str) {
        let known = self.snapshot.as_ref().map_or("", |snapshot| &snapshot.state.info.model_source);
        self.model_source = Some(source.to_owned()).filter(|source| source != known);
    }

    fn checkpoint(&mut self, waiting: u64) -> Result<()> {
        self.commit_held(waiting)
    }

    fn commit(mut self: Box<Self>, maintenance: &Maintenance<'_>) -> Result<Committed> {
        self.commit_held(0)?;
        let put_off = self.maintain(maintenance).err();
        self.tenant.let_go()?;
        if let Some(index) = self.replaces.take() {
            let beside = self.tenant.database.clone();
            rebuilding::swap(&index, &beside, self.tenant.parts()?.0)?;
            self.tenant.database = index;
        }
        Ok(Committed { info: self.state()?.info, put_off })
    }
}

/// Whether what was in the way of a commit may pass: also that there is no server, for another may be about to take its place.
fn may_pass(error: &DatabaseError) -> bool {
    let is_absent = matches!(
        error,
        DatabaseError::Refused { .. } | DatabaseError::Unwritable { .. } | DatabaseError::NoAnswer { .. }
    );
    error.is_worth_retrying() || is_absent
}

/// The key of a file.
pub(super) fn key(record: &FileRecord) -> FileKey {
    (record.root.clone(), record.path.clone())
}

/// Makes the schema and its tables, if they aren't there; only one process does.
fn prepare(database: &Database, connection: &mut Connection, fingerprint: &Fingerprint) -> Result<()> {
    let schema = database.address.schema();
    // The catalogue itself: what a name means is remembered within a transaction, also that it means nothing.
    let is_there = format!(
        "select 1 from pg_class c join pg_namespace n on n.oid = relnamespace where nspname = '{schema}' and relname = 'meta'"
    );
    let made = |tables: Vec<Vec<Vec<Option<String>>>>| tables.iter().flatten().flatten().any(Option::is_some);
    if made(connection.batch(&is_there)?) {
        return Ok(());
    }
    connection.begin()?;
    connection.batch(&format!("select pg_advisory_xact_lock(hashtext('qsearch {schema}'))"))?;
    if made(connection.batch(&is_there)?) {
        return Ok(connection.commit()?);
    }
    connection.batch("create extension if not exists vector").map_err(|error| match error {
        DatabaseError::Privilege { server, what } | DatabaseError::Other { server, message: what, .. } => {
            DatabaseError::NoVector { server, what }
        }
        error => error,
    })?;
    // Who may not make schemas may have been given one.
    if !made(connection.batch(&format!("select 1 from pg_namespace where nspname = '{schema}'"))?) {
        connection.batch(&format!("create schema \"{schema}\""))?;
    }
    connection.batch(&set_up(schema))?;
    for statement in tables::create(fingerprint.dim) {
        connection.batch(&statement)?;
    }
    let insert = format!(
        "insert into meta (format, model, chunking, dim, model_source) values ({FORMAT}, $1, $2, {}, '')",
        fingerprint.dim
    );
    let model = [Value::Text(fingerprint.model.clone()), Value::Text(fingerprint.chunking.clone())];
    connection.execute(&insert, &model.each_ref().map(Value::parameter))?;
    Ok(connection.commit()?)
}
