//! The folder of segments as tantivy sees it: one view that only reads, one that writes.
//!
//! Both differ from tantivy's own `MmapDirectory`, on which they stand. No lock files: [`super::lock`] keeps
//! writers apart, and a reader must write nothing. The reading view pins one copy of `meta.json`, since
//! tantivy reads it again as it likes. The writing view syncs the folder after the rename that is a commit,
//! before tantivy deletes what the commit no longer needs; and it gives the folder's own listing for
//! tantivy's list of files to clean up, so that nothing a dead writer left is ever forgotten.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use tantivy::Directory;
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    AntiCallToken, DirectoryLock, FileHandle, Lock, MmapDirectory, TerminatingWrite, WatchCallback,
    WatchHandle, WritePtr,
};

use super::{failure, layout};

/// tantivy's list of the files it has made.
const MANAGED: &str = ".managed.json";

/// A folder of segments that can't be written, with a fixed list of segments.
#[derive(Clone, Debug)]
pub(super) struct ReadView {
    files: MmapDirectory,
    meta: Arc<[u8]>,
}

impl ReadView {
    /// Looks at a folder through a copy of its `meta.json`.
    pub(super) fn new(folder: &Path, meta: Arc<[u8]>) -> tantivy::Result<Self> {
        Ok(Self { files: MmapDirectory::open(folder)?, meta })
    }
}

/// What writing through a view that only reads comes to.
fn refused() -> io::Error {
    io::Error::from(io::ErrorKind::ReadOnlyFilesystem)
}

impl Directory for ReadView {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.files.get_file_handle(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        if path == Path::new(layout::META) { Ok(true) } else { self.files.exists(path) }
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

/// What the operating system refused first. tantivy passes some of its errors on as mere text, which would
/// turn a full disk into a damaged index.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults(Arc<OnceLock<i32>>);

impl Faults {
    /// The first error, if there was one.
    pub(super) fn first(&self) -> Option<io::Error> {
        self.0.get().copied().map(io::Error::from_raw_os_error)
    }

    /// Remembers an error of the operating system if it is the first, and passes the result on.
    fn note<T>(&self, result: io::Result<T>) -> io::Result<T> {
        if let Some(code) = result.as_ref().err().and_then(io::Error::raw_os_error) {
            self.0.get_or_init(|| code);
        }
        result
    }
}

/// A file that is being written, under watch for faults.
struct Watched {
    file: Box<dyn TerminatingWrite + Send + Sync>,
    faults: Faults,
}

impl Write for Watched {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes);
        self.faults.note(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.file.flush();
        self.faults.note(flushed)
    }
}

impl TerminatingWrite for Watched {
    fn terminate_ref(&mut self, token: AntiCallToken) -> io::Result<()> {
        let terminated = self.file.terminate_ref(token);
        self.faults.note(terminated)
    }
}

/// A folder of segments for the one writer that holds the index's lock.
#[derive(Clone, Debug)]
pub(super) struct WriteView {
    files: MmapDirectory,
    folder: PathBuf,
    faults: Faults,
}

impl WriteView {
    /// Opens an existing folder.
    pub(super) fn new(folder: &Path) -> tantivy::Result<Self> {
        let (folder, faults) = (folder.into(), Faults::default());
        Ok(Self { files: MmapDirectory::open(&folder)?, folder, faults })
    }

    /// What is refused from now on.
    pub(super) fn faults(&self) -> Faults {
        self.faults.clone()
    }

    /// The names of the files in the folder, as tantivy keeps them.
    fn listing(&self) -> io::Result<Vec<u8>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            names.extend(entry?.file_name().into_string());
        }
        names.sort_unstable();
        Ok(serde_json::to_vec(&names)?)
    }
}

impl Directory for WriteView {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.files.get_file_handle(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.files.exists(path)
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        if path == Path::new(MANAGED) {
            self.listing().map_err(|error| OpenReadError::wrap_io_error(error, path.into()))
        } else {
            self.files.atomic_read(path)
        }
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.files.delete(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let opened = self.files.open_write(path);
        if let Err(OpenWriteError::IoError { io_error, .. }) = &opened {
            self.faults.note(Err::<(), _>(failure::copy(io_error))).ok();
        }
        // Nothing has been written to the buffer yet; the new one takes its place.
        let file = opened?
            .into_inner()
            .map_err(|error| OpenWriteError::wrap_io_error(error.into_error(), path.into()))?;
        Ok(WritePtr::new(Box::new(Watched { file, faults: self.faults() })))
    }

    fn atomic_write(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        match path.to_str() {
            Some(MANAGED) => Ok(()),
            Some(name) => self.faults.note(layout::replace(&self.folder, name, content)),
            None => Err(io::Error::from(io::ErrorKind::InvalidFilename)),
        }
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.faults.note(layout::sync_folder(&self.folder))
    }

    fn acquire_lock(&self, _lock: &Lock) -> Result<DirectoryLock, LockError> {
        Ok(DirectoryLock::from(Box::new(())))
    }

    fn watch(&self, _callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}
