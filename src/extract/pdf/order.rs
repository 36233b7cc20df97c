//! Segments of lines → lines, in the order of reading.

use std::collections::HashSet;

use super::column::regions;
use super::glyph::{Glyph, is_right_to_left};
use super::line::{Direction, Line};
use super::row;
use super::segment::Segment;
use super::stack::has_stacked_cells;

/// Rows of more segments, those of one times those of the other, aren't compared.
const MOST_PAIRS: usize = 4000;

/// Orders segments, and joins those that stand in one line.
pub(super) fn lines(glyphs: &[Glyph], mut segments: Vec<Segment>) -> Vec<Line> {
    drop_doubled(&mut segments, glyphs);
    let mut directions: Vec<(Direction, Vec<Segment>)> = Vec::new();
    for segment in segments {
        match directions.iter_mut().find(|(direction, _)| *direction == segment.direction) {
            Some((_, same)) => same.push(segment),
            None => directions.push((segment.direction, vec![segment])),
        }
    }
    // What most of the page says comes first; a stamp at the margin isn't it.
    directions.sort_by_key(|(direction, same)| {
        let letters: usize = same.iter().map(|segment| segment.letters).sum();
        (*direction == Direction::Aslant, std::cmp::Reverse(letters))
    });
    let mut lines = Vec::new();
    let mut column = 0;
    for (_, segments) in directions {
        let leftward = runs_leftward(&segments, glyphs);
        for region in regions(segments, leftward) {
            let rows = if has_stacked_cells(&region) { drawn_rows(region) } else { rows(region) };
            for row in rows {
                if let Some(line) = row::line(row, glyphs, leftward) {
                    lines.push(Line { column, ..line });
                }
            }
            column += 1;
        }
    }
    lines
}

/// Drops text that can't be seen where text can be seen that says the same: a recognized page on which text was drawn.
fn drop_doubled(segments: &mut Vec<Segment>, glyphs: &[Glyph]) {
    if !segments.iter().any(|segment| segment.hidden) {
        return;
    }
    let cell = |(x, y): (f64, f64)| ((x / 4.0) as i64, (y / 4.0) as i64);
    let seen: HashSet<(i64, i64)> = segments
        .iter()
        .filter(|segment| !segment.hidden)
        .flat_map(|segment| &segment.glyphs)
        .map(|at| cell(glyphs[at.glyph].at))
        .collect();
    let is_covered = |glyph: &Glyph| {
        let (x, y) = cell(glyph.at);
        (-1..=1).any(|dx| (-1..=1).any(|dy| seen.contains(&(x + dx, y + dy))))
    };
    segments.retain(|segment| {
        let covered = segment.glyphs.iter().filter(|at| is_covered(&glyphs[at.glyph])).count();
        !segment.hidden || 2 * covered < segment.glyphs.len()
    });
}

/// Whether most of the letters are of a script that is written from right to left.
fn runs_leftward(segments: &[Segment], glyphs: &[Glyph]) -> bool {
    let letters =
        || segments.iter().flat_map(|segment| &segment.glyphs).filter_map(|at| glyphs[at.glyph].text.first());
    let leftward = letters().filter(|c| is_right_to_left(*c)).count();
    leftward > 0 && 2 * leftward > letters().filter(|c| c.is_alphabetic()).count()
}

/// Segments of a region → its rows, from top to bottom.
fn rows(mut region: Vec<Segment>) -> Vec<Vec<Segment>> {
    region.sort_by(|a, b| a.y.total_cmp(&b.y).then(a.x0.total_cmp(&b.x0)));
    let mut rows: Vec<Vec<Segment>> = Vec::new();
    for segment in region {
        match rows.last_mut() {
            Some(row) if is_same_row(row, &segment) => row.push(segment),
            _ => rows.push(vec![segment]),
        }
    }
    join_small(rows)
}

/// Segments of a region → its rows, in the order of drawing.
fn drawn_rows(region: Vec<Segment>) -> Vec<Vec<Segment>> {
    let mut rows: Vec<Vec<Segment>> = Vec::new();
    for segment in region {
        let goes_on = |row: &&mut Vec<Segment>| {
            let last = &row[row.len() - 1];
            (segment.y - last.y).abs() < 0.3 * last.size.max(segment.size)
                && segment.x0 > last.x1 - 0.3 * last.size
        };
        match rows.last_mut().filter(goes_on) {
            Some(row) => row.push(segment),
            None => rows.push(vec![segment]),
        }
    }
    rows
}

/// Whether a segment's baseline is that of a row above it.
fn is_same_row(row: &[Segment], segment: &Segment) -> bool {
    let first = &row[0];
    segment.y - first.y < 0.25 * first.size.min(segment.size).max(0.5 * first.size.max(segment.size))
}

/// Joins rows of small letters beside larger ones, above or below their baseline, with the row of those.
fn join_small(rows: Vec<Vec<Segment>>) -> Vec<Vec<Segment>> {
    let size = |row: &[Segment]| row.iter().map(|segment| segment.size).fold(0.0, f64::max);
    let mut joined: Vec<Vec<Segment>> = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(before) = joined.last_mut() else {
            joined.push(row);
            continue;
        };
        let (above, below) = (size(before), size(&row));
        let is_beside = if below < 0.85 * above {
            stands_beside(&row, before)
        } else if above < 0.85 * below {
            stands_beside(before, &row)
        } else {
            false
        };
        if is_beside { before.extend(row) } else { joined.push(row) }
    }
    joined
}

/// Whether all of a row's small letters stand right beside larger ones of another row, as an exponent does.
fn stands_beside(small: &[Segment], large: &[Segment]) -> bool {
    small.len() * large.len() <= MOST_PAIRS
        && small.iter().all(|small| {
            large.iter().any(|large| {
                let gap = (small.x0 - large.x1).max(large.x0 - small.x1);
                (small.y - large.y).abs() < 0.6 * large.size
                    && gap > -0.3 * large.size
                    && gap < 0.4 * large.size
            })
        })
}
