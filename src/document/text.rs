//! A note's text, and the way from any place in it back to the file's own bytes and lines.

use std::ops::Range;

use super::map::Map;
use super::{ByteSpan, LineSpan};

/// A note's decoded and repaired text, with the way back to the file's own bytes and lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    content: String,
    map: Map,
    file_len: u64,
    lines: LineEnds,
}

impl Text {
    /// Builds the text with its map; `file_len` is the size of the file in bytes.
    pub fn new(text: String, map: Map, file_len: u64) -> Self {
        let lines = LineEnds::new(&text);
        Self { content: text, map, file_len, lines }
    }

    /// A text that stands in its file byte for byte.
    pub fn same(text: String) -> Self {
        let file_len = text.len() as u64;
        Self::new(text, Map::default(), file_len)
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.content
    }

    /// Where a range of the text lies in the file. A boundary inside a rewritten character widens to the whole;
    /// the end of the text is the end of the file.
    pub fn bytes(&self, range: &Range<usize>) -> ByteSpan {
        let start = self.map.start(&self.content, range.start);
        if range.end >= self.content.len() {
            return ByteSpan { start, end: self.file_len };
        }
        // An empty range has no character that could end before it begins.
        ByteSpan { start, end: self.map.end(&self.content, range.end).max(start) }
    }

    /// Whether there is nothing to read: blanks, empty items of lists, fences with nothing between them.
    pub fn is_blank(&self) -> bool {
        self.content.chars().all(|c| c.is_whitespace() || c == '-' || c == '+')
    }

    /// What begins in the text at a byte of the file: a character as a rule, one byte where both are the same, and
    /// nothing where no character begins.
    pub fn piece_at(&self, file: u64) -> Option<Range<usize>> {
        self.map.piece_at(&self.content, file)
    }

    /// The range of the text that lies at these bytes of the file; nothing if a character begins before or ends
    /// behind them.
    pub fn range(&self, span: ByteSpan) -> Option<Range<usize>> {
        let start = self.piece_at(span.start)?.start;
        let end = if span.end == self.file_len { self.content.len() } else { self.piece_at(span.end)?.start };
        (start <= end && self.bytes(&(start..end)) == span).then_some(start..end)
    }

    /// The lines that a range of the text touches; an empty range has the line it stands on.
    pub fn lines(&self, range: &Range<usize>) -> LineSpan {
        span_by(&self.content, range, |offset| self.lines.before(&self.content, offset))
    }
}

/// The lines that a range of a text touches, counted from the start of the text; as [`Text::lines`], for a short text.
pub(super) fn lines_of(text: &str, range: &Range<usize>) -> LineSpan {
    span_by(text, range, |offset| line_ends(text, 0..offset))
}

/// The lines that a range touches; `before` says how many lines end before an offset.
fn span_by(text: &str, range: &Range<usize>, before: impl Fn(usize) -> u32) -> LineSpan {
    // A final line end closes the last line; it opens no new one.
    let line_of = |offset: usize| before(offset.min(text.len().saturating_sub(1))) + 1;
    let last = range.end.saturating_sub(1).max(range.start);
    LineSpan { first: line_of(range.start), last: line_of(last) }
}

/// How much text is looked at to count its lines, in bytes.
const BLOCK: usize = 1024;

/// How many lines end before each block of a text. A file may be nothing but line ends.
#[derive(Clone, Debug, PartialEq, Eq)]
struct LineEnds(Vec<u32>);

impl LineEnds {
    fn new(text: &str) -> Self {
        let mut count = 0;
        let blocks = (0..text.len()).step_by(BLOCK).map(|start| {
            let before = count;
            count += line_ends(text, start..(start + BLOCK).min(text.len()));
            before
        });
        Self(blocks.collect())
    }

    /// How many lines end before `offset`.
    fn before(&self, text: &str, offset: usize) -> u32 {
        let block = offset / BLOCK;
        self.0.get(block).copied().unwrap_or(0) + line_ends(text, block * BLOCK..offset)
    }
}

/// How many bytes in a range of a text are the last of a line end: `\n`, `\r\n` and a lone `\r` each end a line.
fn line_ends(text: &str, range: Range<usize>) -> u32 {
    let bytes = text.as_bytes();
    let ends = bytes[range.clone()].iter().filter(|&&byte| byte == b'\n' || byte == b'\r').count();
    // Of a pair, only the second ends the line.
    let behind = bytes.get(range.start + 1..bytes.len().min(range.end + 1)).unwrap_or_default();
    let pairs =
        bytes[range].iter().zip(behind).filter(|&(one, next)| (one, next) == (&b'\r', &b'\n')).count();
    (ends - pairs) as u32
}

