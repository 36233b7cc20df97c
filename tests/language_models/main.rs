//! Language models' servers over the library, against a server that does whatever servers do.

#![cfg(feature = "generate")]
#![expect(clippy::unwrap_used, reason = "what a test can't do fails it")]

use std::ops::ControlFlow;
use std::time::Duration;

use qsearch::error::{Error, LlmError};
use qsearch::generate::{Access, Ending, LanguageModel, LlmSource, Message, Role, Stop, Task};

#[path = "../scripted/mod.rs"]
mod scripted;

#[path = "../fuzz/streams.rs"]
mod streams;

mod choosing;
mod damaged;
mod faults;
mod formats;
mod windows;

use scripted::{MODEL, Server};

/// Which interface a server is spoken to by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Interface {
    Ollama,
    OpenAi,
    Anthropic,
}

const INTERFACES: [Interface; 3] = [Interface::Ollama, Interface::OpenAi, Interface::Anthropic];

/// What surrounds the test: keys that must never be seen, and the server's address.
fn access(server: &Server) -> Access {
    Access {
        openai_key: Some("sk-secret-openai".to_owned()),
        openai_url: Some(server.url()),
        anthropic_key: Some("sk-secret-anthropic".to_owned()),
        anthropic_url: Some(server.origin()),
        ollama_host: Some(server.origin()),
        timeout: Some(Duration::from_secs(20)),
        ..Access::default()
    }
}

/// The same without patience.
fn hasty(server: &Server) -> Access {
    Access { timeout: Some(Duration::from_millis(300)), ..access(server) }
}

fn source(interface: Interface) -> LlmSource {
    let server = match interface {
        Interface::Ollama => "ollama",
        Interface::OpenAi => "openai",
        Interface::Anthropic => "anthropic",
    };
    LlmSource::parse(&format!("{server}:{MODEL}")).unwrap()
}

/// A chat of an interface.
fn stream(interface: Interface, texts: &[&str]) -> scripted::Reply {
    match interface {
        Interface::Ollama => scripted::ollama_stream(texts),
        Interface::OpenAi => scripted::openai_stream(texts),
        Interface::Anthropic => scripted::anthropic_stream(texts),
    }
}

fn message(role: Role, text: &str) -> Message {
    Message { role, text: text.to_owned() }
}

fn task() -> Task {
    let messages = vec![
        message(Role::System, "Answer from the sources."),
        message(Role::User, "[1] Owls hunt at night."),
        message(Role::Assistant, "Ask."),
        message(Role::User, "When do owls hunt?"),
    ];
    Task { messages, most_tokens: 100, choices: Vec::new() }
}

/// Has a model write; gives its text.
fn write(model: &dyn LanguageModel, task: &Task) -> (String, Result<Ending, Error>) {
    let mut text = String::new();
    let ending = model.write(task, &mut |piece| {
        text.push_str(piece);
        ControlFlow::Continue(())
    });
    (text, ending)
}

/// Opens a model and has it write.
fn ask(interface: Interface, access: &Access) -> (String, Result<Ending, LlmError>) {
    let model = match source(interface).open(access) {
        Ok(model) => model,
        Err(error) => return (String::new(), Err(language_model_error(error))),
    };
    let (text, ending) = write(&*model, &task());
    (text, ending.map_err(language_model_error))
}

/// The error, which is of a language model and shows no key.
fn language_model_error(error: Error) -> LlmError {
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("secret"), "{shown}");
    match error {
        Error::Llm(error) => error,
        other => panic!("{other}"),
    }
}

/// The reason why a text broke off.
fn reason(ending: Result<Ending, LlmError>) -> String {
    match ending.unwrap().stop {
        Stop::BrokenOff(why) => why,
        stop => panic!("it ended with {stop:?}"),
    }
}
