//! Which folders are watched, and what does it mean that something has happened at a path?
//!
//! Where the system watches single folders (Linux), those are watched that a walk enters, so that a folder of ten thousand
//! files that ignore files leave out costs nothing; elsewhere, whole roots are. Besides, the folder above each root is
//! watched, in which the root may go and come back, and those with settings. Where the system can't tell what changes, a
//! root is looked at every few seconds instead.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use notify::{Config, ErrorKind, RecommendedWatcher, RecursiveMode, Watcher};
use qsearch::document::Root;
use qsearch::error::{Error, Result};
use qsearch::files::{Links, is_address};
use qsearch::sys::{self, FileId};
use qsearch::trust::Trust;
use qsearch::walk::{self, Thing, WalkOptions};

use super::events::Mouth;
use super::mounts::Mounts;
use super::told::{How, WatchedRoot, Why};

/// Folders that come while folders are listed are found by listing again, at most so often.
const PASSES: usize = 4;

/// What follows from what has happened at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Concern {
    /// Nothing.
    Nothing,
    /// A note may have changed.
    Note,
    /// Other folders may have to be watched.
    Folders,
    /// Settings may have changed.
    Settings,
}

/// The folders that are watched, and why.
#[derive(Debug)]
pub(super) struct Watches {
    /// What is told of events; `None` before the first folder, and where it can't be had.
    watcher: Option<RecommendedWatcher>,
    mouth: Mouth,
    /// Whether the user wants no events.
    polls: bool,
    /// The folder of the index, with links resolved.
    index: PathBuf,
    /// Where settings files are, or may come.
    settings: Vec<PathBuf>,
    folders: HashSet<PathBuf>,
    roots: Vec<Watched>,
}

/// A root, and what is known of it.
#[derive(Debug)]
struct Watched {
    root: Root,
    options: WalkOptions,
    how: How,
    /// What was at its path when it was looked at last.
    identity: Option<FileId>,
}

impl Watches {
    /// Nothing is watched yet. `mouth` tells events; with `polls`, none are wanted.
    pub(super) fn new(mouth: Mouth, polls: bool, index: &Path, settings: Vec<PathBuf>) -> Self {
        // A database is nowhere on this disk.
        let real = if is_address(index) { None } else { sys::resolved(index).ok() };
        let index = real.unwrap_or_else(|| index.to_path_buf());
        Self { watcher: None, mouth, polls, index, settings, folders: HashSet::new(), roots: Vec::new() }
    }

    /// What is watched, for telling.
    pub(super) fn told(&self) -> Vec<WatchedRoot> {
        let told = |watched: &Watched| WatchedRoot {
            name: watched.root.name.clone(),
            path: watched.root.path.clone(),
            how: watched.how.clone(),
        };
        self.roots.iter().map(told).collect()
    }

    /// Whether a root has to be looked at every few seconds.
    pub(super) fn polls(&self) -> bool {
        self.roots.iter().any(|watched| watched.how != How::Events)
    }

    /// Whether a root has come, gone or been replaced since it was looked at last.
    pub(super) fn have_moved(&self) -> bool {
        self.roots.iter().any(|watched| watched.identity != identity(&watched.root))
    }

