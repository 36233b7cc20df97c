//! How is a file opened that somebody else may have put there?
//!
//! Notes, ignore files, settings, models and indexes come from anywhere. What has a file's name there may be a pipe that
//! nobody writes to, a device without an end, or a link to a file of somebody else's. So whatever comes from outside is
//! opened here: as a regular file, without waiting for anyone, through no more links than the caller allows; and it is
//! read up to a size that the caller names.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::sys;

pub use crate::sys::{Links, Refusal};

/// The file that marks a folder as an index: no walk enters the folder, and a store writes it.
pub const INDEX_MARKER: &str = "qsearch.json";

/// How much a file may grow while it is read. With the byte that tells its end these are whole words, since some files of
/// the kernel can't be read otherwise.
const GROWTH: u64 = (1 << 20) - 1;

/// Opens a regular file for reading.
///
/// # Errors
///
/// A [`Refusal`] for what isn't a regular file, or is a link that isn't allowed; else what the operating system says.
pub fn open(path: &Path, links: Links) -> io::Result<File> {
    regular(sys::open(path, links)?)
}

/// Opens a regular file below a folder, through no links but those that the folder's own path has.
///
/// # Errors
///
/// As [`open`]; also a [`Refusal`] for a path that isn't relative, or has `..` in it.
pub fn open_below(folder: &Path, relative: &Path) -> io::Result<File> {
    regular(sys::open_below(folder, relative)?)
}

/// Opens a note by its root and its path relative to that, as [`open_below`] does; a root that is a file is the note.
///
/// # Errors
///
/// As [`open_below`].
pub fn open_note(root: &Path, note: &Path) -> io::Result<File> {
    // Such a root holds one note, named like itself.
    if root.file_name() == Some(note.as_os_str()) && root.is_file() {
        return open(root, Links::Follow);
    }
    open_below(root, note)
}

fn regular(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() { Ok(file) } else { Err(Refusal::NotAFile.into()) }
}

/// Reads a whole file, but at most so many bytes.
///
/// # Errors
///
/// A [`Refusal`] if it is larger or has no end, [`io::ErrorKind::OutOfMemory`] if there is no memory for it; else what the
/// operating system says.
pub fn read(mut file: &File, most: u64) -> io::Result<Vec<u8>> {
    let size = file.metadata()?.len();
    if size > most {
        return Err(Refusal::TooLarge { size, most }.into());
    }
    let limit = most.min(size.saturating_add(GROWTH));
    let mut bytes = Vec::new();
    // One byte more tells its end without another growth of the memory.
    let room = usize::try_from(size).ok().and_then(|size| size.checked_add(1));
    room.and_then(|room| bytes.try_reserve_exact(room).ok()).ok_or(io::ErrorKind::OutOfMemory)?;
    (&mut file).take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    match bytes.len() as u64 {
        size if size > most => Err(Refusal::TooLarge { size, most }.into()),
        size if size > limit => Err(Refusal::Endless.into()),
        _ => Ok(bytes),
    }
}

/// Whether what stands for an index is the address of a database, and no path.
pub fn is_address(path: &Path) -> bool {
    path.to_str()
        .is_some_and(|text| ["postgres://", "postgresql://"].iter().any(|begin| text.starts_with(begin)))
}

/// A path without links and `..`, of which the last parts need not be there yet.
///
/// # Errors
///
/// What the operating system says of the parts that are there; [`io::ErrorKind::NotFound`] if what isn't there can't be
/// told from the path: it has a `..`, or is a link to nothing.
pub fn resolve(path: &Path) -> io::Result<PathBuf> {
    match sys::resolved(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && path.symlink_metadata().is_err() => {
            let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return Err(error) };
            let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
            Ok(resolve(parent)?.join(name))
        }
        resolved => resolved,
    }
}

/// A path without `.`, and without `..` where that has something to take back or nothing to lead out of. The disk isn't
/// asked, so the path may be gone, and links count as folders.
pub(crate) fn normalised(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match (part, normal.components().next_back()) {
            (Component::CurDir, _) | (Component::ParentDir, Some(Component::RootDir)) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => drop(normal.pop()),
            (part, _) => normal.push(part),
        }
    }
    normal
}

