//! What a client sends that speaks as OpenAI's do: a conversation whose last question is to be answered.

use qsearch::write::Turn;
use serde::Deserialize;

use super::super::super::hint;
use super::super::refusal::Refusal;
use super::completion::{ASKED, DOUBT, SOURCES};

/// The most characters of a question.
const LONGEST: usize = 10_000;

/// The body of a request. What isn't named here is passed over: clients send much that only language models need.
#[derive(Debug, Deserialize)]
struct Body {
    #[serde(default)]
    model: Option<String>,
    messages: Vec<Message>,
    #[serde(default)]
    stream: Option<bool>,
    #[serde(default)]
    stream_options: Option<StreamOptions>,
}

/// How a stream is wanted.
#[derive(Debug, Default, Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: Option<bool>,
}

/// What somebody said.
#[derive(Debug, Deserialize)]
struct Message {
    role: Role,
    #[serde(default)]
    content: Option<Content>,
}

/// Who said something.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Role {
    System,
    Developer,
    User,
    Assistant,
    Tool,
    Function,
}

/// What was said: a text, or pieces of one among pictures and the like.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

/// A piece of what was said.
#[derive(Debug, Deserialize)]
struct Part {
    #[serde(default)]
    text: Option<String>,
}

/// A conversation as far as it matters here.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Conversation {
    /// The model that is to answer; empty if none is named.
    pub(super) model: String,
    /// What was asked and answered before.
    pub(super) said: Vec<Turn>,
    /// The last question; empty if there is none.
    pub(super) question: String,
    /// Whether the answer is to come piece by piece.
    pub(super) streams: bool,
    /// Whether the last piece is to say how many tokens there were.
    pub(super) counts: bool,
}

impl Conversation {
    /// Reads the body of a request.
    ///
    /// The question is the last thing that the user says. Each before it makes a turn with the answer that follows it, or with
    /// none. Instructions of the client (`system`) are for language models that are asked to write, and those have ours.
    pub(super) fn read(body: &[u8]) -> Result<Self, Refusal> {
        let body: Body = serde_json::from_slice(body).map_err(|error| Refusal::misshapen(&error))?;
        if body.messages.is_empty() {
            return Err(
                Refusal::usage("`messages` is empty").under(axum::http::StatusCode::UNPROCESSABLE_ENTITY)
            );
        }
        let (mut said, mut question) = (Vec::new(), String::new());
        for message in body.messages {
            let text = message.content.map(Content::text).unwrap_or_default();
            match message.role {
                Role::User => {
                    // Two in a row: the first was never answered.
                    if !question.is_empty() {
                        said.push(Turn { asked: std::mem::take(&mut question), answer: String::new() });
                    }
                    text.trim().clone_into(&mut question);
                }
                // One without a text calls a tool, and the question waits.
                Role::Assistant if !question.is_empty() && !text.trim().is_empty() => {
                    said.push(Turn { asked: std::mem::take(&mut question), answer: own_words(&text) });
                }
                _ => {}
            }
        }
        // Where an answer is the last, it is wanted once more.
        if question.is_empty()
            && let Some(Turn { asked, .. }) = said.pop()
        {
            question = asked;
        }
        if question.chars().count() > LONGEST {
            return Err(Refusal::usage("the question is too long").with(hint::mcp::shorter(LONGEST)));
        }
        let counts = body.stream_options.and_then(|options| options.include_usage).unwrap_or(false);
        Ok(Self {
            model: body.model.unwrap_or_default(),
            said,
            question,
            streams: body.stream.unwrap_or(false),
            counts,
        })
    }
}

impl Content {
    /// What of it is text.
    fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Parts(parts) => {
                parts.into_iter().filter_map(|part| part.text).collect::<Vec<_>>().join("\n")
            }
        }
    }
}

/// What an earlier answer says, without what we have said about it.
fn own_words(text: &str) -> String {
    let text = text.split(SOURCES).next().unwrap_or_default();
    let text = match text.strip_prefix(ASKED).and_then(|rest| rest.split_once(")\n\n")) {
        Some((_, answer)) => answer,
        None => text,
    };
    text.trim_end().trim_end_matches(DOUBT.trim_start()).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &serde_json::Value) -> Conversation {
        Conversation::read(body.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn the_last_thing_a_user_says_is_the_question() {
        let read = read(&json!({
            "model": "qsearch", "temperature": 0.7, "tools": [], "stream": true, "stream_options": { "include_usage": true },
            "messages": [
                { "role": "system", "content": "Be brief." },
                { "role": "user", "content": "what is the GIL" },
                { "role": "assistant", "content": "A lock. [1]\n\nSources:\n[1] a.md" },
                { "role": "user", "content": [{ "type": "text", "text": " and in Go? " }, { "type": "image_url" }] },
            ],
        }));
        let said = vec![Turn { asked: "what is the GIL".to_owned(), answer: "A lock. [1]".to_owned() }];
        let question = "and in Go?".to_owned();
        assert_eq!(
            read,
            Conversation { model: "qsearch".to_owned(), said, question, streams: true, counts: true }
        );
    }

    #[test]
    fn a_conversation_may_be_odd() {
        let question = |messages: serde_json::Value| read(&json!({ "messages": messages })).question;
        assert_eq!(question(json!([{ "role": "system", "content": "x" }])), "");
        assert_eq!(question(json!([{ "role": "user", "content": null }])), "");
        assert_eq!(
            question(json!([{ "role": "user", "content": "a" }, { "role": "assistant", "content": "b" }])),
            "a"
        );
        let calls = json!([
            { "role": "user", "content": "a" }, { "role": "assistant", "content": null, "tool_calls": [] },
            { "role": "tool", "content": "b" },
        ]);
        assert_eq!(question(calls), "a");
        assert_eq!(
            question(json!([{ "role": "user", "content": "a" }, { "role": "user", "content": "b" }])),
            "b"
        );
    }

    #[test]
    fn answers_are_remembered_without_what_is_said_about_them() {
        assert_eq!(own_words("A lock. [1]\n\nSources:\n[1] a.md"), "A lock. [1]");
        assert_eq!(own_words(&format!("{ASKED}why is it?)\n\nSo. [1]{DOUBT}{SOURCES}[1] a.md")), "So. [1]");
        assert_eq!(own_words("(asked: x"), "(asked: x");
    }

    #[test]
    fn what_is_no_conversation_is_refused() {
        for body in [
            "",
            "{}",
            "[]",
            r#"{"messages":[]}"#,
            r#"{"messages":[{"content":"x"}]}"#,
            r#"{"messages":[{"role":"owl","content":"x"}]}"#,
            r#"{"messages":"x"}"#,
        ] {
            assert!(Conversation::read(body.as_bytes()).is_err(), "{body}");
        }
    }
}
