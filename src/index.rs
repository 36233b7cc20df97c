//! The spine of `qsearch index`: walk → parse → chunk → embed → store.
//!
//! Everything happens under the writer's lock. A short run becomes visible in one commit at its end; a long one commits
//! whole notes about once a minute, so that what fails or is interrupted costs no more than that, and the next run goes on.

mod ahead;
mod known;
mod load;
mod pace;
mod plan;
mod read;
mod rebuild;
mod report;
mod roots;
mod run;
mod storing;
mod vectors;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::chunk::{self, Limits};
pub use crate::document::Rules;
use crate::document::{NotePath, Root};
use crate::embed::{Embedder, ModelSource};
use crate::error::{Error, NotFound, Result, Saved, Usage};
use crate::extract::{self, Launch};
use crate::parse;
use crate::progress::{Event, Progress};
use crate::store::{FileRecord, Fingerprint, Place, Store, StoreWriter};
use crate::sys;
use crate::trust::{Reach, Trust};
use crate::walk::{self, Walk, WalkOptions};

pub(crate) use known::members;
pub(crate) use plan::plan;
pub(crate) use read::is_readable;
pub use rebuild::rebuild;
pub use report::{FileWarning, Ignored, IndexReport, KeptRoot, Skipped, WhyKept};
use roots::{Scope, Scopes, Target};
use run::Run;
pub(crate) use run::commit;

/// Which files count as notes, which model they are for, and how much is done to the index.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IndexOptions {
    /// Which files count as notes.
    pub rules: Rules,
    /// A folder with rules of its own, for the roots in it.
    pub local: Option<(PathBuf, Rules)>,
    /// Whether all roots that are refreshed take these rules. Else those do that are named, and the others keep the rules
    /// that they were indexed with.
    pub apply_rules: bool,
    /// Which roots may be read besides those that are named.
    pub trust: Trust,
    /// Where the model comes from, for the index to remember.
    pub model: ModelSource,
    /// Whether to merge the segments of the index into one, also if nothing has changed.
    pub optimize: bool,
    /// How long a run goes on without committing the notes it has read.
    pub checkpoint: Duration,
    /// How processes are started that read what isn't text; without it, such files are read in this process, where a
    /// hostile one may do harm.
    pub launch: Option<Launch>,
}

impl Default for IndexOptions {
    fn default() -> Self {
        Self {
            rules: Rules::default(),
            local: None,
            apply_rules: false,
            trust: Trust::default(),
            model: ModelSource::default(),
            optimize: false,
            checkpoint: Duration::from_mins(1),
            launch: None,
        }
    }
}

impl IndexOptions {
    /// The default options with these rules, and other rules for the roots in one folder.
    pub fn with_rules(rules: Rules, local: Option<(PathBuf, Rules)>) -> Self {
        Self { rules, local, ..Self::default() }
    }

    /// The rules for a root at `path`.
    pub fn rules_at(&self, path: &Path) -> &Rules {
        let is_in = |folder: &Path| {
            let (folder, path) = (sys::resolved(folder), sys::resolved(path));
            folder.is_ok_and(|folder| path.is_ok_and(|path| path.starts_with(folder)))
        };
        let local = self.local.as_ref().filter(|(folder, _)| is_in(folder));
        local.map_or(&self.rules, |(_, rules)| rules)
    }
}

/// What one walk of a scope found, or why it couldn't be walked.
type Walked = (Scope, Result<Walk>);

/// Brings the index at `place` up to date with the notes at `paths`, or with all notes it knows if there are no
/// paths, and creates it if there is none.
///
/// Notes that are as before aren't read; passages whose text is in the index already aren't embedded again. A
/// note that can't be read is reported and keeps what is indexed of it, unless it isn't what it should be any more; so does a root that isn't trusted, of which
/// nothing is read.
///
/// # Errors
///
/// When a path doesn't exist or has no notes at all, another process is writing, the index belongs to another
/// model, the disk is full, or `progress` says that the run is cancelled. The index then is as before, or, in a run that is
/// longer than [`IndexOptions::checkpoint`], as it was committed last.
pub fn index(
    place: &Place,
    paths: &[PathBuf],
    options: &IndexOptions,
    embedder: &dyn Embedder,
    progress: &dyn Progress,
) -> Result<IndexReport> {
    let known = known_roots(place)?;
    let scopes = roots::scopes(&known, paths)?.with_rules(options);
    let reach = reach(place, paths, options);
    if scopes.refresh.is_empty() {
        return nothing_here(place, &scopes);
    }
    // A first run looks for notes before it makes anything; any other one holds the lock while it looks, so
    // that it can't take a note for gone that another process has added meanwhile.
    let walks = if known.is_empty() { Some(walk_all(place, &scopes, &reach, progress)?) } else { None };
    let limits = limits(embedder);
    let (mut writer, now) = begin(place, &fingerprint(embedder, &limits), &scopes, paths, options)?;
    writer.set_model_source(&options.model.to_text());
    let (scopes, walks) = match (now, walks) {
        (None, Some(walks)) => (scopes, walks),
        (now, _) => {
            let scopes = now.unwrap_or(scopes);
            let walks = walk_all(place, &scopes, &reach, progress)?;
            (scopes, walks)
        }
    };
    let (most_bytes, kept_rules, elsewhere) = (
        scopes.most_bytes(),
        scopes.kept_rules(options),
        if paths.is_empty() { scopes.elsewhere() } else { 0 },
    );
    writer.set_roots(without_empty(scopes.roots, &walks));
    let run = Run::new(writer, embedder, progress, limits, most_bytes)?;
    let mut run = run.reading_in(options.launch.as_ref()).commit_every(options.checkpoint);
    run.refresh(walks)?;
    Ok(IndexReport { kept_rules, elsewhere, ..run.commit(options.optimize)? })
}

