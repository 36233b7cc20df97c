//! Emacs Org → headings, what isn't shown, and what a note says of itself.
//!
//! ```text
//! #+title: Kitchen renovation                * TODO [#A] Order the worktop [1/3] :shopping:
//! #+filetags: :house:reno:                   SCHEDULED: <2024-05-01 Wed>
//! #+date: 2024-03-05                         :PROPERTIES:
//! :PROPERTIES:                               :ID: 8f1c
//! :ROAM_ALIASES: "The kitchen" Kueche        :END:
//! :END:                                      # a comment
//! ```
//!
//! *Org Syntax* (<https://orgmode.org/worg/org-syntax.html>) describes all of it; only what tells headings, code and
//! metadata from text is recognised here.

use std::borrow::Cow;
use std::ops::Range;

use super::heading::{Heading, MAX_LEVEL};
use super::hidden;
use super::lines::{LineKind, Lines};
use super::plain::plain;
use super::properties::Field;
use crate::document::line_end;

/// Words in front of a headline that say how far it is.
const STATES: [&str; 20] = [
    "TODO",
    "DONE",
    "NEXT",
    "WAITING",
    "WAIT",
    "STARTED",
    "STRT",
    "CANCELLED",
    "CANCELED",
    "KILL",
    "HOLD",
    "SOMEDAY",
    "PROJ",
    "PROJECT",
    "DELEGATED",
    "DEFERRED",
    "INPROGRESS",
    "IN-PROGRESS",
    "DOING",
    "REVIEW",
];

/// Keywords that set words of their own.
const STATE_KEYS: [&str; 3] = ["todo", "seq_todo", "typ_todo"];

/// So many of these are known in a note.
const MAX_STATES: usize = 64;

/// Keywords, by how they begin, that set how a file is shown or exported and say nothing of what it is about.
const SETTINGS: [&str; 24] = [
    "startup",
    "options",
    "property",
    "setupfile",
    "include",
    "latex",
    "html",
    "export",
    "todo",
    "seq_todo",
    "typ_todo",
    "columns",
    "link",
    "macro",
    "bind",
    "attr_",
    "results",
    "name",
    "header",
    "tblfm",
    "plot",
    "begin",
    "end",
    "print_bibliography",
];

/// Keywords and properties whose values are tags.
const TAG_KEYS: [&str; 6] = ["filetags", "roam_tags", "hugo_tags", "hugo_categories", "tags", "keywords"];

/// Keywords and properties whose values are other names of the note.
const ALIAS_KEYS: [&str; 2] = ["roam_aliases", "roam_alias"];

/// What a file says of itself at its top: how far that goes from `start` on, and its keys.
pub(super) fn top(text: &str, start: usize) -> (usize, Vec<Field>) {
    let (mut end, mut fields) = (start, Vec::new());
    let (mut at, mut in_drawer) = (start, None);
    while at < text.len() {
        let next = line_end(text.as_bytes(), at);
        let line = text[at..next].trim();
        let property = in_drawer.and_then(|_| property(line));
        if line.eq_ignore_ascii_case(":properties:") && in_drawer.is_none() {
            in_drawer = Some(fields.len());
        } else if line.eq_ignore_ascii_case(":end:") && in_drawer.is_some() {
            (in_drawer, end) = (None, next);
        } else if let Some(property) = property {
            fields.push(property);
        } else if let Some((key, value)) =
            keyword(line).filter(|(key, _)| in_drawer.is_none() && is_hidden(key) && key != "begin")
        {
            fields.extend(field(&key, value));
            end = next;
        } else if !(line.is_empty() || (is_comment(line) && in_drawer.is_none())) {
            break;
        }
        at = next;
    }
    // What an open drawer seemed to say is text.
    fields.truncate(in_drawer.unwrap_or(fields.len()));
    (end, fields)
}

/// What is found in the lines of a file.
#[derive(Default)]
pub(super) struct Found {
    pub(super) headings: Vec<Heading>,
    /// The keywords of the file.
    pub(super) fields: Vec<Field>,
    /// The tags of headlines, and the properties below them.
    pub(super) inner: Vec<Field>,
    /// What isn't shown, in bytes of the text.
    pub(super) hidden: Vec<Range<usize>>,
}

