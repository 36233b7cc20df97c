//! Ask your notes: local semantic search with cited answers.

// Declared in the order data travels.

// The nouns.
pub mod document;
pub mod hit;
pub mod error;
// qsearch index: notes in, index out.
pub mod index;
// qsearch ask: question in, cited answer out.
pub mod ask;
pub mod answer;
pub mod cite;
