//! A root on disk becomes a sorted list of note files, and a list of what was left out and why.
//!
//! Rules come from the root and the folders below it: `.gitignore` (in a git repository or not), `.ignore` and
//! `.qsearchignore`. Ignore files above the root have no say, so a root gives the same notes wherever it
//! lies; nor has git's configuration of the user. Hidden files are left out without a word like ignored ones, and
//! so is every folder that holds an index. Symbolic links are never followed, so there are no loops. Everything
//! else that isn't taken is reported: a walk goes on past what it can't read and never loses it silently. So are
//! ignore files that can't be read, and lines in them that aren't rules.
//!
//! A walk of a part of a root finds what a walk of the whole root would find there: it begins at the root, for its
//! rules, and leaves out what isn't on the way to the part.

mod read;
mod reason;
mod rules;

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, FileType, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use ignore::{DirEntry, WalkBuilder};

use crate::document::NotePath;
use crate::error::{Error, Result, Saved};

pub use read::read;
pub use reason::Reason;

/// The largest file that is taken unless the caller says otherwise, in bytes.
pub const DEFAULT_MAX_BYTES: u64 = 64 << 20;

/// The file that marks a folder as an index; a folder that holds one is never entered.
pub const INDEX_MARKER: &str = "qsearch.json";

/// The file with a folder's rules that are meant for qsearch alone.
const IGNORE_FILE: &str = ".qsearchignore";

/// Extensions of the files that are taken, in lower case; files without one are taken as well.
const KINDS: [&str; 7] = ["md", "markdown", "mdx", "txt", "text", "rst", "org"];

/// Which files of a root are taken.
#[derive(Clone, Debug)]
pub struct WalkOptions {
    /// Globs in the manner of `.gitignore`, relative to the root; if there are any, only files that match one (or
    /// lie in a folder that does) are taken.
    pub include: Vec<String>,
    /// Globs of the same kind for files and folders to leave out; they win over `include`.
    pub exclude: Vec<String>,
    /// Larger files are skipped.
    pub max_bytes: u64,
    /// Folders that are never entered, wherever they lie.
    pub skip: Vec<PathBuf>,
}

impl Default for WalkOptions {
    fn default() -> Self {
        Self { include: Vec::new(), exclude: Vec::new(), max_bytes: DEFAULT_MAX_BYTES, skip: Vec::new() }
    }
}

/// A file that is taken, as it was when the walk passed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its path relative to the root.
    pub path: NotePath,
    /// Its path on the file system, with the root's own symbolic links resolved.
    pub absolute: PathBuf,
    /// Its size in bytes.
    pub size: u64,
    /// When it was last modified, in nanoseconds since 1970; 0 where the system doesn't say.
    pub modified_ns: i64,
}

/// A file or folder that is left out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// Its path relative to the root.
    pub path: NotePath,
    /// Why.
    pub reason: Reason,
}

/// What a walk found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walk {
    /// The files taken, sorted by path.
    pub files: Vec<Found>,
    /// What was left out, sorted by path; not what is hidden, ignored or excluded, unless it was named. Besides,
    /// what is wrong with ignore files.
    pub skipped: Vec<Skipped>,
}

/// Says whether the globs of the options can be used.
///
/// # Errors
///
/// [`Error::Usage`] if one can't.
pub fn check(options: &WalkOptions) -> Result<()> {
    Rules::new(options).map(drop)
}

/// Why a folder isn't entered whose ignore file is no file.
const ENDLESS: &str = "it is a pipe or a device, so nobody knows what to leave out";

