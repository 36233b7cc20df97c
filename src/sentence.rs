//! Where does a sentence end?

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::document::{Block, BlockKind, lines};

/// A sentence, or what is taken for one: a block of code, what is left of a row that has no sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sentence {
    /// Where it stands in the text, in bytes, without blank edges.
    pub(crate) range: Range<usize>,
    /// The number of its block.
    pub(crate) block: usize,
}

/// The sentences of a part of a text, in order; `blocks` are those of the text.
///
/// In a paragraph or a list item they go on from line to line, and behind what is hidden in a line. A row of a table and a
/// line of a quote end a sentence; code is taken whole, and what is hidden isn't taken by itself.
pub(crate) fn sentences(text: &str, blocks: &[Block], within: &Range<usize>) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    let mut number = blocks.partition_point(|block| block.range.end <= within.start);
    while let Some(block) = blocks.get(number) {
        let last = number + joined(text, &blocks[number..]);
        let part = block.range.start.max(within.start)..blocks[last].range.end.min(within.end);
        if part.is_empty() {
            break;
        }
        let mut add = |range: Range<usize>| {
            let range = Block::trim_shown(blocks, text, &range);
            if !range.is_empty() {
                sentences.push(Sentence { range, block: number });
            }
        };
        match block.kind {
            BlockKind::Hidden => {}
            BlockKind::Code | BlockKind::Rule => add(part),
            BlockKind::Table | BlockKind::Quote => {
                lines(text, part).for_each(|line| split(text, blocks, line).into_iter().for_each(&mut add));
            }
            _ => split(text, blocks, part).into_iter().for_each(add),
        }
        number = last + 1;
    }
    sentences
}

/// How many blocks after the first go on with it in the same line, behind what is hidden there.
fn joined(text: &str, blocks: &[Block]) -> usize {
    let goes_on = |pair: &[Block], before: &Block| {
        let [hidden, next] = pair else { return false };
        let is_next = hidden.kind == BlockKind::Hidden && next.kind != BlockKind::Hidden;
        let touches = before.range.end == hidden.range.start && hidden.range.end == next.range.start;
        // What is left of a list item is a paragraph.
        let is_same =
            next.kind == before.kind || before.kind == BlockKind::Item && next.kind == BlockKind::Paragraph;
        is_next && touches && is_same && !text[..hidden.range.start].ends_with(['\n', '\r'])
    };
    let mut last = 0;
    while blocks.get(last + 1..last + 3).is_some_and(|pair| goes_on(pair, &blocks[last])) {
        last += 2;
    }
    last
}

/// The sentences of running text, which a line end alone doesn't end.
fn split(text: &str, blocks: &[Block], part: Range<usize>) -> Vec<Range<usize>> {
    let one_line = Block::shown(blocks, &text[part.clone()], part.start).replace(['\n', '\r'], " ");
    let sentences = one_line.split_sentence_bound_indices();
    sentences.map(|(at, sentence)| part.start + at..part.start + at + sentence.len()).collect()
}

#[cfg(test)]
#[path = "sentence_tests.rs"]
mod tests;
