//! A TOML table → its fields.

use toml::de::{DeTable, DeValue};

use super::yaml::MAX_DEPTH;
use crate::parse::properties::{Field, MAX_KEY};

/// Reads the scalars and lists of a table, those of tables inside by paths such as `a.b`; `Err` says why it can't.
pub(super) fn fields(block: &str) -> Result<Vec<Field>, &'static str> {
    let table = DeTable::parse(block).map_err(|_| "it isn't valid TOML")?;
    let mut fields = Vec::new();
    add_table("", table.get_ref(), 1, &mut fields)?;
    Ok(fields)
}

/// Adds what a table has that lies so deep.
fn add_table(
    path: &str,
    table: &DeTable<'_>,
    depth: usize,
    fields: &mut Vec<Field>,
) -> Result<(), &'static str> {
    if depth > MAX_DEPTH {
        return Err("it is nested too deeply");
    }
    for (key, value) in table {
        let key = key.get_ref();
        let path = if path.is_empty() { key.to_string() } else { format!("{path}.{key}") };
        if path.len() > 2 * MAX_KEY {
            continue;
        }
        match value.get_ref() {
            DeValue::Table(table) => add_table(&path, table, depth + 1, fields)?,
            DeValue::Array(items) => {
                fields
                    .push(Field::list(&path, items.iter().filter_map(|item| text(item.get_ref())).collect()));
                for table in items.iter().filter_map(|item| item.get_ref().as_table()) {
                    add_table(&path, table, depth + 1, fields)?;
                }
            }
            value => fields.extend(text(value).map(|text| Field::scalar(&path, text))),
        }
    }
    Ok(())
}

/// A scalar as it is written.
fn text(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.as_str().to_owned()),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(truth) => Some(truth.to_string()),
        DeValue::Datetime(date) => Some(date.to_string()),
        DeValue::Array(_) | DeValue::Table(_) => None,
    }
}
