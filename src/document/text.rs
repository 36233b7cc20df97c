//! A note's text, and the way from any place in it back to the file's own bytes and lines.

use std::ops::Range;

use super::{ByteSpan, LineSpan};

/// One stretch of [`Text`] and where it comes from in the file.
///
/// From `text` on, up to the next run, the stretch is made of pieces: `text_step` bytes of the text stand for
/// `file_step` bytes of the file, and have no inside unless they are the same bytes. So a run is as long as its
/// characters are alike:
///
/// | in the file | steps |
/// |---|---|
/// | UTF-8 that stands as it is | 1, 1 |
/// | ASCII as UTF-16 | 1, 2 |
/// | most Chinese characters as UTF-16 | 3, 2 |
/// | `ä` in a code page | 2, 1 |
/// | `â†’` in UTF-8, repaired to `→` | 3, 8 |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Offset in the text.
    pub text: usize,
    /// Offset in the file.
    pub file: u64,
    /// Bytes of the text in a piece; at least 1.
    pub text_step: u32,
    /// Bytes of the file in a piece; at least 1.
    pub file_step: u32,
}

impl Run {
    /// Where a place of the text in this run lies in the file; inside a piece, where the piece begins.
    fn begins(&self, offset: usize) -> u64 {
        let pieces = (offset - self.text) / self.text_step as usize;
        self.file + pieces as u64 * u64::from(self.file_step)
    }

    /// The same, but inside a piece where the piece ends.
    fn ends(&self, offset: usize) -> u64 {
        let pieces = (offset - self.text).div_ceil(self.text_step as usize);
        self.file + pieces as u64 * u64::from(self.file_step)
    }
}

/// Where the character of a text that begins, or has its inside, at `offset` begins in the file.
pub(crate) fn start_in_file(runs: &[Run], offset: usize) -> u64 {
    let next = runs.partition_point(|run| run.text <= offset);
    next.checked_sub(1).map_or(offset as u64, |at| runs[at].begins(offset))
}

/// Where the character of a text that ends, or has its inside, at `offset` ends in the file.
pub(crate) fn end_in_file(runs: &[Run], offset: usize) -> u64 {
    let next = runs.partition_point(|run| run.text < offset);
    match next.checked_sub(1) {
        Some(at) => runs[at].ends(offset),
        None => runs.first().map_or(offset as u64, |run| run.file),
    }
}

/// A note's decoded and repaired text, with the way back to the file's own bytes and lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    content: String,
    runs: Vec<Run>,
    file_len: u64,
    line_starts: Vec<usize>,
}

impl Text {
    /// Builds the text from its runs.
    ///
    /// `runs` must be sorted by both offsets, begin at text offset 0 and lie on character boundaries;
    /// `file_len` is the size of the file in bytes. An empty `runs` means that text and file are the same.
    pub fn new(text: String, runs: Vec<Run>, file_len: u64) -> Self {
        debug_assert!(runs.is_sorted_by_key(|run| (run.text, run.file)));
        debug_assert!(runs.first().is_none_or(|run| run.text == 0));
        debug_assert!(runs.iter().all(|run| text.is_char_boundary(run.text)));
        debug_assert!(runs.iter().all(|run| run.text_step > 0 && run.file_step > 0));
        let line_starts = line_starts(&text);
        Self { content: text, runs, file_len, line_starts }
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.content
    }

    /// Where a range of the text lies in the file. A boundary inside a rewritten character widens to the whole;
    /// the end of the text is the end of the file.
    pub fn bytes(&self, range: &Range<usize>) -> ByteSpan {
        let start = start_in_file(&self.runs, range.start);
        if range.end >= self.content.len() {
            return ByteSpan { start, end: self.file_len };
        }
        // An empty range has no character that could end before it begins.
        ByteSpan { start, end: end_in_file(&self.runs, range.end).max(start) }
    }

