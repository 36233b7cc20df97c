//! Does the file say what is cited? Checked without the code that makes citations.

use std::collections::HashMap;
use std::path::PathBuf;

use crate::ask::Reply;
use crate::document::{ByteSpan, LineSpan, NotePath, Root};
use crate::files;
use crate::hit::Hit;
use crate::parse;
use crate::written::Written;

/// Citations of a note of more bytes count as wrong.
const MOST_BYTES: u64 = 256 << 20;

/// Citations, and how many of them are exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Citations {
    /// How many have the text of the file at their bytes, and the lines where it begins and ends.
    pub exact: u64,
    /// How many there are.
    pub total: u64,
}

impl Citations {
    /// Adds those of another reply.
    pub(super) fn add(&mut self, other: Self) {
        self.exact += other.exact;
        self.total += other.total;
    }

    /// Checks every source, and every part of the answer.
    pub(super) fn of(reply: &Reply, roots: &[Root]) -> Self {
        let passages = reply.hits.iter().map(|hit| {
            let passage = &hit.source.passage;
            (hit.rank, passage.text.as_str(), passage.span, passage.lines)
        });
        let parts = reply.answer.iter().flat_map(|answer| &answer.parts);
        let parts = parts.map(|part| (part.citation, part.text.as_str(), part.span, part.lines));
        Self::count(reply, roots, passages.chain(parts))
    }

    /// Checks the citations of a written answer.
    pub(super) fn of_written(written: &Written, reply: &Reply, roots: &[Root]) -> Self {
        let cited = written.sentences.iter().flat_map(|sentence| &sentence.citations);
        let cited = cited.map(|cited| (cited.citation, cited.text.as_str(), cited.span, cited.lines));
        Self::count(reply, roots, cited)
    }

    /// Counts those of some texts that stand where they are said to, each with the rank of its source.
    fn count<'a>(
        reply: &Reply,
        roots: &[Root],
        cited: impl Iterator<Item = (u32, &'a str, ByteSpan, LineSpan)>,
    ) -> Self {
        let mut contents: HashMap<(PathBuf, NotePath), Vec<u8>> = HashMap::new();
        let mut is_exact = |hit: &Hit, text: &str, span: ByteSpan, lines: LineSpan| {
            let Some(root) = roots.iter().find(|root| root.name == hit.source.root) else { return false };
            let (folder, note) = (&root.path, &hit.source.path);
            let read = || {
                files::open_note(folder, &note.to_relative()).and_then(|file| files::read(&file, MOST_BYTES))
            };
            let bytes =
                contents.entry((folder.clone(), note.clone())).or_insert_with(|| read().unwrap_or_default());
            stands(bytes, text, span, lines)
        };
        let mut all = Self::default();
        for (rank, text, span, lines) in cited {
            let hit = reply.hits.iter().find(|hit| hit.rank == rank);
            all.total += 1;
            all.exact += u64::from(hit.is_some_and(|hit| is_exact(hit, text, span, lines)));
        }
        all
    }
}

/// Whether a file has a text at these bytes and lines.
fn stands(file: &[u8], said: &str, span: ByteSpan, at: LineSpan) -> bool {
    let (start, end) = (span.start as usize, span.end as usize);
    let Some(cited) = file.get(start..end) else { return false };
    if cited == said.as_bytes() {
        let lines = |bytes: &[u8]| bytes.split(|&byte| byte == b'\n').count() as u32 - 1;
        let first = 1 + lines(&file[..start]);
        if (at.first, at.last) == (first, first + lines(cited)) {
            return true;
        }
    }
    // The text of a file that isn't UTF-8, was repaired or has other line ends differs from its bytes, so it is
    // decoded first.
    let text = parse::decode(file);
    let range = text.range(span);
    range.is_some_and(|range| text.as_str().get(range.clone()) == Some(said) && text.lines(&range) == at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_lines_must_both_be_right() {
        let stands = |file: &[u8], start, end, first, last, text: &str| {
            super::stands(file, text, ByteSpan { start, end }, LineSpan { first, last })
        };
        let file = b"one\ntwo\nthree";
        assert!(stands(file, 4, 13, 2, 3, "two\nthree"));
        assert!(!stands(file, 4, 13, 1, 2, "two\nthree"));
        assert!(!stands(file, 0, 3, 1, 1, "two"));
        assert!(!stands(file, 4, 99, 2, 3, "two"));
        assert!(stands(b"\ncaf\xe9 au lait", 1, 5, 2, 2, "café"));
        assert_eq!(Citations::of(&Reply::default(), &[]), Citations::default());
    }
}
