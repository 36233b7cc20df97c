//! What a model or a program typed, read by the table of what a tool or a route takes.
//!
//! Both are taken at what they mean: numbers and flags may be texts, a list may be one text or a list written as one, and
//! what is `null` wasn't given. What nothing is known of is refused, for it would be passed over in silence.

use std::collections::BTreeMap;

use qsearch::ask::Question;
use qsearch::calendar::Day;
use qsearch::query::Filter;
use serde_json::{Map, Value};

use super::{Failure, hint, human};

/// The most characters of a text.
const LONGEST: usize = 10_000;

/// A JSON object.
pub(crate) type Object = Map<String, Value>;

/// Something that a tool or a route takes.
#[derive(Debug)]
pub(crate) struct Field {
    /// What it is called.
    pub(crate) name: &'static str,
    /// What else it is called.
    pub(crate) aliases: &'static [&'static str],
    /// What it is.
    pub(crate) kind: Kind,
    /// Whether nothing can be done without it.
    pub(crate) needed: bool,
    /// What it means, in words for whoever calls it.
    pub(crate) says: &'static str,
}

/// What a [`Field`] is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// A text.
    Text,
    /// Texts; one alone is taken, too.
    Texts,
    /// A whole number between these, both included.
    Number { least: usize, most: usize },
    /// Yes or no.
    Flag,
}

/// What is looked for.
pub(crate) const QUERY: Field =
    Field { name: "query", aliases: &["q"], kind: Kind::Text, needed: true, says: "What to look for." };
/// What is asked.
pub(crate) const QUESTION: Field = Field {
    name: "question",
    aliases: &["q", "query"],
    kind: Kind::Text,
    needed: true,
    says: "The question, as a person would ask it.",
};
/// How many passages are found unless it is said.
pub(crate) const RESULTS: usize = 8;
/// How many passages are found.
pub(crate) const LIMIT: Field = Field {
    name: "limit",
    aliases: &["n", "top_k"],
    kind: Kind::Number { least: 1, most: 50 },
    needed: false,
    says: "How many passages to return; 8 if left out.",
};
/// How many sources an answer has.
pub(crate) const SOURCES: Field = Field {
    name: "sources",
    aliases: &["n", "top_k", "limit"],
    kind: Kind::Number { least: 1, most: 10 },
    needed: false,
    says: "How many sources to return; 5 if left out.",
};
/// Which notes are meant, by their paths.
pub(crate) const PATHS: Field = Field {
    name: "paths",
    aliases: &["path"],
    kind: Kind::Texts,
    needed: false,
    says: "Only notes whose path matches one of these globs, such as work/** or *.pdf.",
};
/// Which notes are meant, by their tags.
pub(crate) const TAGS: Field = Field {
    name: "tags",
    aliases: &["tag"],
    kind: Kind::Texts,
    needed: false,
    says: "Only notes that have all of these tags.",
};
/// Which notes are meant, by the first day.
pub(crate) const SINCE: Field = Field {
    name: "since",
    aliases: &[],
    kind: Kind::Text,
    needed: false,
    says: "Only notes dated this day or later: 2024-06-30, 2024-06, yesterday, 7d, 2w, 6m.",
};
/// Which notes are meant, by the day after the last.
pub(crate) const BEFORE: Field = Field {
    name: "before",
    aliases: &[],
    kind: Kind::Text,
    needed: false,
    says: "Only notes dated before this day.",
};

/// Arguments that fit a tool or a route.
#[derive(Debug, Default)]
pub(crate) struct Arguments {
    given: BTreeMap<&'static str, Given>,
}

/// An argument.
#[derive(Debug, PartialEq)]
enum Given {
    Text(String),
    Texts(Vec<String>),
    Number(usize),
    Flag(bool),
}

impl Arguments {
    /// Reads what was typed for a tool that takes these fields.
    pub(crate) fn read(tool: &str, fields: &'static [Field], typed: Object) -> Result<Self, Failure> {
        let mut given = BTreeMap::new();
        for (name, value) in typed {
            let Some(field) = fields.iter().find(|field| field.is_called(&name)) else {
                return Err(Failure::refused(format!("`{tool}` has no field `{name}`"), takes(tool, fields)));
            };
            if value.is_null() {
                continue;
            }
            let read = field.read(&name, value)?;
            if given.insert(field.name, read).is_some() {
                let what = format!("`{}` is given twice, once as `{name}`", field.name);
                return Err(Failure::refused(what, takes(tool, fields)));
            }
        }
        if let Some(missing) = fields.iter().find(|field| field.needed && !given.contains_key(field.name)) {
            return Err(Failure::refused(format!("`{}` is missing", missing.name), takes(tool, fields)));
        }
        Ok(Self { given })
    }

