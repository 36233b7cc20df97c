//! A file that was found becomes its bytes, unless they turn out not to be what can be read.

use super::{FoundFile, Reason};
use crate::files;
use crate::format::{self, Format};

/// The bytes of a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileBytes {
    /// All of them.
    pub bytes: Vec<u8>,
    /// What they are.
    pub format: &'static Format,
}

/// Reads a file that a walk found, whatever has become of it since, or of the folders on the way to it.
///
/// # Errors
///
/// The reason why it is left out after all: it vanished, has grown over `max_bytes`, or what its format may have, can't be read, or has none of the
/// formats.
pub fn read(
    found: &FoundFile,
    max_bytes: Option<u64>,
    formats: &'static [Format],
) -> Result<FileBytes, Reason> {
    let relative = found.path.to_relative();
    let name = relative.file_name().unwrap_or_default();
    let max_bytes = max_bytes.unwrap_or_else(|| format::most_bytes(formats, name));
    let bytes = files::open_note(&found.root, &relative)
        .and_then(|file| files::read(&file, max_bytes))
        .map_err(|error| match Reason::from_io(&error) {
            // It was a file when the walk passed it, so a note is missing.
            Reason::Symlink => Reason::Unreadable("it has become a symbolic link, or lies behind one".into()),
            Reason::Special => Reason::Unreadable("it is no file any more".into()),
            reason => reason,
        })?;
    let format = format::detect(formats, name, &bytes).ok_or(Reason::Binary)?;
    Ok(FileBytes { bytes, format })
}
