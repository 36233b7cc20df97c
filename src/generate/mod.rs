//! What does a language model write? Messages in, text out, as it comes.
//!
//! - `model.rs`: the interface of a language model, what it is told and how it ends.
//! - `llm_source.rs`: where a language model comes from, and opening it.

mod llm_source;
mod model;

pub use llm_source::{Access, LlmSource};
pub use model::{Ending, LanguageModel, Message, Role, Stop, Task};
