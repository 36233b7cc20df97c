//! Lines of a note → its headings, in Markdown, reStructuredText, Org or plain text.
//!
//! Each syntax has a file of its own: [`markdown`], [`rst`], [`org`]. Of the last two, only what tells headings, code and
//! metadata from text is recognised. A note in a syntax that isn't known here has no headings, and is text.

use std::ops::Range;

use super::Warning;
use super::fields;
use super::heading::{Heading, is_part};
use super::hidden;
use super::label;
use super::lines::{LineKind, Lines};
use super::markdown;
use super::org;
use super::plain::plain;
use super::properties::Field;
use super::rst;
use crate::format::Syntax;

/// What is found line by line, before questions are looked for.
pub(super) struct Outline {
    /// The headings, in order.
    pub(super) headings: Vec<Heading>,
    /// The lines of each block of code, in order.
    pub(super) code: Vec<Range<usize>>,
    /// What isn't shown of the text, in bytes and in order.
    pub(super) hidden: Vec<Range<usize>>,
    /// What the note says of itself outside of its top.
    pub(super) fields: Vec<Field>,
    /// What it says of its parts: tags of headlines, properties, fields in the text.
    pub(super) inner: Vec<Field>,
}

/// Finds headings, code and what isn't shown, and marks the lines that are headings, code, rules or hidden.
///
/// A note without a single heading is looked through for lines in capitals; see [`shouted`].
pub(super) fn outline(
    text: &str,
    body: &Range<usize>,
    syntax: Syntax,
    lines: &mut Lines<'_>,
    warnings: &mut Vec<Warning>,
) -> Outline {
    let (mut headings, mut inner, mut fields, mut hidden) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let code = match syntax {
        Syntax::Markdown => {
            let (found, code) = markdown::outline(text, body, lines, warnings);
            headings = found;
            code
        }
        Syntax::Rst => {
            rst::Found { headings, fields, hidden } = rst::outline(lines);
            lines.runs(LineKind::Code)
        }
        Syntax::Org => {
            org::Found { headings, fields, inner, hidden } = org::outline(&text[..body.start], lines);
            lines.runs(LineKind::Code)
        }
        Syntax::Data => Vec::new(),
    };
    let hidden = hidden::find(text, syntax, &code, lines, hidden);
    headings.retain(|heading| lines.kind(heading.lines.start) != LineKind::Hidden);
    if headings.is_empty() && syntax == Syntax::Markdown {
        headings = shouted(lines);
    }
    for heading in &headings {
        lines.mark(&(lines.start(heading.lines.start)..lines.start(heading.lines.end)), LineKind::Heading);
    }
    if syntax == Syntax::Markdown {
        inner = fields::inline(lines);
    }
    Outline { headings, code, hidden, fields, inner }
}

/// Lines in capitals between blank lines, and `PART 1: …`, as text taken from a PDF has them. Only looked for
/// where a text has no other headings. One that opens the text is its title.
fn shouted(lines: &Lines<'_>) -> Vec<Heading> {
    let is_blank = |at: usize| at >= lines.len() || lines.kind(at) == LineKind::Blank;
    let opening = lines.skip_blank(0);
    (0..lines.len())
        .filter(|&at| lines.kind(at) == LineKind::Text && (at == 0 || is_blank(at - 1)) && is_blank(at + 1))
        .filter_map(|at| {
            let line = lines.get(at).trim();
            let level = match (is_part(line), is_shouted(line)) {
                (true, _) => 2,
                (_, true) if opening == Some(at) => 1,
                (_, true) => 3,
                _ => return None,
            };
            Some(Heading { lines: at..at + 1, level, title: plain(line) })
        })
        .collect()
}

/// Whether a line is in capitals and more than an acronym: two words, or one of six letters. Sentences, list
/// items, table rows, and labels such as `ANS` aren't headings.
fn is_shouted(line: &str) -> bool {
    let capitals = line.chars().filter(|char| char.is_uppercase()).count();
    capitals >= 4
        && line.len() <= 80
        && line.starts_with(|char: char| !"|>-*+`<\"'(".contains(char))
        && !line.chars().any(char::is_lowercase)
        && !line.ends_with(['.', ',', ';', '!', '?', '|'])
        && (line.split_whitespace().count() >= 2 || capitals >= 6)
        && label::question(line).is_none()
        && label::answer(line).is_none()
}

#[cfg(test)]
#[path = "outline_tests.rs"]
mod tests;
