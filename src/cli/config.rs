//! Settings from files: the nearest `qsearch.toml` upward from the current folder, then the user's own
//! `$XDG_CONFIG_HOME/qsearch/config.toml`.
//!
//! Both have the same keys, all optional:
//!
//! ```toml
//! index = "index"             # folder of the index, relative to this file; ~/ is your home
//! include = ["**/*.md"]       # as --include
//! exclude = ["drafts/**"]     # as --exclude
//! max-size = "64MiB"          # as --max-size
//! sources = 5                 # as ask --sources
//! model = "all-MiniLM-L6-v2"  # as index --model, for new indexes; a file or folder as `index` is
//! rerank = "BGERerankerBase"  # as ask --rerank; a file or folder as `index` is
//! ```
//!
//! A key in the nearer file wins; a flag or a variable wins over both. An unknown key is an error, since it is
//! most often a known one with a typing mistake.

use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use qsearch::error::{Error, Result};
use serde::{Deserialize, Deserializer};

use super::environment::Environment;
use super::human;

/// What can be set in a file; `None` where no file sets it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Settings {
    /// The folder of the index; absolute once it is [loaded](Settings::load).
    pub(crate) index: Option<PathBuf>,
    /// Globs of notes to take.
    pub(crate) include: Option<Vec<String>>,
    /// Globs of notes to leave out.
    pub(crate) exclude: Option<Vec<String>>,
    /// The size in bytes from which on a file is left out.
    #[serde(default, deserialize_with = "size")]
    pub(crate) max_size: Option<u64>,
    /// How many sources `ask` shows.
    pub(crate) sources: Option<NonZeroUsize>,
    /// The model of new indexes; absolute if it is a file or folder.
    pub(crate) model: Option<String>,
    /// The reranker of questions; absolute if it is a file or folder.
    pub(crate) rerank: Option<String>,
}

impl Settings {
    /// Reads the settings that hold in the current folder.
    pub(crate) fn load(environment: &Environment) -> Result<Self> {
        let nearest = environment.cwd.ancestors().map(|folder| folder.join("qsearch.toml"));
        let nearest = nearest.into_iter().find(|file| file.is_file());
        let own = environment.config_home.as_ref().map(|config| config.join("qsearch/config.toml"));
        let mut settings = Self::default();
        for file in nearest.into_iter().chain(own) {
            let read = match Self::read(&file, environment.home.as_deref()) {
                // Nobody named this file; to another user's home, it is as if there were none.
                Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::PermissionDenied => {
                    tracing::warn!(path = %file.display(), "the settings can't be read");
                    Self::default()
                }
                read => read?,
            };
            settings = settings.or(read);
        }
        Ok(settings)
    }

    /// Reads one file; nothing is set where there is none.
    fn read(file: &Path, home: Option<&Path>) -> Result<Self> {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(Error::io("read", file)(error)),
        };
        let mut settings: Self = toml::from_str(&text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start).min(text.len());
            let line = text.get(..start).unwrap_or("").matches('\n').count() + 1;
            Error::Usage {
                what: format!("{}:{line}: {}", file.display(), error.message().trim_end()),
                hint:
                    "the keys are `index`, `include`, `exclude`, `max-size`, `sources`, `model` and `rerank`"
                        .to_owned(),
            }
        })?;
        let placed = |path: &Path| {
            let below_home = path.strip_prefix("~").ok().and_then(|rest| Some(home?.join(rest)));
            below_home.unwrap_or_else(|| file.parent().unwrap_or(Path::new("")).join(path))
        };
        settings.index = settings.index.as_deref().map(placed);
        // What isn't there as a file or folder is a name.
        for model in [&mut settings.model, &mut settings.rerank] {
            let named = model.as_ref().filter(|model| !model.is_empty());
            let path = named.map(|model| placed(Path::new(model))).filter(|path| path.exists());
            if let Some(path) = path.and_then(|path| path.into_os_string().into_string().ok()) {
                *model = Some(path);
            }
        }
        Ok(settings)
    }

    /// These settings, and those of `other` where these leave something open.
    fn or(self, other: Self) -> Self {
        Self {
            index: self.index.or(other.index),
            include: self.include.or(other.include),
            exclude: self.exclude.or(other.exclude),
            max_size: self.max_size.or(other.max_size),
            sources: self.sources.or(other.sources),
            model: self.model.or(other.model),
            rerank: self.rerank.or(other.rerank),
        }
    }
}

