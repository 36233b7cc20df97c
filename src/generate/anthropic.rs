//! Anthropic's [Messages](https://docs.anthropic.com/en/api/messages-streaming).

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::events::Form;
use super::llm_server::LlmServer;
use super::model::{Ending, LanguageModel, Role, Stop, Task};
use super::reader::{Reader, Said, text_of, tokens};
use super::speech::{Begun, begin, hear, stopped};
use crate::error::{LlmError, Result};

/// The variable that has the key.
pub(super) const VARIABLE: &str = "ANTHROPIC_API_KEY";
/// The version of the interface.
pub(super) const VERSION: &str = "2023-06-01";
/// How many tokens its models have at least.
const WINDOW: u32 = 200_000;

/// A model of Anthropic's.
#[derive(Debug)]
pub(super) struct Anthropic {
    server: LlmServer,
    model: String,
    /// Whether it takes a temperature.
    temperature: AtomicBool,
}

impl Anthropic {
    /// A model by its name; nothing is sent.
    pub(super) fn new(server: LlmServer, model: String) -> Self {
        Self { server, model, temperature: AtomicBool::new(true) }
    }

    fn body(&self, task: &Task) -> Value {
        let said = |system: bool| {
            task.messages.iter().filter(move |message| (message.role == Role::System) == system)
        };
        let system: Vec<&str> = said(true).map(|message| message.text.as_str()).collect();
        let role = |role| if role == Role::Assistant { "assistant" } else { "user" };
        let messages: Vec<Value> =
            said(false).map(|message| json!({"role": role(message.role), "content": message.text})).collect();
        let mut body = json!({
            "model": self.model,
            "max_tokens": task.most_tokens.max(1),
            "messages": messages,
            "stream": true,
        });
        if !system.is_empty() {
            body["system"] = system.join("\n\n").into();
        }
        if self.temperature.load(Ordering::Relaxed) {
            body["temperature"] = 0.into();
        }
        body
    }
}

impl LanguageModel for Anthropic {
    fn name(&self) -> &str {
        &self.model
    }

    fn server(&self) -> &str {
        &self.server.shown
    }

    fn is_local(&self) -> bool {
        self.server.address.is_local()
    }

    fn window(&self) -> Option<u32> {
        Some(WINDOW)
    }

    fn write(&self, task: &Task, take: &mut dyn FnMut(&str) -> ControlFlow<()>) -> Result<Ending> {
        if !task.choices.is_empty() {
            return Err(LlmError::NotStrict { server: self.server.shown.clone() }.into());
        }
        let whom = self.server.whom(&self.model, Some(VARIABLE));
        let base = &self.server.address.path;
        loop {
            let to = self.server.address.at(&format!("{base}/v1/messages"));
            let mut transfer = self.server.post(&to, &self.body(task))?;
            match begin(&mut transfer, &whom, take)? {
                Begun::Stopped => return Ok(stopped()),
                Begun::Well(head) => {
                    let reader = Reader::new(Form::Sent, understand, task.most_tokens, None);
                    return hear(&mut transfer, &head, reader, &whom, take);
                }
                Begun::Refused(head, body)
                    if head.status == 400
                        && body.contains("temperature")
                        && self.temperature.swap(false, Ordering::Relaxed) => {}
                // It says `model: NAME`, and nothing else.
                Begun::Refused(head, body) if head.status == 404 && body.contains("not_found_error") => {
                    let list =
                        self.server.answer(&self.server.address.at(&format!("{base}/v1/models")), None);
                    let name = |model: &Value| model["id"].as_str().map(str::to_owned);
                    let known = list.as_ref().and_then(|list| list["data"].as_array());
                    let known = known.map(|known| known.iter().filter_map(name).collect());
                    return Err(whom.no_model(known.unwrap_or_default()).into());
                }
                Begun::Refused(head, body) => return Err(whom.refused(&head, &body).into()),
            }
        }
    }
}

/// What an event says.
pub(super) fn understand(event: &Value) -> Option<Said> {
    let mut said = Said::default();
    match event["type"].as_str()? {
        "message_start" => said.read = tokens(&event["message"]["usage"]["input_tokens"]),
        "content_block_start" => {
            said.text = text_of(&event["content_block"]["text"]);
        }
        "content_block_delta" => {
            let delta = &event["delta"];
            said.text = text_of(&delta["text"]);
            said.thoughts = delta["thinking"].as_str().unwrap_or_default().len();
        }
        "message_delta" => {
            said.stop = stop(&event["delta"]["stop_reason"]);
            said.written = tokens(&event["usage"]["output_tokens"]);
        }
        "message_stop" => said.last = true,
        "content_block_stop" | "ping" => {}
        "error" => said.error = Some(event["error"].clone()),
        // All at once, where nothing is streamed.
        "message" => {
            said.text = text_of(&event["content"]);
            said.stop = stop(&event["stop_reason"]);
            said.read = tokens(&event["usage"]["input_tokens"]);
            said.written = tokens(&event["usage"]["output_tokens"]);
            said.last = true;
        }
        _ => return None,
    }
    Some(said)
}

/// Why it stopped.
fn stop(reason: &Value) -> Option<Stop> {
    Some(match reason.as_str()? {
        "max_tokens" | "model_context_window_exceeded" => Stop::Full,
        "refusal" => Stop::BrokenOff("the model refuses".to_owned()),
        _ => Stop::Done,
    })
}
