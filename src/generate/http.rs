//! HTTP, by ureq: each request on a thread of its own.
//!
//! No redirect is followed, since notes go where it was said and nowhere else. Nothing is taken from the environment. What
//! ureq says of an error isn't passed on where it could have an address with credentials.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use ureq::http::Response;
use ureq::{Agent, Body, Proxy};

use super::access::Access;
use super::address::Address;
use super::transfer::{Failure, Head, MOST_BYTES, Part, Request, Transfer, WHOLE};
use crate::error::{Error, LlmError, Result};
use crate::http::{self, LONGER, MOST_HEADER, Trouble, header};

/// How long a connection may take: to this machine, and to another one.
const CONNECT: [Duration; 2] = [Duration::from_secs(3), Duration::from_secs(10)];
/// How many parts wait for the caller.
const AHEAD: usize = 64;
/// How many bytes a part has.
const PART: usize = 16 << 10;

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
        let config = http::config(proxy, connect)
            // A server on this machine may close what it was asked by; a new connection takes no time.
            .max_idle_connections(if server.is_local() { 0 } else { 2 })
            .timeout_global(Some(WHOLE + LONGER))
            .build();
        Ok(Self { agent: config.into(), connect })
    }

    /// Sends a request.
    pub(super) fn send(&self, request: Request) -> Result<Transfer> {
        let (parts, received) = sync_channel(AHEAD);
        let transfer = Transfer::new(received, request.patience);
        let this = self.clone();
        let work = move || {
            let last = match this.exchange(request, &parts) {
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
        let take = |bytes| parts.send(Part::Bytes(bytes)).is_ok();
        let sent = http::pieces(response.into_body(), MOST_BYTES, PART, take);
        sent.map_err(|error| self.failure(error, patience))
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

    /// Why no more comes, by what is wrong.
    fn failure(&self, error: ureq::Error, patience: Duration) -> Failure {
        match http::trouble(error, self.connect) {
            Trouble::Absent(why) => Failure::Absent(why),
            Trouble::Silent => Failure::Slow(patience),
            Trouble::Closed => Failure::Closed("it closed the connection".to_owned()),
            Trouble::TooMuch => Failure::TooMuch,
            Trouble::NotHttp => Failure::NotHttp("what it says isn't HTTP".to_owned()),
            Trouble::LongHeader => {
                Failure::NotHttp(format!("a header of more than {} KiB", MOST_HEADER >> 10))
            }
            Trouble::Other => Failure::Absent("it can't be spoken to".to_owned()),
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

/// Nobody answers at a server.
fn absent(server: &Address, why: &str) -> LlmError {
    LlmError::Absent { server: server.origin(), why: why.to_owned() }
}
