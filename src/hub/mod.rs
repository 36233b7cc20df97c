//! Which models does the Hugging Face hub have, and how do their files get here?
//!
//! - `known.rs`: models that are known to be good for something.
//! - `repository.rs`, `access.rs`: the name of a repository, and where the hub is.
//! - `fetch.rs`: all files of a model, of one commit; `download.rs`: one of them, resumed and checked.
//! - `transfer.rs`: what a server says, piece by piece; `http.rs`: the one file that knows how HTTP is spoken.
//! - `watcher.rs`: how a caller watches and stops it.
//!
//! A server's words are a stranger's: sizes are bounded, and whatever names it gives, nothing is written outside of the
//! folder of the download. Without the feature `hub` nothing is downloaded, and only names are known.

mod known;
mod repository;
mod access;
mod watcher;
#[cfg(feature = "hub")]
mod transfer;
#[cfg(feature = "hub")]
mod http;
#[cfg(feature = "hub")]
mod download;
#[cfg(feature = "hub")]
mod fetch;

/// Whether models can be downloaded.
pub const AVAILABLE: bool = cfg!(feature = "hub");

pub use access::HubAccess;
#[cfg(feature = "hub")]
pub use download::HubFile;
#[cfg(feature = "hub")]
pub use fetch::{Download, Fetched};
pub use known::{KNOWN, KnownModel, known};
pub use repository::Repository;
pub use watcher::{HubEvent, HubWatcher};
