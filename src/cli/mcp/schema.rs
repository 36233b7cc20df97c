//! What tools take, as a table: JSON Schema is made from it, and arguments are read by it.
//!
//! Schemas have only what every client understands. Some can't read `$schema`, `$ref`, `format`, `anyOf` or a list of types,
//! so none of these appears.

use serde_json::{Value, json};

use super::super::arguments::{Field, Kind, Object};

/// The schema of an object with these fields.
pub(super) fn of(fields: &[Field]) -> Object {
    let property = |field: &Field| {
        let says = field.says;
        let schema = match field.kind {
            Kind::Text => json!({ "type": "string", "description": says }),
            Kind::Texts => json!({ "type": "array", "items": { "type": "string" }, "description": says }),
            Kind::Number { least, most } => {
                json!({ "type": "integer", "minimum": least, "maximum": most, "description": says })
            }
            Kind::Flag => json!({ "type": "boolean", "description": says }),
        };
        (field.name.to_owned(), schema)
    };
    let properties: Object = fields.iter().map(property).collect();
    let needed: Vec<&str> = fields.iter().filter(|field| field.needed).map(|field| field.name).collect();
    let mut schema = Object::new();
    schema.insert("type".to_owned(), "object".into());
    schema.insert("properties".to_owned(), properties.into());
    if !needed.is_empty() {
        schema.insert("required".to_owned(), needed.into());
    }
    schema
}

/// The schema of an object that a tool gives back: its fields, and those of them that are never left out.
pub(super) fn given(fields: &[(&str, Value)], always: &[&str]) -> Value {
    let properties: Object =
        fields.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({ "type": "object", "properties": properties, "required": always })
}

/// The schema of a text.
pub(super) fn text(says: &str) -> Value {
    json!({ "type": "string", "description": says })
}

/// The schema of a whole number.
pub(super) fn whole(says: &str) -> Value {
    json!({ "type": "integer", "description": says })
}

/// The schema of a number.
pub(super) fn number(says: &str) -> Value {
    json!({ "type": "number", "description": says })
}

/// The schema of yes or no.
pub(super) fn flag(says: &str) -> Value {
    json!({ "type": "boolean", "description": says })
}

/// The schema of a list.
pub(super) fn list(items: &Value, says: &str) -> Value {
    json!({ "type": "array", "items": items, "description": says })
}
