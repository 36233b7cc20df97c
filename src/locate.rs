//! Which index is used.
//!
//! In this order: the one that the caller names, `index` in the nearest `qsearch.toml` or in the user's settings, the
//! nearest `index/` upward from the current folder that is one of ours, and the user's own in
//! `$XDG_DATA_HOME/qsearch/index`. A first `qsearch index` makes one in `./index`. The first two may be databases, which are
//! taken as they are named: nothing is asked of a server here.
//!
//! An index that wasn't named is used only if it belongs to the user or to root, and isn't a link out of its folder.

use std::path::{Path, PathBuf};

use crate::error::{Distrust, Error, NotFound, Result, Usage};
use crate::owner;
use crate::settings::Settings;
use crate::store::{MARKER, Place};
use crate::surroundings::{PassedOver, Surroundings};

/// The name of an index's folder, if no other is given.
const FOLDER: &str = "index";
/// The folder of notes that a first run reads if none is named.
const SAMPLES: &str = "corpus";

/// The index to write, and the notes to read for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writing {
    /// Where the index is.
    pub index: Place,
    /// The notes to read; empty to refresh all that the index remembers.
    pub paths: Vec<PathBuf>,
}

/// The index to read from, to look into or to forget in. `asked` is the one that the caller names, and `warn` is called
/// for each that is passed over.
///
/// # Errors
///
/// When there is none, or the settings name one that they may not.
pub fn to_read(
    asked: Option<&Place>,
    around: &Surroundings,
    settings: &Settings,
    warn: &dyn Fn(PassedOver),
) -> Result<Place> {
    let here = || upward(around, warn).map(Place::from);
    if let Some(index) = named(asked, around, settings)?.or_else(here) {
        return match index.folder().and_then(being_made) {
            Some(error) => Err(error),
            None => Ok(index),
        };
    }
    let mut places = around.cwd.ancestors().map(|folder| folder.join(FOLDER));
    if let Some(error) = places.find_map(|place| being_made(&place)) {
        return Err(error);
    }
    let place = own_place(around);
    own(around, warn).map(Place::from).ok_or_else(|| NotFound::IndexHere { own: place }.into())
}

/// The error for an index whose first run is at work and has committed nothing yet.
fn being_made(index: &Path) -> Option<Error> {
    if is_index(index) {
        return None;
    }
    let writer = Place::from(index).writer()?;
    Some(NotFound::BeingMade { index: index.to_path_buf(), writer }.into())
}

/// The index that `qsearch index PATHS` makes or refreshes. `asked` is the one that the caller names, and `warn` is called
/// for each that is passed over.
///
/// # Errors
///
/// When there is nothing to refresh, what is in the place of a new index isn't the user's, or the settings name one that
/// they may not.
pub fn to_write(
    asked: Option<&Place>,
    around: &Surroundings,
    settings: &Settings,
    paths: Vec<PathBuf>,
    warn: &dyn Fn(PassedOver),
) -> Result<Writing> {
    let named = named(asked, around, settings)?;
    let here = named.clone().or_else(|| upward(around, warn).map(Place::from));
    let target = |paths| match &here {
        Some(index) => Ok(Writing { index: index.clone(), paths }),
        None => anew(around, paths),
    };
    if !paths.is_empty() || here.as_ref().is_some_and(|index| index.folder().is_none_or(is_index)) {
        return target(paths);
    }
    let samples = around.cwd.join(SAMPLES);
    if samples.is_dir() && !owner::leads_out(&around.cwd, &samples) {
        return target(vec![samples]);
    }
    // Nothing to begin with here. If no place was named, the user's own index may be the one that is meant.
    match own(around, warn).filter(|_| named.is_none()) {
        Some(own) => Ok(Writing { index: own.into(), paths }),
        None => Err(Usage::NothingToRefresh.into()),
    }
}

/// A new index in the current folder, unless what is there already isn't the user's.
fn anew(around: &Surroundings, paths: Vec<PathBuf>) -> Result<Writing> {
    let index = around.cwd.join(FOLDER);
    match distrust(&around.cwd, &index, around) {
        None => Ok(Writing { index: index.into(), paths }),
        Some(why) => Err(Usage::NotMadeHere { index, why }.into()),
    }
}

