//! Which entries of a folder are notes, and which folders are entered?

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::Match;
use walkdir::DirEntry;

use crate::document::NotePath;
use crate::error::{Error, Result, Usage};
use crate::format::{self, Format};
use crate::sys;

use super::choice::Choice;
use super::placeholder::stands_for;
use super::rules::Rules;
use super::saved_page::is_part_of_page;
use super::{Ignored, Reason, Walk, WalkOptions};

/// Whether a file or folder is hidden by its name.
pub(super) fn has_hidden_name(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// A walk under way.
pub(super) struct Walker<'a> {
    /// The root as it was named.
    named: &'a Path,
    root: Arc<Path>,
    part: Option<PathBuf>,
    choice: Choice,
    max_bytes: Option<u64>,
    formats: &'static [Format],
    rules: Rules,
    /// Whether anything in the part was looked at.
    reached: bool,
    /// How many notes and folders each ignore file leaves out.
    ignored: BTreeMap<PathBuf, (u64, u64)>,
    walk: Walk,
}

impl<'a> Walker<'a> {
    pub(super) fn new(
        named: &'a Path,
        real: &Path,
        part: Option<PathBuf>,
        options: &WalkOptions,
    ) -> Result<Self> {
        Ok(Self {
            named,
            root: Arc::from(real),
            reached: part.is_none(),
            part,
            choice: Choice::new(options)?,
            max_bytes: options.rules.max_bytes,
            formats: options.formats,
            rules: Rules::default(),
            ignored: BTreeMap::new(),
            walk: Walk::default(),
        })
    }

    /// How many files have been taken so far.
    pub(super) fn taken(&self) -> u64 {
        self.walk.files.len() as u64
    }

    /// Looks at an entry; says whether to go on into it, if it is a folder.
    pub(super) fn visit(&mut self, entry: &DirEntry) -> Result<bool> {
        let is_dir = entry.file_type().is_dir();
        let listed = entry.path().strip_prefix(&self.root).unwrap_or(entry.path());
        let spelled = sys::spelled(listed);
        let relative = &*spelled;
        self.rules.leave(entry.depth());
        // A placeholder is judged as its note would be.
        let name = entry.file_name().to_str().filter(|_| entry.file_type().is_file());
        let is_note = |name: &&str| Reason::of_name(OsStr::new(name), self.formats).is_none();
        let note = name.and_then(stands_for).filter(is_note).map(|name| relative.with_file_name(name));
        let judged = note.as_deref().unwrap_or(relative);
        if entry.depth() > 0 && self.is_left_out(entry, judged) {
            return Ok(!is_dir);
        }
        if is_dir {
            return self.enter(relative, entry.depth());
        }
        match self.part.clone().filter(|part| !relative.starts_with(part)) {
            // A link on the way is as far as any walk gets.
            Some(part) => self.walk.skip(&part, Reason::Symlink),
            None if note.is_some() => self.placeholder(entry, judged),
            None => self.file(entry, relative),
        }
        self.reached = true;
        Ok(true)
    }

    /// Whether an option, a rule or its name leaves an entry out.
    fn is_left_out(&mut self, entry: &DirEntry, relative: &Path) -> bool {
        let is_dir = entry.file_type().is_dir();
        let path = sys::spelled(entry.path());
        let is_aside = |part: &PathBuf| !relative.starts_with(part) && !part.starts_with(relative);
        if self.part.as_ref().is_some_and(is_aside) || self.choice.excludes(&path, relative, is_dir) {
            return true;
        }
        let is_hidden = has_hidden_name(relative) || sys::is_marked_hidden(&path);
        match self.rules.decide(relative, is_dir) {
            Match::None if is_hidden => return true,
            Match::Ignore(by) => {
                if !is_hidden {
                    self.count(by, entry, relative);
                }
                return true;
            }
            Match::None | Match::Whitelist(_) => {}
        }
        is_dir && (self.choice.is_index(&path) || is_part_of_page(entry.path()))
    }

    /// Counts what an ignore file leaves out.
    fn count(&mut self, by: PathBuf, entry: &DirEntry, relative: &Path) {
        let is_dir = entry.file_type().is_dir();
        let would_be_note = entry.file_type().is_file()
            && self.choice.includes(relative)
            && relative.file_name().and_then(|name| Reason::of_name(name, self.formats)).is_none();
        // A part that is left out itself is told by its name.
        let is_asked = self.part.as_deref().is_none_or(|part| relative.starts_with(part) && relative != part);
        if is_asked && (is_dir || would_be_note) {
            let (notes, folders) = self.ignored.entry(by).or_default();
            *(if is_dir { folders } else { notes }) += 1;
        }
    }

