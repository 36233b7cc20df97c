//! Which folders does a walk enter, and does it matter to a walk what happens at a path?
//!
//! Whoever watches a root asks this: what happens in a folder that no walk enters is nobody's concern.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use ignore::Match;
use walkdir::WalkDir;

use super::choice::Choice;
use super::placeholder::stands_for;
use super::rules::{self, Rules};
use super::saved_page::is_part_of_page;
use super::walker::{Walker, has_hidden_name};
use super::{Reason, WalkOptions};
use crate::error::{Error, Result, Saved};
use crate::sys;

/// What is known of the thing at a path, which may be gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// It is or was a folder.
    Folder,
    /// It is or was something else.
    File,
    /// Nothing is known of it.
    Unknown,
}

/// Lists the folders that a walk of a root enters, the root among them, with its own symbolic links resolved; none, if the
/// root is a file. Once `cancelled` says so, the walk ends.
///
/// # Errors
///
/// As [`walk`](super::walk).
pub fn folders(root: &Path, options: &WalkOptions, cancelled: &dyn Fn() -> bool) -> Result<Vec<PathBuf>> {
    let real = sys::resolved(root).map_err(Error::io("read", root))?;
    let mut found = Vec::new();
    if !fs::metadata(&real).map_err(Error::io("read", root))?.is_dir() {
        return Ok(found);
    }
    let mut walker = Walker::new(root, &real, None, options)?;
    let mut entries = WalkDir::new(&real).into_iter();
    while let Some(entry) = entries.next() {
        if cancelled() {
            return Err(Error::Interrupted(Saved::Nothing));
        }
        match entry {
            Ok(entry) if !entry.file_type().is_dir() => {}
            Ok(entry) if walker.visit(&entry)? => found.push(sys::spelled(entry.path()).into_owned()),
            Ok(_) => entries.skip_current_dir(),
            Err(error) => walker.report(&error)?,
        }
    }
    Ok(found)
}

/// Whether what a walk of the root finds may be another after something has happened at a path, which is relative to the root
/// and need not be there any more. In doubt it may.
pub fn concerns(root: &Path, path: &Path, thing: Thing, options: &WalkOptions) -> bool {
    if is_rule(path) {
        return true;
    }
    if thing == Thing::File && is_of_another_kind(path, options) {
        return false;
    }
    let (Ok(real), Ok(choice)) = (sys::resolved(root), Choice::new(options)) else { return true };
    let mut rules = Rules::default();
    let parts: Vec<&Path> = path.ancestors().collect();
    // From the root down to the path itself.
    for (depth, part) in parts.into_iter().rev().enumerate() {
        let is_last = part == path;
        if depth > 0 && is_left_out(&real, part, is_last.then_some(thing), &choice, &rules, options) {
            return false;
        }
        if !is_last {
            let wrong = rules.enter(&real, part, depth);
            if wrong.iter().any(|(_, reason)| matches!(reason, Reason::Closed { .. })) {
                return false;
            }
        }
    }
    true
}

/// Whether a path is that of an ignore file, or of a repository, which has one in it.
pub fn is_rule(path: &Path) -> bool {
    let last = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let is_exclude = path.ends_with(rules::EXCLUDE) || path.ends_with(".git/info") || last == ".git";
    is_exclude || rules::FILES.contains(&last)
}

/// Whether a file is of no kind that is taken, by its name, or by that of the note that it stands for.
fn is_of_another_kind(path: &Path, options: &WalkOptions) -> bool {
    let name = path.file_name().unwrap_or_default();
    let note = name.to_str().and_then(stands_for).map_or(name, OsStr::new);
    Reason::of_name(note, options.formats).is_some()
}

