//! Texts become vectors: `&str` in, numbers of unit length out, close where the meanings are close.
//!
//! A *model* is weights and a vocabulary in a file, an *embedder* is whatever turns texts into vectors, and the
//! *encoder* is the embedder that runs our own model files: the forward pass of a BERT-family model (all-MiniLM-L6-v2
//! is bundled) on integer weights that are read in place, so making one costs microseconds. With it a text has the same
//! vector to the bit alone, in any batch, with any number of threads and on any processor.
//!
//! - `embedder.rs`, `reranker.rs`: the interfaces of models.
//! - `source.rs`: where a model comes from, and opening it; `listed_model.rs`, `places.rs`: which there are, and where.
//! - `encoder.rs`: the embedder of our own model files.
//!   - `tokenizer.rs`: text to token numbers, by `wordpiece.rs` (with `vocabulary.rs`) or `unigram.rs` (with `char_map.rs` and
//!     `double_array.rs`), `special_tokens.rs`; `content_words.rs`: the words among them with vectors.
//!   - `model_file.rs`: the format of a model file; `model.rs` reads one, from bytes that are `mapped.rs` and checked with
//!     `block_sums.rs`; `word_table.rs`: its rows of words, `half.rs`: their scales; [`convert`] writes one; `prefixes.rs`: what
//!     models want before a text.
//!   - `forward.rs`: the forward pass, made of `steps.rs` and `attention.rs` (arithmetic) and `kernel/`
//!     (instruction sets).
//! - `onnx/`: all other models, through fastembed; `without_onnx.rs` stands in for it in a build without.

mod read;
mod embedder;
mod reranker;
mod half;
mod vocabulary;
mod double_array;
mod char_map;
mod special_tokens;
mod unigram;
mod wordpiece;
mod tokenizer;
mod model_file;
mod block_sums;
mod mapped;
mod word_table;
mod model;
mod prefixes;
#[expect(clippy::inline_always, reason = "a kernel's steps must be compiled for its instruction set")]
mod attention;
#[expect(clippy::inline_always, reason = "a kernel's steps must be compiled for its instruction set")]
mod steps;
#[expect(clippy::inline_always, reason = "a kernel's steps must be compiled for its instruction set")]
mod kernel;
mod content_words;
mod forward;
mod encoder;
pub mod convert;
mod places;
mod listed_model;
#[cfg(feature = "fastembed")]
mod onnx;
#[cfg(not(feature = "fastembed"))]
#[path = "without_onnx.rs"]
mod onnx;
mod source;

pub use self::embedder::{Embedder, Embedding, Input, QuestionVectors};
pub use self::encoder::Encoder;
pub use self::kernel::Kernel;
pub use self::listed_model::{ListedModel, ModelKind};
pub use self::places::{Places, RuntimePlaces};
pub use self::reranker::Reranker;
pub use self::source::{EXTENSION, ModelSource, OnnxSource, list};
pub use self::word_table::TableBits;
