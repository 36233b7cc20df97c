//! A YAML map → its fields, read event by event.
//!
//! No tree is built: an alias is no value, and what it names isn't looked at again.

use std::borrow::Cow;

use saphyr_parser::{Event, Parser, ScalarStyle};

use crate::parse::properties::{self, Field, MAX_KEY};

/// How deep lists and maps may be nested.
pub(super) const MAX_DEPTH: usize = 32;

/// Reads the scalars and lists of a map, those of maps inside by paths such as `a.b`; `Err` says why it can't.
pub(super) fn fields(block: &str) -> Result<Vec<Field>, &'static str> {
    let block = masked(block);
    let mut reader = Reader::default();
    for event in Parser::new_from_str(&block) {
        match event.map_err(|_| "it isn't valid YAML")?.0 {
            Event::Scalar(text, style, ..) => {
                let is_null =
                    style == ScalarStyle::Plain && ["", "~", "null", "Null", "NULL"].contains(&text.as_ref());
                reader.leaf((!is_null).then(|| unmasked(&text)))?;
            }
            Event::Alias(_) => reader.leaf(None)?,
            Event::SequenceStart(..) => reader.open(true)?,
            Event::MappingStart(..) => reader.open(false)?,
            Event::SequenceEnd | Event::MappingEnd => reader.close(),
            // What follows is another document.
            Event::DocumentEnd => break,
            _ => {}
        }
    }
    Ok(reader.fields)
}

/// Where a value stands.
#[derive(Clone)]
enum Place {
    /// Below these keys.
    At(String),
    /// Below a key that is no text, or too long: it is nothing to us.
    Odd,
}

/// A list or a map that isn't closed yet.
struct Open {
    place: Place,
    is_list: bool,
    /// Whether it is itself a key.
    is_key: bool,
    /// Where the value stands that is awaited, once its key has been read.
    value: Option<Place>,
}

/// What of a document has been read.
#[derive(Default)]
struct Reader {
    fields: Vec<Field>,
    open: Vec<Open>,
}

impl Reader {
    /// A scalar, unless it is null, or an alias.
    fn leaf(&mut self, text: Option<String>) -> Result<(), &'static str> {
        let Some(open) = self.open.last_mut() else { return Err("it isn't a YAML map") };
        if open.is_list {
            if let (Place::At(path), Some(text)) = (&open.place, text) {
                match self.fields.last_mut() {
                    Some(field) if field.is_list && field.key == *path => field.values.push(text),
                    _ => self.fields.push(Field::list(path, vec![text])),
                }
            }
        } else if let Some(place) = open.value.take() {
            if let (Place::At(path), Some(text)) = (place, text) {
                self.fields.push(Field::scalar(&path, text));
            }
        } else {
            open.value = Some(match (&open.place, text) {
                (Place::At(path), Some(key)) => below(path, &key),
                _ => Place::Odd,
            });
        }
        Ok(())
    }

    /// The start of a list or map.
    fn open(&mut self, is_list: bool) -> Result<(), &'static str> {
        let (mut place, mut is_key) = (Place::At(String::new()), false);
        if let Some(open) = self.open.last_mut() {
            is_key = !open.is_list && open.value.is_none();
            place = if open.is_list { open.place.clone() } else { open.value.take().unwrap_or(Place::Odd) };
        } else if is_list {
            return Err("it isn't a YAML map");
        }
        if self.open.len() == MAX_DEPTH {
            return Err("it is nested too deeply");
        }
        self.open.push(Open { place, is_list, is_key, value: None });
        Ok(())
    }

    /// The end of a list or map.
    fn close(&mut self) {
        let closed = self.open.pop();
        if let Some(open) = self.open.last_mut()
            && closed.is_some_and(|closed| closed.is_key)
        {
            open.value = Some(Place::Odd);
        }
    }
}

/// Where the value of a key stands in the map at `path`.
fn below(path: &str, key: &str) -> Place {
    let key = key.trim().to_lowercase();
    let path = if path.is_empty() { key } else { format!("{path}.{key}") };
    if path.len() > 2 * MAX_KEY { Place::Odd } else { Place::At(path) }
}

/// What is added to the code of a character that is text although YAML takes it for a sign.
const MASK: u32 = 0xE000;

/// The block with signs masked that its writer means as text: a `#` right before a word begins a tag or a number rather
/// than a comment, two brackets begin a link, and an item of a list of names may have a colon.
fn masked(block: &str) -> Cow<'_, str> {
    let is_sign = |c: char| (MASK..MASK + 128).contains(&u32::from(c));
    if block.contains(is_sign) || !block.contains(['#', '[', '-']) {
        return block.into();
    }
    let mut out = String::with_capacity(block.len());
    let mut in_names = false;
    for line in block.split_inclusive('\n') {
        let text = line.trim_start();
        if text.starts_with('#') {
            out.push_str(line);
            continue;
        }
        let item = text.strip_prefix("- ").map(str::trim_start);
        if item.is_none() && text.len() == line.len() {
            in_names = text.split_once(':').is_some_and(|(key, _)| properties::has_names(key));
        }
        let is_name =
            in_names && item.is_some_and(|item| !item.starts_with(['"', '\'', '[', '{', '&', '!', '|', '>']));
        mask_line(line, is_name, &mut out);
    }
    out.into()
}

/// Masks the signs of one line.
fn mask_line(line: &str, is_name: bool, out: &mut String) {
    let mask =
        |c: char| if c.is_ascii_punctuation() { char::from_u32(MASK + u32::from(c)).unwrap_or(c) } else { c };
    let mut before = '\n';
    // Where the last link ends.
    let mut link_end = 0;
    for (at, c) in line.char_indices() {
        let rest = &line[at + c.len_utf8()..];
        let in_link = at < link_end;
        let begins_link = !in_link && (c == '[' || c == '!');
        if begins_link && let Some(length) = link_length(&line[at..]) {
            link_end = at + length;
        }
        let hash = c == '#' && before.is_whitespace() && rest.starts_with(char::is_alphanumeric);
        let colon = is_name && c == ':' && (rest.trim().is_empty() || rest.starts_with(' '));
        out.push(if at < link_end || hash || colon { mask(c) } else { c });
        before = c;
    }
}

/// The length of the link in double brackets that a text begins with, that of an embedded note with its mark.
fn link_length(text: &str) -> Option<usize> {
    let opened = text.strip_prefix('!').unwrap_or(text).strip_prefix("[[")?;
    let inside = opened.find(['[', ']', '\n'])?;
    opened[inside..].starts_with("]]").then(|| text.len() - opened.len() + inside + 2)
}

/// A scalar with what was masked in it.
fn unmasked(text: &str) -> String {
    let sign = |c: char| u32::from(c).checked_sub(MASK).filter(|code| *code < 128).and_then(char::from_u32);
    text.chars().map(|c| sign(c).unwrap_or(c)).collect()
}
