//! What isn't prose: data in base64 or hexadecimal digits, keys, drawings, minified code → where it stands.
//!
//! ```text
//! ![tap](data:image/png;base64,iVBORw0KGgo…)      -----BEGIN CERTIFICATE-----       00000000: 7f45 4c46 0201 …
//! [image1]: <data:image/png;base64,iVBO…>         MIIDdzCCAl+gAwIBAgIEAgAAuTANBg…    00000010: 0300 3e00 0100 …
//! {"id":1,"a":[0.1,0.2,…                          <svg><path d="M12 2C6.48 2 …"/></svg>
//! ```
//!
//! Only what is long counts: a short example of any of these is something that somebody may look for. Each byte is
//! looked at a bounded number of times.

use std::ops::Range;

use super::lines::{LineKind, Lines};

/// The shortest data of a `data:` address, in bytes.
const MIN_URI: usize = 64;

/// The shortest run of base64, or of hexadecimal digits, in a line with other things.
const MIN_RUN: usize = 200;

/// The shortest line that may be one of several of base64; PEM has 64 characters in a line and MIME 76.
const MIN_LINE: usize = 48;

/// So many such lines are data.
const MIN_LINES: usize = 4;

/// The shortest line of minified code.
const MIN_MINIFIED: usize = 1000;

/// The shortest drawing.
const MIN_SVG: usize = 200;

/// Adds the ranges of the text that are data, in no order; they may overlap.
pub(super) fn find(text: &str, lines: &Lines<'_>, found: &mut Vec<Range<usize>>) {
    keys(lines, found);
    runs_of_lines(lines, found);
    for at in 0..lines.len() {
        let line = lines.get(at);
        if line.len() < MIN_URI {
            continue;
        }
        let start = lines.start(at);
        if is_minified(line) {
            found.push(start..start + line.len());
            continue;
        }
        addresses(line, |range| found.push(start + range.start..start + range.end));
        if line.len() >= MIN_RUN {
            long_runs(line, |range| found.push(start + range.start..start + range.end));
        }
    }
    drawings(text, lines, found);
}

/// A line without blanks and the marks of quotes around it.
fn bare(line: &str) -> &str {
    line.trim_matches([' ', '\t', '>'])
}

/// Keys, certificates and signatures between `-----BEGIN …-----` and `-----END …-----` (RFC 7468, RFC 9580).
fn keys(lines: &Lines<'_>, found: &mut Vec<Range<usize>>) {
    let mut open = None;
    for at in 0..lines.len() {
        let line = bare(lines.get(at));
        if line.starts_with("-----BEGIN ") && line.ends_with("-----") {
            open = Some(at);
        } else if line.starts_with("-----END ")
            && let Some(first) = open.take()
        {
            found.push(lines.start(first)..lines.start(at + 1));
        }
    }
}

/// Several lines in succession that are nothing but base64 or the digits of a dump.
fn runs_of_lines(lines: &Lines<'_>, found: &mut Vec<Range<usize>>) {
    let mut first = 0;
    for at in 0..=lines.len() {
        if at < lines.len() && is_encoded(lines.get(at)) {
            continue;
        }
        if at - first >= MIN_LINES {
            // The last line is shorter.
            let ends = at < lines.len() && is_end(bare(lines.get(at)));
            found.push(lines.start(first)..lines.start(at + usize::from(ends)));
        }
        first = at + 1;
    }
}

fn is_encoded(line: &str) -> bool {
    let line = bare(line);
    (line.len() >= MIN_LINE && is_base64(line)) || is_dump(line)
}

/// Whether a line may be the last one of base64, which is shorter than the others.
fn is_end(line: &str) -> bool {
    let is_word = line.bytes().skip(1).all(|byte| byte.is_ascii_lowercase());
    let is_whole = line.len().is_multiple_of(4)
        && line.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
    is_base64(line) || (is_whole && !is_word)
}

/// Whether a text is one run of base64 or hexadecimal digits, and no word or path.
fn is_base64(text: &str) -> bool {
    let has = |is: fn(&u8) -> bool| text.as_bytes().iter().any(is);
    let is_mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
    let is_padded = text.ends_with('=') && has(u8::is_ascii_alphabetic);
    let is_hex = has(u8::is_ascii_digit) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_mixed || is_padded || is_hex)
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
}

fn is_base64_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte)
}

/// Whether a line is one of a hex dump: an offset or none, and eight numbers or more of the same length.
fn is_dump(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace().take(40).peekable();
    let is_hex = |word: &str| word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_offset =
        |word: &&str| word.len() >= 6 && is_hex(word.trim_end_matches(':').trim_start_matches("0x"));
    words.next_if(is_offset);
    let len = words.peek().map_or(0, |word| word.len());
    let same = words.take_while(|word| word.len() == len && is_hex(word));
    let (count, letters) = same.fold((0, false), |(count, letters), word| {
        (count + 1, letters || word.bytes().any(|byte| byte.is_ascii_alphabetic()))
    });
    matches!(len, 2 | 4 | 8) && count >= 8 && (letters || line.starts_with("00"))
}

