//! The folder of segments as tantivy sees it: one view that only reads, one that writes.
//!
//! Both differ from tantivy's own `MmapDirectory`, through which they map files. Every file is a [`ChecksummedFile`]:
//! mapping it reads its end, and each block is checked when tantivy first asks for it. Damage becomes an error that
//! names the file, and is remembered in the view's [`FirstErrors`].
//!
//! There are no lock files: [`super::lock`] keeps writers apart, and a reader must write nothing. The reading view pins one
//! copy of `meta.json`, since tantivy reads it again as it likes. The writing view syncs the folder after the rename
//! that is a commit, before tantivy deletes what the commit no longer needs; and it gives the folder's own listing
//! for tantivy's list of files to clean up, so that nothing a dead writer left is ever forgotten. An index that is
//! rebuilt takes the place of what was there with its first commit and not before.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    AntiCallToken, DirectoryLock, FileHandle, Lock, MmapDirectory, OwnedBytes, TerminatingWrite,
    WatchCallback, WatchHandle, WritePtr,
};
use tantivy::{Directory, HasLen};

use super::checksummed_file::{ChecksummedFile, ChecksummedWriter};
use super::disk::DiskOutput;
use super::first_errors::{DamagedFile, FirstErrors};
use super::lock::LockId;
use super::structure::Passages;
use super::{disk, layout, meta};
use crate::error::is_scarcity;
use crate::files::Refusal;

/// tantivy's list of the files it has made.
const MANAGED: &str = ".managed.json";

/// The files of a folder, for reading.
#[derive(Clone, Debug)]
struct Files {
    mapped: MmapDirectory,
    folder: PathBuf,
    first_errors: FirstErrors,
    /// The open files, if they are kept open: blocks that were found sound aren't checked again.
    opened: Option<Arc<Mutex<HashMap<PathBuf, ChecksummedFile>>>>,
}

impl Files {
    fn new(folder: &Path, first_errors: FirstErrors) -> tantivy::Result<Self> {
        Ok(Self { mapped: MmapDirectory::open(folder)?, folder: folder.into(), first_errors, opened: None })
    }

    /// Maps a file. A link, a pipe or a device is damage: no writer makes one.
    fn map(&self, name: &Path) -> Result<OwnedBytes, OpenReadError> {
        let path = self.folder.join(name);
        if std::fs::symlink_metadata(&path).is_ok_and(|metadata| !metadata.is_file()) {
            let damaged = DamagedFile::new(path, Refusal::NotAFile.to_string());
            return Err(OpenReadError::wrap_io_error(damaged.into(), name.into()));
        }
        let file = self.mapped.get_file_handle(name)?;
        file.read_bytes(0..file.len()).map_err(|error| OpenReadError::wrap_io_error(error, name.into()))
    }

    /// Maps a checked file.
    fn file(&self, name: &Path) -> Result<ChecksummedFile, OpenReadError> {
        let opened = self.opened.as_ref().map(|opened| opened.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(file) = opened.as_ref().and_then(|opened| opened.get(name)) {
            return Ok(file.clone());
        }
        let file = ChecksummedFile::open(self.map(name)?).map_err(|what| self.damage(name, what))?;
        if let Some(mut opened) = opened {
            opened.insert(name.into(), file.clone());
        }
        Ok(file)
    }

    /// Maps a file for tantivy.
    fn handle(&self, name: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        let (path, file) = (self.folder.join(name), self.file(name)?);
        let passages = name.extension().is_some_and(|extension| extension == "store");
        let passages = passages.then(|| Passages::open(&file)).transpose();
        let passages = passages.map_err(|what| self.damage(name, what))?;
        Ok(Arc::new(BlockFile { path, file, passages, first_errors: self.first_errors.clone() }))
    }

    /// Remembers a damaged file, and gives the error that names it.
    fn damage(&self, name: &Path, what: String) -> OpenReadError {
        OpenReadError::wrap_io_error(self.first_errors.damage(&self.folder.join(name), what), name.into())
    }
}

/// A mapped file, whose blocks are checked as they are read.
struct BlockFile {
    path: PathBuf,
    file: ChecksummedFile,
    /// Its blocks of passages, if it has some.
    passages: Option<Passages>,
    first_errors: FirstErrors,
}

impl fmt::Debug for BlockFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlockFile({}, {:?})", self.path.display(), self.file)
    }
}

impl HasLen for BlockFile {
    fn len(&self) -> usize {
        self.file.len()
    }
}

