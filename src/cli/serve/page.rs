//! The page: three files inside the program.

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// What the page may load: its own style and script, and answers from here. Nothing that notes say can become a script.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
                      trusted-types 'none'";

const HTML: &str = include_str!("page/index.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

/// The page itself.
pub(super) async fn index(request: Request) -> Response {
    file(&request, "text/html; charset=utf-8", HTML)
}

/// How it looks.
pub(super) async fn style(request: Request) -> Response {
    file(&request, "text/css; charset=utf-8", STYLE)
}

/// What it does.
pub(super) async fn script(request: Request) -> Response {
    file(&request, "text/javascript; charset=utf-8", SCRIPT)
}

/// Browsers ask for a picture of the page; it has none.
pub(super) async fn icon() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// A file of the page, unless the browser has it already.
fn file(request: &Request, kind: &'static str, text: &'static str) -> Response {
    let hash = blake3::hash(text.as_bytes()).to_hex();
    let tag = format!("\"{}\"", &hash[..16]);
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let is_known =
        known.is_some_and(|known| known.split(',').any(|known| known.trim().trim_start_matches("W/") == tag));
    let mut response =
        if is_known { StatusCode::NOT_MODIFIED.into_response() } else { Response::new(text.into()) };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-cache"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.extend(HeaderValue::from_str(&tag).ok().map(|tag| (header::ETAG, tag)));
    response
}
