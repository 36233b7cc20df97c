//! Files, their identity, their owners and the paths that lead to them.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::os::windows::ffi::OsStringExt;
use std::os::windows::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf, Prefix};

use windows_sys::Win32::Foundation::GENERIC_WRITE;
use windows_sys::Win32::Storage::FileSystem::{
    FILE_ATTRIBUTE_HIDDEN, FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT, READ_CONTROL,
};

use super::super::FileId;
use super::super::refusal::{Links, Refusal};
use super::calls;

/// Opens a file; of a link, what it leads to. Pipes, consoles and other devices are refused, for they have names as well.
fn open_file(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    let is_on_disk = winapi_util::file::typ(&file).is_ok_and(|kind| kind.is_disk());
    if is_on_disk { Ok(file) } else { Err(Refusal::NotAFile.into()) }
}

/// Opens anything on a disk, folders too, to ask about it.
fn look_at(path: &Path, links: Links, access: u32) -> io::Result<File> {
    let itself = if links == Links::Refuse { FILE_FLAG_OPEN_REPARSE_POINT } else { 0 };
    let flags = FILE_FLAG_BACKUP_SEMANTICS | itself;
    OpenOptions::new().access_mode(access).custom_flags(flags).open(path)
}

pub(in crate::sys) fn open(path: &Path, links: Links) -> io::Result<File> {
    if links == Links::Refuse {
        let name = path.file_name().ok_or(Refusal::NotAFile)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        return open_below(folder.unwrap_or(Path::new(".")), Path::new(name));
    }
    if fs::metadata(path)?.is_dir() {
        return Err(Refusal::NotAFile.into());
    }
    open_file(path)
}

/// There is no opening of a part by itself, so links are looked for before, lest one is followed to another machine; and what
/// was opened is asked where it lies, since a folder may have become a link meanwhile.
pub(in crate::sys) fn open_below(folder: &Path, relative: &Path) -> io::Result<File> {
    let mut at = folder.to_path_buf();
    let mut parts = Vec::new();
    for part in relative.components().filter(|part| *part != Component::CurDir) {
        let Component::Normal(name) = part else { return Err(Refusal::Outside.into()) };
        // Behind a colon stands the name of another stream of the file.
        if name.as_encoded_bytes().contains(&b':') {
            return Err(Refusal::Outside.into());
        }
        at.push(name);
        if fs::symlink_metadata(&at)?.is_symlink() {
            return Err(Refusal::Link.into());
        }
        parts.push(name);
    }
    if fs::metadata(&at)?.is_dir() {
        return Err(Refusal::NotAFile.into());
    }
    let file = open_file(&at)?;
    let folder = calls::final_path(&look_at(folder, Links::Follow, 0)?)?;
    let place = calls::final_path(&file)?;
    let lies_there = place.strip_prefix(&folder).is_ok_and(|place| is_same(place, &parts));
    if lies_there { Ok(file) } else { Err(Refusal::Link.into()) }
}

/// Whether a path has these parts, in any case.
fn is_same(path: &Path, parts: &[&OsStr]) -> bool {
    let lower = |name: &OsStr| name.to_string_lossy().to_lowercase();
    path.iter().map(lower).eq(parts.iter().map(|part| lower(part)))
}

/// A resolved path begins with `\\?\`, behind which every character is one of a name, and `/` no separator. What most programs
/// and people write is the same path without.
pub(in crate::sys) fn plain(resolved: PathBuf) -> io::Result<PathBuf> {
    let mut parts = resolved.components();
    let start = match parts.next() {
        Some(Component::Prefix(prefix)) => match prefix.kind() {
            Prefix::VerbatimDisk(letter) => format!("{}:", char::from(letter)).into(),
            Prefix::VerbatimUNC(server, share) => {
                [OsStr::new("\\\\"), server, OsStr::new("\\"), share].into_iter().collect::<OsString>()
            }
            Prefix::Disk(_) | Prefix::UNC(..) => return Ok(resolved),
            Prefix::Verbatim(_) | Prefix::DeviceNS(_) => return Err(only_verbatim()),
        },
        _ => return Ok(resolved),
    };
    let rest = parts.as_path();
    if rest.iter().skip(1).any(|name| is_reserved(&name.to_string_lossy())) {
        return Err(only_verbatim());
    }
    let mut plain = PathBuf::from(start);
    plain.push(rest);
    Ok(plain)
}

