//! Segments of lines → lines, in the order of reading.

use super::glyph::Glyph;
use super::line::{Cell, Direction, Line};
use super::segment::{Segment, text};

/// Orders segments, and joins those that stand in one line.
pub(super) fn lines(glyphs: &[Glyph], segments: Vec<Segment>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for segment in segments {
        let vertical = segment.direction == Direction::Vertical;
        let said = text(&segment.glyphs, glyphs, vertical);
        let Some(first) = segment.glyphs.first().map(|placed| &glyphs[placed.glyph]) else { continue };
        if said.is_empty() {
            continue;
        }
        let cell = Cell { x0: segment.x0, x1: segment.x1, text: said };
        if let Some(line) = lines.last_mut()
            && line.direction == segment.direction
            && (line.y - segment.y).abs() < 0.3 * line.size.max(segment.size)
            && segment.x0 >= line.x1 - 0.1 * segment.size
        {
            line.text.push(' ');
            line.text.push_str(&cell.text);
            line.x1 = segment.x1;
            line.cells.push(cell);
            continue;
        }
        lines.push(Line {
            text: cell.text.clone(),
            x0: segment.x0,
            x1: segment.x1,
            y: segment.y,
            size: segment.size,
            style: first.style,
            cells: vec![cell],
            direction: segment.direction,
            column: 0,
            marked: first.marked,
            artifact: first.artifact,
        });
    }
    lines
}
