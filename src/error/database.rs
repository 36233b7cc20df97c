//! What can go wrong with a database and its server.

use super::ErrorKind;

/// Why a database can't be used. Addresses are without passwords.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// What was named is no address, or one with something that isn't known.
    #[error("the address of the database can't be used: {what}")]
    Address {
        /// What is wrong with it, without any part that could be a password.
        what: String,
    },
    /// Nobody listens there, or it can't be reached.
    #[error("nobody answers at {server}: {why}")]
    Refused {
        /// The address.
        server: String,
        /// Why not.
        why: String,
    },
    /// The server doesn't answer in time.
    #[error("{server} doesn't answer{}", within(*.seconds))]
    NoAnswer {
        /// The address.
        server: String,
        /// How long it was waited for, if that is known.
        seconds: Option<u64>,
    },
    /// The host's name leads nowhere.
    #[error("the host {host} of {server} isn't found: {why}")]
    Name {
        /// The address.
        server: String,
        /// The host's name.
        host: String,
        /// What the system says.
        why: String,
    },
    /// The server can't be trusted, or does no TLS where that is wanted.
    #[error("no trusted connection to {server}: {why}")]
    Tls {
        /// The address.
        server: String,
        /// Why not.
        why: String,
    },
    /// The server doesn't let the user in.
    #[error("{server} doesn't let this user in: {why}")]
    Password {
        /// The address.
        server: String,
        /// What it says.
        why: String,
        /// Whether there was a password to try.
        given: bool,
    },
    /// The server has no such database.
    #[error("there is no database {server}")]
    NoDatabase {
        /// The address.
        server: String,
    },
    /// The user may not do it.
    #[error("{server} doesn't allow it: {what}")]
    Privilege {
        /// The address.
        server: String,
        /// What it says.
        what: String,
    },
    /// The server takes no changes.
    #[error("{server} takes no changes")]
    ReadOnly {
        /// The address.
        server: String,
    },
    /// Another session holds what is wanted.
    #[error("another session holds a lock in {server}")]
    Locked {
        /// The address.
        server: String,
    },
    /// It took too long.
    #[error("{server} didn't finish{}", within(*.seconds))]
    Slow {
        /// The address.
        server: String,
        /// How long it was waited for, if that is known.
        seconds: Option<u64>,
    },
    /// The server has no space or no memory left.
    #[error("{server} is full: {what}")]
    Full {
        /// The address.
        server: String,
        /// What it says.
        what: String,
    },
    /// The server takes no more connections.
    #[error("{server} takes no more connections for now")]
    TooMany {
        /// The address.
        server: String,
    },
    /// The server stops, starts, or has crashed.
    #[error("{server} is stopping or starting: {what}")]
    Shutdown {
        /// The address.
        server: String,
        /// What it says.
        what: String,
    },
    /// The connection is gone.
    #[error("the connection to {server} was lost: {why}")]
    Lost {
        /// The address.
        server: String,
        /// What happened.
        why: String,
    },
    /// The extension for vectors isn't there, or is too old.
    #[error("{server} lacks the extension `vector`: {what}")]
    NoVector {
        /// The address.
        server: String,
        /// What it says.
        what: String,
    },
    /// None of the servers is of the wanted kind.
    #[error("no server of {server} {wanted}")]
    Unwritable {
        /// The address.
        server: String,
        /// What was wanted of one, as a verb: `takes changes`, `is a standby`.
        wanted: &'static str,
    },
    /// Another session changed the same at the same time.
    #[error("another session changed the same in {server} at the same time")]
    Conflict {
        /// The address.
        server: String,
    },
    /// The index was changed while it was asked, and what was asked for is gone.
    #[error("the index in {server} was changed while it was asked")]
    Changed {
        /// The address.
        server: String,
    },
    /// A root was given to another writer, because this one didn't commit in time.
    #[error("another process writes the root {root} by now, so this run's last changes were given up")]
    LeaseLost {
        /// The root's name.
        root: String,
    },
    /// What answers doesn't speak the protocol.
    #[error("what answers at {server} isn't PostgreSQL: {what}")]
    NotPostgres {
        /// The address.
        server: String,
        /// What came instead.
        what: String,
    },
    /// Something else.
    #[error("{server} refused: {message} (code {code})")]
    Other {
        /// The address.
        server: String,
        /// The code of SQLSTATE, or `client` for what went wrong here.
        code: String,
        /// What it says.
        message: String,
    },
}

impl DatabaseError {
    /// Who or what is to blame.
    pub(super) fn kind(&self) -> ErrorKind {
        match self {
            Self::Address { .. } => ErrorKind::Usage,
            Self::NoDatabase { .. } => ErrorKind::NotFound,
            Self::Locked { .. } | Self::Conflict { .. } | Self::Changed { .. } | Self::LeaseLost { .. } => {
                ErrorKind::Busy
            }
            _ => ErrorKind::Io,
        }
    }

    /// Whether the same may succeed if it is done once more, on a new connection where the old one is gone.
    pub fn is_worth_retrying(&self) -> bool {
        matches!(self, Self::Conflict { .. } | Self::Shutdown { .. } | Self::Lost { .. })
    }
}

/// For how long something was waited for, as the end of a sentence.
fn within(seconds: Option<u64>) -> String {
    seconds.map_or_else(|| " in time".to_owned(), |seconds| format!(" within {seconds} s"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_sentences_that_name_the_server() {
        let server = "postgres://ann@db/notes".to_owned();
        let slow = DatabaseError::Slow { server: server.clone(), seconds: Some(30) };
        assert_eq!(slow.to_string(), "postgres://ann@db/notes didn't finish within 30 s");
        let mute = DatabaseError::NoAnswer { server: server.clone(), seconds: None };
        assert_eq!(mute.to_string(), "postgres://ann@db/notes doesn't answer in time");
        let standby = DatabaseError::Unwritable { server: server.clone(), wanted: "takes changes" };
        assert_eq!(standby.to_string(), "no server of postgres://ann@db/notes takes changes");
        assert_eq!(
            DatabaseError::NoDatabase { server }.to_string(),
            "there is no database postgres://ann@db/notes"
        );
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let server = String::new;
        assert!(DatabaseError::Conflict { server: server() }.is_worth_retrying());
        assert!(DatabaseError::Lost { server: server(), why: String::new() }.is_worth_retrying());
        assert!(DatabaseError::Shutdown { server: server(), what: String::new() }.is_worth_retrying());
        assert!(!DatabaseError::ReadOnly { server: server() }.is_worth_retrying());
        assert!(!DatabaseError::Slow { server: server(), seconds: None }.is_worth_retrying());
    }
}