/// Lists the notes of a root, or of a part of it: a folder or file below it. Paths are relative to the root.
///
/// A root that is a file is taken whatever its kind, and `path` is its file name. A part that a rule leaves out is
/// among the skipped. `on_file` hears how many files were taken so far; once `cancelled` says so, the walk ends.
///
/// # Errors
///
/// [`Error::Io`] if the root or the part itself can't be read, [`Error::Usage`] if a glob can't be, or if the root
/// is an index, [`Error::Interrupted`] if it was cancelled.
pub fn walk(
    root: &Path,
    part: Option<&NotePath>,
    options: &WalkOptions,
    on_file: &mut dyn FnMut(u64),
    cancelled: &dyn Fn() -> bool,
) -> Result<Walk> {
    let real = fs::canonicalize(root).map_err(Error::io("read", root))?;
    let metadata = fs::metadata(&real).map_err(Error::io("read", root))?;
    let part = part.map(NotePath::to_relative);
    if let Some(part) = &part {
        fs::symlink_metadata(real.join(part)).map_err(Error::io("read", root.join(part)))?;
    }
    let mut walk = Walk::default();
    if !metadata.is_dir() {
        let name = root.file_name().or(real.file_name()).unwrap_or_default();
        walk.take(NotePath::from_relative(Path::new(name)), real.clone(), &metadata, options.max_bytes);
        on_file(walk.files.len() as u64);
        return Ok(walk);
    }
    check_root(root, &real)?;
    let rules = Rules::new(options)?;
    let closed = Closed::default();
    let mut reached = part.is_none();
    for entry in builder(&real, part.clone(), &rules, &closed).build() {
        if cancelled() {
            return Err(Error::Interrupted(Saved::Nothing));
        }
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = walk.report(&error, root, &real)?;
                // What stands in the way of the part is told; there is no rule to tell of.
                reached |= part.as_deref().is_some_and(|part| part.starts_with(path));
                continue;
            }
        };
        let relative = entry.path().strip_prefix(&real).unwrap_or(entry.path());
        let taken = walk.files.len();
        walk.rules(&entry, relative);
        match part.as_deref().filter(|part| !relative.starts_with(part)) {
            // A link on the way is as far as any walk gets.
            Some(part) if !is_dir(&entry) => walk.skip(part, Reason::Symlink),
            Some(_) => continue,
            None => walk.visit(&entry, relative, &rules.include, options.max_bytes),
        }
        reached = true;
        if walk.files.len() > taken {
            on_file(walk.files.len() as u64);
        }
    }
    for file in closed.lock().map(|mut closed| std::mem::take(&mut *closed)).unwrap_or_default() {
        reached |=
            part.as_ref().is_some_and(|part| file.parent().is_some_and(|folder| part.starts_with(folder)));
        walk.skip(&file, Reason::Unreadable(ENDLESS.into()));
    }
    if let Some(part) = part {
        walk.explain(&part, reached, &real, &rules);
    }
    walk.files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    walk.skipped.sort_unstable();
    Ok(walk)
}

/// Refuses a folder that is an index, and one whose ignore rules can't be read to their end.
fn check_root(root: &Path, real: &Path) -> Result<()> {
    if real.join(INDEX_MARKER).is_file() {
        return Err(Error::Usage {
            what: format!("{} is an index, not a folder of notes", root.display()),
            hint: "name the folder that holds the notes: `qsearch index FOLDER`".into(),
        });
    }
    if let Some(name) = rules::endless(real) {
        return Err(Error::io("read", root)(io::Error::other(format!(
            "its {name} can't be used: {ENDLESS}"
        ))));
    }
    Ok(())
}

impl Walk {
    fn visit(&mut self, entry: &DirEntry, relative: &Path, include: &Gitignore, max_bytes: u64) {
        let Some(kind) = entry.file_type().filter(|kind| !kind.is_dir()) else {
            return;
        };
        if !is_included(include, relative, false) {
            return;
        }
        let path = NotePath::from_relative(relative);
        if let Some(reason) = wrong_type(kind).or_else(|| wrong_kind(entry.file_name())) {
            self.skipped.push(Skipped { path, reason });
            return;
        }
        match fs::symlink_metadata(entry.path()) {
            Ok(metadata) => self.take(path, entry.path().to_path_buf(), &metadata, max_bytes),
            Err(error) => self.skipped.push(Skipped { path, reason: Reason::from_io(&error) }),
        }
    }

