//! Does the source still say that? Compares what the index holds with the file on disk.
//!
//! A text must have the passage's text at its bytes and lines. A file that was extracted must have the bytes that it had:
//! nothing here reads foreign formats.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::document::{ByteSpan, ContentHash, ContentHasher, LineSpan, NotePath, Passage, Root, Text};
use crate::files;
use crate::format;

/// A text larger than this isn't read as a whole to check a citation, but looked through.
const MOST_BYTES: u64 = 256 << 20;

/// Checks passages against their files, reading each file at most once, unless it is very large.
pub struct Checker<'a> {
    decode: &'a dyn Fn(&[u8]) -> Text,
    /// By the path of the root, and the file's path in it.
    files: HashMap<(PathBuf, NotePath), CheckedFile>,
    /// The hashes of documents and archives, by the same.
    hashes: HashMap<(PathBuf, NotePath), ContentHash>,
}

/// What is known of a file.
enum CheckedFile {
    /// It can't be read.
    Unreadable,
    /// Its text.
    Text(Text),
    /// The hash of its bytes, for what was extracted from it.
    Extracted(ContentHash),
    /// It is too large to be held.
    Large,
}

impl std::fmt::Debug for Checker<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Checker").field("files", &self.files.len()).finish_non_exhaustive()
    }
}

impl<'a> Checker<'a> {
    /// Makes a checker that reads texts with `decode`, the function they were indexed with.
    pub fn new(decode: &'a dyn Fn(&[u8]) -> Text) -> Self {
        Self { decode, files: HashMap::new(), hashes: HashMap::new() }
    }

    /// Whether a note can be read: it is a file of its root, not reached through links.
    pub fn can_read(&mut self, root: &Root, note: &NotePath) -> bool {
        let known = self.files.get(&(root.path.clone(), note.clone()));
        known.map_or_else(|| open(&root.path, note).is_ok(), |file| !matches!(file, CheckedFile::Unreadable))
    }

    /// Whether a note no longer says this passage where it stood, or can't be read.
    pub fn is_stale(&mut self, root: &Root, note: &NotePath, passage: &Passage) -> bool {
        match self.file(root, note, passage) {
            CheckedFile::Unreadable => true,
            CheckedFile::Text(text) => place(text, passage).is_none(),
            CheckedFile::Extracted(hash) => {
                passage.extract.as_ref().is_none_or(|extract| extract.file != *hash)
            }
            CheckedFile::Large => {
                let stands = open(&root.path, note).and_then(|file| stands_in(BufReader::new(file), passage));
                !stands.unwrap_or(false)
            }
        }
    }

    /// Where a part of a passage (in bytes of its text) stands in its note, unless that is stale. What was extracted has
    /// a place in the extract.
    pub fn locate(
        &mut self,
        root: &Root,
        note: &NotePath,
        passage: &Passage,
        part: &Range<usize>,
    ) -> Option<(ByteSpan, LineSpan)> {
        if let CheckedFile::Text(text) = self.file(root, note, passage) {
            let start = place(text, passage)?;
            let part = start + part.start..start + part.end;
            return Some((text.bytes(&part), text.lines(&part)));
        }
        if self.is_stale(root, note, passage) {
            return None;
        }
        // The passage begins at its first byte, and nothing has rewritten it.
        let start = passage.span.start;
        let span = ByteSpan { start: start + part.start as u64, end: start + part.end as u64 };
        Some((span, passage.lines_of(part)))
    }

    /// What the note of a passage says at these bytes, if it is a text that can be read and characters begin and end
    /// there.
    pub fn text(
        &mut self,
        root: &Root,
        note: &NotePath,
        passage: &Passage,
        span: ByteSpan,
    ) -> Option<String> {
        let CheckedFile::Text(text) = self.file(root, note, passage) else { return None };
        Some(text.as_str().get(text.range(span)?)?.to_owned())
    }

    /// What the note of a passage says from the passage on, if it is a text that can be read and still says it there.
    pub fn text_from(&mut self, root: &Root, note: &NotePath, passage: &Passage) -> Option<&str> {
        let CheckedFile::Text(text) = self.file(root, note, passage) else { return None };
        text.as_str().get(place(text, passage)?..)
    }

