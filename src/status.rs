//! The spine of `qsearch status`: what is indexed, and how the notes on disk differ from it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::document::{ContentHash, NotePath, Root};
use crate::error::{Error, Result, Saved, Usage};
use crate::files;
use crate::format::FORMATS;
use crate::index::{WhyKept, is_readable, members, plan};
use crate::store::{FileRecord, IndexInfo, Place, ServerStatus, Store};
use crate::sys;
use crate::trust::Trust;
use crate::walk::{self, FoundFile, Walk, WalkOptions};

/// The state of an index.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Status {
    /// What stands for the index: see [`Place::shown`].
    pub index: PathBuf,
    /// What it says about itself.
    pub info: IndexInfo,
    /// The size of its files in bytes.
    pub bytes: u64,
    /// Its roots, in its order.
    pub roots: Vec<RootStatus>,
    /// Who is writing it now, as a phrase; `None` if nobody is.
    pub writer: Option<String>,
    /// How the notes on disk differ from those in the index.
    pub drift: Drift,
    /// What the server says that the index lies on, if it lies on one.
    pub server: Option<ServerStatus>,
}

/// The state of one root of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RootStatus {
    /// The root.
    pub root: Root,
    /// How many files of it are in the index.
    pub files: u64,
    /// How many passages these have.
    pub passages: u64,
}

/// How the notes on disk differ from those in the index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// Notes whose content is another.
    pub changed: Vec<(String, NotePath)>,
    /// Notes that aren't in the index yet.
    pub new: Vec<(String, NotePath)>,
    /// Notes that aren't on disk any more.
    pub vanished: Vec<(String, NotePath)>,
    /// Roots that can't be walked, by name, and why. Nothing is said of their notes.
    pub unreadable: BTreeMap<String, WhyKept>,
}

impl Drift {
    /// How many notes differ.
    pub fn notes(&self) -> u64 {
        (self.changed.len() + self.new.len() + self.vanished.len()) as u64
    }

    /// Whether the index is up to date.
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty()
            && self.new.is_empty()
            && self.vanished.is_empty()
            && self.unreadable.is_empty()
    }
}

/// Tells the state of the index at a place. `trust` says which roots may be read. Writes nothing.
///
/// # Errors
///
/// When the index is damaged.
pub fn status(place: &Place, snapshot: &dyn Store, trust: &Trust) -> Result<Status> {
    status_unless(place, snapshot, trust, &|| false)
}

/// Tells the state of an index as [`status`] does; once `cancelled` says so, the look at the notes ends.
///
/// # Errors
///
/// As [`status`]; also when the look was ended.
pub fn status_unless(
    place: &Place,
    snapshot: &dyn Store,
    trust: &Trust,
    cancelled: &dyn Fn() -> bool,
) -> Result<Status> {
    let info = snapshot.info().clone();
    let files = snapshot.files()?;
    let bytes = snapshot.size_bytes()?;
    let drift = compare(&info.roots, &files, |root| walk(snapshot, root, trust, &|| (), cancelled));
    if cancelled() {
        return Err(Error::Interrupted(Saved::Nothing));
    }
    let roots = info.roots.iter().map(|root| RootStatus::new(root, &files)).collect();
    let (writer, server) = (place.writer(), snapshot.server()?);
    Ok(Status { index: place.shown().to_path_buf(), info, bytes, roots, writer, drift, server })
}

/// Tells the state of an index without a look at the notes on disk: of how they differ, nothing is said.
///
/// # Errors
///
/// When the index is damaged.
pub fn of_index(place: &Place, snapshot: &dyn Store) -> Result<Status> {
    let (info, files) = (snapshot.info().clone(), snapshot.files()?);
    let roots = info.roots.iter().map(|root| RootStatus::new(root, &files)).collect();
    let (bytes, drift) = (snapshot.size_bytes()?, Drift::default());
    let (writer, server) = (place.writer(), snapshot.server()?);
    Ok(Status { index: place.shown().to_path_buf(), info, bytes, roots, writer, drift, server })
}

