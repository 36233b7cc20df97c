//! Any server that speaks as OpenAI's does, by
//! [`/chat/completions`](https://platform.openai.com/docs/api-reference/chat): llama.cpp, LM Studio, vLLM, OpenRouter, ….
//!
//! They differ in what they take. What one refuses is left out, and it is asked again.

use std::ops::ControlFlow;
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::{Value, json};

use super::choices::Chooser;
use super::events::Form;
use super::fault::Whom;
use super::fields::{Fields, Held};
use super::llm_server::LlmServer;
use super::model::{Ending, LanguageModel, Role, Stop, Task};
use super::models::{Models, count, props_window, studio_window};
use super::reader::{Reader, Said, text_of, tokens};
use super::speech::{Begun, begin, hear, is_cut, stopped};
use super::transfer::Head;
use crate::error::{LlmError, Result};

/// The variable that has the key.
pub(super) const VARIABLE: &str = "OPENAI_API_KEY";
/// The name that is sent where a server has one model and doesn't say its name.
const UNNAMED: &str = "default";
/// How often a server is asked again without what it refused.
const MOST_TRIES: usize = 7;

/// A model of a server that speaks as OpenAI's does.
#[derive(Debug)]
pub(super) struct OpenAi {
    server: LlmServer,
    /// The model; set later if the server is to say which it has.
    model: OnceLock<String>,
    models: OnceLock<Option<Models>>,
    window: OnceLock<Option<u32>>,
    fields: Mutex<Fields>,
    /// Whether the server counts tokens; not set before it was asked.
    counts: OnceLock<bool>,
}

impl OpenAi {
    /// A model by its name, or the first that the server has; nothing is sent.
    pub(super) fn new(server: LlmServer, model: Option<String>) -> Self {
        let openai = server.address.host == "api.openai.com";
        let fields = Fields::new(server.address.is_local(), openai);
        let cell = OnceLock::new();
        if let Some(model) = model {
            let _ = cell.set(model);
        }
        Self {
            server,
            model: cell,
            models: OnceLock::new(),
            window: OnceLock::new(),
            fields: Mutex::new(fields),
            counts: OnceLock::new(),
        }
    }

    /// Asks a server on this machine what it has: which model, and how it is held to sentences.
    ///
    /// # Errors
    ///
    /// When it isn't there, or has no model.
    pub(super) fn check(&self) -> Result<()> {
        match self.server.ask(&self.below("models"), None)? {
            Ok((200, list)) => {
                let models = Models::of(&list);
                if models.as_ref().is_some_and(Models::are_llama_cpps) {
                    self.fields.lock().unwrap_or_else(PoisonError::into_inner).held = Held::Grammar;
                }
                let _ = self.models.set(models);
            }
            Ok((status @ (401 | 403), _)) if self.model.get().is_none() => {
                return Err(self.whom("").refused(&Head { status, ..Head::default() }, "").into());
            }
            Err(failure @ (super::transfer::Failure::Absent(_) | super::transfer::Failure::NotHttp(_))) => {
                return Err(self.whom("").failed(failure).into());
            }
            // It will say so again, or does without a list.
            Ok(_) | Err(_) => {
                let _ = self.models.set(None);
            }
        }
        self.named().map(|_| ())
    }

    /// Whether it is Ollama that was named by its address for other programs.
    pub(super) fn is_ollama(&self) -> bool {
        let listed = self.models.get().and_then(Option::as_ref).is_some_and(Models::are_ollamas);
        (listed || self.server.address.port == Some(11_434))
            && self.server.answer(&self.server.address.at("/api/version"), None).is_some()
    }

    /// The model's name; asks the server if it isn't known.
    pub(super) fn named(&self) -> Result<&str> {
        if let Some(model) = self.model.get() {
            return Ok(model);
        }
        let model = match self.models() {
            Some(models) => match models.first() {
                Some(first) => first.to_owned(),
                None => return Err(self.whom("any").no_model(models.names()).into()),
            },
            None => UNNAMED.to_owned(),
        };
        Ok(self.model.get_or_init(|| model))
    }

    /// The server's models, asked for once.
    fn models(&self) -> Option<&Models> {
        let ask = || self.server.answer(&self.below("models"), None).as_ref().and_then(Models::of);
        self.models.get_or_init(ask).as_ref()
    }

    /// An address below that of the interface.
    fn below(&self, path: &str) -> super::address::Address {
        self.server.address.at(&format!("{}/{path}", self.server.address.path))
    }

    /// An address beside it.
    fn beside(&self, path: &str) -> super::address::Address {
        let base = self.server.address.path.trim_end_matches("/v1");
        self.server.address.at(&format!("{base}/{path}"))
    }

    fn whom<'a>(&'a self, model: &'a str) -> Whom<'a> {
        self.server.whom(model, Some(VARIABLE))
    }

