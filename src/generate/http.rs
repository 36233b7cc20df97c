//! HTTP, by ureq: each request on a thread of its own.
//!
//! No redirect is followed, since notes go where it was said and nowhere else. Nothing is taken from the environment. What
//! ureq says of an error isn't passed on where it could have an address with credentials.

use std::io::{self, Read};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use ureq::http::{HeaderMap, Response};
use ureq::{Agent, Body, Proxy, Timeout};

use super::access::Access;
use super::address::Address;
use super::transfer::{Failure, Head, MOST_BYTES, Part, Request, Transfer, WHOLE};
use crate::error::{Error, LlmError, Result, plain};

/// How long a connection may take: to this machine, and to another one.
const CONNECT: [Duration; 2] = [Duration::from_secs(3), Duration::from_secs(10)];
/// How much longer than its caller a thread waits, so that it is the caller who says that it took too long.
const LONGER: Duration = Duration::from_secs(1);
/// How many parts wait for the caller.
const AHEAD: usize = 64;
/// How many bytes a header may have.
const MOST_HEADER: usize = 64 << 10;

/// What speaks HTTP with one server.
#[derive(Clone, Debug)]
pub(super) struct Http {
    agent: Agent,
    connect: Duration,
}

impl Http {
    /// Gets ready to speak with a server; nothing is sent.
    pub(super) fn new(access: &Access, server: &Address) -> Result<Self> {
        let proxy = match access.proxy_for(server).map(Proxy::new) {
            None => None,
            Some(Ok(proxy)) => Some(proxy),
            Some(Err(_)) => {
                return Err(absent(server, "the proxy that is set for it has no valid address").into());
            }
        };
        let connect = CONNECT[usize::from(!server.is_local())];
        let config = Agent::config_builder()
            .proxy(proxy)
            .http_status_as_error(false)
            .max_redirects(0)
            .accept_encoding("identity")
            .user_agent(concat!("qsearch/", env!("CARGO_PKG_VERSION")))
            .max_response_header_size(MOST_HEADER)
            // A server on this machine may close what it was asked by; a new connection takes no time.
            .max_idle_connections(if server.is_local() { 0 } else { 2 })
            .timeout_resolve(Some(connect))
            .timeout_connect(Some(connect))
            .timeout_global(Some(WHOLE + LONGER))
            .build();
        Ok(Self { agent: config.into(), connect })
    }

    /// Sends a request.
    pub(super) fn send(&self, request: Request) -> Result<Transfer> {
        let (parts, received) = sync_channel(AHEAD);
        let transfer = Transfer::new(received, request.patience);
        let http = self.clone();
        let work = move || {
            let last = match http.exchange(request, &parts) {
                Ok(()) => Part::End,
                Err(failure) => Part::Failed(failure),
            };
            // Nobody may be there any more.
            let _ = parts.send(last);
        };
        thread::Builder::new()
            .name("language model".to_owned())
            .spawn(work)
            .map_err(|source| Error::NoThread { source })?;
        Ok(transfer)
    }

    /// Speaks with the server until its reply ends, or nobody wants it any more.
    fn exchange(&self, request: Request, parts: &SyncSender<Part>) -> Result<(), Failure> {
        let patience = request.patience.first.max(request.patience.next) + LONGER;
        let response = self.begin(request, patience).map_err(|error| self.failure(error, patience))?;
        if parts.send(Part::Head(head(&response))).is_err() {
            return Ok(());
        }
        let mut body = response.into_body().into_with_config().limit(MOST_BYTES).reader();
        let mut buffer = vec![0; 16 << 10];
        loop {
            let read = match body.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.failure(error.into(), patience)),
            };
            if parts.send(Part::Bytes(buffer[..read].to_vec())).is_err() {
                return Ok(());
            }
        }
    }

    /// Sends the request and waits for the head of the reply.
    fn begin(&self, request: Request, patience: Duration) -> Result<Response<Body>, ureq::Error> {
        let url = request.to.shown();
        let response = if let Some(body) = request.body {
            let mut post = self.agent.post(url).header("content-type", "application/json");
            for (name, value) in &request.headers {
                post = post.header(*name, value);
            }
            let post = post.config().timeout_per_read(Some(patience)).timeout_per_write(Some(patience));
            post.timeout_recv_response(Some(patience)).timeout_send_body(Some(patience)).build().send(body)?
        } else {
            let mut get = self.agent.get(url);
            for (name, value) in &request.headers {
                get = get.header(*name, value);
            }
            let get = get.config().timeout_per_read(Some(patience));
            get.timeout_recv_response(Some(patience)).build().call()?
        };
        Ok(response)
    }

    /// What an error of ureq means.
    fn failure(&self, error: ureq::Error, patience: Duration) -> Failure {
        match error {
            ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
                Failure::Absent(format!("no connection within {} s", self.connect.as_secs()))
            }
            ureq::Error::Timeout(_) => Failure::Slow(patience),
            ureq::Error::HostNotFound => Failure::Absent("there is no such host".to_owned()),
            ureq::Error::BodyExceedsLimit(_) => Failure::TooMuch,
            ureq::Error::Protocol(_) => Failure::NotHttp("what it says isn't HTTP".to_owned()),
            ureq::Error::LargeResponseHeader(..) => {
                Failure::NotHttp(format!("a header of more than {} KiB", MOST_HEADER >> 10))
            }
            ureq::Error::Rustls(error) => Failure::Absent(format!("TLS fails: {error}")),
            ureq::Error::Tls(what) => Failure::Absent(format!("TLS fails: {what}")),
            ureq::Error::ConnectProxyFailed(_) => Failure::Absent("the proxy refuses".to_owned()),
            ureq::Error::Io(error) => io_failure(&error, patience),
            _ => Failure::Absent("it can't be spoken to".to_owned()),
        }
    }
}

/// What an error of the operating system means.
fn io_failure(error: &io::Error, patience: Duration) -> Failure {
    match error.kind() {
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => Failure::Closed("it closed the connection".to_owned()),
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Failure::Slow(patience),
        io::ErrorKind::InvalidData => Failure::Absent(format!("TLS fails: {error}")),
        _ => {
            let why = plain(error);
            // What getaddrinfo says has its own name before it.
            Failure::Absent(why.rsplit(": ").next().unwrap_or(&why).to_lowercase())
        }
    }
}

/// What stands before a reply.
fn head(response: &Response<Body>) -> Head {
    let kind = header(response.headers(), "content-type").unwrap_or_default();
    Head {
        status: response.status().as_u16(),
        kind: kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase(),
        location: header(response.headers(), "location"),
        retry_after: header(response.headers(), "retry-after"),
        date: header(response.headers(), "date"),
    }
}

/// A header's value, if it is text.
fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// Nobody answers at a server.
fn absent(server: &Address, why: &str) -> LlmError {
    LlmError::Absent { server: server.origin(), why: why.to_owned() }
}
