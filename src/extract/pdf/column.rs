//! A page → its regions, in the order of reading: columns, and what stands across them.
//!
//! The page is cut where a gap runs down between lines, again and again; what reaches across the gap is apart, above and
//! below. A table has such gaps too, but isn't cut there: its rows are read across. What tells them apart is what stands
//! on both sides, and in which order it was drawn.

use super::segment::Segment;

/// No page is cut more often, one cut within another.
const MOST_DEPTH: usize = 24;

/// A page of more segments isn't cut.
const MOST_SEGMENTS: usize = 8000;

/// The finest places of a gap that are looked at.
const PLACES: usize = 400;

/// So many gaps of a region are looked at, the longest first.
const TRIES: usize = 8;

/// Cuts a page into regions.
pub(super) fn regions(segments: Vec<Segment>, leftward: bool) -> Vec<Vec<Segment>> {
    let mut regions = Vec::new();
    if segments.len() > MOST_SEGMENTS {
        regions.push(segments);
    } else {
        cut(segments, leftward, MOST_DEPTH, &mut regions);
    }
    regions
}

/// Cuts a region until there is no gap in it.
fn cut(region: Vec<Segment>, leftward: bool, depth: usize, regions: &mut Vec<Vec<Segment>>) {
    let gap = if depth == 0 { None } else { gap(&region) };
    let Some(gap) = gap else {
        if !region.is_empty() {
            regions.push(region);
        }
        return;
    };
    let mut parts: [Vec<Segment>; 4] = Default::default();
    for segment in region {
        parts[gap.part(&segment)].push(segment);
    }
    let [above, left, right, below] = parts;
    let (first, second) = if leftward { (right, left) } else { (left, right) };
    for part in [above, first, second, below] {
        cut(part, leftward, depth - 1, regions);
    }
}

/// A gap between columns.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Gap {
    /// Its middle.
    x: f64,
    /// The lower edge of what reaches across it above.
    top: f64,
    /// The upper edge of what reaches across it below.
    bottom: f64,
}

impl Gap {
    /// Where a segment is: 0 above, 1 left, 2 right, 3 below.
    fn part(&self, segment: &Segment) -> usize {
        let middle = f64::midpoint(segment.top(), segment.bottom());
        match middle {
            middle if middle < self.top => 0,
            middle if middle > self.bottom => 3,
            _ if f64::midpoint(segment.x0, segment.x1) < self.x => 1,
            _ => 2,
        }
    }
}

/// Finds the longest gap that is one between columns.
fn gap(region: &[Segment]) -> Option<Gap> {
    if region.len() < 4 {
        return None;
    }
    let mut gaps = candidates(region);
    gaps.sort_by(|a, b| (b.bottom - b.top).total_cmp(&(a.bottom - a.top)).then(a.x.total_cmp(&b.x)));
    gaps.into_iter().take(TRIES).find(|gap| is_between_columns(gap, region))
}

/// Finds gaps without segments that are as high as they can be.
fn candidates(region: &[Segment]) -> Vec<Gap> {
    let mut sizes: Vec<f64> = region.iter().map(|segment| segment.size).collect();
    sizes.sort_by(f64::total_cmp);
    let size = sizes[sizes.len() / 2];
    let left = region.iter().map(|segment| segment.x0).fold(f64::INFINITY, f64::min);
    let right = region.iter().map(|segment| segment.x1).fold(f64::NEG_INFINITY, f64::max);
    let step = (size / 4.0).max((right - left) / PLACES as f64).max(0.1);
    let places = ((right - left) / step) as usize;
    if places < 4 {
        return vec![];
    }
    // For each place, the lower edge of the last segment there, from top to bottom.
    let mut order: Vec<&Segment> = region.iter().collect();
    order.sort_by(|a, b| a.top().total_cmp(&b.top()));
    let start = order[0].top() - 1.0;
    let end = region.iter().map(Segment::bottom).fold(f64::NEG_INFINITY, f64::max) + 1.0;
    let mut edges = vec![start; places];
    let mut free: Vec<(i64, i64, usize)> = Vec::new();
    let high = 2.2 * size;
    let key = |y: f64| (y * 8.0) as i64;
    for segment in order {
        let first = (((segment.x0 - left) / step) as usize).min(places - 1);
        let last = (((segment.x1 - left) / step).ceil() as usize).clamp(first + 1, places);
        for (place, edge) in edges.iter_mut().enumerate().take(last).skip(first) {
            if segment.top() - *edge > high {
                free.push((key(*edge), key(segment.top()), place));
            }
            *edge = edge.max(segment.bottom());
        }
    }
    free.extend(
        edges
            .iter()
            .enumerate()
            .filter(|(_, edge)| end - **edge > high)
            .map(|(place, edge)| (key(*edge), key(end), place)),
    );
    free.sort_unstable();
    let wide = ((0.7 * size / step) as usize).max(1);
    let is_next = |a: &(i64, i64, usize), b: &(i64, i64, usize)| (a.0, a.1, a.2 + 1) == *b;
    free.chunk_by(is_next)
        .filter(|run| run.len() >= wide && run[0].2 > 0 && run[run.len() - 1].2 + 1 < places)
        .map(|run| Gap {
            x: left + step * (run[0].2 as f64 + run.len() as f64 / 2.0),
            top: run[0].0 as f64 / 8.0,
            bottom: run[0].1 as f64 / 8.0,
        })
        .collect()
}

