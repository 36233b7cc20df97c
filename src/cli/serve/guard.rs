//! Who may ask: requests for a host that is served, from here or from a page that was let in.
//!
//! A page of another site can make a browser send requests here, and a name of its own lead to this machine (DNS rebinding).
//! The first is told by `Origin` and `Sec-Fetch-Site`, which pages can't write, the second by `Host`.

use std::net::IpAddr;

use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};

use super::super::hint;
use super::refusal::Refusal;
use super::token::Token;

/// What is let in.
#[derive(Debug, Default)]
pub(super) struct Guard {
    /// Names that are served, in lower case.
    pub(super) hosts: Vec<String>,
    /// Whether every address of a machine is served, as one that others reach has many.
    pub(super) any_address: bool,
    /// Origins whose pages may ask, as browsers write them.
    pub(super) origins: Vec<String>,
    /// Whether a proxy stands in front, so that pages have its scheme and name.
    pub(super) behind_proxy: bool,
    /// Whether requests come by TLS.
    pub(super) tls: bool,
    /// What whoever asks must know.
    pub(super) token: Option<Token>,
}

/// A host and a port, as `Host` and `Origin` have them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Authority {
    /// The name, in lower case; an address of IPv6 without its brackets.
    pub(super) host: String,
    /// The port, if it is written.
    pub(super) port: Option<u16>,
}

impl Authority {
    /// Reads what stands in `Host`; `None` if that is no host.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (host, behind) = match text.strip_prefix('[') {
            Some(rest) => {
                let (host, behind) = rest.split_once(']')?;
                host.parse::<std::net::Ipv6Addr>().ok()?;
                (host, behind)
            }
            None => text.find(':').map_or((text, ""), |at| text.split_at(at)),
        };
        let port = match behind {
            "" => None,
            behind => {
                let digits = behind.strip_prefix(':').filter(|digits| !digits.starts_with('+'))?;
                Some(digits.parse().ok()?)
            }
        };
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        let is_of_names = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | ':');
        (!host.is_empty() && host.chars().all(is_of_names)).then_some(Self { host, port })
    }
}

/// An origin, as browsers write it: a scheme, a host and a port if it isn't the usual one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    /// Whether the scheme is `https`.
    tls: bool,
    at: Authority,
}

impl Origin {
    /// Reads an origin; `None` for `null` and all that isn't one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let tls = match scheme {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        Some(Self { tls, at: Authority::parse(rest)? })
    }

    /// An origin that is to be let in, as browsers will write it. Programs that show pages have schemes of their own:
    /// `app://obsidian.md`, `chrome-extension://…`.
    pub(super) fn written(text: &str) -> Option<String> {
        let text = text.trim_end_matches('/').to_ascii_lowercase();
        let (scheme, rest) = text.split_once("://")?;
        let is_of_schemes = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        if scheme.is_empty() || !scheme.chars().all(is_of_schemes) {
            return None;
        }
        Authority::parse(rest)?;
        let usual = match scheme {
            "https" => ":443",
            "http" => ":80",
            _ => "",
        };
        Some(format!("{scheme}://{}", rest.strip_suffix(usual).unwrap_or(rest)))
    }

    fn port(&self) -> u16 {
        self.at.port.unwrap_or(if self.tls { 443 } else { 80 })
    }
}

impl Guard {
    /// Looks at a request before anything is done for it, and says which origin may read the answer besides our own.
    pub(super) fn admit(&self, parts: &Parts) -> Result<Option<String>, Refusal> {
        let host = self.host(parts)?;
        let allowed = self.origin(&parts.headers, &host)?;
        if allowed.is_none() {
            site(parts)?;
        }
        Ok(allowed)
    }

