//! The address of a server: which host, and whether it is this machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::proxies::is_this_machine;

/// The address of a server, up to the path that all its requests begin with.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// Whether it is spoken to with TLS.
    pub(super) secure: bool,
    /// Its host in lower case, an IPv6 address without brackets.
    pub(super) host: String,
    /// Its port, if it isn't that of the scheme.
    pub(super) port: Option<u16>,
    /// The path, without a slash at its end.
    pub(super) path: String,
    /// What stands before an `@`: `user:password`.
    pub(super) credentials: Option<String>,
}

impl Address {
    /// Reads an address. What two programs could understand differently is none: then notes could go elsewhere than it
    /// was said.
    pub(super) fn parse(said: &str) -> Option<Self> {
        let (scheme, rest) = said.trim().split_once("://")?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return None,
        };
        if !rest.bytes().all(|byte| byte.is_ascii_graphic()) || rest.contains(['\\', '?', '#', '<', '>', '"'])
        {
            return None;
        }
        let (authority, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
        let (credentials, place) = match authority.rsplit_once('@') {
            Some((credentials, _)) if credentials.contains('@') => return None,
            Some((credentials, place)) => (Some(unescaped(credentials)?), place),
            None => (None, authority),
        };
        let (host, port) = host_and_port(place)?;
        let port = port.filter(|&port| port != if secure { 443 } else { 80 });
        Some(Self { secure, host, port, path: path.trim_end_matches('/').to_owned(), credentials })
    }

    /// The address without credentials and path: `https://api.openai.com`.
    pub(super) fn origin(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        match self.port {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        }
    }

    /// The address without credentials: `http://localhost:8080/v1`.
    pub(super) fn shown(&self) -> String {
        self.origin() + &self.path
    }

    /// The address with credentials, as it is written down.
    pub(super) fn whole(&self) -> String {
        let shown = self.shown();
        match &self.credentials {
            Some(credentials) => {
                let escaped: String = credentials.bytes().map(escaped).collect();
                shown.replacen("://", &format!("://{escaped}@"), 1)
            }
            None => shown,
        }
    }

    /// The same server at another path.
    pub(super) fn at(&self, path: &str) -> Self {
        Self { path: path.trim_end_matches('/').to_owned(), ..self.clone() }
    }

    /// Whether it is this machine, so that what is sent there doesn't leave it. A name that only may lead here doesn't
    /// count.
    pub(super) fn is_local(&self) -> bool {
        is_this_machine(&self.host)
    }

    /// The address, or this machine's if it is that of all of a machine's own: what a server listens on isn't what it is
    /// called by.
    pub(super) fn called(mut self) -> Self {
        match self.host.parse::<IpAddr>() {
            Ok(IpAddr::V4(address)) if address.is_unspecified() => {
                self.host = Ipv4Addr::LOCALHOST.to_string();
            }
            Ok(IpAddr::V6(address)) if address.is_unspecified() => {
                self.host = Ipv6Addr::LOCALHOST.to_string();
            }
            _ => {}
        }
        self
    }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown())
    }
}

/// The host and the port of `localhost:8080` or `[::1]:8080`.
fn host_and_port(place: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = if let Some(rest) = place.strip_prefix('[') {
        let (host, after) = rest.split_once(']')?;
        host.parse::<Ipv6Addr>().ok()?;
        (host, after)
    } else {
        let end = place.find(':').unwrap_or(place.len());
        let host = &place[..end];
        let named = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        if host.is_empty() || !host.chars().all(named) {
            return None;
        }
        (host, &place[end..])
    };
    let port = match port {
        "" | ":" => None,
        port => Some(port.strip_prefix(':')?.parse().ok().filter(|&port: &u16| port > 0)?),
    };
    Some((host.to_ascii_lowercase(), port))
}

/// A text with the bytes that `%2F` and the like stand for; `None` if they are none.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        if *first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

/// A byte of credentials, as an address has it.
fn escaped(byte: u8) -> String {
    let plain = byte.is_ascii_alphanumeric() || b":-._~".contains(&byte);
    if plain { char::from(byte).to_string() } else { format!("%{byte:02X}") }
}

/// A text without what stands before an `@` in addresses.
pub(super) fn without_credentials(said: &str) -> String {
    let Some((scheme, rest)) = said.split_once("//") else { return said.to_owned() };
    let end = rest.find(['/', '#', ' ']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}//{}", &rest[at + 1..]),
        // A password may have a slash.
        None => {
            rest.rfind('@').map_or_else(|| said.to_owned(), |at| format!("{scheme}//{}", &rest[at + 1..]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_this_machine() {
        let local = |url: &str| Address::parse(url).map(|address| address.is_local());
        for here in [
            "http://localhost:8080/v1",
            "http://LOCALHOST",
            "http://127.0.0.1:1",
            "http://127.9.9.9",
            "https://[::1]/v1",
            "http://me:pw@localhost",
            "http://[::ffff:127.0.0.1]:8000",
        ] {
            assert_eq!(local(here), Some(true), "{here}");
        }
        for elsewhere in [
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://localhost@example.com",
            "http://127.0.0.1:80@example.com/v1",
            "http://10.0.0.1",
            "http://0.0.0.0:11434",
            "http://[fe80::1]",
            "https://notlocalhost",
        ] {
            assert_eq!(local(elsewhere), Some(false), "{elsewhere}");
        }
        for none in [
            "",
            "localhost:8080",
            "ftp://localhost",
            "http://",
            "http:///v1",
            "http://a b",
            "http://example.com\\@localhost",
            "http://a@b@c",
            "http://[::1",
            "http://h:99999",
            "http://h:0",
            "http://h:x",
            "http://exämple.com",
            "http://localhost?x",
            "http://%6cocalhost",
        ] {
            assert_eq!(local(none), None, "{none}");
        }
    }

    #[test]
    fn credentials_are_not_shown() {
        let address = Address::parse("https://me:p%40ss@Example.com:443/v1/").unwrap();
        assert_eq!(address.credentials.as_deref(), Some("me:p@ss"));
        assert_eq!(address.shown(), "https://example.com/v1");
        assert_eq!(format!("{address:?}"), "https://example.com/v1");
        assert_eq!(Address::parse(&address.whole()), Some(address));
        for said in ["htp://me:secret@host/v1", "http://me:sec/secret@host", "//secret@x"] {
            assert!(!without_credentials(said).contains("secret"), "{said}");
        }
        assert_eq!(without_credentials("qwen3"), "qwen3");
    }

    #[test]
    fn where_a_server_listens_is_called_by_this_machines_address() {
        let called = |url: &str| Address::parse(url).unwrap().called().shown();
        assert_eq!(called("http://0.0.0.0:11434"), "http://127.0.0.1:11434");
        assert_eq!(called("http://[::]:11434"), "http://[::1]:11434");
        assert_eq!(called("http://box:11434"), "http://box:11434");
    }
}
