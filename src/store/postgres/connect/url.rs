//! The parts of `postgres://user:password@host:port,host:port/database?name=value`, as libpq reads them.
//!
//! Where a part can't be read, a message says which and never what it is: what is taken for a port may be the middle of a
//! password that has a slash.

use std::fmt::Write as _;

use super::secret::Secret;

/// What is said where a character should have been escaped.
const ESCAPE: &str =
    "in names and passwords `%`, `@`, `:`, `/`, `?` and `#` are written %25, %40, %3A, %2F, %3F and %23";

/// What a URL says. What it is silent about is `None` or empty.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    /// The user.
    pub(super) user: Option<String>,
    /// The password.
    pub(super) password: Option<Secret>,
    /// The hosts, each with its port, which may be empty.
    pub(super) hosts: Vec<(String, String)>,
    /// The database.
    pub(super) database: Option<String>,
    /// The parameters, in their order.
    pub(super) parameters: Vec<(String, String)>,
}

/// What follows the scheme of a URL, if it is one of PostgreSQL.
pub(super) fn after_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once("://")?;
    let is_ours = ["postgres", "postgresql"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    is_ours.then_some(rest)
}

/// Takes a URL apart, or says what is wrong with it.
pub(super) fn parts(text: &str) -> Result<Parts, String> {
    let rest = after_scheme(text).ok_or("it doesn't begin with `postgres://`")?;
    if rest.chars().any(|c| c.is_control() || c == ' ') {
        return Err("there is a space or a control character in it".to_owned());
    }
    let (front, query) = rest.split_once('?').map_or((rest, None), |(front, query)| (front, Some(query)));
    let (authority, path) =
        front.split_once('/').map_or((front, None), |(authority, path)| (authority, Some(path)));
    let mut parts = Parts::default();
    let hosts = match authority.split_once('@') {
        Some((_, hosts)) if hosts.contains('@') => return Err(ESCAPE.to_owned()),
        Some((credentials, hosts)) => {
            let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
            parts.user = filled(user)?;
            parts.password = filled(password)?.and_then(Secret::new);
            hosts
        }
        None => authority,
    };
    // A password with a bare slash would be shown as a database, one with a bare question mark as a parameter.
    let in_path = path.is_some_and(|path| path.contains(['@', '/', '#', ':']));
    let is_cut = authority.contains(':') && !authority.contains('@');
    if in_path || is_cut && query.is_some_and(|query| query.contains('@')) {
        return Err(ESCAPE.to_owned());
    }
    parts.database = filled(path.unwrap_or_default())?;
    parts.hosts = hosts_of(hosts)?;
    parts.parameters = parameters(query.unwrap_or_default())?;
    Ok(parts)
}

/// The hosts of `host1:5432,[::1]:5433,%2Ftmp`.
fn hosts_of(text: &str) -> Result<Vec<(String, String)>, String> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    text.split(',').map(host_of).collect()
}

/// A host and its port, which may be empty.
fn host_of(text: &str) -> Result<(String, String), String> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']').ok_or("an IPv6 address lacks its `]`")?,
        None => text.find(':').map_or((text, ""), |colon| text.split_at(colon)),
    };
    let port = if port.is_empty() { "" } else { port.strip_prefix(':').ok_or(ESCAPE)? };
    Ok((unescaped(host)?, port.to_owned()))
}

/// The parameters of `name=value&name=value`.
fn parameters(query: &str) -> Result<Vec<(String, String)>, String> {
    let mut found = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (unescaped(name)?, unescaped(value)?);
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
            return Err(format!("a parameter has no name of one; {ESCAPE}"));
        }
        found.push(match (name.as_str(), value.as_str()) {
            // As JDBC has it; libpq takes it, too.
            ("ssl", "true") => ("sslmode".to_owned(), "require".to_owned()),
            _ => (name, value),
        });
    }
    Ok(found)
}

/// A part of a URL, if there is something in it.
fn filled(text: &str) -> Result<Option<String>, String> {
    Ok(Some(unescaped(text)?).filter(|text| !text.is_empty()))
}

/// A text with the characters that `%2F` and the like stand for.
fn unescaped(text: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits =
            after.get(..2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit)).ok_or(ESCAPE)?;
        let digits = String::from_utf8_lossy(digits);
        bytes.push(u8::from_str_radix(&digits, 16).map_err(|_| ESCAPE)?);
        rest = &after[2..];
    }
    if bytes.contains(&0) {
        return Err("there is a %00 in it".to_owned());
    }
    String::from_utf8(bytes).map_err(|_| "what is escaped in it isn't UTF-8".to_owned())
}

/// A text as a URL has it, so that it can be read again and harms no terminal.
pub(super) fn escaped(text: &str) -> String {
    let mut url = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            // A string takes whatever is written.
            let _ = write!(url, "%{byte:02X}");
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(name: &str, port: &str) -> (String, String) {
        (name.to_owned(), port.to_owned())
    }

    #[test]
    fn a_url_has_its_parts() {
        let all =
            parts("postgresql://an%40n:p%2Fw%3A@h1:5432,[::1]:5433,%2Ftmp/no%20tes?sslmode=require&a_b=%26")
                .unwrap();
        assert_eq!(all.user.as_deref(), Some("an@n"));
        assert_eq!(all.password, Secret::new("p/w:"));
        assert_eq!(all.hosts, [host("h1", "5432"), host("::1", "5433"), host("/tmp", "")]);
        assert_eq!(all.database.as_deref(), Some("no tes"));
        let named = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(all.parameters, [named("sslmode", "require"), named("a_b", "&")]);
        assert_eq!(parts("postgres://").unwrap(), Parts::default());
        assert_eq!(parts("POSTGRES:///x").unwrap().database.as_deref(), Some("x"));
        assert_eq!(parts("postgres://h/?ssl=true").unwrap().parameters, [named("sslmode", "require")]);
        assert_eq!(parts("postgres://h:").unwrap().hosts, [host("h", "")]);
    }

    #[test]
    fn what_is_wrong_is_said_without_the_password() {
        for bad in [
            "http://ann:hush@h/x",
            "postgres://ann:hush@5@h/x",
            "postgres://ann:hush/more@h/x",
            "postgres://ann:hush/more@h",
            "postgres://ann:12/hush@h/x",
            "postgres://ann:1?hush@h/x",
            "postgres://ann:1?hush=@h/x",
            "postgres://ann:1/x?hush=@h/x",
            "postgres://ann:1/hush#3@h/x",
            "postgres://ann:hush%@h/x",
            "postgres://ann:hush%zz@h/x",
            "postgres://ann:hush%+1@h/x",
            "postgres://ann:hush%00@h/x",
            "postgres://ann:hush%ff@h/x",
            "postgres://ann:hush @h/x",
            "postgres://ann:hush@[::1/x",
            "postgres://ann:hush@[::1]5/x",
        ] {
            let what = parts(bad).unwrap_err();
            assert!(!what.contains("hush"), "{bad}: {what}");
        }
    }

    #[test]
    fn what_is_escaped_is_read_again() {
        for text in ["ann", "a b/ü@:%?#", "\u{202e}x"] {
            assert_eq!(unescaped(&escaped(text)).unwrap(), text);
            assert!(escaped(text).is_ascii());
        }
    }
}
