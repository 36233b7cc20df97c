//! The marks by which a language model names its sources: `[1]`, `[1, 2]`, `(Source 1)`, `【1】`.

use crate::document::floor;

/// No mark is longer, in bytes.
const LONGEST: usize = 64;
/// No answer has more sources.
const MOST: u32 = 999;
/// What a model calls a source.
const CALLED: [&str; 18] = [
    "source",
    "sources",
    "src",
    "doc",
    "docs",
    "document",
    "documents",
    "note",
    "notes",
    "passage",
    "passages",
    "ref",
    "refs",
    "reference",
    "references",
    "citation",
    "text",
    "excerpt",
];
/// Words before an index in brackets that are the name of a list in a program, and seldom the end of a phrase.
const INDEXED: [&str; 27] = [
    "arr", "array", "args", "argv", "list", "lst", "items", "data", "row", "rows", "values", "tuple", "str",
    "string", "dict", "nums", "xs", "seq", "matrix", "vec", "tokens", "words", "lines", "result", "results",
    "shape", "sys",
];

/// What a text begins with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// A mark of so many bytes that names these sources.
    Whole(usize, Vec<u32>),
    /// What may become one.
    Cut,
    /// Something else.
    None,
}

/// Reads the mark that a text may begin with.
pub(super) fn mark(text: &str) -> Mark {
    let inside = text.strip_prefix('≈').unwrap_or(text);
    let Some(open) = inside.chars().next() else {
        return if text.is_empty() { Mark::None } else { Mark::Cut };
    };
    let close = match open {
        '[' => ']',
        '【' => '】',
        '(' => ')',
        _ => return Mark::None,
    };
    let mut rest = &inside[open.len_utf8()..];
    let doubled = open == '[' && rest.starts_with('[');
    rest = if doubled { &rest[1..] } else { rest };
    let reach = floor(rest, LONGEST);
    let Some(end) = rest[..reach].find(close) else {
        return if rest.len() < LONGEST && numbers(rest, open == '(', true).is_some() {
            Mark::Cut
        } else {
            Mark::None
        };
    };
    let Some(found) = numbers(&rest[..end], open == '(', false) else { return Mark::None };
    let behind = &rest[end + close.len_utf8()..];
    let length = text.len() - behind.len();
    match (doubled, behind.chars().next()) {
        (false, _) => Mark::Whole(length, found),
        (true, Some(']')) => Mark::Whole(length + 1, found),
        (true, None) => Mark::Cut,
        (true, Some(_)) => Mark::None,
    }
}

/// The numbers in a mark, whose brackets are off; `called` if it must say that it means sources, `cut` if more may come.
fn numbers(inside: &str, called: bool, cut: bool) -> Option<Vec<u32>> {
    let (inside, is_closed) = match inside.split_once('†') {
        Some((before, _)) => (before, true),
        None => (inside, false),
    };
    let mut found: Vec<u32> = Vec::new();
    let (mut is_called, mut to) = (false, false);
    let mut rest = inside;
    while let Some(c) = rest.chars().next() {
        let length = if c.is_ascii_alphanumeric() {
            let same =
                |other: char| other.is_ascii_digit() == c.is_ascii_digit() && other.is_ascii_alphanumeric();
            rest.find(|c| !same(c)).unwrap_or(rest.len())
        } else {
            c.len_utf8()
        };
        let (token, behind) = rest.split_at(length);
        let is_last = cut && behind.is_empty() && !is_closed;
        match c {
            '0'..='9' => {
                let number = token.parse().ok().filter(|number| (1..=MOST).contains(number))?;
                if called && !is_called {
                    return None;
                }
                match found.last() {
                    Some(&from) if to && from < number && number - from < 20 => {
                        found.extend(from + 1..=number);
                    }
                    _ => found.push(number),
                }
                to = false;
            }
            'a'..='z' | 'A'..='Z' => {
                let word = token.to_ascii_lowercase();
                let begins = |list: &[&str]| list.iter().any(|known| known.starts_with(&word));
                match word.as_str() {
                    _ if CALLED.contains(&word.as_str()) || word == "s" => is_called = true,
                    "and" if !found.is_empty() => {}
                    _ if is_last && (begins(&CALLED) || "and".starts_with(&word)) => {}
                    _ => return None,
                }
            }
            '-' | '–' if !found.is_empty() => to = true,
            '^' if rest.len() == inside.len() => {}
            ' ' | ',' | ';' | '&' | '#' | ':' | '.' => {}
            _ => return None,
        }
        rest = behind;
    }
    (cut || !found.is_empty()).then_some(found)
}