impl FileHandle for BlockFile {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        let failed = |what: String| self.first_errors.damage(&self.path, what);
        if let Some(passages) = self.passages {
            passages.check(&self.file, &range).map_err(failed)?;
        }
        self.file.get_owned(range).map_err(|damage| failed(damage.into()))
    }
}

/// A folder of segments that can't be written, with a fixed list of segments.
#[derive(Clone, Debug)]
pub(super) struct ReadView {
    files: Files,
    meta: Arc<[u8]>,
}

impl ReadView {
    /// A view of a folder through a copy of its `meta.json`.
    pub(super) fn new(folder: &Path, meta: Arc<[u8]>, first_errors: FirstErrors) -> tantivy::Result<Self> {
        let opened = Some(Arc::default());
        Ok(Self { files: Files { opened, ..Files::new(folder, first_errors)? }, meta })
    }

    /// The first errors that were seen through it.
    pub(super) fn first_errors(&self) -> &FirstErrors {
        &self.files.first_errors
    }

    /// Remembers a damaged file, and gives the error that names it.
    pub(super) fn damage(&self, name: &Path, what: impl Into<String>) -> io::Error {
        self.files.first_errors.damage(&self.files.folder.join(name), what)
    }

    /// Maps a checked file.
    pub(super) fn file(&self, name: &Path) -> Result<ChecksummedFile, OpenReadError> {
        self.files.file(name)
    }

    /// Maps a file that the index can do without; `None` if there is none. An inner error says why it can't be used; only
    /// a lack of memory or the like is an outer one.
    pub(super) fn derived(
        &self,
        name: &Path,
    ) -> Result<Result<Option<ChecksummedFile>, String>, OpenReadError> {
        match self.files.map(name) {
            Ok(bytes) => Ok(ChecksummedFile::open(bytes).map(Some)),
            Err(OpenReadError::FileDoesNotExist(_)) => Ok(Ok(None)),
            Err(OpenReadError::IoError { io_error, .. }) if !is_scarcity(&io_error) => {
                Ok(Err(io_error.to_string()))
            }
            Err(error) => Err(error),
        }
    }

    /// The folder.
    pub(super) fn folder(&self) -> &Path {
        &self.files.folder
    }
}

/// The error of writing through a view that only reads.
fn refused() -> io::Error {
    io::Error::from(io::ErrorKind::ReadOnlyFilesystem)
}

impl Directory for ReadView {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.files.handle(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        if path == Path::new(layout::META) { Ok(true) } else { self.files.mapped.exists(path) }
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        if path == Path::new(layout::META) {
            Ok(self.meta.to_vec())
        } else {
            Err(OpenReadError::FileDoesNotExist(path.into()))
        }
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        Err(DeleteError::IoError { io_error: Arc::new(refused()), filepath: path.into() })
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        Err(OpenWriteError::wrap_io_error(refused(), path.into()))
    }

    fn atomic_write(&self, _path: &Path, _content: &[u8]) -> io::Result<()> {
        Err(refused())
    }

    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }

    fn acquire_lock(&self, _lock: &Lock) -> Result<DirectoryLock, LockError> {
        Ok(DirectoryLock::from(Box::new(())))
    }

    fn watch(&self, _callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}

/// A checked file that is being written, whose first errors are remembered.
struct Watched {
    file: ChecksummedWriter<DiskOutput>,
    first_errors: FirstErrors,
}

impl Write for Watched {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes);
        self.first_errors.note(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.file.flush();
        self.first_errors.note(flushed)
    }
}

impl TerminatingWrite for Watched {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        let ended = self.file.end().and_then(|()| self.file.get_mut().sync());
        self.first_errors.note(ended)
    }
}

/// The list of segments that a writing view gives tantivy.
#[derive(Clone, Debug)]
enum List {
    /// The list in the folder.
    Committed,
    /// Nothing, whatever lies there.
    None,
    /// The empty list that tantivy writes to begin with.
    Empty(Vec<u8>),
}

/// A folder of segments for the one writer that holds the index's lock.
///
/// The lock's file may be removed by somebody who cleans the folder, and another writer may then take a new one. So before the
/// list of segments is replaced, and before anything is removed, the lock must still be there, and the list be what this
/// writer has last seen.
#[derive(Clone, Debug)]
pub(super) struct WriteView {
    files: Files,
    list: Arc<Mutex<List>>,
    lock: LockId,
    /// The bytes of `meta.json` as this writer found or left them.
    seen: Arc<Mutex<Option<Vec<u8>>>>,
}

