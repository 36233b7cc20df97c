//! What can go wrong.
//!
//! A message is one lower-case sentence without a final period that says what happened and where. What to do about it
//! depends on how the library is used, so advice is made at the edge, from the variants and their fields.
//! [`kind`](Error::kind) says who is to blame, for exit statuses and the like.

#[cfg(feature = "postgres")]
mod database;
mod hub;
mod llm;
mod not_found;
mod usage;

use crate::sys;
use std::io;
use std::path::{Path, PathBuf};

#[cfg(feature = "postgres")]
pub use database::DatabaseError;
pub use hub::HubError;
pub use llm::LlmError;
pub use not_found::NotFound;
pub use usage::{Distrust, ModelRole, Risk, Usage, Wanted};

/// The result of everything in this library that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No index was found where one was looked for.
    #[error("there is no index at {}", .path.display())]
    NoIndex {
        /// Where the index should have been.
        path: PathBuf,
    },
    /// A folder was named as the index that holds something else.
    #[error("{} isn't a qsearch index and isn't empty", .path.display())]
    NotAnIndex {
        /// The folder.
        path: PathBuf,
    },
    /// The index was written in a format this program doesn't read.
    #[error("the index at {} has format {found}, and this qsearch reads format {supported}", .path.display())]
    IndexVersion {
        /// The index.
        path: PathBuf,
        /// The format it is written in.
        found: u32,
        /// The format this program reads and writes.
        supported: u32,
    },
    /// The index was made with another model or another way of cutting passages.
    #[error("the index at {} was made with {what} `{indexed}`, not with `{asked}`", .path.display())]
    Incompatible {
        /// The index.
        path: PathBuf,
        /// What differs.
        what: Mismatch,
        /// The fingerprint in the index.
        indexed: String,
        /// The fingerprint that was asked for.
        asked: String,
    },
    /// Another process is writing the index.
    #[error("the index at {} is being written by {holder}", .path.display())]
    Busy {
        /// The index.
        path: PathBuf,
        /// Who holds the lock, as its lock file says.
        holder: String,
    },
    /// A file of the index doesn't hold what was written to it.
    #[error("{} is damaged: {what}", .path.display())]
    Corrupt {
        /// The damaged file, or the index folder where no file could be named.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// A model file can't be used.
    #[error("the model {name} can't be used: {what}")]
    Model {
        /// The model's name or file.
        name: String,
        /// What is wrong with it.
        what: String,
    },
    /// The model inside the program can't be used.
    #[error("the model {name} of this program can't be used: {what}")]
    BundledModel {
        /// The model's name.
        name: &'static str,
        /// What is wrong with it.
        what: String,
    },
    /// A request that can't be carried out as it was made.
    #[error(transparent)]
    Usage(#[from] Usage),
    /// Something that was asked for isn't there.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// A language model can't write.
    #[error(transparent)]
    Llm(#[from] LlmError),
    /// A database can't be used.
    #[cfg(feature = "postgres")]
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A model can't be downloaded.
    #[error(transparent)]
    Hub(#[from] HubError),
    /// The writer's lock was removed or replaced while the index was written, so that another process may be writing it.
    #[error("{} was removed or replaced while the index was being written, so this run's changes were given up", .path.display())]
    LockLost {
        /// The lock's file.
        path: PathBuf,
    },
    /// The work was interrupted; what was indexed before is intact.
    #[error("interrupted; {0}")]
    Interrupted(Saved),
    /// There can be no more threads.
    #[error("can't start a thread: {}", plain(.source))]
    NoThread {
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The operating system refused something.
    #[error("can't {action} {}: {}", .path.display(), plain(.source))]
    Io {
        /// What was tried, as a verb: `read`, `create`, ….
        action: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
}

/// How much of an interrupted run is in the index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Saved {
    /// Nothing of it.
    #[default]
    Nothing,
    /// All that it had committed by then.
    Part {
        /// How many notes are still to be read.
        waiting: u64,
        /// How many of all notes are found by their words only until then.
        pending: u64,
    },
    /// All of it, but the index wasn't tidied up as was wanted.
    All,
}

impl std::fmt::Display for Saved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nothing => f.write_str("the index is as it was before"),
            Self::Part { waiting, pending } => match (waiting.saturating_sub(*pending), *pending) {
                (1, 0) => f.write_str("1 note isn't in the index yet, all others are"),
                (absent, 0) => write!(f, "{absent} notes aren't in the index yet, all others are"),
                (0, 1) => f.write_str("1 note is found by its words only, all others are in the index"),
                (0, pending) => {
                    write!(f, "{pending} notes are found by their words only, all others are in the index")
                }
                (absent, pending) => write!(
                    f,
                    "{absent} notes aren't in the index yet, and {pending} are found by their words only"
                ),
            },
            Self::All => f.write_str("all notes are in the index, but it wasn't optimized to the end"),
        }
    }
}

/// In what an index and a request for it differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// The model.
    Model,
    /// The way of cutting passages.
    Chunking,
    /// How many numbers a vector has.
    Dimensions,
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Model => "model",
            Self::Chunking => "chunking",
            Self::Dimensions => "dimensions",
        })
    }
}

