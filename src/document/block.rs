//! What a note's text is made of: paragraphs, list items, code, tables and the like.
//!
//! `parse` finds the blocks of a note once. Whatever comes after it – cutting, sentences, answers – goes by their kinds
//! and never looks for markup again.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A stretch of whole lines that belongs together. Blocks are in the order of the text and don't overlap; blank lines
/// between them belong to none.
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
}

impl BlockKind {
    /// Whether a part of such a block is of little use without the rest.
    pub fn is_whole(self) -> bool {
        matches!(self, Self::Code | Self::Table)
    }
}

impl Block {
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
