//! Which rules of ignore files couldn't be used? What they should leave out may be private, so it has to be told.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::Reason;

/// The names that a folder's rules come from, relative to the folder.
const IGNORE_FILES: [&str; 4] = [".gitignore", ".ignore", super::IGNORE_FILE, ".git/info/exclude"];

/// The ignore files of a folder that can't be read, with the reason.
///
/// The walker goes on without them and says nothing.
pub(super) fn unreadable(folder: &Path) -> impl Iterator<Item = (&'static str, Reason)> + use<'_> {
    // In a folder that can't be searched nothing can be read, so there is nothing to leave out.
    let names = if folder.join(".").metadata().is_ok() { &IGNORE_FILES[..] } else { &[] };
    names.iter().filter_map(|name| Some((*name, read(&folder.join(name)).err()?)))
}

/// The ignore file of a folder that is a pipe or a device, which the walker would read without end.
///
/// Such a folder isn't entered: nobody can say what should be left out of it.
pub(super) fn endless(folder: &Path) -> Option<&'static str> {
    let is_endless = |name: &&str| {
        let metadata = folder.join(name).metadata();
        metadata.is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
    };
    IGNORE_FILES.into_iter().find(is_endless)
}

fn read(path: &Path) -> Result<(), Reason> {
    let is_gone =
        |error: &io::Error| matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory);
    match path.metadata() {
        Err(error) if is_gone(&error) => return Ok(()),
        Err(error) => return Err(Reason::from_io(&error)),
        Ok(metadata) if !metadata.is_file() => return Ok(()),
        Ok(_) => {}
    }
    let file = File::open(path).map_err(|error| Reason::from_io(&error))?;
    for (at, line) in BufReader::new(file).lines().enumerate() {
        line.map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => Reason::Unreadable(format!("line {} isn't UTF-8", at + 1)),
            _ => Reason::from_io(&error),
        })?;
    }
    Ok(())
}

/// The lines of ignore files that aren't rules, with the file that each is in if the walker says so.
pub(super) fn invalid(error: &ignore::Error) -> Vec<(Option<&Path>, Reason)> {
    match error {
        ignore::Error::Partial(errors) => errors.iter().flat_map(invalid).collect(),
        // Told by `unreadable`.
        error if error.is_io() => Vec::new(),
        ignore::Error::WithPath { path, err } => vec![(Some(path), Reason::InvalidRule(err.to_string()))],
        error => vec![(None, Reason::InvalidRule(error.to_string()))],
    }
}
