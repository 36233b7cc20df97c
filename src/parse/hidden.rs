//! What stands in a note and isn't shown to its reader: comments, block ids, drawers, properties of blocks, and data.
//!
//! ```text
//! The plan %% not sure %% is good. ^plan1         > [!warning]- Mind the gap         - a bullet
//!          └────────────┘        └────┘             └─────────┘                          id:: 65f0-…
//!                                                  :LOGBOOK: … :END:                     collapsed:: true
//! ```
//!
//! It is neither a question nor an answer, and no words of it are searched; the file keeps it, and so do the spans.

use std::ops::Range;

use super::data;
use super::inline;
use super::lines::{LineKind, Lines, list_item};
use crate::document::floor;
use crate::format::Syntax;

/// Properties of Logseq's blocks that say how a block looks or what it is called, not what it is about.
const BLOCK_KEYS: [&str; 9] = [
    "id",
    "collapsed",
    "heading",
    "background-color",
    "card-last-score",
    "card-repeats",
    "card-next-schedule",
    "card-last-reviewed",
    "card-ease-factor",
];

/// Drawers that hold what programs keep there.
const DRAWERS: [&str; 3] = [":PROPERTIES:", ":LOGBOOK:", ":CLOCK:"];

/// The longest drawer, in lines.
const MAX_DRAWER: usize = 1000;

/// Finds what isn't shown, in bytes of the text, in order and apart from each other; marks lines that have nothing else.
///
/// `found` is what a syntax hides of its own; `code` are the lines of each block of code.
pub(super) fn find(
    text: &str,
    syntax: Syntax,
    code: &[Range<usize>],
    lines: &mut Lines<'_>,
    mut found: Vec<Range<usize>>,
) -> Vec<Range<usize>> {
    data::find(text, lines, &mut found);
    found.extend(
        code.iter()
            .filter(|&code| is_drawing(text, lines, code))
            .map(|code| lines.start(code.start)..lines.start(code.end)),
    );
    if syntax == Syntax::Markdown {
        comments(lines, &mut found);
        marks(lines, &mut found);
        drawers(lines, &mut found);
    }
    found.sort_unstable_by_key(|range| range.start);
    let mut all: Vec<Range<usize>> = Vec::new();
    for range in found {
        push(text, &mut all, whole_lines(lines, range));
    }
    let mut all = with_fences(text, lines, code, all);
    for range in &mut all {
        let first = lines.line_of(range.start);
        let whole = if lines.start(first) == range.start { first } else { first + 1 };
        let start = lines.start(whole).max(range.start);
        let last = lines.line_of(range.end.max(1) - 1);
        let end = if lines.start(last + 1) == range.end { range.end } else { lines.start(last) };
        if start < end {
            lines.mark(&(start..end), LineKind::Hidden);
        }
    }
    all
}

/// Whether a block of code is a drawing as Excalidraw keeps it in a note.
fn is_drawing(text: &str, lines: &Lines<'_>, code: &Range<usize>) -> bool {
    let info = lines.get(code.start).trim_matches(['`', '~', ' ', '\t']);
    let start = lines.start(code.start + 1);
    let json: String = text[start..floor(text, start + 200)].split_whitespace().collect();
    info == "compressed-json" || (info == "json" && json.starts_with("{\"type\":\"excalidraw\""))
}

/// Adds a range to those before it, as one with the last if nothing that is shown is between them.
fn push(text: &str, all: &mut Vec<Range<usize>>, range: Range<usize>) {
    match all.last_mut() {
        Some(last) if range.start <= last.end || text[last.end..range.start].trim().is_empty() => {
            last.end = last.end.max(range.end);
        }
        _ => all.push(range),
    }
}

/// A range with the rest of its first and last line, where nothing is left of them.
fn whole_lines(lines: &Lines<'_>, range: Range<usize>) -> Range<usize> {
    let is_blank = |text: &str| text.chars().all(|char| char.is_whitespace() || char == '>');
    let last = lines.line_of(range.end.max(range.start + 1) - 1);
    let first = lines.line_of(range.start);
    let before = &lines.get(first)[..(range.start - lines.start(first)).min(lines.get(first).len())];
    let after = lines.get(last).get(range.end - lines.start(last)..).unwrap_or_default();
    match (is_blank(before), after.trim().is_empty()) {
        (true, true) => lines.start(first)..lines.start(last + 1),
        // What is left of a line that begins above is another line.
        (false, true) if last > first => range.start..lines.start(last + 1),
        _ => range,
    }
}

