//! Lines of a note → its headings, in Markdown, reStructuredText, Org or plain text.
//!
//! Markdown is left to [`markdown`]. Of the others, only what tells headings from text is recognised: underlines,
//! stars, capitals, and the blocks in which none of these mean anything. A note in a syntax that isn't known here
//! has no headings, and is text.

use std::ops::Range;

use super::Warning;
use super::heading::{Heading, is_part};
use super::label;
use super::lines::{LineKind, Lines};
use super::markdown;
use super::plain::plain;
use crate::format::Syntax;

/// How deep headings are nested; deeper ones count as this deep. Markdown has six levels, Org any number.
const MAX_LEVEL: usize = 8;

/// What is found line by line, before questions are looked for.
pub(super) struct Outline {
    /// The headings, in order.
    pub(super) headings: Vec<Heading>,
    /// The lines of each block of code, in order.
    pub(super) code: Vec<Range<usize>>,
}

/// Finds headings and code, and marks the lines that are headings, code or rules.
///
/// A note without a single heading is looked through for lines in capitals; see [`shouted`].
pub(super) fn outline(
    text: &str,
    body: &Range<usize>,
    syntax: Syntax,
    lines: &mut Lines<'_>,
    warnings: &mut Vec<Warning>,
) -> Outline {
    let (mut headings, code) = match syntax {
        Syntax::Markdown => markdown::outline(text, body, lines, warnings),
        Syntax::Rst => (rst(lines), lines.runs(LineKind::Code)),
        Syntax::Org => (org(lines), lines.runs(LineKind::Code)),
        Syntax::Data => (Vec::new(), Vec::new()),
    };
    if headings.is_empty() && syntax == Syntax::Markdown {
        headings = shouted(lines);
    }
    for heading in &headings {
        lines.mark(&(lines.start(heading.lines.start)..lines.start(heading.lines.end)), LineKind::Heading);
    }
    Outline { headings, code }
}

/// Underlined titles, with or without an overline. Which mark means which level is a matter of first use
/// (docutils, *reStructuredText Markup Specification*, "Sections").
///
/// An underline may be one character short, as it often is in practice; docutils warns and takes it.
fn rst(lines: &mut Lines<'_>) -> Vec<Heading> {
    mark_rst_literals(lines);
    let mut styles = Vec::new();
    let mut headings = Vec::new();
    for at in 1..lines.len() {
        let Some(mark) = adornment(lines, at) else { continue };
        let title = lines.get(at - 1);
        let used = headings.last().is_some_and(|last: &Heading| last.lines.end >= at);
        let is_title = lines.kind(at - 1) == LineKind::Text && adornment(lines, at - 1).is_none() && !used;
        if !is_title || lines.get(at).trim_end().len() + 1 < title.trim().chars().count() {
            continue;
        }
        let over = at >= 2 && adornment(lines, at - 2) == Some(mark);
        if !over && lines.indent(at - 1) > 0 {
            continue;
        }
        let style = (mark, over);
        let level = styles.iter().position(|&known| known == style).unwrap_or(styles.len());
        if level == styles.len() {
            styles.push(style);
        }
        let first = if over { at - 2 } else { at - 1 };
        headings.push(Heading {
            lines: first..at + 1,
            level: (level + 1).min(MAX_LEVEL),
            title: plain(title),
        });
    }
    headings
}

/// The character that a line repeats and that has no other.
fn adornment(lines: &Lines<'_>, at: usize) -> Option<u8> {
    let line = lines.get(at).trim_end().as_bytes();
    let &mark = line.first().filter(|byte| byte.is_ascii_punctuation())?;
    let adorns = lines.kind(at) == LineKind::Text && line.len() >= 3 && line.iter().all(|&byte| byte == mark);
    adorns.then_some(mark)
}

/// Marks what is indented under a line that ends in `::`, or under a directive whose content isn't prose.
///
/// Blank lines belong to neither side; the first line that isn't indented further ends the block.
fn mark_rst_literals(lines: &mut Lines<'_>) {
    let mut under = None;
    for at in 0..lines.len() {
        if lines.kind(at) == LineKind::Blank {
            continue;
        }
        let indent = lines.indent(at);
        if under.is_some_and(|under| indent > under) {
            lines.mark(&(lines.start(at)..lines.start(at + 1)), LineKind::Code);
            continue;
        }
        let line = lines.get(at).trim();
        let directive = [".. code", ".. highlight", ".. parsed-literal", ".. math"];
        let is_directive = directive.iter().any(|name| line.starts_with(name));
        let opens = is_directive || (line.ends_with("::") && !line.starts_with(".. "));
        under = opens.then_some(indent);
    }
}

/// Lines that begin with stars and a space; as many stars, as deep a level.
///
/// Source and example blocks are marked as code: a comment in a shell script may begin with a star, too.
fn org(lines: &mut Lines<'_>) -> Vec<Heading> {
    let mut headings = Vec::new();
    let mut code_end: Option<String> = None;
    for at in 0..lines.len() {
        let line = lines.get(at);
        let upper: String = line.trim_start().chars().take(24).collect::<String>().to_ascii_uppercase();
        if let Some(end) = &code_end {
            let ends = upper.starts_with(end.as_str());
            lines.mark(&(lines.start(at)..lines.start(at + 1)), LineKind::Code);
            if ends {
                code_end = None;
            }
            continue;
        }
        if let Some(block) = upper.strip_prefix("#+BEGIN_") {
            let name = block.split_whitespace().next().unwrap_or_default();
            if ["SRC", "EXAMPLE"].contains(&name) {
                code_end = Some(format!("#+END_{name}"));
                lines.mark(&(lines.start(at)..lines.start(at + 1)), LineKind::Code);
            }
            continue;
        }
        let level = line.bytes().take_while(|&byte| byte == b'*').count();
        if level > 0 && line[level..].starts_with(' ') {
            let title = plain(org_title(&line[level..]));
            headings.push(Heading { lines: at..at + 1, level: level.min(MAX_LEVEL), title });
        }
    }
    headings
}

/// An Org headline without its `TODO` keyword and its `:tags:`.
fn org_title(title: &str) -> &str {
    let title = title.trim();
    let title = ["TODO ", "DONE "].iter().find_map(|word| title.strip_prefix(word)).unwrap_or(title);
    match title.rsplit_once(' ') {
        Some((title, tags)) if tags.len() > 2 && tags.starts_with(':') && tags.ends_with(':') => title,
        _ => title,
    }
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
