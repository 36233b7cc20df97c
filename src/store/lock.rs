//! One writer at a time: a lock on a file that says who holds it.
//!
//! The operating system holds the lock and lets go of it when the process ends, however it ends; the file's
//! content is for people. A file nobody holds locked is simply taken over, and never removed: another writer
//! may have it open already.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::layout;
use crate::calendar;
use crate::error::{Error, Result};

/// How often the lock is tried, a moment apart: who only [looks](is_held) whether it is held lets go at once.
const TRIES: usize = 3;

/// The right to write an index, until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    /// Open for as long as the lock is held.
    file: File,
}

impl Lock {
    /// Takes the lock of an index folder, or says who has it.
    pub(super) fn take(dir: &Path) -> Result<Self> {
        let path = dir.join(layout::LOCK);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(Error::io("open", &path))?;
        let mut taken = file.try_lock();
        for _ in 1..TRIES {
            if matches!(taken, Err(TryLockError::WouldBlock)) {
                thread::sleep(Duration::from_millis(2));
                taken = file.try_lock();
            }
        }
        match taken {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Busy { path: dir.into(), holder: holder(&mut file) });
            }
            Err(TryLockError::Error(error)) => return Err(Error::io("lock", &path)(error)),
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
        let holder = format!("process {} (since {})\n", std::process::id(), calendar::moment(now));
        // Without the name the lock still holds.
        let named =
            file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(holder.as_bytes()));
        if let Err(error) = named {
            tracing::debug!(%error, "can't write the lock's holder");
        }
        Ok(Self { file })
    }
}

impl Drop for Lock {
    /// Lets go at once. Closing the file would do, but for a child that was started in this moment: until it
    /// runs its own program it has the file open as well.
    fn drop(&mut self) {
        if let Err(error) = self.file.unlock() {
            tracing::debug!(%error, "can't unlock");
        }
    }
}

/// Whether a writer holds the lock of an index folder. Nothing is written, and others may look at the same time.
pub(super) fn is_held(dir: &Path) -> bool {
    let Ok(file) = File::open(dir.join(layout::LOCK)) else { return false };
    let looked = file.try_lock_shared();
    if looked.is_ok() {
        drop(Lock { file });
    }
    matches!(looked, Err(TryLockError::WouldBlock))
}

/// Who holds a lock, as the file says.
fn holder(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.take(200).read_to_string(&mut text);
    let text = text.trim();
    if read.is_err() || text.is_empty() || text.contains(char::is_control) {
        "another process".into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_looks_whether_a_lock_is_held_writes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!is_held(dir.path()));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        let path = dir.path().join(layout::LOCK);
        std::fs::write(&path, "process 1 (since 1999)\n").unwrap();
        assert!(!is_held(dir.path()));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "process 1 (since 1999)\n");
        let lock = Lock::take(dir.path()).unwrap();
        assert!(is_held(dir.path()) && is_held(dir.path()));
        drop(lock);
        assert!(!is_held(dir.path()));
    }

    #[test]
    fn a_second_lock_names_the_first_and_a_stale_file_is_taken_over() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(layout::LOCK), "process 1 (since 1999)\n").unwrap();
        let first = Lock::take(dir.path()).unwrap();
        let error = Lock::take(dir.path()).unwrap_err().to_string();
        assert!(error.contains(&format!("process {} (since 2", std::process::id())), "{error}");
        drop(first);
        Lock::take(dir.path()).unwrap();
    }
}