/// Who or what is to blame for an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request itself is wrong.
    Usage,
    /// Nothing is there: no index, no such note or passage.
    NotFound,
    /// Another process is in the way; trying again later may work.
    Busy,
    /// Index and program, or index and model, don't fit each other.
    Incompatible,
    /// Data on disk is damaged.
    Corrupt,
    /// The model can't be used.
    Model,
    /// The user stopped it.
    Interrupted,
    /// The operating system refused.
    Io,
}

impl Error {
    /// Makes an [`Error::Io`]; for `map_err`.
    pub fn io(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        let path = path.as_ref().to_path_buf();
        move |source| Self::Io { action, path, source }
    }

    /// Makes an [`Error::Corrupt`].
    pub fn corrupt(path: impl AsRef<Path>, what: impl Into<String>) -> Self {
        Self::Corrupt { path: path.as_ref().to_path_buf(), what: what.into() }
    }

    /// Who or what is to blame.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NoIndex { .. } | Self::NotFound(_) => ErrorKind::NotFound,
            Self::NotAnIndex { .. } | Self::Usage(_) => ErrorKind::Usage,
            Self::IndexVersion { .. } | Self::Incompatible { .. } => ErrorKind::Incompatible,
            Self::Busy { .. } | Self::LockLost { .. } => ErrorKind::Busy,
            Self::Corrupt { .. } => ErrorKind::Corrupt,
            Self::Model { .. } | Self::BundledModel { .. } | Self::Llm(_) => ErrorKind::Model,
            #[cfg(feature = "postgres")]
            Self::Database(error) => error.kind(),
            Self::Hub(error) => error.kind(),
            Self::Interrupted(_) => ErrorKind::Interrupted,
            Self::Io { .. } | Self::NoThread { .. } => ErrorKind::Io,
        }
    }
}

/// Whether it isn't for what was asked that an error came, but for want of memory, threads or open files.
pub(crate) fn is_scarcity(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::OutOfMemory | io::ErrorKind::WouldBlock)
        || sys::is_too_many_files(error)
}

/// An operating system's error without its code, in lower case: `permission denied`.
pub(crate) fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

/// A size as people write it: `812 B`, `4.2 MiB`.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    // What would be rounded to 1024.0 belongs to the next unit.
    while value >= 1023.95 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_as_people_do() {
        assert_eq!(size(0), "0 B");
        assert_eq!(size(1024), "1.0 KiB");
        assert_eq!(size((1 << 20) - 1), "1.0 MiB");
        assert_eq!(size(u64::MAX), "16777216.0 TiB");
    }

    #[test]
    fn messages_name_the_file_and_the_cause() {
        let missing = std::fs::read("/no/such/file").map_err(Error::io("read", "/no/such/file")).unwrap_err();
        assert_eq!(missing.to_string(), "can't read /no/such/file: no such file or directory");
        let full = Error::io("write", "i/x")(io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(full.kind(), ErrorKind::Io);
    }
}