    /// Watches the folders of these roots as they are now, and no others. `anew` says that folders may have gone or been
    /// renamed, after which the system may have lost some that seem to be watched. `retry` has roots tried again for which
    /// there was no room.
    pub(super) fn follow(
        &mut self,
        roots: &[Root],
        trust: &Trust,
        (anew, retry): (bool, bool),
        cancelled: &dyn Fn() -> bool,
    ) -> Result<()> {
        let (mounts, reach) = (Mounts::read(), trust.reach(&self.index));
        let before = std::mem::take(&mut self.roots);
        for root in roots.iter().filter(|root| root.is_here() && !reach.refuses(&root.path)) {
            let known =
                before.iter().find(|watched| watched.root.is(root)).map(|watched| watched.how.clone());
            let how = match (self.polls, mounts.shared(&root.path), known) {
                (true, ..) => How::Polling(Why::Asked),
                (_, Some(kind), _) => How::Polling(Why::Shared(kind.to_owned())),
                (_, None, Some(How::Polling(why @ (Why::Watches | Why::Instances | Why::Refused(_)))))
                    if !retry =>
                {
                    How::Polling(why)
                }
                _ => How::Events,
            };
            let inner = root.inner(roots).map(|inner| inner.path.clone());
            let skip = [self.index.clone()].into_iter().chain(inner).collect();
            let options = WalkOptions { rules: root.rules.clone(), skip, ..WalkOptions::default() };
            self.roots.push(Watched { root: root.clone(), options, how, identity: identity(root) });
        }
        if self.polls {
            return Ok(());
        }
        let mut wanted = self.around();
        for at in 0..self.roots.len() {
            wanted.extend(self.wanted(at, cancelled)?);
        }
        let gone: Vec<PathBuf> = self.folders.difference(&wanted).cloned().collect();
        for folder in &gone {
            self.leave(folder);
        }
        if anew {
            self.folders.clear();
        }
        for folder in self.around() {
            // A folder with settings that can't be watched is looked into with each refresh.
            self.add(folder).unwrap_or_else(|why| tracing::debug!(?why, "not watched"));
        }
        for at in 0..self.roots.len() {
            self.follow_root(at, cancelled)?;
        }
        Ok(())
    }

    /// Watches the folders of a root until there are no new ones; if that can't be, it is looked at instead.
    fn follow_root(&mut self, at: usize, cancelled: &dyn Fn() -> bool) -> Result<()> {
        for _ in 0..PASSES {
            let wanted = self.wanted(at, cancelled)?;
            let new: Vec<PathBuf> = wanted.difference(&self.folders).cloned().collect();
            if new.is_empty() {
                break;
            }
            let added = new.into_iter().try_for_each(|folder| self.add(folder));
            if let Err(why) = added {
                // What it has is no use to it, and may be to others.
                for folder in &wanted {
                    self.leave(folder);
                }
                self.roots[at].how = How::Polling(why);
                break;
            }
        }
        Ok(())
    }

    /// The folders of a root that are to be watched: none, where it isn't there or is looked at instead.
    fn wanted(&self, at: usize, cancelled: &dyn Fn() -> bool) -> Result<HashSet<PathBuf>> {
        let Watched { root, options, how, .. } = &self.roots[at];
        if *how != How::Events {
            return Ok(HashSet::new());
        }
        if sys::WATCHES_TREES {
            return Ok(Some(root.path.clone()).filter(|path| path.is_dir()).into_iter().collect());
        }
        let mut folders: HashSet<PathBuf> = match walk::folders(&root.path, options, cancelled) {
            Ok(folders) => folders.into_iter().collect(),
            Err(error @ Error::Interrupted(_)) => return Err(error),
            // The refresh says what is wrong with it.
            Err(_) => HashSet::new(),
        };
        let infos: Vec<PathBuf> = folders.iter().map(|folder| folder.join(".git/info")).collect();
        folders.extend(infos.into_iter().filter(|info| info.is_dir()));
        Ok(folders)
    }

    /// The folders beside those of roots: where roots and settings may go and come.
    fn around(&self) -> HashSet<PathBuf> {
        let events = self.roots.iter().filter(|watched| watched.how == How::Events);
        let paths = events.map(|watched| &watched.root.path).chain(&self.settings);
        // A whole root that lies in a home would be no reason to watch that as a whole.
        let above =
            |path: &PathBuf| path.ancestors().skip(1).find(|folder| folder.is_dir()).map(Path::to_path_buf);
        paths.filter_map(above).collect()
    }

    /// Watches a folder, if it isn't watched already. One that is gone meanwhile, or can't be read, is nobody's concern.
    fn add(&mut self, folder: PathBuf) -> Result<(), Why> {
        if self.folders.contains(&folder) {
            return Ok(());
        }
        let watcher = match &mut self.watcher {
            Some(watcher) => watcher,
            none => {
                let config = Config::default().with_follow_symlinks(false);
                none.insert(RecommendedWatcher::new(self.mouth.clone(), config).map_err(|error| why(&error))?)
            }
        };
        let is_root = self.roots.iter().any(|watched| watched.root.path == folder);
        let mode = if sys::WATCHES_TREES && is_root {
            RecursiveMode::Recursive
        } else {
            RecursiveMode::NonRecursive
        };
        match watcher.watch(&folder, mode) {
            Ok(()) => {
                self.folders.insert(folder);
                Ok(())
            }
            Err(error) if is_gone(&error) => Ok(()),
            Err(error) => Err(why(&error)),
        }
    }