/// Reads a size that is a number of bytes or a text like `64MiB`.
fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    // As text, a number is read by the same rules, and refused with the same words.
    let text = match toml::Value::deserialize(deserializer)? {
        toml::Value::String(text) => text,
        toml::Value::Integer(bytes) => bytes.to_string(),
        _ => String::new(),
    };
    human::parse_size(&text).map(Some).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn environment(at: &Path) -> Environment {
        fs::create_dir_all(at.join("work/deep/er")).unwrap();
        fs::create_dir_all(at.join("config/qsearch")).unwrap();
        Environment {
            cwd: at.join("work/deep/er"),
            home: Some(at.join("home")),
            config_home: Some(at.join("config")),
            ..Environment::default()
        }
    }

    #[test]
    fn the_nearer_file_wins_key_by_key() {
        let at = tempfile::tempdir().unwrap();
        let environment = environment(at.path());
        assert_eq!(Settings::load(&environment).unwrap(), Settings::default());
        fs::write(at.path().join("work/qsearch.toml"), "index = 'my/index'\nmax-size = '1KiB'").unwrap();
        fs::write(
            at.path().join("config/qsearch/config.toml"),
            "index = '~/notes-index'\nsources = 3\nmax-size = 5",
        )
        .unwrap();
        let settings = Settings::load(&environment).unwrap();
        assert_eq!(settings.index, Some(at.path().join("work/my/index")));
        assert_eq!(settings.max_size, Some(1024));
        assert_eq!(settings.sources, NonZeroUsize::new(3));
        fs::remove_file(at.path().join("work/qsearch.toml")).unwrap();
        let settings = Settings::load(&environment).unwrap();
        assert_eq!(settings.index, Some(at.path().join("home/notes-index")));
        assert_eq!(settings.max_size, Some(5));
    }

    #[test]
    fn a_model_is_a_path_beside_the_file_or_a_name() {
        let at = tempfile::tempdir().unwrap();
        let environment = environment(at.path());
        fs::write(at.path().join("work/mine.qsm"), "").unwrap();
        fs::create_dir_all(at.path().join("home/models/bge")).unwrap();
        let beside = at.path().join("work/mine.qsm").display().to_string();
        let below_home = at.path().join("home/models/bge").display().to_string();
        for (written, meant) in [
            ("mine.qsm", &*beside),
            ("~/models/bge", &below_home),
            ("BGESmallENV15", "BGESmallENV15"),
            ("", ""),
        ] {
            let text = format!("model = '{written}'\nrerank = '{written}'");
            fs::write(at.path().join("work/qsearch.toml"), text).unwrap();
            let settings = Settings::load(&environment).unwrap();
            assert_eq!((settings.model.as_deref(), settings.rerank.as_deref()), (Some(meant), Some(meant)));
        }
    }

    #[test]
    fn mistakes_name_the_file_and_the_line() {
        let at = tempfile::tempdir().unwrap();
        let environment = environment(at.path());
        let file = at.path().join("work/deep/qsearch.toml");
        for (text, line, what) in [
            ("sources = 3\n\nindx = 'a'\n", 3, "unknown field `indx`"),
            ("index = [", 1, ""),
            ("sources = 0", 1, ""),
            ("\nmax-size = 'huge'", 2, "not a size"),
            ("\n\ninclude = '*.md'", 3, "invalid type"),
        ] {
            fs::write(&file, text).unwrap();
            let message = Settings::load(&environment).unwrap_err().to_string();
            assert!(message.starts_with(&format!("{}:{line}: ", file.display())), "{message}");
            assert!(message.contains(what), "{message}");
            assert!(!message.contains('\n'), "{message}");
        }
    }
}
