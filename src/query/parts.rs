//! Questions cut into operators and what lies between.

use std::collections::BTreeMap;

use super::Clause;
use super::flags::{Dash, dashes};
use crate::calendar::Day;

/// The most operators of a question; what looks like another one is text.
const MOST_OPERATORS: usize = 32;

/// The most characters of an operator, so that a closing mark isn't looked for to the end of a long text.
const LONGEST: usize = 1000;

/// The most characters of the key of a property.
const LONGEST_KEY: usize = 64;

/// The names of fields, and the same as other programs call them.
const FIELDS: [(&str, Field); 8] = [
    ("title", Field::Title),
    ("tag", Field::Tag),
    ("tags", Field::Tag),
    ("path", Field::Path),
    ("file", Field::Path),
    ("since", Field::Since),
    ("after", Field::Since),
    ("before", Field::Before),
];

/// A field of which a note has one value or several, and what an operator asks of it.
#[derive(Clone, Copy)]
enum Field {
    Title,
    Tag,
    Path,
    Since,
    Before,
}

/// A stretch of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// How it was typed.
    pub(super) typed: String,
    /// The operator that it is or may be; `None` for text.
    pub(super) operator: Option<Operator>,
}

/// An operator, or what may be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Operator {
    pub(super) excluded: bool,
    pub(super) clause: Clause,
    /// Whether it is one, or else text.
    pub(super) taken: bool,
    pub(super) doubt: Doubt,
}

/// How sure it is that something is an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// It is one, whatever notes say.
    None,
    /// What the notes say may tell otherwise.
    Notes,
    /// The same, and it stands behind what may be the name of a command.
    BehindCommand,
}

impl Operator {
    /// Whether passages with some words are left out.
    pub(super) fn is_exclusion_of_words(&self) -> bool {
        self.excluded && matches!(self.clause, Clause::Phrase(_))
    }

    /// Whether it is a word with a dash before it, which may be part of a word as well.
    pub(super) fn is_dashed_word(&self) -> bool {
        self.doubt != Doubt::None && self.is_exclusion_of_words()
    }
}

/// Cuts a question.
pub(super) fn parts(question: &str, today: Day) -> Vec<Part> {
    let mut parts = Vec::new();
    let text = |typed: &str| (!typed.is_empty()).then(|| Part { typed: typed.to_owned(), operator: None });
    let dashes = dashes(question);
    let (mut begun, mut at) = (0, 0);
    let mut begins_word = true;
    // Once there is no other backtick in the rest, it isn't looked for again: that would take quadratic time.
    let (mut closed, mut operators) = (true, 0);
    while let Some(c) = question[at..].chars().next() {
        let rest = &question[at..];
        if begins_word && c == '`' && closed {
            closed = rest[1..].contains('`');
            at += 1 + rest[1..].find('`').unwrap_or(0);
        } else if begins_word
            && operators < MOST_OPERATORS
            && let Some((operator, length)) = operator(rest, today, dash_at(&dashes, question, at))
        {
            operators += 1;
            parts.extend(text(&question[begun..at]));
            parts.push(Part { typed: rest[..length].to_owned(), operator: Some(operator) });
            (begun, at) = (at + length, at + length);
            begins_word = false;
            continue;
        }
        begins_word = question[at..].starts_with(|c: char| c.is_whitespace() || c == '(');
        at += question[at..].chars().next().map_or(0, char::len_utf8);
    }
    parts.extend(text(&question[begun..]));
    parts
}

/// What is known of a dash; it may stand behind a bracket.
fn dash_at(dashes: &BTreeMap<usize, Dash>, question: &str, at: usize) -> Option<Dash> {
    if !question[at..].starts_with('-') {
        return None;
    }
    let brackets = question[..at].bytes().rev().take_while(|&byte| byte == b'(').count();
    dashes.get(&(at - brackets)).copied()
}

/// The operator that a text begins with, and its length.
fn operator(text: &str, today: Day, dash: Option<Dash>) -> Option<(Operator, usize)> {
    let rest = text.strip_prefix('-').unwrap_or(text);
    let excluded = rest.len() < text.len();
    let (clause, length) = field(rest, today)
        .or_else(|| phrase(rest))
        .or_else(|| property(rest))
        .or_else(|| if excluded { word(rest).filter(|_| dash != Some(Dash::Text)) } else { prefix(rest) })?;
    let unknown = matches!(clause, Clause::Property { .. } | Clause::Prefix(_));
    let dashed = excluded && matches!(clause, Clause::Phrase(_)) && !rest.starts_with(is_mark);
    let doubt = match (unknown || dashed, dash) {
        (false, _) => Doubt::None,
        (true, Some(Dash::Doubtful)) => Doubt::BehindCommand,
        (true, _) => Doubt::Notes,
    };
    let operator = Operator { excluded, clause, taken: !unknown, doubt };
    Some((operator, text.len() - rest.len() + length))
}

