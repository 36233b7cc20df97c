//! Cells of several lines: rows of a table that can't be read line by line.
//!
//! Where lines were drawn one below the other and others stand beside them, in between, the order of drawing is the one
//! that keeps each cell together.

use super::segment::Segment;

/// Of more segments nothing is said.
const MOST_SEGMENTS: usize = 4000;

/// Segments that were drawn one below the other.
struct Stack {
    /// The first and the last baseline.
    first: f64,
    last: f64,
    x0: f64,
    x1: f64,
    lines: usize,
    letters: usize,
    size: f64,
}

impl Stack {
    fn of(segment: &Segment) -> Self {
        let Segment { x0, x1, y, size, letters, .. } = *segment;
        Self { first: y, last: y, x0, x1, lines: 1, letters, size }
    }

    /// Takes a segment that stands below, or goes on in the same line.
    fn take(&mut self, segment: &Segment) -> bool {
        let step = segment.y - self.last;
        let is_beside = step.abs() < 0.3 * self.size && (segment.x0 - self.x1).abs() < self.size;
        let overlap = segment.x1.min(self.x1) - segment.x0.max(self.x0);
        let is_below = (0.6 * self.size..2.0 * self.size).contains(&step)
            && (overlap > 0.5 * (segment.x1 - segment.x0).min(self.x1 - self.x0)
                || (segment.x0 - self.x0).abs() < self.size);
        if is_below {
            self.lines += 1;
            self.last = segment.y;
        }
        if is_below || is_beside {
            self.letters += segment.letters;
            self.x0 = self.x0.min(segment.x0);
            self.x1 = self.x1.max(segment.x1);
        }
        is_below || is_beside
    }

    /// Whether another one stands beside it, with a line at the height of one of its own.
    fn has_beside(&self, other: &Self) -> bool {
        let apart = other.x0 > self.x1 || other.x1 < self.x0;
        let margin = 0.3 * self.size;
        apart && other.first <= self.last + margin && other.last >= self.first - margin
    }
}

/// Whether a region, its segments in the order of drawing, has cells of several lines.
pub(super) fn has_stacked_cells(region: &[Segment]) -> bool {
    if region.len() > MOST_SEGMENTS {
        return false;
    }
    let mut stacks: Vec<Stack> = Vec::new();
    for segment in region {
        if !stacks.last_mut().is_some_and(|last| last.take(segment)) {
            stacks.push(Stack::of(segment));
        }
    }
    let all: usize = stacks.iter().map(|stack| stack.letters).sum();
    let top = stacks.iter().map(|stack| stack.first).fold(f64::INFINITY, f64::min);
    let bottom = stacks.iter().map(|stack| stack.last).fold(f64::NEG_INFINITY, f64::max);
    // A table that was drawn column by column is no such thing.
    let whole = |stack: &Stack| stack.lines > 3 && stack.last - stack.first > 0.7 * (bottom - top);
    let is_cell = |stack: &&Stack| {
        stack.lines > 1
            && !whole(stack)
            && stacks.iter().any(|other| stack.has_beside(other) && !whole(other))
    };
    let stacked: usize = stacks.iter().filter(is_cell).map(|stack| stack.letters).sum();
    4 * stacked > all
}
