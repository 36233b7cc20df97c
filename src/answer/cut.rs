//! What is too long to be shown is cut at an edge: of a block, an item, a sentence, a row or a line.

use std::ops::Range;

use super::atoms::{Atom, AtomKind};
use super::score::Scores;
use super::{chars, trim};
use crate::document::{floor, lines};

/// What announces a thing is shown above a part of it that is farther below, if it isn't longer, in characters.
const LONGEST_HEAD: usize = 300;

/// A part that isn't divided by a cut.
struct Unit {
    range: Range<usize>,
    /// The number of its atom.
    atom: usize,
    /// Whether it says nothing without the next.
    tied: bool,
}

/// The parts of a run of atoms that are shown if at most `most` characters are: from its beginning, as long as the atom
/// that answers, `focus`, is among them; else what announces it, and the part around `focus`. The same run if it fits.
pub(super) fn cut(
    text: &str,
    atoms: &[Atom],
    run: &Range<usize>,
    focus: usize,
    scores: &Scores<'_>,
    most: usize,
) -> Vec<Range<usize>> {
    let whole = atoms[run.start].range.start..atoms[run.end - 1].range.end;
    if chars(text, &whole) <= most {
        return vec![whole];
    }
    let units = units(text, atoms, run, most);
    let focus = focused(text, &units, focus, scores);
    let is_edge = |unit: &Unit, next: &Unit| atoms[unit.atom].block != atoms[next.atom].block && !unit.tied;
    let reach = |first: usize, most: usize| {
        let fits = |&last: &usize| chars(text, &(units[first].range.start..units[last].range.end)) <= most;
        let last = (first..units.len()).take_while(fits).last()?;
        let last = settled(&units, first, last);
        // A block that begins late is left out, rather than cut.
        let edge = (first..last).rev().find(|&at| is_edge(&units[at], &units[at + 1]));
        let late =
            |&edge: &usize| 2 * chars(text, &(units[first].range.start..units[edge].range.end)) >= most;
        let whole = last + 1 == units.len() || is_edge(&units[last], &units[last + 1]);
        edge.filter(late).filter(|_| !whole).or(Some(last))
    };
    let join = |first: usize, last: usize| units[first].range.start..units[last].range.end;
    match reach(0, most) {
        Some(last) if last >= focus => return vec![join(0, last)],
        _ => {}
    }
    let head = head(text, atoms, &units, focus);
    let room = most - head.as_ref().map_or(0, |head| chars(text, head));
    let mut first = focus;
    // A little of what stands before it is read along.
    while first > 0
        && head.as_ref().is_none_or(|head| units[first - 1].range.start >= head.end)
        && chars(text, &join(first - 1, focus)) <= room / 3
    {
        first -= 1;
    }
    let last = reach(first, room).unwrap_or(focus).max(focus);
    head.into_iter().chain([join(first, last)]).collect()
}

/// The last unit of a part that doesn't end with what says nothing without the next.
fn settled(units: &[Unit], first: usize, last: usize) -> usize {
    let ends = |at: &usize| !units[*at].tied || at + 1 == units.len();
    (first..=last).rev().find(ends).unwrap_or(last)
}

/// The smallest parts of a run: its atoms, and lines of those that are too long.
fn units(text: &str, atoms: &[Atom], run: &Range<usize>, most: usize) -> Vec<Unit> {
    let mut units = Vec::new();
    for at in run.clone() {
        let atom = &atoms[at];
        let announces = atom.tied && atom.is_text();
        if chars(text, &atom.range) <= most && !atom.is_block() {
            units.push(Unit { range: atom.range.clone(), atom: at, tied: announces });
            continue;
        }
        for line in lines(text, atom.range.clone()) {
            let mut rest = trim_end(text, line);
            while !rest.is_empty() {
                let part = rest.start..word_end(text, &rest, most / 4);
                rest.start = part.end;
                units.push(Unit { range: trim_end(text, part), atom: at, tied: false });
            }
        }
    }
    units.retain(|unit| !unit.range.is_empty());
    units
}

/// The beginning of a part of a text, of at most so many characters.
pub(super) fn beginning(text: &str, range: &Range<usize>, most: usize) -> Range<usize> {
    trim(text, &(range.start..word_end(text, range, most)))
}

/// The end of what is at most so many characters long, behind a word if there is one.
fn word_end(text: &str, range: &Range<usize>, most: usize) -> usize {
    let part = &text[range.clone()];
    let Some((end, _)) = part.char_indices().nth(most) else { return range.end };
    let word = part[..end].rfind(char::is_whitespace).filter(|&word| word > end / 2);
    floor(text, range.start + word.unwrap_or(end))
}

/// A range without blanks at its end.
fn trim_end(text: &str, range: Range<usize>) -> Range<usize> {
    range.start..trim(text, &range).end.max(range.start)
}

/// The unit of an atom that has most of the question's words; the first of equals.
fn focused(text: &str, units: &[Unit], focus: usize, scores: &Scores<'_>) -> usize {
    let inside = (0..units.len()).rev().filter(|&at| units[at].atom == focus);
    let covered = |&at: &usize| scores.covered_by(&text[units[at].range.clone()]);
    inside.max_by(|a, b| covered(a).total_cmp(&covered(b))).unwrap_or(0)
}

/// What stands above a part and is needed to read it: the first rows of a table, or what announces a list or code.
fn head(text: &str, atoms: &[Atom], units: &[Unit], focus: usize) -> Option<Range<usize>> {
    let atom = units[focus].atom;
    let first = units[0].atom;
    let head = if atoms[atom].kind == AtomKind::Table {
        let rows = units.iter().filter(|unit| unit.atom == atom).take(2);
        let is_rule = |row: &Range<usize>| text[row.clone()].chars().all(|c| "|-: \t>+=".contains(c));
        let rows: Vec<&Range<usize>> = rows.map(|unit| &unit.range).collect();
        (rows.len() == 2 && is_rule(rows[1])).then(|| rows[0].start..rows[1].end)?
    } else {
        (first != atom && atoms[first].is_text()).then(|| units[0].range.clone())?
    };
    (head.end <= units[focus].range.start && chars(text, &head) <= LONGEST_HEAD).then_some(head)
}
