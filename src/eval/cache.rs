//! Notes and indexes that are kept from run to run, below one folder:
//!
//! ```text
//! CACHE/KEY/notes/        documents of a test set as notes; none where the set is made of notes already
//! CACHE/KEY/index-MODEL/  their index, one for each model
//! ```
//!
//! `KEY` says what was indexed (the documents' content, or where the notes are), so another set never meets an index of
//! this one.

use std::fs;
use std::path::{Path, PathBuf};

use super::set::Set;
use super::{Bench, Warning};
use crate::document::{ContentHash, NotePath};
use crate::error::{Error, Result};
use crate::index::{IndexOptions, IndexReport, Rules, index, rebuild};
use crate::store::Snapshot;
use crate::walk::Reason;

/// Counts up when documents become other notes.
const LAYOUT: u8 = 1;
/// How many notes lie in one folder.
const PER_FOLDER: u32 = 1000;

/// An index that is up to date.
pub(super) struct Indexed {
    /// The index.
    pub(super) snapshot: Snapshot,
    /// What is missing from it.
    pub(super) warnings: Vec<Warning>,
}

/// Indexes the documents of a set, each as a note of its own.
pub(super) fn documents(bench: &Bench<'_>, set: &Set) -> Result<Indexed> {
    let home = home(bench, &[&[LAYOUT], &set.content.0[..]].concat());
    let notes = home.join("notes");
    if !notes.is_dir() {
        write_notes(bench, set, &home, &notes)?;
    }
    update(bench, &home, &notes)
}

/// Indexes the notes in a folder, which stay where they are.
pub(super) fn folder(bench: &Bench<'_>, notes: &Path) -> Result<Indexed> {
    let full = notes.canonicalize().map_err(Error::io("open", notes))?;
    let home = home(bench, full.as_os_str().as_encoded_bytes());
    update(bench, &home, &full)
}

fn home(bench: &Bench<'_>, key: &[u8]) -> PathBuf {
    bench.cache.join(short(key))
}

/// A name for bytes.
fn short(bytes: &[u8]) -> String {
    let mut first = [0; 8];
    first.copy_from_slice(&ContentHash::of(bytes).0[..8]);
    format!("{:016x}", u64::from_be_bytes(first))
}

/// The path of a document's note below the folder of notes.
pub(super) fn path_of(number: u32) -> String {
    format!("{:05}/{number:08}.md", number / PER_FOLDER)
}

/// The document whose note has this path.
pub(super) fn document_at(path: &NotePath) -> Option<u32> {
    path.as_str().strip_suffix(".md")?.split_once('/')?.1.parse().ok()
}

/// Writes all documents, which appear in one step: a run that dies leaves no half of them.
fn write_notes(bench: &Bench<'_>, set: &Set, home: &Path, notes: &Path) -> Result<()> {
    fs::create_dir_all(home).map_err(Error::io("create", home))?;
    let partial = home.join(format!("notes.{}", std::process::id()));
    let written = set.each_document(|number, document| {
        let path = partial.join(path_of(number));
        if number % PER_FOLDER == 0 {
            bench.go_on()?;
            let folder = path.parent().unwrap_or(&partial);
            fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        }
        fs::write(&path, document.note()).map_err(Error::io("write", &path))
    });
    let written = written.and_then(|()| match fs::rename(&partial, notes) {
        // Another process was faster, and wrote the same.
        Err(_) if notes.is_dir() => Ok(()),
        moved => moved.map_err(Error::io("create", notes)),
    });
    // Gone already if all went well; if not, why it didn't is what matters.
    drop(fs::remove_dir_all(&partial));
    written
}

/// Brings the index of some notes up to date, and makes it anew where it can't be used.
fn update(bench: &Bench<'_>, home: &Path, notes: &Path) -> Result<Indexed> {
    fs::create_dir_all(home).map_err(Error::io("create", home))?;
    let dir = home.join(format!("index-{}", short(bench.embedder.fingerprint().as_bytes())));
    let report = match refresh(bench, &dir, notes) {
        // Made by another version, for notes that were elsewhere, or damaged.
        Err(Error::Incompatible { .. } | Error::IndexVersion { .. } | Error::Corrupt { .. }) => None,
        Err(error) => return Err(error),
        Ok(report) => {
            let roots =
                Snapshot::open(&dir).map(|snapshot| snapshot.info().roots.clone()).unwrap_or_default();
            (report.kept.is_empty() && roots.len() == 1).then_some(report)
        }
    };
    let report = match report {
        Some(report) => report,
        None => rebuild(&dir, &[notes.to_path_buf()], &options(bench), bench.embedder, bench.progress)?,
    };
    let missing = report
        .skipped
        .iter()
        .filter(|skipped| skipped.reason.is_failure() || skipped.reason == Reason::Binary);
    let warnings = Warning::list([(missing.count() as u64, "notes that can't be indexed")]);
    Ok(Indexed { snapshot: Snapshot::open(&dir)?, warnings })
}

fn refresh(bench: &Bench<'_>, dir: &Path, notes: &Path) -> Result<IndexReport> {
    index(dir, &[notes.to_path_buf()], &options(bench), bench.embedder, bench.progress)
}

fn options(bench: &Bench<'_>) -> IndexOptions {
    let rules = Rules { max_bytes: u64::MAX, ..Rules::default() };
    IndexOptions { rules, model: bench.model.clone(), ..IndexOptions::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_leads_back_to_its_document() {
        for number in [0, 999, 1000, 1_234_567, u32::MAX] {
            assert_eq!(document_at(&NotePath::from_encoded(path_of(number))), Some(number));
        }
        assert_eq!(document_at(&NotePath::from_encoded("readme.md")), None);
        assert_eq!(path_of(1234), "00001/00001234.md");
    }
}
