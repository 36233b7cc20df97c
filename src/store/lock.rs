//! One writer at a time: a lock on a file that says who holds it.
//!
//! The operating system holds the lock and lets go of it when the process ends, however it ends; the file's
//! content is for people. A file nobody holds locked is simply taken over, and never removed: another writer
//! may have it open already.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::layout;
use crate::error::{Error, Result};

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
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Busy { path: dir.into(), holder: holder(&mut file) });
            }
            Err(TryLockError::Error(error)) => return Err(Error::io("lock", &path)(error)),
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
        let holder = format!("process {} (since {})\n", std::process::id(), utc(now));
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

/// A time in seconds since 1970 as `2026-01-02 10:11 UTC`.
///
/// The date is found by Howard Hinnant's `civil_from_days`, with years that begin in March so that the leap
/// day is a year's last.
fn utc(seconds: u64) -> String {
    let (days, minutes) = (seconds / 86_400 + 719_468, seconds / 60 % 1_440);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02} {:02}:{:02} UTC", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_utc() {
        assert_eq!(utc(0), "1970-01-01 00:00 UTC");
        assert_eq!(utc(951_782_400), "2000-02-29 00:00 UTC");
        assert_eq!(utc(1_767_348_660), "2026-01-02 10:11 UTC");
        assert_eq!(utc(4_107_542_399), "2100-02-28 23:59 UTC");
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
