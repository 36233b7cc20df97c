//! Is what is cited what the file says? Looked up without the code that makes citations.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use crate::document::{Passage, Root};
use crate::hit::Hit;
use crate::parse;

/// How many citations are exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Citations {
    /// Those whose text equals the file's at their bytes and begins and ends on their lines.
    pub exact: u64,
    /// All.
    pub total: u64,
}

impl Citations {
    /// Adds those of another part.
    pub(super) fn add(&mut self, other: Self) {
        self.exact += other.exact;
        self.total += other.total;
    }

    /// Checks every source.
    pub(super) fn of(hits: &[Hit], roots: &[Root]) -> Self {
        let mut files: HashMap<PathBuf, Vec<u8>> = HashMap::new();
        let is_exact = |hit: &&Hit| {
            let Some(root) = roots.iter().find(|root| root.name == hit.source.root) else { return false };
            let path = root.locate(&hit.source.path);
            let bytes = files.entry(path.clone()).or_insert_with(|| fs::read(&path).unwrap_or_default());
            stands(bytes, &hit.source.passage)
        };
        Self { exact: hits.iter().filter(is_exact).count() as u64, total: hits.len() as u64 }
    }
}

/// Whether a passage's text stands in a file at the passage's bytes and lines.
fn stands(file: &[u8], passage: &Passage) -> bool {
    let (start, end) = (passage.span.start as usize, passage.span.end as usize);
    let Some(cited) = file.get(start..end) else { return false };
    if cited == passage.text.as_bytes() {
        let lines = |bytes: &[u8]| bytes.split(|&byte| byte == b'\n').count() as u32 - 1;
        let first = 1 + lines(&file[..start]);
        if (passage.lines.first, passage.lines.last) == (first, first + lines(cited)) {
            return true;
        }
    }
    // Not UTF-8, repaired for reading, or with other line ends: then the text is what the file's bytes say once they
    // are decoded.
    let text = parse::decode(file);
    let range = text.range(passage.span);
    range.is_some_and(|range| {
        text.as_str().get(range.clone()) == Some(&passage.text) && text.lines(&range) == passage.lines
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{ByteSpan, LineSpan};

    #[test]
    fn bytes_and_lines_must_both_be_right() {
        let passage = |start, end, first, last, text: &str| Passage {
            span: ByteSpan { start, end },
            lines: LineSpan { first, last },
            heading: Vec::new(),
            question: None,
            text: text.into(),
            content: 0..0,
            sentences: Vec::new(),
            context: String::new(),
        };
        let file = b"one\ntwo\nthree";
        assert!(stands(file, &passage(4, 13, 2, 3, "two\nthree")));
        assert!(!stands(file, &passage(4, 13, 1, 2, "two\nthree")));
        assert!(!stands(file, &passage(0, 3, 1, 1, "two")));
        assert!(!stands(file, &passage(4, 99, 2, 3, "two")));
        assert!(stands(b"\ncaf\xe9 au lait", &passage(1, 5, 2, 2, "café")));
        assert_eq!(Citations::of(&[], &[]), Citations::default());
    }
}
