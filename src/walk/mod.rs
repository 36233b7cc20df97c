//! A root on disk becomes a sorted list of note files, and a list of what was left out and why.
//!
//! Rules come from the root and the folders below it: `.gitignore` (in a git repository or not), `.ignore` and
//! `.qsearchignore`. Ignore files above the root have no say, so a root gives the same notes wherever it
//! lies; nor has git's configuration of the user. Hidden files are left out without a word, and so is every folder that
//! holds an index; what ignore files leave out is counted, without entering folders for it. A folder with an ignore file
//! that can't be used isn't entered (see `rules.rs`). The folder that a browser
//! has saved beside a page belongs to the page and isn't entered. Symbolic links are never followed, so there are no loops.
//! Everything else that isn't taken is reported: a walk goes on past what it can't read and never loses it silently.
//!
//! A walk of a part of a root finds what a walk of the whole root would find there: it begins at the root, for its
//! rules, and leaves out what isn't on the way to the part.

mod choice;
mod folders;
mod placeholder;
mod read;
mod reason;
mod rules;
mod saved_page;
mod walker;

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::WalkDir;

use crate::document::{NotePath, Rules};
use crate::error::{Error, Result, Saved, Usage};
use crate::files::{INDEX_MARKER, Stamp};
use crate::format::{self, FORMATS, Format};
use crate::sys;

use self::choice::Choice;
use self::walker::Walker;

pub use folders::{Thing, concerns, folders, is_rule};
pub use read::{FileBytes, read};
pub use reason::Reason;

/// How a root is walked.
#[derive(Clone, Debug)]
pub struct WalkOptions {
    /// Which files count as notes.
    pub rules: Rules,
    /// Folders that are never entered, wherever they lie.
    pub skip: Vec<PathBuf>,
    /// The kinds of files that are taken.
    pub formats: &'static [Format],
}

impl Default for WalkOptions {
    fn default() -> Self {
        Self { rules: Rules::default(), skip: Vec::new(), formats: FORMATS }
    }
}

/// A file that is taken, as it was when the walk passed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundFile {
    /// Its path relative to the root.
    pub path: NotePath,
    /// The root: a folder with its own symbolic links resolved, or the file itself.
    pub root: Arc<Path>,
    /// Its size in bytes.
    pub size: u64,
    /// What changes whenever the file does.
    pub stamp: Stamp,
}

/// A file or folder that is left out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// Its path relative to the root.
    pub path: NotePath,
    /// Why.
    pub reason: Reason,
}

/// What one ignore file leaves out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// The ignore file's path relative to the root.
    pub by: NotePath,
    /// How many files that would be notes by their kind.
    pub notes: u64,
    /// How many folders, whatever is in them.
    pub folders: u64,
}

/// What a walk found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walk {
    /// The files taken, sorted by path.
    pub files: Vec<FoundFile>,
    /// What was left out, sorted by path; not what is hidden, ignored or excluded, unless it was named. Besides,
    /// what is wrong with ignore files.
    pub skipped: Vec<Skipped>,
    /// What ignore files leave out, sorted by their paths.
    pub ignored: Vec<Ignored>,
}

/// Says whether the globs of the options can be used.
///
/// # Errors
///
/// [`Error::Usage`] if one can't.
pub fn check(options: &WalkOptions) -> Result<()> {
    Choice::new(options).map(drop)
}

/// Lists the notes of a root, or of a part of it: a folder or file below it. Paths are relative to the root.
///
/// A root that is a file is taken whatever its kind, and `path` is its file name. A part that a rule leaves out is
/// among the skipped. `on_file` hears how many files were taken so far; once `cancelled` says so, the walk ends.
///
/// # Errors
///
/// [`Error::Io`] if the root or the part itself can't be read, [`Error::Usage`] if a glob or an ignore file of the root
/// can't be used, or if the root is an index, [`Error::Interrupted`] if it was cancelled.
pub fn walk(
    root: &Path,
    part: Option<&NotePath>,
    options: &WalkOptions,
    on_file: &mut dyn FnMut(u64),
    cancelled: &dyn Fn() -> bool,
) -> Result<Walk> {
    let real = sys::resolved(root).map_err(Error::io("read", root))?;
    let metadata = fs::metadata(&real).map_err(Error::io("read", root))?;
    let part = part.map(NotePath::to_relative);
    if let Some(part) = &part {
        fs::symlink_metadata(real.join(part)).map_err(Error::io("read", root.join(part)))?;
    }
    if !metadata.is_dir() {
        let name = root.file_name().or(real.file_name()).unwrap_or_default();
        let mut walk = Walk::default();
        let limit = options.rules.max_bytes.unwrap_or_else(|| format::most_bytes(options.formats, name));
        walk.take(NotePath::from_relative(Path::new(name)), &Arc::from(root), &metadata, limit);
        on_file(walk.files.len() as u64);
        return Ok(walk);
    }
    if real.join(INDEX_MARKER).is_file() {
        return Err(Usage::IsIndex { path: root.to_path_buf() }.into());
    }
    let mut walker = Walker::new(root, &real, part, options)?;
    let mut entries = WalkDir::new(&real).into_iter();
    while let Some(entry) = entries.next() {
        if cancelled() {
            return Err(Error::Interrupted(Saved::Nothing));
        }
        let taken = walker.taken();
        match entry {
            Ok(entry) if walker.visit(&entry)? => {}
            Ok(_) => entries.skip_current_dir(),
            Err(error) => walker.report(&error)?,
        }
        if walker.taken() > taken {
            on_file(walker.taken());
        }
    }
    Ok(walker.finish())
}

impl Walk {
    fn skip(&mut self, relative: &Path, reason: Reason) {
        self.skipped.push(Skipped { path: NotePath::from_relative(relative), reason });
    }

    fn take(&mut self, path: NotePath, root: &Arc<Path>, metadata: &Metadata, limit: u64) {
        let size = metadata.len();
        let name = path.to_relative();
        let too_large = || Reason::too_large(name.file_name().unwrap_or_default(), size, limit);
        let too_large = (size > limit).then(too_large);
        match Reason::of_type(metadata.file_type()).or(too_large) {
            Some(reason) => self.skipped.push(Skipped { path, reason }),
            None => {
                self.files.push(FoundFile { path, root: Arc::clone(root), size, stamp: Stamp::of(metadata) });
            }
        }
    }
}

#[cfg(test)]
mod ignored_tests;
#[cfg(test)]
mod tests;
