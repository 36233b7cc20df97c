//! Advice about serving, for people at a terminal and for programs that ask.

/// What to do where others could listen in.
pub(crate) const PLAIN: &str = "give a certificate with `--tls-cert FILE --tls-key FILE`, or say `--behind-proxy` if a proxy in front does TLS; or \
     leave `--host` out and reach it through `ssh -L 7717:127.0.0.1:7717`";
/// What to do where anybody could ask.
pub(crate) const NO_TOKEN: &str = "leave `--no-token` out; the token is made and shown the first time";
/// How indexes are named.
pub(crate) const ALSO: &str = "give each a name of its own: `--also work=DIR --also home=DIR`";
/// What to do about an address that this machine doesn't have.
pub(crate) const HOST: &str =
    "name an address of this machine: 127.0.0.1 for itself alone, 0.0.0.0 for all that reach it";
/// What to do where no browser is found.
pub(crate) const BROWSER: &str = "leave `--open` out, and open the address yourself";
/// What to do about a port that may not be had.
pub(crate) const LOW_PORT: &str = "take one from 1024 on: `qsearch serve --port 7717`";
/// How an origin is written.
pub(crate) const ORIGIN: &str =
    "write it like `https://notes.example.org`, `http://localhost:3000` or `app://obsidian.md`";
/// How a host is written.
pub(crate) const HOST_NAME: &str = "write the name alone, like `notes.example.org`";
/// What a token file must be.
pub(crate) const TOKEN_FILE: &str =
    "name a file that isn't there yet, or put a token of 32 characters or more on its only line";
/// What to do about a token that others can read.
pub(crate) const TOKEN_MODE: &str = "`chmod 600` keeps it to you; remove the file to get a new token";
/// Where a token can be kept if there is no place.
pub(crate) const NO_STATE: &str = "name a file for it with `--token-file FILE`";
/// What to do about a certificate.
pub(crate) const CERTIFICATE: &str = "both files are PEM: the certificate first, then those that lead to a known one; the key without a password";
/// What is said where there is no index yet.
pub(crate) const NO_INDEX: &str = "make one with `qsearch index FOLDER`; it is served from then on";

/// What is said to a request for a host that isn't served.
pub(crate) const FOREIGN_HOST: &str = "`qsearch serve --allow-host NAME` serves another name";
/// What is said to a page of another site.
pub(crate) const FOREIGN_ORIGIN: &str = "`qsearch serve --allow-origin ORIGIN` lets its pages ask";
/// How a token is given.
pub(crate) const TOKEN: &str =
    "send it as the header `Authorization: Bearer TOKEN`; whoever started qsearch knows it";
/// What requests are.
pub(crate) const JSON_BODY: &str = "send a JSON object with `Content-Type: application/json`";
/// What to do where too much is asked at once.
pub(crate) const LATER: &str = "ask again after the seconds that `Retry-After` says";
/// What there is.
pub(crate) const ROUTES: &str = "/openapi.json tells what there is: /api/search, /api/ask, /api/notes/ROOT/PATH, /v1/chat/completions, /mcp and others";
/// How lines are asked for.
pub(crate) const LINES: &str = "write `lines=10-40` or `lines=7`; the first line is 1";
/// How notes are named.
pub(crate) const NOTE: &str = "name its root and its path in it, as results do";
/// What is embedded.
pub(crate) const TEXTS: &str = "send texts; in LangChain, `check_embedding_ctx_length=False` does it";
/// What can be asked to be written.
pub(crate) const WRITE: &str = "`write` is true, false, \"strict\" or \"try\"";
/// What can be sent back.
pub(crate) const ACCEPT: &str = "accept `application/json`, or `text/event-stream` for events";
/// Which files are given as they are.
pub(crate) const FILE: &str = "PDF and pictures (PNG, JPEG, GIF, WebP, AVIF) are given as they are; leave `file` out for what the \
     note says";

/// What to do about a port that is taken.
pub(crate) fn port_taken(port: u16) -> String {
    let next = port.checked_add(1).unwrap_or(7717);
    format!("take another: `qsearch serve --port {next}`, or `--port 0` for any that is free")
}

/// How places are asked for, like one that is there.
pub(crate) fn places(first: Option<&str>) -> String {
    first.map_or_else(|| LINES.to_owned(), |first| format!("its places begin with `{first}`"))
}

/// Which indexes there are.
pub(crate) fn indexes(names: &[&str]) -> String {
    format!("there are: {}", names.join(", "))
}

/// Which models there are.
pub(crate) fn models(names: &[String]) -> String {
    format!("there are: {}", names.join(", "))
}