/// The place that the caller or the settings name, whether or not there is an index.
fn named(asked: Option<&Place>, around: &Surroundings, settings: &Settings) -> Result<Option<Place>> {
    match asked {
        Some(asked) => Ok(Some(asked.clone())),
        None => settings.index(around),
    }
}

/// The nearest index in the current folder or above it that the user may trust.
fn upward(around: &Surroundings, warn: &dyn Fn(PassedOver)) -> Option<PathBuf> {
    around.cwd.ancestors().find_map(|folder| trusted(folder, folder.join(FOLDER), around, warn))
}

/// The user's own index.
fn own(around: &Surroundings, warn: &dyn Fn(PassedOver)) -> Option<PathBuf> {
    let own = own_place(around)?;
    // The user's own data folder may be a link to anywhere.
    trusted(Path::new("/"), own, around, warn)
}

/// The place of the user's own index.
fn own_place(around: &Surroundings) -> Option<PathBuf> {
    around.data_home.as_ref().map(|data| data.join("qsearch").join(FOLDER))
}

/// The index at a place that wasn't named, if there is one that can be trusted.
fn trusted(
    folder: &Path,
    index: PathBuf,
    around: &Surroundings,
    warn: &dyn Fn(PassedOver),
) -> Option<PathBuf> {
    if !is_index(&index) {
        return None;
    }
    let Some(why) = distrust(folder, &index, around) else { return Some(index) };
    warn(PassedOver::Index { index, why });
    None
}

/// Why an index can't be trusted unless it is named.
fn distrust(folder: &Path, index: &Path, around: &Surroundings) -> Option<Distrust> {
    let places = [index.to_path_buf(), index.join(MARKER)];
    if let Some(user) = places.iter().find_map(|place| owner::foreign(place, around.sudo_user)) {
        return Some(Distrust::Foreign(user));
    }
    owner::leads_out(folder, index).then_some(Distrust::LeadsOut)
}

