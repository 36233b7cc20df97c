//! The blocks of a section become the places where it may be cut, strongest first.

use std::ops::Range;

use crate::document::{Block, BlockKind, lines};

/// How strongly a place separates what stands before and after it; less is stronger.
pub(super) type Level = u8;

/// Between paragraphs, tables and code.
pub(super) const BLOCK: Level = 0;
/// Before a list item; one more for each level of nesting.
const ITEM: Level = 1;
/// The deepest nesting that counts.
const DEEPEST: u8 = 3;
/// Before what goes on with a list item after a blank line.
const INSIDE_ITEM: Level = 4;
/// Between rows of a table, lines of code, and lines of which the first ends like a sentence.
const LINE: Level = 5;

/// A place where a section may be cut: the start of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Boundary {
    pub(super) at: usize,
    pub(super) level: Level,
}

/// The places to cut in a part of a text, in order, its start excluded; `blocks` are those of the text.
pub(super) fn boundaries(text: &str, part: Range<usize>, blocks: &[Block]) -> Vec<Boundary> {
    let mut boundaries = Vec::new();
    let mut next = blocks.partition_point(|block| block.range.end <= part.start);
    let mut before = "";
    for line in lines(text, part.clone()) {
        while blocks.get(next).is_some_and(|block| block.range.end <= line.start) {
            next += 1;
        }
        let content = &text[line.clone()];
        let after_whole =
            next > 0 && blocks[next - 1].range.end == line.start && blocks[next - 1].kind.is_whole();
        let level = match blocks.get(next).filter(|block| block.range.start <= line.start) {
            _ if after_whole => Some(BLOCK),
            Some(block) => level(block, line.start, before),
            None => None,
        };
        boundaries.extend(
            level.filter(|_| line.start > part.start).map(|level| Boundary { at: line.start, level }),
        );
        before = content;
    }
    boundaries
}

/// How strongly a line of a block is separated from the line before.
fn level(block: &Block, line: usize, before: &str) -> Option<Level> {
    let begins = block.range.start == line;
    match block.kind {
        kind if kind.is_whole() => return Some(if begins { BLOCK } else { LINE }),
        BlockKind::Item if begins => return Some(ITEM + block.depth.min(DEEPEST)),
        _ => {}
    }
    // A quote's mark alone makes no line of text.
    let before = before.trim_matches([' ', '\t', '\r', '\n', '>']);
    if before.is_empty() {
        return Some(if block.depth > 0 { INSIDE_ITEM } else { BLOCK });
    }
    before.ends_with(['.', '!', '?', ':', ';', '。', '！', '？']).then_some(LINE)
}

#[cfg(test)]
#[path = "boundary_tests.rs"]
mod tests;
