//! Headings and question-and-answer units → sections that together cover the body.
//!
//! ```text
//! # Birds                 ┐ has no text of its own: goes with
//! ## What is an owl?      │ the unit beneath it
//! A bird.                 │
//! ---                     ┘
//! More about owls.        ─ the rest, under `Birds`
//! ## Crows                ┐ an ordinary section, under `Birds › Crows`
//! They are clever.        ┘
//! ```

use std::ops::Range;
use std::sync::Arc;

use super::heading::Heading;
use super::lines::{LineKind, Lines};
use super::plain;
use super::qa::Unit;
use crate::document::Section;

/// The longest trail of headings, in bytes. Passages carry it along, and there may be one on every other line.
const MAX_TRAIL: usize = 600;

/// What begins at a line.
#[derive(Clone, Copy)]
enum Mark<'a> {
    /// A heading with what stands beneath it, up to the next mark.
    Heading(&'a Heading),
    /// A question with its answer.
    Unit(&'a Unit),
    /// Text before the first heading, or after a unit that ended before the next mark.
    Rest,
}

/// A section that may yet be joined with the next.
struct Draft {
    /// The section so far.
    section: Section,
    /// Whether it has nothing but its heading line.
    is_bare: bool,
}

/// Divides the body. Sections begin at line starts; together they cover the body without gap or overlap.
///
/// A heading that has no text of its own goes to the section beneath it; what is blank, and a thematic break,
/// goes to the section above it, or at the top of the body to the one below.
pub(super) fn sections(lines: &Lines<'_>, headings: &[Heading], units: &[Unit]) -> Vec<Section> {
    let marks = marks(lines, headings, units);
    let mut trail: Vec<(usize, Arc<str>, bool)> = Vec::new();
    let mut drafts: Vec<Draft> = Vec::new();
    for (at, &(first, mark)) in marks.iter().enumerate() {
        let end = marks.get(at + 1).map_or(lines.len(), |next| next.0);
        let own = own_heading(mark, headings);
        // A question's own heading stays in the trail for the headings beneath it, and for nothing else.
        while trail.last().is_some_and(|(level, _, is_question)| match own {
            Some(own) => *level >= own.level,
            None => *is_question,
        }) {
            trail.pop();
        }
        let above = trail.iter().map(|(_, title, _)| Arc::clone(title)).collect();
        if let Some(own) = own {
            trail.push((own.level, plain::title(&own.title).into(), matches!(mark, Mark::Unit(_))));
        }
        let draft = draft(lines, first..end, mark, above);
        push(&mut drafts, draft);
    }
    let mut sections: Vec<Section> = drafts.into_iter().map(|draft| draft.section).collect();
    for section in &mut sections {
        shorten(&mut section.heading);
    }
    sections
}

/// Takes parts out of the middle of a trail until it is short enough.
fn shorten(trail: &mut Vec<Arc<str>>) {
    while trail.len() > 2 && trail.iter().map(|title| title.len()).sum::<usize>() > MAX_TRAIL {
        trail.remove(1);
    }
}

/// Where sections may begin, in order. Headings inside a unit are part of it and begin nothing.
fn marks<'a>(lines: &Lines<'_>, headings: &'a [Heading], units: &'a [Unit]) -> Vec<(usize, Mark<'a>)> {
    let mut marks = Vec::new();
    let mut headings = headings.iter().peekable();
    let mut done = 0;
    // One round more than there are units, for what follows the last one.
    for unit in units.iter().map(Some).chain([None]) {
        let end = unit.map_or(lines.len(), |unit| unit.lines.start);
        let next = headings.peek().map_or(end, |heading| heading.lines.start.min(end));
        // What is blank, and a thematic break, stays with what stands above it.
        let is_first = marks.is_empty();
        let says_something = |&at: &usize| is_first || !says_nothing(lines, at);
        marks.extend((done..next).find(says_something).map(|at| (at, Mark::Rest)));
        while let Some(heading) = headings.next_if(|heading| heading.lines.start < end) {
            marks.push((heading.lines.start, Mark::Heading(heading)));
        }
        if let Some(unit) = unit {
            marks.push((unit.lines.start, Mark::Unit(unit)));
            done = unit.lines.end;
            while headings.next_if(|heading| heading.lines.start < done).is_some() {}
        }
    }
    marks
}

/// The heading that a section begins with, a question's own included.
fn own_heading<'a>(mark: Mark<'a>, headings: &'a [Heading]) -> Option<&'a Heading> {
    match mark {
        Mark::Heading(heading) => Some(heading),
        Mark::Unit(unit) => Heading::at(headings, unit.lines.start),
        Mark::Rest => None,
    }
}

/// The section from one mark to the next. `above` is the trail without the section's own heading.
fn draft(lines: &Lines<'_>, span: Range<usize>, mark: Mark<'_>, above: Vec<Arc<str>>) -> Draft {
    let whole = lines.trimmed(span.clone());
    let range = lines.start(span.start)..lines.start(span.end);
    let mut section = Section { heading: above, question: None, range, content: whole, titled: true };
    let mut is_bare = false;
    match mark {
        Mark::Unit(unit) => {
            section.question = Some(unit.question.clone());
            section.content = unit.content.clone();
        }
        Mark::Heading(heading) => {
            // There may be a section on every line.
            section.heading.reserve_exact(1);
            section.heading.push(plain::title(&heading.title).into());
            let text = without_rules(lines, heading.lines.end..span.end);
            is_bare = text.is_empty();
            if !is_bare {
                section.content = lines.trimmed(text);
            }
        }
        Mark::Rest => {
            section.titled = false;
            section.content = lines.trimmed(without_rules(lines, span));
        }
    }
    Draft { section, is_bare }
}

/// Whether a line is blank or a thematic break, or isn't shown.
fn says_nothing(lines: &Lines<'_>, at: usize) -> bool {
    matches!(lines.kind(at), LineKind::Blank | LineKind::Rule | LineKind::Hidden)
}

/// Lines without blank ones and thematic breaks at both edges.
fn without_rules(lines: &Lines<'_>, mut span: Range<usize>) -> Range<usize> {
    while !span.is_empty() && says_nothing(lines, span.end - 1) {
        span.end -= 1;
    }
    while !span.is_empty() && says_nothing(lines, span.start) {
        span.start += 1;
    }
    span
}

/// Adds a section; if the one before is a bare heading above it, or the blank top of the body, it goes in.
fn push(drafts: &mut Vec<Draft>, mut draft: Draft) {
    if let Some(last) = drafts.last_mut() {
        let section = &mut draft.section;
        let is_opening_blank = !last.section.titled && last.section.content.is_empty();
        let is_above = last.is_bare && section.heading.starts_with(&last.section.heading);
        if is_opening_blank || is_above {
            section.range.start = last.section.range.start;
            if draft.is_bare {
                section.content.start = last.section.content.start.min(section.content.start);
            }
            drafts.pop();
        }
    }
    drafts.push(draft);
}

#[cfg(test)]
#[path = "sections_tests.rs"]
mod tests;
