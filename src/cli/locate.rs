//! Which index is meant.
//!
//! In this order: `--index`, `QSEARCH_INDEX`, `index` in the nearest `qsearch.toml` or in the user's settings,
//! the nearest `index/` upward from the current folder that is one of ours, and the user's own in
//! `$XDG_DATA_HOME/qsearch/index`. A first `qsearch index` makes one in `./index`.

use std::path::{Path, PathBuf};

use qsearch::error::{Error, Result};
use qsearch::store::MARKER;

use super::config::Settings;
use super::environment::Environment;

/// What the folder is called where nothing else was said.
const FOLDER: &str = "index";
/// What is read by a first `qsearch index` that names no notes.
const SAMPLES: &str = "corpus";

/// What `qsearch index` is to write, and what to read for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// The folder of the index.
    pub(crate) index: PathBuf,
    /// The notes to read; none to refresh all that the index remembers.
    pub(crate) paths: Vec<PathBuf>,
}

/// The index to read from, to look into or to forget in.
pub(crate) fn to_read(
    flag: Option<&Path>,
    environment: &Environment,
    settings: &Settings,
) -> Result<PathBuf> {
    if let Some(index) = named(flag, environment, settings).or_else(|| upward(&environment.cwd)) {
        return Ok(index);
    }
    let own = own(environment);
    own.clone().filter(|own| is_index(own)).ok_or_else(|| Error::NotFound {
        what: match own {
            Some(own) => format!("there is no index here, in a folder above, or at {}", own.display()),
            None => "there is no index here or in a folder above".to_owned(),
        },
        hint: "make one with `qsearch index FOLDER`, or name one with `--index DIR`".to_owned(),
    })
}

/// The index that `qsearch index PATHS` makes or refreshes.
pub(crate) fn to_write(
    flag: Option<&Path>,
    environment: &Environment,
    settings: &Settings,
    paths: Vec<PathBuf>,
) -> Result<Target> {
    let named = named(flag, environment, settings);
    let here = named.clone().or_else(|| upward(&environment.cwd));
    let index = here.unwrap_or_else(|| environment.cwd.join(FOLDER));
    if !paths.is_empty() || is_index(&index) {
        return Ok(Target { index, paths });
    }
    let samples = environment.cwd.join(SAMPLES);
    if samples.is_dir() {
        return Ok(Target { index, paths: vec![samples] });
    }
    // Nothing to begin with here. If no place was named, the user's own index may be the one that is meant.
    match own(environment).filter(|own| named.is_none() && is_index(own)) {
        Some(own) => Ok(Target { index: own, paths }),
        None => Err(Error::Usage {
            what: "there is nothing to refresh: no index was found, and no notes were named".to_owned(),
            hint: "name a folder with notes: `qsearch index FOLDER`".to_owned(),
        }),
    }
}

/// The place that was said outright, whether or not there is an index.
fn named(flag: Option<&Path>, environment: &Environment, settings: &Settings) -> Option<PathBuf> {
    let said = flag.or(environment.index.as_deref()).or(settings.index.as_deref())?;
    Some(environment.cwd.join(said))
}

/// The nearest index in the folder or above it.
fn upward(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().map(|folder| folder.join(FOLDER)).find(|index| is_index(index))
}

/// The place of the user's own index.
fn own(environment: &Environment) -> Option<PathBuf> {
    environment.data_home.as_ref().map(|data| data.join("qsearch").join(FOLDER))
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
        environment: Environment,
        settings: Settings,
    }

    impl Tree {
        fn new() -> Self {
            let at = tempfile::tempdir().unwrap();
            fs::create_dir_all(at.path().join("work/deep")).unwrap();
            let environment = Environment {
                cwd: at.path().join("work/deep"),
                data_home: Some(at.path().join("data")),
                ..Environment::default()
            };
            Self { at, environment, settings: Settings::default() }
        }

        fn path(&self, path: &str) -> PathBuf {
            self.at.path().join(path)
        }

        fn with_index(self, path: &str) -> Self {
            fs::create_dir_all(self.path(path)).unwrap();
            fs::write(self.path(path).join(MARKER), "{}").unwrap();
            self
        }

        fn to_read(&self, flag: Option<&str>) -> Result<PathBuf> {
            to_read(flag.map(Path::new), &self.environment, &self.settings)
        }

        fn to_write(&self, paths: &[&str]) -> Result<Target> {
            let paths = paths.iter().map(PathBuf::from).collect();
            to_write(None, &self.environment, &self.settings, paths)
        }
    }

    #[test]
    fn flag_then_variable_then_settings_then_upward_then_own() {
        let mut tree = Tree::new().with_index("work/index").with_index("data/qsearch/index");
        assert_eq!(tree.to_read(None).unwrap(), tree.path("work/index"));
        tree.settings.index = Some(tree.path("settings"));
        assert_eq!(tree.to_read(None).unwrap(), tree.path("settings"));
        tree.environment.index = Some("variable".into());
        assert_eq!(tree.to_read(None).unwrap(), tree.path("work/deep/variable"));
        assert_eq!(tree.to_read(Some("/flag")).unwrap(), Path::new("/flag"));
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
        assert!(error.hint().unwrap().contains("`qsearch index FOLDER`"));
    }

    #[test]
    fn the_first_index_is_made_here() {
        let tree = Tree::new();
        let index = tree.path("work/deep/index");
        let error = tree.to_write(&[]).unwrap_err();
        assert!(error.hint().unwrap().contains("`qsearch index FOLDER`"));
        assert_eq!(tree.to_write(&["a"]).unwrap(), Target { index: index.clone(), paths: vec!["a".into()] });
        fs::create_dir_all(tree.path("work/deep/corpus")).unwrap();
        let samples = vec![tree.path("work/deep/corpus")];
        assert_eq!(tree.to_write(&[]).unwrap(), Target { index, paths: samples });
    }

    #[test]
    fn an_index_above_is_refreshed() {
        let tree = Tree::new().with_index("work/index");
        fs::create_dir_all(tree.path("work/deep/corpus")).unwrap();
        let index = tree.path("work/index");
        assert_eq!(tree.to_write(&[]).unwrap(), Target { index: index.clone(), paths: vec![] });
        assert_eq!(tree.to_write(&["b"]).unwrap(), Target { index, paths: vec!["b".into()] });
    }

    #[test]
    fn without_notes_the_own_index_is_refreshed_but_never_added_to() {
        let mut tree = Tree::new().with_index("data/qsearch/index");
        let own = tree.path("data/qsearch/index");
        assert_eq!(tree.to_write(&[]).unwrap(), Target { index: own, paths: vec![] });
        assert_eq!(tree.to_write(&["a"]).unwrap().index, tree.path("work/deep/index"));
        tree.environment.index = Some("named".into());
        assert!(tree.to_write(&[]).is_err());
    }
}
