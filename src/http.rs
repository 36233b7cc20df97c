//! HTTP, by ureq: what is the same whoever is spoken to, a server of language models or a hub of models.

use std::io::{self, Read};
use std::time::Duration;

use ureq::config::ConfigBuilder;
use ureq::http::HeaderMap;
use ureq::typestate::AgentScope;
use ureq::{Agent, Body, Proxy, Timeout};

use crate::error::plain;

/// How many bytes a header may have.
pub(crate) const MOST_HEADER: usize = 64 << 10;
/// How much longer than its caller a thread waits, so that it is the caller who says that it took too long.
pub(crate) const LONGER: Duration = Duration::from_secs(1);

/// Why a server can't be spoken to, or not any more.
pub(crate) enum Trouble {
    /// Nobody answers.
    Absent(String),
    /// It fell silent.
    Silent,
    /// It closed the connection.
    Closed,
    /// There was more than anyone would read.
    TooMuch,
    /// What it says isn't HTTP.
    NotHttp,
    /// Its header has more than [`MOST_HEADER`] bytes.
    LongHeader,
    /// Something else.
    Other,
}

/// What every connection has: no redirect is followed, nothing is taken from the environment, and a connection may take so
/// long.
pub(crate) fn config(proxy: Option<Proxy>, connect: Duration) -> ConfigBuilder<AgentScope> {
    Agent::config_builder()
        .proxy(proxy)
        .http_status_as_error(false)
        .max_redirects(0)
        .accept_encoding("identity")
        .user_agent(concat!("qsearch/", env!("CARGO_PKG_VERSION")))
        .max_response_header_size(MOST_HEADER)
        .timeout_resolve(Some(connect))
        .timeout_connect(Some(connect))
}

/// A header's value, if it is text.
pub(crate) fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// Hands over what a server sends, at most `most` bytes, in pieces of `length` bytes or fewer, until it ends or `take` says no.
pub(crate) fn pieces(
    body: Body,
    most: u64,
    length: usize,
    take: impl Fn(Vec<u8>) -> bool,
) -> Result<(), ureq::Error> {
    let mut body = body.into_with_config().limit(most).reader();
    let mut buffer = vec![0; length];
    loop {
        let read = match body.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        if !take(buffer[..read].to_vec()) {
            return Ok(());
        }
    }
}

/// What an error of ureq means, where a connection may take so long. What ureq says of it isn't passed on where it could have
/// an address with credentials.
pub(crate) fn trouble(error: ureq::Error, connect: Duration) -> Trouble {
    match error {
        ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
            Trouble::Absent(format!("no connection within {} s", connect.as_secs()))
        }
        ureq::Error::Timeout(_) => Trouble::Silent,
        ureq::Error::HostNotFound => Trouble::Absent("there is no such host".to_owned()),
        ureq::Error::BodyExceedsLimit(_) => Trouble::TooMuch,
        ureq::Error::Protocol(_) => Trouble::NotHttp,
        ureq::Error::LargeResponseHeader(..) => Trouble::LongHeader,
        ureq::Error::Rustls(error) => Trouble::Absent(format!("TLS fails: {error}")),
        ureq::Error::Tls(what) => Trouble::Absent(format!("TLS fails: {what}")),
        ureq::Error::ConnectProxyFailed(_) => Trouble::Absent("the proxy refuses".to_owned()),
        ureq::Error::Io(error) => of_system(&error),
        _ => Trouble::Other,
    }
}

/// What an error of the operating system means.
fn of_system(error: &io::Error) -> Trouble {
    match error.kind() {
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => Trouble::Closed,
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Trouble::Silent,
        io::ErrorKind::InvalidData => Trouble::Absent(format!("TLS fails: {error}")),
        _ => {
            let why = plain(error);
            // What getaddrinfo says has its own name before it.
            Trouble::Absent(why.rsplit(": ").next().unwrap_or(&why).to_lowercase())
        }
    }
}
