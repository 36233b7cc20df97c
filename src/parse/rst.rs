//! reStructuredText → headings, what isn't shown, and what a note says of itself.
//!
//! ```text
//! =====                         .. image:: tap.png            .. note:: Mind the gap.
//! Title                            :width: 200
//! =====                         .. a comment, and all that    .. tags: soil, compost
//!                                  is indented below it
//! :Author: Kim
//! :tags: soil, compost          .. _target:
//! ```

use std::ops::Range;

use super::heading::{Heading, MAX_LEVEL};
use super::lines::{LineKind, Lines};
use super::plain::plain;
use super::properties::Field;

/// Directives whose content is no prose.
const CODE: [&str; 10] = [
    "code",
    "code-block",
    "sourcecode",
    "highlight",
    "parsed-literal",
    "math",
    "doctest",
    "literalinclude",
    "raw",
    "graphviz",
];

/// What is found in the lines of a file.
#[derive(Default)]
pub(super) struct Found {
    pub(super) headings: Vec<Heading>,
    /// The fields at the top, and those that Nikola keeps in comments there.
    pub(super) fields: Vec<Field>,
    /// What isn't shown, in bytes of the text.
    pub(super) hidden: Vec<Range<usize>>,
}

/// Finds headings, literal blocks, and what isn't shown.
pub(super) fn outline(lines: &mut Lines<'_>) -> Found {
    mark_literals(lines);
    let headings = headings(lines);
    let mut found = Found { headings, ..Found::default() };
    for heading in &found.headings {
        lines.mark(&(lines.start(heading.lines.start)..lines.start(heading.lines.end)), LineKind::Heading);
    }
    explicit(lines, &mut found);
    docinfo(lines, &mut found);
    found
}

/// Underlined titles, with or without an overline. Which mark means which level is a matter of first use
/// (docutils, *reStructuredText Markup Specification*, "Sections").
///
/// An underline may be one character short, as it often is in practice; docutils warns and takes it.
fn headings(lines: &Lines<'_>) -> Vec<Heading> {
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
fn mark_literals(lines: &mut Lines<'_>) {
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
        let is_directive = directive(line).is_some_and(|name| CODE.contains(&name));
        let opens = is_directive || (line.ends_with("::") && !line.starts_with(".. "));
        under = opens.then_some(indent);
    }
}

/// The name of the directive that a line begins: `image` of `.. image:: tap.png`.
fn directive(line: &str) -> Option<&str> {
    let (name, _) = line.strip_prefix("..")?.trim_start().split_once("::")?;
    let is_name =
        !name.is_empty() && name.chars().all(|char| char.is_alphanumeric() || "-_+:.".contains(char));
    is_name.then_some(name)
}

/// Hides comments with what is indented below them, targets, images, and the options of directives.
fn explicit(lines: &Lines<'_>, found: &mut Found) {
    let mut at = 0;
    let mut is_top = true;
    while at < lines.len() {
        let line = lines.get(at).trim();
        let (kind, indent) = (lines.kind(at), lines.indent(at));
        let whole = lines.start(at)..lines.start(at + 1);
        at += 1;
        let is_explicit = line == ".." || line.starts_with(".. ");
        if kind != LineKind::Text || !is_explicit {
            is_top &= matches!(kind, LineKind::Blank | LineKind::Heading) || line.starts_with(':');
            continue;
        }
        if let Some(name) = directive(line) {
            let is_image = matches!(name, "image" | "toctree" | "contents" | "meta" | "index" | "highlight");
            if is_image {
                found.hidden.push(whole);
            }
            while at < lines.len() && lines.indent(at) > indent && lines.kind(at) != LineKind::Blank {
                let Some((key, value)) = field(lines.get(at).trim()) else { break };
                // What an image shows is written in its place.
                if key != "alt" {
                    found.hidden.push(lines.start(at)..lines.start(at + 1));
                }
                if name == "meta" && is_top {
                    found.fields.push(Field::scalar(key, value));
                }
                at += 1;
            }
            continue;
        }
        let inner = line[2..].trim();
        let is_shown = inner.starts_with(['[', '|']);
        if is_shown {
            continue;
        }
        found.hidden.push(whole);
        let key = inner.split_once(": ").filter(|(key, _)| is_top && key.chars().all(char::is_alphanumeric));
        found.fields.extend(key.map(|(key, value)| Field::scalar(key, value.trim())));
        // A target has nothing below it, and `..` alone ends with its line if a blank one follows.
        let ends = inner.starts_with('_')
            || (inner.is_empty() && (at == lines.len() || lines.kind(at) == LineKind::Blank));
        while !ends && at < lines.len() && (lines.kind(at) == LineKind::Blank || lines.indent(at) > indent) {
            if lines.kind(at) != LineKind::Blank {
                found.hidden.push(lines.start(at)..lines.start(at + 1));
            }
            at += 1;
        }
    }
}

/// Hides the list of fields at the top, below the title or without one, and reads it (docutils, "Bibliographic
/// Fields").
fn docinfo(lines: &Lines<'_>, found: &mut Found) {
    let says_something = |&at: &usize| {
        let hidden = |range: &Range<usize>| range.start <= lines.start(at) && lines.start(at) < range.end;
        !matches!(lines.kind(at), LineKind::Blank | LineKind::Heading)
            && !found.hidden.iter().take(64).any(hidden)
    };
    let Some(first) = (0..lines.len()).find(says_something) else { return };
    let mut last_key: Option<Field> = None;
    for at in first..lines.len() {
        let line = lines.get(at).trim();
        if lines.kind(at) != LineKind::Text {
            break;
        }
        if lines.indent(at) > 0
            && let Some(Field { values, .. }) = &mut last_key
        {
            // A value that goes on; a list has a mark before each item.
            let more = line.trim_start_matches(['-', '*', ' ']);
            for value in values {
                value.push_str(if value.is_empty() || line != more { ", " } else { " " });
                value.push_str(more);
            }
        } else if let Some((key, value)) = field(line) {
            let key = Field::scalar(key, unquoted(value));
            found.fields.extend(last_key.replace(key));
        } else {
            break;
        }
        found.hidden.push(lines.start(at)..lines.start(at + 1));
    }
    if let Some(mut field) = last_key {
        for value in &mut field.values {
            *value = value.trim_start_matches(", ").to_owned();
        }
        found.fields.push(field);
    }
}

/// The key and value of a line `:Key: value`.
fn field(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.strip_prefix(':')?.split_once(':')?;
    let is_key = key.starts_with(char::is_alphabetic) && key.len() <= 40 && !key.contains('`');
    (is_key && (value.is_empty() || value.starts_with([' ', '\t']))).then(|| (key, value.trim()))
}

/// A value without the marks of version control: `$Date: 2024-05-01 $`.
fn unquoted(value: &str) -> &str {
    let inner = value.strip_prefix('$').and_then(|value| value.strip_suffix('$'));
    inner.and_then(|inner| inner.split_once(':')).map_or(value, |(_, value)| value.trim())
}

#[cfg(test)]
#[path = "rst_tests.rs"]
mod tests;
