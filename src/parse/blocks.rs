//! Lines, headings and questions → the blocks that a note's text is made of.

use std::ops::Range;

use super::heading::Heading;
use super::lines::{LineKind, Lines, columns, list_item};
use super::qa::Unit;
use crate::document::{Block, BlockKind};

/// What stands before a line's own text: indentation, and the marks of quotes.
const PREFIX: [char; 3] = [' ', '\t', '>'];

/// Finds the blocks of the lines, in order.
///
/// A list item, a quote and a paragraph go on to the next line that is blank or begins another block; `text` is what a
/// paragraph is called in this note. What stands in a quote is a table, an item or code first, and a quote else.
pub(super) fn blocks(
    lines: &Lines<'_>,
    headings: &[Heading],
    code: &[Range<usize>],
    units: &[Unit],
    text: BlockKind,
) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut code, mut units) = (code.iter().peekable(), units.iter().peekable());
    // Whether the last block may go on.
    let mut open = false;
    let mut at = 0;
    while at < lines.len() {
        while units.next_if(|unit| unit.lines.end <= at).is_some() {}
        while code.next_if(|code| code.end <= at).is_some() {}
        let (kind, end) = match code.peek().filter(|code| code.start <= at) {
            Some(code) => (Some(BlockKind::Code), code.end),
            None => kind_of(lines, headings, at, text),
        };
        let Some(mut kind) = kind else {
            // A block goes on behind what is hidden in it.
            (open, at) = (open && lines.kind(at) == LineKind::Hidden, end);
            continue;
        };
        let asks = |unit: &&Unit| unit.lines.start <= at && lines.start(end) <= unit.content.start;
        if kind == text && units.peek().is_some_and(asks) {
            kind = BlockKind::Question;
        }
        let goes_on = open && blocks.last().is_some_and(|last| goes_on(last.kind, kind, text));
        match blocks.last_mut() {
            Some(last) if goes_on => last.range.end = lines.start(end),
            _ => {
                let depth = (columns(prefix(lines.get(at))) / 2).min(usize::from(u8::MAX)) as u8;
                blocks.push(Block { range: lines.start(at)..lines.start(end), kind, depth });
            }
        }
        // Code is all of its block.
        (open, at) = (kind != BlockKind::Code, end);
    }
    blocks
}

/// The blocks with those that are hidden, in order; what is hidden isn't part of any other.
///
/// What goes on behind it is a block of the same kind, but no second item of a list.
pub(super) fn with_hidden(text: &str, blocks: Vec<Block>, hidden: &[Range<usize>]) -> Vec<Block> {
    if hidden.is_empty() {
        return blocks;
    }
    let hide = |range: &Range<usize>| Block { range: range.clone(), kind: BlockKind::Hidden, depth: 0 };
    let mut all = Vec::with_capacity(blocks.len() + hidden.len());
    let mut hidden = hidden.iter().peekable();
    // Where what is hidden ends; it may begin in one block and end in another.
    let mut end = 0;
    for mut block in blocks {
        block.range.start = block.range.start.max(end);
        while let Some(range) = hidden.next_if(|range| range.start < block.range.end) {
            let before = block.range.start..range.start;
            if before.start < before.end && !is_blank(&text[before.clone()]) {
                all.push(Block { range: before, ..block.clone() });
                if block.kind == BlockKind::Item {
                    block.kind = BlockKind::Paragraph;
                }
            }
            end = range.end;
            block.range.start = block.range.start.max(end);
            all.push(hide(range));
        }
        if block.range.start < block.range.end && !is_blank(&text[block.range.clone()]) {
            all.push(block);
        }
    }
    all.extend(hidden.map(hide));
    all
}

/// Whether a text is nothing but blanks and the marks of quotes.
fn is_blank(text: &str) -> bool {
    text.chars().all(|char| char.is_whitespace() || char == '>')
}

/// What the line `at` is the beginning of, unless it is blank, and the line after it or after all of a heading.
fn kind_of(
    lines: &Lines<'_>,
    headings: &[Heading],
    at: usize,
    text: BlockKind,
) -> (Option<BlockKind>, usize) {
    let line = lines.get(at);
    let prefix = prefix(line);
    let content = &line[prefix.len()..];
    let is_item = list_item(content).is_some_and(|rest| !rest.trim().is_empty());
    let kind = match lines.kind(at) {
        // A quote's mark alone is a blank line of the quote.
        _ if content.trim().is_empty() => None,
        LineKind::Hidden => None,
        LineKind::Heading => {
            let heading = Heading::at(headings, at);
            let level = heading.map_or(1, |heading| heading.level as u8);
            return (Some(BlockKind::Heading(level)), heading.map_or(at + 1, |heading| heading.lines.end));
        }
        LineKind::Rule => Some(BlockKind::Rule),
        _ if content.starts_with('|') => Some(BlockKind::Table),
        _ if is_item => Some(BlockKind::Item),
        _ if prefix.contains('>') => Some(BlockKind::Quote),
        _ => Some(text),
    };
    (kind, at + 1)
}

