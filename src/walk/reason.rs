//! Why is a file or folder left out?

use std::fmt;
use std::io;

use crate::error;

/// Why a file or folder is left out. Its text fits after `skipped a.pdf: `.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// Its extension, in lower case and with its dot, isn't one of those taken.
    Kind(String),
    /// It is larger than the limit.
    TooLarge {
        /// Its size in bytes, or as much of it as was read.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// Its content isn't text.
    Binary,
    /// It is a symbolic link.
    Symlink,
    /// It is neither a file nor a folder: a pipe, a socket, a device.
    Special,
    /// It was there when its folder was listed, and not any more.
    Vanished,
    /// The system refused to read it, and said this. Of an ignore file: what it leaves out was taken.
    Unreadable(String),
    /// A line of an ignore file isn't a rule; the others count.
    InvalidRule(String),
    /// It was named, and a rule leaves it out all the same: this one.
    LeftOut(&'static str),
}

impl Reason {
    /// What files above the size limit are called together; see [`class`](Self::class).
    pub const LARGE: &str = "large files";

    /// Whether something that may well be a note couldn't be read, so that the result is partial.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Unreadable(_) | Self::TooLarge { .. })
    }

    /// What files that are left out for the same reason are called together: `.pdf files`.
    pub fn class(&self) -> String {
        match self {
            Self::Kind(kind) => format!("{kind} files"),
            Self::TooLarge { .. } => Self::LARGE.into(),
            Self::Binary => "binary files".into(),
            Self::Symlink => "symbolic links".into(),
            Self::Special => "special files".into(),
            Self::Vanished => "vanished files".into(),
            Self::Unreadable(_) => "unreadable files".into(),
            Self::InvalidRule(_) => "unusable rules".into(),
            Self::LeftOut(_) => "ignored paths".into(),
        }
    }

    pub(super) fn from_io(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Vanished,
            _ => Self::Unreadable(error::plain(error)),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind(_) => f.write_str("not a kind of note yet"),
            Self::TooLarge { size, limit } => {
                write!(f, "too large ({}, the limit is {})", error::size(*size), error::size(*limit))
            }
            Self::Binary => f.write_str("not text"),
            Self::Symlink => f.write_str("not followed"),
            Self::Special => f.write_str("neither a file nor a folder"),
            Self::Vanished => f.write_str("it was removed meanwhile"),
            Self::Unreadable(why) => write!(f, "it couldn't be read: {why}"),
            Self::InvalidRule(what) => f.write_str(what),
            Self::LeftOut(rule) => write!(f, "left out by {rule}"),
        }
    }
}
