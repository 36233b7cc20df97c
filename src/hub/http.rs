//! HTTP, by ureq: each request on a thread of its own, so that its caller can give it up at any time.
//!
//! The hub sends on to servers that hold large files, so redirects are followed, but never from TLS to what goes without.
//! What names a file's commit and checksum is believed of the hub alone, not of where it sends.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use ureq::http::{HeaderMap, Response, Uri};
use ureq::{Agent, Body, Proxy};

use super::access::HubAccess;
use super::transfer::{Fault, Head, Part, Request, Transfer};
use crate::error::{Error, Result};
use crate::http::{self, LONGER, Trouble, header};
use crate::proxies::Proxies;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How many parts wait for the caller.
const AHEAD: usize = 16;
/// How many bytes a part has.
const PART: usize = 64 << 10;
/// How often a request is sent on.
const MOST_HOPS: usize = 8;

/// What speaks HTTP with the hub.
#[derive(Clone, Debug)]
pub(super) struct Http {
    proxies: Proxies,
    patience: Duration,
}

impl Http {
    /// Gets ready; nothing is sent.
    pub(super) fn new(access: &HubAccess) -> Self {
        Self { proxies: access.proxies.clone(), patience: access.patience() }
    }

    /// Sends a request.
    pub(super) fn send(&self, request: Request) -> Result<Transfer> {
        let (parts, received) = sync_channel(AHEAD);
        let this = self.clone();
        let work = move || {
            let last = this.exchange(&request, &parts).map_or_else(Part::Failed, |()| Part::End);
            // Nobody may be there any more.
            let _ = parts.send(last);
        };
        thread::Builder::new()
            .name("download".to_owned())
            .spawn(work)
            .map_err(|source| Error::NoThread { source })?;
        Ok(Transfer::new(received, self.patience))
    }

    /// Speaks with servers until the file ends, or nobody wants it any more.
    fn exchange(&self, request: &Request, parts: &SyncSender<Part>) -> Result<(), Fault> {
        let (head, body) = self.begin(request)?;
        if parts.send(Part::Head(head)).is_err() {
            return Ok(());
        }
        let take = |bytes| parts.send(Part::Bytes(bytes)).is_ok();
        http::pieces(body, u64::MAX, PART, take).map_err(fault)
    }

    /// Asks the hub, and whom it sends to, until one of them has the file.
    fn begin(&self, request: &Request) -> Result<(Head, Body), Fault> {
        let mut url: Uri = request.url.parse().map_err(|_| Fault::Bad("its address is none".to_owned()))?;
        let hub = url.authority().cloned();
        let mut head = Head::default();
        for _ in 0..MOST_HOPS {
            let response = self.ask(&url, request)?;
            if url.authority() == hub.as_ref() {
                believe(&mut head, response.headers());
            }
            let status = response.status().as_u16();
            match header(response.headers(), "location").filter(|_| (300..400).contains(&status)) {
                Some(location) => url = next(&url, &location)?,
                None => return Ok((finish(head, &response), response.into_body())),
            }
        }
        Err(Fault::Bad("its server sends on and on".to_owned()))
    }

    /// Asks one server.
    fn ask(&self, url: &Uri, request: &Request) -> Result<Response<Body>, Fault> {
        let secure = url.scheme_str() == Some("https");
        let host = url.host().unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase();
        let proxy = self.proxies.for_host(secure, &host).map(Proxy::new).transpose();
        let proxy =
            proxy.map_err(|_| Fault::Absent("the proxy that is set has no valid address".to_owned()))?;
        let patience = self.patience + LONGER;
        let config = http::config(proxy, CONNECT)
            .timeout_recv_response(Some(patience))
            .timeout_per_read(Some(patience))
            .build();
        let mut get = Agent::from(config).get(url.clone());
        if let Some(version) = request.version.as_ref().filter(|_| request.from > 0) {
            get = get.header("range", format!("bytes={}-", request.from)).header("if-range", version);
        }
        get.call().map_err(fault)
    }
}

