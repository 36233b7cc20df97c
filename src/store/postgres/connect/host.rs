//! Where a server is: a host and its port, or the folder of a socket.

use crate::sys;
use std::path::{Path, PathBuf};

use super::secret::Secret;
use super::url::escaped;

/// The port that servers listen on if nothing else is said.
pub(super) const PORT: u16 = 5432;

/// The folders that a server on this machine puts its socket into, as its packages have it.
const SOCKET_FOLDERS: [&str; 2] = ["/var/run/postgresql", "/tmp"];

/// Where one server is, and the password for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Host {
    /// Its machine.
    pub(super) place: Place,
    /// Its port, which names its socket, too.
    pub(super) port: u16,
    /// The password for it, if there is one.
    pub(super) password: Option<Secret>,
}

/// A machine, or the folder of a socket on this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A name or an IP address, an IPv6 address without brackets.
    Name(String),
    /// The folder of a socket.
    Folder(PathBuf),
}

impl Place {
    /// Reads what names a host; `None` if no host has such a name.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.starts_with('/') {
            return Some(Self::Folder(PathBuf::from(text)));
        }
        let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
        let named = |c: char| c.is_ascii_alphanumeric() || ".-_:%".contains(c);
        (!bare.is_empty() && bare.chars().all(named)).then(|| Self::Name(bare.to_ascii_lowercase()))
    }

    /// The place where none is named: the socket of a server on this machine if there is one, else this machine.
    pub(super) fn own(port: u16) -> Self {
        let socket = format!(".s.PGSQL.{port}");
        let has_one = |folder: &&str| sys::HAS_SOCKET_FILES && Path::new(folder).join(&socket).exists();
        match SOCKET_FOLDERS.into_iter().find(has_one) {
            Some(folder) => Self::Folder(PathBuf::from(folder)),
            None => Self::Name("localhost".to_owned()),
        }
    }

    /// How a file of passwords names it.
    pub(super) fn in_passfile(&self) -> String {
        match self {
            Self::Name(name) => name.clone(),
            Self::Folder(folder) if SOCKET_FOLDERS.iter().any(|own| Path::new(own) == folder) => {
                "localhost".to_owned()
            }
            Self::Folder(folder) => folder.display().to_string(),
        }
    }
}

impl Host {
    /// How an address names it: `db.example.org:5433`, `[::1]`, `%2Ftmp`.
    pub(super) fn shown(&self) -> String {
        let place = match &self.place {
            Place::Name(name) if name.contains(':') => format!("[{}]", name.replace('%', "%25")),
            Place::Name(name) => escaped(name),
            Place::Folder(folder) => escaped(&folder.to_string_lossy()),
        };
        if self.port == PORT { place } else { format!("{place}:{}", self.port) }
    }
}
