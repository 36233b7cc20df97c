//! Where a language model comes from, and opening it.

use std::time::Duration;

use super::model::LanguageModel;
use crate::error::{LlmError, Result};

/// What surrounds the process, as far as language models are concerned.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// `OPENAI_API_KEY`.
    pub openai_key: Option<String>,
    /// `OPENAI_BASE_URL`: the address of the server that `openai:` means, up to `/v1`.
    pub openai_url: Option<String>,
    /// `ANTHROPIC_API_KEY`.
    pub anthropic_key: Option<String>,
    /// `ANTHROPIC_BASE_URL`.
    pub anthropic_url: Option<String>,
    /// `OLLAMA_HOST`: where Ollama listens.
    pub ollama_host: Option<String>,
    /// How long to wait for the next piece of text; `None` for the default.
    pub timeout: Option<Duration>,
}

/// A language model by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LlmSource {
    /// `ollama:qwen3`.
    Ollama {
        /// The model.
        model: String,
    },
    /// `openai:gpt-5-mini`.
    OpenAi {
        /// The model.
        model: String,
    },
    /// `anthropic:claude-haiku-4-5`.
    Anthropic {
        /// The model.
        model: String,
    },
    /// `http://localhost:8080/v1#qwen3`, or with a blank for `#`: a server that speaks as OpenAI's does.
    Url {
        /// The address, up to `/v1`.
        url: String,
        /// The model; `None` for the first that the server has.
        model: Option<String>,
    },
}

impl LlmSource {
    /// Reads a name.
    ///
    /// # Errors
    ///
    /// When it names none.
    pub fn parse(said: &str) -> Result<Self> {
        Err(LlmError::Unknown { said: said.to_owned() }.into())
    }

    /// Opens it. Nothing is sent to another machine before [`LanguageModel::write`].
    ///
    /// # Errors
    ///
    /// When a key is missing, or a server on this machine isn't there or doesn't have the model.
    pub fn open(&self, access: &Access) -> Result<Box<dyn LanguageModel>> {
        let _ = access;
        Err(LlmError::WithoutFeature.into())
    }
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Keys are never shown.
        f.debug_struct("Access").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}