/// What stands on one side of a gap.
#[derive(Default)]
struct Side {
    /// The baselines of its rows.
    rows: Vec<f64>,
    letters: usize,
    /// The sum of the widths of its segments, and how wide it is.
    inked: f64,
    x0: f64,
    x1: f64,
    size: f64,
}

impl Side {
    fn of(segments: &[&Segment]) -> Self {
        let mut rows: Vec<f64> = segments.iter().map(|segment| segment.y).collect();
        rows.sort_by(f64::total_cmp);
        let size = segments.iter().map(|segment| segment.size).sum::<f64>() / segments.len().max(1) as f64;
        rows.dedup_by(|b, a| *b - *a < 0.4 * size);
        Self {
            rows,
            letters: segments.iter().map(|segment| segment.letters).sum(),
            inked: segments.iter().map(|segment| segment.x1 - segment.x0).sum(),
            x0: segments.iter().map(|segment| segment.x0).fold(f64::INFINITY, f64::min),
            x1: segments.iter().map(|segment| segment.x1).fold(f64::NEG_INFINITY, f64::max),
            size,
        }
    }

    /// How many letters a row has.
    fn letters(&self) -> f64 {
        self.letters as f64 / self.rows.len().max(1) as f64
    }

    /// How much of it is letters.
    fn fill(&self) -> f64 {
        self.inked / ((self.x1 - self.x0).max(1.0) * self.rows.len().max(1) as f64)
    }

    /// Whether it may be lines of running text.
    fn is_prose(&self) -> bool {
        self.rows.len() >= 3 && self.letters() >= 15.0 && self.fill() >= 0.55
    }

    /// Whether it is lines of running text, and nothing else.
    fn is_dense_prose(&self) -> bool {
        self.rows.len() >= 4 && self.letters() >= 22.0 && self.fill() >= 0.75
    }

    /// How many of its rows have a row of the other side beside them, as a share.
    fn beside(&self, other: &Self) -> f64 {
        let near = 0.25 * self.size.min(other.size);
        let is_beside = |y: &&f64| {
            let at = other.rows.partition_point(|row| *row < **y - near);
            other.rows.get(at).is_some_and(|row| *row <= **y + near)
        };
        self.rows.iter().filter(is_beside).count() as f64 / self.rows.len().max(1) as f64
    }
}

/// Whether a gap is one between columns, and not one within a table.
fn is_between_columns(gap: &Gap, region: &[Segment]) -> bool {
    let mut sides: [Vec<&Segment>; 2] = Default::default();
    let mut inside: Vec<(usize, usize)> = Vec::new();
    for segment in region {
        let part = gap.part(segment);
        if part == 1 || part == 2 {
            sides[part - 1].push(segment);
            inside.push((segment.drawn, part));
        }
    }
    inside.sort_unstable();
    let turns = inside.windows(2).filter(|pair| pair[0].1 != pair[1].1).count();
    let [left, right] = sides.map(|side| Side::of(&side));
    let rows = left.rows.len().min(right.rows.len());
    if rows < 2 {
        return false;
    }
    let beside = left.beside(&right).max(right.beside(&left));
    let few = left.letters().min(right.letters());
    if left.is_prose() && right.is_prose() && turns <= 2 + rows / 4 {
        return turns > 1 || beside < 0.9 || few >= 18.0;
    }
    if left.is_dense_prose() && right.is_dense_prose() {
        // Rows of a table are as far apart as the highest of their cells; lines of columns are as far apart on both sides.
        return 2 * left.rows.len().max(right.rows.len()) <= 3 * rows;
    }
    // Drawn one after the other, they are read so, unless they are columns of a table.
    turns <= 1 && (beside < 0.5 || few >= 10.0 && left.rows.len().max(right.rows.len()) <= 6)
}
