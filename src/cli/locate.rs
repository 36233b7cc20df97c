//! Which index is meant.
//!
//! In this order: `--index`, `QSEARCH_INDEX`, `index` in the nearest `qsearch.toml` or in the user's settings,
//! the nearest `index/` upward from the current folder that is one of ours, and the user's own in
//! `$XDG_DATA_HOME/qsearch/index`. A first `qsearch index` makes one in `./index`.
//!
//! What nobody named is taken only if it belongs to the user or to root, and isn't a link out of the folder it is in.

use std::path::{Path, PathBuf};

use qsearch::error::{Distrust, Error, NotFound, Result, Usage};
use qsearch::store::{MARKER, writer_of};

use super::config::Settings;
use super::environment::Environment;
use super::owner;

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

/// The index to read from, to look into or to forget in; `warn` is told of those that are passed over.
pub(crate) fn to_read(
    flag: Option<&Path>,
    environment: &Environment,
    settings: &Settings,
    warn: &dyn Fn(&str),
) -> Result<PathBuf> {
    if let Some(index) = named(flag, environment, settings)?.or_else(|| upward(environment, warn)) {
        return if is_index(&index) { Ok(index) } else { being_made(&index).map_or(Ok(index), Err) };
    }
    let mut places = environment.cwd.ancestors().map(|folder| folder.join(FOLDER));
    if let Some(error) = places.find_map(|place| being_made(&place)) {
        return Err(error);
    }
    let place = own_place(environment);
    own(environment, warn).ok_or_else(|| NotFound::IndexHere { own: place }.into())
}

/// What is to be said of a folder in which a first run is at work that has committed nothing yet.
fn being_made(index: &Path) -> Option<Error> {
    let writer = writer_of(index).filter(|_| !is_index(index))?;
    Some(NotFound::BeingMade { index: index.to_path_buf(), writer }.into())
}

/// The index that `qsearch index PATHS` makes or refreshes; `warn` is told of those that are passed over.
pub(crate) fn to_write(
    flag: Option<&Path>,
    environment: &Environment,
    settings: &Settings,
    paths: Vec<PathBuf>,
    warn: &dyn Fn(&str),
) -> Result<Target> {
    let named = named(flag, environment, settings)?;
    let here = named.clone().or_else(|| upward(environment, warn));
    let target = |paths| match &here {
        Some(index) => Ok(Target { index: index.clone(), paths }),
        None => anew(environment, paths),
    };
    if !paths.is_empty() || here.as_deref().is_some_and(is_index) {
        return target(paths);
    }
    let samples = environment.cwd.join(SAMPLES);
    if samples.is_dir() && !owner::leads_out(&environment.cwd, &samples) {
        return target(vec![samples]);
    }
    // Nothing to begin with here. If no place was named, the user's own index may be the one that is meant.
    match own(environment, warn).filter(|_| named.is_none()) {
        Some(own) => Ok(Target { index: own, paths }),
        None => Err(Usage::NothingToRefresh.into()),
    }
}

/// A new index in the current folder, unless what is there already isn't the user's.
fn anew(environment: &Environment, paths: Vec<PathBuf>) -> Result<Target> {
    let index = environment.cwd.join(FOLDER);
    match distrust(&environment.cwd, &index, environment) {
        None => Ok(Target { index, paths }),
        Some(why) => Err(Usage::NotMadeHere { index, why }.into()),
    }
}

/// The place that was said outright, whether or not there is an index.
fn named(flag: Option<&Path>, environment: &Environment, settings: &Settings) -> Result<Option<PathBuf>> {
    let said = match flag.or(environment.index.as_deref()) {
        Some(said) => Some(said.to_path_buf()),
        None => settings.index()?,
    };
    Ok(said.map(|said| environment.cwd.join(said)))
}

/// The nearest index in the current folder or above it that the user may trust.
fn upward(environment: &Environment, warn: &dyn Fn(&str)) -> Option<PathBuf> {
    environment.cwd.ancestors().find_map(|folder| trusted(folder, folder.join(FOLDER), environment, warn))
}

/// The user's own index.
fn own(environment: &Environment, warn: &dyn Fn(&str)) -> Option<PathBuf> {
    let own = own_place(environment)?;
    // Wherever the user's folder of data leads is the user's affair.
    trusted(Path::new("/"), own, environment, warn)
}

/// The place of the user's own index.
fn own_place(environment: &Environment) -> Option<PathBuf> {
    environment.data_home.as_ref().map(|data| data.join("qsearch").join(FOLDER))
}

/// An index, if there is one and nothing speaks against taking it although nobody named it.
fn trusted(folder: &Path, index: PathBuf, environment: &Environment, warn: &dyn Fn(&str)) -> Option<PathBuf> {
    if !is_index(&index) {
        return None;
    }
    let Some(why) = distrust(folder, &index, environment) else { return Some(index) };
    let shown = index.display();
    warn(&format!("the index {shown} is passed over: {why}; name it with `--index {shown}` if you trust it"));
    None
}

/// Why something that may be an index isn't taken unless it is named.
fn distrust(folder: &Path, index: &Path, environment: &Environment) -> Option<Distrust> {
    let places = [index.to_path_buf(), index.join(MARKER)];
    if let Some(user) = places.iter().find_map(|place| owner::foreign(place, environment)) {
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

    use super::super::hint::hint;
    use super::*;

    /// A folder tree to look for indexes in.
    struct Tree {
        at: tempfile::TempDir,
        environment: Environment,
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
            Self { at, environment }
        }

        fn path(&self, path: &str) -> PathBuf {
            self.at.path().join(path)
        }

        fn settings(&self) -> Result<Settings> {
            Settings::load(&self.environment, &|what| panic!("{what}"))
        }

        fn with_index(self, path: &str) -> Self {
            fs::create_dir_all(self.path(path)).unwrap();
            fs::write(self.path(path).join(MARKER), "{}").unwrap();
            self
        }

        fn to_read(&self, flag: Option<&str>) -> Result<PathBuf> {
            to_read(flag.map(Path::new), &self.environment, &self.settings()?, &|what| panic!("{what}"))
        }

        fn to_write(&self, paths: &[&str]) -> Result<Target> {
            let paths = paths.iter().map(PathBuf::from).collect();
            to_write(None, &self.environment, &self.settings()?, paths, &|what| panic!("{what}"))
        }
    }

    #[test]
    fn flag_then_variable_then_settings_then_upward_then_own() {
        let mut tree = Tree::new().with_index("work/index").with_index("data/qsearch/index");
        assert_eq!(tree.to_read(None).unwrap(), tree.path("work/index"));
        fs::write(tree.path("work/qsearch.toml"), "index = 'settings'").unwrap();
        assert_eq!(tree.to_read(None).unwrap(), tree.path("work/settings"));
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
        assert!(hint(&error).unwrap().contains("`qsearch index FOLDER`"));
    }

    #[test]
    fn the_first_index_is_made_here() {
        let tree = Tree::new();
        let index = tree.path("work/deep/index");
        let error = tree.to_write(&[]).unwrap_err();
        assert!(hint(&error).unwrap().contains("`qsearch index FOLDER`"));
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
