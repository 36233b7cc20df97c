//! What whoever asks is told where it can't be done: a status, and the document of an error.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use qsearch::error::{Error, ErrorKind, LlmError, NotFound};
use qsearch::wire;
use serde_json::{Value, json};

use super::super::{Failure, diagnostic, hint};

/// Why something isn't done.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    kind: &'static str,
    what: String,
    hint: Option<String>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Refusal {
    /// Says what is wrong.
    pub(super) fn new(status: StatusCode, kind: &'static str, what: impl Into<String>) -> Self {
        Self { status, kind, what: what.into(), hint: None, headers: Vec::new() }
    }

    /// A request that makes no sense.
    pub(super) fn usage(what: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "usage", what)
    }

    /// Something that isn't there.
    pub(super) fn missing(what: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", what)
    }

    /// So much is asked at once that this has to wait.
    pub(super) fn busy(what: &str, seconds: u32) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "busy", what)
            .with(hint::serve::LATER)
            .header(axum::http::header::RETRY_AFTER, &seconds.to_string())
    }

    /// The server is about to end.
    pub(super) fn stopping() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "interrupted", "the server is being stopped")
    }

    /// Says what to do about it.
    #[must_use]
    pub(super) fn with(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The same under another status.
    #[must_use]
    pub(super) fn under(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// Adds a header.
    #[must_use]
    pub(super) fn header(mut self, name: HeaderName, value: &str) -> Self {
        self.headers.extend(HeaderValue::from_str(value).ok().map(|value| (name, value)));
        self
    }

    /// A body of a wrong shape, or no JSON at all.
    pub(super) fn misshapen(error: &serde_json::Error) -> Self {
        let refusal = Self::usage(format!("the body can't be used: {error}")).with(hint::serve::JSON_BODY);
        if error.is_data() { refusal.under(StatusCode::UNPROCESSABLE_ENTITY) } else { refusal }
    }

    /// The document, as a line of JSON.
    pub(super) fn document(&self) -> String {
        diagnostic::line(&self.what, self.kind, self.hint.as_deref())
    }

    /// The document as clients expect it that speak as OpenAI's do.
    pub(super) fn openai_document(&self) -> Value {
        let hint = self.hint.as_ref().map(|hint| format!("; hint: {hint}")).unwrap_or_default();
        json!({ "error": {
            "message": self.what.clone() + &hint,
            "type": if self.status.is_server_error() { "server_error" } else { "invalid_request_error" },
            "param": null,
            "code": self.kind,
        } })
    }

    /// The same as these clients expect it.
    pub(super) fn for_openai(self) -> Response {
        let document = self.openai_document().to_string();
        self.saying(document)
    }

    /// The same as whoever asks for this path expects it.
    pub(super) fn at(self, path: &str) -> Response {
        if path.starts_with("/v1/") { self.for_openai() } else { self.into_response() }
    }

    /// A response with this document.
    fn saying(self, document: String) -> Response {
        let mut response = Response::new(Body::from(document + "\n"));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.extend(self.headers);
        response
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        let (what, hint) = diagnostic::told(&failure);
        let (status, kind) = match &failure {
            Failure::Library(error) | Failure::Named(_, error) => (status(error), error.kind()),
            Failure::Refused(..) => (StatusCode::BAD_REQUEST, ErrorKind::Usage),
            Failure::Output(_) => (StatusCode::INTERNAL_SERVER_ERROR, ErrorKind::Io),
        };
        Self { hint, ..Self::new(status, wire::kind(kind), what) }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Failure::from(error).into()
    }
}

/// The status of an error.
fn status(error: &Error) -> StatusCode {
    match error {
        Error::NoIndex { .. } | Error::NotFound(NotFound::ModelMoved { .. }) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        // What was asked for can't be had here, though it makes sense.
        Error::Llm(LlmError::NoServer | LlmError::NotStrict { .. } | LlmError::WithoutFeature) => {
            StatusCode::CONFLICT
        }
        Error::Llm(_) => StatusCode::BAD_GATEWAY,
        error => match error.kind() {
            ErrorKind::Usage => StatusCode::BAD_REQUEST,
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::Busy | ErrorKind::Interrupted => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        },
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let document = self.document();
        self.saying(document)
    }
}
