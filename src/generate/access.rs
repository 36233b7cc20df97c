//! What surrounds the process, as far as language models are concerned.

use std::time::Duration;

use super::address::Address;
use super::transfer::Patience;
use crate::proxies::Proxies;

/// How long a text is waited for, if nothing else is said. Before the first word a model may be loaded from a slow disk, and
/// a slow processor reads what it is told: 4,000 tokens in more than a minute.
const PATIENCE: Patience = Patience { first: Duration::from_mins(5), next: Duration::from_mins(2) };

/// What surrounds the process, as far as language models are concerned.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// `OPENAI_API_KEY`.
    pub openai_key: Option<String>,
    /// `OPENAI_BASE_URL`: the address of the server that `openai:` means, up to `/v1`.
    pub openai_url: Option<String>,
    /// `QSEARCH_LLM_KEY`: the key of a server that is named by its address.
    pub llm_key: Option<String>,
    /// `ANTHROPIC_API_KEY`.
    pub anthropic_key: Option<String>,
    /// `ANTHROPIC_BASE_URL`.
    pub anthropic_url: Option<String>,
    /// `OLLAMA_HOST`: where Ollama listens.
    pub ollama_host: Option<String>,
    /// How long to wait for the next piece of text; `None` for the default.
    pub timeout: Option<Duration>,
    /// The proxies through which other machines are spoken to.
    pub proxies: Proxies,
}

impl Access {
    /// Reads the variables that people have set; `variable` gives the value of one.
    pub fn from_variables(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let named = |names: &[&str]| {
            let set = names.iter().filter_map(|name| variable(name));
            set.map(|value| value.trim().to_owned()).find(|value| !value.is_empty())
        };
        Self {
            openai_key: named(&["OPENAI_API_KEY"]),
            openai_url: named(&["OPENAI_BASE_URL", "OPENAI_API_BASE"]),
            llm_key: named(&["QSEARCH_LLM_KEY"]),
            anthropic_key: named(&["ANTHROPIC_API_KEY"]),
            anthropic_url: named(&["ANTHROPIC_BASE_URL"]),
            ollama_host: named(&["OLLAMA_HOST"]),
            timeout: None,
            proxies: Proxies::from_variables(variable),
        }
    }

    /// How long to wait for text.
    pub(super) fn patience(&self) -> Patience {
        self.timeout.map_or(PATIENCE, Patience::of)
    }

    /// The proxy through which a server is spoken to: none for this machine.
    #[cfg_attr(not(feature = "generate"), expect(dead_code, reason = "a build without HTTP asks nobody"))]
    pub(super) fn proxy_for(&self, server: &Address) -> Option<&str> {
        self.proxies.for_host(server.secure, &server.host)
    }
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Keys are never shown.
        f.debug_struct("Access").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_read_as_people_have_them_set() {
        let access = Access::from_variables(&|name| match name {
            "OPENAI_API_KEY" => Some(" sk-secret\n".to_owned()),
            "OPENAI_BASE_URL" => Some(String::new()),
            _ => None,
        });
        assert_eq!(access.openai_key.as_deref(), Some("sk-secret"));
        assert_eq!(access.openai_url, None);
        assert!(!format!("{access:?}").contains("secret"));
    }
}