/// Finds headlines: lines that begin with stars and a space; as many stars, as deep a level.
///
/// Source and example blocks are marked as code: a comment in a shell script may begin with a star, too.
///
/// `top` is what stands above the lines.
pub(super) fn outline(top: &str, lines: &mut Lines<'_>) -> Found {
    let mut found = Found::default();
    let states = states(top, lines);
    let mut code_end: Option<String> = None;
    let mut in_drawer = false;
    for at in 0..lines.len() {
        let line = lines.get(at);
        let whole = lines.start(at)..lines.start(at + 1);
        let upper: String = line.trim_start().chars().take(24).collect::<String>().to_ascii_uppercase();
        if let Some(end) = &code_end {
            let ends = upper.starts_with(end.as_str());
            let kind = if end.ends_with("COMMENT") { LineKind::Hidden } else { LineKind::Code };
            lines.mark(&whole, kind);
            found.hidden.extend((kind == LineKind::Hidden).then_some(whole));
            if ends {
                code_end = None;
            }
            continue;
        }
        let level = line.bytes().take_while(|&byte| byte == b'*').count();
        if level > 0 && line[level..].starts_with(' ') {
            let headline = headline(&line[level..], &states);
            let tags = headline.tags.split(':').filter(|tag| !tag.is_empty()).map(str::to_owned);
            found.inner.extend((!headline.tags.is_empty()).then(|| Field::list("tags", tags.collect())));
            found.headings.push(Heading {
                lines: at..at + 1,
                level: level.min(MAX_LEVEL),
                title: plain(&headline.title),
            });
            in_drawer = false;
        } else if let Some((key, value)) = keyword(line.trim()) {
            if let Some(name) = ["SRC", "EXAMPLE", "EXPORT", "COMMENT"].into_iter().find(|name| {
                key.eq_ignore_ascii_case("begin") && value.split_whitespace().next() == Some(*name)
            }) {
                code_end = Some(format!("#+END_{name}"));
                let kind = if name == "COMMENT" { LineKind::Hidden } else { LineKind::Code };
                lines.mark(&whole, kind);
                found.hidden.extend((kind == LineKind::Hidden).then_some(whole));
            } else if is_hidden(&key) {
                found.fields.extend(field(&key, value));
                found.hidden.push(whole);
            }
        } else if is_comment(line.trim()) {
            found.hidden.push(whole);
        } else if line.trim().eq_ignore_ascii_case(":properties:") {
            in_drawer = true;
        } else if in_drawer {
            let property = property(line.trim());
            in_drawer = property.is_some();
            found.inner.extend(property);
        }
    }
    hidden::drawers(lines, &mut found.hidden);
    found
}

/// The words that say how far a headline is, those of the file included.
fn states(top: &str, lines: &Lines<'_>) -> Vec<String> {
    let mut states: Vec<String> = STATES.map(str::to_owned).into();
    for line in top.lines().chain((0..lines.len()).map(|at| lines.get(at))) {
        let Some((key, value)) = keyword(line.trim()) else { continue };
        if STATE_KEYS.contains(&&*key) {
            // `WAIT(w@/!)` has a key of its own.
            let words = value.split_whitespace().map(|word| word.split('(').next().unwrap_or_default());
            states.extend(words.filter(|word| !word.is_empty() && *word != "|").map(str::to_owned));
        }
        if states.len() > STATES.len() + MAX_STATES {
            break;
        }
    }
    states.truncate(STATES.len() + MAX_STATES);
    states
}

/// A headline in its parts.
struct Headline<'a> {
    title: Cow<'a, str>,
    /// With colons between them.
    tags: &'a str,
}

/// A headline without its state, priority, counters and times, and its tags.
fn headline<'a>(line: &'a str, states: &[String]) -> Headline<'a> {
    let line = line.trim();
    let is_tag = |tag: &str| tag.chars().all(|char| char.is_alphanumeric() || "_@#%-".contains(char));
    let is_tags = |tags: &str| {
        tags.len() > 2 && tags.starts_with(':') && tags.ends_with(':') && tags.split(':').all(is_tag)
    };
    let last = line.rsplit([' ', '\t']).next().unwrap_or_default();
    let tags = if is_tags(last) { last } else { "" };
    let whole = line[..line.len() - tags.len()].trim_end();
    let mut rest = whole;
    let first = rest.split(' ').next().unwrap_or_default();
    if states.iter().any(|state| state == first) {
        rest = rest[first.len()..].trim_start();
    }
    if rest.starts_with("[#") && rest.as_bytes().get(3) == Some(&b']') {
        rest = rest[4..].trim_start();
    }
    rest = rest.strip_prefix("COMMENT ").unwrap_or(rest);
    let title = without_cookies(rest);
    let title = if title.trim().is_empty() { whole.into() } else { title };
    Headline { title, tags }
}