    fn skip(&mut self, relative: &Path, reason: Reason) {
        self.skipped.push(Skipped { path: NotePath::from_relative(relative), reason });
    }

    fn take(&mut self, path: NotePath, absolute: PathBuf, metadata: &Metadata, limit: u64) {
        let size = metadata.len();
        let too_large = (size > limit).then_some(Reason::TooLarge { size, limit });
        match wrong_type(metadata.file_type()).or(too_large) {
            Some(reason) => self.skipped.push(Skipped { path, reason }),
            None => self.files.push(Found { path, absolute, size, modified_ns: modified_ns(metadata) }),
        }
    }

    /// Notes what the walker couldn't read, and where that is; it is only fatal for the root itself.
    fn report(&mut self, error: &ignore::Error, root: &Path, real: &Path) -> Result<PathBuf> {
        let path = path_of(error).unwrap_or(real);
        let source = system_error(error);
        if path == real {
            return Err(Error::io("read", root)(source));
        }
        let relative = path.strip_prefix(real).unwrap_or(path).to_path_buf();
        self.skip(&relative, Reason::from_io(&source));
        Ok(relative)
    }

    /// Notes what is wrong with the ignore files of a folder that is entered.
    fn rules(&mut self, entry: &DirEntry, relative: &Path) {
        if is_dir(entry) {
            for (name, reason) in rules::unreadable(entry.path()) {
                self.skip(&relative.join(name), reason);
            }
        }
        for (file, reason) in entry.error().map(rules::invalid).unwrap_or_default() {
            let name = file.and_then(|file| file.strip_prefix(entry.path()).ok()).unwrap_or(Path::new(""));
            self.skip(&relative.join(name), reason);
        }
    }

    /// Says why nothing of a part was looked at, if a rule is the cause.
    fn explain(&mut self, part: &Path, reached: bool, real: &Path, rules: &Rules) {
        let is_dir = real.join(part).is_dir();
        let rule = if !reached {
            if rules.exclude.matched_path_or_any_parents(part, is_dir).is_ignore() {
                "an exclude glob"
            } else if part.ancestors().any(|folder| rules.is_index(&real.join(folder))) {
                "the rule that an index is never entered"
            } else {
                "an ignore rule, or hidden"
            }
        } else if !is_dir && !is_included(&rules.include, part, false) {
            "the include globs"
        } else {
            return;
        };
        self.skip(part, Reason::LeftOut(rule));
    }
}

/// The ignore files of folders that weren't entered because of them.
type Closed = Arc<Mutex<Vec<PathBuf>>>;

/// What the options leave out, ready to be asked.
#[derive(Clone)]
struct Rules {
    include: Gitignore,
    exclude: Gitignore,
    /// Links inside a root aren't followed, so a folder's real path is the real root and its relative path.
    skip: Vec<PathBuf>,
}

impl Rules {
    fn new(options: &WalkOptions) -> Result<Self> {
        let skip = options.skip.iter().filter_map(|folder| fs::canonicalize(folder).ok()).collect();
        Ok(Self { include: globs(&options.include)?, exclude: globs(&options.exclude)?, skip })
    }

    /// Whether a folder holds an index, or is one of those to skip.
    fn is_index(&self, folder: &Path) -> bool {
        self.is_skipped(folder) || folder.join(INDEX_MARKER).is_file()
    }

    /// Whether a file or folder is one of those to skip.
    fn is_skipped(&self, path: &Path) -> bool {
        self.skip.iter().any(|at| at == path)
    }
}

fn is_included(include: &Gitignore, relative: &Path, is_dir: bool) -> bool {
    include.is_empty() || include.matched_path_or_any_parents(relative, is_dir).is_ignore()
}

fn is_dir(entry: &DirEntry) -> bool {
    entry.file_type().is_some_and(|kind| kind.is_dir())
}

