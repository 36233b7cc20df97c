//! Through which proxy is a server spoken to?

use std::net::IpAddr;

/// The proxies that people have set.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    /// `http_proxy`: through which proxy other machines are spoken to without TLS.
    pub http: Option<String>,
    /// `HTTPS_PROXY`: and with TLS.
    pub https: Option<String>,
    /// `NO_PROXY`: which hosts are spoken to directly, with commas between them.
    pub direct: Option<String>,
}

impl Proxies {
    /// Reads the variables that people have set; `variable` gives the value of one.
    pub fn from_variables(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let named = |names: &[&str]| {
            let set = names.iter().filter_map(|name| variable(name));
            set.map(|value| value.trim().to_owned()).find(|value| !value.is_empty())
        };
        Self {
            // Not `HTTP_PROXY`: where programs are started by a web server, strangers can set it.
            http: named(&["http_proxy", "ALL_PROXY", "all_proxy"]),
            https: named(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]),
            direct: named(&["NO_PROXY", "no_proxy"]),
        }
    }

    /// The proxy through which a host, in lower case, is spoken to: none for this machine.
    pub fn for_host(&self, secure: bool, host: &str) -> Option<&str> {
        let proxy = if secure { &self.https } else { &self.http };
        let direct = self.direct.as_deref().unwrap_or_default().split(',').any(|spared| {
            let spared = spared.trim().trim_start_matches("*.").trim_start_matches('.').to_lowercase();
            let below = || host.strip_suffix(&spared).is_some_and(|start| start.ends_with('.'));
            spared == "*" || !spared.is_empty() && (host == spared || below())
        });
        proxy.as_deref().filter(|_| !direct && !is_this_machine(host))
    }
}

impl std::fmt::Debug for Proxies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Passwords may be in them.
        f.debug_struct("Proxies").finish_non_exhaustive()
    }
}

/// Whether a host, an IPv6 address without brackets, is this machine, so that what is sent there doesn't leave it. A name
/// that only may lead here doesn't count.
pub fn is_this_machine(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) => {
            let inside = address.to_ipv4_mapped().is_some_and(|address| address.is_loopback());
            address.is_loopback() || inside
        }
        Ok(IpAddr::V4(address)) => address.is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_never_spoken_to_through_a_proxy() {
        let proxies = Proxies {
            http: Some("http://proxy:3128".to_owned()),
            https: Some("http://secure:3128".to_owned()),
            direct: Some("intern.example, .lan ,*.corp".to_owned()),
        };
        for host in ["127.0.0.1", "localhost", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(proxies.for_host(false, host), None, "{host}");
        }
        assert_eq!(proxies.for_host(false, "example.com"), Some("http://proxy:3128"));
        assert_eq!(proxies.for_host(true, "example.com"), Some("http://secure:3128"));
        assert_eq!(proxies.for_host(true, "notintern.example"), Some("http://secure:3128"));
        for host in ["intern.example", "llm.intern.example", "box.lan", "a.corp"] {
            assert_eq!(proxies.for_host(true, host), None, "{host}");
        }
    }

    #[test]
    fn variables_are_read_as_people_have_them_set() {
        let proxies = Proxies::from_variables(&|name| match name {
            "all_proxy" => Some(" http://user:secret@p\n".to_owned()),
            "NO_PROXY" => Some(String::new()),
            _ => None,
        });
        assert_eq!(proxies.https.as_deref(), Some("http://user:secret@p"));
        assert_eq!(proxies.direct, None);
        assert!(!format!("{proxies:?}").contains("secret"));
    }
}
