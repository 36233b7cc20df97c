//! tantivy's errors as ours: refusals of the operating system, damage, missing files.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use tantivy::TantivyError;
use tantivy::directory::error::{LockError, OpenDirectoryError, OpenReadError, OpenWriteError};

use super::first_errors::{DamagedFile, FirstErrors};
use crate::error::{Error, Result};

/// tantivy's message when it can't start a pool of threads.
const NO_THREAD: &str = "Failed to spawn";

/// Turns an error of tantivy's into one that names the damaged file, or else the index. For `map_err`.
pub(super) fn in_index(action: &'static str, dir: &Path) -> impl Fn(TantivyError) -> Error + use<> {
    let path = dir.to_path_buf();
    move |error| {
        if let TantivyError::SystemError(what) = &error
            && what.starts_with(NO_THREAD)
        {
            return Error::NoThread { source: io::Error::other("there are as many as there may be") };
        }
        let Some(source) = io_error(&error) else { return Error::corrupt(&path, describe(&error)) };
        match DamagedFile::in_error(&source) {
            Some(damaged) => damaged.clone().into(),
            // Files don't make anyone wait, only threads do.
            None if source.kind() == io::ErrorKind::WouldBlock => Error::NoThread { source: copy(&source) },
            None if is_damage(&source) => Error::corrupt(&path, source.to_string()),
            None => Error::Io { action, path: path.clone(), source: copy(&source) },
        }
    }
}

/// Runs code that reads tantivy's files through a view with these first errors.
///
/// tantivy panics on some damage, and swallows some; both become an error. Once a view has seen a damaged file,
/// nothing that is read through it counts any more.
pub(super) fn guard<T>(
    dir: &Path,
    first_errors: &FirstErrors,
    read: impl FnOnce() -> Result<T>,
) -> Result<T> {
    let read = catch_unwind(AssertUnwindSafe(read));
    match (first_errors.damaged(), read) {
        (Some(damaged), _) => Err(damaged.into()),
        (None, Ok(result)) => result,
        (None, Err(_)) => Err(Error::corrupt(dir, "it can't be read to the end")),
    }
}

/// Whether a file was missing.
pub(super) fn is_missing(error: &TantivyError) -> bool {
    matches!(error, TantivyError::OpenReadError(OpenReadError::FileDoesNotExist(_)))
}

/// Whether an error isn't the operating system's but tantivy's own, about what it has read.
fn is_damage(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, Other, UnexpectedEof};
    error.raw_os_error().is_none() && matches!(error.kind(), InvalidData | UnexpectedEof | Other)
}

/// The operating system's error inside one of tantivy's, which doesn't show it as its source.
fn io_error(error: &TantivyError) -> Option<Arc<io::Error>> {
    match error {
        TantivyError::IoError(source)
        | TantivyError::OpenDirectoryError(
            OpenDirectoryError::FailedToCreateTempDir(source)
            | OpenDirectoryError::IoError { io_error: source, .. },
        )
        | TantivyError::OpenReadError(OpenReadError::IoError { io_error: source, .. })
        | TantivyError::OpenWriteError(OpenWriteError::IoError { io_error: source, .. })
        | TantivyError::LockFailure(LockError::IoError(source), _) => Some(source.clone()),
        _ => None,
    }
}

/// An [`io::Error`] can't be cloned; its number or its kind and text can.
fn copy(source: &io::Error) -> io::Error {
    match source.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(source.kind(), source.to_string()),
    }
}

/// The message of an error, in words for people; tantivy's own shows structures.
fn describe(error: &TantivyError) -> String {
    match error {
        TantivyError::OpenReadError(OpenReadError::FileDoesNotExist(path)) => {
            format!("the file {} is missing", path.display())
        }
        TantivyError::OpenReadError(OpenReadError::IncompatibleIndex(_))
        | TantivyError::IncompatibleIndex(_) => "a segment has a version that can't be read".into(),
        TantivyError::DataCorruption(_) => "a segment doesn't hold what it should".into(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn the_operating_systems_reason_survives() {
        let full = TantivyError::from(io::Error::from(io::ErrorKind::StorageFull));
        let Error::Io { source, .. } = in_index("write", Path::new("i"))(full) else { panic!("not io") };
        assert_eq!(source.kind(), io::ErrorKind::StorageFull);
        let cut = TantivyError::from(io::Error::from(io::ErrorKind::UnexpectedEof));
        assert!(matches!(in_index("read", Path::new("i"))(cut), Error::Corrupt { .. }));
    }

    #[test]
    fn no_thread_is_no_damage() {
        let refused = TantivyError::from(io::Error::from(io::ErrorKind::WouldBlock));
        let pool = TantivyError::SystemError("Failed to spawn segment updater thread".into());
        for error in [refused, pool] {
            let error = in_index("write", Path::new("i"))(error);
            assert!(error.to_string().starts_with("can't start a thread: "), "{error}");
            assert_eq!(error.kind(), ErrorKind::Io);
        }
    }

    #[test]
    fn a_panic_is_damage() {
        let panic = || std::panic::resume_unwind(Box::new("x"));
        let guarded: Result<()> = guard(Path::new("i"), &FirstErrors::default(), panic);
        assert!(matches!(guarded, Err(Error::Corrupt { path, .. }) if path == Path::new("i")));
    }

    #[test]
    fn what_tantivy_swallows_is_remembered() {
        let first_errors = FirstErrors::default();
        let error = first_errors.damage(Path::new("i/x.idx"), "bad");
        let wrapped = TantivyError::from(OpenReadError::wrap_io_error(error, "x.idx".into()));
        let named = |error: &Error| error.to_string() == "i/x.idx is damaged: bad";
        assert!(named(&in_index("read", Path::new("i"))(wrapped)));
        assert!(named(&guard(Path::new("i"), &first_errors, || Ok(1)).unwrap_err()));
        let panic = || std::panic::resume_unwind(Box::new("x"));
        assert!(named(&guard::<()>(Path::new("i"), &first_errors, panic).unwrap_err()));
    }
}