    fn fields(&self) -> Fields {
        *self.fields.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn body(model: &str, task: &Task, fields: Fields) -> Value {
        let role = |role| match role {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        let messages: Vec<Value> = task
            .messages
            .iter()
            .map(|message| json!({"role": role(message.role), "content": message.text}))
            .collect();
        let mut body = json!({"model": model, "messages": messages, "stream": true});
        fields.put(&mut body, task);
        body
    }

    /// What a refusal means, with the models that the server has if this one isn't there.
    fn refused(&self, model: &str, head: &Head, body: &str) -> LlmError {
        match self.whom(model).refused(head, body) {
            LlmError::NoModel { .. } => {
                let known = self.models().map(Models::names).unwrap_or_default();
                self.whom(model).no_model(known)
            }
            error => error,
        }
    }
}

impl LanguageModel for OpenAi {
    fn name(&self) -> &str {
        self.model.get().map_or(UNNAMED, String::as_str)
    }

    fn server(&self) -> &str {
        &self.server.shown
    }

    fn is_local(&self) -> bool {
        self.server.address.is_local()
    }

    fn window(&self) -> Option<u32> {
        *self.window.get_or_init(|| {
            let model = self.named().ok()?;
            let listed = self.models().and_then(|models| models.window(model));
            if listed.is_some() || !self.is_local() {
                return listed.or_else(|| super::models::known_window(&self.server.address.host, model));
            }
            let props = self.server.answer(&self.beside("props"), None);
            props.as_ref().and_then(props_window).or_else(|| {
                let list = self.server.answer(&self.beside("api/v0/models"), None)?;
                studio_window(&list, model)
            })
        })
    }

    fn count(&self, text: &str) -> Option<u32> {
        if !self.is_local() || self.counts.get() == Some(&false) {
            return None;
        }
        let body = json!({
            "model": self.name(),
            "content": text,
            "prompt": text,
            "add_special": false,
            "add_special_tokens": false,
        });
        let answer = self.server.answer(&self.beside("tokenize"), Some(&body));
        let counted = answer.as_ref().and_then(count);
        let _ = self.counts.set(counted.is_some());
        counted
    }

    fn can_choose(&self) -> bool {
        self.fields().held != Held::Not
    }

    fn write(&self, task: &Task, take: &mut dyn FnMut(&str) -> ControlFlow<()>) -> Result<Ending> {
        let model = self.named()?;
        let whom = self.whom(model);
        for tries in 0.. {
            let fields = self.fields();
            if !task.choices.is_empty() && fields.held == Held::Not {
                return Err(LlmError::NotStrict { server: self.server.shown.clone() }.into());
            }
            let mut transfer =
                self.server.post(&self.below("chat/completions"), &Self::body(model, task, fields))?;
            match begin(&mut transfer, &whom, take)? {
                Begun::Stopped => break,
                Begun::Well(head) => {
                    let chooser = Chooser::new(&task.choices, fields.held == Held::Schema);
                    let reader = Reader::new(Form::Sent, understand, task.most_tokens, chooser);
                    let mut ending = hear(&mut transfer, &head, reader, &whom, take)?;
                    ending.cut = is_cut(task, ending.read);
                    return Ok(ending);
                }
                Begun::Refused(head, body) => {
                    let error = self.refused(model, &head, &body);
                    let other = matches!(error, LlmError::Refused { .. })
                        && matches!(head.status, 400 | 422 | 500 | 501)
                        && tries < MOST_TRIES;
                    let without = other.then(|| fields.without(head.status, &body, task)).flatten();
                    match without {
                        Some(fewer) => {
                            *self.fields.lock().unwrap_or_else(PoisonError::into_inner) = fewer;
                        }
                        None => return Err(error.into()),
                    }
                }
            }
        }
        Ok(stopped())
    }
}

/// What an event of a stream says, or a reply that isn't streamed.
pub(super) fn understand(event: &Value) -> Option<Said> {
    if let Some(error) = event.get("error").filter(|error| !error.is_null()) {
        return Some(Said { error: Some(error.clone()), ..Said::default() });
    }
    if event["object"] == "error" {
        return Some(Said { error: Some(event.clone()), ..Said::default() });
    }
    let choices = event.get("choices").and_then(Value::as_array);
    if choices.is_none() && event.get("usage").is_none() {
        return None;
    }
    let first = |choice: &&Value| choice["index"].as_u64().unwrap_or(0) == 0;
    let choice = choices.and_then(|choices| choices.iter().find(first)).unwrap_or(&Value::Null);
    let whole = choice.get("message").filter(|message| message.is_object());
    let delta = choice.get("delta").filter(|delta| delta.is_object()).or(whole).unwrap_or(&Value::Null);
    let mut text = text_of(&delta["content"]);
    if text.is_empty() {
        text = ["refusal"].iter().map(|name| text_of(&delta[name])).collect::<String>()
            + &text_of(&choice["text"]);
    }
    let thoughts = ["reasoning_content", "reasoning", "thinking"];
    let stop =
        choice["finish_reason"].as_str().filter(|reason| !reason.is_empty()).map(|reason| match reason {
            "length" | "max_tokens" => Stop::Full,
            "content_filter" => Stop::BrokenOff("the server's filter took the rest".to_owned()),
            "error" => Stop::BrokenOff("an error of the server".to_owned()),
            _ => Stop::Done,
        });
    Some(Said {
        text,
        thoughts: thoughts.iter().map(|name| text_of(&delta[name]).len()).max().unwrap_or(0),
        stop,
        read: tokens(&event["usage"]["prompt_tokens"]),
        written: tokens(&event["usage"]["completion_tokens"]),
        error: None,
        last: whole.is_some(),
    })
}
