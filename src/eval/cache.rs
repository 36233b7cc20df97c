//! Notes and indexes that are kept between runs, below one folder:
//!
//! ```text
//! CACHE/KEY/notes/        documents of a test set as notes; none where the set is made of notes already
//! CACHE/KEY/index-MODEL/  their index, one for each model
//! ```
//!
//! `KEY` is a hash of what is indexed: the documents' content, or the path of the notes. So sets never share an index.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::bench::Bench;
use super::set::Set;
use super::set_warning::SetWarning;
use crate::document::{ContentHash, NotePath};
use crate::error::{Error, Result};
use crate::index::{IndexOptions, IndexReport, Rules, index, rebuild};
use crate::store::{Place, Store};
use crate::sys;
use crate::walk::Reason;

/// The version of the notes that are made of documents.
const LAYOUT: u8 = 1;
/// How many notes are in one folder.
const PER_FOLDER: u32 = 1000;

/// An index that is up to date.
pub(super) struct CachedIndex {
    /// The index, opened.
    pub(super) snapshot: Arc<dyn Store>,
    /// What couldn't be indexed.
    pub(super) warnings: Vec<SetWarning>,
}

/// Indexes the documents of a set, each as a note of its own.
pub(super) fn documents(bench: &Bench<'_>, set: &Set) -> Result<CachedIndex> {
    let home = home(bench, &[&[LAYOUT], &set.content.0[..]].concat());
    let notes = home.join("notes");
    if !notes.is_dir() {
        write_notes(bench, set, &home, &notes)?;
    }
    update(bench, &home, &notes)
}

/// Indexes the notes in a folder, which stay where they are.
pub(super) fn folder(bench: &Bench<'_>, notes: &Path) -> Result<CachedIndex> {
    let full = sys::resolved(notes).map_err(Error::io("open", notes))?;
    let home = home(bench, full.as_os_str().as_encoded_bytes());
    update(bench, &home, &full)
}

/// The folder for what has this key.
fn home(bench: &Bench<'_>, key: &[u8]) -> PathBuf {
    bench.cache.join(short(key))
}

/// The first 64 bits of a hash, in hexadecimal digits.
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

/// Writes all documents as notes. Their folder appears in one step, so an interrupted run leaves no part of it.
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
    // If all went well, it is gone already; if not, the first error is the one to report.
    drop(fs::remove_dir_all(&partial));
    written
}

/// Brings the index of the notes up to date, or rebuilds it if it can't be used.
fn update(bench: &Bench<'_>, home: &Path, notes: &Path) -> Result<CachedIndex> {
    fs::create_dir_all(home).map_err(Error::io("create", home))?;
    let index = home.join(format!("index-{}", short(bench.embedder.fingerprint().as_bytes())));
    let index = Place::from(index);
    let report = match refresh(bench, &index, notes) {
        // Made by another version, made of notes elsewhere, or damaged.
        Err(Error::Incompatible { .. } | Error::IndexVersion { .. } | Error::Corrupt { .. }) => None,
        Err(error) => return Err(error),
        Ok(report) => {
            let roots = index.open().map(|snapshot| snapshot.info().roots.clone()).unwrap_or_default();
            (report.kept.is_empty() && roots.len() == 1).then_some(report)
        }
    };
    let report = match report {
        Some(report) => report,
        None => rebuild(&index, &[notes.to_path_buf()], &options(bench), bench.embedder, bench.progress)?,
    };
    let missing = report
        .skipped
        .iter()
        .filter(|skipped| skipped.reason.is_failure() || skipped.reason == Reason::Binary);
    let warnings = SetWarning::list([(missing.count() as u64, "notes that can't be indexed")]);
    Ok(CachedIndex { snapshot: index.open()?, warnings })
}

/// Brings an index up to date.
fn refresh(bench: &Bench<'_>, place: &Place, notes: &Path) -> Result<IndexReport> {
    index(place, &[notes.to_path_buf()], &options(bench), bench.embedder, bench.progress)
}

/// Options under which no note is too large.
fn options(bench: &Bench<'_>) -> IndexOptions {
    let rules = Rules { max_bytes: Some(u64::MAX), ..Rules::default() };
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
