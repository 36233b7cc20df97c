//! Drives `qsearch mcp` as agents do: messages over pipes, the protocol of today and of before, and ends of all kinds.

#![expect(clippy::unwrap_used, reason = "what a test can't do fails it")]

mod client;

mod arguments; // what models type: other names, numbers as texts, what nothing is known of
mod asking; // search, ask, status: texts and documents that stand alone, each fresh
mod configs; // what programs want to be told
mod endings; // stdin that closes, signals, clients that die, requests that are cancelled
mod protocol; // the handshake of before, requests without one, lists, purity of stdout
mod reading; // get and resources: lines, pages, ids, what is cut, and what isn't a note
#[path = "../vault/mod.rs"]
mod vault;
