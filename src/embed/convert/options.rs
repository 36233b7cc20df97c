//! Settings of a conversion: what the caller wants, and what was found.

use super::scripts::Writing;
use crate::embed::model::Pooling;
use crate::embed::word_table::TableBits;

/// Settings that override what the folder says; none, by default.
#[derive(Clone, Debug, Default)]
pub struct ConvertOptions {
    /// The model's name; the folder's, if `None`.
    pub name: Option<String>,
    /// How token vectors become one vector.
    pub pooling: Option<Pooling>,
    /// The most tokens of a text that are read, two special ones and a prefix included.
    pub max_tokens: Option<usize>,
    /// What stands before a question, with the blank at its end; the empty string for nothing.
    pub query_prefix: Option<String>,
    /// What stands before a passage, with the blank at its end; the empty string for nothing.
    pub passage_prefix: Option<String>,
    /// How the rows of words are kept.
    pub table: TableBits,
    /// The languages whose letters are kept in the vocabulary, besides Latin ones; all letters, if empty.
    pub languages: Vec<Writing>,
}

/// A setting, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundSetting<T> {
    /// Its value.
    pub value: T,
    /// Where it comes from: a file of the folder, `1_Pooling/config.json`, or a phrase like `the options`.
    pub from: String,
}

impl<T> FoundSetting<T> {
    /// A setting that comes from `from`.
    pub(super) fn new(value: T, from: impl Into<String>) -> Self {
        Self { value, from: from.into() }
    }
}