/// The offset after the line that begins at `start`; `\n`, `\r\n` and a lone `\r` each end a line.
pub(crate) fn line_end(bytes: &[u8], start: usize) -> usize {
    match bytes[start..].iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
        None => bytes.len(),
        Some(at) if bytes[start + at..].starts_with(b"\r\n") => start + at + 2,
        Some(at) => start + at + 1,
    }
}

/// The lines of a range of a text, each with its end.
pub(crate) fn lines(text: &str, range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let bytes = &text.as_bytes()[..range.end];
    let mut at = range.start;
    std::iter::from_fn(move || {
        let start = at;
        (start < bytes.len()).then(|| {
            at = line_end(bytes, start);
            start..at
        })
    })
}

/// A range of a text without white space at both edges; an empty one if there is nothing else.
pub(crate) fn trim(text: &str, range: &Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let end = range.start + part.trim_end().len();
    let start = end - part[..end - range.start].trim_start().len();
    start..end
}

/// The last character boundary up to an offset.
pub(crate) fn floor(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A text of at most `most` bytes: what is longer is cut and ends in `…`.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    format!("{}…", text[..floor(text, most - '…'.len_utf8())].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::MapBuilder;

    #[test]
    fn every_kind_of_line_end_counts_once() {
        let text = Text::same("a\nb\r\nc\rd\n".into());
        let lines = |range| {
            let LineSpan { first, last } = text.lines(&range);
            (first, last)
        };
        assert_eq!((lines(0..1), lines(1..2), lines(2..6), lines(2..3)), ((1, 1), (1, 1), (2, 3), (2, 2)));
        assert_eq!((lines(4..5), lines(5..6), lines(0..9), lines(9..9)), ((2, 2), (3, 3), (1, 4), (4, 4)));
        assert_eq!(Text::same(String::new()).lines(&(0..0)), LineSpan { first: 1, last: 1 });
    }

    #[test]
    fn lines_are_counted_across_blocks() {
        for line in ["\n", "\r", "\r\n", "abc\r\n", "ä\n"] {
            let text = Text::same(line.repeat(3000));
            for number in 0..3000 {
                let start = number * line.len();
                let span = text.lines(&(start..start + line.len()));
                let number = number as u32 + 1;
                assert_eq!(span, LineSpan { first: number, last: number }, "{line:?}");
                assert_eq!(lines_of(text.as_str(), &(start..start + line.len())), span, "{line:?}");
            }
        }
    }

    #[test]
    fn a_rewritten_character_maps_to_all_of_its_bytes() {
        // "a→→b" where each arrow was written as the eight bytes of `â†’`, after a byte order mark.
        let mut map = MapBuilder::default();
        map.push_same(1, 3);
        map.push_rewritten("→", 4, 8);
        map.push_rewritten("→", 12, 8);
        map.push_same(1, 20);
        let text = Text::new("a→→b".into(), map.finish(), 21);
        let bytes = |range| {
            let ByteSpan { start, end } = text.bytes(&range);
            (start, end)
        };
        assert_eq!(
            (bytes(0..1), bytes(1..4), bytes(4..7), bytes(7..8)),
            ((3, 4), (4, 12), (12, 20), (20, 21))
        );
        assert_eq!((bytes(2..3), bytes(2..5), bytes(0..8)), ((4, 12), (4, 20), (3, 21)));
        assert_eq!(
            (bytes(0..0), bytes(4..4), bytes(5..5), bytes(8..8)),
            ((3, 3), (12, 12), (12, 20), (21, 21))
        );
        let range = |start, end| text.range(ByteSpan { start, end });
        assert_eq!(
            (range(3, 12), range(4, 21), range(5, 12), range(4, 11)),
            (Some(0..4), Some(1..8), None, None)
        );
        for (file, piece) in [(3, 0..1), (4, 1..4), (12, 4..7), (20, 7..8)] {
            assert_eq!(text.piece_at(file), Some(piece));
        }
        for file in [0, 2, 5, 11, 19, 21, u64::MAX] {
            assert_eq!(text.piece_at(file), None, "{file}");
        }
    }

    #[test]
    fn a_text_without_a_map_is_its_own() {
        let text = Text::same("aä\n".into());
        assert_eq!(text.bytes(&(1..3)), ByteSpan { start: 1, end: 3 });
        assert_eq!((text.piece_at(1), text.piece_at(3), text.piece_at(4)), (Some(1..2), Some(3..4), None));
    }

    #[test]
    fn blank_edges_go() {
        assert_eq!((trim(" a b\n ", &(0..6)), trim("a \n", &(1..3))), (1..4, 1..1));
    }
}
