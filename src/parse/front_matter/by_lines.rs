//! A block that no parser takes → its fields, line by line.
//!
//! Most blocks that people write are lines of `key: value` and lists of items. One value with an unquoted colon, a tab
//! or a bracket makes all of it invalid, but what it says is plain to see.

use crate::parse::properties::Field;

/// What was made of a block.
pub(super) struct Lines {
    /// The fields, in order.
    pub(super) fields: Vec<Field>,
    /// Whether at least half of the lines that aren't indented are keys or items.
    pub(super) is_plausible: bool,
}

/// Reads the lines of a block, in YAML or TOML.
pub(super) fn read(block: &str, is_toml: bool) -> Lines {
    let mut reader = Reader { is_toml, ..Reader::default() };
    for line in block.lines() {
        reader.line(line);
    }
    reader.end_value();
    Lines { is_plausible: 2 * reader.known >= reader.seen, fields: reader.fields }
}

/// The key and the value of a line, if it reads `key: value` or `key = value`.
pub(super) fn key_and_value(line: &str, is_toml: bool) -> Option<(&str, &str)> {
    let line = line.trim();
    let quoted = line.starts_with(['"', '\'']).then(|| line[1..].find(&line[..1])).flatten();
    let from = quoted.map_or(0, |end| end + 2);
    let separator = if is_toml { '=' } else { ':' };
    let ends = |at: usize| {
        let rest = &line[at + 1..];
        is_toml || rest.is_empty() || rest.starts_with(char::is_whitespace)
    };
    let mut places = line[from..].match_indices(separator).map(|(at, _)| from + at);
    let at = places.next()?;
    let at = if ends(at) { Some(at) } else { places.find(|at| ends(*at)) };
    // `title:Owls` is meant so, `https://…` isn't.
    let at = at.or_else(|| {
        let first = line[from..].find(separator)? + from;
        let is_key = !line[..first].contains(char::is_whitespace) && !line[first + 1..].starts_with("//");
        is_key.then_some(first)
    })?;
    let key = line[..at].trim().trim_matches(['"', '\'']);
    is_key(key).then(|| (key, line[at + 1..].trim()))
}

/// Whether a text may be a key, rather than the beginning of a sentence.
fn is_key(key: &str) -> bool {
    let is_markup =
        key.starts_with(['#', '>', '|', '*', '`', '<', '=', ':', '[', '{']) || key.starts_with("- ");
    let is_sentence = [". ", ", ", "! ", "? "].iter().any(|end| key.contains(end));
    !key.is_empty() && key.len() <= 80 && key.split_whitespace().count() <= 4 && !is_markup && !is_sentence
}

/// A value that goes on on further lines.
enum Value {
    /// A text that began on the line of its key.
    Text(String),
    /// A text of indented lines only.
    Block(String),
    /// A list in brackets that isn't closed yet.
    Flow(String),
    /// Nothing so far: items or further keys may follow.
    Nothing,
    /// Items of a list.
    Items(Vec<String>),
}

#[derive(Default)]
struct Reader {
    is_toml: bool,
    fields: Vec<Field>,
    /// The key whose value is being read.
    key: Option<(String, Value)>,
    /// The table of TOML, or the key of YAML, that keys belong to.
    inside: String,
    /// How many lines aren't indented, and how many of them are keys, items or tables.
    seen: usize,
    known: usize,
}

impl Reader {
    fn line(&mut self, line: &str) {
        let text = line.trim();
        let is_indented = line.starts_with(char::is_whitespace);
        if text.is_empty() {
            return;
        }
        if let Some((_, Value::Flow(flow))) = &mut self.key {
            // A list goes on until it is closed, or a key shows that it never will be.
            if is_indented || key_and_value(line, self.is_toml).is_none() {
                flow.push(' ');
                flow.push_str(text);
                if text.ends_with(']') || text.ends_with("],") {
                    self.end_value();
                }
                return;
            }
        }
        if is_indented && let Some((_, Value::Block(block))) = &mut self.key {
            block.push(' ');
            block.push_str(text);
            return;
        }
        if text.starts_with('#') {
            return;
        }
        self.seen += usize::from(!is_indented);
        if self.item(text) || self.table(text) || self.key_of(text, is_indented) {
            self.known += usize::from(!is_indented);
        } else if is_indented && let Some((_, Value::Text(value))) = &mut self.key {
            value.push(' ');
            value.push_str(text);
        }
    }

