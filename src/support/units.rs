//! What a source says, in units that can be cited: sentences, items, rows of tables, lines of code.

use std::collections::HashSet;
use std::ops::Range;

use super::facts::{Token, read, tokens};
use crate::document::{Block, BlockKind, Passage, lines};
use crate::sentence::sentences;

/// A unit longer than this is no sentence, in bytes; its beginning stands for it.
const LONGEST: usize = 8000;

/// What a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A sentence of running text, an item of a list, a quote.
    Prose,
    /// A heading or a question: it says what it stands above is about.
    Title,
    /// A row of a table.
    Row,
    /// A line of code.
    Code,
}

/// A part of a source that can be cited.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    /// The number of its source, from 0.
    pub(super) source: usize,
    /// Where it stands in the text of its passage, in bytes.
    pub(super) range: Range<usize>,
    /// What it is.
    pub(super) shape: Shape,
    /// The text, as it is shown.
    pub(super) text: String,
    /// What it says.
    pub(super) tokens: Vec<Token>,
    /// The keys of all that.
    pub(super) keys: HashSet<u64>,
    /// The unit that it belongs under: the header of its table, the sentence that announces it.
    pub(super) under: Option<usize>,
}

impl Unit {
    /// Whether a sentence may go on from this unit into the next one.
    pub(super) fn goes_on(&self, next: &Self) -> bool {
        self.source == next.source && self.shape == Shape::Prose && next.shape == Shape::Prose
    }
}

/// The units of a passage, which is the source of this number; `from` is the number of the first.
pub(super) fn units(passage: &Passage, source: usize, from: usize) -> Vec<Unit> {
    let (text, blocks) = (passage.text.as_str(), passage.blocks.as_slice());
    let shown = Block::shown(blocks, text, 0);
    let mut units: Vec<Unit> = Vec::new();
    // The header of the table, and the announcing sentence, that what comes next stands under.
    let (mut table, mut header, mut announced) = (None, None, None);
    for sentence in sentences(text, blocks, &(0..text.len())) {
        let kind = blocks[sentence.block].kind;
        let shape = match kind {
            BlockKind::Hidden | BlockKind::Rule => continue,
            BlockKind::Heading(_) | BlockKind::Question => Shape::Title,
            BlockKind::Table => Shape::Row,
            BlockKind::Code | BlockKind::Data | BlockKind::FrontMatter => Shape::Code,
            BlockKind::Paragraph | BlockKind::Item | BlockKind::Quote => Shape::Prose,
        };
        let parts: Vec<Range<usize>> = match shape {
            Shape::Code => lines(text, sentence.range.clone()).map(|line| trimmed(text, line)).collect(),
            _ => vec![sentence.range],
        };
        if shape == Shape::Row && table != Some(sentence.block) {
            (table, header) = (Some(sentence.block), None);
        }
        for range in parts {
            let range = range.start..range.start + crate::document::floor(&text[range.clone()], LONGEST);
            let part = &shown[range.clone()];
            if !part.chars().any(char::is_alphanumeric) {
                continue;
            }
            let number = from + units.len();
            let under = if shape == Shape::Row { header } else { announced };
            if shape == Shape::Row && header.is_none() {
                header = Some(number);
            }
            let opens_list = shape == Shape::Prose && part.trim_end_matches(['*', '_', ' ']).ends_with(':');
            let is_item = kind == BlockKind::Item;
            if opens_list {
                announced = Some(number);
            } else if shape == Shape::Title || shape == Shape::Prose && !is_item {
                announced = None;
            }
            let tokens = if shape == Shape::Code { read(part) } else { tokens(part) };
            let keys = tokens.iter().map(|token| token.key).collect();
            units.push(Unit { source, range, shape, text: part.to_owned(), tokens, keys, under });
        }
    }
    units
}

/// A range without blank edges.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    crate::document::trim(text, &range)
}
