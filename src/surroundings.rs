//! What surrounds a caller, and what of it isn't to be trusted.

use std::path::PathBuf;

use crate::error::Distrust;

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
