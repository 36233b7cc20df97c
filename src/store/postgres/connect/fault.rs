//! What an error of the client or the server means.

use std::error::Error as _;
use std::io;

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, SqlState};

use crate::error::{DatabaseError, plain};

use super::tls;

/// What is said where a connection ends within a message.
const CUT: &str = "it ended in the middle of a message";
/// How many characters of what a server says are passed on.
const MOST_SAID: usize = 300;

impl DatabaseError {
    /// What an error at an address means. Nothing in it is from the address but how it is shown.
    pub(crate) fn of(address_shown: &str, error: &Error) -> Self {
        let server = address_shown.to_owned();
        if let Some(said) = error.as_db_error() {
            return of_server(server, said);
        }
        if error.is_closed() {
            return Self::Lost { server, why: "the server closed it".to_owned() };
        }
        let source = error.source();
        if let Some(system) = source.and_then(|source| source.downcast_ref::<io::Error>()) {
            return of_system(server, system);
        }
        let what = source.map_or_else(|| error.to_string(), ToString::to_string);
        // The kinds of errors have no other names outside of the client.
        match error.to_string().as_str() {
            "error performing TLS handshake" if what == "server does not support TLS" => {
                Self::Tls { server, why: "it does no TLS".to_owned() }
            }
            "error performing TLS handshake" => Self::Tls { server, why: one_line(&what) },
            "invalid configuration" if what == "password missing" => {
                Self::Password { server, why: "it wants a password".to_owned(), given: false }
            }
            "authentication error" => Self::Password { server, why: one_line(&what), given: true },
            "unexpected message from server" | "error parsing response from server" => {
                Self::NotPostgres { server, what: one_line(&what) }
            }
            kind => {
                let message = if kind == what { what } else { format!("{kind}: {what}") };
                Self::Other { server, code: "client".to_owned(), message: one_line(&message) }
            }
        }
    }
}

/// What a server's error means, by its code: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn of_server(server: String, said: &DbError) -> DatabaseError {
    let what = one_line(said.message());
    let code = said.code().code();
    match code {
        "0A000" | "58P01" | "42704" if names_vectors(said.message()) => {
            DatabaseError::NoVector { server, what }
        }
        "28P01" | "28000" => DatabaseError::Password { server, why: what, given: true },
        "3D000" => DatabaseError::NoDatabase { server },
        "42501" => DatabaseError::Privilege { server, what },
        // PostgreSQL copies nothing into a table with policies that hold for the user.
        "0A000" if what.contains("row-level security") => DatabaseError::Privilege { server, what },
        "25006" => DatabaseError::ReadOnly { server },
        "55P03" => DatabaseError::Locked { server },
        "57014" => DatabaseError::Slow { server, seconds: None },
        // No disk space, no memory, and limits that are configured.
        "53100" | "53200" | "53000" | "53400" => DatabaseError::Full { server, what },
        "53300" => DatabaseError::TooMany { server },
        "57P01" | "57P02" | "57P03" | "57P05" => DatabaseError::Shutdown { server, what },
        "40001" | "40P01" => DatabaseError::Conflict { server },
        _ if code.starts_with("08") => DatabaseError::Lost { server, why: what },
        _ => DatabaseError::Other { server, code: code.to_owned(), message: what },
    }
}

/// What an error of the operating system means, or one of TLS that came as one.
fn of_system(server: String, error: &io::Error) -> DatabaseError {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    if let Some(trouble) = inner {
        return DatabaseError::Tls { server, why: one_line(&tls::explained(trouble)) };
    }
    let why = plain(error);
    match error.kind() {
        io::ErrorKind::TimedOut => DatabaseError::NoAnswer { server, seconds: None },
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::NotConnected
        | io::ErrorKind::BrokenPipe => DatabaseError::Lost { server, why },
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            DatabaseError::NotPostgres { server, what: one_line(&why) }
        }
        // What isn't the system's is the client's, which got half of a message.
        io::ErrorKind::Other if error.raw_os_error().is_none() => {
            DatabaseError::Lost { server, why: CUT.to_owned() }
        }
        _ => DatabaseError::Refused { server, why },
    }
}

/// What an error means where nobody is logged in yet, so that nothing can be lost: half of a message comes from who speaks
/// another language, and a pooler says with the code of a broken protocol that it doesn't know a user.
pub(super) fn of_stranger(shown: &str, error: &Error) -> DatabaseError {
    let is_broken = error.code() == Some(&SqlState::PROTOCOL_VIOLATION);
    match DatabaseError::of(shown, error) {
        DatabaseError::Lost { server, why } if why == CUT => {
            DatabaseError::NotPostgres { server, what: "its first message makes no sense".to_owned() }
        }
        DatabaseError::Lost { server, why } if is_broken => {
            if ["user", "auth", "login"].iter().any(|word| why.contains(word)) {
                DatabaseError::Password { server, why, given: true }
            } else {
                let code = SqlState::PROTOCOL_VIOLATION.code().to_owned();
                DatabaseError::Other { server, code, message: why }
            }
        }
        other => other,
    }
}

/// Whether a message is about the extension for vectors: names in messages are the same in all languages.
fn names_vectors(message: &str) -> bool {
    ["vector", "halfvec"].iter().any(|name| {
        let named = |before: char| message.contains(&format!("{before}{name}"));
        // `"vector"`, `« vector »`, `.../extension/vector.control`, `public.halfvec`
        named('"') || named('/') || named('.') || named('\u{201e}') || message.contains(&format!(" {name} "))
    })
}

/// What a server says, in one line of a bearable length.
fn one_line(said: &str) -> String {
    let line = said.split(|c: char| c.is_control() || c == ' ').filter(|word| !word.is_empty());
    let line = line.collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MOST_SAID) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_is_known_by_its_name() {
        for message in [
            "extension \"vector\" is not available",
            "could not open extension control file \"/usr/share/postgresql/15/extension/vector.control\": No such file",
            "type \"vector\" does not exist",
            "type \"halfvec\" does not exist",
            "type \"public.halfvec\" does not exist",
            "l'extension « vector » n'est pas disponible",
            "Erweiterung „vector“ ist nicht verfügbar",
        ] {
            assert!(names_vectors(message), "{message}");
        }
        assert!(!names_vectors("type \"tsvector2\" does not exist"));
        assert!(!names_vectors("extension \"unaccent\" is not available"));
    }

    #[test]
    fn what_is_said_fits_a_line() {
        assert_eq!(one_line("a\n\tb\u{1b}[31m  c"), "a b [31m c");
        assert_eq!(one_line(&"é".repeat(400)).chars().count(), MOST_SAID + 1);
    }

    #[test]
    fn what_the_system_says_has_its_meaning() {
        let of = |kind| of_system("s".to_owned(), &io::Error::from(kind));
        assert!(matches!(of(io::ErrorKind::ConnectionRefused), DatabaseError::Refused { .. }));
        assert!(matches!(of(io::ErrorKind::TimedOut), DatabaseError::NoAnswer { .. }));
        assert!(matches!(of(io::ErrorKind::ConnectionReset), DatabaseError::Lost { .. }));
    }
}
