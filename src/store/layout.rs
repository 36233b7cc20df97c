//! The files of an index folder, and what a folder may hold that becomes one.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::disk;
use super::lock::{LOCK, LockId};
use crate::error::{Error, Result};
use crate::files::{self, Links, Refusal};

/// The format this program writes and reads. Raised with every change to any file of the index.
pub const FORMAT: u32 = 11;

/// The file that makes a folder an index: `{"format":11}`, written once, with the first commit.
pub use crate::files::INDEX_MARKER as MARKER;

/// The folder of tantivy's segments.
pub(super) const SEGMENTS: &str = "segments";

/// tantivy's list of segments. Its rename is the commit; its payload is our [`super::manifest::Manifest`].
pub(super) const META: &str = "meta.json";

/// The greatest size of a marker.
const MOST_MARKER_BYTES: u64 = 4096;

/// The files that a folder may hold that becomes an index: those of version control, and those of a writer that died
/// before it wrote the marker.
const HARMLESS: [&str; 5] = ["README.md", ".gitignore", LOCK, "qsearch.json.tmp", ".DS_Store"];

#[derive(Serialize, Deserialize)]
struct Marker {
    format: u32,
}

/// The name of the `n`-th table of files.
pub(super) fn files_table(n: u64) -> String {
    format!("files-{n}.bin")
}

/// The number in a name that [`files_table`] made.
fn files_table_number(name: &str) -> Option<u64> {
    name.strip_prefix("files-")?.strip_suffix(".bin")?.parse().ok()
}

/// A number for a new table of files, larger than `last` and than that of any table that lies in the folder.
///
/// A number that no writer reaches in a lifetime was made up and doesn't count: there may be none above it.
pub(super) fn next_table(dir: &Path, last: u64) -> u64 {
    const MADE_UP: u64 = 1 << 60;
    let names = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let numbers = names.filter_map(|name| files_table_number(name.to_str()?));
    numbers.chain([last]).filter(|&number| number < MADE_UP).max().unwrap_or(0) + 1
}

/// Checks that the folder is an index of the format this program reads.
pub(super) fn check(dir: &Path) -> Result<()> {
    check_segments(dir)?;
    let path = dir.join(MARKER);
    let bytes = match files::read_at(&path, Links::Refuse, MOST_MARKER_BYTES) {
        Ok(bytes) => bytes,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Err(Error::NoIndex { path: dir.into() });
        }
        Err(error) => return Err(Error::io("read", &path)(error)),
    };
    let marker: Marker = serde_json::from_slice(&bytes)
        .map_err(|_| Error::corrupt(&path, "it doesn't name the format of the index"))?;
    if marker.format == FORMAT {
        Ok(())
    } else {
        Err(Error::IndexVersion { path: dir.into(), found: marker.format, supported: FORMAT })
    }
}

/// Makes sure that the folder exists and holds an index or nothing that an index could harm.
pub(super) fn prepare(dir: &Path) -> Result<()> {
    match check(dir) {
        Err(Error::NoIndex { .. }) => take(dir, false),
        other => other,
    }
}

/// Prepares a folder whose index is to be rebuilt: it may have any format, or be damaged. `has_list` says whether a list
/// of segments was found there.
pub(super) fn prepare_rebuild(dir: &Path, has_list: bool) -> Result<()> {
    match check(dir) {
        Err(Error::IndexVersion { .. }) => Ok(()),
        // The rest of a marker shows that the folder is an index, and so does a list of segments.
        Err(Error::Corrupt { .. }) => take(dir, true),
        Err(Error::NoIndex { .. }) => take(dir, has_list),
        other => other,
    }
}

/// Prepares a folder without a sound marker, if it holds nothing of value. Files with a writer's names are a writer's if
/// the folder `was_index` or has a lock.
fn take(dir: &Path, was_index: bool) -> Result<()> {
    if dir.exists() && !dir.is_dir() {
        return Err(Error::NotAnIndex { path: dir.into() });
    }
    disk::create_folder(dir).map_err(Error::io("create", dir))?;
    let is_file = |name: &str| fs::symlink_metadata(dir.join(name)).is_ok_and(|metadata| metadata.is_file());
    let had_writer = was_index || is_file(LOCK);
    for entry in fs::read_dir(dir).map_err(Error::io("read", dir))? {
        let name = entry.map_err(Error::io("read", dir))?.file_name();
        let of_writer = |name: &str| [SEGMENTS, MARKER].contains(&name) || files_table_number(name).is_some();
        let leftover = had_writer && name.to_str().is_some_and(of_writer);
        if !leftover && !HARMLESS.iter().any(|harmless| name == *harmless) {
            return Err(Error::NotAnIndex { path: dir.into() });
        }
    }
    Ok(())
}