/// What there is to say of an index of which nothing lies on this machine.
fn nothing_here(place: &Place, scopes: &Scopes) -> Result<IndexReport> {
    let elsewhere = scopes.elsewhere();
    if elsewhere == 0 {
        return Err(Usage::NoRoots.into());
    }
    let store = place.open()?;
    let info = store.info();
    Ok(IndexReport { files: info.files, passages: info.passages, elsewhere, ..IndexReport::default() })
}

/// Begins to write what `scopes` refresh. Another process may have changed the roots since these were known: then the
/// scopes as they are now come with the writer.
fn begin(
    place: &Place,
    fingerprint: &Fingerprint,
    scopes: &Scopes,
    paths: &[PathBuf],
    options: &IndexOptions,
) -> Result<(Box<dyn StoreWriter>, Option<Scopes>)> {
    let mut names = scopes.names();
    loop {
        let writer = place.write(fingerprint, &names)?;
        let Some(snapshot) = writer.snapshot() else { return Ok((writer, None)) };
        let now = roots::scopes(&snapshot.info().roots, paths)?.with_rules(options);
        let wanted = now.names();
        if wanted.iter().all(|name| names.contains(name)) {
            return Ok((writer, Some(now)));
        }
        // They are of others than those that may be written.
        names = wanted;
    }
}

/// What one run may read: what is trusted, and what is named.
fn reach(place: &Place, paths: &[PathBuf], options: &IndexOptions) -> Reach {
    let mut reach = options.trust.reach(place.shown());
    reach.extend(paths);
    reach
}

/// The roots without new ones that have no note of their own, because all their notes belong to roots inside them.
fn without_empty(mut roots: Vec<Root>, walks: &[Walked]) -> Vec<Root> {
    let is_empty =
        |(scope, walked): &&Walked| scope.new && matches!(walked, Ok(walk) if walk.files.is_empty());
    let empty: Vec<&Walked> = walks.iter().filter(is_empty).collect();
    roots.retain(|root| empty.iter().all(|(scope, _)| !scope.root.is(root)));
    roots
}

/// How long passages may be for a model.
fn limits(embedder: &dyn Embedder) -> Limits {
    let most = Limits::default();
    // Models that read more get no longer passages: a citation is to be read, and one vector holds only so much.
    Limits { max_tokens: embedder.max_tokens().min(most.max_tokens), ..most }
}

/// Removes a root, folder or note from the index at `place`, and says how many notes that were.
///
/// `path` is a path on disk (a relative one from `cwd`; it need not exist any more) or `root/path` as in results.
///
/// # Errors
///
/// When the index has nothing there, can't be written, or `progress` says before the commit that the run is cancelled.
pub fn forget(place: &Place, path: &Path, cwd: &Path, progress: &dyn Progress) -> Result<u64> {
    let before = place.open()?;
    let names = Forgetting::of(&*before, path, cwd)?.names();
    let mut writer = place.write(&before.info().fingerprint, &names)?;
    drop(before);
    let Some(snapshot) = writer.snapshot() else {
        return Err(Error::NoIndex { path: place.shown().to_path_buf() });
    };
    // As it is under the lock.
    let forgetting = Forgetting::of(&*snapshot, path, cwd)?;
    let mut roots = snapshot.info().roots.clone();
    drop(snapshot);
    for (root, path) in &forgetting.notes {
        writer.remove(root, path)?;
    }
    roots.retain(|root| !forgetting.roots.contains(&root.name));
    writer.set_roots(roots);
    commit(writer, false, progress)?;
    Ok(forgetting.notes.len() as u64)
}

