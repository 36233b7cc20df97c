//! The settings that apply: those of a project, in the nearest `qsearch.toml` upward from the current folder, and the
//! user's own, in `$XDG_CONFIG_HOME/qsearch/config.toml`.
//!
//! Both have the keys that the [module above](super) describes. A key of the project wins over the same key of the user;
//! what the caller asks for wins over both. Paths are relative to the file that names them; `~/` is the user's home.
//!
//! A project may have come from elsewhere. So its file is passed over unless the user or root owns it, it may name an
//! index only in its own folder and models only by names, and what counts as a note by its rules holds for its own
//! folder and for indexes in it.

use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use super::{Keys, Line, read};
use crate::calendar::DateOrder;
use crate::error::{Error, Result, Usage};
use crate::files;
use crate::index::Rules;
use crate::owner;
use crate::store::Place;
use crate::surroundings::{PassedOver, Surroundings};
use crate::sys;

/// The name of a project's settings file.
const PROJECT: &str = "qsearch.toml";
/// Where the user's own settings are among those of other programs.
const OWN: &str = "qsearch/config.toml";

/// The settings that apply in the current folder.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    project: Option<SettingsFile>,
    own: SettingsFile,
}

/// One settings file.
#[derive(Clone, Debug, Default)]
struct SettingsFile {
    file: PathBuf,
    home: Option<PathBuf>,
    keys: Keys,
}

/// A model or a reranker that a file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named<'a> {
    /// The user's own: a name, or an absolute path.
    Own(String),
    /// A project's: a name.
    Project {
        /// The file and line, as errors begin.
        place: String,
        /// What is written there.
        name: &'a str,
    },
}

impl Settings {
    /// Reads the settings that apply in the current folder. `warn` is called for each file that is passed over.
    ///
    /// # Errors
    ///
    /// When a file can't be used, or has a mistake.
    pub fn load(around: &Surroundings, warn: &dyn Fn(PassedOver)) -> Result<Self> {
        let is_taken = |file: &PathBuf| match owner::foreign(file, around.sudo_user) {
            None => true,
            Some(user) => {
                warn(PassedOver::Settings { file: file.clone(), user });
                false
            }
        };
        let upward = around.cwd.ancestors().map(|folder| folder.join(PROJECT));
        let project = upward.into_iter().find(|file| file.symlink_metadata().is_ok() && is_taken(file));
        let own = around.config_home.as_ref().map(|config| config.join(OWN));
        let source = |file: PathBuf| -> Result<SettingsFile> {
            let keys = match read(&file) {
                // The user hasn't named this file. In another user's home it is as if there were none.
                Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::PermissionDenied => {
                    tracing::warn!(path = %file.display(), "the settings can't be read");
                    Keys::default()
                }
                keys => keys?,
            };
            Ok(SettingsFile { file, home: around.home.clone(), keys })
        };
        let project = project.map(source).transpose()?;
        let own = own.filter(is_taken).map(source).transpose()?.unwrap_or_default();
        Ok(Self { project, own })
    }

    /// Where settings files that apply in the current folder are, or may come: the user's own, the nearest of a project, and
    /// one in the current folder.
    pub fn places(around: &Surroundings) -> Vec<PathBuf> {
        let here = around.cwd.join(PROJECT);
        let upward = around.cwd.ancestors().map(|folder| folder.join(PROJECT));
        let nearest = upward.into_iter().find(|file| file.symlink_metadata().is_ok());
        let own = around.config_home.as_ref().map(|config| config.join(OWN));
        let mut places: Vec<PathBuf> = [Some(here), nearest, own].into_iter().flatten().collect();
        places.dedup();
        places
    }

