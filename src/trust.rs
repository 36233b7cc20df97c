//! Which folders may be read for an index?
//!
//! An index names the folders that its notes come from, its roots. An index that came from elsewhere may name any folder
//! of the machine, so a root is read only if it lies below the index's own parent folder, or if the user has confirmed
//! it. The caller of the library knows what was confirmed.

use std::path::{Path, PathBuf};

use crate::files;
use crate::sys;

/// What has been confirmed for an index. By default that is nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// These folders and files, and what lies below them.
    Confirmed(Vec<PathBuf>),
    /// Whatever the index names.
    All,
}

impl Default for Trust {
    fn default() -> Self {
        Self::Confirmed(Vec::new())
    }
}

impl Trust {
    /// Why a root isn't read, as a phrase.
    pub const UNCONFIRMED: &str =
        "it lies outside of the index's parent folder, and you haven't confirmed it";

    /// The folders that may be read for the index in the folder `index`, which need not be there yet. The address of a
    /// database is no folder, and has none beside it.
    pub fn reach(&self, index: &Path) -> Reach {
        let Self::Confirmed(confirmed) = self else { return Reach { folders: None } };
        let mut reach = Reach { folders: Some(Vec::new()) };
        let index = if files::is_address(index) { None } else { files::resolve(index).ok() };
        reach.extend(
            index.iter().filter_map(|index| index.parent()).chain(confirmed.iter().map(|path| &**path)),
        );
        reach
    }
}

/// The folders that may be read for one index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// With all links resolved; `None` for any.
    folders: Option<Vec<PathBuf>>,
}

impl Reach {
    /// Adds folders and files that are there.
    pub fn extend(&mut self, paths: impl IntoIterator<Item = impl AsRef<Path>>) {
        if let Some(folders) = &mut self.folders {
            folders.extend(paths.into_iter().filter_map(|path| sys::resolved(path.as_ref()).ok()));
        }
    }

    /// Whether a path may be read, with all links resolved. What isn't there may not.
    pub fn allows(&self, path: &Path) -> bool {
        let Some(folders) = &self.folders else { return true };
        sys::resolved(path).is_ok_and(|path| folders.iter().any(|folder| path.starts_with(folder)))
    }

    /// Whether a path is there and may not be read.
    pub fn refuses(&self, path: &Path) -> bool {
        path.exists() && !self.allows(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_beside_the_index_or_was_confirmed_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        for path in ["vault/index", "vault/notes", "vaults", "private/deep"] {
            std::fs::create_dir_all(at(path)).unwrap();
        }
        let reach = Trust::default().reach(&at("vault/index"));
        assert!(reach.allows(&at("vault/notes")) && reach.allows(&at("vault")));
        for path in ["vaults", "private", "", "vault/none", "vault/notes/../../private"] {
            assert!(!reach.allows(&at(path)), "{path}");
        }
        let confirmed = Trust::Confirmed(vec![at("private"), at("none")]).reach(&at("vault/index"));
        assert!(confirmed.allows(&at("private/deep")) && !confirmed.allows(&at("vaults")));
        assert!(Trust::All.reach(&at("vault/index")).allows(&at("private")));
        // Before its first commit, an index isn't there yet.
        assert!(Trust::default().reach(&at("vault/new/index")).folders.unwrap().is_empty());
        assert!(Trust::default().reach(&at("vault/new")).allows(&at("vault/notes")));
    }

    #[test]
    fn beside_a_database_nothing_is_read_by_itself() {
        let here = std::env::current_dir().unwrap();
        let folder = tempfile::tempdir().unwrap();
        for address in ["postgres://ada@host/notes", "postgresql://host/x", "postgres://x"] {
            let reach = Trust::default().reach(Path::new(address));
            assert_eq!(reach.folders.as_deref(), Some(&[][..]), "{address}");
            assert!(reach.refuses(&here) && reach.refuses(folder.path()));
            let confirmed = Trust::Confirmed(vec![folder.path().into()]).reach(Path::new(address));
            assert!(confirmed.allows(folder.path()) && confirmed.refuses(&here));
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_count_as_what_they_lead_to() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        for path in ["vault/index", "vault/notes", "private", "own/index"] {
            std::fs::create_dir_all(at(path)).unwrap();
        }
        std::os::unix::fs::symlink(at("private"), at("vault/link")).unwrap();
        std::os::unix::fs::symlink(at("own/index"), at("vault/other")).unwrap();
        assert!(!Trust::default().reach(&at("vault/index")).allows(&at("vault/link")));
        assert!(!Trust::default().reach(&at("vault/other")).allows(&at("vault/notes")));
        let confirmed = Trust::Confirmed(vec![at("vault/link")]).reach(&at("vault/index"));
        assert!(confirmed.allows(&at("private")));
    }
}
