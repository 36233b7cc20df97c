//! PDFs → the text of their pages as Markdown, with the page that each part of it stands on (ISO 32000).
//!
//! The glyphs of a page become lines, and the lines blocks; those of all pages together tell which lines are running
//! heads, which size is that of headings, and which paragraphs go on over the page.

mod about;
mod bidi;
mod block;
mod budget;
mod codes;
mod column;
mod device;
mod flow;
mod fonts;
mod form;
mod glyph;
mod heading;
mod labels;
mod leaf;
mod line;
mod notes;
mod open;
mod order;
mod outline;
mod page;
mod prose;
mod row;
mod running;
#[cfg(test)]
mod sample;
mod segment;
mod stack;
mod table;
mod tags;
mod text_string;
mod tree;
mod whole;

#[cfg(test)]
mod fixtures;

use super::{Damaged, Draft};

/// Reads a PDF.
pub(super) fn read(file: &[u8]) -> Result<Draft, Damaged> {
    whole::read(&open::open(file)?)
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
