//! The header of our own files of a segment: kind, version, and three numbers.
//!
//! In little-endian order: eight bytes that name the kind of file, then as u32 the version, the dimensions of a vector,
//! the rows, and one more number that means something else in each kind.

use std::io;

use super::checksummed_file::ChecksummedFile;

/// The size of a header in bytes.
pub(super) const BYTES: usize = 24;

/// A kind of file.
#[derive(Clone, Copy, Debug)]
pub(super) struct FileKind {
    /// The first bytes.
    pub(super) magic: &'static [u8; 8],
    /// The version of what follows.
    pub(super) version: u32,
    /// The content of such a file, for messages.
    pub(super) of: &'static str,
}

impl FileKind {
    /// The header of a file.
    pub(super) fn header(&self, dim: usize, rows: usize, last: usize) -> io::Result<Vec<u8>> {
        let mut header = Vec::with_capacity(BYTES);
        header.extend_from_slice(self.magic);
        header.extend_from_slice(&self.version.to_le_bytes());
        for number in [dim, rows, last] {
            let number = u32::try_from(number).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
            header.extend_from_slice(&number.to_le_bytes());
        }
        Ok(header)
    }

    /// The last number of a file's header, if all else in it is as it should be.
    pub(super) fn check(&self, file: &ChecksummedFile, dim: usize, rows: usize) -> Result<usize, String> {
        if file.len() < BYTES || file.get(0..8)? != self.magic {
            return Err(format!("it isn't a file of {}", self.of));
        }
        let number = |at| file.array(at).map(u32::from_le_bytes);
        let (version, last) = (number(8)?, number(20)?);
        let (has_dim, has_rows) = (number(12)?, number(16)?);
        if version != self.version {
            return Err(format!("it has the unknown version {version}"));
        }
        if (has_dim as usize, has_rows as usize) != (dim, rows) {
            return Err(format!("it has {has_rows} × {has_dim} numbers instead of {rows} × {dim}"));
        }
        Ok(last as usize)
    }
}
