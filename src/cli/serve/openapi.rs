//! `/openapi.json`: what can be asked, as programs read it.

use axum::response::Response;

use super::call::{Call, sent};
use super::refusal::Refusal;
use super::standing::VERSION;

/// The document, in version 3.1 of the `OpenAPI` Specification; `VERSION` stands for that of qsearch.
const DOCUMENT: &str = include_str!("openapi.json");

/// Tells what can be asked.
///
/// `tests/serve/schema.py` has requests made of it, valid ones and others, and checks what comes back against it.
pub(super) async fn openapi(call: Call) -> Result<Response, Refusal> {
    call.arguments("openapi.json", &[])?;
    Ok(sent(DOCUMENT.replacen("\"VERSION\"", &format!("{VERSION:?}"), 1)))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// Calls a function with each reference of a document.
    fn references(document: &Value, hear: &mut dyn FnMut(&str)) {
        match document {
            Value::Object(fields) => {
                if let Some(Value::String(reference)) = fields.get("$ref") {
                    hear(reference);
                }
                fields.values().for_each(|value| references(value, hear));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, hear)),
            _ => {}
        }
    }

    #[test]
    fn all_that_is_referred_to_is_there() {
        let document: Value = serde_json::from_str(DOCUMENT).unwrap();
        let mut count = 0;
        references(&document, &mut |reference| {
            count += 1;
            let path = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(path).is_some(), "{reference}");
        });
        assert!(count > 50);
    }
}