/// Compares the notes on disk with those of one state of an index. `trust` says which roots may be read; `on_note` hears of
/// each note that was come across, and once `cancelled` says so, the look ends. Writes nothing.
///
/// # Errors
///
/// When the table of notes is damaged, or the look was ended.
pub fn drift(
    snapshot: &dyn Store,
    trust: &Trust,
    on_note: &dyn Fn(),
    cancelled: &dyn Fn() -> bool,
) -> Result<Drift> {
    let roots = &snapshot.info().roots;
    let files = snapshot.files()?;
    let drift = compare(roots, &files, |root| walk(snapshot, root, trust, on_note, cancelled));
    if cancelled() { Err(Error::Interrupted(Saved::Nothing)) } else { Ok(drift) }
}

impl RootStatus {
    fn new(root: &Root, files: &[FileRecord]) -> Self {
        let files = files.iter().filter(|record| record.root == root.name && record.unread.is_none());
        let (files, passages) = files
            .fold((0, 0), |(number, passages), record| (number + 1, passages + u64::from(record.passages)));
        Self { root: root.clone(), files, passages }
    }
}

/// Walks a root of an index, without the index itself and without the roots inside.
fn walk(
    snapshot: &dyn Store,
    root: &Root,
    trust: &Trust,
    on_note: &dyn Fn(),
    cancelled: &dyn Fn() -> bool,
) -> Result<Walk> {
    let (index, roots) = (snapshot.dir(), &snapshot.info().roots);
    if trust.reach(index).refuses(&root.path) {
        return Err(Usage::Unconfirmed { path: root.path.clone() }.into());
    }
    let inner = root.inner(roots).map(|inner| inner.path.clone());
    let folder = Some(index).filter(|index| !files::is_address(index));
    let folder = folder.and_then(|folder| sys::resolved(folder).ok());
    let skip = folder.into_iter().chain(inner).collect();
    let walking = WalkOptions { rules: root.rules.clone(), skip, ..WalkOptions::default() };
    walk::walk(&root.path, None, &walking, &mut |_| on_note(), cancelled)
}

/// Compares the notes on disk with those in the index.
fn compare(roots: &[Root], files: &[FileRecord], walk: impl Fn(&Root) -> Result<Walk>) -> Drift {
    let mut drift = Drift::default();
    for root in roots {
        if !root.is_here() {
            continue;
        }
        let walked = match walk(root) {
            Ok(walked) => walked,
            Err(error) => {
                let why = match error {
                    Error::Usage(Usage::Unconfirmed { .. }) => WhyKept::Unconfirmed,
                    error => WhyKept::Failed(error.to_string()),
                };
                drift.unreadable.insert(root.name.clone(), why);
                continue;
            }
        };
        let records = files.iter().filter(|record| record.root == root.name);
        let known: BTreeMap<&NotePath, &FileRecord> = records.map(|record| (&record.path, record)).collect();
        if walked.files.is_empty() && !known.is_empty() {
            // `index` keeps what it has of such a root.
            drift.unreadable.insert(root.name.clone(), WhyKept::Emptied);
            continue;
        }
        // Nobody knows what is behind a closed door.
        let closed = walked.skipped.iter().filter(|skipped| skipped.reason.is_failure());
        let closed: Vec<NotePath> = closed.map(|skipped| skipped.path.clone()).collect();
        let max_bytes = root.rules.max_bytes;
        let plan = plan(walked.files, &known, &closed, root.rules.date_order);
        for found in plan.read {
            let note = (root.name.clone(), found.path.clone());
            let inside = members(&known, &found.path);
            match known.get(&found.path).or(inside.first()) {
                // What looks like a note may turn out not to be one; `index` would leave it out again.
                None if !is_readable(&found, max_bytes) => {}
                None => drift.new.push(note),
                Some(record)
                    if record.date_order == root.rules.date_order
                        && has_same_content(record, &found, max_bytes) => {}
                Some(_) => drift.changed.push(note),
            }
        }
        let was_note = |path: &NotePath| known.get(path).is_some_and(|record| record.unread.is_none());
        let gone = plan.gone.into_iter().filter(was_note);
        drift.vanished.extend(gone.map(|path| (root.name.clone(), path)));
    }
    drift
}

