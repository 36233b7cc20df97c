//! Ask your notes: local semantic search with cited answers.
//!
//! A [`Library`](library::Library) is one index. It reads notes into the index, and answers questions with sources that
//! say in which lines of which note an answer stands:
//!
//! ```
//! use qsearch::ask::{Question, Stopwatch};
//! use qsearch::calendar::Day;
//! use qsearch::index::IndexOptions;
//! use qsearch::library::Library;
//! use qsearch::progress::Silent;
//!
//! let folder = tempfile::tempdir()?;
//! let notes = folder.path().join("notes");
//! std::fs::create_dir(&notes)?;
//! std::fs::write(notes.join("owls.md"), "# Owls\n\nMost owls hunt at night. They hear a mouse under snow.\n")?;
//! std::fs::write(notes.join("bread.md"), "# Bread\n\nKnead the dough for ten minutes.\n")?;
//!
//! let mut library = Library::open(folder.path().join("index"));
//! let report = library.index(&[notes], &IndexOptions::default(), &Silent)?;
//! assert_eq!((report.files, report.skipped.len()), (2, 0));
//!
//! // Words like `since:7d` in a question are read as of the day that it is asked.
//! let question = Question::new("When do owls hunt?", 5, Day::of(1_700_000_000));
//! let reply = library.ask(&question, &mut Stopwatch::default())?;
//! let source = &reply.hits[0].source;
//! assert_eq!(source.path.as_str(), "owls.md");
//! assert!(reply.answer.is_some_and(|answer| answer.text.starts_with("Most owls hunt at night.")));
//! println!("{}:{}", source.path, source.passage.lines);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The library never prints, exits or reads the environment: what surrounds the process is handed in as data, progress
//! goes to a [`Progress`](progress::Progress), and errors are facts without advice. The documents that `--json` prints
//! are in [`wire`].
//!
//! # Features
//!
//! - `cli` (default): the program `qsearch`; without it, nothing is built that only the program needs.
//! - `hub` (default): models from the Hugging Face hub, for our own encoder.
//! - `postgres` (default): indexes in databases of PostgreSQL.
//! - `generate` (default): language models that write answers, over HTTP.
//! - `mcp` (default): the command `qsearch mcp` of the program, for agents.
//! - `serve` (default): the command `qsearch serve` of the program, for browsers and programs.
//! - `fastembed` (default): other models than the bundled one and imported ones, through ONNX Runtime.

// Declared in the order data travels.

// The nouns.
pub mod document;
pub mod hit;
pub mod written;
pub mod error;
pub mod query;
pub mod word_vector;
pub mod words;
pub mod calendar;
pub mod random;
pub mod sys;
pub mod threads;
pub mod files;
pub mod trust;
pub mod surroundings;
pub mod settings;
pub mod format;
pub mod likeness;
pub mod link;
mod encoding;
pub mod seen;
mod sentence;
mod same;
mod varint;
pub mod proxies;
#[cfg(any(feature = "generate", feature = "hub"))]
mod http;

// `qsearch index`: notes in, index out.
pub mod index;
pub mod walk;
pub mod extract;
pub mod extraction;
pub mod parse;
pub mod chunk;
pub mod embed;
pub mod hub;
pub mod store;

// `qsearch ask`: question in, cited answer out.
pub mod ask;
pub mod fuse;
pub mod recheck;
pub mod rerank;
pub mod confidence;
pub mod answer;
pub mod cite;

// `qsearch ask --write`: an answer that a language model writes, checked against its sources.
pub mod write;
pub mod generate;
pub mod support;

// `qsearch eval`: questions with known answers in, figures out.
pub mod eval;

// `qsearch copy`: one index in, another one out.
pub mod copy;

// `qsearch get`, `qsearch status`.
pub mod get;
pub mod list;
pub mod status;
pub mod lookout;
mod resolve;

// Edges.
pub mod progress;
pub mod owner;
pub mod locate;
pub mod library;
pub mod wire;