/// Refuses an index whose folder of segments is a link: its files would be somebody else's.
///
/// A link to the whole index is the user's own affair.
pub(super) fn check_segments(dir: &Path) -> Result<()> {
    let segments = dir.join(SEGMENTS);
    match fs::symlink_metadata(&segments) {
        Ok(metadata) if metadata.is_symlink() => Err(Error::io("use", segments)(Refusal::Link.into())),
        _ => Ok(()),
    }
}

/// Makes the folders of a prepared and locked index.
pub(super) fn create(dir: &Path) -> Result<()> {
    let segments = dir.join(SEGMENTS);
    if !segments.exists() {
        // By the lock's file the next writer knows the folder for a writer's, so it must not be lost alone.
        disk::sync_folder(dir).map_err(Error::io("write", dir))?;
    }
    disk::create_folder(&segments).map_err(Error::io("create", &segments))
}

/// Makes the folder an index, just before its first commit: one that never came leaves no empty index behind.
pub(super) fn mark(dir: &Path) -> Result<()> {
    if dir.join(MARKER).exists() { Ok(()) } else { write_marker(dir) }
}

/// Makes the marker name this format, just after a commit that is of this format, whatever was there before.
///
/// A crash before it leaves an index that is whole but taken for one of the other format, and can be rebuilt again.
pub(super) fn mark_rebuilt(dir: &Path) -> Result<()> {
    if check(dir).is_ok() { Ok(()) } else { write_marker(dir) }
}

fn write_marker(dir: &Path) -> Result<()> {
    let marker = format!("{{\"format\":{FORMAT}}}\n");
    disk::replace(dir, MARKER, marker.as_bytes()).map_err(Error::io("write", dir.join(MARKER)))
}

/// Removes what a writer left that died; see [`leftovers`]. What can't be removed is left for the next time.
///
/// Nothing is removed once the lock is lost: it may be what another writer is writing.
pub(super) fn sweep(dir: &Path, lock: &LockId, table: Option<&str>, needed: impl Fn(&str) -> bool) {
    if !lock.is_held() || check_segments(dir).is_err() {
        return;
    }
    for path in leftovers(dir, table, needed) {
        match disk::remove(&path) {
            Ok(()) => tracing::debug!(path = %path.display(), "removed a leftover"),
            Err(error) => tracing::warn!(path = %path.display(), %error, "can't remove a leftover"),
        }
    }
}

/// The files that a dead writer left: those that the committed state doesn't name.
///
/// `table` is the committed table of files; `needed` says which files in the folder of segments are committed.
pub(super) fn leftovers(dir: &Path, table: Option<&str>, needed: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let stale = |name: &str| {
        name.strip_suffix(disk::TEMPORARY) == Some(MARKER)
            || (files_table_number(name).is_some() && Some(name) != table)
    };
    let mut paths = files(dir, stale);
    paths.extend(files(&dir.join(SEGMENTS), |name| is_of_segments(name) && !needed(name)));
    paths.sort();
    paths
}

/// The name, the length and the time of a file.
pub(super) type Stamp = (OsString, u64, Option<SystemTime>);

/// The stamps of the wanted files in the folder of segments, in the order of their names; `None` if one can't be had.
pub(super) fn stamps(dir: &Path, wanted: impl Fn(&str) -> bool) -> Option<Vec<Stamp>> {
    let mut stamps = Vec::new();
    for entry in fs::read_dir(dir.join(SEGMENTS)).ok()? {
        let entry = entry.ok()?;
        let name = entry.file_name();
        if name.to_str().is_some_and(&wanted) {
            let metadata = entry.metadata().ok()?;
            stamps.push((name, metadata.len(), metadata.modified().ok()));
        }
    }
    stamps.sort_unstable();
    Some(stamps)
}

/// Whether a writer gives this name to a file in the folder of segments. Whatever else lies there isn't ours to remove.
pub(super) fn is_of_segments(name: &str) -> bool {
    let id = name.split('.').next().unwrap_or_default();
    let of_segment =
        id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) && id.len() < name.len();
    of_segment || name.strip_prefix(META).is_some_and(|rest| rest.is_empty() || rest == disk::TEMPORARY)
}

/// The unwanted files of a folder; folders and names that aren't Unicode are never ours.
fn files(dir: &Path, unwanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let is_unwanted = |entry: &fs::DirEntry| {
        let is_file = entry.file_type().is_ok_and(|kind| !kind.is_dir());
        is_file && entry.file_name().to_str().is_some_and(&unwanted)
    };
    entries.filter(is_unwanted).map(|entry| entry.path()).collect()
}

/// How many bytes the files of an index take.
pub(super) fn size(dir: &Path) -> Result<u64> {
    let mut folders: Vec<PathBuf> = vec![dir.into(), dir.join(SEGMENTS)];
    let mut bytes = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(Error::io("read", &folder))? {
            // A writer may remove files while we look.
            if let Some(metadata) = entry.ok().and_then(|entry| entry.metadata().ok())
                && metadata.is_file()
            {
                bytes += metadata.len();
            }
        }
    }
    Ok(bytes)
}