fn is_index(folder: &Path) -> bool {
    folder.join(MARKER).is_file()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A folder tree to look for indexes in.
    struct Tree {
        at: tempfile::TempDir,
        around: Surroundings,
    }

    impl Tree {
        fn new() -> Self {
            let at = tempfile::tempdir().unwrap();
            fs::create_dir_all(at.path().join("work/deep")).unwrap();
            let around = Surroundings {
                cwd: at.path().join("work/deep"),
                data_home: Some(at.path().join("data")),
                ..Surroundings::default()
            };
            Self { at, around }
        }

        fn path(&self, path: &str) -> PathBuf {
            self.at.path().join(path)
        }

        fn settings(&self) -> Result<Settings> {
            Settings::load(&self.around, &|what| panic!("{what:?}"))
        }

        fn with_index(self, path: &str) -> Self {
            fs::create_dir_all(self.path(path)).unwrap();
            fs::write(self.path(path).join(MARKER), "{}").unwrap();
            self
        }

        fn asked(&self, asked: Option<&str>) -> Option<Place> {
            asked.map(|asked| self.around.place(Path::new(asked), &self.around.cwd).unwrap())
        }

        fn to_read(&self, asked: Option<&str>) -> Result<PathBuf> {
            let index = to_read(self.asked(asked).as_ref(), &self.around, &self.settings()?, &|what| {
                panic!("{what:?}")
            })?;
            Ok(index.shown().to_path_buf())
        }

        fn to_write(&self, asked: Option<&str>, paths: &[&str]) -> Result<Writing> {
            let paths = paths.iter().map(PathBuf::from).collect();
            to_write(self.asked(asked).as_ref(), &self.around, &self.settings()?, paths, &|what| {
                panic!("{what:?}")
            })
        }
    }

    #[test]
    fn asked_then_settings_then_upward_then_own() {
        let tree = Tree::new().with_index("work/index").with_index("data/qsearch/index");
        assert_eq!(tree.to_read(None).unwrap(), tree.path("work/index"));
        fs::write(tree.path("work/qsearch.toml"), "index = 'settings'").unwrap();
        assert_eq!(tree.to_read(None).unwrap(), tree.path("work/settings"));
        assert_eq!(tree.to_read(Some("asked")).unwrap(), tree.path("work/deep/asked"));
        assert_eq!(tree.to_read(Some("/asked")).unwrap(), Path::new("/asked"));
    }

    #[test]
    fn a_folder_called_index_without_the_marker_is_passed_over() {
        let tree = Tree::new().with_index("work/index").with_index("data/qsearch/index");
        fs::create_dir_all(tree.path("work/deep/index")).unwrap();
        assert_eq!(tree.to_read(None).unwrap(), tree.path("work/index"));
        fs::remove_file(tree.path("work/index").join(MARKER)).unwrap();
        assert_eq!(tree.to_read(None).unwrap(), tree.path("data/qsearch/index"));
        fs::remove_file(tree.path("data/qsearch/index").join(MARKER)).unwrap();
        let error = tree.to_read(None).unwrap_err();
        assert!(error.to_string().contains("data/qsearch/index"), "{error}");
    }

    #[test]
    fn the_first_index_is_made_here() {
        let tree = Tree::new();
        let index = tree.path("work/deep/index");
        let nothing = tree.to_write(None, &[]);
        assert!(matches!(nothing, Err(Error::Usage(Usage::NothingToRefresh))));
        assert_eq!(
            tree.to_write(None, &["a"]).unwrap(),
            Writing { index: index.clone().into(), paths: vec!["a".into()] }
        );
        fs::create_dir_all(tree.path("work/deep/corpus")).unwrap();
        let samples = vec![tree.path("work/deep/corpus")];
        assert_eq!(tree.to_write(None, &[]).unwrap(), Writing { index: index.into(), paths: samples });
    }

    #[test]
    fn an_index_above_is_refreshed() {
        let tree = Tree::new().with_index("work/index");
        fs::create_dir_all(tree.path("work/deep/corpus")).unwrap();
        let index = tree.path("work/index");
        assert_eq!(tree.to_write(None, &[]).unwrap(), Writing { index: index.clone().into(), paths: vec![] });
        assert_eq!(
            tree.to_write(None, &["b"]).unwrap(),
            Writing { index: index.into(), paths: vec!["b".into()] }
        );
    }

    #[test]
    fn without_notes_the_own_index_is_refreshed_but_never_added_to() {
        let tree = Tree::new().with_index("data/qsearch/index");
        let own = tree.path("data/qsearch/index");
        assert_eq!(tree.to_write(None, &[]).unwrap(), Writing { index: own.into(), paths: vec![] });
        assert_eq!(tree.to_write(None, &["a"]).unwrap().index, tree.path("work/deep/index").into());
        assert!(tree.to_write(Some("asked"), &[]).is_err());
    }

    #[cfg(feature = "postgres")]
    #[test]
    fn a_database_is_named_by_the_user_alone() {
        let tree = Tree::new().with_index("work/index");
        let address = "postgres://ada@host/notes";
        assert_eq!(tree.to_read(Some(address)).unwrap(), Path::new(address));
        let refresh = tree.to_write(Some(address), &[]).unwrap();
        assert_eq!((refresh.index.shown(), refresh.paths), (Path::new(address), vec![]));
        let mut own = Tree::new();
        own.around.config_home = Some(own.path("config"));
        fs::create_dir_all(own.path("config/qsearch")).unwrap();
        fs::write(own.path("config/qsearch/config.toml"), format!("index = '{address}'")).unwrap();
        assert_eq!(own.to_read(None).unwrap(), Path::new(address));
        fs::write(tree.path("work/qsearch.toml"), "\nindex = 'postgresql://ada@host/notes'").unwrap();
        let error = tree.to_read(None).unwrap_err();
        assert!(matches!(error, Error::Usage(Usage::ProjectDatabase { .. })), "{error}");
        assert!(error.to_string().contains("qsearch.toml:2: "), "{error}");
    }
}
