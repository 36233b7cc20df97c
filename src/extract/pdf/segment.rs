//! Glyphs that are drawn one after another on a baseline → segments of lines.

use super::glyph::{Glyph, is_right_to_left};
use super::line::Direction;

/// A gap of this many times the letters' size ends a segment: what follows may be another column or cell.
const WIDE: f64 = 1.0;

/// Glyphs of a baseline without wide gaps between them.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    /// Its glyphs, in the order of drawing.
    pub(super) glyphs: Vec<Placed>,
    /// Which way it runs.
    pub(super) direction: Direction,
    /// Where it begins, along its direction.
    pub(super) x0: f64,
    /// Where it ends.
    pub(super) x1: f64,
    /// The baseline of its largest letters, across its direction.
    pub(super) y: f64,
    /// The size of its largest letters.
    pub(super) size: f64,
    /// How many of its glyphs aren't blanks.
    pub(super) letters: usize,
    /// Its number among the segments of the page, in the order of drawing.
    pub(super) drawn: usize,
    /// Whether it can't be seen.
    pub(super) hidden: bool,
}

/// A glyph, placed as if the page had been turned until its line runs across.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed {
    /// Where it begins.
    pub(super) x0: f64,
    /// Where it ends.
    pub(super) x1: f64,
    /// Its baseline.
    pub(super) y: f64,
    /// The glyph's number among those of the page.
    pub(super) glyph: usize,
}

impl Segment {
    fn new(placed: Placed, glyph: &Glyph, direction: Direction, drawn: usize) -> Self {
        let letters = usize::from(!glyph.text.is_blank());
        let Placed { x0, x1, y, .. } = placed;
        let (size, hidden) = (glyph.size, glyph.hidden);
        Self { glyphs: vec![placed], direction, x0, x1, y, size, letters, drawn, hidden }
    }

    fn add(&mut self, placed: Placed, glyph: &Glyph) {
        if !glyph.text.is_blank() {
            if self.letters == 0 {
                (self.x0, self.x1, self.y, self.size) = (placed.x0, placed.x1, placed.y, glyph.size);
            }
            self.letters += 1;
            self.x0 = self.x0.min(placed.x0);
            self.x1 = self.x1.max(placed.x1);
            if glyph.size > self.size * 1.05 {
                self.y = placed.y;
                self.size = glyph.size;
            }
        }
        self.glyphs.push(placed);
    }

    /// Lets its last letter reach further: one that says nothing stands behind it.
    fn widen(&mut self, x1: f64) {
        if let Some(last) = self.glyphs.last_mut() {
            last.x1 = last.x1.max(x1);
            self.x1 = self.x1.max(x1);
        }
    }

    /// The upper edge of its letters.
    pub(super) fn top(&self) -> f64 {
        self.y - 0.7 * self.size
    }

    /// The lower edge of its letters.
    pub(super) fn bottom(&self) -> f64 {
        self.y + 0.2 * self.size
    }
}

/// Finds the segments among the glyphs of a page, in the order of drawing; those of blanks alone are none.
pub(super) fn segments(glyphs: &[Glyph]) -> Vec<Segment> {
    // Turned letters among upright ones of vertical text are part of its lines.
    let japanese = glyphs.iter().any(|glyph| glyph.vertical);
    let mut segments: Vec<Segment> = Vec::new();
    for (number, glyph) in glyphs.iter().enumerate() {
        let direction = match direction(glyph) {
            Direction::Down if japanese => Direction::Vertical,
            direction => direction,
        };
        let placed = place(glyph, direction, number);
        if let Some(last) = segments.last_mut().filter(|last| last.direction == direction) {
            if is_drawn_again(last, &placed, glyphs) {
                continue;
            }
            if glyph.text.is_empty() && goes_on(last, &placed, glyphs) {
                last.widen(placed.x1);
                continue;
            }
            if last.hidden == glyph.hidden && goes_on(last, &placed, glyphs) {
                last.add(placed, glyph);
                continue;
            }
        }
        if glyph.text.is_empty() {
            continue;
        }
        segments.push(Segment::new(placed, glyph, direction, segments.len()));
    }
    segments.retain(|segment| segment.letters > 0);
    segments
}

/// Which way a glyph's line runs.
fn direction(glyph: &Glyph) -> Direction {
    if glyph.vertical {
        return Direction::Vertical;
    }
    match glyph.angle {
        angle if angle.abs() <= 10.0 => Direction::Across,
        angle if (angle - 90.0).abs() <= 10.0 => Direction::Down,
        angle if (angle + 90.0).abs() <= 10.0 => Direction::Up,
        angle if angle.abs() >= 170.0 => Direction::Over,
        _ => Direction::Aslant,
    }
}

/// Turns the page until a glyph's line runs across.
fn place(glyph: &Glyph, direction: Direction, number: usize) -> Placed {
    let turned = |(x, y): (f64, f64)| match direction {
        Direction::Across => (x, y),
        Direction::Over => (-x, -y),
        Direction::Down | Direction::Vertical => (y, -x),
        Direction::Up => (-y, x),
        Direction::Aslant => {
            let (sin, cos) = glyph.angle.to_radians().sin_cos();
            (x * cos + y * sin, y * cos - x * sin)
        }
    };
    let ((start, mut y), (end, _)) = (turned(glyph.at), turned(glyph.end));
    if glyph.vertical {
        // Upright letters stand in the middle of their line, turned ones on a baseline left of it.
        y -= 0.15 * glyph.size;
    }
    Placed { x0: start.min(end), x1: start.max(end), y, glyph: number }
}

/// Whether a glyph is the last one again, a hair beside it: so some draw bold letters.
fn is_drawn_again(segment: &Segment, placed: &Placed, glyphs: &[Glyph]) -> bool {
    let glyph = &glyphs[placed.glyph];
    let hair = glyph.size * 0.12;
    segment.glyphs.last().is_some_and(|last| {
        (last.x0 - placed.x0).abs() < hair
            && (last.y - placed.y).abs() < hair
            && glyphs[last.glyph].text == glyph.text
            && !glyph.text.is_blank()
    })
}

/// Whether a glyph stands behind a segment, or before it if it is written from right to left.
fn goes_on(segment: &Segment, placed: &Placed, glyphs: &[Glyph]) -> bool {
    let Some(last) = segment.glyphs.last() else { return false };
    let (glyph, before) = (&glyphs[placed.glyph], &glyphs[last.glyph]);
    let size = glyph.size.max(before.size);
    if (placed.y - last.y).abs() > 0.45 * size {
        return false;
    }
    let gap = placed.x0 - last.x1;
    if gap > -0.9 * size && gap < WIDE * size {
        // Blanks don't make a wide gap a narrow one.
        return !before.text.is_blank() || glyph.text.is_blank() || placed.x0 - segment.x1 < WIDE * size;
    }
    let leftward = [glyph, before].iter().any(|glyph| glyph.text.first().is_some_and(is_right_to_left))
        || glyph.text.is_blank()
        || before.text.is_blank();
    let gap = last.x0 - placed.x1;
    leftward && gap > -0.9 * size && gap < WIDE * size
}
