//! Which files do the options of a walk leave out?

use std::path::{Path, PathBuf};

use ignore::gitignore::Gitignore;

use crate::document::Rules;
use crate::error::{Result, Usage};
use crate::files::INDEX_MARKER;
use crate::format::{self, FORMATS};
use crate::sys;

use super::WalkOptions;
use super::rules::{self, shortened};

/// What the options leave out, ready to be asked.
pub(super) struct Choice {
    include: Gitignore,
    exclude: Gitignore,
    /// Extensions of the kinds that are taken; all, if there are none.
    kinds: Vec<String>,
    /// Links inside a root aren't followed, so a folder's real path is the real root and its relative path.
    skip: Vec<PathBuf>,
}

impl Choice {
    pub(super) fn new(options: &WalkOptions) -> Result<Self> {
        let skip = options.skip.iter().filter_map(|folder| sys::resolved(folder).ok()).collect();
        let Rules { include, exclude, kinds, .. } = &options.rules;
        Ok(Self { include: globs(include)?, exclude: globs(exclude)?, kinds: kinds.clone(), skip })
    }

    /// Whether a file is one of those that were asked for.
    pub(super) fn includes(&self, relative: &Path) -> bool {
        let is_kind = self.kinds.is_empty() || {
            // A file without an extension is taken for the first kind.
            let extension = relative.file_name().and_then(format::extension);
            let extension = extension.as_deref().or(FORMATS[0].extensions.first().copied());
            extension.is_some_and(|extension| self.kinds.iter().any(|kind| kind == extension))
        };
        let is_included = || self.include.matched_path_or_any_parents(relative, false).is_ignore();
        is_kind && (self.include.is_empty() || is_included())
    }

    /// Whether a file or folder is to be left out, the folders above it aside.
    pub(super) fn excludes(&self, path: &Path, relative: &Path, is_dir: bool) -> bool {
        self.exclude.matched(relative, is_dir).is_ignore() || self.skip.iter().any(|at| at == path)
    }

    /// Whether a file or folder, or a folder above it, is to be left out by a glob.
    pub(super) fn excludes_by_glob(&self, relative: &Path, is_dir: bool) -> bool {
        self.exclude.matched_path_or_any_parents(relative, is_dir).is_ignore()
    }

    /// Whether a folder holds an index, or is one of those to skip.
    pub(super) fn is_index(&self, folder: &Path) -> bool {
        self.skip.iter().any(|at| at == folder) || folder.join(INDEX_MARKER).is_file()
    }
}

fn globs(globs: &[String]) -> Result<Gitignore> {
    let unusable = |globs: &str, why: &str| Usage::WalkGlob { globs: globs.into(), why: shortened(why) };
    let build = |globs: &[String]| {
        let mut builder = rules::builder();
        builder.allow_unclosed_class(false);
        for glob in globs {
            let named = || format!("the glob `{}`", shortened(glob));
            if glob.trim().is_empty() {
                return Err(unusable(&named(), "it is blank"));
            }
            // In a .gitignore these two would begin a comment and an exception.
            let line = if glob.starts_with(['#', '!']) { format!("\\{glob}") } else { glob.clone() };
            rules::add(&mut builder, &line).map_err(|why| unusable(&named(), &why))?;
        }
        let what = match globs {
            [glob] => format!("the glob `{}`", shortened(glob)),
            _ => format!("a set of {} globs", globs.len()),
        };
        builder.build().map_err(|error| unusable(&what, &error.to_string()))
    };
    // If all together fail, it may be for one of them.
    let alone = || globs.iter().find_map(|glob| build(std::slice::from_ref(glob)).err());
    build(globs).map_err(|error| alone().unwrap_or(error).into())
}