/// Whether a note says what it said, although its time differs or isn't known.
fn has_same_content(record: &FileRecord, found: &FoundFile, max_bytes: Option<u64>) -> bool {
    record.size == found.size
        && walk::read(found, max_bytes, FORMATS).is_ok_and(|file| ContentHash::of(&file.bytes) == record.hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Stamp;
    use crate::walk::{Reason, Skipped};

    /// What the index knows of a file with this text.
    fn record(root: &str, path: &str, text: &str, modified_ns: i64) -> FileRecord {
        FileRecord {
            root: root.to_owned(),
            path: NotePath::from_encoded(path),
            size: text.len() as u64,
            stamp: Stamp { modified_ns, ..Stamp::default() },
            hash: ContentHash::of(text.as_bytes()),
            date_order: crate::calendar::DateOrder::default(),
            passages: 2,
            warnings: Vec::new(),
            unread: None,
            pending: false,
        }
    }

    #[test]
    fn notes_on_disk_are_compared_with_those_in_the_index() {
        let at = tempfile::tempdir().unwrap();
        std::fs::write(at.path().join("touched.md"), "same").unwrap();
        std::fs::write(at.path().join("edited.md"), "diff").unwrap();
        std::fs::write(at.path().join("unsettled.md"), "diff").unwrap();
        std::fs::write(at.path().join("new.md"), "new").unwrap();
        std::fs::write(at.path().join("binary.md"), "\0\0\x01\x02\0\0").unwrap();
        let root = |name: &str| Root::new(name, at.path().to_path_buf());
        let files = [
            record("notes", "same.md", "same", 1),
            record("notes", "touched.md", "same", 1),
            record("notes", "edited.md", "same", 1),
            record("notes", "grown.md", "same", 1),
            record("notes", "gone.md", "same", 1),
            record("notes", "unsettled.md", "same", 0),
            record("notes", "closed/a.md", "same", 1),
            record("usb", "kept.md", "same", 1),
        ];
        let drift = compare(&[root("notes"), root("usb")], &files, |root: &Root| {
            if root.name == "usb" {
                let error = std::io::Error::from(std::io::ErrorKind::NotFound);
                return Err(Error::io("read", "/mnt/usb")(error));
            }
            let skipped = vec![Skipped {
                path: NotePath::from_encoded("closed"),
                reason: Reason::Unreadable("so".into()),
            }];
            let found = |path: &str, size, modified_ns| {
                let stamp = Stamp { modified_ns, ..Stamp::default() };
                FoundFile { path: NotePath::from_encoded(path), root: at.path().into(), size, stamp }
            };
            let files = vec![
                found("same.md", 4, 1),
                found("touched.md", 4, 2),
                found("edited.md", 4, 2),
                found("grown.md", 5, 1),
                found("unsettled.md", 4, 0),
                found("new.md", 3, 1),
                found("binary.md", 6, 1),
            ];
            Ok(Walk { files, skipped, ..Walk::default() })
        });
        let notes = |names: &[&str]| -> Vec<(String, NotePath)> {
            names.iter().map(|name| ("notes".to_owned(), NotePath::from_encoded(*name))).collect()
        };
        assert_eq!(drift.changed, notes(&["edited.md", "grown.md", "unsettled.md"]));
        assert_eq!(drift.new, notes(&["new.md"]));
        assert_eq!(drift.vanished, notes(&["gone.md"]));
        assert_eq!(drift.unreadable.keys().collect::<Vec<_>>(), ["usb"]);
    }
}
