//! What the disk goes through below one folder, recorded; and the disks that a crash may leave of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A change of the disk, with paths relative to the recorded folder.
#[derive(Clone, Debug)]
pub(in crate::store) enum Change {
    CreateFolder(PathBuf),
    /// A file without content.
    Create(PathBuf),
    /// More content at the end of a file.
    Write(PathBuf, Vec<u8>),
    Sync(PathBuf),
    SyncFolder(PathBuf),
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    Remove(PathBuf),
}

/// The folders that are recorded, with what has happened in each.
static JOURNALS: Mutex<Vec<(PathBuf, Vec<Change>)>> = Mutex::new(Vec::new());

/// Records a change of something, if it lies in a folder that is recorded.
pub(in crate::store) fn note(path: &Path, change: impl FnOnce(PathBuf) -> Change) {
    let mut journals = JOURNALS.lock().unwrap_or_else(PoisonError::into_inner);
    let of = |(folder, _): &&mut (PathBuf, Vec<Change>)| path.starts_with(folder);
    if let Some((folder, changes)) = journals.iter_mut().find(of) {
        changes.push(change(path.strip_prefix(folder).unwrap().into()));
    }
}

/// Records a folder until it is dropped.
pub(super) struct Journal(PathBuf);

impl Journal {
    pub(super) fn of(folder: &Path) -> Self {
        JOURNALS.lock().unwrap().push((folder.into(), Vec::new()));
        Self(folder.into())
    }

    /// What has happened so far.
    pub(super) fn changes(&self) -> Vec<Change> {
        let journals = JOURNALS.lock().unwrap();
        journals.iter().find(|(folder, _)| *folder == self.0).unwrap().1.clone()
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        JOURNALS.lock().unwrap_or_else(PoisonError::into_inner).retain(|(folder, _)| *folder != self.0);
    }
}

/// What is lost of what wasn't synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// Nothing: a process was killed.
    Nothing,
    /// All, but for some of the content that files had.
    All,
    /// Each name and each content by itself, or not.
    Some,
}

/// A file, by whatever name, or a folder.
#[derive(Clone, Debug, Default)]
struct Node {
    folder: bool,
    content: Vec<u8>,
    /// How much of the content is safe.
    synced: usize,
}

/// A change of names: all that go, and one that comes.
#[derive(Clone, Debug)]
struct Naming {
    parent: PathBuf,
    goes: Option<PathBuf>,
    comes: Option<(PathBuf, usize)>,
}

impl Naming {
    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>) {
        if let Some(goes) = &self.goes {
            names.remove(goes);
        }
        if let Some((comes, node)) = &self.comes {
            names.insert(comes.clone(), *node);
        }
    }
}

/// A disk, with what is only in the system's memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Disk {
    nodes: Vec<Node>,
    /// What names there are, what names are safe, and the changes that lie between them.
    names: BTreeMap<PathBuf, usize>,
    safe: BTreeMap<PathBuf, usize>,
    pending: Vec<Naming>,
}

impl Disk {
    pub(super) fn apply(&mut self, change: &Change) {
        match change {
            Change::CreateFolder(path) => self.create(path, true),
            Change::Create(path) => self.create(path, false),
            Change::Write(path, bytes) => self.node(path).content.extend(bytes),
            Change::Sync(path) => {
                let node = self.node(path);
                node.synced = node.content.len();
            }
            Change::SyncFolder(path) => {
                let pending = std::mem::take(&mut self.pending);
                let (now, later): (Vec<_>, Vec<_>) =
                    pending.into_iter().partition(|naming| naming.parent == *path);
                self.pending = later;
                for naming in now {
                    naming.apply(&mut self.safe);
                }
            }
            Change::Rename { from, to } => {
                let node = self.names[from];
                self.rename(Some(from), Some((to, node)));
            }
            Change::Remove(path) => self.rename(Some(path), None),
        }
    }

    fn create(&mut self, path: &Path, folder: bool) {
        self.nodes.push(Node { folder, ..Node::default() });
        self.rename(None, Some((path, self.nodes.len() - 1)));
    }

    fn rename(&mut self, goes: Option<&PathBuf>, comes: Option<(&Path, usize)>) {
        let path = goes.map(PathBuf::as_path).or(comes.map(|(path, _)| path)).unwrap();
        let naming = Naming {
            parent: path.parent().unwrap().into(),
            goes: goes.cloned(),
            comes: comes.map(|(path, node)| (path.into(), node)),
        };
        naming.apply(&mut self.names);
        self.pending.push(naming);
    }

    fn node(&mut self, path: &Path) -> &mut Node {
        &mut self.nodes[self.names[path]]
    }

    /// The files that are there after a crash; `None` for a folder. `random` gives a number below its argument.
    pub(super) fn after(
        &self,
        loss: Loss,
        random: &mut impl FnMut(usize) -> usize,
    ) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        let mut names = self.safe.clone();
        for naming in &self.pending {
            if loss == Loss::Nothing || loss == Loss::Some && random(2) == 0 {
                naming.apply(&mut names);
            }
        }
        let mut files = BTreeMap::new();
        for (path, node) in names {
            let Node { folder, content, synced } = &self.nodes[node];
            let missing = |parent: &Path| parent != Path::new("") && !files.contains_key(parent);
            if path.parent().is_some_and(missing) {
                continue;
            }
            let mut content = content.clone();
            if loss != Loss::Nothing && *synced < content.len() {
                let kept = synced + random(2) * random(content.len() - synced + 1);
                match (loss, random(3)) {
                    (Loss::Some, 0) => {}
                    // The system noted the length before the content.
                    (Loss::Some, 1) => content[kept..].fill(0),
                    _ => content.truncate(kept),
                }
            }
            files.insert(path, (!folder).then_some(content));
        }
        files
    }
}
