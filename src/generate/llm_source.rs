//! Where a language model comes from, and opening it.

use std::fmt;

use super::access::Access;
use super::address::{Address, without_credentials};
use super::anthropic::{self, Anthropic};
use super::llm_server::LlmServer;
use super::model::LanguageModel;
use super::models::is_cloud;
use super::ollama::Ollama;
use super::openai::{self, OpenAi};
use crate::error::{LlmError, Result};

/// OpenAI's own server.
const OPENAI: &str = "https://api.openai.com/v1";
/// Anthropic's own server.
const ANTHROPIC: &str = "https://api.anthropic.com";
/// The port of Ollama.
const OLLAMA_PORT: u16 = 11_434;
/// How long a name may be.
const MOST_NAME: usize = 512;

/// A language model by name.
#[derive(Clone, PartialEq, Eq)]
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
        let unknown = || LlmError::Unknown { said: without_credentials(said.trim()) };
        let is_name = |name: &str| {
            !name.is_empty()
                && name.len() <= MOST_NAME
                && !name.chars().any(|c| c.is_control() || c.is_whitespace() || c == '#')
        };
        let said = said.trim();
        if said.contains("://") {
            let end = said.find(|c: char| c == '#' || c.is_whitespace());
            let (url, model) = end.map_or((said, ""), |end| said.split_at(end));
            let model = model.trim_start_matches(|c: char| c == '#' || c.is_whitespace());
            let address = base(url).ok_or_else(unknown)?;
            if !model.is_empty() && !is_name(model) {
                return Err(unknown().into());
            }
            let model = (!model.is_empty()).then(|| model.to_owned());
            return Ok(Self::Url { url: address.whole(), model });
        }
        let (server, model) = said.split_once(':').ok_or_else(unknown)?;
        let model = model.trim().to_owned();
        if !is_name(&model) {
            return Err(unknown().into());
        }
        match server.trim().to_ascii_lowercase().as_str() {
            "ollama" => Ok(Self::Ollama { model }),
            "openai" => Ok(Self::OpenAi { model }),
            "anthropic" => Ok(Self::Anthropic { model }),
            _ => Err(unknown().into()),
        }
    }

    /// The address of its server without credentials and path, as [`LanguageModel::server`] gives it; nothing is sent.
    ///
    /// # Errors
    ///
    /// When the address that is set for it is none.
    pub fn server(&self, access: &Access) -> Result<String> {
        Ok(self.address(access)?.origin())
    }

    /// Whether it runs on this machine, as far as its name and address tell; nothing is sent.
    ///
    /// # Errors
    ///
    /// When the address that is set for it is none.
    pub fn is_local(&self, access: &Access) -> Result<bool> {
        let elsewhere = match self {
            Self::Ollama { model } | Self::Url { model: Some(model), .. } => is_cloud(model),
            _ => false,
        };
        Ok(self.address(access)?.is_local() && !elsewhere)
    }

    /// Opens it. Nothing is sent to another machine before [`LanguageModel::write`].
    ///
    /// # Errors
    ///
    /// When a key is missing, or a server on this machine isn't there or doesn't have the model.
    pub fn open(&self, access: &Access) -> Result<Box<dyn LanguageModel>> {
        let address = self.address(access)?;
        let local = address.is_local();
        match self {
            Self::Ollama { model } => {
                let ollama = Ollama::new(LlmServer::new(address, access)?, model.clone());
                if local {
                    ollama.check()?;
                }
                Ok(Box::new(ollama))
            }
            Self::OpenAi { model } => {
                let official = address.host == "api.openai.com";
                if official && access.openai_key.is_none() && address.credentials.is_none() {
                    return Err(keyless(&address, openai::VARIABLE));
                }
                let server = with_openai_key(address, access)?;
                open_openai(server, Some(model.clone()), access)
            }
            Self::Url { model, .. } => {
                let server = with_openai_key(address, access)?;
                open_openai(server, model.clone(), access)
            }
            Self::Anthropic { model } => {
                let official = address.host == "api.anthropic.com";
                let key = access.anthropic_key.clone();
                if official && key.is_none() && address.credentials.is_none() {
                    return Err(keyless(&address, anthropic::VARIABLE));
                }
                let mut server = LlmServer::new(address, access)?;
                server = server.with("anthropic-version", anthropic::VERSION.to_owned(), None)?;
                if let Some(key) = key {
                    server = server.with_key("x-api-key", ("", &key), anthropic::VARIABLE)?;
                }
                Ok(Box::new(Anthropic::new(server, model.clone())))
            }
        }
    }

    /// The address of its server.
    fn address(&self, access: &Access) -> Result<Address> {
        let (set, address) = match self {
            Self::Ollama { .. } => {
                let set = access.ollama_host.as_deref().unwrap_or("127.0.0.1");
                (set, ollama_address(set))
            }
            Self::OpenAi { .. } => {
                let set = access.openai_url.as_deref().unwrap_or(OPENAI);
                (set, base(set))
            }
            Self::Anthropic { .. } => {
                let set = access.anthropic_url.as_deref().unwrap_or(ANTHROPIC);
                let ends = ["/messages", "/v1"];
                (set, Address::parse(set).map(|address| without_ends(address, &ends).called()))
            }
            Self::Url { url, .. } => (url.as_str(), base(url)),
        };
        address.ok_or_else(|| LlmError::Unknown { said: without_credentials(set) }.into())
    }
}

