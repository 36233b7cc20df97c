//! The tools that there are.

use std::sync::Arc;

use rmcp::model::{self, ToolAnnotations};
use serde_json::Value;

use super::super::Failure;
use super::super::arguments::{
    Arguments, BEFORE, Field, Kind, LIMIT, Object, PATHS, QUERY, QUESTION, SINCE, SOURCES, TAGS,
};
use super::super::desk::Desk;
use super::Told;
use super::{documents, finding, reading, schema, standing};

/// What a tool does. It may end early once the function that it gets says that nobody waits any more.
type Does = fn(&Desk, &Arguments, &dyn Fn() -> bool) -> Result<Told, Failure>;

/// A tool.
#[derive(Debug)]
pub(super) struct Tool {
    /// What it is called.
    pub(super) name: &'static str,
    /// What people are shown as its name.
    title: &'static str,
    /// What it does, in words for a model.
    says: &'static str,
    /// What it takes.
    fields: &'static [Field],
    /// The schema of the document that it gives back, if it gives one.
    gives: Option<fn() -> Value>,
    /// What it does.
    does: Does,
}

/// All tools. They read, and change nothing.
pub(super) static TOOLS: [Tool; 4] = [
    Tool {
        name: "search",
        title: "Search notes",
        says: "Find passages in the user's own notes, by meaning and by words. Returns the best ones with path, lines, \
               score and id; get reads more of a note. The query may have operators: \"exact words\", -without, \
               title:word, since:2024-06, before:7d. An empty query with filters lists notes, newest first.",
        fields: &[QUERY, LIMIT, PATHS, TAGS, SINCE, BEFORE],
        gives: Some(documents::search_schema),
        does: finding::search,
    },
    Tool {
        name: "ask",
        title: "Ask notes",
        says: "Answer a question from the user's own notes: what they say about it, word for word, with path and lines. \
               confidence is high, low (it may be about something else) or none (the notes don't seem to answer; the \
               nearest passages follow).",
        fields: &[QUESTION, SOURCES, PATHS, TAGS, SINCE, BEFORE],
        gives: Some(documents::reply_schema),
        does: finding::ask,
    },
    Tool {
        name: "get",
        title: "Read a note",
        says: "Read a note or a part of it, with line numbers. A long note is cut, and says how to go on.",
        fields: &[TARGET, MAX_CHARS, LINE_NUMBERS],
        gives: None,
        does: reading::get,
    },
    Tool {
        name: "status",
        title: "What is indexed",
        says: "Tell which folders are indexed, how many notes of which kinds there are, when they were read, and how many \
               have changed since.",
        fields: &[],
        gives: Some(standing::schema),
        does: standing::status,
    },
];

const TARGET: Field = Field {
    name: "target",
    aliases: &["path", "id"],
    kind: Kind::Text,
    needed: true,
    says: "root/path for a note, root/path:10-40 for lines of it, root/path:12 for the passage around a line, \
           root/report.pdf:p12 for a page, or #id as search gives it.",
};
const MAX_CHARS: Field = Field {
    name: "max_chars",
    aliases: &[],
    kind: Kind::Number { least: 1, most: 1_000_000_000 },
    needed: false,
    says: "The most characters to return; 12000 if left out, and 50000 at most.",
};
const LINE_NUMBERS: Field = Field {
    name: "line_numbers",
    aliases: &[],
    kind: Kind::Flag,
    needed: false,
    says: "Whether lines begin with their numbers; true if left out.",
};

impl Tool {
    /// The tool with this name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        TOOLS.iter().find(|tool| tool.name == name)
    }

    /// The tool as clients are told of it.
    pub(super) fn listed(&self) -> model::Tool {
        let annotations = ToolAnnotations::with_title(self.title)
            .read_only(true)
            .destructive(false)
            .idempotent(true)
            .open_world(false);
        let tool = model::Tool::new(self.name, self.says, Arc::new(schema::of(self.fields)))
            .with_title(self.title)
            .with_annotations(annotations);
        match self.gives.map(|gives| gives()) {
            Some(Value::Object(schema)) => tool.with_raw_output_schema(Arc::new(schema)),
            _ => tool,
        }
    }

    /// Does what the tool does, with what a model typed.
    pub(super) fn call(
        &self,
        desk: &Desk,
        typed: Object,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Told, Failure> {
        (self.does)(desk, &Arguments::read(self.name, self.fields, typed)?, cancelled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keywords that each client understands, those of Gemini's functions among them.
    const KEYWORDS: [&str; 8] =
        ["type", "description", "properties", "required", "items", "enum", "minimum", "maximum"];

    /// Checks a schema and those in it.
    fn check(schema: &Value) {
        let schema = schema.as_object().unwrap();
        for (keyword, value) in schema {
            assert!(KEYWORDS.contains(&keyword.as_str()), "{keyword}");
            match keyword.as_str() {
                "type" => assert!(value.is_string(), "{value}"),
                "items" => check(value),
                "properties" => value.as_object().unwrap().values().for_each(check),
                "required" => {
                    let known = schema["properties"].as_object().unwrap();
                    assert!(
                        value
                            .as_array()
                            .unwrap()
                            .iter()
                            .all(|name| known.contains_key(name.as_str().unwrap()))
                    );
                }
                _ => {}
            }
        }
        assert!(schema.contains_key("type"));
    }

    #[test]
    fn schemas_have_only_what_every_client_understands() {
        for tool in &TOOLS {
            let listed = tool.listed();
            check(&Value::Object((*listed.input_schema).clone()));
            if let Some(schema) = &listed.output_schema {
                check(&Value::Object((**schema).clone()));
            }
        }
    }

    #[test]
    fn what_models_read_before_they_call_anything_is_short() {
        let read =
            |tool: &Tool| tool.says.len() + serde_json::to_string(&schema::of(tool.fields)).unwrap().len();
        let all: usize = TOOLS.iter().map(read).sum();
        assert!(all < 5000, "{all}");
    }

    #[test]
    fn tools_only_read() {
        for tool in &TOOLS {
            let annotations = tool.listed().annotations.unwrap();
            assert_eq!(annotations.read_only_hint, Some(true));
            assert_eq!(annotations.idempotent_hint, Some(true));
            assert_eq!(annotations.open_world_hint, Some(false));
            assert!(annotations.title.is_some());
            assert!(std::ptr::eq(Tool::named(tool.name).unwrap().fields, tool.fields));
        }
    }
}
