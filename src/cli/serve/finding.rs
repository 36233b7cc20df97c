//! `/api/search`: passages, as `search --json` describes them.

use axum::response::Response;
use qsearch::wire::{Found, Show, results};

use super::super::arguments::{self, Arguments, BEFORE, Field, LIMIT, PATHS, QUERY, RESULTS, SINCE, TAGS};
use super::super::{Failure, hint, json};
use super::call::{Call, sent};
use super::house::Index;
use super::refusal::Refusal;

/// What is taken.
pub(super) const FIELDS: &[Field] = &[QUERY, LIMIT, PATHS, TAGS, SINCE, BEFORE];

/// Finds passages.
pub(super) async fn search(call: Call) -> Result<Response, Refusal> {
    let arguments = call.arguments("search", FIELDS)?;
    let index = call.index.clone();
    call.house.pool.run(move |_| find(&index, &arguments)).await.map(sent)
}

/// The document of what was found.
fn find(index: &Index, arguments: &Arguments) -> Result<String, Refusal> {
    let query = arguments.text("query").trim();
    let question = arguments::question(query, arguments.number("limit", RESULTS), arguments)?;
    if query.is_empty() {
        return Err(Failure::refused("`query` is empty", hint::mcp::NO_WORDS).into());
    }
    let library = index.library()?;
    let hits = library.search(&question)?;
    let show = Show { roots: &library.snapshot()?.info().roots, explain: false };
    Ok(json::document(&Found { query, results: results(&hits, &show) }))
}