    /// Watches a folder no longer.
    fn leave(&mut self, folder: &Path) {
        if self.folders.remove(folder)
            && let Some(watcher) = &mut self.watcher
        {
            // The system forgets folders that are gone by itself.
            watcher.unwatch(folder).unwrap_or_else(|error| tracing::trace!(%error, "not watched"));
        }
    }

    /// Whether a file may be more than a note by its name: settings, or an ignore file.
    pub(super) fn is_special(&self, path: &Path) -> bool {
        walk::is_rule(path) || self.settings.iter().any(|file| file == path)
    }

    /// What follows from what has happened at a path.
    pub(super) fn concern(&self, path: &Path, thing: Thing, moved: bool) -> Concern {
        if path.starts_with(&self.index) {
            return Concern::Nothing;
        }
        if self.settings.iter().any(|file| file == path || (moved && file.starts_with(path))) {
            return Concern::Settings;
        }
        let inside = self.roots.iter().filter(|watched| path.starts_with(&watched.root.path));
        let Some(home) = inside.max_by_key(|watched| watched.root.path.as_os_str().len()) else {
            let is_above = self.roots.iter().any(|watched| watched.root.path.starts_with(path));
            return if moved && is_above { Concern::Folders } else { Concern::Nothing };
        };
        let relative = path.strip_prefix(&home.root.path).unwrap_or(path);
        if relative.as_os_str().is_empty() {
            return match moved {
                _ if home.root.is_file => Concern::Note,
                true => Concern::Folders,
                false => Concern::Nothing,
            };
        }
        let thing = self.known(path, thing);
        if !walk::concerns(&home.root.path, relative, thing, &home.options) {
            return Concern::Nothing;
        }
        match thing {
            _ if walk::is_rule(relative) => Concern::Folders,
            Thing::Folder if moved => Concern::Folders,
            Thing::Folder => Concern::Nothing,
            Thing::File | Thing::Unknown => Concern::Note,
        }
    }

    /// What is or was at a path, where an event doesn't say it.
    fn known(&self, path: &Path, thing: Thing) -> Thing {
        if thing != Thing::Unknown {
            return thing;
        }
        if self.folders.contains(path) {
            return Thing::Folder;
        }
        match fs::symlink_metadata(path) {
            Ok(found) if found.is_dir() => Thing::Folder,
            Ok(_) => Thing::File,
            Err(_) => Thing::Unknown,
        }
    }
}

/// Why events can't be had.
fn why(error: &notify::Error) -> Why {
    match &error.kind {
        ErrorKind::MaxFilesWatch => Why::Watches,
        // No more watchers for this user, or no more open files for this process.
        ErrorKind::Io(error) if sys::is_too_many_files(error) => Why::Instances,
        ErrorKind::Io(error) => Why::Refused(error.to_string()),
        other => Why::Refused(format!("{other:?}")),
    }
}

/// Whether a folder can't be watched because it isn't there, or isn't the user's to read.
fn is_gone(error: &notify::Error) -> bool {
    match &error.kind {
        ErrorKind::PathNotFound => true,
        ErrorKind::Io(error) => matches!(
            error.kind(),
            std::io::ErrorKind::NotFound
                | std::io::ErrorKind::NotADirectory
                | std::io::ErrorKind::PermissionDenied
        ),
        _ => false,
    }
}

/// What is at a root's path; of a file only that it is there, for editors replace files.
fn identity(root: &Root) -> Option<FileId> {
    let found = sys::identity_at(&root.path, Links::Follow).ok()?;
    Some(if root.is_file { FileId::default() } else { found })
}

#[cfg(test)]
#[path = "watches_tests.rs"]
mod tests;
