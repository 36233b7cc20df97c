//! Which function answers which request.
//!
//! Each route of an index is there twice: for the one that needs no name, and with a name in its path. Names that a route has
//! can't be those of indexes, so a path means one thing. All routes, and what is said where there is none, lie behind the one
//! layer in `front`: a route that is added here is guarded without anybody's doing.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};

use super::super::hint;
use super::super::mcp::Http;
use super::asking::ask;
use super::counted::metrics;
use super::files::picture;
use super::finding::search;
use super::front::front;
use super::house::House;
use super::openai;
use super::openapi::openapi;
use super::page;
use super::reading::note;
use super::refusal::Refusal;
use super::standing::{health, status};

/// All routes behind the one layer that lets requests in.
pub(super) fn router(house: &Arc<House>) -> Router {
    let mut router = Router::new()
        .route("/", get(page::index))
        .route("/assets/page.css", get(page::style))
        .route("/assets/page.js", get(page::script))
        .route("/favicon.ico", get(page::icon))
        .route("/mcp", agents(house, 0));
    for (number, index) in house.indexes.iter().enumerate().skip(1) {
        router = router.route(&format!("/api/{}/mcp", index.name), agents(house, number));
    }
    for before in ["/api", "/api/{index}"] {
        router = router
            .route(&format!("{before}/health"), get(health))
            .route(&format!("{before}/status"), get(status))
            .route(&format!("{before}/search"), both(search))
            .route(&format!("{before}/ask"), both(ask))
            .route(&format!("{before}/notes/{{root}}/{{*path}}"), get(note))
            .route(&format!("{before}/files/{{root}}/{{*path}}"), get(picture));
    }
    router
        .route("/v1/models", get(openai::models))
        .route("/v1/models/{*model}", get(openai::model))
        .route("/v1/embeddings", post(openai::embeddings))
        .route("/v1/chat/completions", post(openai::completions))
        .route("/metrics", get(metrics))
        .route("/openapi.json", get(openapi))
        .method_not_allowed_fallback(wrong_method)
        .fallback(nothing)
        .layer(from_fn_with_state(Arc::clone(house), front))
        .with_state(Arc::clone(house))
}

/// A route that is asked by GET and by POST.
fn both<T: 'static>(handler: impl Handler<T, Arc<House>>) -> MethodRouter<Arc<House>> {
    get(handler.clone()).post(handler)
}

/// The route of agents to an index.
fn agents(house: &Arc<House>, index: usize) -> MethodRouter<Arc<House>> {
    let http = Http::new(Arc::clone(&house.indexes[index].desk));
    post(move |request: Request| async move { http.answer(request).await })
}

/// What is said where a route is there, but not for this method.
async fn wrong_method(method: Method, uri: Uri) -> Response {
    let what = format!("`{method}` isn't understood here");
    let refusal = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "usage", what);
    refusal.with("use the other of GET and POST").at(uri.path())
}

/// What is said where there is no route.
async fn nothing(uri: Uri) -> Response {
    Refusal::missing("there is nothing at this address").with(hint::serve::ROUTES).at(uri.path())
}