    /// A text; empty if it wasn't given.
    pub(crate) fn text(&self, name: &str) -> &str {
        match self.given.get(name) {
            Some(Given::Text(text)) => text,
            _ => "",
        }
    }

    /// Some texts.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        match self.given.get(name) {
            Some(Given::Texts(texts)) => texts.clone(),
            _ => Vec::new(),
        }
    }

    /// A number, or another one if it wasn't given.
    pub(crate) fn number(&self, name: &str, otherwise: usize) -> usize {
        match self.given.get(name) {
            Some(Given::Number(number)) => *number,
            _ => otherwise,
        }
    }

    /// A flag, or another one if it wasn't given.
    pub(crate) fn flag(&self, name: &str, otherwise: bool) -> bool {
        match self.given.get(name) {
            Some(Given::Flag(flag)) => *flag,
            _ => otherwise,
        }
    }
}

/// A question with the filters that were given.
pub(crate) fn question(text: &str, sources: usize, arguments: &Arguments) -> Result<Question, Failure> {
    let today = human::today();
    let mut question = Question::new(text, sources, today);
    question.filter = Filter {
        paths: arguments.texts("paths"),
        tags: arguments.texts("tags"),
        since: day(arguments, "since", today)?,
        before: day(arguments, "before", today)?,
    };
    Ok(question)
}

/// A day that was given, if one was.
fn day(arguments: &Arguments, name: &str, today: Day) -> Result<Option<Day>, Failure> {
    let text = arguments.text(name).trim();
    if text.is_empty() {
        return Ok(None);
    }
    let refused = || Failure::refused(format!("`{name}` is `{text}`, which is no day"), hint::mcp::DAY);
    Day::parse(text, today).map(Some).ok_or_else(refused)
}

/// What a tool takes, as advice.
fn takes(tool: &str, fields: &[Field]) -> String {
    hint::mcp::takes(tool, &fields.iter().map(|field| field.name).collect::<Vec<_>>())
}

impl Field {
    /// Whether a model means this field by a name.
    fn is_called(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }

    /// Reads what was typed for this field, under one of its names.
    fn read(&self, name: &str, value: Value) -> Result<Given, Failure> {
        let refused =
            |said: &str, wanted: String| Err(Failure::refused(format!("`{name}` is {said}"), wanted));
        let said = shortened(&value);
        match self.kind {
            Kind::Text => match text(value) {
                Some(text) if text.chars().count() > LONGEST => {
                    let said = format!("{} characters long", text.chars().count());
                    refused(&said, hint::mcp::shorter(LONGEST))
                }
                Some(text) => Ok(Given::Text(text)),
                None => refused(&said, hint::mcp::wanted("a text")),
            },
            Kind::Texts => match texts(value) {
                Some(texts) if texts.iter().map(|text| text.chars().count()).sum::<usize>() > LONGEST => {
                    refused("too long", hint::mcp::shorter(LONGEST))
                }
                Some(texts) => Ok(Given::Texts(texts)),
                None => refused(&said, hint::mcp::wanted("a list of texts")),
            },
            Kind::Number { least, most } => {
                match whole(&value).filter(|number| (least..=most).contains(number)) {
                    Some(number) => Ok(Given::Number(number)),
                    None => {
                        refused(&said, hint::mcp::wanted(&format!("a whole number from {least} to {most}")))
                    }
                }
            }
            Kind::Flag => match flag(&value) {
                Some(flag) => Ok(Given::Flag(flag)),
                None => refused(&said, hint::mcp::wanted("true or false")),
            },
        }
    }
}

/// A value as it can be shown in a sentence.
fn shortened(value: &Value) -> String {
    const MOST: usize = 60;
    let all = value.to_string();
    let short: String = all.chars().take(MOST).collect();
    if short.len() < all.len() { short + "…" } else { short }
}

