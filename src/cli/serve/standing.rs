//! `/api/status` and `/api/health`: what is indexed, as `status --json` describes it, and whether anybody is there.

use std::sync::Arc;

use axum::response::Response;
use qsearch::wire::{Health, ServedStatus, Status};

use super::super::arguments::{Field, Kind};
use super::super::json;
use super::call::{Call, sent};
use super::refusal::Refusal;

/// What is taken.
pub(super) const FIELDS: &[Field] = &[Field {
    name: "quick",
    aliases: &[],
    kind: Kind::Flag,
    needed: false,
    says: "Whether the notes on disk aren't looked at, so that nothing is said of how they differ.",
}];
/// The version of qsearch.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Says that somebody is there.
pub(super) async fn health(call: Call) -> Result<Response, Refusal> {
    call.arguments("health", &[])?;
    Ok(sent(json::document(&Health { status: "ok", version: VERSION })))
}

/// Tells what is indexed.
pub(super) async fn status(call: Call) -> Result<Response, Refusal> {
    let quick = call.arguments("status", FIELDS)?.flag("quick", false);
    let (house, index) = (Arc::clone(&call.house), Arc::clone(&call.index));
    let llm = house.known_model().await;
    let told = call.house.pool.run(move |is_gone| {
        let library = index.library()?;
        let found = if quick { library.status_of_index()? } else { library.status_unless(is_gone)? };
        let status = if quick { Status::of_index(&found) } else { Status::new(&found) };
        let (name, indexes) = (index.name.as_str(), house.names());
        Ok(json::document(&ServedStatus { status, version: VERSION, name, indexes, llm }))
    });
    told.await.map(sent)
}
