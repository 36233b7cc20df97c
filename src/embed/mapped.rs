//! A file mapped into memory: its bytes come from the disk when they are first looked at.
//!
//! A question needs a few rows of a word table of 96 MB. Mapped, a model of 119 MB answers its first question in a fifth of the
//! time that reading it takes; see `benches/README.md`. Where a file can't be mapped, it is read.

use std::fs::File;
use std::ops::Deref;

/// The bytes of a file.
#[derive(Debug)]
pub(super) enum Bytes {
    /// A part of the program.
    Bundled(&'static [u8]),
    /// Read.
    Read(Vec<u8>),
    /// Mapped.
    Mapped(memmap2::Mmap),
}

impl Bytes {
    /// Maps a file; `None` if the system can't.
    #[expect(unsafe_code, reason = "a mapping is unsafe where the file is cut short while it is in use")]
    pub(super) fn mapped(file: &File) -> Option<Self> {
        // SAFETY: a model file is never written to, but made beside its place and renamed over it, so a mapping keeps the
        // file that it has. Somebody who cuts it short on purpose can stop the program that looks at the missing part, and no
        // more than that: what is read is only ever taken for numbers whose sums are checked.
        unsafe { memmap2::Mmap::map(file) }.ok().map(Self::Mapped)
    }

    /// The bytes, copied unless they were read.
    pub(super) fn into_vec(self) -> Vec<u8> {
        match self {
            Self::Read(bytes) => bytes,
            other => other.to_vec(),
        }
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Read(bytes)
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Bundled(bytes) => bytes,
            Self::Read(bytes) => bytes,
            Self::Mapped(bytes) => bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapped_file_has_the_bytes_of_the_read_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        for length in [0, 1, 4096, 10_000] {
            let bytes: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            std::fs::write(&path, &bytes).unwrap();
            let mapped = Bytes::mapped(&File::open(&path).unwrap());
            assert_eq!(mapped.map_or_else(Vec::new, |mapped| mapped.to_vec()), *Bytes::Read(bytes));
        }
    }
}