    /// What begins in the text at a byte of the file: a character as a rule, one byte where both are the same, and
    /// nothing where no character begins.
    pub fn piece_at(&self, file: u64) -> Option<Range<usize>> {
        let next = self.runs.partition_point(|run| run.file <= file);
        let same = Run { text: 0, file: 0, text_step: 1, file_step: 1 };
        let run = match next.checked_sub(1) {
            Some(at) => self.runs[at],
            None if self.runs.is_empty() => same,
            None => return None,
        };
        let (inside, step) = (file - run.file, u64::from(run.file_step));
        let pieces = usize::try_from(inside / step).ok().filter(|_| inside.is_multiple_of(step))?;
        let start = pieces.checked_mul(run.text_step as usize)?.checked_add(run.text)?;
        // A byte that no character stands for lies after the run before it.
        let end = self.runs.get(next).map_or(self.content.len(), |run| run.text);
        (start < end).then(|| start..end.min(start + run.text_step as usize))
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
        let last = range.end.saturating_sub(1).max(range.start);
        LineSpan { first: self.line_of(range.start), last: self.line_of(last) }
    }

    #[cfg(test)]
    /// The text's range of bytes between two lines, line ends of the last one excluded, if both exist.
    pub fn line_range(&self, lines: LineSpan) -> Option<Range<usize>> {
        let start = *self.line_starts.get((lines.first as usize).checked_sub(1)?)?;
        let end = self.line_starts.get(lines.last as usize).copied().unwrap_or(self.content.len());
        let end = start + self.content.get(start..end)?.trim_end_matches(['\r', '\n']).len();
        Some(start..end)
    }

    #[cfg(test)]
    /// How many lines the text has; an empty text has one.
    pub fn line_count(&self) -> usize {
        self.line_starts.len()
    }

    fn line_of(&self, offset: usize) -> u32 {
        self.line_starts.partition_point(|&start| start <= offset) as u32
    }
}

/// Offsets at which lines start: `\n`, `\r\n` and a lone `\r` each end one.
fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut starts = vec![0];
    for (at, &byte) in bytes.iter().enumerate() {
        if byte == b'\n' || (byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
            starts.push(at + 1);
        }
    }
    // A final line end closes the last line; it opens no new one.
    if starts.len() > 1 && starts.last() == Some(&bytes.len()) {
        starts.pop();
    }
    starts
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

    #[test]
    fn every_kind_of_line_end_counts_once() {
        let text = Text::new("a\nb\r\nc\rd\n".into(), Vec::new(), 9);
        assert_eq!(text.line_count(), 4);
        assert_eq!(text.lines(&(0..1)), LineSpan { first: 1, last: 1 });
        assert_eq!(text.lines(&(2..6)), LineSpan { first: 2, last: 3 });
        assert_eq!(&text.as_str()[text.line_range(LineSpan { first: 2, last: 4 }).unwrap()], "b\r\nc\rd");
        assert_eq!(text.line_range(LineSpan { first: 5, last: 5 }), None);
        assert_eq!(Text::new(String::new(), Vec::new(), 0).line_count(), 1);
    }

    #[test]
    fn a_rewritten_character_maps_to_all_of_its_bytes() {
        // "a→→b" where each arrow was written as the eight bytes of `â†’`, after a byte order mark.
        let runs = vec![
            Run { text: 0, file: 3, text_step: 1, file_step: 1 },
            Run { text: 1, file: 4, text_step: 3, file_step: 8 },
            Run { text: 7, file: 20, text_step: 1, file_step: 1 },
        ];
        let text = Text::new("a→→b".into(), runs, 21);
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
    fn a_text_without_runs_is_its_own_map() {
        let text = Text::new("aä\n".into(), Vec::new(), 4);
        assert_eq!(text.bytes(&(1..3)), ByteSpan { start: 1, end: 3 });
        assert_eq!((text.piece_at(1), text.piece_at(3), text.piece_at(4)), (Some(1..2), Some(3..4), None));
    }

    #[test]
    fn blank_edges_go() {
        assert_eq!((trim(" a b\n ", &(0..6)), trim("a \n", &(1..3))), (1..4, 1..1));
    }
}
