//! tantivy's list of segments, with a checksum as its last line.
//!
//! The line is the CRC-32 of all that stands before it, in eight hexadecimal digits.

#[cfg(test)]
use std::fs;
use std::io;
use std::path::Path;

use super::first_errors::DamagedFile;
use super::layout;
use crate::files::{self, Links};

/// The greatest size of a list: it takes some hundred bytes for each segment and root.
const MOST_BYTES: u64 = 64 << 20;

/// The bytes of the last line, its end included.
const LINE: usize = 9;

/// The line that belongs to some content.
fn line(content: &[u8]) -> [u8; LINE] {
    let mut line = [b'\n'; LINE];
    line[..8].copy_from_slice(format!("{:08x}", crc32fast::hash(content)).as_bytes());
    line
}

/// The content that tantivy wants to write, with its checksum.
pub(super) fn seal(content: &[u8]) -> Vec<u8> {
    [content, &line(content)].concat()
}

/// The content of a list with its checksum; `None` if that doesn't match.
pub(super) fn unseal(sealed: &[u8]) -> Option<&[u8]> {
    let (content, end) = sealed.split_at(sealed.len().saturating_sub(LINE));
    (end == line(content)).then_some(content)
}

/// Whether a list of segments is that of a commit: tantivy begins with one that has no payload.
pub(super) fn is_commit(content: &[u8]) -> bool {
    serde_json::from_slice(content).is_ok_and(|list: serde_json::Value| list["payload"].is_string())
}

/// The content that tantivy wrote to `meta.json` in the folder of segments.
///
/// Damage is an error that carries a [`DamagedFile`]; any other is the operating system's.
pub(super) fn read(folder: &Path) -> io::Result<Vec<u8>> {
    let path = folder.join(layout::META);
    let bytes = read_sealed(folder)?;
    let content = unseal(&bytes).ok_or_else(|| DamagedFile::new(path, "its checksum doesn't match"))?;
    Ok(content.to_vec())
}

/// The bytes of `meta.json` in the folder of segments, whatever they are.
pub(super) fn read_sealed(folder: &Path) -> io::Result<Vec<u8>> {
    files::read_at(&folder.join(layout::META), Links::Refuse, MOST_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(layout::META);
        let content = b"{\"segments\": []}\n";
        let sealed = seal(content);
        fs::write(&path, &sealed).unwrap();
        assert_eq!(read(folder.path()).unwrap(), content);
        for at in 0..sealed.len() * 8 {
            let mut damaged = sealed.clone();
            damaged[at / 8] ^= 1 << (at % 8);
            fs::write(&path, damaged).unwrap();
            let error = read(folder.path()).unwrap_err();
            assert!(DamagedFile::in_error(&error).is_some(), "bit {at}: {error}");
        }
        for end in 0..sealed.len() {
            fs::write(&path, &sealed[..end]).unwrap();
            assert!(read(folder.path()).is_err(), "cut at {end}");
        }
    }
}
