//! Where is an index? In a folder, or in a database.
//!
//! Everything that opens, writes, checks or saves what is left of an index asks its place, and gets one of the interfaces
//! [`Store`] and [`StoreWriter`], behind which the two don't differ. What does differ is said here: only a folder can lie
//! inside of the notes that are walked, and only beside a folder may roots be read that nobody has confirmed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::interface::Store;
#[cfg(feature = "postgres")]
use super::postgres::{self, Database};
use super::store_writer::StoreWriter;
use super::{Checkup, Fingerprint, Salvage, Snapshot, Writer, check, lock};
use crate::error::Result;

/// The place of an index, which need not be there yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A folder.
    Folder(PathBuf),
    /// A database of PostgreSQL.
    #[cfg(feature = "postgres")]
    Database(Box<Database>),
}

impl Default for Place {
    /// A folder without a name.
    fn default() -> Self {
        Self::Folder(PathBuf::new())
    }
}

impl From<PathBuf> for Place {
    fn from(folder: PathBuf) -> Self {
        Self::Folder(folder)
    }
}

impl From<&Path> for Place {
    fn from(folder: &Path) -> Self {
        Self::Folder(folder.to_path_buf())
    }
}

impl Place {
    /// What stands for it in messages and documents: the folder, or the address of the database without a password.
    pub fn shown(&self) -> &Path {
        match self {
            Self::Folder(folder) => folder,
            #[cfg(feature = "postgres")]
            Self::Database(database) => database.shown(),
        }
    }

    /// The folder, if it is one.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(folder) => Some(folder),
            #[cfg(feature = "postgres")]
            Self::Database(_) => None,
        }
    }

    /// Opens the last committed state.
    ///
    /// # Errors
    ///
    /// [`Error::NoIndex`](crate::error::Error::NoIndex) if there is no index or nothing was ever committed to it,
    /// [`Error::IndexVersion`](crate::error::Error::IndexVersion) if it has another format,
    /// [`Error::Corrupt`](crate::error::Error::Corrupt) if it is damaged; others if it can't be reached.
    pub fn open(&self) -> Result<Arc<dyn Store>> {
        match self {
            Self::Folder(folder) => Ok(Arc::new(Snapshot::open(folder)?)),
            #[cfg(feature = "postgres")]
            Self::Database(database) => postgres::open(database),
        }
    }

    /// Opens the index for changes, or makes it. `roots` are the names of the roots that will be changed, none for all: a
    /// folder has one writer, a database one for each root.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`](crate::error::Error::Busy) if another process is writing the same,
    /// [`Error::Incompatible`](crate::error::Error::Incompatible) if it was made with another model, number of dimensions
    /// or chunking, [`Error::NotAnIndex`](crate::error::Error::NotAnIndex) if something else is there.
    #[cfg_attr(not(feature = "postgres"), expect(unused_variables, reason = "a folder has one writer"))]
    pub fn write(&self, fingerprint: &Fingerprint, roots: &[String]) -> Result<Box<dyn StoreWriter>> {
        match self {
            Self::Folder(folder) => Ok(Box::new(Writer::open(folder, fingerprint)?)),
            #[cfg(feature = "postgres")]
            Self::Database(database) => postgres::write(database, fingerprint, roots),
        }
    }

    /// Opens the index to make all of it again, whatever is there. Until the commit it stays as it is. Notes of roots that
    /// lie on other machines aren't read here, so they stay.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`](crate::error::Error::Busy) if another process is writing it,
    /// [`Error::NotAnIndex`](crate::error::Error::NotAnIndex) if something else is there.
    pub fn rebuild(&self, fingerprint: &Fingerprint) -> Result<Box<dyn StoreWriter>> {
        match self {
            Self::Folder(folder) => Ok(Box::new(Writer::rebuild(folder, fingerprint)?)),
            #[cfg(feature = "postgres")]
            Self::Database(database) => postgres::rebuild(database, fingerprint),
        }
    }

    /// Looks at all of it and tells what is wrong.
    ///
    /// # Errors
    ///
    /// When there is no index, it has another format, or it can't be read. Damage is no error.
    pub fn check(&self) -> Result<Checkup> {
        match self {
            Self::Folder(folder) => check(folder),
            #[cfg(feature = "postgres")]
            Self::Database(database) => postgres::check(database),
        }
    }

    /// What can be read of it to make it again; `None` if that is nothing.
    pub fn salvage(&self) -> Option<Salvage> {
        match self {
            Self::Folder(folder) => Salvage::of(folder),
            #[cfg(feature = "postgres")]
            Self::Database(_) => self.open().ok().map(|store| Salvage::of_store(&*store)),
        }
    }

    /// Who is writing it now, as a phrase; `None` if nobody is.
    pub fn writer(&self) -> Option<String> {
        match self {
            Self::Folder(folder) => lock::holder_of(folder),
            #[cfg(feature = "postgres")]
            Self::Database(database) => postgres::writer(database),
        }
    }
}