/// The text that a value is.
fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// The texts that a value is: a list, one alone, or a list that was written as a text.
fn texts(value: Value) -> Option<Vec<String>> {
    match value {
        Value::Array(items) => items.into_iter().map(text).collect(),
        Value::String(one) => Some(match serde_json::from_str::<Vec<String>>(&one) {
            Ok(written) => written,
            Err(_) if one.trim().is_empty() => Vec::new(),
            Err(_) => vec![one],
        }),
        value => text(value).map(|one| vec![one]),
    }
}

/// The whole number that a value is, or says.
fn whole(value: &Value) -> Option<usize> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    // Beyond that nothing is allowed anyway.
    (number.fract() == 0.0 && (0.0..1e9).contains(&number)).then_some(number as usize)
}

/// The flag that a value is, or says.
fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => [(0.0, false), (1.0, true)]
            .into_iter()
            .find_map(|(said, flag)| (number.as_f64() == Some(said)).then_some(flag)),
        Value::String(text) => match text.trim().to_lowercase().as_str() {
            "true" | "yes" | "1" => Some(true),
            "false" | "no" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FIELDS: &[Field] = &[
        Field { name: "query", aliases: &["q"], kind: Kind::Text, needed: true, says: "" },
        Field {
            name: "limit",
            aliases: &["n"],
            kind: Kind::Number { least: 1, most: 50 },
            needed: false,
            says: "",
        },
        Field { name: "paths", aliases: &["path"], kind: Kind::Texts, needed: false, says: "" },
        Field { name: "numbers", aliases: &[], kind: Kind::Flag, needed: false, says: "" },
    ];

    fn read(typed: Value) -> Result<Arguments, String> {
        let Value::Object(typed) = typed else { panic!("not an object") };
        Arguments::read("search", FIELDS, typed).map_err(|failure| match failure {
            Failure::Refused(what, hint) => format!("{what}; {hint}"),
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn models_are_taken_at_what_they_mean() {
        let read = |typed| read(typed).unwrap();
        let plain = read(json!({ "query": "owls", "limit": 3, "paths": ["a/**", "b"], "numbers": false }));
        let meant = read(json!({ "q": "owls", "n": " 3 ", "path": r#"["a/**", "b"]"#, "numbers": "False" }));
        for arguments in [plain, meant] {
            assert_eq!(arguments.text("query"), "owls");
            assert_eq!(arguments.number("limit", 8), 3);
            assert_eq!(arguments.texts("paths"), ["a/**", "b"]);
            assert!(!arguments.flag("numbers", true));
        }
        let little = read(json!({ "q": 42, "n": null, "path": "[a-z]*" }));
        assert_eq!((little.text("query"), little.number("limit", 8)), ("42", 8));
        assert_eq!(little.texts("paths"), ["[a-z]*"]);
        assert!(little.flag("numbers", true));
        assert_eq!(read(json!({ "q": "x", "n": 4.0, "path": "" })).number("limit", 8), 4);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_what_can() {
        for (typed, words) in [
            (
                json!({ "query": "x", "colour": 1 }),
                ["no field `colour`", "`query`, `limit`, `paths` and `numbers`"],
            ),
            (json!({}), ["`query` is missing", "takes `query`"]),
            (json!({ "query": null }), ["`query` is missing", "takes `query`"]),
            (json!({ "query": "x", "q": "y" }), ["`query` is given twice", "takes"]),
            (json!({ "query": ["x"] }), ["`query` is [\"x\"]", "a text"]),
            (json!({ "query": "x".repeat(20_000) }), ["20000 characters", "10000"]),
            (json!({ "query": "x", "limit": 51 }), ["`limit` is 51", "from 1 to 50"]),
            (json!({ "query": "x", "n": "many" }), ["`n` is \"many\"", "from 1 to 50"]),
            (json!({ "query": "x", "limit": 1.5 }), ["`limit` is 1.5", "whole number"]),
            (json!({ "query": "x", "limit": -1 }), ["`limit` is -1", "whole number"]),
            (json!({ "query": "x", "paths": [["a"]] }), ["`paths` is", "a list of texts"]),
            (json!({ "query": "x", "numbers": "maybe" }), ["`numbers` is \"maybe\"", "true or false"]),
        ] {
            let said = read(typed).unwrap_err();
            assert!(words.iter().all(|word| said.contains(word)), "{said}");
        }
    }
}
