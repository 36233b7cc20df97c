//! The one layer before all routes: who may ask, what a request may be, and what every answer says of itself.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;

use super::super::hint;
use super::house::House;
use super::log::Log;
use super::metrics::Metrics;
use super::refusal::Refusal;

/// The most bytes of a body.
const MOST_BYTES: usize = 1 << 20;
/// How long a body may take to come.
const BODY_PATIENCE: Duration = Duration::from_secs(15);

/// What answers say of themselves that aren't for a browser to show.
const DATA: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What every answer says of itself, unless it says otherwise.
const HEADERS: [(&str, &str); 8] = [
    ("content-security-policy", DATA),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("cache-control", "no-store"),
];

/// Lets a request in or refuses it, and secures the answer.
///
/// The order is that of trust: by which name of this machine and from which page (nothing of the request is looked at before),
/// then the method and the token, then the body, which is read only for those who may ask. Refusals go through the same end as
/// answers: each has the headers that keep a browser from doing anything with it, and is counted and logged.
pub(super) async fn front(State(house): State<Arc<House>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let (parts, body) = request.into_parts();
    let line = house.log.line(&parts);
    let route = Metrics::route(&parts);
    let path = parts.uri.path().to_owned();
    let mut question = house.log.question(&parts);
    let allowed = house.guard.admit(&parts);
    let origin = allowed.as_ref().ok().cloned().flatten();
    let mut response = match allowed.and_then(|origin| permit(&house, &parts, origin.as_deref())) {
        Err(refusal) => refusal.at(&path),
        Ok(Some(response)) => response,
        Ok(None) => match body_of(&parts, body).await {
            Err(refusal) => refusal.at(&path),
            Ok(body) => {
                if parts.method == Method::POST {
                    question.push_str(&house.log.question_of(&body));
                }
                next.run(Request::from_parts(parts, Body::from(body))).await
            }
        },
    };
    secure(response.headers_mut(), origin.as_deref());
    house.metrics.count(route, response.status(), began.elapsed());
    if let Some(line) = line {
        Log::tell(&line, &question, response.status(), began.elapsed());
    }
    response
}

/// Looks at the token; a browser that asks what pages of an allowed origin may do gets its answer.
fn permit(house: &House, parts: &Parts, origin: Option<&str>) -> Result<Option<Response>, Refusal> {
    if house.is_stopping() {
        return Err(Refusal::stopping());
    }
    let is_preflight = parts.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if parts.method == Method::OPTIONS && origin.is_some() && is_preflight {
        return Ok(Some(preflight(&parts.headers)));
    }
    if !is_public(parts.uri.path()) {
        house.guard.check_token(&parts.headers)?;
    }
    Ok(None)
}

/// Whether a path needs no token: the page that asks for it, and the question whether anybody is there.
fn is_public(path: &str) -> bool {
    path == "/" || path.starts_with("/assets/") || path == "/api/health" || path == "/favicon.ico"
}

/// What pages of an allowed origin may do: send whatever headers they want, for they were let in by name.
fn preflight(asked: &HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    for (name, value) in
        [(header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"), (header::ACCESS_CONTROL_MAX_AGE, "600")]
    {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let wanted = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    headers.extend(wanted.map(|wanted| (header::ACCESS_CONTROL_ALLOW_HEADERS, wanted)));
    response
}

/// Adds what every answer says of itself.
fn secure(headers: &mut HeaderMap, origin: Option<&str>) {
    for (name, value) in HEADERS {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = origin.and_then(|origin| HeaderValue::from_str(origin).ok()) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("retry-after, mcp-session-id"),
        );
    }
}

/// The body of a request: none, or JSON that comes in time and isn't too long, whatever is said of its length.
async fn body_of(parts: &Parts, body: Body) -> Result<Bytes, Refusal> {
    let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    if parts.method != Method::POST || !takes_bodies(path) {
        return Ok(Bytes::new());
    }
    if !is_json(&parts.headers) {
        let what = "the body isn't JSON";
        return Err(
            Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "usage", what).with(hint::serve::JSON_BODY)
        );
    }
    let too_long = || {
        let what = format!("the body has more than {MOST_BYTES} bytes");
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "usage", what).with("send less")
    };
    if body.size_hint().lower() > MOST_BYTES as u64 {
        return Err(too_long());
    }
    match timeout(BODY_PATIENCE, read(body)).await {
        Ok(Ok(Some(bytes))) => Ok(bytes),
        Ok(Ok(None)) => Err(too_long()),
        Ok(Err(error)) => Err(Refusal::usage(format!("the body can't be read: {error}"))),
        Err(_) => Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, "usage", "the body didn't come in time")),
    }
}

/// Whether what is posted to a route has a body.
fn takes_bodies(route: &str) -> bool {
    ["/ask", "/search", "/mcp", "/v1/embeddings", "/v1/chat/completions"]
        .iter()
        .any(|end| route.ends_with(end))
}

/// Reads a body; `None` if it has more than the most bytes.
async fn read(mut body: Body) -> Result<Option<Bytes>, axum::Error> {
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        if let Ok(data) = frame?.into_data() {
            if bytes.len() + data.len() > MOST_BYTES {
                return Ok(None);
            }
            bytes.extend_from_slice(&data);
        }
    }
    Ok(Some(bytes.into()))
}

/// Whether a body is said to be JSON. A form of another site can't say so without being asked whether it may.
fn is_json(headers: &HeaderMap) -> bool {
    let said = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    said.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}