/// The field and value that a text begins with, and their length.
fn field(text: &str, today: Day) -> Option<(Clause, usize)> {
    let named = |(name, field): (&'static str, Field)| {
        Some((name, field, text.strip_prefix(name)?.strip_prefix(':')?))
    };
    let (name, field, rest) = FIELDS.into_iter().find_map(named)?;
    let (value, length) = value(rest)?;
    let says = match field {
        // `file:///home/me` is an address.
        Field::Path => !value.is_empty() && !value.starts_with("//"),
        Field::Tag => !value.trim_matches(['#', '/', '*']).is_empty(),
        _ => value.contains(char::is_alphanumeric),
    };
    let day = || Day::parse(value.trim_end_matches(['?', '!', ',', ';', '.', ')']), today);
    let clause = match field {
        Field::Title => Clause::Title(value.to_owned()),
        Field::Tag => Clause::Tag(value.to_owned()),
        Field::Since => Clause::Since(day()?),
        Field::Before => Clause::Before(day()?),
        Field::Path => Clause::Path(value.to_owned()),
    };
    says.then_some((clause, name.len() + 1 + length))
}

/// The key and value that a text begins with, and their length: what is no property in these notes is text.
fn property(text: &str) -> Option<(Clause, usize)> {
    let is_key = |c: &(usize, char)| c.1.is_alphanumeric() || c.1 == '_' || c.1 == '-';
    let key: &str =
        &text[..text.char_indices().take(LONGEST_KEY).take_while(is_key).map(|(_, c)| c.len_utf8()).sum()];
    let rest = text[key.len()..].strip_prefix(':').filter(|_| key.starts_with(char::is_alphabetic))?;
    let (value, length) = value(rest)?;
    let value = value.trim_end_matches(['?', '!', ',', ';', ')']);
    let says = !value.is_empty() && !value.starts_with([':', '/', '\\']);
    let clause = Clause::Property { key: key.to_lowercase(), value: value.to_owned() };
    says.then_some((clause, key.len() + 1 + length))
}

/// The value behind a colon, in quotation marks or up to a blank, and its length.
fn value(text: &str) -> Option<(&str, usize)> {
    let (value, length) = match quoted(text) {
        Some(quoted) => quoted,
        None => until_blank(text).map(|value| (value, value.len()))?,
    };
    Some((value.trim(), length))
}

/// The phrase that a text begins with, and its length.
fn phrase(text: &str) -> Option<(Clause, usize)> {
    let (words, length) = quoted(text)?;
    words.contains(char::is_alphanumeric).then(|| (Clause::Phrase(words.trim().to_owned()), length))
}

/// The word that a text begins with, if a dash may exclude it, and its length. A single letter is a flag.
fn word(text: &str) -> Option<(Clause, usize)> {
    let word = until_blank(text)?;
    let mut letters = word.chars();
    let begins = letters.next()?.is_alphabetic() && letters.next().is_some_and(char::is_alphanumeric);
    let said = word.trim_end_matches(['?', '!', ',', ';', '.', ':', ')']);
    begins.then(|| (Clause::Phrase(said.to_owned()), said.len()))
}

/// The beginning of a word that a text begins with, and its length: two letters or more with a `*` behind them.
fn prefix(text: &str) -> Option<(Clause, usize)> {
    let typed = until_blank(text).filter(|_| text.starts_with(char::is_alphanumeric))?;
    let word = typed.trim_end_matches(['?', '!', ',', ';', '.', ')']);
    let begin = word.strip_suffix('*')?;
    let letters = begin.chars().take(LONGEST).filter(|c| c.is_alphanumeric()).count();
    let all = letters == begin.chars().count();
    (all && letters > 1).then(|| (Clause::Prefix(begin.to_owned()), word.len()))
}

/// The text up to the first blank, unless that is far away.
fn until_blank(text: &str) -> Option<&str> {
    let mut near = text.char_indices().take(LONGEST);
    match near.find(|(_, c)| c.is_whitespace()) {
        Some((end, _)) => Some(&text[..end]),
        None => (text.len() < LONGEST).then_some(text),
    }
}

/// Whether a quotation begins with a mark.
fn is_mark(mark: char) -> bool {
    ['"', '\u{201c}', '\u{201e}'].contains(&mark)
}

/// The text between the quotation marks that a text begins with, and its length with them.
fn quoted(text: &str) -> Option<(&str, usize)> {
    let open = text.chars().next().filter(|&open| is_mark(open))?;
    let close: &[char] = if open == '"' { &['"'] } else { &['\u{201d}', '\u{201c}'] };
    let inside = &text[open.len_utf8()..];
    let (end, mark) = inside.char_indices().take(LONGEST).find(|(_, c)| close.contains(c))?;
    Some((&inside[..end], open.len_utf8() + end + mark.len_utf8()))
}
