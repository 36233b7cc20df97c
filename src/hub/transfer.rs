//! What a server says to a request, piece by piece, and why it stops.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// How often it is asked whether to stop while nothing comes.
const BEAT: Duration = Duration::from_millis(100);

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    /// The address.
    pub(super) url: String,
    /// The first byte that is wanted; 0 for all.
    pub(super) from: u64,
    /// The version of the file whose bytes before that are here, as its server names it.
    pub(super) version: Option<String>,
}

/// What stands before a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    /// The status of HTTP.
    pub(super) status: u16,
    /// `x-error-code`: why the hub refuses.
    pub(super) code: Option<String>,
    /// `x-repo-commit`: the commit that the file is of.
    pub(super) commit: Option<String>,
    /// `x-linked-etag`, else the `etag` of the hub itself, without marks around it: of large files their SHA-256.
    pub(super) tag: Option<String>,
    /// `x-linked-size`: how many bytes the hub says that the file has.
    pub(super) size: Option<u64>,
    /// The `etag` of the server that sends the file, if bytes of it may be put behind each other.
    pub(super) version: Option<String>,
    /// How many bytes come.
    pub(super) length: Option<u64>,
    /// The first byte that comes, if only a part does.
    pub(super) from: Option<u64>,
}

impl Head {
    /// How many bytes the whole file has, as the hub or the server that sends it says.
    pub(super) fn whole(&self) -> Option<u64> {
        self.size.or_else(|| Some(self.from.unwrap_or(0) + self.length?))
    }
}

/// A part of what comes.
#[derive(Debug)]
pub(super) enum Part {
    /// What stands before the file.
    Head(Head),
    /// More of it.
    Bytes(Vec<u8>),
    /// All has come.
    End,
    /// No more will come.
    Failed(Fault),
}

/// Why no more comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nobody answers.
    Absent(String),
    /// The connection was lost or fell silent; another one may do.
    Lost(String),
    /// What came makes no sense.
    Bad(String),
    /// The user stopped it.
    Stopped,
}

/// What is being received.
pub(super) struct Transfer {
    parts: Receiver<Part>,
    patience: Duration,
}

impl Transfer {
    /// What comes through a channel, whose other end may be silent for so long.
    pub(super) fn new(parts: Receiver<Part>, patience: Duration) -> Self {
        Self { parts, patience }
    }

    /// The next part, as soon as it is there; `stopped` is asked again and again until then.
    pub(super) fn next(&self, stopped: &dyn Fn() -> bool) -> Result<Part, Fault> {
        let mut waited = Duration::ZERO;
        loop {
            if stopped() {
                return Err(Fault::Stopped);
            }
            match self.parts.recv_timeout(BEAT) {
                Ok(Part::Failed(fault)) => return Err(fault),
                Ok(part) => return Ok(part),
                Err(RecvTimeoutError::Timeout) if waited < self.patience => waited += BEAT,
                Err(RecvTimeoutError::Timeout) => {
                    return Err(Fault::Lost(format!("nothing came for {} s", self.patience.as_secs())));
                }
                Err(RecvTimeoutError::Disconnected) => return Err(Fault::Lost("it was given up".to_owned())),
            }
        }
    }
}
