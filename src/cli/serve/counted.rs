//! `/metrics`: what was counted, and what is indexed, for programs that watch over servers.
//!
//! Neither a question nor a name of a note gets in.

use std::fmt::Write;

use axum::http::{HeaderValue, header};
use axum::response::Response;

use super::call::Call;
use super::house::House;
use super::refusal::Refusal;

/// Tells what was counted, and what is indexed.
pub(super) async fn metrics(call: Call) -> Result<Response, Refusal> {
    call.arguments("metrics", &[])?;
    let house = call.house.clone();
    let out = call.house.pool.run(move |_| Ok(house.metrics.told() + &indexed(&house))).await?;
    let mut response = Response::new(out.into());
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}

/// What is indexed, as text.
fn indexed(house: &House) -> String {
    let mut out = String::new();
    for (name, says) in [("notes", "Notes in the index."), ("passages", "Passages in the index.")] {
        let name = format!("qsearch_index_{name}");
        writeln!(out, "# HELP {name} {says}\n# TYPE {name} gauge").unwrap_or_default();
        for index in &house.indexes {
            // One that can't be read has none.
            let Ok(library) = index.library() else { continue };
            let Ok(snapshot) = library.snapshot() else { continue };
            let info = snapshot.info();
            let number = if name.ends_with("notes") { info.files } else { info.passages };
            writeln!(out, "{name}{{index=\"{}\"}} {number}", index.name).unwrap_or_default();
        }
    }
    out
}
