//! Which fields of a request a server takes that speaks as OpenAI's does.

use serde_json::{Value, json};

use super::choices::{grammar, schema};
use super::model::Task;

/// How many tokens a model that reasons may think.
const THOUGHTS: u32 = 4096;

/// Which fields a server takes, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fields {
    /// How it is told how much to write.
    most: Most,
    /// Whether it takes `temperature`.
    temperature: bool,
    /// Whether it takes `stream_options`.
    usage: bool,
    /// Whether it takes `chat_template_kwargs`.
    template: bool,
    /// How it is held to sentences.
    pub(super) held: Held,
}

/// How a server is told how much to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Most {
    /// By `max_tokens`.
    Tokens,
    /// By `max_completion_tokens`.
    Completion,
    /// Not at all.
    Not,
}

/// How a server is held to sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// By a grammar.
    Grammar,
    /// By a JSON schema.
    Schema,
    /// It can't be.
    Not,
}

impl Fields {
    /// What a server takes that hasn't been asked: one on this machine, OpenAI's own, or another.
    pub(super) fn new(local: bool, openai: bool) -> Self {
        let most = if openai { Most::Completion } else { Most::Tokens };
        Self { most, temperature: true, usage: true, template: local, held: Held::Schema }
    }

    /// Puts the fields into a request.
    pub(super) fn put(self, body: &mut Value, task: &Task) {
        match self.most {
            Most::Tokens => body["max_tokens"] = task.most_tokens.into(),
            // What refuses a temperature reasons.
            Most::Completion if !self.temperature => {
                body["max_completion_tokens"] = task.most_tokens.saturating_add(THOUGHTS).into();
            }
            Most::Completion => body["max_completion_tokens"] = task.most_tokens.into(),
            Most::Not => {}
        }
        if self.temperature {
            body["temperature"] = 0.into();
        }
        if self.usage {
            body["stream_options"] = json!({"include_usage": true});
        }
        if self.template {
            body["chat_template_kwargs"] = json!({"enable_thinking": false});
        }
        if task.choices.is_empty() {
            return;
        }
        match self.held {
            Held::Grammar => body["grammar"] = grammar(&task.choices).into(),
            Held::Schema => {
                body["response_format"] = json!({
                    "type": "json_schema",
                    "json_schema": {"name": "sentences", "strict": true, "schema": schema(&task.choices)},
                });
            }
            Held::Not => {}
        }
    }

    /// The fields without the one that a refusal is about; `None` if it is about none of them.
    pub(super) fn without(self, status: u16, refusal: &str, task: &Task) -> Option<Self> {
        let json: Value = serde_json::from_str(refusal).unwrap_or_default();
        let named = json["error"]["param"].as_str().and_then(|name| self.less(name, task));
        let refusal = refusal.to_lowercase();
        // The first that is named; others may be what to use instead.
        let mut mentioned: Vec<(usize, &str)> =
            NAMES.iter().filter_map(|name| Some((refusal.find(name)?, *name))).collect();
        mentioned.sort_unstable();
        let mentioned = || mentioned.iter().find_map(|(_, name)| self.less(name, task));
        named.or_else(mentioned).or_else(|| {
            let unknown =
                ["unknown", "unsupported", "not supported", "unrecognized", "not permitted", "extra"];
            let vague = matches!(status, 400 | 422) && unknown.iter().any(|said| refusal.contains(said));
            if vague && let Some(fewer) = self.less("grammar", task) {
                return Some(fewer);
            }
            let least = Self { most: Most::Not, temperature: false, usage: false, template: false, ..self };
            (vague && least != self).then_some(least)
        })
    }

    /// The fields without one of them; `None` if it isn't among them.
    fn less(self, name: &str, task: &Task) -> Option<Self> {
        let holds = !task.choices.is_empty();
        let fewer = match name {
            "max_tokens" if self.most == Most::Tokens => Self { most: Most::Completion, ..self },
            "max_completion_tokens" if self.most == Most::Completion => Self { most: Most::Not, ..self },
            "temperature" => Self { temperature: false, ..self },
            "stream_options" | "include_usage" => Self { usage: false, ..self },
            "chat_template_kwargs" | "enable_thinking" => Self { template: false, ..self },
            "grammar" | "response_format" | "json_schema" | "schema" | "sampler" if holds => {
                let held = if self.held == Held::Grammar { Held::Schema } else { Held::Not };
                Self { held, ..self }
            }
            _ => return None,
        };
        (fewer != self).then_some(fewer)
    }
}

/// What refusals name.
const NAMES: [&str; 11] = [
    "max_completion_tokens",
    "max_tokens",
    "temperature",
    "stream_options",
    "include_usage",
    "chat_template_kwargs",
    "enable_thinking",
    "grammar",
    "response_format",
    "schema",
    "sampler",
];
