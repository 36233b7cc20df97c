//! An index in a database of PostgreSQL.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Checkup, Fingerprint, Store, StoreWriter};
use crate::error::{Error, Result, Usage};
use crate::files;

/// The address of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    shown: PathBuf,
}

impl Database {
    /// Reads an address like `postgres://user@host/db`. `machine` is the name of this machine, and `environment` looks up a
    /// variable that says what the address leaves open.
    ///
    /// # Errors
    ///
    /// If it isn't the address of a database.
    pub fn parse(text: &str, _machine: &str, _environment: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        if !Self::is_one(text) {
            return Err(Usage::NoDatabases.into());
        }
        Ok(Self { shown: text.into() })
    }

    /// Whether a text means a database.
    pub fn is_one(text: &str) -> bool {
        files::is_address(Path::new(text))
    }

    /// The address without a password.
    pub fn shown(&self) -> &Path {
        &self.shown
    }

    /// Whether an address has a password in it.
    pub fn has_password_in(text: &str) -> bool {
        let user = text.split_once("://").and_then(|(_, rest)| Some(rest.split_once('@')?.0));
        user.is_some_and(|user| user.contains(':'))
    }
}

fn missing() -> Error {
    Usage::NoDatabases.into()
}

/// Opens the last committed state.
///
/// # Errors
///
/// If it can't be reached.
pub(super) fn open(_: &Database) -> Result<Arc<dyn Store>> {
    Err(missing())
}

/// Opens it for changes of some roots.
///
/// # Errors
///
/// If it can't be reached.
pub(super) fn write(_: &Database, _: &Fingerprint, _roots: &[String]) -> Result<Box<dyn StoreWriter>> {
    Err(missing())
}

/// Opens it to make all of it again.
///
/// # Errors
///
/// If it can't be reached.
pub(super) fn rebuild(_: &Database, _: &Fingerprint) -> Result<Box<dyn StoreWriter>> {
    Err(missing())
}

/// Looks at all of it.
///
/// # Errors
///
/// If it can't be reached.
pub(super) fn check(_: &Database) -> Result<Checkup> {
    Err(missing())
}

/// Who is writing it now.
pub(super) fn writer(_: &Database) -> Option<String> {
    None
}
