//! The store in a database: the same index in PostgreSQL with the extension `vector`, for more than one machine.
//!
//! The database finds what may be wanted, and everything that decides is decided here, by the code that the store in a folder
//! decides with, on rows that are fetched in batches: so ranking, answers and citations are the same, to the byte where
//! vectors are compared one by one. A question is one transaction that sees one state; a run of `index` commits whole notes,
//! of a root that it has a lease on. [`tables`] says which tables there are.
//!
//! | file | its question |
//! |---|---|
//! | `connect` | Which server is meant, and how is it spoken to? |
//! | `tables` | Which tables are there, and what is a row of each? |
//! | `state` | What does an index say of itself: its roots, and what is counted of them? |
//! | `session` | How is one state of it read, also when a connection was lost? |
//! | `snapshot`, `reading` | What was fetched of that state so far, and how is everything else fetched that is asked for? |
//! | `dictionary` | Which terms are there, as far as a question asks, and which are near one that isn't? |
//! | `postings`, `passage_words` | How are the passages of a term written, and the terms of a passage? |
//! | `codes` | How is a vector written, and how far is a rounded question from itself? |
//! | `fetched` | What do a question and passages that were fetched have in common? |
//! | `question` | Which passages are nearest, and which match best? |
//! | `selection` | Which passages may a question find? |
//! | `lease` | Who may write a root? |
//! | `writer`, `flush` | Which changes are held, and how do they become one commit? |
//! | `tally` | What is counted of passages that come and go? |
//! | `copy_rows`, `text` | How are rows and texts sent? |
//! | `fold` | When do batches of postings become one, and when do vectors get an index? |
//! | `rebuilding` | How does a new index take the place of the old one? |
//! | `check` | Does everything fit together? |
//!
//! Tests on a real server are in `tests` and `connect/tests`, behind the feature `live-postgres`; the contract of all stores
//! and the comparison of replies with those of the other stores run on it as well.

mod check;
mod codes;
mod connect;
mod copy_rows;
mod dictionary;
mod fetched;
mod flush;
mod fold;
mod lease;
mod passage_words;
mod postings;
mod question;
mod reading;
mod rebuilding;
mod selection;
mod session;
mod snapshot;
mod state;
mod tables;
mod tally;
mod text;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::connect::Address;
use self::session::Session;
use self::snapshot::DatabaseSnapshot;
use self::writer::DatabaseWriter;
use super::check::Checkup;
use super::record::Fingerprint;
use super::{Store, StoreWriter};
use crate::error::Result;

#[cfg(all(test, feature = "live-postgres"))]
pub(crate) mod tests;

/// A database that holds an index, or is to hold one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    address: Address,
    /// The name of this machine, which the roots that are on it have.
    machine: String,
    /// What stands for it in messages.
    shown: PathBuf,
}

impl Database {
    /// Whether a text is the address of a database.
    pub fn is_one(text: &str) -> bool {
        Address::is_one(text)
    }

    /// Whether the address of a database has a password in it.
    pub fn has_password_in(text: &str) -> bool {
        Address::has_password(text)
    }

    /// Takes an address, `postgres://user@host:port/database?schema=NAME` with the parameters of libpq, for a program on a
    /// machine of this name. What it doesn't say comes from `environment`, the variables of libpq, and from the files that they
    /// name.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Address`](crate::error::DatabaseError::Address) for what is no address.
    pub fn parse(text: &str, machine: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let address = Address::parse(text, environment)?;
        let shown = PathBuf::from(address.shown());
        Ok(Self { address, machine: machine.to_owned(), shown })
    }

    /// What stands for it in messages: its address without a password.
    pub fn shown(&self) -> &Path {
        &self.shown
    }

    /// The same, on the server that takes changes.
    fn for_writing(&self) -> Self {
        Self { address: self.address.for_writing(), ..self.clone() }
    }

    /// What the user should know of the address: that a file with passwords may be read by others, say.
    pub fn warnings(&self) -> &[String] {
        self.address.warnings()
    }
}

/// Opens the state of an index that is committed now.
///
/// # Errors
///
/// [`Error::NoIndex`](crate::error::Error::NoIndex) if there is none,
/// [`Error::Database`](crate::error::Error::Database) if the database can't be asked.
pub(super) fn open(database: &Database) -> Result<Arc<dyn Store>> {
    Ok(Arc::new(open_snapshot(database)?))
}

/// Opens the state that is committed now.
fn open_snapshot(database: &Database) -> Result<DatabaseSnapshot> {
    let (session, state) = Session::open(database)?;
    Ok(DatabaseSnapshot::new(session, state))
}

/// Opens an index for changes of some roots, or of those that turn out to be changed, and makes it if there is none.
///
/// # Errors
///
/// As [`Writer::open`](super::Writer::open); [`Error::Busy`](crate::error::Error::Busy) if another process writes one of the
/// roots.
pub(super) fn write(
    database: &Database,
    fingerprint: &Fingerprint,
    roots: &[String],
) -> Result<Box<dyn StoreWriter>> {
    Ok(Box::new(DatabaseWriter::open(database, fingerprint, roots)?))
}

/// Begins to make an index again, beside the one that is there.
///
/// # Errors
///
/// As [`Writer::rebuild`](super::Writer::rebuild).
pub(super) fn rebuild(database: &Database, fingerprint: &Fingerprint) -> Result<Box<dyn StoreWriter>> {
    Ok(Box::new(DatabaseWriter::rebuild(database, fingerprint)?))
}

/// Compares everything in an index with everything else.
///
/// # Errors
///
/// As [`open`].
pub(super) fn check(database: &Database) -> Result<Checkup> {
    check::check(database)
}

/// Who writes it now; `None` also if it can't be asked.
pub(super) fn writer(database: &Database) -> Option<String> {
    let snapshot = open_snapshot(database).ok()?;
    let status = snapshot.server().ok()??;
    status.leases.first().map(|lease| lease.owner.clone())
}