/// A text without its marks and what only led to them, and the sources that they name, each once.
pub(super) fn without_marks(text: &str) -> (String, Vec<u32>) {
    let (mut out, mut named): (String, Vec<u32>) = (String::with_capacity(text.len()), Vec::new());
    let (mut at, mut code) = (0, None);
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if c == '`' {
            let width = rest.len() - rest.trim_start_matches('`').len();
            code = match code {
                None => rest[width..].contains('`').then_some(width),
                Some(open) if open == width => None,
                open => open,
            };
            out.push_str(&rest[..width]);
            at += width;
            continue;
        }
        let found = match mark(rest) {
            Mark::Whole(length, found) if code.is_none() && is_free(text, at, length) => {
                Some((length, found))
            }
            _ => None,
        };
        let Some((length, found)) = found else {
            out.push(c);
            at += c.len_utf8();
            continue;
        };
        named.extend(found.into_iter().filter(|number| *number > 0));
        at += length;
        at += leave(&mut out, &text[at..]);
    }
    let mut once = Vec::new();
    named.retain(|number| {
        !once.contains(number) && {
            once.push(*number);
            true
        }
    });
    (out, named)
}

/// Takes off what only led to a mark at the end of `out`, and says how many bytes behind it belong to it.
fn leave(out: &mut String, behind: &str) -> usize {
    // `(see [1])`, `([1])`.
    let open = out.trim_end_matches(' ');
    for lead in ["(see ", "(cf. ", "(from ", "(", "**"] {
        let close = if lead == "**" { "**" } else { ")" };
        let begins = open.len() >= lead.trim_end().len()
            && open.is_char_boundary(open.len() - lead.trim_end().len())
            && open[open.len() - lead.trim_end().len()..].eq_ignore_ascii_case(lead.trim_end());
        if begins && behind.starts_with(close) && !(lead == "**" && out.ends_with(' ')) {
            let length = open.len() - lead.trim_end().len();
            out.truncate(length);
            out.truncate(out.trim_end_matches(' ').len());
            return close.len();
        }
    }
    let stands_alone = out.trim().is_empty();
    if stands_alone {
        // `[1]: The text`, `[1] The text`.
        return behind.len() - behind.trim_start_matches([' ', ':']).len();
    }
    if out.ends_with(' ')
        && behind
            .starts_with(|c: char| !c.is_alphanumeric() && !"([\"'`*_“‘".contains(c) || behind.is_empty())
        || behind.is_empty()
    {
        out.truncate(out.trim_end_matches(' ').len());
    }
    0
}

/// Whether a mark at `at` isn't the index of a list or the text of a link.
fn is_free(text: &str, at: usize, length: usize) -> bool {
    let (before, behind) = (&text[..at], &text[at + length..]);
    if behind.starts_with('(') || text[at..].starts_with('[') && behind.starts_with(": http") {
        return false;
    }
    let Some(last) = before.chars().next_back() else { return true };
    if !last.is_alphanumeric() && !matches!(last, '_' | ')' | ']') || !text[at..].starts_with('[') {
        return true;
    }
    if last == ']' {
        // Marks follow each other.
        let start = before.rfind('[').unwrap_or_default();
        return matches!(mark(&text[start..]), Mark::Whole(length, _) if start + length == at)
            && is_free(&text[..at], start, at - start);
    }
    let goes_on = behind.starts_with(|c: char| c.is_alphanumeric() || "_=".contains(c))
        || behind.strip_prefix('.').is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
    let start = before
        .rfind(|c: char| !c.is_alphanumeric() && c != '_')
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let word = &before[start..];
    let is_name = word.contains('_')
        || word.len() < 2
        || word.ends_with(|c: char| c.is_ascii_digit())
        || INDEXED.contains(&word.to_lowercase().as_str());
    !goes_on && (last == ')' || !is_name)
}
