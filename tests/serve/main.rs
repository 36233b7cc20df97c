//! `qsearch serve` as browsers and programs use it: requests to the real program, over connections of their own.

#![expect(clippy::unwrap_used, reason = "what a test can't do fails it")]

mod agents;
mod asking;
mod client;
mod documents;
mod endings;
mod files;
mod guard;
mod indexes;
mod limits;
#[path = "../made/mod.rs"]
mod made;
mod openai;
mod reading;
#[path = "../scripted/mod.rs"]
mod scripted;
mod tls;
#[path = "../vault/mod.rs"]
mod vault;
