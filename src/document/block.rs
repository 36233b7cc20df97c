//! What a note's text is made of: paragraphs, list items, code, tables and the like.
//!
//! `parse` finds the blocks of a note once. Whatever comes after it – cutting, sentences, answers – goes by their kinds
//! and never looks for markup again.

use std::borrow::Cow;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::text::trim;

/// A stretch of lines that belongs together. Blocks are in the order of the text and don't overlap; blank lines between
/// them belong to none. They are of whole lines, but for what is hidden in a line and what is left of that line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Where it stands, in bytes of the text that it is a block of.
    pub range: Range<usize>,
    /// What it is.
    pub kind: BlockKind,
    /// How deep it is nested in lists and quotes: half the columns before its text; 0 at the margin.
    pub depth: u8,
}

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BlockKind {
    /// Running text.
    Paragraph,
    /// One item of a list, without the items nested in it.
    Item,
    /// Fenced code with its fences, or the code of another syntax.
    Code,
    /// The rows of a table.
    Table,
    /// Quoted lines, each with its mark.
    Quote,
    /// A thematic break.
    Rule,
    /// A heading of this level, from 1, with its underline.
    Heading(u8),
    /// The question of a question-and-answer unit, where it stands in lines of its own and is no heading.
    Question,
    /// The metadata at the top of a note, with its fences.
    FrontMatter,
    /// Keys and values.
    Data,
    /// What a reader isn't shown or can't read: a comment, the properties of what stands above, data of an image. It
    /// stays where it stands; it isn't embedded, has no words in the index and is no part of an answer.
    Hidden,
}

impl BlockKind {
    /// Whether a part of such a block is of little use without the rest.
    pub fn is_whole(self) -> bool {
        matches!(self, Self::Code | Self::Table)
    }
}

impl Block {
    /// A part of a text (from `start` on) as it is shown: with blanks for each byte of a hidden block, so that
    /// everything else stays in its place. `blocks` are those of the text.
    pub fn shown<'a>(blocks: &[Self], text: &'a str, start: usize) -> Cow<'a, str> {
        let end = start + text.len();
        let first = blocks.partition_point(|block| block.range.end <= start);
        let inside = blocks[first..].iter().take_while(|block| block.range.start < end);
        let mut hidden = inside.filter(|block| block.kind == BlockKind::Hidden).peekable();
        if hidden.peek().is_none() {
            return text.into();
        }
        let (mut out, mut at) = (String::with_capacity(text.len()), 0);
        for block in hidden {
            let (from, to) = (block.range.start.max(start) - start, block.range.end.min(end) - start);
            out.push_str(&text[at..from]);
            out.extend(std::iter::repeat_n(' ', to - from));
            at = to;
        }
        out.push_str(&text[at..]);
        out.into()
    }

    /// A range of a text without what is blank or hidden at its edges.
    pub(crate) fn trim_shown(blocks: &[Self], text: &str, range: &Range<usize>) -> Range<usize> {
        let mut range = trim(text, range);
        let hidden = |at: usize| {
            let block = blocks.get(blocks.partition_point(|block| block.range.end <= at))?;
            (block.kind == BlockKind::Hidden && block.range.start <= at).then_some(&block.range)
        };
        while let Some(block) = hidden(range.start).filter(|_| !range.is_empty()) {
            range = trim(text, &(block.end.min(range.end)..range.end));
        }
        while let Some(block) = range.end.checked_sub(1).and_then(hidden).filter(|_| !range.is_empty()) {
            range = trim(text, &(range.start..block.start.max(range.start)));
        }
        range
    }

    /// The blocks that have a part in `range` of the text, cut to it and counted from its start.
    pub fn share(blocks: &[Self], range: &Range<usize>) -> Vec<Self> {
        let first = blocks.partition_point(|block| block.range.end <= range.start);
        let inside = blocks[first..].iter().take_while(|block| block.range.start < range.end);
        inside
            .map(|block| {
                let (start, end) = (block.range.start.max(range.start), block.range.end.min(range.end));
                Self { range: start - range.start..end - range.start, ..block.clone() }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_blank() {
        let text = "ab %%é%% cd {}";
        let hidden = |range| Block { range, kind: BlockKind::Hidden, depth: 0 };
        let blocks =
            [Block { range: 0..3, kind: BlockKind::Paragraph, depth: 0 }, hidden(3..9), hidden(13..15)];
        assert_eq!(Block::shown(&blocks, text, 0), "ab        cd   ");
        assert_eq!(Block::shown(&blocks, &text[5..12], 5), "     cd");
        assert_eq!(Block::shown(&blocks, &text[..3], 0), "ab ");
        assert_eq!(Block::trim_shown(&blocks, text, &(2..15)), 10..12);
        assert!(Block::trim_shown(&blocks, text, &(2..10)).is_empty());
        assert_eq!(Block::trim_shown(&blocks, text, &(0..9)), 0..2);
    }

    #[test]
    fn a_share_is_cut_to_its_range() {
        let block = |range, kind| Block { range, kind, depth: 0 };
        let blocks =
            [block(0..4, BlockKind::Paragraph), block(5..9, BlockKind::Code), block(9..12, BlockKind::Table)];
        assert_eq!(Block::share(&blocks, &(7..9)), [block(0..2, BlockKind::Code)]);
        assert_eq!(
            Block::share(&blocks, &(2..10)),
            [block(0..2, BlockKind::Paragraph), block(3..7, BlockKind::Code), block(7..8, BlockKind::Table)]
        );
        assert!(Block::share(&blocks, &(4..5)).is_empty() && Block::share(&blocks, &(12..20)).is_empty());
    }
}
