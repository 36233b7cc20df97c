//! A property of a note: a key and its values, as its front matter has them.

use super::floor;
use serde::{Deserialize, Serialize};

/// The longest term, in bytes.
const LONGEST_TERM: usize = 256;

/// What a note says of itself under one key, other than its title, tags, date and aliases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Property {
    /// The key, without blanks around it and in lower case.
    pub key: String,
    /// The values as written: one for a scalar, any number for a list.
    pub values: Vec<String>,
}

impl Property {
    /// The terms by which a filter finds the property: `key=value` in lower case, one for each value.
    pub fn terms(&self) -> impl Iterator<Item = String> {
        self.values.iter().map(|value| Self::term(&self.key, value))
    }

    /// The term of a key and a value. What is longer than 256 bytes is cut.
    pub fn term(key: &str, value: &str) -> String {
        let mut term = format!("{}={}", key.trim().to_lowercase(), value.trim().to_lowercase());
        term.truncate(floor(&term, LONGEST_TERM));
        term
    }
}
