//! What differs between operating systems, in one place: files, their names and owners, processes, signals.
//!
//! Each function here says what it promises; `unix` and `windows` keep it in their own way, and say so where less can be
//! kept. Nothing else in the crate names a system or calls one, so whoever brings qsearch to another one reads this folder.
//! The standard library's own differences (locks, terminals, sockets) aren't repeated.
//!
//! | promise | Linux, macOS | Windows |
//! |---|---|---|
//! | a file below a folder is reached through no link | each part is opened by itself, without following | what was opened is asked where it lies |
//! | a file is told from another of its name | its number and its time of change | the time when it was made |
//! | an index of somebody else's isn't trusted | its owner's number | its owner's security identifier |
//! | a secret is the user's alone | its mode | not looked at: the user's own folders are the user's alone |
//! | what is committed survives a power cut | `fsync`, on macOS `F_FULLFSYNC`, also for folders | `FlushFileBuffers`, for folders where they allow it |
//! | a reader of documents takes only so much | `setrlimit` | a job object |
//! | names that a person takes for one are one | macOS: in any case, composed or not | in any case |

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

mod naming;
mod refusal;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

#[cfg(test)]
pub(crate) use naming::pretend;
pub use naming::{Naming, naming, spelled};
pub use refusal::{Links, Refusal};

/// The program that opens a file with what its kind is opened with.
pub const OPENER: &str = if cfg!(target_os = "macos") { "open" } else { system::OPENER };

/// Whether servers on this machine may have sockets that are files.
pub const HAS_SOCKET_FILES: bool = cfg!(unix);

/// Whether who watches a folder watches all below it.
pub const WATCHES_TREES: bool = !cfg!(target_os = "linux");

/// A number that no other file has at the same time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileId {
    /// The file system's.
    pub device: u64,
    /// The file's own in the file system.
    pub file: u64,
}

/// What ended a process, as far as the caller can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It took more CPU time than [`limit_time`] had left it.
    OutOfTime,
    /// Somebody ended it.
    Ended,
    /// It ended by itself, well or not.
    Itself,
}

/// Opens something for reading, without waiting for anyone. What isn't a regular file may be refused, or be opened and
/// told by its metadata.
///
/// # Errors
///
/// A [`Refusal`] for a link where none may be; else what the system says.
pub fn open(path: &Path, links: Links) -> io::Result<File> {
    system::open(path, links)
}

/// Opens something below a folder for reading, through no links but those that the folder's own path has.
///
/// # Errors
///
/// As [`open`]; also a [`Refusal`] for a path that isn't relative, or has `..` in it.
pub fn open_below(folder: &Path, relative: &Path) -> io::Result<File> {
    system::open_below(folder, relative)
}

/// The path of what is there, with all links resolved, as the index keeps it: two paths of one file are equal, in whatever
/// case and form they were typed.
///
/// # Errors
///
/// What the system says; on Windows also [`io::ErrorKind::Unsupported`] for what only a path with `\\?\` leads to.
pub fn resolved(path: &Path) -> io::Result<PathBuf> {
    let real = system::plain(fs::canonicalize(path)?)?;
    Ok(match spelled(&real) {
        std::borrow::Cow::Owned(spelled) => spelled,
        std::borrow::Cow::Borrowed(_) => real,
    })
}

/// When a file last changed, in nanoseconds since 1970, which no program can set, and a number that another file in its
/// place doesn't have; 0 for what the system doesn't tell.
pub fn change(metadata: &Metadata) -> (i64, u64) {
    system::change(metadata)
}

/// The identity of an open file.
///
/// # Errors
///
/// What the system says.
pub fn identity(file: &File) -> io::Result<FileId> {
    system::identity(file)
}

/// The identity of what is at a path; of a link, where it isn't to be followed, its own.
///
/// # Errors
///
/// What the system says.
pub fn identity_at(path: &Path, links: Links) -> io::Result<FileId> {
    system::identity_at(path, links)
}

/// Whether a file or folder is marked as hidden, whatever its name; only Windows has that.
pub fn is_marked_hidden(path: &Path) -> bool {
    system::is_marked_hidden(path)
}

/// Puts the content of a file on the disk.
///
/// # Errors
///
/// What the system says.
pub fn sync(file: &File) -> io::Result<()> {
    system::sync(file)
}

/// Puts the names of a folder's files on the disk.
///
/// # Errors
///
/// What the system says.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    system::sync_folder(path)
}

/// The number of the other user who owns a file, a folder, or the link that leads to it.
///
/// `None` if it is owned by the system's administrators, by the user who runs this program, or by the user who became root
/// to run it (`sudo_user`).
pub fn foreign_owner(path: &Path, sudo_user: Option<u32>) -> Option<u32> {
    system::foreign_owner(path, sudo_user)
}

/// Whether others than its owner may read or write a file, as far as its mode says.
pub fn is_open_to_others(metadata: &Metadata) -> bool {
    system::is_open_to_others(metadata)
}

/// Makes folders that are the user's alone.
pub fn private_folder(folders: &mut DirBuilder) -> &mut DirBuilder {
    system::private_folder(folders)
}

/// Makes files that are the user's alone.
pub fn private_file(options: &mut OpenOptions) -> &mut OpenOptions {
    system::private_file(options)
}

/// Gives a file that root writes to the owner of a folder, since `sudo` may keep the user's home.
pub fn keep_owner(file: &File, folder: &Path) {
    system::keep_owner(file, folder);
}

/// A name or path of the bytes that [`OsStr::as_encoded_bytes`](std::ffi::OsStr::as_encoded_bytes) has, which may come from
/// another system. What can't be in a name here stands for nothing that is there.
pub fn os_string(bytes: Vec<u8>) -> OsString {
    system::os_string(bytes)
}

/// Whether there are too many open files, in the process or in all.
pub fn is_too_many_files(error: &io::Error) -> bool {
    system::is_too_many_files(error)
}

/// Keeps what stops this program, such as Ctrl-C, from a process that is started, and opens no window for it.
pub fn set_apart(command: &mut Command) {
    system::set_apart(command);
}

/// A command that the user wrote, which may have arguments of its own; more can be added.
pub fn written_command(line: &str) -> Command {
    system::written_command(line)
}

/// The program of this process, as it was when it was started: on Linux also if another one has taken its place meanwhile.
pub fn own_program() -> Option<PathBuf> {
    if cfg!(target_os = "linux") { Some("/proc/self/exe".into()) } else { std::env::current_exe().ok() }
}

/// Limits the memory of this process for good, in bytes, and has it leave no picture of itself behind. A system without
/// such a limit has the others.
pub fn limit_memory(most: u64) {
    system::limit_memory(most);
}

/// Limits the CPU time of this process, from now on.
pub fn limit_time(seconds: u64) {
    system::limit_time(seconds);
}

/// What ended a process.
pub fn ending(status: ExitStatus) -> Ending {
    system::ending(status)
}

/// Whether there is no process of this number on this machine. In doubt there is.
pub fn is_no_process(number: u32) -> bool {
    system::is_no_process(number)
}

/// Lowers the priority of this thread, and of those that it starts, where a thread has one of its own.
pub fn yield_to_others() {
    system::yield_to_others();
}

/// Has a function called for each signal that asks the program to end, as far as whoever started it didn't want it to go
/// on: Ctrl-C, the end of the terminal, and what else the system has.
///
/// # Errors
///
/// What the system says.
#[cfg(feature = "cli")]
pub fn hear_endings(heard: impl Fn() + Send + 'static) -> io::Result<()> {
    system::hear_endings(heard)
}

#[cfg(test)]
mod tests;
