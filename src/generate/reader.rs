//! What a stream says: text from bytes, whichever server wrote them.

use std::ops::ControlFlow;

use serde_json::Value;

use super::choices::Chooser;
use super::events::{Events, Form, TooLong};
use super::model::Stop;
use super::thoughts::Thoughts;
use super::transfer::Take;

/// How many bytes a token has at most, on average: far more than any does, so that only what never ends is cut.
const BYTES_PER_TOKEN: usize = 64;
/// How many bytes of text are taken besides.
const BYTES_BESIDES: usize = 4096;
/// How many bytes of a reply are kept to see what it is.
const SEEN: usize = 512;

/// What one event says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Said {
    /// Text.
    pub(super) text: String,
    /// How many bytes of thoughts.
    pub(super) thoughts: usize,
    /// Why the text ends.
    pub(super) stop: Option<Stop>,
    /// How many tokens were read.
    pub(super) read: Option<u32>,
    /// How many tokens were written.
    pub(super) written: Option<u32>,
    /// What went wrong.
    pub(super) error: Option<Value>,
    /// Whether no other event follows.
    pub(super) last: bool,
}

/// Understands an event; `None` if it is none of such a server.
pub(super) type Understand = fn(&Value) -> Option<Said>;

/// What makes text of bytes.
#[derive(Debug)]
pub(super) struct Reader {
    events: Events,
    understand: Understand,
    thoughts: Thoughts,
    chooser: Option<Chooser>,
    /// How many bytes of text, and of thoughts, are still taken.
    room: usize,
    /// What has come so far.
    pub(super) so_far: SoFar,
}

/// How far a stream came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Come {
    /// There was no event of such a server.
    #[default]
    Nowhere,
    /// There was one.
    Understood,
    /// The model thought.
    Thought,
    /// It wrote.
    Wrote,
    /// The caller got some of it.
    Gave,
}

/// What has come so far.
#[derive(Debug, Default)]
pub(super) struct SoFar {
    /// How far it came.
    pub(super) come: Come,
    /// Why the text ended, if the server said so.
    pub(super) stop: Option<Stop>,
    /// Whether the stream has ended as streams do.
    pub(super) last: bool,
    /// How many tokens were read.
    pub(super) read: Option<u32>,
    /// How many tokens were written.
    pub(super) written: Option<u32>,
    /// What went wrong, as the server says it.
    pub(super) error: Option<Value>,
    /// The beginning of the reply.
    pub(super) begin: Vec<u8>,
}

impl Reader {
    /// Nothing has come yet. If there is a chooser, only what it chooses is given.
    pub(super) fn new(
        form: Form,
        understand: Understand,
        most_tokens: u32,
        chooser: Option<Chooser>,
    ) -> Self {
        let room = (most_tokens as usize).saturating_mul(BYTES_PER_TOKEN).saturating_add(BYTES_BESIDES);
        let (thoughts, so_far) = (Thoughts::default(), SoFar::default());
        Self { events: Events::new(form), understand, thoughts, chooser, room, so_far }
    }

    /// Takes bytes; gives their text to `take`. Says whether anything came that is worth waiting for.
    pub(super) fn take(&mut self, bytes: &[u8], take: Take<'_>) -> Result<bool, TooLong> {
        let seen = bytes.len().min(SEEN.saturating_sub(self.so_far.begin.len()));
        self.so_far.begin.extend_from_slice(&bytes[..seen]);
        let mut found = Vec::new();
        let read = self.events.take(bytes, &mut |event| found.push(event));
        let worth = self.each(found, take);
        read.map(|()| worth)
    }

    /// Nothing comes any more.
    pub(super) fn end(&mut self, take: Take<'_>) -> Result<(), TooLong> {
        let mut found = Vec::new();
        let read = self.events.end(&mut |event| found.push(event));
        self.each(found, take);
        let held = self.thoughts.end();
        self.give(&held, take);
        if let Some(chooser) = &mut self.chooser
            && let Some(last) = chooser.end()
        {
            self.say(&last, take);
        }
        read
    }

    /// Whether nothing else is wanted of the stream.
    pub(super) fn is_over(&self) -> bool {
        let so_far = &self.so_far;
        so_far.last || so_far.error.is_some() || matches!(so_far.stop, Some(Stop::Stopped))
    }

    /// It came at least so far.
    fn come(&mut self, far: Come) {
        self.so_far.come = self.so_far.come.max(far);
    }

    /// Goes through events; says whether any was worth waiting for.
    fn each(&mut self, events: Vec<String>, take: Take<'_>) -> bool {
        let mut worth = false;
        for event in events {
            if self.is_over() {
                break;
            }
            worth |= self.event(&event, take);
        }
        worth
    }

    /// Goes through an event; says whether it was worth waiting for.
    fn event(&mut self, event: &str, take: Take<'_>) -> bool {
        let event = event.trim();
        if event == "[DONE]" {
            self.come(Come::Understood);
            self.so_far.last = true;
            return true;
        }
        let Ok(json) = serde_json::from_str::<Value>(event) else { return false };
        let Some(said) = (self.understand)(json.as_array().and_then(|list| list.first()).unwrap_or(&json))
        else {
            return false;
        };
        self.come(if said.thoughts > 0 { Come::Thought } else { Come::Understood });
        let so_far = &mut self.so_far;
        so_far.read = said.read.or(so_far.read);
        so_far.written = said.written.or(so_far.written);
        so_far.error = said.error;
        so_far.last = said.last;
        let worth = said.thoughts > 0 || !said.text.is_empty() || said.stop.is_some() || said.last;
        self.room = self.room.saturating_sub(said.thoughts);
        let text = self.thoughts.take(&said.text);
        if self.thoughts.is_before_text() && !said.text.is_empty() {
            self.come(Come::Thought);
            self.room = self.room.saturating_sub(said.text.len());
        }
        self.give(&text, take);
        if self.room == 0 && self.so_far.stop.is_none() {
            self.so_far.stop = Some(Stop::Full);
            self.so_far.last = true;
        }
        if self.so_far.stop.is_none() {
            self.so_far.stop = said.stop;
        }
        worth
    }

    /// Gives text to the caller, through the chooser if there is one.
    fn give(&mut self, text: &str, take: Take<'_>) {
        if text.is_empty() {
            return;
        }
        if !text.trim().is_empty() {
            self.come(Come::Wrote);
        }
        self.room = self.room.saturating_sub(text.len());
        match &mut self.chooser {
            Some(chooser) => {
                for chosen in chooser.take(text) {
                    self.say(&chosen, take);
                }
            }
            None => self.say(text, take),
        }
    }

    /// Says text to the caller, unless it had enough.
    fn say(&mut self, text: &str, take: Take<'_>) {
        if text.is_empty() || self.so_far.stop == Some(Stop::Stopped) {
            return;
        }
        self.come(Come::Gave);
        if take(text) == ControlFlow::Break(()) {
            self.so_far.stop = Some(Stop::Stopped);
        }
    }
}

/// A text at a place of JSON: a string, or parts of it in a list, as Mistral and Anthropic have them.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts
            .iter()
            .filter(|part| part["type"].as_str().is_none_or(|kind| kind.contains("text")))
            .filter_map(|part| part["text"].as_str())
            .collect(),
        _ => String::new(),
    }
}

/// A number of tokens at a place of JSON.
pub(super) fn tokens(value: &Value) -> Option<u32> {
    value.as_u64().and_then(|number| u32::try_from(number).ok())
}
