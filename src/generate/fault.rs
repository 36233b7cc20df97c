//! What a server's refusal means.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::address::without_credentials;
use super::transfer::{Failure, Head, seconds};
use crate::calendar::Day;
use crate::error::LlmError;

/// How many characters of what a server says are shown.
const MOST_SAID: usize = 300;
/// How long a server may want to be left alone, in seconds; longer is no date but a mistake.
const MOST_WAIT: u64 = 7 * 24 * 3600;

/// What servers say of a text that is longer than their model can read, in lower case: llama.cpp, OpenAI, Anthropic, vLLM, LM
/// Studio, OpenRouter, Groq, Mistral, Gemini.
const TOO_LONG: [&str; 19] = [
    "exceed_context_size",
    "exceeds the available context",
    "context_length_exceeded",
    "context length",
    "context window",
    "context size",
    "context limit",
    "maximum context",
    "context overflow",
    "prompt is too long",
    "input is too long",
    "input length",
    "input token count",
    "too many tokens",
    "too many input tokens",
    "reduce the length of the messages",
    "prompt too long",
    "too large for model",
    "exceeds the maximum number of tokens",
];

/// Who is spoken to, as far as messages need it.
#[derive(Clone, Copy)]
pub(super) struct Whom<'a> {
    /// The address of the server.
    pub(super) server: &'a str,
    /// The model.
    pub(super) model: &'a str,
    /// What it was told that nobody else may know, so that it isn't shown when the server repeats it.
    pub(super) secrets: &'a [String],
    /// The variable that has its key.
    pub(super) variable: Option<&'static str>,
    /// Whether it is Ollama.
    pub(super) ollama: bool,
}

impl Whom<'_> {
    /// What a failure means before there is any text.
    pub(super) fn failed(&self, failure: Failure) -> LlmError {
        let server = self.server.to_owned();
        match failure {
            Failure::Absent(why) | Failure::Closed(why) => LlmError::Absent { server, why },
            Failure::Slow(time) => LlmError::Slow { server, seconds: seconds(time) },
            Failure::Stopped => LlmError::Slow { server, seconds: 0 },
            Failure::NotHttp(what) => LlmError::NotAnApi { server, what },
            Failure::TooMuch => LlmError::NotAnApi { server, what: "a reply without an end".to_owned() },
        }
    }

    /// What a refusal with this status and text means.
    pub(super) fn refused(&self, head: &Head, body: &str) -> LlmError {
        let server = self.server.to_owned();
        let what = self.said(body);
        match head.status {
            300..400 => LlmError::Redirected {
                to: self.without_secrets(target(&server, head.location.as_deref())),
                server,
            },
            401 | 403 if !is_page(head, body) => LlmError::Unauthorized { server, variable: self.variable },
            429 | 529 => LlmError::Busy { server, retry_after: retry_after(head) },
            413 => LlmError::TooLong { server, what: some(what, "that it is too large") },
            503 if head.retry_after.is_some() => LlmError::Busy { server, retry_after: retry_after(head) },
            _ if is_page(head, body) => {
                LlmError::NotAnApi { server, what: format!("a web page with status {}", head.status) }
            }
            404 if self.is_about_model(body) => self.no_model(Vec::new()),
            400..500 if is_too_long(body) => LlmError::TooLong { server, what: size(body).unwrap_or(what) },
            404 | 405 => LlmError::NotAnApi {
                server,
                what: format!("it doesn't have what is asked of one (status {})", head.status),
            },
            400..500 if is_no_model(body) => self.no_model(Vec::new()),
            status => LlmError::Refused { server, what: with_status(&what, status) },
        }
    }

    /// What an error means that came in a reply whose status is 200.
    pub(super) fn broke(&self, error: &Value) -> LlmError {
        let body = error.to_string();
        let code = error["code"].as_u64().or_else(|| error["status"].as_u64());
        let kind = error["type"].as_str().unwrap_or_default();
        let status = match (code, kind) {
            (Some(code @ 400..600), _) => code as u16,
            (_, "authentication_error" | "permission_error") => 401,
            (_, "rate_limit_error") => 429,
            _ => 400,
        };
        match self.refused(&Head { status, ..Head::default() }, &body) {
            LlmError::Refused { server, .. } | LlmError::NotAnApi { server, .. } => {
                LlmError::Refused { server, what: some(self.said(&body), "without saying why") }
            }
            error => error,
        }
    }

    /// What a server says of its refusal, on one line: the message in its JSON, or the text itself.
    pub(super) fn said(&self, body: &str) -> String {
        let json: Option<Value> = serde_json::from_str(body).ok();
        let message = json.as_ref().and_then(message);
        self.one_line(message.as_deref().unwrap_or(body))
    }

    /// A text that a server wrote, on one line.
    pub(super) fn one_line(&self, text: &str) -> String {
        one_line(&self.without_secrets(text.to_owned()))
    }

    /// A text without what only the server may know.
    fn without_secrets(&self, text: String) -> String {
        self.secrets.iter().fold(text, |text, secret| text.replace(secret.as_str(), "…"))
    }

    /// The server doesn't have the model.
    pub(super) fn no_model(&self, known: Vec<String>) -> LlmError {
        LlmError::NoModel {
            server: self.server.to_owned(),
            model: self.model.to_owned(),
            known: known.into_iter().filter(|name| one_line(name) == *name).collect(),
            ollama: self.ollama,
        }
    }

    /// Whether what isn't found is the model: the text says so, or names it.
    fn is_about_model(&self, body: &str) -> bool {
        let body = body.to_lowercase();
        body.contains("model") || !self.model.is_empty() && body.contains(&self.model.to_lowercase())
    }
}