/// Whether a line is code or data as programs write it: long, with punctuation and hardly a blank.
fn is_minified(line: &str) -> bool {
    if line.len() < MIN_MINIFIED || line.contains("](") {
        return false;
    }
    let count = |is: fn(u8) -> bool| line.bytes().filter(|&byte| is(byte)).count();
    let blanks = count(|byte| byte == b' ' || byte == b'\t');
    let marks = count(|byte| b"{}[]();:,=\"'".contains(&byte));
    let others = count(|byte| !byte.is_ascii());
    blanks * 30 < line.len() && marks * 10 >= line.len() && others * 10 < line.len()
}

/// The `data:` addresses of a line (RFC 2397), each with the image or element that has nothing else.
fn addresses(line: &str, mut found: impl FnMut(Range<usize>)) {
    let mut done = 0;
    while let Some(at) = line[done..].find("data:").map(|at| done + at) {
        done = at + "data:".len();
        let Some(end) = address_end(line, at) else { continue };
        if end - at < MIN_URI {
            continue;
        }
        let range = with_markup(line, at..end);
        done = range.end.max(done);
        found(range);
    }
}

/// Where the address that begins at `at` ends, if it is one: what opens before it also closes it.
fn address_end(line: &str, at: usize) -> Option<usize> {
    let head = at + "data:".len();
    let kind = line[head..].bytes().take(100);
    let comma = kind.take_while(|byte| byte.is_ascii_alphanumeric() || b"/+-.;=_".contains(byte)).count();
    let data = line[head + comma..].strip_prefix(',').filter(|_| comma > 0)?;
    let close: &[char] = match line[..at].chars().next_back() {
        Some('"') => &['"'],
        Some('\'') => &['\''],
        Some('<') => &['>'],
        // A title may follow.
        Some('(') => &[')', ' ', '\t'],
        _ => &[' ', '\t', ')', '>', '"', '\'', '|', ']'],
    };
    Some(line.len() - data.len() + data.find(close).unwrap_or(data.len()))
}

/// An address with what is of no use without it: an image that isn't described, an element, a definition.
///
/// What describes an image stays text: more than a word between its brackets.
fn with_markup(line: &str, data: Range<usize>) -> Range<usize> {
    let Range { mut start, mut end } = data;
    if line[..start].ends_with('<') && line[end..].starts_with('>') {
        (start, end) = (start - 1, end + 1);
    }
    let before = &line[..start];
    if let Some(label) = before.trim_end().strip_suffix(':').map(bare)
        && label.starts_with('[')
        && label.ends_with(']')
    {
        return 0..line.len();
    }
    if let Some(head) = before.strip_suffix("](")
        && let Some(close) = line[end..].bytes().take(MIN_RUN).position(|byte| byte == b')')
    {
        let close = end + close + 1;
        let open =
            head.bytes().rev().take(MIN_RUN).position(|byte| byte == b'[').map(|back| head.len() - back);
        let Some(open) = open.filter(|&open| !head[open..].trim().contains(' ')) else {
            return head.len()..close;
        };
        let bang = usize::from(head[..open - 1].ends_with('!'));
        return open - 1 - bang..close;
    }
    let open = before.bytes().rev().take(MIN_RUN).position(|byte| byte == b'<').map(|back| start - back - 1);
    if let Some(open) =
        open.filter(|&open| line[open + 1..].starts_with(|char: char| char.is_ascii_alphabetic()))
        && !line[open..start].contains('>')
        && let Some(close) = line[end..].bytes().take(2 * MIN_RUN).position(|byte| byte == b'>')
    {
        return open..end + close + 1;
    }
    start..end
}

/// Runs of base64 or hexadecimal digits among other things.
fn long_runs(line: &str, mut found: impl FnMut(Range<usize>)) {
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let len = bytes[at..].iter().take_while(|&&byte| is_base64_char(byte)).count();
        let run = &bytes[at..at + len];
        if len >= MIN_RUN {
            let count = |is: fn(&u8) -> bool| run.iter().filter(|byte| is(byte)).count();
            let digits = count(u8::is_ascii_digit);
            let cases = count(u8::is_ascii_uppercase) > 0 && count(u8::is_ascii_lowercase) > 0;
            let is_hex = count(u8::is_ascii_hexdigit) == len;
            if digits * 30 > len && (cases || is_hex) {
                found(at..at + len);
            }
        }
        at += len.max(1);
    }
}

/// Drawings that stand in the text: the elements of `<svg>`, but what is written in them.
fn drawings(text: &str, lines: &Lines<'_>, found: &mut Vec<Range<usize>>) {
    let mut done = 0;
    for at in 0..lines.len() {
        let (line, start) = (lines.get(at), lines.start(at));
        let Some(open) = line.find("<svg").map(|open| start + open).filter(|&open| open >= done) else {
            continue;
        };
        let rest = &text[open..lines.start(lines.len())];
        // Without an end there is none, nor for any that follows.
        let Some(len) = rest.find("</svg>").map(|len| len + "</svg>".len()) else { return };
        done = open + len;
        if len < MIN_SVG || lines.kind(at) != LineKind::Text {
            continue;
        }
        let mut tag = open;
        while let Some(less) = text[tag..done].find('<').map(|less| tag + less) {
            let close = if text[less..].starts_with("<style") { "</style>" } else { ">" };
            tag = text[less..done].find(close).map_or(done, |at| less + at + close.len());
            found.push(less..tag);
        }
    }
}

#[cfg(test)]
#[path = "data_tests.rs"]
mod tests;
