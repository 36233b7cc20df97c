//! Markdown → headings, and which lines are code or thematic breaks.
//!
//! pulldown-cmark tells blocks apart; nothing else of what it says is used. Where a note is nested so deeply that
//! it would take long, a plain scan over the lines takes its place. In one point this isn't `CommonMark`: a
//! paragraph right above `---` is a title only if it looks like one; people end their answers so.

use std::borrow::Cow;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::Warning;
use super::heading::Heading;
use super::lines::{LineKind, Lines, indent, list_item};
use super::plain::plain;
use super::tags;
use crate::document::Fence;

/// How many quotes and lists a line may be nested in. pulldown-cmark's time grows with the product of depth and
/// lines (100,000 quotes and as many lines: 7 s), and nobody can read more than a few.
const MAX_NESTING: usize = 32;

/// The longest paragraph that counts as the title above an underline.
const MAX_UNDERLINED: usize = 120;

/// Finds the headings that stand in no list and no quote, and the lines of each block of fenced code; marks code and
/// thematic breaks. Indented code is marked and isn't told: in notes it is indented text more often.
pub(super) fn outline(
    text: &str,
    body: &Range<usize>,
    lines: &mut Lines<'_>,
    warnings: &mut Vec<Warning>,
) -> (Vec<Heading>, Vec<Range<usize>>) {
    if (0..lines.len()).any(|at| nesting(lines.get(at)) > MAX_NESTING) {
        warnings.push(Warning::NestedTooDeeply);
        return (outline_by_line(lines), lines.runs(LineKind::Code));
    }
    let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_TASKLISTS;
    let (mut headings, mut code) = (Vec::new(), Vec::new());
    let mut depth = 0;
    let source = with_line_feeds(&text[body.clone()]);
    for (event, range) in Parser::new_ext(&source, options).into_offset_iter() {
        let range = range.start + body.start..range.end + body.start;
        match event {
            Event::Start(Tag::List(_) | Tag::BlockQuote(_) | Tag::FootnoteDefinition(_)) => depth += 1,
            Event::End(TagEnd::List(_) | TagEnd::BlockQuote(_) | TagEnd::FootnoteDefinition) => depth -= 1,
            Event::Start(Tag::CodeBlock(kind)) => {
                lines.mark(&range, LineKind::Code);
                if kind != CodeBlockKind::Indented {
                    code.push(
                        lines.line_of(range.start)..lines.line_of(range.end.max(range.start + 1) - 1) + 1,
                    );
                }
            }
            Event::Start(Tag::Heading { level, .. }) if depth == 0 => {
                headings.extend(heading(lines, &range, level));
            }
            Event::Rule if depth == 0 => lines.mark(&range, LineKind::Rule),
            _ => {}
        }
    }
    (headings, code)
}

/// The same text, byte for byte, but for the carriage returns that end lines on their own: pulldown-cmark
/// doesn't see them everywhere.
fn with_line_feeds(text: &str) -> Cow<'_, str> {
    let is_lone = |(at, _): (usize, &str)| !text[at + 1..].starts_with('\n');
    if text.match_indices('\r').any(is_lone) {
        Cow::Owned(text.replace("\r\n", " \n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The heading at `range`, unless it is a paragraph that happens to stand right above a thematic break.
fn heading(lines: &mut Lines<'_>, range: &Range<usize>, level: HeadingLevel) -> Option<Heading> {
    let first = lines.line_of(range.start);
    let mut last = lines.line_of(range.end.saturating_sub(1).max(range.start));
    while last > first && lines.kind(last) == LineKind::Blank {
        last -= 1;
    }
    let line = lines.get(first).trim();
    if last > first {
        let is_title = last == first + 1
            && line.len() <= MAX_UNDERLINED
            && !line.ends_with(['.', ':', ','])
            && !tags::are_all(line);
        if !is_title {
            let start = lines.start(last);
            lines.mark(&(start..lines.start(last + 1)), LineKind::Rule);
            return None;
        }
    }
    let title = if last > first { line } else { hash_title(line) };
    let title = plain(tags::without(title));
    Some(Heading { lines: first..last + 1, level: level as usize, title })
}

/// The text between the hashes of a heading line.
fn hash_title(line: &str) -> &str {
    let title = line.trim_start_matches('#').trim();
    let closed = title.trim_end_matches('#');
    if closed.ends_with(char::is_whitespace) || closed.is_empty() { closed.trim_end() } else { title }
}

/// How deep a line's text is nested, by the quote and list markers before it, or by its indentation.
fn nesting(line: &str) -> usize {
    let mut rest = line;
    for depth in indent(line) / 8.. {
        rest = rest.trim_start_matches([' ', '\t']);
        match rest.strip_prefix('>').or_else(|| list_item(rest)) {
            Some(inner) => rest = inner,
            None => return depth,
        }
    }
    0
}

/// What can be told without knowing lists and quotes: `#` headings outside of code fences.
fn outline_by_line(lines: &mut Lines<'_>) -> Vec<Heading> {
    let mut headings = Vec::new();
    let mut fence: Option<Fence> = None;
    for at in 0..lines.len() {
        let line = lines.get(at).trim();
        let before = fence;
        fence = Fence::after(before, line);
        let is_code = before.is_some() || fence.is_some();
        if is_code {
            lines.mark(&(lines.start(at)..lines.start(at + 1)), LineKind::Code);
            continue;
        }
        let level = line.bytes().take_while(|&byte| byte == b'#').count();
        if (1..=6).contains(&level) && line[level..].starts_with(char::is_whitespace) {
            headings.push(Heading {
                lines: at..at + 1,
                level,
                title: plain(tags::without(hash_title(line))),
            });
        }
    }
    headings
}
