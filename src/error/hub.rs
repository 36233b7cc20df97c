//! What can go wrong with the hub that models are downloaded from.

use std::path::PathBuf;

use super::{ErrorKind, size};

/// Why a model can't be downloaded. Files are named as the hub has them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HubError {
    /// What is set as the address of the hub is none.
    #[error("HF_ENDPOINT is {said}, which is no address of a hub")]
    Endpoint {
        /// What is set.
        said: String,
    },
    /// Nobody answers at the address.
    #[error("{server} can't be reached: {why}")]
    Absent {
        /// The address.
        server: String,
        /// Why not.
        why: String,
    },
    /// The hub has no such repository, or none that anybody may read.
    #[error("{server} has no model {repository} that anybody may download")]
    NoModel {
        /// The address.
        server: String,
        /// The repository.
        repository: String,
    },
    /// A repository lacks a file without which it can't be imported.
    #[error("{repository} has no {file}, so it can't be imported")]
    NoFile {
        /// The repository.
        repository: String,
        /// The file.
        file: String,
    },
    /// The hub refuses a file.
    #[error("{server} answers with status {status} to the request for {file}")]
    Status {
        /// The address.
        server: String,
        /// The file.
        file: String,
        /// The status of HTTP.
        status: u16,
    },
    /// What came makes no sense.
    #[error("{file} can't be downloaded: {what}")]
    BadReply {
        /// The file.
        file: String,
        /// What came.
        what: String,
    },
    /// A file is larger than any that is imported.
    #[error("{file} is larger than {}, so it isn't downloaded", size(*.most))]
    TooLarge {
        /// The file.
        file: String,
        /// How many bytes it may have.
        most: u64,
    },
    /// The connection was lost again and again.
    #[error("{file} was cut off after {}: {why}", size(*.got))]
    Cut {
        /// The file.
        file: String,
        /// How many bytes are here.
        got: u64,
        /// What happened.
        why: String,
    },
    /// A file isn't what the hub says that it is.
    #[error("{file} isn't what the hub says: its SHA-256 is {found}, not {expected}")]
    Checksum {
        /// The file.
        file: String,
        /// What it should be.
        expected: String,
        /// What it is.
        found: String,
    },
    /// A model was changed on the hub between two of its files.
    #[error("{repository} was changed on the hub while it was downloaded")]
    Changed {
        /// The repository.
        repository: String,
    },
    /// Another process downloads the same model.
    #[error("another process is downloading to {}", .folder.display())]
    Busy {
        /// The folder of the download.
        folder: PathBuf,
    },
    /// The user stopped it.
    #[error("interrupted; {} of {file} are here", size(*.got))]
    Interrupted {
        /// The file.
        file: String,
        /// How many bytes of it are here.
        got: u64,
    },
}

impl HubError {
    /// Who or what is to blame.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Endpoint { .. } => ErrorKind::Usage,
            Self::NoModel { .. } => ErrorKind::NotFound,
            Self::NoFile { .. } => ErrorKind::Model,
            Self::Busy { .. } => ErrorKind::Busy,
            Self::Interrupted { .. } => ErrorKind::Interrupted,
            _ => ErrorKind::Io,
        }
    }
}