/// A headline without `[1/3]`, `[50%]` and times.
fn without_cookies(title: &str) -> Cow<'_, str> {
    if !title.contains(['[', '<']) {
        return title.into();
    }
    let (mut out, mut rest) = (String::new(), title);
    while let Some(at) = rest.find(['[', '<']) {
        let close = if rest[at..].starts_with('[') { ']' } else { '>' };
        let inner = &rest[at + 1..];
        let end = inner.bytes().take(60).position(|byte| byte == close as u8);
        let is_cookie = |inner: &str| {
            let counts = inner.chars().all(|char| char.is_ascii_digit() || char == '/' || char == '%');
            close == ']' && counts && inner.contains(['/', '%'])
        };
        if let Some(end) = end.filter(|&end| is_cookie(&inner[..end]) || is_time(&inner[..end])) {
            out.push_str(&rest[..at]);
            rest = &inner[end + 1..];
            // Two times are a stretch of time.
            rest = rest.strip_prefix("--").filter(|rest| rest.starts_with(['<', '['])).unwrap_or(rest);
        } else {
            out.push_str(&rest[..=at]);
            rest = inner;
        }
    }
    out.push_str(rest);
    out.into()
}

/// Whether what stands between brackets is a time: `2024-05-01 Wed 10:00 +1w`.
fn is_time(inner: &str) -> bool {
    let bytes = inner.as_bytes();
    bytes.len() >= 10
        && bytes[..10].iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
        && (bytes.len() == 10 || bytes[10] == b' ')
}

/// The keyword of a line `#+key: value`, in lower case; of `#+begin_src sh` it is `begin` with `SRC sh` as its value.
fn keyword(line: &str) -> Option<(String, Cow<'_, str>)> {
    let rest = line.strip_prefix("#+")?;
    let len =
        rest.bytes().take(40).take_while(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(byte)).count();
    let (name, value) = rest.split_at(len);
    let lower = name.to_ascii_lowercase();
    if let Some(kind) = ["begin_", "end_"].into_iter().find(|kind| lower.starts_with(kind)) {
        let block = name[kind.len()..].to_ascii_uppercase();
        return Some((kind.trim_end_matches('_').to_owned(), block.into()));
    }
    // `#+name[short]: …` has a short form.
    let value = if value.starts_with('[') { value.split_once("]:")?.1 } else { value.strip_prefix(':')? };
    (!name.is_empty()).then(|| (lower, value.trim().into()))
}

/// Whether the line of a keyword isn't shown; captions are, and sums of tables aren't.
fn is_hidden(key: &str) -> bool {
    !matches!(key, "caption" | "call")
}

fn is_comment(line: &str) -> bool {
    line == "#" || line.starts_with("# ")
}

/// What a keyword says, unless it is a setting.
fn field(key: &str, value: impl AsRef<str>) -> Option<Field> {
    let value = value.as_ref();
    if value.is_empty() || SETTINGS.iter().any(|setting| key.starts_with(setting)) {
        return None;
    }
    Some(named(key, value))
}

/// The property of a line `:KEY: value` in a drawer.
fn property(line: &str) -> Option<Field> {
    let (key, value) = line.strip_prefix(':')?.split_once(':')?;
    let is_key = !key.is_empty() && !key.contains(char::is_whitespace) && !key.eq_ignore_ascii_case("end");
    is_key.then(|| named(&key.trim_end_matches('+').to_lowercase(), value.trim()))
}

/// A key with its value, as front matter would have it.
fn named(key: &str, value: &str) -> Field {
    if TAG_KEYS.contains(&key) {
        let tags = value.split([':', ' ', ',']).filter(|tag| !tag.is_empty()).map(str::to_owned);
        return Field::list("tags", tags.collect());
    }
    if ALIAS_KEYS.contains(&key) {
        return Field::list("aliases", quoted(value));
    }
    // Times stand in brackets.
    let bare = value.strip_prefix(['<', '[']).and_then(|value| value.strip_suffix(['>', ']']));
    Field::scalar(key, bare.filter(|bare| is_time(bare)).map_or(value, |bare| &bare[..10]))
}

/// The words of a value, of which those between quotes are one.
fn quoted(value: &str) -> Vec<String> {
    let mut all = Vec::new();
    for (at, part) in value.split('"').enumerate() {
        if at % 2 == 1 {
            all.push(part.trim().to_owned());
        } else {
            all.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    all.retain(|name| !name.is_empty());
    all
}

#[cfg(test)]
#[path = "org_tests.rs"]
mod tests;
