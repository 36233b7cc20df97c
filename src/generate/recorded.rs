//! What a recorded stream says, as if a server said it.

use std::sync::mpsc::sync_channel;
use std::time::Duration;

use super::choices::Chooser;
use super::events::Form;
use super::fault::Whom;
use super::model::{Ending, Task};
use super::reader::{Reader, Understand};
use super::speech::hear;
use super::transfer::{Head, Part, Patience, Take, Transfer};
use super::{anthropic, ollama, openai};
use crate::error::Result;

/// How a server writes a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// As Ollama's `/api/chat` does.
    Ollama,
    /// As OpenAI's `/chat/completions` does.
    OpenAi,
    /// As Anthropic's `/v1/messages` does.
    Anthropic,
}

/// Reads a stream that was recorded, in the pieces in which it came; nothing is sent. `take` gets its text as
/// [`LanguageModel::write`](super::LanguageModel::write) gives it.
///
/// # Errors
///
/// When there is no text.
pub fn recorded(wire: Wire, pieces: &[&[u8]], task: &Task, take: Take<'_>) -> Result<Ending> {
    let (form, understand): (_, Understand) = match wire {
        Wire::Ollama => (Form::Lines, ollama::understand),
        Wire::OpenAi => (Form::Sent, openai::understand),
        Wire::Anthropic => (Form::Sent, anthropic::understand),
    };
    let (parts, received) = sync_channel(pieces.len() + 1);
    for piece in pieces {
        // All of it fits.
        let _ = parts.send(Part::Bytes(piece.to_vec()));
    }
    let _ = parts.send(Part::End);
    let mut transfer = Transfer::new(received, Patience::of(Duration::from_mins(1)));
    let chooser = Chooser::new(&task.choices, true);
    let reader = Reader::new(form, understand, task.most_tokens, chooser);
    let head = Head { status: 200, ..Head::default() };
    let whom = Whom {
        server: "a record",
        model: "a model",
        secrets: &[],
        variable: None,
        ollama: wire == Wire::Ollama,
    };
    hear(&mut transfer, &head, reader, &whom, take)
}
