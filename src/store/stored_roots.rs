//! The roots of an index as a commit remembers them: a vault that moves with its index stays the same root.

use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::FileRecord;
use crate::document::{NotePath, Root};
use crate::sys;

/// The number of notes of a root by which it is recognised.
const SAMPLES: usize = 3;

/// The roots, and where the index lay when they were committed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredRoots {
    /// The index's own folder, written like a [`NotePath`]; `None` in older indexes.
    #[serde(default)]
    folder: Option<NotePath>,
    roots: Vec<StoredRoot>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct StoredRoot {
    #[serde(flatten)]
    root: Root,
    /// Some notes of the root: where they are, the root is.
    #[serde(default)]
    samples: Vec<NotePath>,
}

impl StoredRoots {
    /// Remembers the roots of the index at `dir`, of which these are the notes, sorted by root.
    pub(super) fn new(dir: &Path, roots: &[Root], records: &[&FileRecord]) -> Self {
        let stored = |root: &Root| {
            let start = records.partition_point(|record| record.root < root.name);
            let notes = &records[start..];
            let notes = &notes[..notes.partition_point(|record| record.root == root.name)];
            let mut places = vec![0, notes.len() / 2, notes.len().saturating_sub(1)];
            places.dedup();
            let samples = places.into_iter().take(SAMPLES).filter_map(|at| Some(notes.get(at)?.path.clone()));
            StoredRoot { root: Root { machine: None, ..root.clone() }, samples: samples.collect() }
        };
        let folder = sys::resolved(dir).ok().map(|folder| NotePath::from_relative(&folder));
        Self { folder, roots: roots.iter().map(stored).collect() }
    }

    /// The roots of the index that now lies at `dir`, where they are now.
    ///
    /// If it isn't where it was, a root that lay below its parent folder is taken to have moved with it, if at least one of
    /// its notes is there. So a vault can be moved or renamed with the index inside it, and an index by itself as well.
    pub(super) fn placed(&self, dir: &Path) -> Vec<Root> {
        let before = self.folder.as_ref().map(NotePath::to_relative);
        let now = sys::resolved(dir).ok().filter(|now| before.as_ref().is_some_and(|before| before != now));
        let parents = before.as_deref().and_then(Path::parent).zip(now.as_deref().and_then(Path::parent));
        let placed = |stored: &StoredRoot| {
            let moved = parents.and_then(|(before, now)| stored.moved(before, now));
            // Whoever wrote it may have written anything.
            let root = Root { machine: None, ..stored.root.clone() };
            match moved {
                Some(path) => Root { path, ..root },
                None => root,
            }
        };
        self.roots.iter().map(placed).collect()
    }
}

impl StoredRoot {
    /// The path of a root that has moved from below one folder to below another, if it has.
    fn moved(&self, before: &Path, now: &Path) -> Option<PathBuf> {
        let inside = self.root.path.strip_prefix(before).ok().filter(|inside| is_plain(inside))?;
        let path = if inside.as_os_str().is_empty() { now.to_path_buf() } else { now.join(inside) };
        let root = Root { path: path.clone(), ..self.root.clone() };
        let is_there =
            |note: &NotePath| is_plain(&note.to_relative()) && root.locate(note).symlink_metadata().is_ok();
        self.samples.iter().any(is_there).then_some(path)
    }
}

/// Whether a path is relative and leads nowhere but down.
fn is_plain(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::document::ContentHash;
    use crate::files::Stamp;

    fn record(root: &str, path: &str) -> FileRecord {
        FileRecord {
            root: root.into(),
            path: NotePath::from_encoded(path),
            size: 1,
            stamp: Stamp::default(),
            hash: ContentHash::of(b""),
            date_order: crate::calendar::DateOrder::default(),
            passages: 1,
            warnings: Vec::new(),
            unread: None,
            pending: false,
        }
    }

    #[test]
    fn a_root_moves_with_the_index_if_its_notes_do() {
        let at = tempfile::tempdir().unwrap();
        let base = at.path().canonicalize().unwrap();
        fs::create_dir_all(base.join("vault/index")).unwrap();
        fs::create_dir_all(base.join("vault/deep")).unwrap();
        fs::create_dir_all(base.join("wiki")).unwrap();
        for note in ["vault/a.md", "vault/deep/d.md", "vault/single.md", "wiki/w.md"] {
            fs::write(base.join(note), "x").unwrap();
        }
        let root =
            |name: &str, path: &str| Root { is_file: name.contains('.'), ..Root::new(name, base.join(path)) };
        let roots = [
            root("deep", "vault/deep"),
            root("single.md", "vault/single.md"),
            root("vault", "vault"),
            root("wiki", "wiki"),
        ];
        let records = [
            record("deep", "d.md"),
            record("single.md", "single.md"),
            record("vault", "a.md"),
            record("vault", "gone.md"),
            record("wiki", "w.md"),
        ];
        let stored = StoredRoots::new(&base.join("vault/index"), &roots, &records.each_ref());
        let json = serde_json::to_string(&stored).unwrap();
        let stored: StoredRoots = serde_json::from_str(&json).unwrap();
        let paths = |dir: &str| -> Vec<PathBuf> {
            stored.placed(&base.join(dir)).into_iter().map(|root| root.path).collect()
        };
        let now = |names: [&str; 4]| names.map(|name| base.join(name));
        let unmoved = now(["vault/deep", "vault/single.md", "vault", "wiki"]);
        assert_eq!(paths("vault/index"), unmoved);
        fs::rename(base.join("vault"), base.join("renamed")).unwrap();
        assert_eq!(paths("renamed/index"), now(["renamed/deep", "renamed/single.md", "renamed", "wiki"]));
        fs::rename(base.join("renamed"), base.join("vault")).unwrap();
        fs::rename(base.join("vault/index"), base.join("index")).unwrap();
        assert_eq!(paths("index"), unmoved, "an index that moves by itself has its notes where they were");
    }

    #[test]
    fn a_folders_roots_lie_on_this_machine() {
        let root = Root { machine: Some("pc".into()), ..Root::new("n", "/n") };
        let stored = StoredRoots::new(Path::new("/index"), std::slice::from_ref(&root), &[]);
        let json = serde_json::to_string(&stored).unwrap();
        assert!(!json.contains("machine"), "{json}");
        let forged = json.replace("\"is_file\"", "\"machine\":\"pc\",\"is_file\"");
        let forged: StoredRoots = serde_json::from_str(&forged).unwrap();
        assert_eq!(forged.roots[0].root.machine.as_deref(), Some("pc"));
        assert_eq!(forged.placed(Path::new("/index"))[0].machine, None);
    }

    #[test]
    fn no_sample_leads_out_of_its_root() {
        let at = tempfile::tempdir().unwrap();
        let base = at.path().canonicalize().unwrap();
        fs::create_dir_all(base.join("new/index")).unwrap();
        fs::write(base.join("secret"), "x").unwrap();
        let root = Root::new("n", base.join("old"));
        for sample in ["../secret", "/etc/passwd"] {
            let stored = StoredRoots::new(
                &base.join("new/index"),
                std::slice::from_ref(&root),
                &[&record("n", sample)],
            );
            let stored =
                StoredRoots { folder: Some(NotePath::from_relative(&base.join("old/index"))), ..stored };
            assert_eq!(stored.placed(&base.join("new/index")), std::slice::from_ref(&root), "{sample}");
        }
    }
}
