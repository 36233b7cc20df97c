//! What is one thing to its reader has no end of a sentence in it.
//!
//! | written | as it is divided |
//! |---|---|
//! | `` `println!` ``, `[a. B](c.d)`, `![a. B](c)`, `[[a. B]]` | a word in capitals |
//! | `<prefix>`, `<img alt="A. B">`, `https://a.b/?c`, `a\.` | the same |
//! | `end.** Next`, `end.[^1] Next`, `end.</b> Next` | closing brackets behind the stop |
//!
//! Each byte stands for one of the text, so that places are the same.

use std::ops::Range;

use crate::document::floor;

/// What is longer isn't one thing, in bytes.
const LONGEST: usize = 1000;

/// The text as a line in which only what ends sentences looks like it; `quoted` if its lines have the marks of a quote.
pub(super) fn masked(text: &str, quoted: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    // Whether a line begins here; whether a sentence may have ended.
    let (mut starts, mut ended) = (true, false);
    while let Some(c) = text[at..].chars().next() {
        let rest = near(text, at);
        let quote = if starts && quoted { run(rest, &[' ', '\t', '>']) } else { 0 };
        starts = matches!(c, '\n' | '\r');
        if quote > 0 {
            out.extend(std::iter::repeat_n(' ', quote));
            at += quote;
            continue;
        }
        let inside = out.chars().next_back().is_some_and(char::is_alphanumeric);
        let (length, mark) = match c {
            '\n' | '\r' | '\t' => (1, ' '),
            '`' => (code(rest), 'X'),
            '!' if rest[1..].starts_with('[') => (1 + link(&rest[1..]), 'X'),
            '[' if rest.starts_with("[^") && ended => (link(rest).max(footnote(rest)), ')'),
            '[' => (link(rest), 'X'),
            '<' => (tag(rest), if ended { ')' } else { 'X' }),
            '\\' if rest[1..].starts_with(|c: char| c.is_ascii_punctuation()) => (2, 'X'),
            '*' | '_' | '~' | '=' if ended => (run(rest, &[c]), ')'),
            'h' | 'w' if !inside => (address(rest), 'X'),
            _ => (0, ' '),
        };
        // What isn't closed is what it looks like.
        if length <= 1 && mark != ' ' && mark != ')' || length == 0 {
            out.push(c);
            at += c.len_utf8();
            ended = matches!(c, '.' | '!' | '?') || ended && matches!(c, ')' | '"' | '\'' | '”' | '’');
            continue;
        }
        // The text of a link may end a sentence.
        let shown = rest[..length].split("](").next().unwrap_or_default();
        let stops = c == '[' && shown.ends_with(['.', '!', '?']);
        out.extend(std::iter::repeat_n(mark, length - usize::from(stops)));
        out.push_str(if stops { "." } else { "" });
        ended = stops || ended && mark == ')';
        at += length;
    }
    out
}

/// Where a text has links, images and addresses, in its bytes.
pub(crate) fn links_in(text: &str) -> Vec<Range<usize>> {
    let (mut found, mut at, mut inside) = (Vec::new(), 0, false);
    while let Some(c) = text[at..].chars().next() {
        let rest = near(text, at);
        let length = match c {
            '!' if rest[1..].starts_with('[') => link(&rest[1..]) + 1,
            '[' => link(rest),
            '<' => tag(rest),
            'h' | 'w' if !inside => address(rest),
            _ => 0,
        };
        let is_link = length > 1 && (c != '<' || rest.starts_with("<http"));
        found.extend(is_link.then_some(at..at + length));
        at += if is_link { length } else { c.len_utf8() };
        inside = c.is_alphanumeric();
    }
    found
}

/// The text from `at` on, as far as one thing may reach.
fn near(text: &str, at: usize) -> &str {
    &text[at..at + floor(&text[at..], LONGEST)]
}

/// How many bytes a text begins with that are these characters, each of one byte.
fn run(text: &str, of: &[char]) -> usize {
    text.len() - text.trim_start_matches(of).len()
}

/// The length of the code between backticks that a text begins with.
fn code(text: &str) -> usize {
    let width = run(text, &['`']);
    let mut at = width;
    while let Some(next) = text[at..].find('`') {
        at += next;
        let length = run(&text[at..], &['`']);
        at += length;
        if length == width {
            return at;
        }
    }
    0
}

/// The length of the link that a text begins with.
fn link(text: &str) -> usize {
    if text.starts_with("[[") {
        let end = text.find("]]").filter(|&end| !text[..end].contains('\n'));
        return end.map_or(0, |end| end + 2);
    }
    let shown = closed(text, b'[', b']');
    let behind = &text[shown..];
    let target = match behind.as_bytes().first() {
        _ if shown == 0 => 0,
        Some(b'(') => closed(behind, b'(', b')'),
        Some(b'[') => closed(behind, b'[', b']'),
        _ => 0,
    };
    if target == 0 { 0 } else { shown + target }
}

/// The length of the mark of a footnote that a text begins with.
fn footnote(text: &str) -> usize {
    text.find(']').filter(|&end| !text[..end].contains([' ', '\n'])).map_or(0, |end| end + 1)
}

/// The length of what a text begins with between two brackets, both included.
fn closed(text: &str, open: u8, close: u8) -> usize {
    let mut depth = 0;
    let end = text.bytes().position(|byte| {
        depth += i32::from(byte == open) - i32::from(byte == close);
        depth == 0
    });
    end.map_or(0, |end| end + 1)
}

/// The length of the tag or the name in angle brackets that a text begins with.
fn tag(text: &str) -> usize {
    let is_name = text[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    let end = text.find('>').filter(|&end| is_name && !text[1..end].contains('<'));
    end.map_or(0, |end| end + 1)
}

/// The length of the address that a text begins with, without the stop behind it.
fn address(text: &str) -> usize {
    if !["http://", "https://", "www."].iter().any(|start| text.starts_with(start)) {
        return 0;
    }
    let end = text.find(|c: char| c.is_whitespace() || "<>\"".contains(c)).unwrap_or(text.len());
    text[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'', '*', '_']).len()
}