    /// The host that is asked for, if it is served.
    fn host(&self, parts: &Parts) -> Result<Authority, Refusal> {
        let wrong = |what: &str| Refusal::new(StatusCode::BAD_REQUEST, "usage", what);
        let mut written = parts.headers.get_all(header::HOST).iter();
        let (first, more) = (written.next(), written.next());
        let first = first.ok_or_else(|| wrong("the request names no host"))?;
        if more.is_some() {
            return Err(wrong("the request names more than one host"));
        }
        let host = first.to_str().ok().and_then(Authority::parse);
        let host = host.ok_or_else(|| wrong("the request's host can't be read"))?;
        // A whole address may stand in the first line, too.
        let other = parts.uri.authority().map(|at| Authority::parse(at.as_str()));
        let is_same = other.is_none_or(|other| other.is_some_and(|other| other.host == host.host));
        if !is_same || !self.serves(&host.host) {
            let what = format!("`{}` isn't served here", host.host);
            return Err(
                Refusal::new(StatusCode::FORBIDDEN, "forbidden", what).with(hint::serve::FOREIGN_HOST)
            );
        }
        Ok(host)
    }

    /// Whether a host is served.
    fn serves(&self, host: &str) -> bool {
        let is_address = || host.parse::<IpAddr>().is_ok();
        self.hosts.iter().any(|served| served == host) || (self.any_address && is_address())
    }

    /// The origin of the page that asks, if it is another that was let in; `None` if it is our own, or no page asks.
    fn origin(&self, headers: &HeaderMap, host: &Authority) -> Result<Option<String>, Refusal> {
        let mut written = headers.get_all(header::ORIGIN).iter();
        let Some(first) = written.next() else { return Ok(None) };
        let text = first.to_str().unwrap_or_default();
        if written.next().is_none() {
            if let Some(allowed) = self.origins.iter().find(|allowed| *allowed == text) {
                return Ok(Some(allowed.clone()));
            }
            if Origin::parse(text).is_some_and(|origin| self.is_own(&origin, host)) {
                return Ok(None);
            }
        }
        let what = "pages of another site may not ask here";
        Err(Refusal::new(StatusCode::FORBIDDEN, "forbidden", what).with(hint::serve::FOREIGN_ORIGIN))
    }

    /// Whether a page comes from here.
    fn is_own(&self, origin: &Origin, host: &Authority) -> bool {
        // A proxy may leave the port out of the host that it hands on.
        let is_port = host.port.is_none_or(|port| port == origin.port());
        if self.behind_proxy && self.serves(&origin.at.host) && origin.at.host == host.host && is_port {
            return true;
        }
        // A proxy may ask by another name than browsers do.
        if self.behind_proxy && origin.tls && !is_loopback(&origin.at.host) && self.serves(&origin.at.host) {
            return true;
        }
        let port = host.port.unwrap_or(if self.tls { 443 } else { 80 });
        origin.tls == self.tls && origin.at.host == host.host && origin.port() == port
    }

    /// Looks whether a request has the token, if there is one.
    pub(super) fn check_token(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let Some(token) = &self.token else { return Ok(()) };
        let mut written = headers.get_all(header::AUTHORIZATION).iter();
        let refused = |what: &str| {
            Refusal::new(StatusCode::UNAUTHORIZED, "unauthorized", what)
                .with(hint::serve::TOKEN)
                .header(header::WWW_AUTHENTICATE, "Bearer realm=\"qsearch\"")
        };
        let first = written.next().ok_or_else(|| refused("a token is needed"))?;
        let given = first.to_str().ok().and_then(bearer).filter(|_| written.next().is_none());
        match given {
            Some(given) if token.is(given) => Ok(()),
            _ => Err(refused("the token isn't the right one")),
        }
    }
}

/// The token in `Authorization`, if it is one.
fn bearer(text: &str) -> Option<&str> {
    let (scheme, token) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whether a host is this machine, for whoever asks on it.
pub(super) fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Refuses what a page of another site makes a browser send, unless it is a link to our page that somebody follows.
fn site(parts: &Parts) -> Result<(), Refusal> {
    let said = |name: &str| parts.headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if !matches!(said("sec-fetch-site"), Some(site) if site != "same-origin" && site != "none") {
        return Ok(());
    }
    let follows = said("sec-fetch-mode") == Some("navigate") && said("sec-fetch-dest") == Some("document");
    if follows && parts.method == Method::GET && parts.uri.path() == "/" {
        return Ok(());
    }
    let what = "pages of another site may not ask here";
    Err(Refusal::new(StatusCode::FORBIDDEN, "forbidden", what).with(hint::serve::FOREIGN_ORIGIN))
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
