//! Glyphs that are drawn one after another on a baseline → segments of lines, with blanks between their words.

use super::glyph::{Glyph, is_right_to_left};
use super::line::Direction;

/// A gap of this share of the letters' size is a blank.
const BLANK: f64 = 0.17;

/// A gap of this many times the letters' size ends a segment.
const WIDE: f64 = 1.0;

/// Glyphs of a baseline without wide gaps between them.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    /// Its glyphs, as they follow each other.
    pub(super) glyphs: Vec<Placed>,
    /// Which way it runs.
    pub(super) direction: Direction,
    /// Where it begins, along its direction.
    pub(super) x0: f64,
    /// Where it ends.
    pub(super) x1: f64,
    /// Its baseline, across its direction.
    pub(super) y: f64,
    /// The size of its largest letters.
    pub(super) size: f64,
}

/// A glyph, placed as if the page had been turned until its line runs across.
#[derive(Clone, Debug)]
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

/// Finds the segments among the glyphs of a page, in the order of drawing.
pub(super) fn segments(glyphs: &[Glyph]) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    for (number, glyph) in glyphs.iter().enumerate() {
        if glyph.text.is_empty() {
            continue;
        }
        let direction = direction(glyph);
        let placed = place(glyph, direction, number);
        if let Some(last) = segments.last_mut().filter(|last| last.direction == direction) {
            if is_drawn_again(last, &placed, glyphs) {
                continue;
            }
            if goes_on(last, &placed, glyphs) {
                last.add(placed, glyph.size);
                continue;
            }
        }
        let (x0, x1, y) = (placed.x0, placed.x1, placed.y);
        segments.push(Segment { glyphs: vec![placed], direction, x0, x1, y, size: glyph.size });
    }
    segments
}

impl Segment {
    fn add(&mut self, placed: Placed, size: f64) {
        self.x0 = self.x0.min(placed.x0);
        self.x1 = self.x1.max(placed.x1);
        self.size = self.size.max(size);
        self.glyphs.push(placed);
    }
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
    let ((start, y), (end, _)) = (turned(glyph.at), turned(glyph.end));
    Placed { x0: start.min(end), x1: start.max(end), y, glyph: number }
}

/// Whether a glyph is the last one again, a hair beside it: so some draw bold letters.
fn is_drawn_again(segment: &Segment, placed: &Placed, glyphs: &[Glyph]) -> bool {
    let glyph = &glyphs[placed.glyph];
    let hair = glyph.size * 0.12;
    segment.glyphs.last().is_some_and(|last| {
        glyphs[last.glyph].text == glyph.text
            && !glyph.text.is_blank()
            && (last.x0 - placed.x0).abs() < hair
            && (last.y - placed.y).abs() < hair
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
        return true;
    }
    let leftward = [glyph, before].iter().any(|glyph| glyph.text.first().is_some_and(is_right_to_left))
        || glyph.text.is_blank();
    let gap = last.x0 - placed.x1;
    leftward && gap > -0.9 * size && gap < WIDE * size
}

/// What a row of glyphs says, in the order of reading.
pub(super) fn text(row: &[Placed], glyphs: &[Glyph], vertical: bool) -> String {
    let mut text = String::new();
    let mut before: Option<&Placed> = None;
    for placed in row {
        let glyph = &glyphs[placed.glyph];
        let apart = before.is_some_and(|before| placed.x0 - before.x1 > BLANK * glyph.size);
        if (glyph.text.is_blank() || apart && !vertical) && !text.is_empty() && !text.ends_with(' ') {
            text.push(' ');
        }
        if !glyph.text.is_blank() {
            glyph.text.push_to(&mut text);
        }
        before = Some(placed);
    }
    text.truncate(text.trim_end().len());
    text
}
