//! Keys with values outside of front matter, as Logseq and Dataview write them.
//!
//! ```text
//! title:: Gardening year          - a task [due:: 2024-05-01] (priority:: high)
//! tags:: soil, compost            author:: [[Kim]], [[Jo]]
//! alias:: allotment               - **Status**:: blocked
//! ```

use super::lines::{LineKind, Lines, list_item};
use super::org;
use super::properties::Field;
use crate::document::line_end;
use crate::format::Syntax;

/// The longest key, in bytes.
const MAX_KEY: usize = 60;

/// The most words in a key; more are a sentence.
const MAX_WORDS: usize = 4;

/// So many fields of a text are kept.
const MAX_FIELDS: usize = 1000;

/// What a note says of itself at its top, from `start` on: how far that goes, and its keys.
pub(super) fn top(text: &str, syntax: Syntax, start: usize) -> (usize, Vec<Field>) {
    match syntax {
        Syntax::Org => org::top(text, start),
        Syntax::Markdown => page(text, start),
        Syntax::Rst | Syntax::Data => (start, Vec::new()),
    }
}

/// The properties of a page of Logseq: its first lines, which may be those of a list item.
fn page(text: &str, start: usize) -> (usize, Vec<Field>) {
    let (mut end, mut fields) = (start, Vec::new());
    let mut at = start;
    while at < text.len() {
        let next = line_end(text.as_bytes(), at);
        let line = text[at..next].trim();
        let line = if fields.is_empty() { list_item(line).map_or(line, str::trim) } else { line };
        if let Some((key, value)) = field(line) {
            fields.push(named(key, value));
            end = next;
        } else if !(line.is_empty() && fields.is_empty()) {
            break;
        }
        at = next;
    }
    (end, fields)
}

/// The fields in the text of a note: in lines of their own, and between brackets.
pub(super) fn inline(lines: &Lines<'_>) -> Vec<Field> {
    let mut fields = Vec::new();
    for at in 0..lines.len() {
        let line = lines.get(at);
        if lines.kind(at) != LineKind::Text || !line.contains("::") {
            continue;
        }
        if fields.len() > MAX_FIELDS {
            break;
        }
        let bare = line.trim_start_matches([' ', '\t', '>']);
        let bare = list_item(bare).map_or(bare, str::trim_start);
        let task = bare
            .strip_prefix('[')
            .filter(|rest| rest.get(1..3) == Some("] "))
            .map_or(bare, |rest| &rest[3..]);
        if let Some((key, value)) = field(task) {
            fields.push(named(key, value));
        }
        for prose in line.split('`').step_by(2) {
            bracketed(prose, &mut fields);
        }
    }
    fields
}

/// The fields between brackets: `[key:: value]`, `(key:: value)`.
fn bracketed(line: &str, fields: &mut Vec<Field>) {
    for (at, _) in line.match_indices(":: ") {
        let before = &line[..at];
        let open = before.bytes().rev().take(MAX_KEY + 1).position(|byte| byte == b'[' || byte == b'(');
        let Some(open) = open.map(|back| at - back - 1) else { continue };
        let close = if before[open..].starts_with('[') { ']' } else { ')' };
        let value = &line[at + 2..];
        // A link has brackets of its own.
        let mut depth = 1;
        let end = value.char_indices().take(1000).find(|&(_, char)| {
            depth += i32::from(char == '[' && close == ']') - i32::from(char == close);
            depth == 0
        });
        if let Some((end, _)) = end
            && is_key(&before[open + 1..])
        {
            fields.push(named(&before[open + 1..], value[..end].trim()));
        }
    }
}

/// The key and value of a line `key:: value`; the key may be emphasised.
fn field(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once("::")?;
    let (key, value) = (key.trim_matches(['*', '_']), value.trim_start_matches(['*', '_']));
    let is_apart = value.is_empty() || value.starts_with([' ', '\t']);
    (is_apart && is_key(key)).then(|| (key, value.trim()))
}

/// Whether a text can be a key: a few words that begin with a letter or a symbol.
fn is_key(key: &str) -> bool {
    (1..=MAX_KEY).contains(&key.len())
        && !key.ends_with(' ')
        && key.starts_with(|char: char| char.is_alphabetic() || !char.is_ascii())
        && key.chars().all(|char| char.is_alphanumeric() || !char.is_ascii() || "-_ /.".contains(char))
        && key.split(' ').count() <= MAX_WORDS
}

/// A key with its value, or with its values if they are several links.
fn named(key: &str, value: &str) -> Field {
    let parts: Vec<&str> = value.split(',').map(str::trim).collect();
    let is_link = |part: &&str| part.starts_with("[[") && part.ends_with("]]") || part.starts_with("#[[");
    if parts.len() > 1 && parts.iter().all(is_link) {
        return Field::list(key, parts.into_iter().map(str::to_owned).collect());
    }
    Field::scalar(key, value)
}

#[cfg(test)]
#[path = "fields_tests.rs"]
mod tests;