/// Where a server sends on to.
fn next(url: &Uri, location: &str) -> Result<Uri, Fault> {
    let bad = || Fault::Bad("its server sends on to what is no address".to_owned());
    let (scheme, authority) = (url.scheme_str().ok_or_else(bad)?, url.authority().ok_or_else(bad)?);
    let whole = if location.contains("://") {
        location.to_owned()
    } else if location.starts_with('/') && !location.starts_with("//") {
        format!("{scheme}://{authority}{location}")
    } else {
        return Err(bad());
    };
    let next: Uri = whole.parse().map_err(|_| bad())?;
    match (scheme, next.scheme_str()) {
        (_, Some("https")) | ("http", Some("http")) => Ok(next),
        ("https", Some("http")) => Err(Fault::Bad("its server sends on to one without TLS".to_owned())),
        _ => Err(bad()),
    }
}

/// Takes over what the hub says of a file, and was not yet said.
fn believe(head: &mut Head, headers: &HeaderMap) {
    let said = |name| header(headers, name);
    head.commit = head.commit.take().or_else(|| said("x-repo-commit"));
    head.code = head.code.take().or_else(|| said("x-error-code"));
    head.size = head.size.or_else(|| said("x-linked-size")?.parse().ok());
    let tag = || said("x-linked-etag").or_else(|| said("etag")).map(|tag| bare(&tag));
    head.tag = head.tag.take().or_else(tag);
}

/// Adds what the server says that sends the file.
fn finish(head: Head, response: &Response<Body>) -> Head {
    let headers = response.headers();
    let version = header(headers, "etag").filter(|tag| !tag.starts_with("W/"));
    let range = header(headers, "content-range").filter(|_| response.status() == 206);
    let from = range.and_then(|range| range.strip_prefix("bytes ")?.split('-').next()?.parse().ok());
    let length = header(headers, "content-length").and_then(|length| length.parse().ok());
    Head { status: response.status().as_u16(), version, length, from, ..head }
}

/// The value of an entity tag without the marks around it.
fn bare(tag: &str) -> String {
    tag.trim().trim_start_matches("W/").trim_matches('"').to_owned()
}

/// Why no more comes, by what is wrong.
fn fault(error: ureq::Error) -> Fault {
    match http::trouble(error, CONNECT) {
        Trouble::Absent(why) => Fault::Absent(why),
        Trouble::Silent => Fault::Lost("it fell silent".to_owned()),
        Trouble::Closed => Fault::Lost("the connection was closed".to_owned()),
        Trouble::NotHttp => Fault::Bad("what its server says isn't HTTP".to_owned()),
        Trouble::LongHeader => Fault::Bad("its server writes too long a header".to_owned()),
        Trouble::TooMuch | Trouble::Other => Fault::Lost("it can't be spoken to".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_sends_on_to_addresses_but_never_out_of_tls() {
        let sent = |from: &str, to: &str| next(&from.parse().unwrap(), to).map(|url| url.to_string());
        assert_eq!(sent("https://a/b", "/c/d?e").unwrap(), "https://a/c/d?e");
        assert_eq!(sent("http://a:1/b", "/c").unwrap(), "http://a:1/c");
        assert_eq!(sent("http://a/b", "https://c/d").unwrap(), "https://c/d");
        for (from, to) in [
            ("https://a/b", "http://a/c"),
            ("https://a/b", "file:///etc/passwd"),
            ("https://a/b", "//c/d"),
            ("https://a/b", "c"),
            ("https://a/b", ""),
            ("https://a/b", "https://"),
        ] {
            assert!(sent(from, to).is_err(), "{to}");
        }
    }

    #[test]
    fn tags_are_compared_without_their_marks() {
        assert_eq!(bare("W/\"abc\""), "abc");
        assert_eq!(bare("\"abc\""), "abc");
        assert_eq!(bare("abc"), "abc");
    }
}