    /// What is known of the file that a passage is from.
    fn file(&mut self, root: &Root, note: &NotePath, passage: &Passage) -> &CheckedFile {
        let (decode, hashes) = (self.decode, &mut self.hashes);
        let entry = self.files.entry((root.path.clone(), note.clone()));
        entry.or_insert_with(|| {
            let read = opened(&root.path, note).and_then(|(path, file)| match passage.extract {
                Some(_) => {
                    // Many notes may be in one archive.
                    let known = hashes.entry((root.path.clone(), path));
                    let hash = match known {
                        Entry::Occupied(known) => *known.get(),
                        Entry::Vacant(free) => *free.insert(hash(file)?),
                    };
                    Ok(CheckedFile::Extracted(hash))
                }
                None if file.metadata()?.len() > MOST_BYTES => Ok(CheckedFile::Large),
                None => files::read(&file, MOST_BYTES).map(|bytes| CheckedFile::Text(decode(&bytes))),
            });
            read.unwrap_or(CheckedFile::Unreadable)
        })
    }
}

/// Opens a note, whatever has taken its place since it was indexed.
fn open(root: &Path, note: &NotePath) -> io::Result<File> {
    opened(root, note).map(|(_, file)| file)
}

/// Opens the file in which a note is, and says which: itself, or an archive.
fn opened(root: &Path, note: &NotePath) -> io::Result<(NotePath, File)> {
    let open = |path: NotePath| files::open_note(root, &path.to_relative()).map(|file| (path, file));
    open(note.clone())
        .or_else(|error| format::archives_of(note).find_map(|path| open(path).ok()).ok_or(error))
}

/// The hash of a file's bytes.
fn hash(file: File) -> io::Result<ContentHash> {
    let mut hasher = ContentHasher::default();
    io::copy(&mut BufReader::new(file), &mut hasher)?;
    Ok(hasher.finish())
}

/// Where in a note the passage's text begins, if it stands at its bytes, and these at its lines.
fn place(text: &Text, passage: &Passage) -> Option<usize> {
    // An empty note says nothing until somebody writes something.
    if passage.text.is_empty() {
        return text.is_blank().then_some(0);
    }
    // Almost always one place; more where several characters stand for the same bytes of the file.
    text.piece_at(passage.span.start)?.find(|&start| {
        let range = start..start + passage.text.len();
        text.as_str().get(range.clone()) == Some(passage.text.as_str())
            && text.bytes(&range) == passage.span
            && text.lines(&range) == passage.lines
    })
}

