//! A text → its lines, each with what it is, so that structure is recognised line by line.

use std::ops::Range;

use crate::document::{line_end, trim};

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineKind {
    /// White space only.
    Blank,
    /// Part of a code block, its fences included.
    Code,
    /// Part of a heading, its underline included.
    Heading,
    /// A thematic break.
    Rule,
    /// Nothing that is shown to a reader: part of a comment, of data, or of the properties of what stands above.
    Hidden,
    /// Anything else.
    Text,
}

/// Where a line begins, and what it is. Sixteen bytes, since a file may be nothing but line ends.
#[derive(Clone, Copy, Debug)]
struct Line {
    start: usize,
    kind: LineKind,
}

/// The lines of a range of a text. `\n`, `\r\n` and a lone `\r` each end one, as for
/// [`Text::lines`](crate::document::Text::lines).
///
/// Lines are numbered from 0 here; offsets are those of the whole text.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    text: &'a str,
    end: usize,
    all: Vec<Line>,
}

impl<'a> Lines<'a> {
    /// Splits `body`; lines are blank or text at first.
    pub(super) fn new(text: &'a str, body: &Range<usize>) -> Self {
        let bytes = &text.as_bytes()[..body.end];
        let mut all = Vec::new();
        let mut start = body.start;
        while start < body.end {
            let end = line_end(bytes, start);
            let blank = text[start..end].trim().is_empty();
            all.push(Line { start, kind: if blank { LineKind::Blank } else { LineKind::Text } });
            start = end;
        }
        Self { text, end: body.end, all }
    }

    /// Where the first lines of `body` end that are no more than `lines` and have no more than `marks` characters in
    /// them that may be markup.
    pub(super) fn end_of(text: &str, body: &Range<usize>, lines: usize, mut marks: usize) -> usize {
        let bytes = &text.as_bytes()[..body.end];
        let mut at = body.start;
        for _ in 0..lines {
            if at == body.end {
                break;
            }
            let end = line_end(bytes, at);
            let found = bytes[at..end].iter().filter(|byte| b"\n\r*_`~[]!<&|\\".contains(byte)).count();
            let Some(left) = marks.checked_sub(found) else { break };
            (at, marks) = (end, left);
        }
        at
    }

    /// How many lines there are.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// What line `at` is.
    pub(super) fn kind(&self, at: usize) -> LineKind {
        self.all[at].kind
    }

    /// Sets what the lines are that have a byte in `range`; blank lines keep their kind.
    pub(super) fn mark(&mut self, range: &Range<usize>, kind: LineKind) {
        let first = self.line_of(range.start);
        for line in self.all[first..].iter_mut().take_while(|line| line.start < range.end) {
            if line.kind != LineKind::Blank {
                line.kind = kind;
            }
        }
    }

    /// The runs of lines of one kind, with blank ones between them.
    pub(super) fn runs(&self, kind: LineKind) -> Vec<Range<usize>> {
        let mut runs: Vec<Range<usize>> = Vec::new();
        let mut open = false;
        for (at, line) in self.all.iter().enumerate() {
            match runs.last_mut() {
                Some(run) if open && line.kind == kind => run.end = at + 1,
                _ if line.kind == kind => runs.push(at..at + 1),
                _ => {}
            }
            open = line.kind == kind || (open && line.kind == LineKind::Blank);
        }
        runs
    }

    /// The number of the line that holds the byte at `offset` of the text.
    pub(super) fn line_of(&self, offset: usize) -> usize {
        self.all.partition_point(|line| line.start <= offset).saturating_sub(1)
    }

    /// Where line `at` begins in the text; the end of the body for the line after the last.
    pub(super) fn start(&self, at: usize) -> usize {
        self.all.get(at).map_or(self.end, |line| line.start)
    }

    /// Line `at`, without its line end.
    pub(super) fn get(&self, at: usize) -> &'a str {
        self.text[self.start(at)..self.start(at + 1)].trim_end_matches(['\n', '\r'])
    }

    /// Where a slice of one of the lines begins in the text.
    pub(super) fn offset(&self, slice: &str) -> usize {
        slice.as_ptr() as usize - self.text.as_ptr() as usize
    }

    /// The first line from `at` on that shows something.
    pub(super) fn skip_blank(&self, at: usize) -> Option<usize> {
        (at..self.len()).find(|&at| !matches!(self.kind(at), LineKind::Blank | LineKind::Hidden))
    }

    /// How deep line `at` is indented, in columns; a tab goes to the next multiple of four.
    pub(super) fn indent(&self, at: usize) -> usize {
        indent(self.get(at))
    }

    /// The range of the text between two lines (the second excluded), without white space at both edges.
    pub(super) fn trimmed(&self, lines: Range<usize>) -> Range<usize> {
        trim(self.text, &(self.start(lines.start)..self.start(lines.end)))
    }
}

/// The columns that the blanks at the start of a line take; a tab goes to the next multiple of four.
pub(super) fn indent(line: &str) -> usize {
    columns(&line[..line.len() - line.trim_start_matches([' ', '\t']).len()])
}

/// The columns that a text without letters takes; a tab goes to the next multiple of four.
pub(super) fn columns(text: &str) -> usize {
    text.bytes().fold(0, |columns, byte| if byte == b'\t' { columns + 4 - columns % 4 } else { columns + 1 })
}

/// What follows the marker of a list item, with the white space before it; `line` isn't indented.
pub(super) fn list_item(line: &str) -> Option<&str> {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = match digits {
        0 => line.strip_prefix(['-', '*', '+', '•'])?,
        1..=9 => line[digits..].strip_prefix(['.', ')'])?,
        _ => return None,
    };
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_end_counts_once() {
        let text = "x\ra\r\n\r\n \tb\n\rc";
        let lines = Lines::new(text, &(2..text.len()));
        let all: Vec<_> = (0..lines.len()).map(|at| (lines.get(at), lines.kind(at))).collect();
        let (blank, text) = (LineKind::Blank, LineKind::Text);
        assert_eq!(all, [("a", text), ("", blank), (" \tb", text), ("", blank), ("c", text)]);
        assert_eq!(lines.indent(2), 4);
        assert_eq!(&lines.text[lines.trimmed(1..3)], "b");
    }
}
