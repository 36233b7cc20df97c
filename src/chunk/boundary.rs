//! The lines of a section become the places where it may be cut, strongest first.
//!
//! This isn't a parser of Markdown: it reads plain text, reStructuredText and Org as well, looks at each line
//! once, and a place it takes wrongly costs a less fortunate cut and nothing else.

use std::ops::Range;

/// How strongly a place separates what stands before and after it; less is stronger.
pub(super) type Level = u8;

/// Between paragraphs, tables and fenced code.
pub(super) const BLOCK: Level = 0;
/// Before a list item; one more for each level of nesting.
const ITEM: Level = 1;
/// Between rows of a table, lines of code, and lines of which the first ends like a sentence.
const LINE: Level = 5;

/// A place where a section may be cut: the start of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Boundary {
    pub(super) at: usize,
    pub(super) level: Level,
}

/// The fenced code and tables of a section, which are better not torn. They are looked for as the section is cut, since
/// there may be one on every line.
pub(super) struct Blocks<'a> {
    text: &'a str,
    /// What hasn't been looked at yet; begins at the start of a line.
    rest: Range<usize>,
    /// The mark that the last block waits for.
    fence: Option<&'a str>,
    found: Vec<Range<usize>>,
}

impl<'a> Blocks<'a> {
    pub(super) fn new(text: &'a str, section: Range<usize>) -> Self {
        Self { text, rest: section, fence: None, found: Vec::new() }
    }

    /// The blocks that lie in a part of the section or reach into it, each to its end. The part begins after the start
    /// of the one before.
    pub(super) fn of(&mut self, part: &Range<usize>) -> &[Range<usize>] {
        let done = self.found.partition_point(|block| block.end <= part.start);
        self.found.drain(..done);
        while self.rest.start < part.end || self.goes_on() {
            let Some(line) = lines(self.text, self.rest.clone()).next() else { break };
            self.rest.start = line.end;
            self.look_at(line);
        }
        &self.found
    }

    /// The block that goes on after `offset`, among those that were asked for.
    pub(super) fn after(&self, offset: usize) -> Option<&Range<usize>> {
        self.found.get(self.found.partition_point(|block| block.end <= offset))
    }

    /// Whether the last block may have another line.
    fn goes_on(&self) -> bool {
        let in_table = |block: &Range<usize>| block.end == self.rest.start && is_table(self.text, block);
        self.fence.is_some() || self.found.last().is_some_and(in_table)
    }

    fn look_at(&mut self, line: Range<usize>) {
        let content = self.text[line.clone()].trim_start_matches([' ', '\t', '>']);
        let mark = fence_mark(content);
        let in_table = content.starts_with('|');
        match (self.fence, self.found.last_mut()) {
            (Some(open), Some(block)) => {
                block.end = line.end;
                let closes = mark.is_some_and(|mark| mark.starts_with(open)) && is_mark_only(content);
                self.fence = self.fence.filter(|_| !closes);
            }
            (_, Some(block)) if in_table && block.end == line.start && is_table(self.text, block) => {
                block.end = line.end;
            }
            _ if mark.is_some() || in_table => {
                self.found.push(line);
                self.fence = mark;
            }
            _ => {}
        }
    }
}

/// The places to cut in a part of a section, in order; `blocks` are those that lie in it.
pub(super) fn boundaries(text: &str, part: Range<usize>, blocks: &[Range<usize>]) -> Vec<Boundary> {
    let mut boundaries = Vec::new();
    let mut next = blocks.partition_point(|block| block.end <= part.start);
    let mut before = "";
    for (number, line) in lines(text, part).enumerate() {
        while blocks.get(next).is_some_and(|block| block.end <= line.start) {
            next += 1;
        }
        let content = &text[line.clone()];
        let in_block = blocks.get(next).filter(|block| block.start <= line.start);
        let after_block = next > 0 && blocks[next - 1].end == line.start;
        let level = match in_block {
            Some(block) if block.start < line.start => Some(LINE),
            Some(_) => Some(BLOCK),
            None if after_block => Some(BLOCK),
            None => level_of(before, content),
        };
        if let Some(level) = level.filter(|_| number > 0) {
            boundaries.push(Boundary { at: line.start, level });
        }
        before = content;
    }
    boundaries
}

