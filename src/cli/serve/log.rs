//! What is told of requests on stderr: which route was asked for, how it ended, and how long it took. What was asked is the
//! user's, so it is told only if the user wants that.

use std::time::Duration;

use axum::extract::MatchedPath;
use axum::http::{StatusCode, request::Parts};

use super::super::{printer, sanitize};

/// What is told.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Log {
    /// Whether anything is.
    pub(super) requests: bool,
    /// Whether what is asked is told, too.
    pub(super) questions: bool,
}

impl Log {
    /// What can be told of a request before it is answered.
    pub(super) fn line(self, parts: &Parts) -> Option<String> {
        if !self.requests && !self.questions {
            return None;
        }
        let route = parts.extensions.get::<MatchedPath>().map_or("-", MatchedPath::as_str);
        Some(format!("{} {route}", parts.method))
    }

    /// What was asked in the address, if that is to be told.
    pub(super) fn question(self, parts: &Parts) -> String {
        self.told(parts.uri.query().unwrap_or_default())
    }

    /// What was asked in a body, if that is to be told.
    pub(super) fn question_of(self, body: &[u8]) -> String {
        self.told(&String::from_utf8_lossy(body))
    }

    fn told(self, text: &str) -> String {
        if self.questions && !text.is_empty() { format!(" {}", sanitize::line(text)) } else { String::new() }
    }

    /// Tells of a request that is answered.
    pub(super) fn tell(line: &str, question: &str, status: StatusCode, took: Duration) {
        printer::complain(&format!("{line} {} {} ms{question}", status.as_u16(), took.as_millis()));
    }
}
