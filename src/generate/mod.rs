//! What does a language model write? Messages in, text out, as it comes.
//!
//! - `model.rs`: the interface of a language model, what it is told and how it ends.
//! - `llm_source.rs`: where a language model comes from, and opening it; `local.rs`: which servers run on this machine.
//! - `ollama.rs`, `openai.rs`, `anthropic.rs`: the interfaces that servers have. `fields.rs` and `models.rs` are what servers
//!   differ in that speak as OpenAI's does; `choices.rs`: how one is held to sentences.
//! - `llm_server.rs`: one server. `speech.rs`: one stream of it, from `transfer.rs` (bytes and patience) through `reader.rs`,
//!   which makes text of them by `events.rs` and `thoughts.rs`. `fault.rs`: what refusals mean.
//! - `http.rs`: the one file that knows how HTTP is spoken; `without_http.rs` stands in for it in a build without.
//! - `recorded.rs`: what a recorded stream says.

mod address;
#[cfg_attr(
    not(feature = "generate"),
    expect(dead_code, reason = "a build without HTTP has nothing to transfer")
)]
mod transfer;
mod access;
mod model;
#[cfg(feature = "generate")]
mod http;
#[cfg(not(feature = "generate"))]
#[path = "without_http.rs"]
mod http;
mod events;
mod thoughts;
mod choices;
mod fault;
mod reader;
mod speech;
mod llm_server;
mod models;
mod fields;
mod ollama;
mod openai;
mod anthropic;
mod llm_source;
mod local;
mod recorded;

pub use access::Access;
pub use llm_source::LlmSource;
pub use local::{LocalServer, ServerKind, choose, local};
pub use model::{Ending, LanguageModel, Message, Role, Stop, Task};
pub use recorded::{Wire, recorded};
