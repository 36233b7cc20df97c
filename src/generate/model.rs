//! The interface of a language model: what it is told, and how it ends.

use std::ops::ControlFlow;

use crate::error::Result;

/// Who says a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Whoever wrote the program: what to do.
    System,
    /// Whoever asks.
    User,
    /// The model.
    Assistant,
}

/// A message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// What is said.
    pub text: String,
}

/// What a language model is to write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Task {
    /// The conversation, which the model goes on with.
    pub messages: Vec<Message>,
    /// How many tokens it writes at most.
    pub most_tokens: u32,
    /// If there are any, the model writes nothing but some of these sentences, in an order of its choice; each comes with a
    /// line end behind it.
    pub choices: Vec<String>,
}

/// How a text ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Why it ended.
    pub stop: Stop,
    /// How many tokens were read, if the server says so.
    pub read: Option<u32>,
    /// How many tokens were written, if the server says so.
    pub written: Option<u32>,
    /// Whether the server may have read only a part of the messages.
    pub cut: bool,
}

/// Why a text ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The model was done.
    Done,
    /// It had written as many tokens as it may.
    Full,
    /// The caller had enough.
    Stopped,
    /// The server broke off, for this reason.
    BrokenOff(String),
}

/// What goes on with a conversation.
pub trait LanguageModel: Send + Sync + std::fmt::Debug {
    /// Its name, as its server has it.
    fn name(&self) -> &str;

    /// The address of its server, without credentials; `https://api.openai.com`.
    fn server(&self) -> &str;

    /// Whether the server runs on this machine, so that what it is told doesn't leave it.
    fn is_local(&self) -> bool;

    /// How many tokens what it reads and what it writes may have together, if that can be told. May ask the server.
    fn window(&self) -> Option<u32> {
        None
    }

    /// How many tokens a text has, if the server can tell. May ask the server.
    fn count(&self, text: &str) -> Option<u32> {
        let _ = text;
        None
    }

    /// Whether its server can be held to [`Task::choices`].
    fn can_choose(&self) -> bool {
        false
    }

    /// Writes. `take` gets the text piece by piece, as it comes, and from time to time an empty piece while nothing comes;
    /// it says whether to go on.
    ///
    /// A text that breaks off after its first piece is no error, but [`Stop::BrokenOff`].
    ///
    /// # Errors
    ///
    /// When there is no text: each [`LlmError`](crate::error::LlmError) but those about names.
    fn write(&self, task: &Task, take: &mut dyn FnMut(&str) -> ControlFlow<()>) -> Result<Ending>;
}