/// What is to be forgotten.
struct Forgetting {
    /// The names of the roots that go as a whole.
    roots: Vec<String>,
    /// The notes that go, those of these roots included.
    notes: Vec<(String, NotePath)>,
}

impl Forgetting {
    /// What a path names in one state of an index, if it names anything.
    fn of(store: &dyn Store, path: &Path, cwd: &Path) -> Result<Self> {
        let (roots, files) = (&store.info().roots, store.files()?);
        let is_meant = |targets: &[Target], file: &FileRecord| {
            targets.iter().any(|(root, part)| {
                *root == file.root && part.as_ref().is_none_or(|part| file.path.is_in(part))
            })
        };
        let targets = roots::readings(roots, path, cwd)
            .into_iter()
            .find(|targets| {
                let whole = targets.iter().any(|(_, part)| part.is_none());
                whole || files.iter().any(|file| is_meant(targets, file))
            })
            .unwrap_or_default();
        let notes: Vec<(String, NotePath)> = files
            .into_iter()
            .filter(|file| is_meant(&targets, file))
            .map(|file| (file.root, file.path))
            .collect();
        let whole: Vec<String> =
            targets.into_iter().filter(|(_, part)| part.is_none()).map(|(name, _)| name).collect();
        if notes.is_empty() && !roots.iter().any(|root| whole.contains(&root.name)) {
            return Err(NotFound::NotesAt { path: path.to_path_buf() }.into());
        }
        Ok(Self { roots: whole, notes })
    }

    /// The names of the roots that change.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.notes.iter().map(|(root, _)| root.clone()).collect();
        names.extend(self.roots.iter().cloned());
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// What an index is made with: the model, and all that decides which passages a note becomes.
fn fingerprint(embedder: &dyn Embedder, limits: &Limits) -> Fingerprint {
    let chunking = format!("{}.{}:{}", parse::VERSION, extract::VERSION, chunk::fingerprint(limits));
    Fingerprint::new(embedder.fingerprint(), chunking, embedder.dim())
}

fn known_roots(place: &Place) -> Result<Vec<Root>> {
    match place.open() {
        Ok(snapshot) => Ok(snapshot.info().roots.clone()),
        Err(Error::NoIndex { .. }) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn walk_all(place: &Place, scopes: &Scopes, reach: &Reach, progress: &dyn Progress) -> Result<Vec<Walked>> {
    let mut walks = Vec::new();
    let mut before = 0;
    for scope in &scopes.refresh {
        let rules = scope.root.rules.clone();
        let folder = place.folder().and_then(|folder| sys::resolved(folder).ok());
        let skip = folder.into_iter().chain(scopes.inside(scope)).collect();
        let walk_options = WalkOptions { rules, skip, ..WalkOptions::default() };
        walk::check(&walk_options)?;
        if let Some(refused) = unconfirmed(scope, reach) {
            walks.push((scope.clone(), Err(refused)));
            continue;
        }
        let mut seen = 0;
        let mut on_file = |files: u64| {
            seen = files;
            progress.on(Event::Walked { files: before + files });
        };
        let part = scope.part.as_ref();
        let walked =
            walk::walk(&scope.root.path, part, &walk_options, &mut on_file, &|| progress.cancelled());
        before += seen;
        if progress.cancelled() {
            return Err(Error::Interrupted(Saved::Nothing));
        }
        let walked = match walked {
            Ok(walk) if scope.new && walk.files.is_empty() && scopes.inside(scope).next().is_none() => {
                return Err(no_notes(scope, &walk));
            }
            Err(error) if scope.new => return Err(error),
            other => other,
        };
        walks.push((scope.clone(), walked));
    }
    Ok(walks)
}

/// Why a scope isn't read although it is there.
fn unconfirmed(scope: &Scope, reach: &Reach) -> Option<Error> {
    let path = scope.path();
    reach.refuses(&path).then(|| Usage::Unconfirmed { path }.into())
}

fn no_notes(scope: &Scope, walk: &Walk) -> Error {
    let mut classes: BTreeMap<String, u64> = BTreeMap::new();
    for skipped in &walk.skipped {
        *classes.entry(format!("{}: {}", skipped.reason.class(), skipped.reason)).or_default() += 1;
    }
    let mut left_out: Vec<String> =
        classes.into_iter().take(3).map(|(class, count)| format!("{count} × {class}")).collect();
    if !walk.ignored.is_empty() {
        left_out.push("what ignore files name".to_owned());
    }
    NotFound::NoNotes { folder: scope.path(), left_out }.into()
}

#[cfg(test)]
mod tests;
