//! Ask your notes: local semantic search with cited answers.

// Declared in the order data travels.

// The nouns.
pub mod document;
pub mod hit;
pub mod error;
pub mod query;
pub mod words;
pub mod calendar;
pub mod random;
pub mod files;
pub mod trust;
pub mod settings;
pub mod format;
mod encoding;
mod sentence;

// `qsearch index`: notes in, index out.
pub mod index;
pub mod walk;
pub mod extract;
pub mod parse;
pub mod chunk;
pub mod embed;
pub mod store;

// `qsearch ask`: question in, cited answer out.
pub mod ask;
pub mod fuse;
pub mod rerank;
pub mod confidence;
pub mod answer;
pub mod cite;

// `qsearch eval`: questions with known answers in, figures out.
pub mod eval;

// Edges.
pub mod progress;
