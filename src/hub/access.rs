//! What surrounds the process, as far as the hub is concerned.

use std::time::Duration;

use crate::error::{HubError, Result};
use crate::proxies::Proxies;

/// The address of the hub, if none is set.
const HUB: &str = "https://huggingface.co";

/// How long a server may be silent, if nothing else is said.
#[cfg(any(feature = "hub", test))]
const PATIENCE: Duration = Duration::from_secs(30);

/// How the hub is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HubAccess {
    /// `HF_ENDPOINT`: the address of another hub.
    pub endpoint: Option<String>,
    /// `HF_HUB_DOWNLOAD_TIMEOUT`: how long it may be silent.
    pub timeout: Option<Duration>,
    /// The proxies through which it is spoken to.
    pub proxies: Proxies,
}

impl HubAccess {
    /// Reads the variables that the hub's own tools read; `variable` gives the value of one.
    pub fn from_variables(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let said =
            |name| variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let seconds = said("HF_HUB_DOWNLOAD_TIMEOUT").and_then(|seconds| seconds.parse().ok());
        Self {
            endpoint: said("HF_ENDPOINT"),
            timeout: seconds.filter(|&seconds: &u64| seconds > 0).map(Duration::from_secs),
            proxies: Proxies::from_variables(variable),
        }
    }

    /// How long a server may be silent.
    #[cfg(any(feature = "hub", test))]
    pub(super) fn patience(&self) -> Duration {
        self.timeout.unwrap_or(PATIENCE)
    }

    /// The address of the hub, without a slash at its end.
    ///
    /// # Errors
    ///
    /// When what is set is no address of HTTP, or has credentials or a query in it.
    pub fn endpoint(&self) -> Result<String> {
        let Some(endpoint) = &self.endpoint else { return Ok(HUB.to_owned()) };
        let plain = endpoint.trim_end_matches('/');
        let host =
            plain.strip_prefix("https://").or_else(|| plain.strip_prefix("http://")).unwrap_or_default();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~:/[]".contains(&byte);
        if host.is_empty() || host.starts_with('/') || !host.bytes().all(is_plain) {
            return Err(HubError::Endpoint { said: endpoint.clone() }.into());
        }
        Ok(plain.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_is_an_address() {
        let at = |endpoint: &str| {
            HubAccess { endpoint: Some(endpoint.to_owned()), ..HubAccess::default() }.endpoint()
        };
        assert_eq!(at("http://127.0.0.1:80/hub/").unwrap(), "http://127.0.0.1:80/hub");
        assert_eq!(HubAccess::default().endpoint().unwrap(), HUB);
        for said in
            ["hf.co", "ftp://hf.co", "https://", "https:///x", "https://a@b", "https://a?b", "https://a b"]
        {
            assert!(at(said).is_err(), "{said}");
        }
    }

    #[test]
    fn variables_are_read_as_the_hubs_tools_read_them() {
        let access = HubAccess::from_variables(&|name| match name {
            "HF_ENDPOINT" => Some(" https://mirror.example ".to_owned()),
            "HF_HUB_DOWNLOAD_TIMEOUT" => Some("7".to_owned()),
            _ => None,
        });
        assert_eq!(access.endpoint.as_deref(), Some("https://mirror.example"));
        assert_eq!(access.patience(), Duration::from_secs(7));
        assert_eq!(HubAccess::from_variables(&|_| Some("0".to_owned())).patience(), PATIENCE);
    }
}
