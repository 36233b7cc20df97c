//! Ask your notes: local semantic search with cited answers.

// Declared in the order data travels.

// The nouns.
pub mod document;
pub mod hit;
pub mod error;

// `qsearch index`: notes in, index out.
pub mod walk;
pub mod chunk;

// `qsearch ask`: question in, cited answer out.
pub mod fuse;

// Edges.
pub mod progress;
