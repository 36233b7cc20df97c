//! The folder of segments as tantivy sees it: one view that only reads, one that writes.
//!
//! Both differ from tantivy's own `MmapDirectory`, on which they stand. No lock files: [`super::lock`] keeps
//! writers apart, and a reader must write nothing. The reading view pins one copy of `meta.json`, since
//! tantivy reads it again as it likes. The writing view syncs the folder after the rename that is a commit,
//! before tantivy deletes what the commit no longer needs; and it gives the folder's own listing for
//! tantivy's list of files to clean up, so that nothing a dead writer left is ever forgotten.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tantivy::Directory;
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    DirectoryLock, FileHandle, Lock, MmapDirectory, WatchCallback, WatchHandle, WritePtr,
};

use super::layout;

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

/// A folder of segments for the one writer that holds the index's lock.
#[derive(Clone, Debug)]
pub(super) struct WriteView {
    files: MmapDirectory,
    folder: PathBuf,
}

impl WriteView {
    /// Opens an existing folder.
    pub(super) fn new(folder: &Path) -> tantivy::Result<Self> {
        Ok(Self { files: MmapDirectory::open(folder)?, folder: folder.into() })
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
        self.files.open_write(path)
    }

    fn atomic_write(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        match path.to_str() {
            Some(MANAGED) => Ok(()),
            Some(name) => layout::replace(&self.folder, name, content),
            None => Err(io::Error::from(io::ErrorKind::InvalidFilename)),
        }
    }

    fn sync_directory(&self) -> io::Result<()> {
        layout::sync_folder(&self.folder)
    }

    fn acquire_lock(&self, _lock: &Lock) -> Result<DirectoryLock, LockError> {
        Ok(DirectoryLock::from(Box::new(())))
    }

    fn watch(&self, _callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}
