//! Ollama, by its own [`/api/chat`](https://github.com/ollama/ollama/blob/main/docs/api.md).
//!
//! Its `/v1` takes no `num_ctx`, and what is longer than 4,096 tokens is cut there without a word.

use std::ops::ControlFlow;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::choices::{Chooser, schema};
use super::events::Form;
use super::fault::Whom;
use super::llm_server::LlmServer;
use super::model::{Ending, LanguageModel, Role, Stop, Task};
use super::models::{is_cloud, is_name};
use super::reader::{Reader, Said, text_of, tokens};
use super::speech::{Begun, begin, hear, is_cut, stopped};
use super::transfer::Failure;
use crate::error::{LlmError, Result};

/// How much of a model's window is asked for at most, unless its owner set more: each token takes memory.
const MOST_WINDOW: u32 = 16_384;
/// The smallest window that is asked for; a model that is loaded with it stays as it is.
const LEAST_WINDOW: u32 = 4096;
/// Tokens of the template around a message.
const AROUND: usize = 16;

/// A model of an Ollama.
#[derive(Debug)]
pub(super) struct Ollama {
    server: LlmServer,
    model: String,
    windows: OnceLock<Windows>,
    /// Whether the list of models says that it runs elsewhere.
    remote: AtomicBool,
    /// Whether it takes `think`.
    thinks: AtomicBool,
}

/// How many tokens a model can have.
#[derive(Clone, Copy, Debug, Default)]
struct Windows {
    /// At most.
    most: Option<u32>,
    /// As its owner set it.
    set: Option<u32>,
    /// Whether the model runs on another machine.
    remote: bool,
}

impl Ollama {
    /// A model by its name; nothing is sent.
    pub(super) fn new(server: LlmServer, model: String) -> Self {
        Self {
            server,
            model,
            windows: OnceLock::new(),
            remote: AtomicBool::new(false),
            thinks: AtomicBool::new(true),
        }
    }

    /// Fails if the server isn't there or doesn't have the model.
    pub(super) fn check(&self) -> Result<()> {
        let (status, tags) = match self.server.ask(&self.server.address.at("/api/tags"), None)? {
            Ok(reply) => reply,
            // Whoever has it write may wait longer.
            Err(Failure::Slow(_)) => return Ok(()),
            Err(failure) => return Err(self.whom().failed(failure).into()),
        };
        let Some(known) = names(&tags) else {
            let what = format!("it has no `/api/tags` as Ollama does (status {status})");
            return Err(LlmError::NotAnApi { server: self.server.shown.clone(), what }.into());
        };
        let same = |name: &String| name == &self.model || name.strip_suffix(":latest") == Some(&self.model);
        if known.iter().any(same) {
            let remote = remote_names(&tags).iter().any(same);
            self.remote.store(remote, Ordering::Relaxed);
            return Ok(());
        }
        Err(self.whom().no_model(known).into())
    }

    fn whom(&self) -> Whom<'_> {
        Whom { ollama: true, ..self.server.whom(&self.model, None) }
    }

    /// The sizes of the model's window, asked for once.
    fn windows(&self) -> Windows {
        *self.windows.get_or_init(|| {
            let body = json!({"model": self.model});
            let show = self.server.answer(&self.server.address.at("/api/show"), Some(&body));
            show.as_ref().map(windows).unwrap_or_default()
        })
    }

    /// How many tokens the window is to have for a task.
    fn num_ctx(&self, task: &Task) -> u32 {
        let windows = self.windows();
        let text: usize = task.messages.iter().map(|message| AROUND + estimate(&message.text)).sum();
        let needed = u32::try_from(text).unwrap_or(u32::MAX / 4).saturating_add(task.most_tokens);
        let mut window = windows.set.unwrap_or(LEAST_WINDOW).max(512);
        // A few sizes only, since another one has the model loaded again.
        while window < needed && window < u32::MAX / 4 {
            window *= 2;
        }
        window.min(windows.most.unwrap_or(u32::MAX))
    }

    fn body(&self, task: &Task, num_ctx: u32) -> Value {
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
        let mut body = json!({
            "model": self.model,
            "messages": messages,
            "stream": true,
            // Newer ones then say so, instead of cutting what is too long.
            "truncate": false,
            "shift": false,
            "options": {
                "num_ctx": num_ctx,
                "num_predict": task.most_tokens,
                "temperature": 0,
                "seed": 0,
            },
        });
        if self.thinks.load(Ordering::Relaxed) {
            body["think"] = false.into();
        }
        if !task.choices.is_empty() {
            body["format"] = schema(&task.choices);
        }
        body
    }
}

impl LanguageModel for Ollama {
    fn name(&self) -> &str {
        &self.model
    }

    fn server(&self) -> &str {
        &self.server.shown
    }