/// With the fences of code of which nothing else is left.
fn with_fences(
    text: &str,
    lines: &Lines<'_>,
    code: &[Range<usize>],
    hidden: Vec<Range<usize>>,
) -> Vec<Range<usize>> {
    let mut all = Vec::with_capacity(hidden.len());
    let mut code = code.iter().peekable();
    for range in hidden {
        while code.next_if(|block| lines.start(block.end) <= range.start).is_some() {}
        let around = code.peek().map(|block| lines.start(block.start)..lines.start(block.end));
        let around = around.filter(|around| around.start <= range.start && range.end <= around.end);
        let only = around.filter(|around| {
            let is_fence = |text: &str| {
                let text = text.trim();
                let is_mark = text.starts_with(['`', '~']) || text.starts_with("#+");
                text.is_empty() || (is_mark && !text.contains('\n'))
            };
            is_fence(&text[around.start..range.start]) && is_fence(&text[range.end..around.end])
        });
        push(text, &mut all, only.unwrap_or(range));
    }
    all
}

/// `%% … %%`, in one line or over several. Comments of HTML are text: people look for what they have put away there.
///
/// What isn't closed is text. A comment of several lines begins where its line does.
fn comments(lines: &Lines<'_>, found: &mut Vec<Range<usize>>) {
    const MARK: &str = "%%";
    let mut begin: Option<usize> = None;
    for at in (0..lines.len()).filter(|&at| lines.kind(at) != LineKind::Code) {
        let (line, start) = (lines.get(at), lines.start(at));
        let mut from = 0;
        if let Some(begun) = begin {
            let Some(end) = line.find(MARK) else { continue };
            from = end + MARK.len();
            found.push(begun..start + from);
            begin = None;
        }
        let mut ticks = 0;
        while let Some(opens) = line[from..].find(MARK).map(|len| from + len) {
            ticks += line[from..opens].bytes().filter(|&byte| byte == b'`').count();
            from = opens + MARK.len();
            let inside = line[..opens].ends_with(|char: char| char.is_alphanumeric() || char == '%');
            if inside || ticks % 2 == 1 {
                continue;
            }
            let Some(len) = line[from..].find(MARK) else {
                begin = line[..opens].trim().is_empty().then_some(start + opens);
                break;
            };
            from += len + MARK.len();
            found.push(start + opens..start + from);
        }
    }
}

/// Block ids, the kinds of callouts that have titles, and properties of Logseq's blocks.
fn marks(lines: &Lines<'_>, found: &mut Vec<Range<usize>>) {
    for at in 0..lines.len() {
        if !matches!(lines.kind(at), LineKind::Text | LineKind::Heading) {
            continue;
        }
        let (line, start) = (lines.get(at), lines.start(at));
        if is_block_property(line) || (line.starts_with("==⚠") && line.contains("EXCALIDRAW VIEW")) {
            found.push(start..lines.start(at + 1));
            continue;
        }
        let shown = inline::without_id(line).len();
        if shown < line.trim_end().len() {
            found.push(start + shown..start + line.trim_end().len());
        }
        if let Some(mark) = callout(line) {
            found.push(start + mark.start..start + mark.end);
        }
    }
}

/// The `[!kind]` of a callout that has a title behind it; without one, readers see the kind.
fn callout(line: &str) -> Option<Range<usize>> {
    let inner = line.trim_start_matches([' ', '\t', '>']);
    let start = line.len() - inner.len();
    let open = inner.strip_prefix("[!").filter(|_| line[..start].contains('>'))?;
    let (kind, rest) = open.split_once(']')?;
    let is_kind = kind.chars().all(|char| char.is_alphanumeric() || "-_|".contains(char));
    let title = rest.trim_start_matches(['-', '+']).trim_start();
    (is_kind && !title.is_empty()).then(|| start..line.len() - title.len())
}

/// Whether a line is a property of a block, as Logseq writes them below it or as all of it.
fn is_block_property(line: &str) -> bool {
    let line = line.trim_start();
    let line = list_item(line).map_or(line, str::trim_start);
    line.split_once("::").is_some_and(|(key, _)| BLOCK_KEYS.contains(&key) || key.starts_with("logseq."))
}

/// Drawers, which Org and Logseq write `:LOGBOOK:` … `:END:`.
pub(super) fn drawers(lines: &Lines<'_>, found: &mut Vec<Range<usize>>) {
    let mut open = None;
    for at in 0..lines.len() {
        let line = lines.get(at).trim();
        if lines.kind(at) == LineKind::Code || !line.starts_with(':') {
            continue;
        }
        if DRAWERS.iter().any(|name| name.eq_ignore_ascii_case(line)) {
            open = Some(at);
        } else if line.eq_ignore_ascii_case(":END:")
            && let Some(first) = open.take()
            && at - first <= MAX_DRAWER
        {
            found.push(lines.start(first)..lines.start(at + 1));
        }
    }
}

#[cfg(test)]
#[path = "hidden_tests.rs"]
mod tests;
