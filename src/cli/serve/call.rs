//! A request as routes see it: which index it is to, what was typed, and what kind of answer is wanted.

use std::sync::Arc;

use axum::RequestExt;
use axum::body::Bytes;
use axum::extract::{FromRequest, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::super::arguments::{Arguments, Field, Object};
use super::super::{hint, percent};
use super::house::{DEFAULT, House, Index};
use super::refusal::Refusal;

/// A request that was let in.
#[derive(Debug)]
pub(super) struct Call {
    /// What all requests share.
    pub(super) house: Arc<House>,
    /// The index that it is to.
    pub(super) index: Arc<Index>,
    /// Its parts besides the body.
    pub(super) parts: Parts,
    /// What stands in the path for names of the route, decoded.
    captured: Vec<(String, String)>,
    body: Bytes,
}

impl FromRequest<Arc<House>> for Call {
    type Rejection = Response;

    async fn from_request(mut request: Request, house: &Arc<House>) -> Result<Self, Response> {
        let captured = request.extract_parts::<RawPathParams>().await;
        let captured = captured.map_err(|_| Refusal::usage("the address isn't UTF-8").into_response())?;
        let captured: Vec<(String, String)> =
            captured.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let name = captured.iter().find(|(name, _)| name == "index").map_or(DEFAULT, |(_, value)| value);
        let index = house.index(name).map_err(IntoResponse::into_response)?;
        let (parts, body) = request.into_parts();
        // The layer in front has read it already.
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
        Ok(Self { house: Arc::clone(house), index, parts, captured, body })
    }
}

impl Call {
    /// What stands in the path for a name of the route.
    pub(super) fn captured(&self, name: &str) -> &str {
        self.captured.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// What was typed, read for a route that takes these fields.
    pub(super) fn arguments(&self, route: &str, fields: &'static [Field]) -> Result<Arguments, Refusal> {
        let typed = query(self.parts.uri.query().unwrap_or_default())?;
        if self.parts.method != Method::POST {
            return Ok(Arguments::read(route, fields, typed)?);
        }
        if !typed.is_empty() {
            return Err(Refusal::usage("what is asked stands in the address and in the body")
                .with(hint::serve::JSON_BODY));
        }
        let wrong = |error: serde_json::Error| Refusal::usage(format!("the body isn't JSON: {error}"));
        let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
        match serde_json::from_slice(&self.body).map_err(|error| wrong(error).with(hint::serve::JSON_BODY))? {
            Value::Object(typed) => Arguments::read(route, fields, typed)
                .map_err(|failure| Refusal::from(failure).under(unprocessable)),
            _ => Err(Refusal::usage("the body isn't a JSON object")
                .with(hint::serve::JSON_BODY)
                .under(unprocessable)),
        }
    }

    /// The body, as it came.
    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    /// Where the server is, as the client sees it: `http://127.0.0.1:7717`.
    pub(super) fn base(&self) -> String {
        let said = |name: &str| self.parts.headers.get(name).and_then(|value| value.to_str().ok());
        let guard = &self.house.guard;
        let is_tls = guard.tls || (guard.behind_proxy && said("x-forwarded-proto") == Some("https"));
        let scheme = if is_tls { "https" } else { "http" };
        format!("{scheme}://{}", said("host").unwrap_or("localhost"))
    }

    /// Whether events are wanted rather than one document.
    pub(super) fn wants_events(&self) -> Result<bool, Refusal> {
        wants_events(&self.parts.headers)
    }
}

/// What is wanted by `Accept`: events, if they are named and one document isn't wanted more.
fn wants_events(headers: &HeaderMap) -> Result<bool, Refusal> {
    let said: Vec<&str> =
        headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let said = said.join(",");
    if said.trim().is_empty() {
        return Ok(false);
    }
    let (mut json, mut events) = (0.0_f32, 0.0_f32);
    for range in said.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q=")).and_then(|weight| weight.parse().ok());
        let weight: f32 = weight.unwrap_or(1.0);
        match kind.as_str() {
            "text/event-stream" => events = events.max(weight),
            "application/json" | "application/*" | "*/*" => json = json.max(weight),
            _ => {}
        }
    }
    if json <= 0.0 && events <= 0.0 {
        let what = "nothing that is accepted can be sent";
        return Err(Refusal::new(StatusCode::NOT_ACCEPTABLE, "usage", what).with(hint::serve::ACCEPT));
    }
    // Who names events can read them.
    Ok(events > 0.0 && events >= json)
}

/// What stands in an address behind `?`: texts, or lists of them where a name stands more than once.
fn query(text: &str) -> Result<Object, Refusal> {
    let mut typed = Object::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decoded = |text: &str| {
            // Forms write spaces so.
            let decoded = percent::decoded(&text.replace('+', " "));
            decoded.ok_or_else(|| Refusal::usage("what is asked isn't percent-encoded UTF-8"))
        };
        let (name, value) = (decoded(name)?, Value::String(decoded(value)?));
        match typed.get_mut(&name) {
            None => drop(typed.insert(name, value)),
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    Ok(typed)
}

/// A document as it is sent.
pub(super) fn sent(document: String) -> Response {
    let mut response = Response::new(document.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn addresses_say_what_forms_do() {
        let read = |text| Value::Object(query(text).unwrap());
        assert_eq!(
            read("q=two+w%C3%B6rds&path=a%26b&path=c&path=d&quick&n="),
            json!({ "q": "two wörds", "path": ["a&b", "c", "d"], "quick": "", "n": "" })
        );
        assert_eq!(read("&&"), json!({}));
        for wrong in ["q=%", "q=%f", "q=%zz", "q=%ff", "%ff=q"] {
            assert!(query(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn events_are_sent_to_those_who_name_them() {
        let of = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(text));
            wants_events(&headers).ok()
        };
        assert_eq!(wants_events(&HeaderMap::new()).ok(), Some(false));
        for (text, wants) in [
            ("text/event-stream", Some(true)),
            ("application/json, text/event-stream", Some(true)),
            ("application/json, text/event-stream;q=0.5", Some(false)),
            ("*/*", Some(false)),
            ("text/html,application/xhtml+xml,*/*;q=0.8", Some(false)),
            ("text/html", None),
            ("text/event-stream;q=0", None),
        ] {
            assert_eq!(of(text), wants, "{text}");
        }
    }
}
