//! What `watch --json` prints.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use super::{Failure, Indexed};

/// What `watch --json` prints: one on each line, as things happen.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum WatchEvent<'a> {
    /// These roots are watched from now on.
    Watching {
        /// The folder of the index.
        index: String,
        /// The roots.
        roots: Vec<WatchedRoot<'a>>,
    },
    /// A refresh has changed something, or can't read something that it could read before; what `index --json` prints.
    Refreshed(Box<Indexed<'a>>),
    /// Another process writes the index, which is waited for.
    Waiting {
        /// Who writes, as a phrase.
        writer: &'a str,
    },
    /// A refresh has failed, and will be tried again.
    Failed {
        /// Why, as any command tells it.
        #[serde(flatten)]
        failure: Failure<'a>,
        /// In how many milliseconds it is tried again.
        again_in_milliseconds: u64,
    },
    /// The watch has ended.
    Stopped,
}

/// A root, and how it is watched.
#[derive(Debug, Serialize)]
pub struct WatchedRoot<'a> {
    /// Its name.
    root: &'a str,
    /// Where it is.
    absolute_path: Option<&'a str>,
    /// `events` if the system tells what changes, `polling` if all of it is looked at again and again.
    how: &'static str,
    /// How many milliseconds lie between two looks; `null` with events.
    every_milliseconds: Option<u64>,
    /// Why it is looked at, as a phrase; `null` with events.
    why: Option<String>,
}

impl<'a> WatchEvent<'a> {
    /// These roots of the index in `index` are watched.
    pub fn watching(index: &Path, roots: Vec<WatchedRoot<'a>>) -> Self {
        Self::Watching { index: index.to_string_lossy().into_owned(), roots }
    }

    /// A refresh has failed.
    pub fn failed(failure: Failure<'a>, again: Duration) -> Self {
        Self::Failed { failure, again_in_milliseconds: again.as_millis() as u64 }
    }
}

impl<'a> WatchedRoot<'a> {
    /// Describes a root of which the system tells events, or that is looked at every so often for a reason.
    pub fn new(root: &'a str, path: &'a Path, polled: Option<(Duration, String)>) -> Self {
        let how = if polled.is_some() { "polling" } else { "events" };
        let (every, why) = polled.unzip();
        let every_milliseconds = every.map(|every| every.as_millis() as u64);
        Self { root, absolute_path: path.to_str(), how, every_milliseconds, why }
    }
}