/// Opens and reads a file, but at most so many bytes.
///
/// # Errors
///
/// As [`open`] and [`read`].
pub fn read_at(path: &Path, links: Links, most: u64) -> io::Result<Vec<u8>> {
    read(&open(path, links)?, most)
}

/// What changes whenever a file does, as far as the file system tells. The default says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// When its content was last modified, in nanoseconds since 1970; 0 if that isn't known or can't be trusted.
    pub modified_ns: i64,
    /// When it or what is known of it last changed, which no program can set; 0 where the system doesn't say.
    pub changed_ns: i64,
    /// Its number in the file system, which another file in its place doesn't have; 0 where there is none.
    pub inode: u64,
}

impl Stamp {
    /// The stamp of a file.
    pub fn of(metadata: &Metadata) -> Self {
        let (changed_ns, inode) = sys::change(metadata);
        Self { modified_ns: metadata.modified().map_or(0, nanoseconds), changed_ns, inode }
    }

    /// Whether a file with this stamp is as it was when it had the other one.
    pub fn says_unchanged(&self, before: &Self) -> bool {
        self.modified_ns != 0 && self == before
    }

    /// The stamp that can be trusted later, of a file that was read at a moment.
    ///
    /// A file that changed within two seconds of being read may change again without another time, on file systems
    /// with coarse clocks. Its stamp says nothing.
    #[must_use]
    pub fn settled(self, read_at: SystemTime) -> Self {
        const COARSEST_CLOCK_NS: i64 = 2_000_000_000;
        let last = self.modified_ns.max(self.changed_ns);
        if last.saturating_add(COARSEST_CLOCK_NS) < nanoseconds(read_at) { self } else { Self::default() }
    }
}

