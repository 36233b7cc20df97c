//! A folder of notes for one test, and the program with a clean environment.

#![allow(dead_code, clippy::allow_attributes, reason = "each test uses some of it")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A temporary home with `notes/` in it; `index/` appears when the program makes it.
pub(crate) struct Vault {
    folder: tempfile::TempDir,
}

impl Vault {
    /// Without notes.
    pub(crate) fn new() -> Self {
        let vault = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::create_dir(vault.path("notes")).unwrap();
        vault
    }

    /// Notes that aren't indexed yet.
    pub(crate) fn unread(notes: &[(&str, &str)]) -> Self {
        let vault = Self::new();
        for (path, text) in notes {
            vault.write(path, text);
        }
        vault
    }

    /// Notes that are indexed.
    pub(crate) fn indexed(notes: &[(&str, &str)]) -> Self {
        let vault = Self::unread(notes);
        vault.index();
        vault
    }

    /// Reads the notes.
    #[track_caller]
    pub(crate) fn index(&self) {
        let output = self.output(&["index", "notes"]);
        assert!(output.status.success(), "{output:?}");
    }

    /// The home.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A path in the home.
    pub(crate) fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(relative)
    }

    /// Writes a note below `notes/`.
    pub(crate) fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let path = self.path("notes").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// The program, standing in the vault, knowing nothing of the machine it runs on.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qsearch"));
        command.current_dir(self.folder.path()).env_clear().env("HOME", self.path("home"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn output(&self, args: &[&str]) -> Output {
        self.command().args(args).output().unwrap()
    }
}
