//! Files, their identity, their owners and their modes.

use std::ffi::{OsStr, OsString};
use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, openat, statat};
use rustix::io::Errno;
use unicode_normalization::UnicodeNormalization;

use super::super::refusal::{Links, Refusal};
use super::super::{FileId, naming};

/// A pipe is opened without waiting for its other end.
const READ: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);
/// A folder that is only passed need not be readable.
#[cfg(any(target_os = "linux", target_os = "android"))]
const PASS: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const PASS: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

pub(in crate::sys) fn open(path: &Path, links: Links) -> io::Result<File> {
    let flags = if links == Links::Refuse { READ.union(OFlags::NOFOLLOW) } else { READ };
    Ok(step(CWD, path.as_os_str(), flags)?.into())
}

pub(in crate::sys) fn open_below(folder: &Path, relative: &Path) -> io::Result<File> {
    let mut parts = relative.components().filter(|part| *part != Component::CurDir).peekable();
    let mut at = step(CWD, folder.as_os_str(), PASS)?;
    while let Some(part) = parts.next() {
        let Component::Normal(name) = part else { return Err(Refusal::Outside.into()) };
        let flags = if parts.peek().is_some() { PASS } else { READ };
        at = step(at.as_fd(), name, flags.union(OFlags::NOFOLLOW))?;
    }
    Ok(at.into())
}

/// Opens a part of a path; a link where none may be is told as one.
fn step(at: impl AsFd, name: &OsStr, flags: OFlags) -> io::Result<OwnedFd> {
    let name = if name.is_empty() { OsStr::new(".") } else { name };
    openat(&at, name, flags, Mode::empty()).or_else(|error| match error {
        Errno::NOENT => in_other_form(&at, name, flags).ok_or(error.into()),
        error => Err(refused(&at, name, error)),
    })
}

/// Opens what a server of files has by the decomposed name only, where the system itself takes both forms for one.
fn in_other_form(at: impl AsFd, name: &OsStr, flags: OFlags) -> Option<OwnedFd> {
    let name = name.to_str().filter(|name| naming().any_form && !name.is_ascii())?;
    openat(at, name.nfd().collect::<String>(), flags, Mode::empty()).ok()
}

/// What it means that a part of a path can't be opened.
fn refused(at: impl AsFd, name: &OsStr, error: Errno) -> io::Error {
    let is_link = || {
        let metadata = statat(&at, name, AtFlags::SYMLINK_NOFOLLOW);
        metadata.is_ok_and(|metadata| FileType::from_raw_mode(metadata.st_mode).is_symlink())
    };
    match error {
        Errno::LOOP | Errno::NOTDIR if is_link() => Refusal::Link.into(),
        // A socket can't be opened at all; macOS says so in another way than Linux.
        Errno::NXIO => Refusal::NotAFile.into(),
        Errno::OPNOTSUPP if cfg!(target_vendor = "apple") => Refusal::NotAFile.into(),
        error => error.into(),
    }
}

/// A path with all links resolved is as plain as can be.
#[expect(clippy::unnecessary_wraps, reason = "other systems have paths that aren't")]
pub(in crate::sys) fn plain(resolved: PathBuf) -> io::Result<PathBuf> {
    Ok(resolved)
}

pub(in crate::sys) fn change(metadata: &Metadata) -> (i64, u64) {
    let changed_ns = metadata.ctime().saturating_mul(1_000_000_000).saturating_add(metadata.ctime_nsec());
    (changed_ns, metadata.ino())
}

pub(in crate::sys) fn identity(file: &File) -> io::Result<FileId> {
    file.metadata().map(|metadata| number(&metadata))
}

pub(in crate::sys) fn identity_at(path: &Path, links: Links) -> io::Result<FileId> {
    let metadata = if links == Links::Follow { path.metadata() } else { path.symlink_metadata() };
    metadata.map(|metadata| number(&metadata))
}

fn number(metadata: &Metadata) -> FileId {
    FileId { device: metadata.dev(), file: metadata.ino() }
}

/// Here only a name hides a file.
pub(in crate::sys) fn is_marked_hidden(_: &Path) -> bool {
    false
}

/// The standard library asks macOS for `F_FULLFSYNC`, which sends the disk's own cache to the disk as well. A file system
/// that doesn't know it, such as another machine's, may know `fsync`.
pub(in crate::sys) fn sync(file: &File) -> io::Result<()> {
    file.sync_all().or_else(|error| {
        let is_unknown = [Errno::NOTTY, Errno::NOTSUP, Errno::INVAL]
            .iter()
            .any(|unknown| error.raw_os_error() == Some(unknown.raw_os_error()));
        if cfg!(target_vendor = "apple") && is_unknown { Ok(rustix::fs::fsync(file)?) } else { Err(error) }
    })
}

pub(in crate::sys) fn sync_folder(path: &Path) -> io::Result<()> {
    sync(&File::open(path)?)
}

pub(in crate::sys) fn foreign_owner(path: &Path, sudo_user: Option<u32>) -> Option<u32> {
    let user = rustix::process::geteuid().as_raw();
    let sudo = sudo_user.filter(|_| user == 0);
    let is_own = |owner: &u32| [Some(0), Some(user), sudo].contains(&Some(*owner));
    let owners = [path.symlink_metadata(), path.metadata()].into_iter().flatten().map(|found| found.uid());
    owners.into_iter().find(|owner| !is_own(owner))
}

pub(in crate::sys) fn is_open_to_others(metadata: &Metadata) -> bool {
    metadata.permissions().mode() & 0o077 != 0
}

pub(in crate::sys) fn private_folder(folders: &mut DirBuilder) -> &mut DirBuilder {
    folders.mode(0o700)
}

pub(in crate::sys) fn private_file(options: &mut OpenOptions) -> &mut OpenOptions {
    options.mode(0o600)
}

pub(in crate::sys) fn keep_owner(file: &File, folder: &Path) {
    if rustix::process::geteuid().is_root()
        && let Ok(folder) = folder.metadata()
    {
        // If it can't be, then root alone will read it.
        drop(fchown(file, Some(folder.uid()), Some(folder.gid())));
    }
}

/// Any bytes may be in a name.
pub(in crate::sys) fn os_string(bytes: Vec<u8>) -> OsString {
    OsString::from_vec(bytes)
}