    /// The place of the index, a folder by its absolute path.
    ///
    /// # Errors
    ///
    /// When a project names one outside of its folder, or a database: a folder that came from elsewhere must not make
    /// anybody call a server.
    pub fn index(&self, around: &Surroundings) -> Result<Option<Place>> {
        let Some((project, line)) =
            self.project.as_ref().and_then(|project| project.with(|keys| &keys.index))
        else {
            let own = self.own.with(|keys| &keys.index);
            return own.map(|(own, line)| own.index(line, around)).transpose();
        };
        if files::is_address(Path::new(&line.text)) {
            return Err(Usage::ProjectDatabase { place: project.place(line) }.into());
        }
        let index = project.placed(&line.text);
        if project.holds(&index) {
            return Ok(Some(index.into()));
        }
        Err(Usage::IndexOutside { place: project.place(line), index }.into())
    }

    /// How many sources `ask` shows.
    pub fn sources(&self) -> Option<NonZeroUsize> {
        self.project.as_ref().and_then(|project| project.keys.sources).or(self.own.keys.sources)
    }

    /// The model of new indexes.
    pub fn model(&self) -> Option<Named<'_>> {
        self.named(|keys| &keys.model)
    }

    /// The reranker of questions.
    pub fn rerank(&self) -> Option<Named<'_>> {
        self.named(|keys| &keys.rerank)
    }

    /// Whether notes that have changed are read before a question to this index is answered. A project says so only of an
    /// index in its folder.
    pub fn refresh(&self, index: &Path) -> bool {
        let project = self.project.as_ref().filter(|project| project.keys.refresh.is_some());
        let project = project.filter(|project| project.holds(index));
        project.unwrap_or(&self.own).keys.refresh.unwrap_or(false)
    }

    /// The language model of written answers, as it is written.
    pub fn llm(&self) -> Option<Named<'_>> {
        if let Some((project, line)) =
            self.project.as_ref().and_then(|project| project.with(|keys| &keys.llm))
        {
            return Some(Named::Project { place: project.place(line), name: &line.text });
        }
        self.own.with(|keys| &keys.llm).map(|(_, line)| Named::Own(line.text.clone()))
    }

    fn named(&self, key: impl Fn(&Keys) -> &Option<Line>) -> Option<Named<'_>> {
        if let Some((project, line)) = self.project.as_ref().and_then(|project| project.with(&key)) {
            return Some(Named::Project { place: project.place(line), name: &line.text });
        }
        let (own, Line { text, .. }) = self.own.with(key)?;
        // What isn't there as a file or folder is a name.
        let path = Some(own.placed(text)).filter(|path| !text.is_empty() && path.exists());
        let path = path.and_then(|path| path.into_os_string().into_string().ok());
        Some(Named::Own(path.unwrap_or_else(|| text.clone())))
    }

    /// What counts as a note, by the user's settings, and by a project's for the roots in its folder. In an index in
    /// that folder, the project's hold for all roots.
    pub fn rules(&self, index: &Path) -> (Rules, Option<(PathBuf, Rules)>) {
        let own = self.own.rules(Rules::default());
        let Some(project) = &self.project else { return (own, None) };
        let (folder, local) = (project.folder().to_path_buf(), project.rules(own.clone()));
        if project.holds(index) { (local, None) } else { (own, Some((folder, local))) }
    }
}