    fn is_local(&self) -> bool {
        self.server.address.is_local()
            && !is_cloud(&self.model)
            && !self.remote.load(Ordering::Relaxed)
            && !self.windows().remote
    }

    fn window(&self) -> Option<u32> {
        let windows = self.windows();
        let most = windows.most.unwrap_or(LEAST_WINDOW);
        Some(windows.set.unwrap_or_else(|| most.min(MOST_WINDOW)).min(most))
    }

    fn can_choose(&self) -> bool {
        true
    }

    fn write(&self, task: &Task, take: &mut dyn FnMut(&str) -> ControlFlow<()>) -> Result<Ending> {
        let num_ctx = self.num_ctx(task);
        loop {
            let to = self.server.address.at("/api/chat");
            let mut transfer = self.server.post(&to, &self.body(task, num_ctx))?;
            let head = match begin(&mut transfer, &self.whom(), take)? {
                Begun::Stopped => return Ok(stopped()),
                Begun::Well(head) => head,
                Begun::Refused(head, body) => {
                    if head.status == 400
                        && body.contains("think")
                        && self.thinks.swap(false, Ordering::Relaxed)
                    {
                        continue;
                    }
                    let error = self.whom().refused(&head, &body);
                    return Err(match error {
                        LlmError::NoModel { .. } => {
                            let tags = self.server.answer(&self.server.address.at("/api/tags"), None);
                            let known = tags.as_ref().and_then(names).unwrap_or_default();
                            self.whom().no_model(known)
                        }
                        error => error,
                    }
                    .into());
                }
            };
            let chooser = Chooser::new(&task.choices, true);
            let reader = Reader::new(Form::Lines, understand, task.most_tokens, chooser);
            let mut ending = hear(&mut transfer, &head, reader, &self.whom(), take)?;
            ending.cut = is_cut(task, ending.read) || ending.read.is_some_and(|read| read >= num_ctx);
            return Ok(ending);
        }
    }
}

/// What a line of `/api/chat` says.
pub(super) fn understand(line: &Value) -> Option<Said> {
    if let Some(error) = line.get("error").filter(|error| !error.is_null()) {
        return Some(Said { error: Some(error.clone()), ..Said::default() });
    }
    let (message, done) = (line.get("message"), line["done"].as_bool());
    if message.is_none() && done.is_none() {
        return None;
    }
    let message = message.unwrap_or(&Value::Null);
    let done = done == Some(true);
    let stop = done.then(|| match line["done_reason"].as_str() {
        Some("length") => Stop::Full,
        _ => Stop::Done,
    });
    Some(Said {
        text: text_of(&message["content"]),
        thoughts: text_of(&message["thinking"]).len(),
        stop,
        read: tokens(&line["prompt_eval_count"]),
        written: tokens(&line["eval_count"]),
        error: None,
        last: done,
    })
}

/// The names in a list of `/api/tags` or `/api/ps`.
pub(super) fn names(list: &Value) -> Option<Vec<String>> {
    let name = |model: &Value| model["name"].as_str().or_else(|| model["model"].as_str()).map(str::to_owned);
    Some(list["models"].as_array()?.iter().filter_map(name).filter(|name| is_name(name)).collect())
}

/// The names in such a list of what runs on other machines.
pub(super) fn remote_names(list: &Value) -> Vec<String> {
    let models = list["models"].as_array().into_iter().flatten().filter(|model| is_remote(model));
    names(&json!({"models": models.collect::<Vec<_>>()})).unwrap_or_default()
}

/// Whether Ollama says of a model that it runs on another machine.
fn is_remote(model: &Value) -> bool {
    ["remote_host", "remote_model"]
        .iter()
        .any(|field| model[*field].as_str().is_some_and(|at| !at.is_empty()))
}

/// What `/api/show` says of a model's window.
fn windows(show: &Value) -> Windows {
    let info = show["model_info"].as_object();
    let length = |info: &serde_json::Map<String, Value>| {
        info.iter().find(|(name, _)| name.ends_with(".context_length")).and_then(|(_, value)| tokens(value))
    };
    let parameters = show["parameters"].as_str().unwrap_or_default();
    let set = parameters.lines().find_map(|line| line.trim().strip_prefix("num_ctx")?.trim().parse().ok());
    Windows {
        most: info.and_then(length).filter(|&most| most > 0),
        set: set.filter(|&set: &u32| set >= 512),
        remote: is_remote(show),
    }
}

/// How many tokens a text has at most, as a rule: an English one has four bytes to a token, others have one for each
/// character.
fn estimate(text: &str) -> usize {
    let ascii = text.bytes().filter(u8::is_ascii).count();
    let others = text.chars().filter(|c| !c.is_ascii()).count();
    ascii.div_ceil(3) + others
}