fn only_verbatim() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "no path leads to it but one that begins with \\\\?\\")
}

/// Whether a name means something else in a path without `\\?\`: a device, or the name without the dots and blanks at its end.
fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    let is_numbered = |device: &str| {
        let number = stem.strip_prefix(device).unwrap_or_default();
        ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³"].contains(&number)
    };
    name.ends_with(['.', ' '])
        || ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(&stem.as_str())
        || ["COM", "LPT"].into_iter().any(is_numbered)
}

/// The standard library tells no time of change, and a number only of open files; but another file in its place was made at
/// another time.
pub(in crate::sys) fn change(metadata: &Metadata) -> (i64, u64) {
    (0, metadata.creation_time())
}

pub(in crate::sys) fn identity(file: &File) -> io::Result<FileId> {
    let found = winapi_util::file::information(file)?;
    Ok(FileId { device: found.volume_serial_number(), file: found.file_index() })
}

pub(in crate::sys) fn identity_at(path: &Path, links: Links) -> io::Result<FileId> {
    identity(&look_at(path, links, 0)?)
}

pub(in crate::sys) fn is_marked_hidden(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.file_attributes() & FILE_ATTRIBUTE_HIDDEN != 0)
}

pub(in crate::sys) fn sync(file: &File) -> io::Result<()> {
    file.sync_all()
}

/// A file system that keeps no journal of names, or whose folders can't be opened for writing, does what it does.
pub(in crate::sys) fn sync_folder(path: &Path) -> io::Result<()> {
    match look_at(path, Links::Follow, GENERIC_WRITE).and_then(|folder| folder.sync_all()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The last part of the owner's security identifier stands for its number.
pub(in crate::sys) fn foreign_owner(path: &Path, _: Option<u32>) -> Option<u32> {
    let looks = [Links::Refuse, Links::Follow].map(|links| look_at(path, links, READ_CONTROL));
    // What has no owner, as on a memory stick, is nobody else's.
    looks.into_iter().flatten().find_map(|file| calls::foreign_owner(&file).ok().flatten())
}

/// The lists of those who may aren't read.
pub(in crate::sys) fn is_open_to_others(_: &Metadata) -> bool {
    false
}

/// What is made in the user's own folders inherits that it is the user's alone.
pub(in crate::sys) fn private_folder(folders: &mut DirBuilder) -> &mut DirBuilder {
    folders
}

/// As [`private_folder`].
pub(in crate::sys) fn private_file(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Nobody becomes another user here to run one program.
pub(in crate::sys) fn keep_owner(_: &File, _: &Path) {}

/// Names are UTF-16, of which some pairs may be broken; what else isn't UTF-8 becomes a replacement character. A backslash in a
/// name, which only other systems have, becomes the character that Linux programs and file servers write for it here.
#[expect(clippy::needless_pass_by_value, reason = "on Unix the bytes become the name")]
pub(in crate::sys) fn os_string(bytes: Vec<u8>) -> OsString {
    let mut wide: Vec<u16> = Vec::with_capacity(bytes.len());
    let mut rest = &bytes[..];
    while !rest.is_empty() {
        let chunk = rest.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        wide.extend(chunk.encode_utf16().map(|unit| match u8::try_from(unit) {
            Ok(b'/') => u16::from(b'\\'),
            Ok(b'\\') => 0xF05C,
            _ => unit,
        }));
        rest = &rest[chunk.len()..];
        rest = match rest {
            // Half of a pair, as the standard library encodes it.
            [0xED, second @ 0xA0..=0xBF, third @ 0x80..=0xBF, behind @ ..] => {
                wide.push(0xD000 | u16::from(second & 0x3F) << 6 | u16::from(third & 0x3F));
                behind
            }
            [_, behind @ ..] => {
                wide.push(0xFFFD);
                behind
            }
            [] => rest,
        };
    }
    OsString::from_wide(&wide)
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
