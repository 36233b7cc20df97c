//! Does the source still say that? Compares what the index holds with the note on disk.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::document::{ByteSpan, LineSpan, NotePath, Passage, Root, Text};
use crate::files;

/// A note larger than this isn't read again to check a citation; its sources count as stale.
const MOST_BYTES: u64 = 256 << 20;

/// Checks passages against their notes, reading each note at most once.
pub struct Checker<'a> {
    decode: &'a dyn Fn(&[u8]) -> Text,
    /// By the path of the root, and the note's path in it.
    notes: HashMap<(PathBuf, NotePath), Option<Text>>,
}

impl std::fmt::Debug for Checker<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Checker").field("notes", &self.notes.len()).finish_non_exhaustive()
    }
}

impl<'a> Checker<'a> {
    /// Makes a checker that reads notes with `decode`, the function they were indexed with.
    pub fn new(decode: &'a dyn Fn(&[u8]) -> Text) -> Self {
        Self { decode, notes: HashMap::new() }
    }

    /// Whether a note can be read: it is a file of its root, not reached through links, and not too large.
    pub fn can_read(&mut self, root: &Root, note: &NotePath) -> bool {
        self.note(root, note).is_some()
    }

    /// Whether a note no longer has this passage's text at its lines and bytes, or can't be read.
    pub fn is_stale(&mut self, root: &Root, note: &NotePath, passage: &Passage) -> bool {
        self.note(root, note).is_none_or(|text| place(text, passage).is_none())
    }

    /// Where a part of a passage (in bytes of its text) stands in its note, unless that is stale.
    pub fn locate(
        &mut self,
        root: &Root,
        note: &NotePath,
        passage: &Passage,
        part: &Range<usize>,
    ) -> Option<(ByteSpan, LineSpan)> {
        let text = self.note(root, note)?;
        let start = place(text, passage)?;
        let part = start + part.start..start + part.end;
        Some((text.bytes(&part), text.lines(&part)))
    }

    /// What a note says at these bytes, if it can be read and characters begin and end there.
    pub fn text(&mut self, root: &Root, note: &NotePath, span: ByteSpan) -> Option<String> {
        let text = self.note(root, note)?;
        Some(text.as_str().get(text.range(span)?)?.to_owned())
    }

    fn note(&mut self, root: &Root, note: &NotePath) -> Option<&Text> {
        let decode = self.decode;
        let entry = self.notes.entry((root.path.clone(), note.clone()));
        entry.or_insert_with(|| read(&root.path, note).map(|bytes| decode(&bytes))).as_ref()
    }
}

/// Reads a note, whatever has taken its place since it was indexed.
fn read(root: &Path, note: &NotePath) -> Option<Vec<u8>> {
    let file = files::open_note(root, &note.to_relative()).ok()?;
    files::read(&file, MOST_BYTES).ok()
}

/// Where in a note the passage's text begins, if it stands at its bytes, and these at its lines.
fn place(text: &Text, passage: &Passage) -> Option<usize> {
    // Almost always one place; more where several characters stand for the same bytes of the file.
    text.piece_at(passage.span.start)?.find(|&start| {
        let range = start..start + passage.text.len();
        text.as_str().get(range.clone()) == Some(passage.text.as_str())
            && text.bytes(&range) == passage.span
            && text.lines(&range) == passage.lines
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let root = Root { name: "notes".into(), path: folder.path().to_path_buf() };
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
}