    /// Takes an item of a list.
    fn item(&mut self, text: &str) -> bool {
        let Some(item) = text.strip_prefix("- ").or_else(|| text.strip_prefix("-\t")) else {
            return text == "-";
        };
        match &mut self.key {
            Some((_, value @ Value::Nothing)) => *value = Value::Items(vec![scalar(item)]),
            Some((_, Value::Items(items))) => items.push(scalar(item)),
            Some((_, Value::Text(value))) => {
                value.push(' ');
                value.push_str(text);
            }
            _ => {}
        }
        self.key.is_some()
    }

    /// Takes the head of a table of TOML.
    fn table(&mut self, text: &str) -> bool {
        let Some(name) = text.strip_prefix('[').filter(|_| self.is_toml) else { return false };
        let name = name.trim_start_matches('[').split(']').next().unwrap_or_default();
        self.end_value();
        self.inside = name.trim().to_owned();
        true
    }

    /// Takes a key with its value.
    fn key_of(&mut self, text: &str, is_indented: bool) -> bool {
        let Some((key, value)) = key_and_value(text, self.is_toml) else { return false };
        if is_indented && !self.is_toml {
            match &self.key {
                // What looks like a key may be a line of a longer text.
                Some((_, Value::Text(_))) if self.inside.is_empty() => return false,
                Some((outer, Value::Nothing | Value::Items(_))) if self.inside.is_empty() => {
                    self.inside.clone_from(outer);
                }
                _ => {}
            }
        } else if !self.is_toml {
            self.inside.clear();
        }
        self.end_value();
        let path = if self.inside.is_empty() { key.to_owned() } else { format!("{}.{key}", self.inside) };
        self.key = Some((path, begun(value)));
        if let Some((_, Value::Flow(flow))) = &self.key
            && is_closed(flow)
        {
            self.end_value();
        }
        true
    }

    /// Takes the value that has been read up to here.
    fn end_value(&mut self) {
        let Some((key, value)) = self.key.take() else { return };
        let field = match value {
            Value::Nothing => return,
            Value::Text(text) => Field::scalar(&key, scalar(&text)),
            Value::Block(text) => Field::scalar(&key, text.trim()),
            Value::Items(items) => Field::list(&key, items),
            Value::Flow(flow) => Field::list(&key, items(&flow)),
        };
        if field.values.iter().any(|value| !value.is_empty()) {
            self.fields.push(field);
        }
    }
}

/// The value that a line begins.
fn begun(value: &str) -> Value {
    let is_block = value.starts_with(['|', '>']) && value.len() <= 3;
    if value.is_empty() || value.starts_with("# ") || ["~", "null"].contains(&value) {
        return Value::Nothing;
    }
    if is_block {
        return Value::Block(String::new());
    }
    // `[draft] Owls` is a text that begins with a bracket, and so is a link in two.
    let is_list = value.starts_with('[') && !value.starts_with("[[");
    let behind = value.find(']').map_or("", |close| value[close + 1..].trim());
    let is_text = !behind.is_empty() && !behind.starts_with(['#', ',']) && !value.ends_with(']');
    if is_list && !is_text { Value::Flow(value.to_owned()) } else { Value::Text(value.to_owned()) }
}

/// Whether a list that begins with a bracket ends on the same line.
fn is_closed(flow: &str) -> bool {
    without_comment(flow).ends_with(']')
}

/// The items of a list in brackets, which may be missing at its end.
fn items(flow: &str) -> Vec<String> {
    let flow = without_comment(flow);
    let inside = flow.strip_prefix('[').unwrap_or(flow);
    let inside = inside.strip_suffix(']').unwrap_or(inside);
    let (mut items, mut start, mut quote) = (Vec::new(), 0, None);
    let mut before = ',';
    for (at, c) in inside.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            None if (c == '"' || c == '\'') && before == ',' => quote = Some(c),
            None if c == ',' => {
                items.push(&inside[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        before = if c.is_whitespace() { before } else { c };
    }
    items.push(&inside[start..]);
    items.into_iter().map(|item| scalar(item.trim())).filter(|item| !item.is_empty()).collect()
}

/// A scalar without its quotation marks, or without the comment behind it.
fn scalar(text: &str) -> String {
    let whole = text.trim();
    quoted(whole)
        .or_else(|| quoted(without_comment(whole)))
        .unwrap_or_else(|| without_comment(whole).to_owned())
}

/// What a text in quotation marks says.
fn quoted(text: &str) -> Option<String> {
    let inside = |mark: char| text.strip_prefix(mark)?.strip_suffix(mark);
    let double = inside('"').map(|inside| inside.replace("\\\"", "\"").replace("\\\\", "\\"));
    double.or_else(|| inside('\'').map(|inside| inside.replace("''", "'")))
}

/// A value without a comment behind it: a hash between blanks.
fn without_comment(text: &str) -> &str {
    text.split(" # ").next().unwrap_or(text).trim_end()
}
