//! One writer at a time: a lock on a file that says who holds it.
//!
//! The operating system holds the lock and lets go of it when the process ends, however it ends; the file's
//! content is for people. A file nobody holds locked is simply taken over, and never removed: another writer
//! may have it open already.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::calendar;
use crate::error::{Error, Result};
use crate::files::{self, Links, Refusal};
use crate::sys::{self, FileId};

/// The file that a writer holds locked.
pub(super) const LOCK: &str = "writer.lock";

/// How often the lock is tried, a moment apart: a process that only [asks](is_held) whether it is held lets go at once.
const TRIES: usize = 3;

/// The beginning of a lock's file that a writer has written.
const HOLDER: &str = "process ";

/// The right to write an index, until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    /// Open for as long as the lock is held.
    file: File,
    id: LockId,
}

/// The identity of the file that a writer holds locked: its name may be removed and given to another file.
#[derive(Clone, Debug)]
pub(super) struct LockId {
    path: PathBuf,
    file: FileId,
}

impl LockId {
    /// The error of a writer that has lost its lock.
    pub(super) fn lost(&self) -> Error {
        Error::LockLost { path: self.path.clone() }
    }

    /// Whether the lock's name still leads to the file that is held locked.
    pub(super) fn is_held(&self) -> bool {
        sys::identity_at(&self.path, Links::Refuse).is_ok_and(|now| now == self.file)
    }
}

/// Opens the lock's file for writing, or creates it. Anything but a file is refused, links included.
fn open(path: &Path) -> io::Result<File> {
    match OpenOptions::new().read(true).write(true).create_new(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        created => return created,
    }
    // Opened for reading first, since opening for writing would follow a link, and wait at a pipe.
    let looked = sys::identity(&files::open(path, Links::Refuse)?)?;
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    if sys::identity(&file)? == looked { Ok(file) } else { Err(Refusal::Link.into()) }
}

impl Lock {
    /// Takes the lock of an index folder, or says who has it.
    pub(super) fn take(dir: &Path) -> Result<Self> {
        let path = dir.join(LOCK);
        let mut file = open(&path).map_err(Error::io("open", &path))?;
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
        let holder = format!("{HOLDER}{} (since {})\n", std::process::id(), calendar::moment(now));
        // Without the name the lock still holds.
        if let Err(error) = write_holder(&mut file, &holder) {
            tracing::debug!(%error, "can't write the lock's holder");
        }
        let held = sys::identity(&file).map_err(Error::io("lock", &path))?;
        Ok(Self { id: LockId { path, file: held }, file })
    }

    /// The identity of the file that is held locked.
    pub(super) fn id(&self) -> &LockId {
        &self.id
    }
}

/// Writes who holds a lock into its file, unless it has content that no writer wrote: it may be another file of the
/// user's, by a second name.
fn write_holder(file: &mut File, holder: &str) -> io::Result<()> {
    let mut before = Vec::new();
    file.rewind()?;
    Read::by_ref(file).take(HOLDER.len() as u64).read_to_end(&mut before)?;
    if !before.is_empty() && before != HOLDER.as_bytes() {
        return Ok(());
    }
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(holder.as_bytes())
}

impl Drop for Lock {
    /// Lets go at once. Closing the file would do, but for a child that was started in this moment: until it
    /// runs its own program it has the file open as well.
    fn drop(&mut self) {
        unlock(&self.file);
    }
}

fn unlock(file: &File) {
    if let Err(error) = file.unlock() {
        tracing::debug!(%error, "can't unlock");
    }
}

/// Whether a writer holds the lock of an index folder. Nothing is written, and others may look at the same time.
pub(super) fn is_held(dir: &Path) -> bool {
    holder_of(dir).is_some()
}

/// Who holds the lock of an index folder, if anybody does. Nothing is written.
pub(super) fn holder_of(dir: &Path) -> Option<String> {
    let mut file = files::open(&dir.join(LOCK), Links::Refuse).ok()?;
    match file.try_lock_shared() {
        Ok(()) => {
            unlock(&file);
            None
        }
        Err(TryLockError::WouldBlock) => Some(holder(&mut file)),
        Err(TryLockError::Error(_)) => None,
    }
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
    use std::fs;

    use super::*;

    #[test]
    fn who_looks_whether_a_lock_is_held_writes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!is_held(dir.path()));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        let path = dir.path().join(LOCK);
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
        std::fs::write(dir.path().join(LOCK), "process 1 (since 1999)\n").unwrap();
        let first = Lock::take(dir.path()).unwrap();
        let error = Lock::take(dir.path()).unwrap_err().to_string();
        assert!(error.contains(&format!("process {} (since 2", std::process::id())), "{error}");
        drop(first);
        Lock::take(dir.path()).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_lock_that_is_another_file_is_refused_or_left_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let (mine, path) = (dir.path().join("authorized_keys"), dir.path().join(LOCK));
        fs::write(&mine, "ssh-ed25519").unwrap();
        for target in ["authorized_keys", "not-there", ".", "/dev/null"] {
            std::os::unix::fs::symlink(target, &path).unwrap();
            let error = Lock::take(dir.path()).unwrap_err();
            assert!(error.to_string().contains("symbolic link"), "{error}");
            assert!(!is_held(dir.path()));
            fs::remove_file(&path).unwrap();
        }
        fs::hard_link(&mine, &path).unwrap();
        drop(Lock::take(dir.path()).unwrap());
        assert_eq!(fs::read_to_string(&mine).unwrap(), "ssh-ed25519");
        assert!(!dir.path().join("not-there").exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_lock_whose_name_is_gone_or_anothers_is_lost() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(LOCK);
        let lock = Lock::take(dir.path()).unwrap();
        assert!(lock.id().is_held());
        fs::remove_file(&path).unwrap();
        assert!(!lock.id().is_held());
        let second = Lock::take(dir.path()).unwrap();
        assert!(second.id().is_held() && !lock.id().is_held());
    }
}
