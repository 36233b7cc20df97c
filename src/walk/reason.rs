//! Why is a file or folder left out?

use std::ffi::OsStr;
use std::fmt;
use std::fs::FileType;
use std::io;

use crate::error;
use crate::files::Refusal;
use crate::format::{self, FORMATS, Format, NO_NOTES, Reader};

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
    /// It is an archive that is larger than the limit.
    LargeArchive {
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// It is an archive, and none of notes.
    NoNotes,
    /// Its content isn't text, nor anything else that can be read.
    Binary,
    /// It isn't what its name says, or is damaged; this says what it should be, and what is wrong.
    Damaged(String),
    /// It is a symbolic link.
    Symlink,
    /// It is neither a file nor a folder: a pipe, a socket, a device.
    Special,
    /// It was there when its folder was listed, and not any more.
    Vanished,
    /// It can't be read, for this reason.
    Unreadable(String),
    /// A folder that isn't entered, for nobody can say what its ignore file leaves out.
    Closed {
        /// The ignore file's name in the folder.
        rules: &'static str,
        /// Why it can't be used.
        why: String,
    },
    /// It isn't on this machine: a sync tool has a placeholder of this name instead.
    NotDownloaded(String),
    /// A line of an ignore file matches nothing; the others count.
    InvalidRule(String),
    /// It was named, and a rule leaves it out all the same: this one.
    LeftOut(&'static str),
}

impl Reason {
    /// Why a file isn't a note that couldn't be read as what it should be.
    pub fn unread(why: &str) -> Self {
        if why.ends_with(NO_NOTES) { Self::NoNotes } else { Self::Damaged(why.to_owned()) }
    }

    /// Why a file that is too large is left out. An archive may be one of anything, and then nobody misses it.
    pub fn too_large(name: &OsStr, size: u64, limit: u64) -> Self {
        let format = format::extension(name).and_then(|extension| format::by_extension(FORMATS, &extension));
        match format.map(|format| format.reader) {
            Some(Reader::Extract(extractor)) if extractor.is_archive() => Self::LargeArchive { size, limit },
            _ => Self::TooLarge { size, limit },
        }
    }

    /// What files above the size limit are called together; see [`class`](Self::class).
    pub const LARGE: &str = "large files";

    /// What folders with ignore files that can't be used are called together.
    pub const CLOSED: &str = "closed folders";
    /// What files that a sync tool keeps elsewhere are called together.
    pub const AWAY: &str = "files that aren't downloaded";

    /// Whether something that may well be a note couldn't be read, so that the result is partial.
    pub fn is_failure(&self) -> bool {
        match self {
            Self::Unreadable(_) | Self::TooLarge { .. } | Self::Closed { .. } | Self::NotDownloaded(_) => {
                true
            }
            Self::Kind(_)
            | Self::Binary
            | Self::LargeArchive { .. }
            | Self::NoNotes
            | Self::Damaged(_)
            | Self::Symlink
            | Self::Special
            | Self::Vanished
            | Self::InvalidRule(_)
            | Self::LeftOut(_) => false,
        }
    }

    /// What files that are left out for the same reason are called together: `.pdf files`.
    pub fn class(&self) -> String {
        match self {
            Self::Kind(kind) => format!("{kind} files"),
            Self::TooLarge { .. } => Self::LARGE.into(),
            Self::LargeArchive { .. } => "large archives".into(),
            Self::NoNotes => "archives without notes".into(),
            Self::Binary => "binary files".into(),
            Self::Damaged(_) => "damaged files".into(),
            Self::Symlink => "symbolic links".into(),
            Self::Special => "special files".into(),
            Self::Vanished => "vanished files".into(),
            Self::Unreadable(_) => "unreadable files".into(),
            Self::Closed { .. } => Self::CLOSED.into(),
            Self::NotDownloaded(_) => Self::AWAY.into(),
            Self::InvalidRule(_) => "unusable rules".into(),
            Self::LeftOut(_) => "ignored paths".into(),
        }
    }

    /// Why something of this type isn't taken.
    pub(super) fn of_type(kind: FileType) -> Option<Self> {
        if kind.is_symlink() {
            return Some(Self::Symlink);
        }
        (!kind.is_file()).then_some(Self::Special)
    }

    /// Why a file with this name isn't taken, if none of the formats has its extension.
    pub(super) fn of_name(name: &OsStr, formats: &[Format]) -> Option<Self> {
        let extension = format::extension(name)?;
        format::by_extension(formats, &extension).is_none().then(|| Self::Kind(format!(".{extension}")))
    }

    pub(super) fn from_io(error: &io::Error) -> Self {
        match Refusal::of(error) {
            Some(Refusal::Link) => Self::Symlink,
            Some(Refusal::NotAFile) => Self::Special,
            Some(Refusal::TooLarge { size, most }) => Self::TooLarge { size, limit: most },
            Some(refusal) => Self::Unreadable(refusal.to_string()),
            None => match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::Vanished,
                _ => Self::Unreadable(error::plain(error)),
            },
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind(_) => f.write_str("not a kind of note yet"),
            Self::NoNotes => f.write_str("it holds no notes"),
            Self::TooLarge { size, limit } | Self::LargeArchive { size, limit } => {
                write!(f, "too large ({}, the limit is {})", error::size(*size), error::size(*limit))
            }
            Self::Binary => f.write_str("not text"),
            Self::Damaged(why) => f.write_str(why),
            Self::Symlink => f.write_str("not followed"),
            Self::Special => f.write_str("neither a file nor a folder"),
            Self::Vanished => f.write_str("it was removed meanwhile"),
            Self::Unreadable(why) => write!(f, "it couldn't be read: {why}"),
            Self::Closed { rules, why } => {
                write!(f, "not entered, for nobody knows what its {rules} leaves out: {why}")
            }
            Self::NotDownloaded(placeholder) => {
                write!(f, "not downloaded; there is only the placeholder {placeholder}")
            }
            Self::InvalidRule(what) => f.write_str(what),
            Self::LeftOut(rule) => write!(f, "left out by {rule}"),
        }
    }
}