/// Whether a line that would begin a block of one kind goes on with the block before.
fn goes_on(before: BlockKind, next: BlockKind, text: BlockKind) -> bool {
    match next {
        BlockKind::Table | BlockKind::Quote | BlockKind::Question => before == next,
        _ => next == text && (before == text || before == BlockKind::Item),
    }
}

fn prefix(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches(PREFIX).len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::NotePath;
    use crate::parse::parse;

    /// The blocks of a note, each with its first line.
    fn of<'a>(path: &str, text: &'a str) -> Vec<(BlockKind, u8, &'a str)> {
        let (document, _) = parse(&NotePath::from_encoded(path), text.as_bytes());
        let line = |range: &Range<usize>| text[range.clone()].lines().next().unwrap_or_default();
        document.blocks.iter().map(|block| (block.kind, block.depth, line(&block.range))).collect()
    }

    #[test]
    fn markdown_has_all_kinds() {
        use BlockKind::{Code, FrontMatter, Heading, Item, Paragraph, Question, Quote, Rule, Table};
        let text = "---\ntitle: a\n---\n# Head\nOne\ntwo\n\n- item\n  goes on\n\t1. nested\n\n  more\n> quoted\n> again\n>\n> - in it\n```py\n~~~\n\nb\n```\n| a |\n|---|\nend\n***\nUnder\n===\nQ: Who eats mice?\nA: Owls.\n";
        assert_eq!(
            of("a.md", text),
            [
                (FrontMatter, 0, "---"),
                (Heading(1), 0, "# Head"),
                (Paragraph, 0, "One"),
                (Item, 0, "- item"),
                (Item, 2, "\t1. nested"),
                (Paragraph, 1, "  more"),
                (Quote, 1, "> quoted"),
                (Item, 1, "> - in it"),
                (Code, 0, "```py"),
                (Table, 0, "| a |"),
                (Paragraph, 0, "end"),
                (Rule, 0, "***"),
                (Heading(1), 0, "Under"),
                (Question, 0, "Q: Who eats mice?"),
                (Paragraph, 0, "A: Owls."),
            ]
        );
    }

    #[test]
    fn other_syntaxes_have_code_too() {
        use BlockKind::{Code, Data, FrontMatter, Heading, Paragraph};
        assert_eq!(
            of("a.rst", "Head\n====\n\nSo::\n\n  a\n\n  b\n\nEnd.\n"),
            [(Heading(1), 0, "Head"), (Paragraph, 0, "So::"), (Code, 1, "  a"), (Paragraph, 0, "End.")]
        );
        assert_eq!(
            of("a.org", "* Head\n#+BEGIN_SRC sh\n* a\n\nb\n#+END_SRC\nEnd.\n"),
            [(Heading(1), 0, "* Head"), (Code, 0, "#+BEGIN_SRC sh"), (Paragraph, 0, "End.")]
        );
        let text = "---\ntitle: a\nauthor: b\n---\n";
        assert_eq!(of("a.md", text), [(FrontMatter, 0, "---"), (Data, 0, "title: a")]);
    }

    #[test]
    fn what_is_hidden_is_a_block_of_its_own() {
        use BlockKind::{Code, Heading, Hidden, Item, Paragraph, Quote};
        let text =
            "# Head ^h1a\n- a\n  id:: 1\n  b\n- c %% d %% e\n> [!tip] Do\n\nx\n%%\ny\n%%\n```\na\n```\n";
        assert_eq!(
            of("a.md", text),
            [
                (Heading(1), 0, "# Head"),
                (Hidden, 0, " ^h1a"),
                (Item, 0, "- a"),
                (Hidden, 0, "  id:: 1"),
                (Paragraph, 0, "  b"),
                (Item, 0, "- c "),
                (Hidden, 0, "%% d %%"),
                (Paragraph, 0, " e"),
                (Hidden, 0, "[!tip] "),
                (Quote, 1, "Do"),
                (Paragraph, 0, "x"),
                (Hidden, 0, "%%"),
                (Code, 0, "```"),
            ]
        );
    }

    #[test]
    fn a_fence_closes_with_as_many_marks_or_never() {
        let starts = |text: &str| {
            of("a.md", text).into_iter().map(|(kind, _, line)| (kind, line.to_owned())).collect::<Vec<_>>()
        };
        let (code, text) = (BlockKind::Code, BlockKind::Paragraph);
        assert_eq!(
            starts("````\n```\na\n````\nb\n~~~\n```\n"),
            [(code, "````".to_owned()), (text, "b".to_owned()), (code, "~~~".to_owned())]
        );
        assert_eq!(starts("```\na\n```\n```\nb\n```\n").len(), 2);
    }
}