/// A time in nanoseconds since 1970.
fn nanoseconds(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |ns| -ns),
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    fn refusal<T: std::fmt::Debug>(result: io::Result<T>) -> Option<Refusal> {
        Refusal::of(&result.unwrap_err())
    }

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap();
        fs::create_dir_all(path.join("a/b")).unwrap();
        fs::write(path.join("a/b/note.md"), "owl").unwrap();
        symlink(path.join("a"), path.join("link")).unwrap();
        symlink("note.md", path.join("a/b/alias.md")).unwrap();
        (folder, path)
    }

    #[test]
    fn only_regular_files_are_opened_and_nothing_waits() {
        let (_folder, path) = folder();
        let pipe = path.join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0)
            .unwrap();
        let _socket = UnixListener::bind(path.join("socket")).unwrap();
        for name in ["pipe", "socket", "a"] {
            assert_eq!(refusal(open(&path.join(name), Links::Follow)), Some(Refusal::NotAFile), "{name}");
            assert_eq!(refusal(open_below(&path, Path::new(name))), Some(Refusal::NotAFile), "{name}");
        }
        assert_eq!(refusal(open(Path::new("/dev/zero"), Links::Follow)), Some(Refusal::NotAFile));
        assert_eq!(open(&path.join("none"), Links::Follow).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn no_link_below_the_folder_is_followed() {
        let (_folder, path) = folder();
        let below = |relative: &str| open_below(&path, Path::new(relative));
        assert_eq!(read(&below("a/./b/note.md").unwrap(), 10).unwrap(), b"owl");
        assert_eq!(refusal(below("link/b/note.md")), Some(Refusal::Link));
        assert_eq!(refusal(below("a/b/alias.md")), Some(Refusal::Link));
        assert_eq!(refusal(below("a/../a/b/note.md")), Some(Refusal::Outside));
        assert_eq!(refusal(below("/etc/passwd")), Some(Refusal::Outside));
        // The folder's own path is the caller's.
        assert!(open_below(&path.join("link"), Path::new("b/note.md")).is_ok());
        assert_eq!(refusal(open(&path.join("a/b/alias.md"), Links::Refuse)), Some(Refusal::Link));
        assert!(open(&path.join("a/b/alias.md"), Links::Follow).is_ok());
    }

    #[test]
    fn a_path_is_resolved_as_far_as_it_is_there() {
        let (_folder, path) = folder();
        symlink(path.join("none"), path.join("dangling")).unwrap();
        let resolved = |relative: &str| resolve(&path.join(relative)).ok();
        assert_eq!(resolved("link/b"), Some(path.join("a/b")));
        assert_eq!(resolved("link/../a/new/index"), Some(path.join("a/new/index")));
        assert_eq!(resolved("new/../../a"), None);
        assert_eq!(resolved("dangling"), None);
        assert_eq!(resolved("dangling/index"), None);
        assert_eq!(resolved("a/b/note.md/index"), None);
    }

    #[test]
    fn reading_ends_where_the_caller_says() {
        let (_folder, path) = folder();
        let note = path.join("a/b/note.md");
        assert_eq!(read_at(&note, Links::Refuse, 3).unwrap(), b"owl");
        let too_large = Refusal::TooLarge { size: 3, most: 2 };
        assert_eq!(refusal(read_at(&note, Links::Refuse, 2)), Some(too_large));
        let sparse = File::create(path.join("sparse")).unwrap();
        sparse.set_len(1 << 40).unwrap();
        let too_large = Refusal::TooLarge { size: 1 << 40, most: 1 << 39 };
        assert_eq!(refusal(read_at(&path.join("sparse"), Links::Refuse, 1 << 39)), Some(too_large));
        // Linux says of this file that it is a regular one without content; reading it never ends.
        if cfg!(target_os = "linux") {
            read_at(Path::new("/proc/self/pagemap"), Links::Refuse, 1 << 40).unwrap_err();
        }
    }

    #[test]
    fn a_root_that_is_a_file_is_its_note() {
        let (_folder, path) = folder();
        let note = path.join("a/b/note.md");
        assert_eq!(read(&open_note(&note, Path::new("note.md")).unwrap(), 10).unwrap(), b"owl");
        assert_eq!(read(&open_note(&path, Path::new("a/b/note.md")).unwrap(), 10).unwrap(), b"owl");
        assert!(open_note(&note, Path::new("other.md")).is_err());
        assert_eq!(refusal(open_note(&path, Path::new("../x"))), Some(Refusal::Outside));
    }

    #[test]
    fn a_stamp_tells_a_change_that_keeps_size_and_time() {
        let (_folder, path) = folder();
        let (note, other) = (path.join("a/b/note.md"), path.join("other.md"));
        fs::write(&other, "elk").unwrap();
        let time = UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        let set = |path: &Path| File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
        set(&note);
        set(&other);
        let stamp = || Stamp::of(&fs::metadata(&note).unwrap());
        let before = stamp();
        assert_eq!(before.modified_ns, 1_000_000_000_000_000_000);
        assert!(stamp().says_unchanged(&before));
        fs::rename(&other, &note).unwrap();
        let replaced = stamp();
        assert!(replaced.modified_ns == before.modified_ns && !replaced.says_unchanged(&before));
        std::thread::sleep(std::time::Duration::from_millis(50));
        fs::write(&note, "ape").unwrap();
        set(&note);
        assert!(stamp().modified_ns == before.modified_ns && !stamp().says_unchanged(&replaced));
    }

    #[test]
    fn a_stamp_settles_once_every_clock_has_moved_on() {
        let second = |seconds: i64| seconds * 1_000_000_000;
        let at = |seconds| UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        let old = Stamp { modified_ns: second(10), changed_ns: second(10), inode: 1 };
        assert_eq!(old.settled(at(13)), old);
        assert_eq!(old.settled(at(12)), Stamp::default());
        // As after `cp -p`: an old file that has just come.
        let copied = Stamp { changed_ns: second(100), ..old };
        assert_eq!(copied.settled(at(101)), Stamp::default());
        assert_eq!(copied.settled(at(103)), copied);
        assert!(!Stamp::default().says_unchanged(&Stamp::default()), "what isn't known says nothing");
        assert_eq!(nanoseconds(UNIX_EPOCH - std::time::Duration::from_secs(1)), second(-1));
    }
}
