//! What files say now: that of a note, and those that notes show.

use std::fs::File;
use std::path::Path;

use super::Note;
use crate::error::{Error, NotFound, Result, Usage};
use crate::files;
use crate::parse;
use crate::store::Store;
use crate::trust::Trust;

/// A larger text isn't read to be shown.
const MOST_BYTES: u64 = 64 << 20;

/// Reads what the file of a note says now; `None` where it isn't text, may not be read, or is gone. `trust` says which roots
/// may be read.
pub fn text_now(snapshot: &dyn Store, trust: &Trust, note: &Note) -> Option<String> {
    // What was extracted has no text of its own.
    if note.passages.iter().any(|stored| stored.passage.extract.is_some()) {
        return None;
    }
    let root = snapshot.info().roots.iter().find(|root| root.name == note.root && root.is_here())?;
    if !trust.reach(snapshot.dir()).allows(&root.path) {
        return None;
    }
    let file = files::open_note(&root.path, &note.path.to_relative()).ok()?;
    let bytes = files::read(&file, MOST_BYTES).ok()?;
    Some(parse::decode(&bytes).as_str().to_owned())
}

/// Opens a file below a root, through no link. `trust` says which roots may be read.
///
/// # Errors
///
/// When there is no such root, it may not be read, or the file can't be opened so.
pub fn open_below(snapshot: &dyn Store, trust: &Trust, root: &str, path: &Path) -> Result<File> {
    let missing = || NotFound::Note { typed: format!("{root}/{}", path.display()) };
    let root = snapshot.info().roots.iter().find(|known| known.name == root).ok_or_else(missing)?;
    if let Some(machine) = &root.machine {
        let (path, machine) = (Path::new(&root.name).join(path), machine.clone());
        return Err(NotFound::Elsewhere { path, machine }.into());
    }
    if trust.reach(snapshot.dir()).refuses(&root.path) {
        return Err(Usage::Unconfirmed { path: root.path.clone() }.into());
    }
    files::open_note(&root.path, path).map_err(Error::io("open", root.path.join(path)))
}
