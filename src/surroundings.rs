//! What surrounds a caller, and what of it isn't to be trusted.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::{Distrust, Result};
use crate::files;
use crate::store::Place;

/// What surrounds a caller. The library doesn't read the around, so whoever does fills it in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The current folder, absolute.
    pub cwd: PathBuf,
    /// The user's home.
    pub home: Option<PathBuf>,
    /// Where the user's settings are, `qsearch/config.toml` in it.
    pub config_home: Option<PathBuf>,
    /// Where the user's data are, `qsearch/index` in it.
    pub data_home: Option<PathBuf>,
    /// Who became root to run this.
    pub sudo_user: Option<u32>,
    /// The machine's name; empty if it has none.
    pub machine: String,
    /// What says how databases are reached.
    pub variables: Variables,
}

/// Variables of the environment. Their values may be secret, so only their names are shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Variables(BTreeMap<String, String>);

impl Variables {
    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }
}

impl FromIterator<(String, String)> for Variables {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Self(variables.into_iter().collect())
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Surroundings {
    /// The place that a path or the address of a database names. Relative paths start from `folder`.
    ///
    /// # Errors
    ///
    /// When an address can't be read, or this program can't use databases.
    pub fn place(&self, named: &Path, folder: &Path) -> Result<Place> {
        match named.to_str().filter(|_| files::is_address(named)) {
            None => Ok(folder.join(named).into()),
            Some(address) => self.database(address),
        }
    }

    #[cfg(feature = "postgres")]
    fn database(&self, address: &str) -> Result<Place> {
        let database =
            crate::store::Database::parse(address, &self.machine, &|name| self.variables.get(name))?;
        Ok(Place::Database(Box::new(database)))
    }

    #[cfg(not(feature = "postgres"))]
    #[expect(clippy::unused_self, reason = "with databases it says how they are reached")]
    fn database(&self, _: &str) -> Result<Place> {
        Err(crate::error::Usage::NoDatabases.into())
    }
}

/// Something that nobody named and that isn't used because somebody else may have put it there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PassedOver {
    /// An index.
    Index {
        /// Its folder.
        index: PathBuf,
        /// Why it isn't used.
        why: Distrust,
    },
    /// A settings file.
    Settings {
        /// The file.
        file: PathBuf,
        /// The number of the user whose it is.
        user: u32,
    },
}