/// Sets up the walker: what it doesn't yield is hidden, ignored, excluded, an index, or not on the way to the part.
///
/// Folders with an ignore file that can't be read to its end aren't entered, and go to `closed`.
fn builder(root: &Path, part: Option<PathBuf>, rules: &Rules, closed: &Closed) -> WalkBuilder {
    let (rules, closed) = (rules.clone(), Arc::clone(closed));
    let base = root.to_path_buf();
    let mut builder = WalkBuilder::new(root);
    builder
        .require_git(false)
        .git_global(false)
        .parents(false)
        .add_custom_ignore_filename(IGNORE_FILE)
        .filter_entry(move |entry| {
            let is_dir = is_dir(entry);
            let relative = entry.path().strip_prefix(&base).unwrap_or(entry.path());
            let is_aside = |part: &PathBuf| !relative.starts_with(part) && !part.starts_with(relative);
            if part.as_ref().is_some_and(is_aside)
                || rules.exclude.matched(relative, is_dir).is_ignore()
                || rules.is_skipped(entry.path())
                || (is_dir && rules.is_index(entry.path()))
            {
                return false;
            }
            let endless = if is_dir { rules::endless(entry.path()) } else { None };
            if let (Some(name), Ok(mut closed)) = (endless, closed.lock()) {
                closed.push(relative.join(name));
            }
            endless.is_none()
        });
    builder
}

fn globs(globs: &[String]) -> Result<Gitignore> {
    let unusable = |glob: &str, why: &dyn fmt::Display| Error::Usage {
        what: format!("the glob `{glob}` can't be used: {why}"),
        hint: "write it like a line of .gitignore, for example `*.md` or `drafts/`".into(),
    };
    let mut builder = GitignoreBuilder::new("");
    builder.allow_unclosed_class(false);
    for glob in globs {
        if glob.trim().is_empty() {
            return Err(unusable(glob, &"it is blank"));
        }
        // In a .gitignore these two would begin a comment and an exception.
        let line = if glob.starts_with(['#', '!']) { format!("\\{glob}") } else { glob.clone() };
        builder.add_line(None, &line).map_err(|error| unusable(glob, &error))?;
    }
    builder.build().map_err(|error| unusable(&globs.join("`, `"), &error))
}

fn wrong_type(kind: FileType) -> Option<Reason> {
    if kind.is_symlink() {
        return Some(Reason::Symlink);
    }
    (!kind.is_file()).then_some(Reason::Special)
}

/// Tells files that aren't notes by their extension.
///
/// What follows the last dot counts as one if it has a letter and no blank: `2. Setup` and `plan 2024.05` have
/// none.
fn wrong_kind(name: &OsStr) -> Option<Reason> {
    let extension = Path::new(name).extension()?.to_string_lossy().to_lowercase();
    let is_kind = extension.contains(char::is_alphabetic) && !extension.contains(char::is_whitespace);
    (is_kind && !KINDS.contains(&extension.as_str())).then(|| Reason::Kind(format!(".{extension}")))
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}

/// The operating system's own error under the walker's, which names the path once more.
fn system_error(error: &ignore::Error) -> io::Error {
    let mut code = None;
    let mut cause: Option<&(dyn std::error::Error + 'static)> =
        error.io_error().and_then(|error| error.get_ref()).map(|error| error as _);
    while let Some(error) = cause {
        code = code.or(error.downcast_ref::<io::Error>().and_then(io::Error::raw_os_error));
        cause = error.source();
    }
    code.or(error.io_error().and_then(io::Error::raw_os_error))
        .map_or_else(|| io::Error::other(error.to_string()), io::Error::from_raw_os_error)
}

fn modified_ns(metadata: &Metadata) -> i64 {
    let Ok(modified) = metadata.modified() else {
        return 0;
    };
    let since = |later: SystemTime, earlier| later.duration_since(earlier).map(|time| time.as_nanos());
    since(modified, UNIX_EPOCH)
        .map(|after| i64::try_from(after).unwrap_or(i64::MAX))
        .or_else(|_| {
            since(UNIX_EPOCH, modified).map(|before| i64::try_from(before).map_or(i64::MIN, |ns| -ns))
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests;
