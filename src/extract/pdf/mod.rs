//! PDFs → the text of their pages, ISO 32000-1.

mod device;
mod glyph;
mod line;
mod order;
mod page;
mod segment;

use hayro_interpret::hayro_syntax::Pdf;

use super::{Damaged, Draft};
use crate::document::Place;
use line::Line;
use page::{PageReader, PageText};

/// Reads a PDF.
pub(super) fn read(file: &[u8]) -> Result<Draft, Damaged> {
    let pdf = Pdf::new(file.to_vec()).map_err(|error| Damaged(format!("{error:?}")))?;
    let mut draft = Draft::default();
    let mut reader = PageReader::new(&pdf);
    let mut unreadable = 0_usize;
    for (number, page) in (1..).zip(pdf.pages().iter()) {
        draft.begin(Place::Page { number, label: None });
        let text = reader.lines(page);
        unreadable += usize::from(is_unreadable(&text));
        for lines in text.lines.chunk_by(is_one_paragraph) {
            let lines: Vec<&str> = lines.iter().map(|line| &*line.text).collect();
            draft.plain(&lines.join("\n"));
        }
    }
    if unreadable > 0 {
        draft.warn(format!("{unreadable} pages have no text: scanned?"));
    }
    Ok(draft)
}

/// Whether nobody can tell what a page says, though it says something.
fn is_unreadable(text: &PageText) -> bool {
    let (width, height) = text.size;
    let drawn = text.images > 0.0 && width * height > 0.0 || text.broken || text.out_of_budget;
    text.glyphs <= text.unknown && drawn
}

/// Whether a line goes on in the next one.
fn is_one_paragraph(line: &Line, next: &Line) -> bool {
    let size = line.size.max(next.size);
    let step = next.y - line.y;
    line.column == next.column && line.direction == next.direction && step > 0.0 && step < 1.6 * size
}
