//! What Rich Text shows, paragraph by paragraph, before it becomes Markdown.

use std::collections::BTreeMap;

use super::super::draft::{self, Draft};
use crate::document::Place;

/// A heading has at most so many bytes, where only its look says that it is one.
const LONGEST_HEADING: usize = 120;

/// So many sizes of headings are told from each other.
const SIZES: usize = 3;

/// A paragraph, or a table.
#[derive(Debug)]
pub(super) enum Block {
    /// A paragraph.
    Paragraph(Paragraph),
    /// A table: rows of cells.
    Table(Vec<Vec<String>>),
    /// A footnote or a comment, which follows what it belongs to.
    Note(String),
}

/// A paragraph and how it looks.
#[derive(Debug, Default)]
pub(super) struct Paragraph {
    /// Its text.
    pub(super) text: String,
    /// The level of the heading that it is.
    pub(super) heading: Option<usize>,
    /// What stands before it in a list, and how deep the list is.
    pub(super) mark: Option<(usize, String)>,
    /// The size of its letters in half points, if they all have one size.
    pub(super) size: Option<i32>,
    /// Whether all its letters are bold.
    pub(super) is_bold: bool,
}

/// All that is shown.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// In order.
    pub(super) blocks: Vec<Block>,
}

impl Page {
    /// Writes it down as Markdown.
    pub(super) fn write(mut self, draft: &mut Draft) {
        self.find_headings();
        let (mut number, mut depth) = (0, None);
        for block in self.blocks {
            if draft.is_full() {
                return;
            }
            number += u32::from(!matches!(block, Block::Note(_)));
            let place = Place::Paragraph { number };
            // An item stands at most one deeper than the item before it.
            let before = depth.take();
            match block {
                Block::Paragraph(Paragraph { text, mark: Some((level, mark)), heading: None, .. }) => {
                    let level = level.min(before.map_or(0, |before| before + 1));
                    depth = Some(level);
                    if before.is_some() {
                        draft.begin_below(place);
                    } else {
                        draft.begin(place);
                    }
                    item(draft, level, &mark, &text);
                }
                Block::Paragraph(Paragraph { text, heading, mark, .. }) => {
                    draft.begin(place);
                    match (heading, mark) {
                        // Chapters are cited with their numbers.
                        (Some(level), Some((_, mark))) => draft.heading(level, &format!("{mark} {text}")),
                        (Some(level), None) => draft.heading(level, &text),
                        _ => draft.plain(&text),
                    }
                }
                Block::Table(rows) => {
                    draft.begin(place);
                    if rows.iter().all(|row| row.len() < 2) {
                        rows.into_iter().flatten().for_each(|cell| draft.plain(&cell));
                    } else {
                        draft.table(&rows);
                    }
                }
                Block::Note(text) => draft.plain(&text),
            }
        }
    }

    /// Takes short paragraphs in large or bold letters for headings, if no style says which are.
    fn find_headings(&mut self) {
        let paragraphs = || {
            self.blocks.iter().filter_map(|block| match block {
                Block::Paragraph(paragraph) => Some(paragraph),
                _ => None,
            })
        };
        if paragraphs().any(|paragraph| paragraph.heading.is_some()) {
            return;
        }
        let mut letters: BTreeMap<i32, usize> = BTreeMap::new();
        for paragraph in paragraphs() {
            *letters.entry(paragraph.size.unwrap_or(0)).or_default() += paragraph.text.len();
        }
        let Some((&usual, _)) = letters.iter().max_by_key(|(_, length)| **length) else { return };
        let stands_out = |paragraph: &Paragraph| {
            let short = paragraph.text.len() <= LONGEST_HEADING && !paragraph.text.contains('\n');
            let ends = paragraph.text.ends_with(['.', ',', ';', ':', '。', '?', '!']);
            let large = usual > 0 && paragraph.size.is_some_and(|size| 100 * size >= 115 * usual);
            let bold = paragraph.is_bold && paragraph.size.is_some_and(|size| size >= usual);
            paragraph.mark.is_none() && short && !ends && (large || bold)
        };
        // Where most stands out, nothing does.
        let (all, out) = paragraphs()
            .fold((0, 0), |(all, out), paragraph| (all + 1, out + usize::from(stands_out(paragraph))));
        if out == 0 || 2 * out > all {
            return;
        }
        let mut sizes: Vec<i32> = paragraphs()
            .filter(|paragraph| stands_out(paragraph))
            .filter_map(|paragraph| paragraph.size)
            .collect();
        sizes.sort_unstable_by(|a, b| b.cmp(a));
        sizes.dedup();
        sizes.truncate(SIZES);
        for block in &mut self.blocks {
            if let Block::Paragraph(paragraph) = block
                && stands_out(paragraph)
            {
                let rank = sizes.iter().position(|size| Some(*size) == paragraph.size);
                paragraph.heading = Some(rank.unwrap_or(SIZES) + 1);
            }
        }
    }
}

/// Writes an item of a list. Marks that Markdown has are kept; others stand in the text, as they are printed.
fn item(draft: &mut Draft, depth: usize, mark: &str, text: &str) {
    let text = draft::escaped(text);
    let number = mark.strip_suffix(['.', ')']).unwrap_or_default();
    let is_number =
        !number.is_empty() && number.len() <= 9 && number.bytes().all(|byte| byte.is_ascii_digit());
    if is_number {
        draft.item(depth, mark, &text);
    } else if mark.chars().any(char::is_alphanumeric) && mark != "o" {
        draft.item(depth, "-", &format!("{mark} {text}"));
    } else {
        draft.item(depth, "-", &text);
    }
}