impl WriteView {
    /// Opens an existing folder, to change what is committed there.
    pub(super) fn new(folder: &Path, lock: LockId, first_errors: FirstErrors) -> tantivy::Result<Self> {
        Self::with(folder, lock, first_errors, List::Committed)
    }

    /// Opens an existing folder to rebuild its index, to which no segment belongs yet.
    ///
    /// What was committed there stays as it is until the first commit with a payload takes its place: the empty list
    /// that tantivy begins with is only remembered.
    pub(super) fn rebuilding(
        folder: &Path,
        lock: LockId,
        first_errors: FirstErrors,
    ) -> tantivy::Result<Self> {
        Self::with(folder, lock, first_errors, List::None)
    }

    fn with(folder: &Path, lock: LockId, first_errors: FirstErrors, list: List) -> tantivy::Result<Self> {
        let seen = Arc::new(Mutex::new(meta::read_sealed(folder).ok()));
        Ok(Self { files: Files::new(folder, first_errors)?, list: Arc::new(Mutex::new(list)), lock, seen })
    }

    /// Whether this writer is still the only one that may change the folder.
    fn is_alone(&self) -> bool {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        self.lock.is_held() && meta::read_sealed(&self.files.folder).ok() == *seen
    }

    fn list(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The list of segments as tantivy wrote it.
    fn read_list(&self) -> io::Result<Vec<u8>> {
        match &*self.list() {
            List::Committed => self.files.first_errors.note(meta::read(&self.files.folder)),
            List::None => Err(io::ErrorKind::NotFound.into()),
            List::Empty(content) => Ok(content.clone()),
        }
    }

    /// Commits a list of segments, unless it is the empty one.
    fn write_list(&self, content: &[u8]) -> io::Result<()> {
        let mut list = self.list();
        if !matches!(*list, List::Committed) && !meta::is_commit(content) {
            *list = List::Empty(content.to_vec());
            return Ok(());
        }
        if !self.is_alone() {
            return Err(self.files.first_errors.displace());
        }
        let sealed = meta::seal(content);
        self.files.first_errors.note(disk::replace(&self.files.folder, layout::META, &sealed))?;
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(sealed);
        *list = List::Committed;
        Ok(())
    }

    /// The names of a writer's files in the folder, as tantivy keeps them.
    fn listing(&self) -> io::Result<Vec<u8>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.files.folder)? {
            names.extend(entry?.file_name().into_string().ok().filter(|name| layout::is_of_segments(name)));
        }
        names.sort_unstable();
        Ok(serde_json::to_vec(&names)?)
    }
}

impl Directory for WriteView {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.files.handle(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        match &*self.list() {
            List::None if path == Path::new(layout::META) => Ok(false),
            List::Empty(_) if path == Path::new(layout::META) => Ok(true),
            _ => self.files.mapped.exists(path),
        }
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        let read = if path == Path::new(MANAGED) {
            self.listing()
        } else if path == Path::new(layout::META) {
            self.read_list()
        } else {
            Err(io::ErrorKind::NotFound.into())
        };
        read.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => OpenReadError::FileDoesNotExist(path.into()),
            _ => OpenReadError::wrap_io_error(error, path.into()),
        })
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        if !self.lock.is_held() {
            let io_error = Arc::new(self.files.first_errors.displace());
            return Err(DeleteError::IoError { io_error, filepath: path.into() });
        }
        disk::remove(&self.files.folder.join(path)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => DeleteError::FileDoesNotExist(path.into()),
            _ => DeleteError::IoError { io_error: Arc::new(error), filepath: path.into() },
        })
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let first_errors = self.files.first_errors.clone();
        let created = first_errors.note(DiskOutput::create_new(&self.files.folder.join(path)));
        let file = created.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => OpenWriteError::FileAlreadyExists(path.into()),
            _ => OpenWriteError::wrap_io_error(error, path.into()),
        })?;
        Ok(WritePtr::new(Box::new(Watched { file: ChecksummedWriter::new(file), first_errors })))
    }

    fn atomic_write(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        if path == Path::new(MANAGED) {
            Ok(())
        } else if path == Path::new(layout::META) {
            self.write_list(content)
        } else {
            Err(io::Error::from(io::ErrorKind::InvalidFilename))
        }
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.files.first_errors.note(disk::sync_folder(&self.files.folder))
    }

    fn acquire_lock(&self, _lock: &Lock) -> Result<DirectoryLock, LockError> {
        Ok(DirectoryLock::from(Box::new(())))
    }

    fn watch(&self, _callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}