/// As it is named, without credentials.
impl fmt::Display for LlmSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ollama { model } => write!(f, "ollama:{model}"),
            Self::OpenAi { model } => write!(f, "openai:{model}"),
            Self::Anthropic { model } => write!(f, "anthropic:{model}"),
            Self::Url { url, model } => {
                f.write_str(&without_credentials(url))?;
                model.as_ref().map_or(Ok(()), |model| write!(f, "#{model}"))
            }
        }
    }
}

impl fmt::Debug for LlmSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An address may have credentials.
        write!(f, "LlmSource({self})")
    }
}

/// Opens a model of a server that speaks as OpenAI's does, or of Ollama if that was named by its address.
fn open_openai(server: LlmServer, model: Option<String>, access: &Access) -> Result<Box<dyn LanguageModel>> {
    let (local, address) = (server.address.is_local(), server.address.at(""));
    let openai = OpenAi::new(server, model.clone());
    if local {
        openai.check()?;
        if openai.is_ollama() {
            let name = openai.named()?.to_owned();
            let ollama = Ollama::new(LlmServer::new(address, access)?, name);
            ollama.check()?;
            return Ok(Box::new(ollama));
        }
    } else if let (Some(model), Some(OLLAMA_PORT)) = (model, address.port) {
        return Ok(Box::new(Ollama::new(LlmServer::new(address, access)?, model)));
    }
    Ok(Box::new(openai))
}

/// A server, with `OPENAI_API_KEY` if that is for it.
///
/// If `OPENAI_BASE_URL` is set, the key is that server's and nobody else's, otherwise `OpenAI`'s own. Any other server
/// gets what `QSEARCH_LLM_KEY` says, or what stands in its address.
fn with_openai_key(address: Address, access: &Access) -> Result<LlmServer> {
    let whose = match access.openai_url.as_deref().and_then(base) {
        Some(set) => set.origin() == address.origin(),
        None => base(OPENAI).is_some_and(|official| official.origin() == address.origin()),
    };
    let server = LlmServer::new(address, access)?;
    let (key, variable) =
        if whose { (&access.openai_key, openai::VARIABLE) } else { (&access.llm_key, "QSEARCH_LLM_KEY") };
    match key {
        Some(key) => server.with_key("authorization", ("Bearer ", key), variable),
        None => Ok(server),
    }
}

/// There is no key.
fn keyless(address: &Address, variable: &'static str) -> crate::error::Error {
    LlmError::Unauthorized { server: address.origin(), variable: Some(variable) }.into()
}

/// The address of a server that speaks as OpenAI's does, up to `/v1`, whatever of it was named.
pub(super) fn base(said: &str) -> Option<Address> {
    let mut address = without_ends(Address::parse(said)?, &["/chat/completions", "/completions", "/models"]);
    if address.path.is_empty() {
        address.path.push_str("/v1");
    }
    Some(address.called())
}

/// The address of Ollama, as `OLLAMA_HOST` has it: a host, a port, or both, with or without a scheme.
pub(super) fn ollama_address(said: &str) -> Option<Address> {
    let said = said.trim().trim_end_matches('/');
    if said.contains("://") {
        return Address::parse(said)
            .map(|address| without_ends(address, &["/api/chat", "/api", "/v1"]).called());
    }
    let host = if said.starts_with(':') { format!("127.0.0.1{said}") } else { said.to_owned() };
    let mut address = Address::parse(&format!("http://{host}"))?;
    let named = host.rsplit(':').next().is_some_and(|end| end == "80");
    if address.port.is_none() && !named {
        address.port = Some(OLLAMA_PORT);
    }
    Some(address.called())
}

/// An address without some ends of its path.
fn without_ends(mut address: Address, ends: &[&str]) -> Address {
    for end in ends {
        if let Some(path) = address.path.strip_suffix(end) {
            address.path = path.trim_end_matches('/').to_owned();
        }
    }
    address
}

#[cfg(test)]
#[path = "llm_source_tests.rs"]
mod tests;