    /// Takes up the rules of a folder; says whether it can be entered.
    fn enter(&mut self, relative: &Path, depth: usize) -> Result<bool> {
        let is_reached = self.part.as_deref().is_none_or(|part| relative.starts_with(part));
        let mut is_open = true;
        for (name, reason) in self.rules.enter(&self.root, relative, depth) {
            match &reason {
                Reason::Closed { rules, why } if depth == 0 => {
                    let path = self.named.join(rules);
                    return Err(Usage::IgnoreFile { path, why: why.clone() }.into());
                }
                Reason::Closed { .. } => {
                    is_open = false;
                    self.walk.skip(relative, reason);
                }
                _ => self.walk.skip(&relative.join(name), reason),
            }
        }
        // What stands in the way of the part is told; there is no rule to tell of.
        self.reached |= is_reached || !is_open;
        Ok(is_open)
    }

    fn file(&mut self, entry: &DirEntry, relative: &Path) {
        if !self.choice.includes(relative) {
            return;
        }
        if let Some(reason) =
            Reason::of_type(entry.file_type()).or_else(|| Reason::of_name(entry.file_name(), self.formats))
        {
            return self.walk.skip(relative, reason);
        }
        match fs::symlink_metadata(entry.path()) {
            Ok(metadata) => {
                let of_format = || format::most_bytes(self.formats, entry.file_name());
                let limit = self.max_bytes.unwrap_or_else(of_format);
                self.walk.take(NotePath::from_relative(relative), &self.root, &metadata, limit);
            }
            Err(error) => self.walk.skip(relative, Reason::from_io(&error)),
        }
    }

    fn placeholder(&mut self, entry: &DirEntry, note: &Path) {
        if self.choice.includes(note) {
            let name = NotePath::from_relative(Path::new(entry.file_name()));
            self.walk.skip(note, Reason::NotDownloaded(name.as_str().to_owned()));
        }
    }

    /// Notes what couldn't be read, and where that is; it is only fatal for the root itself.
    pub(super) fn report(&mut self, error: &walkdir::Error) -> Result<()> {
        let source = match error.io_error().and_then(io::Error::raw_os_error) {
            Some(code) => io::Error::from_raw_os_error(code),
            None => io::Error::other(error.to_string()),
        };
        let path = error.path().unwrap_or(&self.root);
        let relative = path.strip_prefix(&self.root).unwrap_or(path);
        if relative.as_os_str().is_empty() {
            return Err(Error::io("read", self.named)(source));
        }
        self.reached |= self.part.as_deref().is_some_and(|part| part.starts_with(relative));
        self.walk.skip(relative, Reason::from_io(&source));
        Ok(())
    }

    /// What was found, in order.
    pub(super) fn finish(mut self) -> Walk {
        if let Some(part) = self.part.take() {
            self.explain(&part);
        }
        let Self { mut walk, ignored, .. } = self;
        walk.files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        // A server of files may list a name in both forms that are one here.
        walk.files.dedup_by(|a, b| a.path == b.path);
        let is_there = |path: &NotePath| walk.files.binary_search_by(|found| found.path.cmp(path)).is_ok();
        walk.skipped.retain(|skipped| {
            !matches!(skipped.reason, Reason::NotDownloaded(_)) || !is_there(&skipped.path)
        });
        walk.skipped.sort_unstable();
        walk.ignored = ignored
            .into_iter()
            .map(|(by, (notes, folders))| Ignored { by: NotePath::from_relative(&by), notes, folders })
            .collect();
        walk
    }

    /// Says why nothing of a part was looked at, if a rule is the cause.
    fn explain(&mut self, part: &Path) {
        let is_dir = self.root.join(part).is_dir();
        let rule = if !self.reached {
            if self.choice.excludes_by_glob(part, is_dir) {
                "an exclude glob"
            } else if part.ancestors().any(|folder| self.choice.is_index(&self.root.join(folder))) {
                "the rule that an index is never entered"
            } else {
                "an ignore rule, or hidden"
            }
        } else if !is_dir && !self.choice.includes(part) {
            "the include globs"
        } else {
            return;
        };
        self.walk.skip(part, Reason::LeftOut(rule));
    }
}
