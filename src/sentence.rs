//! Where does a sentence end?

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::document::{Block, BlockKind, lines, trim};

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
/// In a paragraph or a list item they go on from line to line. A row of a table and a line of a quote end a sentence;
/// code is taken whole, and what is hidden isn't taken.
pub(crate) fn sentences(text: &str, blocks: &[Block], within: &Range<usize>) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    let first = blocks.partition_point(|block| block.range.end <= within.start);
    for (number, block) in blocks.iter().enumerate().skip(first) {
        let part = block.range.start.max(within.start)..block.range.end.min(within.end);
        if part.is_empty() {
            break;
        }
        let mut add = |range: Range<usize>| {
            let range = trim(text, &range);
            if !range.is_empty() {
                sentences.push(Sentence { range, block: number });
            }
        };
        match block.kind {
            BlockKind::Hidden => {}
            BlockKind::Code | BlockKind::Rule => add(part),
            BlockKind::Table | BlockKind::Quote => {
                lines(text, part).for_each(|line| split(text, line).into_iter().for_each(&mut add));
            }
            _ => split(text, part).into_iter().for_each(add),
        }
    }
    sentences
}

/// The sentences of running text, which a line end alone doesn't end.
fn split(text: &str, part: Range<usize>) -> Vec<Range<usize>> {
    let one_line = text[part.clone()].replace(['\n', '\r'], " ");
    let sentences = one_line.split_sentence_bound_indices();
    sentences.map(|(at, sentence)| part.start + at..part.start + at + sentence.len()).collect()
}

#[cfg(test)]
#[path = "sentence_tests.rs"]
mod tests;
