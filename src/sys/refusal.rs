//! Why a file isn't read, and whether links are followed.

use std::{fmt, io};

/// Whether the last part of a path may be a symbolic link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// It may, as in all that a user names.
    Follow,
    /// It may not.
    Refuse,
}

/// Why a file isn't read though the operating system would allow it; the source of an [`io::Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// It is a symbolic link, or behind one.
    Link,
    /// It is a folder, a pipe, a socket or a device.
    NotAFile,
    /// Its path leads out of the folder that it should lie in.
    Outside,
    /// It is larger than the caller wants to read.
    TooLarge {
        /// Its size in bytes, or as much of it as was read.
        size: u64,
        /// How many bytes the caller would have taken.
        most: u64,
    },
    /// It goes on far beyond the size it has by its own account, as files of the kernel do.
    Endless,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link => f.write_str("it is a symbolic link, or behind one"),
            Self::NotAFile => f.write_str("it isn't a regular file"),
            Self::Outside => f.write_str("it lies outside of its folder"),
            Self::TooLarge { size, most } => {
                write!(f, "it is too large ({size} bytes, the limit is {most})")
            }
            Self::Endless => f.write_str("it has no end"),
        }
    }
}

impl std::error::Error for Refusal {}

impl From<Refusal> for io::Error {
    fn from(refusal: Refusal) -> Self {
        Self::new(io::ErrorKind::InvalidInput, refusal)
    }
}

impl Refusal {
    /// The refusal that an error tells of, if it is one.
    pub fn of(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref().copied()
    }
}
