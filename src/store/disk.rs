//! Every change of the disk that the store makes, but for the lock, so that tests can try out a crash at any moment.
//!
//! What is written is safe from a power cut only once it is synced: a file's content with the file, and its name, or
//! that it has none any more, with the folder it lies in.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use crate::sys;

#[cfg(test)]
use super::tests::journal::{self, Change};

/// The end of a file's name until all of it is written.
pub(super) const TEMPORARY: &str = ".tmp";

/// A file that is being written.
#[derive(Debug)]
pub(super) struct DiskOutput {
    file: File,
    #[cfg(test)]
    path: std::path::PathBuf,
}

impl DiskOutput {
    /// Creates a file. There being one is an error of kind [`io::ErrorKind::AlreadyExists`]: nothing that exists is ever
    /// written to, for its name may be a link to a file of somebody else's.
    pub(super) fn create_new(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).open(path)?;
        #[cfg(test)]
        journal::note(path, Change::Create);
        Ok(Self {
            file,
            #[cfg(test)]
            path: path.into(),
        })
    }

    /// Puts what was written on the disk.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        sys::sync(&self.file)?;
        #[cfg(test)]
        journal::note(&self.path, Change::Sync);
        Ok(())
    }
}

impl Write for DiskOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        #[cfg(test)]
        journal::note(&self.path, |path| Change::Write(path, bytes[..written].to_vec()));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Writes a new file, whose content is on the disk when this returns; its name is only after [`sync_folder`].
pub(super) fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = DiskOutput::create_new(path)?;
    let written = file.write_all(content).and_then(|()| file.sync());
    if written.is_err() {
        // The disk may be full.
        remove(path).ok();
    }
    written
}

/// Replaces a file as one step, which is on the disk when this returns.
///
/// The folder is synced after the rename: else a crash could bring the old file back after its reader's other
/// files have been deleted.
pub(super) fn replace(folder: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    replace_by(folder, name, |file| file.write_all(content))
}

/// Replaces a file by one that is written piece by piece.
pub(super) fn replace_by(
    folder: &Path,
    name: &str,
    write: impl FnOnce(&mut DiskOutput) -> io::Result<()>,
) -> io::Result<()> {
    let temporary = folder.join(format!("{name}{TEMPORARY}"));
    let mut file = match DiskOutput::create_new(&temporary) {
        // A writer that died left it, or it is a link that isn't to be written through.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            remove(&temporary)?;
            DiskOutput::create_new(&temporary)?
        }
        created => created?,
    };
    if let Err(error) = write(&mut file).and_then(|()| file.sync()) {
        // The disk may be full.
        remove(&temporary).ok();
        return Err(error);
    }
    rename(&temporary, &folder.join(name))?;
    sync_folder(folder)
}

/// Gives a file another name in the same folder, in place of any that has it.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    #[cfg(test)]
    journal::note(from, |from| Change::Rename {
        to: from.with_file_name(to.file_name().unwrap_or_default()),
        from,
    });
    Ok(())
}

/// Removes a file.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(path)?;
    #[cfg(test)]
    journal::note(path, Change::Remove);
    Ok(())
}

/// Puts the names of a folder's files on the disk.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    sys::sync_folder(path)?;
    #[cfg(test)]
    journal::note(path, Change::SyncFolder);
    Ok(())
}

/// Makes sure that a folder exists, with those it lies in; the names of new ones are on the disk when this returns.
pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    create_folder(parent)?;
    match fs::create_dir(path) {
        // Another process may have made it just now.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        created => created?,
    }
    #[cfg(test)]
    journal::note(path, Change::CreateFolder);
    match sync_folder(parent) {
        // One may be allowed to make folders where one isn't to look.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        synced => synced,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_made_with_those_they_lie_in() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("a/b/c");
        create_folder(&deep).unwrap();
        create_folder(&deep).unwrap();
        assert!(deep.is_dir());
        fs::write(deep.join("file"), "x").unwrap();
        for in_the_way in ["file", "file/below"] {
            let error = create_folder(&deep.join(in_the_way)).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::NotADirectory, "{in_the_way}: {error}");
        }
        assert!(DiskOutput::create_new(&deep.join("file")).is_err());
    }

    #[test]
    fn a_file_is_replaced_whole() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("x.tmp"), "what a dead writer left, which is longer").unwrap();
        replace(dir.path(), "x", b"one").unwrap();
        replace(dir.path(), "x", b"two").unwrap();
        assert_eq!(fs::read(dir.path().join("x")).unwrap(), b"two");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        remove(&dir.path().join("x")).unwrap();
        assert_eq!(remove(&dir.path().join("x")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_through_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let mine = dir.path().join("mine");
        fs::write(&mine, "precious").unwrap();
        for (link, target) in [("x.tmp", "mine"), ("x", "mine"), ("y.tmp", "new"), ("z", "mine")] {
            std::os::unix::fs::symlink(target, dir.path().join(link)).unwrap();
        }
        fs::hard_link(&mine, dir.path().join("hard.tmp")).unwrap();
        for name in ["x", "y", "hard"] {
            replace(dir.path(), name, b"ours").unwrap();
            assert!(fs::symlink_metadata(dir.path().join(name)).unwrap().is_file(), "{name}");
        }
        let in_the_way = write_new(&dir.path().join("z"), b"ours").unwrap_err();
        assert_eq!(in_the_way.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&mine).unwrap(), "precious");
        assert!(!dir.path().join("new").exists());
    }
}