fn level_of(before: &str, line: &str) -> Option<Level> {
    let content = line.trim_start_matches([' ', '\t', '>']);
    if content.trim_end().is_empty() {
        return None;
    }
    let indent = line.len() - content.len();
    if is_item(content) {
        return Some(ITEM + (indent / 2).min(3) as Level);
    }
    let before = before.trim_matches([' ', '\t', '\r', '\n', '>']);
    if before.is_empty() {
        // Indented after a blank line: more of the list item above.
        return Some(if indent < 2 { BLOCK } else { LINE - 1 });
    }
    before.ends_with(['.', '!', '?', ':', ';', '。', '！', '？']).then_some(LINE)
}

fn is_item(content: &str) -> bool {
    let digits = content.len() - content.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let rest = match digits {
        0 => content.strip_prefix(['-', '*', '+', '•']),
        1..=9 => content[digits..].strip_prefix(['.', ')']),
        _ => None,
    };
    rest.is_some_and(|rest| rest.starts_with([' ', '\t']))
}

/// The backquotes or tildes that open or close fenced code.
fn fence_mark(content: &str) -> Option<&str> {
    let length = |mark: char| content.len() - content.trim_start_matches(mark).len();
    let (quotes, tildes) = (length('`'), length('~'));
    // Backquotes further on make it code inside a line.
    let fence = tildes >= 3 || (quotes >= 3 && !content[quotes..].contains('`'));
    fence.then(|| &content[..quotes.max(tildes)])
}

fn is_mark_only(content: &str) -> bool {
    content.trim_end().trim_start_matches(['`', '~']).is_empty()
}

fn is_table(text: &str, block: &Range<usize>) -> bool {
    text[block.clone()].trim_start_matches([' ', '\t', '>']).starts_with('|')
}

/// Lines with their ends: `\n`, `\r\n` or a lone `\r`.
fn lines(text: &str, range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = range.start;
    std::iter::from_fn(move || {
        let start = at;
        if start >= range.end {
            return None;
        }
        let rest = &bytes[start..range.end];
        let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        at = end.map_or(range.end, |end| {
            let two = rest[end] == b'\r' && rest.get(end + 1) == Some(&b'\n');
            start + end + 1 + usize::from(two)
        });
        Some(start..at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_ranked_by_what_they_separate() {
        let text = "One.\r\nTwo\nthree\n\nBlock\n- item\n  1. nested\n\n  more\n> quoted\n>\n> again\n```py\na\n\nb\n```\n| a |\n|---|\nend";
        let mut blocks = Blocks::new(text, 0..text.len());
        let blocks = blocks.of(&(0..text.len()));
        let shown: Vec<_> = blocks.iter().map(|block| &text[block.clone()]).collect();
        assert_eq!(shown, ["```py\na\n\nb\n```\n", "| a |\n|---|\n"]);
        let levels: Vec<_> = boundaries(text, 0..text.len(), blocks)
            .iter()
            .map(|boundary| (boundary.level, text[boundary.at..].lines().next().unwrap()))
            .collect();
        let want = [
            (LINE, "Two"),
            (BLOCK, "Block"),
            (ITEM, "- item"),
            (ITEM + 1, "  1. nested"),
            (LINE - 1, "  more"),
            (LINE - 1, "> again"),
            (BLOCK, "```py"),
            (LINE, "a"),
            (LINE, ""),
            (LINE, "b"),
            (LINE, "```"),
            (BLOCK, "| a |"),
            (LINE, "|---|"),
            (BLOCK, "end"),
        ];
        assert_eq!(levels, want);
    }

    #[test]
    fn blocks_are_found_part_by_part() {
        let text = "| a |\n```\nb\n\n```\n| c |\n| d |\ne\n~~~\nf";
        for step in 1..text.len() {
            let (mut all, mut blocks) = (Vec::new(), Blocks::new(text, 0..text.len()));
            for start in (0..text.len()).step_by(step) {
                let part = start..(start + step).min(text.len());
                let found = blocks.of(&part);
                assert!(found.iter().all(|block| block.end > start));
                all.extend(found.iter().filter(|block| part.contains(&block.start)).cloned());
            }
            assert_eq!(all, [0..6, 6..17, 17..29, 31..36], "{step}");
        }
    }

    #[test]
    fn a_fence_closes_with_as_many_marks_or_never() {
        let text = "````\n```\na\n````\nb\n~~~\n```\n";
        let mut blocks = Blocks::new(text, 0..text.len());
        let blocks = blocks.of(&(0..text.len()));
        let shown: Vec<_> = blocks.iter().map(|block| &text[block.clone()]).collect();
        assert_eq!(shown, ["````\n```\na\n````\n", "~~~\n```\n"]);
    }
}
