//! The YAML (`---`) or TOML (`+++`) block at the start of a note → title, tags and date.
//!
//! ```text
//! ---                                +++
//! title: Owls                        title = "Owls"
//! tags: [birds, night]               date = 2024-05-01
//! created: 2024-05-01                [taxonomies]
//! ---                                tags = ["birds", "night"]
//! Owls hunt at night.                +++
//! ```
//!
//! The block is cut off the body even if it can't be read, as long as it is closed and looks like one. What is too
//! large isn't given to a parser, and both parsers take time in proportion to the block and some tens of MiB at most:
//! YAML is read event by event, and TOML has its parser's limits.

use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::Warning;
use super::plain::plain;
use super::tags;
use crate::calendar::Day;
use crate::document::line_end;

/// The largest block that is read.
const MAX_LEN: usize = 64 * 1024;

/// How deep lists and maps may be nested in YAML.
const MAX_DEPTH: usize = 32;

/// Keys whose values are tags.
const TAG_KEYS: [&str; 5] = ["tags", "tag", "keywords", "categories", "category"];
/// Keys that date a note, the one that is believed first at the front.
const DATE_KEYS: [&str; 6] = ["date", "created", "published", "updated", "modified", "lastmod"];

/// What a note says about itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct FrontMatter {
    /// Without markup; `None` rather than empty.
    pub(super) title: Option<String>,
    /// In the order they stand, in normal form.
    pub(super) tags: Vec<String>,
    /// The day it gives.
    pub(super) date: Option<Day>,
    /// The lines between the fences.
    pub(super) block: Range<usize>,
    /// How many bytes of the text the block takes; the body begins there.
    pub(super) len: usize,
}

/// Reads the block at the start of `text`, if there is one.
///
/// Two thematic breaks with prose between them look much the same, so the block's first line must read like a
/// key. A block that doesn't end within 64 KiB isn't one.
pub(super) fn read(text: &str, warnings: &mut Vec<Warning>) -> FrontMatter {
    let none = FrontMatter::default();
    let fence = text[..line_end(text.as_bytes(), 0)].trim_end();
    if fence != "---" && fence != "+++" {
        return none;
    }
    let is_toml = fence == "+++";
    let Some((range, len)) = block(text, is_toml) else {
        let start = line_end(text.as_bytes(), 0);
        if looks_like_keys(&text[start..line_end(text.as_bytes(), start)], is_toml) {
            warnings.push(Warning::FrontMatterOpen);
        }
        return none;
    };
    let block = &text[range.clone()];
    // A `#` begins a comment here, but between two thematic breaks it begins a heading.
    let first = block.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#'));
    if !first.map_or(block.trim().is_empty(), |line| looks_like_keys(line, is_toml)) {
        return none;
    }
    let fields = if is_toml { toml_fields(block) } else { yaml_fields(block) };
    let fields = fields.unwrap_or_else(|why| {
        warnings.push(Warning::FrontMatterUnread(why));
        simple_fields(block, if is_toml { '=' } else { ':' })
    });
    FrontMatter { block: range, len, ..collect(&fields) }
}

/// The lines between the fences, and where the body begins.
fn block(text: &str, is_toml: bool) -> Option<(Range<usize>, usize)> {
    let bytes = text.as_bytes();
    let start = line_end(bytes, 0);
    let mut at = start;
    while at < text.len() && at - start <= MAX_LEN {
        let end = line_end(bytes, at);
        let line = text[at..end].trim_end();
        if (is_toml && line == "+++") || (!is_toml && (line == "---" || line == "...")) {
            return Some((start..at, end));
        }
        at = end;
    }
    None
}

/// Whether a line reads `key: value`, `key = value` or `[table]`.
fn looks_like_keys(line: &str, is_toml: bool) -> bool {
    let line = line.trim();
    let separator = if is_toml { '=' } else { ':' };
    let key = line.split(separator).next().unwrap_or_default().trim().trim_matches(['"', '\'']);
    let is_key = line.contains(separator)
        && !key.is_empty()
        && key.chars().all(|char| char.is_alphanumeric() || "-_. $@".contains(char))
        && key.split_whitespace().count() <= 3;
    is_key || (is_toml && line.starts_with('['))
}

/// A key of the block with its values: one for a scalar, any number for a list.
struct Field {
    /// In lower case.
    key: String,
    /// As text, whatever type they had.
    values: Vec<String>,
    /// Whether it was written as a list, so that its values aren't split further.
    is_list: bool,
}

impl Field {
    /// A key with one value.
    fn scalar(key: &str, value: String) -> Self {
        Self { key: key.trim().to_lowercase(), values: vec![value], is_list: false }
    }

    /// A key with any number of values.
    fn list(key: &str, values: Vec<String>) -> Self {
        Self { key: key.trim().to_lowercase(), values, is_list: true }
    }
}

/// Reads the scalars and lists of a YAML map; `Err` says why it can't.
///
/// No tree is built: an alias is no value, and what it names isn't looked at again.
fn yaml_fields(block: &str) -> Result<Vec<Field>, &'static str> {
    let mut map = YamlMap::default();
    for event in Parser::new_from_str(block) {
        match event.map_err(|_| "it isn't valid YAML")?.0 {
            Event::Scalar(text, style, ..) => {
                let is_null =
                    style == ScalarStyle::Plain && ["", "~", "null", "Null", "NULL"].contains(&text.as_ref());
                map.leaf((!is_null).then(|| text.into_owned()))?;
            }
            Event::Alias(_) => map.leaf(None)?,
            Event::SequenceStart(..) => map.open(true)?,
            Event::MappingStart(..) => map.open(false)?,
            Event::SequenceEnd | Event::MappingEnd => map.close(),
            // What follows is another document.
            Event::DocumentEnd => break,
            _ => {}
        }
    }
    Ok(map.fields)
}

