//! A file that was found becomes its bytes, unless they turn out not to be text.

use super::{Found, Reason};
use crate::encoding::Utf16;
use crate::files;

/// How much of a file is looked at to tell text from other content, as in git.
const SAMPLE: usize = 8000;

/// How files begin whose content isn't text though it may hold no NUL at the start.
const MAGIC: [&[u8]; 14] = [
    b"%PDF-",
    b"PK\x03\x04",
    b"\x89PNG",
    b"GIF87a",
    b"GIF89a",
    b"\xFF\xD8\xFF",
    b"\x7FELF",
    b"\x1F\x8B",
    b"BZh9",
    b"\xFD7zXZ",
    b"7z\xBC\xAF\x27\x1C",
    b"\x28\xB5\x2F\xFD",
    b"Rar!\x1A\x07",
    b"{\\rtf",
];

/// Reads a file that a walk found, whatever has become of it since, or of the folders on the way to it.
///
/// # Errors
///
/// The reason why it is left out after all: it vanished, has grown over `max_bytes`, can't be read, or isn't
/// text.
pub fn read(found: &Found, max_bytes: u64) -> Result<Vec<u8>, Reason> {
    let bytes = files::open_note(&found.root, &found.path.to_relative())
        .and_then(|file| files::read(&file, max_bytes))
        .map_err(|error| match Reason::from_io(&error) {
            // It was a file when the walk passed it, so a note is missing.
            Reason::Symlink => Reason::Unreadable("it has become a symbolic link, or lies behind one".into()),
            Reason::Special => Reason::Unreadable("it is no file any more".into()),
            reason => reason,
        })?;
    if is_binary(&bytes) { Err(Reason::Binary) } else { Ok(bytes) }
}

/// Tells content that isn't text: by how it begins, or by a NUL near its start that UTF-16 doesn't explain.
fn is_binary(bytes: &[u8]) -> bool {
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    MAGIC.iter().any(|magic| sample.starts_with(magic)) || (sample.contains(&0) && Utf16::of(bytes).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_from_other_content() {
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        let big = "What is the GIL?".encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>();
        let marked = [b"\xFF\xFE".to_vec(), utf16("日本語\0")].concat();
        let (latin, mixed) = (utf16("What is the GIL?"), utf16("The word кофе is coffee, said Ādams"));
        for text in [b"".as_slice(), b"plain", b"caf\xE9", b"Q\x0Cpage", &latin, &mixed, &big, &marked] {
            assert!(!is_binary(text), "{text:?}");
        }
        for binary in [
            b"%PDF-1.7\n".as_slice(),
            b"PK\x03\x04rest",
            b"text\0text",
            b"\0",
            b"\x7FELF\x02",
            b"\xFF\xFE\0\0a\0\0\0",
        ] {
            assert!(is_binary(binary), "{binary:?}");
        }
    }
}