/// Whether a text has a passage at its bytes and on its lines. One that was decoded or repaired counts as changed.
fn stands_in(mut text: impl Read, passage: &Passage) -> io::Result<bool> {
    const CHUNK: usize = 1 << 16;
    let (mut left, mut line, mut after_return) = (passage.span.start, 1_u32, false);
    let mut buffer = vec![0; CHUNK];
    while left > 0 {
        let wanted = CHUNK.min(usize::try_from(left).unwrap_or(CHUNK));
        let read = text.read(&mut buffer[..wanted])?;
        if read == 0 {
            return Ok(false);
        }
        for &byte in &buffer[..read] {
            line += u32::from(byte == b'\r' || (byte == b'\n' && !after_return));
            after_return = byte == b'\r';
        }
        left -= read as u64;
    }
    let mut found = Vec::new();
    text.take(passage.text.len() as u64).read_to_end(&mut found)?;
    Ok(found == passage.text.as_bytes() && line == passage.lines.first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Extract;

    fn decode(bytes: &[u8]) -> Text {
        Text::same(String::from_utf8_lossy(bytes).into_owned())
    }

    fn stale_after(change: impl FnOnce(&Path)) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("note.md");
        std::fs::write(&path, "# Title\none two\nthree\n").unwrap();
        let passage =
            Passage::new("two\nthree", ByteSpan { start: 12, end: 21 }, LineSpan { first: 2, last: 3 });
        change(&path);
        let root = Root::new("notes", folder.path().to_path_buf());
        Checker::new(&decode).is_stale(&root, &NotePath::from_encoded("note.md"), &passage)
    }

    #[test]
    fn a_source_is_stale_when_its_words_or_its_lines_moved() {
        assert!(!stale_after(|_| ()));
        assert!(!stale_after(|path| std::fs::write(path, "# Title\none two\nthree\nand more\n").unwrap()));
        assert!(stale_after(|path| std::fs::write(path, "# Title\none two\nthere\n").unwrap()));
        assert!(stale_after(|path| std::fs::write(path, "\n# Title\none two\nthree\n").unwrap()));
        assert!(stale_after(|path| std::fs::write(path, "# Title, new\none two\nthree\n").unwrap()));
        assert!(stale_after(|path| std::fs::write(path, "").unwrap()));
        assert!(stale_after(|path| std::fs::remove_file(path).unwrap()));
    }

    #[test]
    fn each_part_of_a_line_that_repeats_itself_stands() {
        let text = Text::same(format!("a\n{}", "QUFB".repeat(1000)));
        for start in 2..3000 {
            let range = start..start + 1000;
            let passage = Passage::new(&text.as_str()[range.clone()], text.bytes(&range), text.lines(&range));
            assert_eq!(place(&text, &passage), Some(start));
            let elsewhere = ByteSpan { start: passage.span.start + 4, end: passage.span.end };
            assert_eq!(place(&text, &Passage { span: elsewhere, ..passage.clone() }), None);
            assert_eq!(place(&text, &Passage { lines: LineSpan { first: 1, last: 2 }, ..passage }), None);
        }
    }

    #[test]
    fn a_folder_in_the_place_of_a_note_is_stale() {
        assert!(stale_after(|path| {
            std::fs::remove_file(path).unwrap();
            std::fs::create_dir(path).unwrap();
        }));
    }

    #[test]
    fn an_extract_is_stale_when_its_file_has_other_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::new("notes", folder.path().to_path_buf());
        let (path, note) = (folder.path().join("a.ipynb"), NotePath::from_encoded("a.ipynb"));
        let extract = Extract { file: ContentHash::of(b"some bytes"), places: Vec::new() };
        let (span, lines) = (ByteSpan { start: 10, end: 17 }, LineSpan { first: 3, last: 4 });
        let passage = Passage { extract: Some(extract), ..Passage::new("one\ntwo", span, lines) };
        std::fs::write(&path, "some bytes").unwrap();
        let mut checker = Checker::new(&decode);
        assert!(!checker.is_stale(&root, &note, &passage));
        let at = checker.locate(&root, &note, &passage, &(4..7));
        assert_eq!(at, Some((ByteSpan { start: 14, end: 17 }, LineSpan { first: 4, last: 4 })));
        std::fs::write(&path, "Some bytes").unwrap();
        assert!(Checker::new(&decode).is_stale(&root, &note, &passage));
        std::fs::remove_file(&path).unwrap();
        assert!(Checker::new(&decode).is_stale(&root, &note, &passage));
    }

    #[test]
    fn a_large_text_is_looked_through() {
        let text = "a\r\nb\rc\n\n".repeat(20_000) + "two\nthree\nfour";
        let whole = Text::same(text.clone());
        for start in [0, 1, 4, text.find("two").unwrap()] {
            let range = start..start + 9;
            let passage = Passage::new(&text[range.clone()], whole.bytes(&range), whole.lines(&range));
            assert!(stands_in(text.as_bytes(), &passage).unwrap(), "{start}");
            let lines = LineSpan { first: passage.lines.first + 1, last: passage.lines.last };
            assert!(!stands_in(text.as_bytes(), &Passage { lines, ..passage.clone() }).unwrap());
            assert!(!stands_in(&text.as_bytes()[..start + 3], &passage).unwrap());
            let changed = format!("{}#{}", &text[..start + 8], &text[start + 9..]);
            assert!(!stands_in(changed.as_bytes(), &passage).unwrap());
        }
    }
}