/// A key of a YAML map.
enum Key {
    /// A scalar.
    Named(String),
    /// A list, a map or null, whose value is nothing to us.
    Odd,
}

/// The map at the top of a YAML document, as far as it has been read.
#[derive(Default)]
struct YamlMap {
    fields: Vec<Field>,
    /// How many lists and maps are open.
    depth: usize,
    /// The key that waits for its value, if there is one.
    key: Option<Key>,
    /// The scalars of the list that is the key's value.
    list: Option<Vec<String>>,
}

impl YamlMap {
    /// A scalar, unless it is null, or an alias.
    fn leaf(&mut self, text: Option<String>) -> Result<(), &'static str> {
        match (self.depth, &mut self.list) {
            (0, _) => return Err("it isn't a YAML map"),
            (1, _) => self.node(text),
            (2, Some(list)) => list.extend(text),
            _ => {}
        }
        Ok(())
    }

    /// The start of a list or map.
    fn open(&mut self, is_list: bool) -> Result<(), &'static str> {
        if self.depth == 0 && is_list {
            return Err("it isn't a YAML map");
        }
        if self.depth == MAX_DEPTH {
            return Err("it is nested too deeply");
        }
        if self.depth == 1 && is_list && self.key.is_some() {
            self.list = Some(Vec::new());
        }
        self.depth += 1;
        Ok(())
    }

    /// The end of a list or map.
    fn close(&mut self) {
        self.depth -= 1;
        if self.depth == 1 {
            self.node(None);
        }
    }

    /// A key or a value that is complete.
    fn node(&mut self, text: Option<String>) {
        let list = self.list.take();
        match self.key.take() {
            None => self.key = Some(text.map_or(Key::Odd, Key::Named)),
            Some(Key::Odd) => {}
            Some(Key::Named(key)) => self.fields.extend(match list {
                Some(values) => Some(Field::list(&key, values)),
                None => text.map(|text| Field::scalar(&key, text)),
            }),
        }
    }
}

/// Reads the scalars and lists of a TOML table, and those of its `taxonomies`; `Err` says why it can't.
fn toml_fields(block: &str) -> Result<Vec<Field>, &'static str> {
    let table: toml::Table = block.parse().map_err(|_| "it isn't valid TOML")?;
    let mut fields = Vec::new();
    // Zola keeps tags in `[taxonomies]`.
    let inner = table.get("taxonomies").and_then(toml::Value::as_table);
    for (key, value) in table.iter().chain(inner.into_iter().flatten()) {
        match value {
            toml::Value::Array(items) => {
                fields.push(Field::list(key, items.iter().filter_map(toml_text).collect()));
            }
            value => fields.extend(toml_text(value).map(|text| Field::scalar(key, text))),
        }
    }
    Ok(fields)
}

/// A TOML string, number or date as text.
fn toml_text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Datetime(date) => Some(date.to_string()),
        _ => None,
    }
}

/// The `key: value` lines of a block that no parser takes, such as one with `title: Rust: an overview`.
fn simple_fields(block: &str, separator: char) -> Vec<Field> {
    block
        .lines()
        .filter(|line| !line.starts_with(char::is_whitespace))
        .filter_map(|line| line.split_once(separator))
        .map(|(key, value)| Field::scalar(key, value.trim().trim_matches(['"', '\'']).to_string()))
        .filter(|field| !field.values[0].is_empty())
        .collect()
}

/// Picks title, tags and date from all fields.
fn collect(fields: &[Field]) -> FrontMatter {
    let named = |keys: &'static [&str]| {
        keys.iter().flat_map(|&key| fields.iter().filter(move |field| field.key == key))
    };
    let title = named(&["title"]).find_map(|field| field.values.first()).map(|title| plain(title));
    let mut all_tags: Vec<String> = Vec::new();
    for field in named(&TAG_KEYS) {
        for text in &field.values {
            let text = text.trim_matches(['[', ']']);
            let separator = |char: char| char == ',' || (char.is_whitespace() && !text.contains(','));
            let parts: Vec<&str> = if field.is_list { vec![text] } else { text.split(separator).collect() };
            all_tags.extend(parts.into_iter().filter_map(tags::normal));
        }
    }
    all_tags.truncate(tags::MAX_TAGS);
    FrontMatter {
        title: title.filter(|title| !title.is_empty()),
        tags: all_tags,
        date: named(&DATE_KEYS).find_map(|field| date(field.values.first()?)),
        block: 0..0,
        len: 0,
    }
}

/// Reads `2024-05-01`, `2024/5/1`, `2024-05-01T10:00:00Z`, `20240501`, or seconds or milliseconds since 1970.
fn date(text: &str) -> Option<Day> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number = text[..digits].parse::<u64>().ok()?;
    if digits == 4 {
        let mut parts = text[4..].strip_prefix(['-', '/', '.'])?.split(|char: char| !char.is_ascii_digit());
        Day::new(number, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?)
    } else if digits < text.len() {
        None
    } else {
        match digits {
            8 => Day::new(number / 10_000, number / 100 % 100, number % 100),
            10 => Some(Day::of(number)),
            13 => Some(Day::of(number / 1000)),
            _ => None,
        }
    }
}

#[cfg(test)]
#[path = "front_matter_tests.rs"]
mod tests;