impl SettingsFile {
    fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new(""))
    }

    /// Whether an index, which need not be there yet, is in the folder of this file, with all links resolved.
    fn holds(&self, index: &Path) -> bool {
        if files::is_address(index) {
            return false;
        }
        let folder = sys::resolved(self.folder());
        files::resolve(index).is_ok_and(|index| folder.is_ok_and(|folder| index.starts_with(folder)))
    }

    /// The index that this file names.
    fn index(&self, line: &Line, around: &Surroundings) -> Result<Place> {
        around.place(Path::new(&line.text), self.folder()).map(|place| match place.folder() {
            Some(_) => self.placed(&line.text).into(),
            None => place,
        })
    }

    /// The file and line of a key, as errors begin.
    fn place(&self, line: &Line) -> String {
        format!("{}:{}", self.file.display(), line.number)
    }

    /// This file, with a key that it has.
    fn with<'a>(&'a self, key: impl FnOnce(&'a Keys) -> &'a Option<Line>) -> Option<(&'a Self, &'a Line)> {
        key(&self.keys).as_ref().map(|line| (self, line))
    }

    /// What a path means that the file names.
    fn placed(&self, path: &str) -> PathBuf {
        let below_home = Path::new(path).strip_prefix("~").ok();
        let below_home = below_home.and_then(|rest| Some(self.home.as_ref()?.join(rest)));
        below_home.unwrap_or_else(|| self.folder().join(path))
    }

    /// The rules of this file, and others where it leaves something open.
    fn rules(&self, other: Rules) -> Rules {
        let Keys { include, exclude, kinds, max_size, day_first, .. } = self.keys.clone();
        Rules {
            include: include.unwrap_or(other.include),
            exclude: exclude.unwrap_or(other.exclude),
            kinds: kinds.unwrap_or(other.kinds),
            max_bytes: max_size.or(other.max_bytes),
            date_order: day_first.map_or(other.date_order, DateOrder::of),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    struct Tree {
        _folder: tempfile::TempDir,
        at: PathBuf,
        around: Surroundings,
    }

    impl Tree {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let at = folder.path().canonicalize().unwrap();
            for path in ["work/deep/er", "config/qsearch", "home/models/bge"] {
                fs::create_dir_all(at.join(path)).unwrap();
            }
            let around = Surroundings {
                cwd: at.join("work/deep/er"),
                home: Some(at.join("home")),
                config_home: Some(at.join("config")),
                ..Surroundings::default()
            };
            Self { _folder: folder, at, around }
        }

        fn write(&self, file: &str, text: &str) {
            fs::write(self.at.join(file), text).unwrap();
        }

        fn load(&self) -> Result<Settings> {
            Settings::load(&self.around, &|what| panic!("{what:?}"))
        }
    }

    const PROJECT: &str = "work/qsearch.toml";
    const OWN: &str = "config/qsearch/config.toml";

    #[test]
    fn the_projects_file_wins_key_by_key() {
        let tree = Tree::new();
        assert_eq!(tree.load().unwrap().index(&tree.around).unwrap(), None);
        tree.write(PROJECT, "index = 'my/index'\nmax-size = '1KiB'");
        tree.write(OWN, "index = '~/notes-index'\nsources = 3\nmax-size = 5\nexclude = ['a']");
        let settings = tree.load().unwrap();
        assert_eq!(settings.index(&tree.around).unwrap(), Some(tree.at.join("work/my/index").into()));
        assert_eq!(settings.sources(), NonZeroUsize::new(3));
        let (rules, local) = settings.rules(&tree.at.join("work/my/index"));
        assert_eq!((rules.max_bytes, &rules.exclude[..], local), (Some(1024), &["a".to_owned()][..], None));
        fs::remove_file(tree.at.join(PROJECT)).unwrap();
        let settings = tree.load().unwrap();
        assert_eq!(settings.index(&tree.around).unwrap(), Some(tree.at.join("home/notes-index").into()));
        assert_eq!(settings.rules(&tree.at).0.max_bytes, Some(5));
    }

    #[test]
    fn a_project_names_an_index_in_its_folder() {
        let tree = Tree::new();
        for index in ["index", "./index", "deep/../index", "new/index", ".", "~/../work/index"] {
            tree.write(PROJECT, &format!("index = '{index}'"));
            assert!(tree.load().unwrap().index(&tree.around).unwrap().is_some(), "{index}");
        }
        for index in [
            "../index",
            "/index",
            "~/index",
            "deep/../../index",
            "..",
            "new/../../home",
            "",
            "deep/er/x/../../../../../home",
        ] {
            tree.write(PROJECT, &format!("\nindex = '{index}'"));
            let result = tree.load().unwrap().index(&tree.around);
            if index.is_empty() {
                assert!(result.is_ok(), "it is the folder itself");
                continue;
            }
            let error = result.unwrap_err();
            assert!(error.to_string().contains("qsearch.toml:2: "), "{error}");
            assert!(matches!(error, Error::Usage(Usage::IndexOutside { .. })), "{error}");
        }
        #[cfg(unix)]
        for target in ["../home", "../none"] {
            let link = tree.at.join("work/link");
            std::os::unix::fs::symlink(target, &link).unwrap();
            for index in ["link", "link/index", "deep/../link/new/index"] {
                tree.write(PROJECT, &format!("index = '{index}'"));
                assert!(tree.load().unwrap().index(&tree.around).is_err(), "{target} {index}");
            }
            fs::remove_file(link).unwrap();
        }
    }

    #[test]
    fn a_project_has_its_own_index_refreshed() {
        let tree = Tree::new();
        let refreshed = |index: &str| tree.load().unwrap().refresh(&tree.at.join(index));
        assert!(!refreshed("work/index"));
        tree.write(PROJECT, "refresh = true");
        assert!(refreshed("work/index") && !refreshed("home/index"));
        tree.write(OWN, "refresh = true");
        tree.write(PROJECT, "refresh = false");
        assert!(!refreshed("work/index") && refreshed("home/index"));
    }

    #[test]
    fn a_projects_rules_hold_in_its_folder() {
        let tree = Tree::new();
        tree.write(PROJECT, "exclude = ['b']");
        tree.write(OWN, "exclude = ['a']\nmax-size = 7\nday-first = false");
        let (rules, local) = tree.load().unwrap().rules(&tree.at.join("home/index"));
        assert_eq!(rules.date_order, DateOrder::MonthFirst);
        assert_eq!((rules.exclude, rules.max_bytes), (vec!["a".to_owned()], Some(7)));
        let (folder, local) = local.unwrap();
        assert_eq!(
            (folder, local.exclude, local.max_bytes),
            (tree.at.join("work"), vec!["b".to_owned()], Some(7))
        );
        let (rules, local) = tree.load().unwrap().rules(&tree.at.join("work/new/index"));
        assert_eq!((rules.exclude, local), (vec!["b".to_owned()], None));
    }

    #[test]
    fn the_user_names_models_by_path_and_a_project_by_name() {
        let tree = Tree::new();
        tree.write("config/qsearch/mine.qsm", "");
        tree.write("work/mine.qsm", "");
        let beside = tree.at.join("config/qsearch/mine.qsm").display().to_string();
        let below_home = tree.at.join("home/models/bge").display().to_string();
        for (written, meant) in [
            ("mine.qsm", &*beside),
            ("~/models/bge", &below_home),
            ("BGESmallENV15", "BGESmallENV15"),
            ("", ""),
        ] {
            let text = format!("model = '{written}'\nrerank = '{written}'");
            tree.write(OWN, &text);
            let settings = tree.load().unwrap();
            let own = Some(Named::Own(meant.to_owned()));
            assert_eq!((settings.model(), settings.rerank()), (own.clone(), own));
            tree.write(PROJECT, &text);
            let settings = tree.load().unwrap();
            let place = format!("{}:2", tree.at.join(PROJECT).display());
            assert_eq!(settings.rerank(), Some(Named::Project { place, name: written }));
            fs::remove_file(tree.at.join(PROJECT)).unwrap();
        }
    }

    #[test]
    fn mistakes_name_the_file_and_the_line() {
        let tree = Tree::new();
        tree.write("work/deep/qsearch.toml", "sources = 3\n\nindx = 'a'\n");
        let message = tree.load().unwrap_err().to_string();
        let file = tree.at.join("work/deep/qsearch.toml");
        assert!(message.starts_with(&format!("{}:3: unknown field `indx`", file.display())), "{message}");
        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
        assert!(tree.load().unwrap_err().to_string().contains("it isn't a regular file"));
    }
}
