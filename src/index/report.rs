//! What became of the notes: counts, and every file that needs a word.

use std::fmt;

use crate::document::{NotePath, Root};
use crate::error::{Error, Usage, plain};
use crate::trust::Trust;
use crate::walk::{self, Reason};

/// What became of the notes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IndexReport {
    /// Files in the index afterwards.
    pub files: u64,
    /// Passages in the index afterwards.
    pub passages: u64,
    /// Files that weren't in the index before.
    pub added: u64,
    /// Files that had changed.
    pub changed: u64,
    /// Files that had vanished, or were no longer wanted.
    pub removed: u64,
    /// Files that were as before.
    pub unchanged: u64,
    /// Passages that went through the model.
    pub embedded: u64,
    /// Passages of new or changed files whose vector was known already.
    pub reused: u64,
    /// Files that weren't taken, and why.
    pub skipped: Vec<Skipped>,
    /// What ignore files left out.
    pub ignored: Vec<Ignored>,
    /// Files that were taken with reservations.
    pub warnings: Vec<FileWarning>,
    /// Roots that couldn't be walked, or had no notes any more; their passages were kept.
    pub kept: Vec<KeptRoot>,
    /// Roots that keep the rules they were indexed with, although they would get others if they were named.
    pub kept_rules: Vec<Root>,
    /// Roots that the index no longer holds, because it was rebuilt from other folders.
    pub dropped: Vec<Root>,
    /// Why segments couldn't be merged or given their graphs after the commit; a later run tries again.
    pub put_off: Option<String>,
    /// How many roots lie on other machines; nothing was done with their notes.
    pub elsewhere: u64,
    /// Roots of a rebuilt index whose names may be wrong, because they come from a damaged file of the old one.
    pub doubtful: Vec<Root>,
}

impl IndexReport {
    /// Adds what there is to be told of a file.
    pub(super) fn add(&mut self, file: Self) {
        let Self { added, changed, removed, unchanged, reused, skipped, warnings, .. } = file;
        self.added += added;
        self.changed += changed;
        self.removed += removed;
        self.unchanged += unchanged;
        self.reused += reused;
        self.skipped.extend(skipped);
        self.warnings.extend(warnings);
    }
}

/// A file that wasn't taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The name of its root.
    pub root: String,
    /// Its path relative to the root.
    pub path: NotePath,
    /// Why.
    pub reason: Reason,
}

/// What one ignore file leaves out of a root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// The name of its root.
    pub root: String,
    /// The ignore file's path relative to the root.
    pub by: NotePath,
    /// How many files that would be notes by their kind, those in folders that it leaves out not counted.
    pub notes: u64,
    /// How many folders.
    pub folders: u64,
}

/// A reservation about a file that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileWarning {
    /// The name of its root.
    pub root: String,
    /// Its path relative to the root.
    pub path: NotePath,
    /// The reservation, as a phrase: `front matter isn't closed`.
    pub what: String,
}

/// A root whose passages were kept although its notes couldn't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRoot {
    /// The root's name.
    pub name: String,
    /// Where it was.
    pub path: std::path::PathBuf,
    /// Why it wasn't refreshed.
    pub why: WhyKept,
    /// How many files of it stay in the index.
    pub files: u64,
}

/// Why a root wasn't refreshed. Its text fits after `notes wasn't refreshed: `.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhyKept {
    /// Nobody has confirmed that it may be read.
    Unconfirmed,
    /// It can be walked, and has no notes any more.
    Emptied,
    /// None of its notes can be read.
    NoneReadable,
    /// It can't be walked, for this reason.
    Failed(String),
}

impl From<&Error> for WhyKept {
    fn from(error: &Error) -> Self {
        match error {
            Error::Usage(Usage::Unconfirmed { .. }) => Self::Unconfirmed,
            Error::Io { source, .. } => Self::Failed(plain(source)),
            error => Self::Failed(error.to_string()),
        }
    }
}

impl fmt::Display for WhyKept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unconfirmed => Trust::UNCONFIRMED,
            Self::Emptied => "no notes are found in it any more",
            Self::NoneReadable => "none of its notes can be read",
            Self::Failed(why) => why,
        })
    }
}

impl IndexReport {
    /// Adds a file that wasn't taken.
    pub(super) fn skip(&mut self, root: &str, path: NotePath, reason: Reason) {
        self.skipped.push(Skipped { root: root.to_owned(), path, reason });
    }

    /// Adds what an ignore file left out.
    pub(super) fn ignore(&mut self, root: &str, ignored: &walk::Ignored) {
        let walk::Ignored { by, notes, folders } = ignored.clone();
        self.ignored.push(Ignored { root: root.to_owned(), by, notes, folders });
    }

    /// Whether something that should be in the index isn't up to date there.
    pub fn partial(&self) -> bool {
        !self.kept.is_empty() || self.skipped.iter().any(|skipped| skipped.reason.is_failure())
    }
}