/// Whether a refusal says that there is no such model.
fn is_no_model(body: &str) -> bool {
    let body = body.to_lowercase();
    let missing = ["model_not_found", "not a valid model", "no such model", "invalid model"];
    missing.iter().any(|said| body.contains(said))
        || body.contains("model") && (body.contains("not found") || body.contains("does not exist"))
}

/// Whether a refusal says that the text is more than the model can read.
fn is_too_long(body: &str) -> bool {
    let body = body.to_lowercase();
    TOO_LONG.iter().any(|said| body.contains(said))
}

/// The sizes that llama.cpp gives with its refusal.
fn size(body: &str) -> Option<String> {
    let body: Value = serde_json::from_str(body).ok()?;
    let error = body.get("error").unwrap_or(&body);
    let (prompt, context) = (error["n_prompt_tokens"].as_u64()?, error["n_ctx"].as_u64()?);
    Some(format!("{prompt} tokens, of {context}"))
}

/// Whether a reply is a web page.
pub(super) fn is_page(head: &Head, body: &str) -> bool {
    let begin = body.trim_start_matches('\u{feff}').trim_start();
    let html = ["<!doctype html", "<html", "<head", "<body", "<?xml", "<h1"];
    head.kind == "text/html"
        || html.iter().any(|tag| begin.get(..tag.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(tag)))
}

/// The message in the JSON of a refusal: `error.message`, `error`, `message`, `detail`.
fn message(json: &Value) -> Option<String> {
    match json {
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => items.iter().find_map(message),
        Value::Object(fields) => {
            // OpenRouter puts what its own server says into the metadata.
            ["error", "message", "detail", "msg"].iter().find_map(|name| message(fields.get(*name)?))
        }
        _ => None,
    }
}

/// A text on one line, without control characters, and shortened.
fn one_line(text: &str) -> String {
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().filter(|&c| !is_invisible(c)));
        if line.chars().count() > MOST_SAID {
            line = line.chars().take(MOST_SAID - 1).collect();
            line.push('…');
            break;
        }
    }
    line.trim_end_matches('.').to_owned()
}

/// Whether a character turns the direction of text, or can't be seen.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A text with a status.
fn with_status(what: &str, status: u16) -> String {
    if what.is_empty() { format!("status {status}") } else { format!("{what} (status {status})") }
}

/// A text, or another one if it is empty.
fn some(text: String, otherwise: &str) -> String {
    if text.is_empty() { otherwise.to_owned() } else { text }
}

/// Where a redirect leads, without what may be secret.
fn target(server: &str, location: Option<&str>) -> String {
    let target = one_line(location.unwrap_or("somewhere else"));
    let target = target.split(['?', '#']).next().unwrap_or_default();
    if target.starts_with('/') && !target.starts_with("//") {
        return format!("{server}{target}");
    }
    without_credentials(target)
}

/// After how many seconds a server takes requests again.
fn retry_after(head: &Head) -> Option<u64> {
    let said = head.retry_after.as_deref()?.trim();
    if let Ok(wait) = said.parse::<f64>() {
        return (wait >= 0.0 && wait <= MOST_WAIT as f64).then(|| wait.ceil() as u64);
    }
    let now = head.date.as_deref().and_then(date).or_else(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        now.ok().map(|now| now.as_secs())
    })?;
    let wait = date(said)?.saturating_sub(now);
    (wait <= MOST_WAIT).then_some(wait)
}

/// The seconds since 1970 of a date of HTTP: `Wed, 21 Oct 2015 07:28:00 GMT` (RFC 9110, 5.6.7).
fn date(text: &str) -> Option<u64> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let (_, rest) = text.split_once(',')?;
    let [day, month, year, time, "GMT"] = rest.split_whitespace().collect::<Vec<_>>()[..] else {
        return None;
    };
    let month = MONTHS.iter().position(|name| month.eq_ignore_ascii_case(name))? as u64 + 1;
    let (year, day) = (year.parse().ok().filter(|year| (1970..3000).contains(year))?, day.parse().ok()?);
    let wanted = Day::new(year, month, day)?;
    // Days stand in the order of time.
    let (mut days, mut end) = (0, 400_000);
    while days < end {
        let middle = u64::midpoint(days, end);
        if Day::of(middle * 86_400) < wanted { days = middle + 1 } else { end = middle }
    }
    let clock: Vec<u64> = time.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [hours, minutes, seconds] = clock[..] else { return None };
    (hours < 24 && minutes < 60 && seconds < 61)
        .then_some(days * 86_400 + hours * 3600 + minutes * 60 + seconds)
}