/// Whether a walk that has come to the folder of a path leaves the path out. Of a folder on the way `thing` is `None`.
fn is_left_out(
    root: &Path,
    path: &Path,
    thing: Option<Thing>,
    choice: &Choice,
    rules: &Rules,
    options: &WalkOptions,
) -> bool {
    let at = root.join(path);
    let by_rules = |path: &Path, is_dir: bool| {
        let is_hidden = has_hidden_name(path) || sys::is_marked_hidden(&at);
        let by_name = match rules.decide(path, is_dir) {
            Match::None => is_hidden,
            Match::Ignore(_) => true,
            Match::Whitelist(_) => false,
        };
        by_name || choice.excludes(&at, path, is_dir)
    };
    let as_folder = || by_rules(path, true) || choice.is_index(&at) || is_part_of_page(&at);
    let as_file = || {
        let name = path.file_name().unwrap_or_default();
        let note = name.to_str().and_then(stands_for).map(|note| path.with_file_name(note));
        let judged = note.as_deref().unwrap_or(path);
        is_of_another_kind(path, options) || by_rules(judged, false) || !choice.includes(judged)
    };
    match thing {
        None | Some(Thing::Folder) => as_folder(),
        Some(Thing::File) => as_file(),
        Some(Thing::Unknown) => as_folder() && as_file(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::super::walk;
    use super::*;
    use crate::document::{self, NotePath};

    /// A root with what is left out in all ways.
    fn root() -> tempfile::TempDir {
        let at = tempfile::tempdir().unwrap();
        for folder in
            ["a/b", "node_modules/x", ".git/info", ".hidden/y", "index", "drafts", ".keep", "Owls_files"]
        {
            fs::create_dir_all(at.path().join(folder)).unwrap();
        }
        for (file, text) in [
            (".gitignore", "node_modules/\n*.tmp.md\n!.keep\n"),
            ("a/.ignore", "secret.md\n"),
            ("index/qsearch.json", "{}"),
            ("Owls.html", ""),
        ] {
            fs::write(at.path().join(file), text).unwrap();
        }
        at
    }

    fn options() -> WalkOptions {
        let exclude = vec!["drafts/".to_owned()];
        WalkOptions {
            rules: document::Rules { exclude, ..document::Rules::default() },
            ..WalkOptions::default()
        }
    }

    #[test]
    fn the_folders_of_a_walk_are_those_that_it_enters() {
        let at = root();
        let real = at.path().canonicalize().unwrap();
        let mut found = folders(at.path(), &options(), &|| false).unwrap();
        found.sort();
        let expected: Vec<PathBuf> =
            ["", ".keep", "a", "a/b"].iter().map(|folder| real.join(folder)).collect();
        assert_eq!(found, expected);
        assert!(folders(&at.path().join("Owls.html"), &options(), &|| false).unwrap().is_empty());
        assert!(folders(&at.path().join("gone"), &options(), &|| false).is_err());
        assert!(folders(at.path(), &options(), &|| true).is_err());
    }

    #[test]
    fn what_no_walk_finds_is_no_concern_of_its() {
        let at = root();
        let concerned = |path: &str, thing| concerns(at.path(), Path::new(path), thing, &options());
        for path in [
            "x.md",
            "a/b/gone.pdf",
            "README",
            ".keep/x.md",
            ".x.md.icloud",
            "a/new/deep/x.org",
            "a/.gitignore",
        ] {
            assert!(concerned(path, Thing::File), "{path}");
            assert!(concerned(path, Thing::Unknown), "{path}");
        }
        for path in [
            "x.png.swp",
            ".x.md.swp",
            "a/secret.md",
            "x.tmp.md",
            "node_modules/x/README.md",
            ".hidden/y/x.md",
            "index/x.md",
            "drafts/x.md",
            "a/x.exe",
            ".git/HEAD",
            "Owls_files/x.md",
        ] {
            assert!(!concerned(path, Thing::File), "{path}");
        }
        // What may be either is a concern if it is one as either.
        for (path, as_folder, as_either) in [
            ("a/new.d", true, true),
            ("node_modules", false, true),
            (".hidden", false, false),
            ("x.exe", true, true),
            (".git", true, true),
            ("drafts", false, true),
        ] {
            assert_eq!(concerned(path, Thing::Folder), as_folder, "{path}");
            assert_eq!(concerned(path, Thing::Unknown), as_either, "{path}");
        }
    }

    proptest! {
        /// What a walk finds concerns it.
        #[test]
        fn whatever_is_found_is_a_concern(
            paths in prop::collection::vec("(a|b|\\.c|drafts|keep)(/(a|\\.b|node_modules|x_files)){0,2}/(x|\\.y|secret|z\\.tmp)\\.(md|html|exe|md\\.icloud)", 1..12),
            ignore in "(!?(\\.c|\\.b/|\\*\\.tmp\\.md|/a/|secret\\*|\\*\\*/x\\.md|!\\.y\\.md)\n){0,4}",
        ) {
            let at = tempfile::tempdir().unwrap();
            fs::write(at.path().join(".gitignore"), ignore).unwrap();
            for path in &paths {
                let path = at.path().join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, "text").unwrap();
            }
            let walked = walk(at.path(), None, &options(), &mut |_| {}, &|| false).unwrap();
            let found: Vec<&NotePath> = walked.files.iter().map(|file| &file.path).collect();
            for path in &paths {
                let is_found = found.iter().any(|found| found.to_relative() == Path::new(path));
                let is_concern = concerns(at.path(), Path::new(path), Thing::File, &options());
                // A placeholder isn't found as a note, but told.
                let is_exact = path.ends_with(".icloud") || is_found == is_concern;
                prop_assert!(is_exact, "{path}: found {is_found}, a concern {is_concern}");
            }
        }
    }
}
