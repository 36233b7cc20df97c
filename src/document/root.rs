//! A folder or file that was given to be indexed, and which files of it count as notes.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::NotePath;
use crate::calendar::DateOrder;

/// A folder or file that was given to `qsearch index`; everything below it is indexed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// What it is called in results: its last part, made unique in the index; has no `/`.
    pub name: String,
    /// Where it is; written like a [`NotePath`], so that any path can be.
    #[serde(with = "encoded_path")]
    pub path: PathBuf,
    /// The machine that it lies on, if that is another one than this: then `path` is one there, and its notes are neither
    /// read nor compared here. An index in a folder has no such roots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// Whether it is a file, which is its one note, and no folder.
    #[serde(default)]
    pub is_file: bool,
    /// Which files of it count as notes.
    #[serde(default)]
    pub rules: Rules,
}

/// Which files of a root count as notes, and how they are read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// Globs in the manner of `.gitignore`, relative to the root; if there are any, only files that match one, or lie in
    /// a folder that does, are taken.
    pub include: Vec<String>,
    /// Globs of the same kind for files and folders to leave out; they win over `include`.
    pub exclude: Vec<String>,
    /// Extensions, in lower case, of the kinds of files that are taken; all kinds, if there are none.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Larger files are left out; `None` for what each format may have.
    pub max_bytes: Option<u64>,
    /// In which order the day and the month stand in dates of its notes that can be read in two ways.
    #[serde(default)]
    pub date_order: DateOrder,
}

impl Root {
    /// A folder with the default rules.
    pub fn new(name: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        let (name, path) = (name.into(), path.into());
        Self { name, path, machine: None, is_file: false, rules: Rules::default() }
    }

    /// Whether this is the same root, whatever its rules are.
    pub fn is(&self, other: &Self) -> bool {
        self.name == other.name && self.path == other.path
    }

    /// Whether it lies on this machine.
    pub fn is_here(&self) -> bool {
        self.machine.is_none()
    }

    /// Those of `roots` that lie inside this one; their notes are theirs.
    pub fn inner<'a>(&'a self, roots: &'a [Self]) -> impl Iterator<Item = &'a Self> {
        let is_inside = |root: &&Self| root.path != self.path && root.path.starts_with(&self.path);
        roots.iter().filter(move |root| root.machine == self.machine && is_inside(root))
    }

    /// Where one of its notes is; what is in an archive is as if that were a folder.
    pub fn locate(&self, note: &NotePath) -> PathBuf {
        let mut parts = note.to_relative();
        if self.is_file {
            parts = parts.components().skip(1).collect();
        }
        if parts.as_os_str().is_empty() { self.path.clone() } else { self.path.join(parts) }
    }
}

mod encoded_path {
    use super::{Deserialize, NotePath, Path, PathBuf};

    pub(super) fn serialize<S: serde::Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(NotePath::from_relative(path).as_str())
    }

    pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
        String::deserialize(from).map(|encoded| NotePath::from_encoded(encoded).to_relative())
    }
}
