//! What the commands that write print with `--json`.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::copy;
use crate::document::{NotePath, Root};
use crate::index::{self, IndexReport};

/// What `index --json` prints.
#[derive(Debug, Serialize)]
pub struct Indexed<'a> {
    /// The folder of the index.
    index: String,
    /// Whether all that should be in the index is up to date there; the exit status is 0 if so, else 2.
    complete: bool,
    /// How many files are in the index afterwards.
    files: u64,
    /// How many passages these have.
    passages: u64,
    /// How many files weren't in the index before.
    added: u64,
    /// How many had changed.
    changed: u64,
    /// How many had vanished, or were no longer wanted.
    removed: u64,
    /// How many were as before.
    unchanged: u64,
    /// How many passages went through the model.
    embedded: u64,
    /// How many passages of new or changed files had a vector already.
    reused: u64,
    /// How long it took, in milliseconds.
    milliseconds: u64,
    /// Files that weren't taken.
    skipped: Vec<Skipped<'a>>,
    /// What ignore files left out.
    ignored: Vec<Ignored<'a>>,
    /// Files that were taken with reservations.
    warnings: Vec<Reservation<'a>>,
    /// Roots that couldn't be read or have no notes any more; the index keeps what it has of them.
    kept: Vec<Kept<'a>>,
    /// Roots that keep the rules that they were indexed with, although the settings have others.
    kept_rules: Vec<IndexedRoot<'a>>,
    /// Roots that the index doesn't hold any more, since it was made anew from others.
    dropped: Vec<IndexedRoot<'a>>,
    /// Roots of an index that was made anew whose names come from a damaged file, and may be wrong.
    doubtful: Vec<IndexedRoot<'a>>,
    /// How many roots lie on other machines, so that nothing was done with their notes; left out if there are none.
    #[serde(skip_serializing_if = "is_none")]
    elsewhere: u64,
    /// Why the index couldn't be tidied up after all was in it; `null` if it was.
    put_off: Option<&'a str>,
}

/// Whether there are none.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_none(number: &u64) -> bool {
    *number == 0
}

/// A file that wasn't taken.
#[derive(Debug, Serialize)]
struct Skipped<'a> {
    /// The name of its root.
    root: &'a str,
    /// Its path relative to the root.
    path: &'a str,
    /// Why, as a phrase.
    reason: String,
    /// Whether it may well be a note, so that the index isn't complete without it.
    failed: bool,
}

/// What an ignore file left out.
#[derive(Debug, Serialize)]
struct Ignored<'a> {
    /// The name of its root.
    root: &'a str,
    /// The ignore file's path relative to the root.
    path: &'a str,
    /// How many files that would be notes by their kind, those in folders that it leaves out not counted.
    notes: u64,
    /// How many folders.
    folders: u64,
}

/// A reservation about a file that was taken.
#[derive(Debug, Serialize)]
struct Reservation<'a> {
    /// The name of its root.
    root: &'a str,
    /// Its path relative to the root.
    path: &'a str,
    /// The reservation, as a phrase.
    warning: &'a str,
}

/// A root of which nothing was read.
#[derive(Debug, Serialize)]
struct Kept<'a> {
    /// Its name.
    root: &'a str,
    /// Where it is, or the part of it that was to be read.
    absolute_path: Option<&'a str>,
    /// Why, as a phrase.
    reason: String,
    /// How many files of it stay in the index.
    files: u64,
}

/// A root.
#[derive(Debug, Serialize)]
struct IndexedRoot<'a> {
    /// Its name.
    root: &'a str,
    /// Where it is.
    absolute_path: Option<&'a str>,
}

impl<'a> From<&'a Root> for IndexedRoot<'a> {
    fn from(root: &'a Root) -> Self {
        Self { root: &root.name, absolute_path: root.path.to_str() }
    }
}

impl<'a> Indexed<'a> {
    /// Describes what a run on the index in `index` came to, and how long it took.
    pub fn new(index: &Path, report: &'a IndexReport, took: Duration) -> Self {
        let roots = |roots: &'a [Root]| roots.iter().map(IndexedRoot::from).collect();
        let skipped = |skipped: &'a index::Skipped| Skipped {
            root: &skipped.root,
            path: skipped.path.as_str(),
            reason: skipped.reason.to_string(),
            failed: skipped.reason.is_failure(),
        };
        let ignored = |index::Ignored { root, by, notes, folders }: &'a index::Ignored| Ignored {
            root,
            path: by.as_str(),
            notes: *notes,
            folders: *folders,
        };
        let warning = |index::FileWarning { root, path, what }: &'a index::FileWarning| Reservation {
            root,
            path: NotePath::as_str(path),
            warning: what,
        };
        let kept = |kept: &'a index::KeptRoot| Kept {
            root: &kept.name,
            absolute_path: kept.path.to_str(),
            reason: kept.why.to_string(),
            files: kept.files,
        };
        Self {
            index: index.to_string_lossy().into_owned(),
            complete: !report.partial(),
            files: report.files,
            passages: report.passages,
            added: report.added,
            changed: report.changed,
            removed: report.removed,
            unchanged: report.unchanged,
            embedded: report.embedded,
            reused: report.reused,
            milliseconds: took.as_millis() as u64,
            skipped: report.skipped.iter().map(skipped).collect(),
            ignored: report.ignored.iter().map(ignored).collect(),
            warnings: report.warnings.iter().map(warning).collect(),
            kept: report.kept.iter().map(kept).collect(),
            kept_rules: roots(&report.kept_rules),
            dropped: roots(&report.dropped),
            doubtful: roots(&report.doubtful),
            elsewhere: report.elsewhere,
            put_off: report.put_off.as_deref(),
        }
    }
}

/// What `copy --json` prints.
#[derive(Debug, Serialize)]
pub struct Copied<'a> {
    /// The index that was made.
    index: String,
    /// The index that was copied.
    from: String,
    /// How many files are in it.
    files: u64,
    /// How many passages these have.
    passages: u64,
    /// How many files aren't copied, because their meaning is still to be read.
    left_out: u64,
    /// How long it took, in milliseconds.
    milliseconds: u64,
    /// Why the index couldn't be tidied up after all was in it; `null` if it was.
    put_off: Option<&'a str>,
}

impl<'a> Copied<'a> {
    /// Describes a copy of the index `from` at `to`, and how long it took.
    pub fn new(from: &Path, to: &Path, copied: &'a copy::Copied, took: Duration) -> Self {
        Self {
            index: to.to_string_lossy().into_owned(),
            from: from.to_string_lossy().into_owned(),
            files: copied.files,
            passages: copied.passages,
            left_out: copied.left_out,
            milliseconds: took.as_millis() as u64,
            put_off: copied.put_off.as_deref(),
        }
    }
}

/// What `forget --json` prints.
#[derive(Debug, Serialize)]
pub struct Forgotten {
    /// The folder of the index.
    index: String,
    /// How many files were taken out of it.
    forgotten: u64,
}

impl Forgotten {
    /// Describes how many files were taken out of the index in `index`.
    pub fn new(index: &Path, files: u64) -> Self {
        Self { index: index.to_string_lossy().into_owned(), forgotten: files }
    }
}
