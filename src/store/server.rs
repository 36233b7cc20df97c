//! The state of the server that an index lies on, where it lies on one.

use std::time::Duration;

/// What a server says of itself and of the index that it has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerStatus {
    /// The server's version, as it writes it.
    pub version: String,
    /// The version of what it compares vectors with.
    pub vector: String,
    /// Whether it only repeats what another server writes.
    pub standby: bool,
    /// How far it is behind that other server, if it is a standby and that is known.
    pub lag: Option<Duration>,
    /// Who may write which roots now.
    pub leases: Vec<Lease>,
    /// The tables of the index with their sizes in bytes, what belongs to them included.
    pub tables: Vec<(String, u64)>,
}

/// The right of one process to write a root, for a while.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lease {
    /// The name of the root.
    pub root: String,
    /// The machine of the process.
    pub machine: String,
    /// The process, as a phrase.
    pub owner: String,
    /// How many seconds it lasts, unless it is renewed; negative once it has ended.
    pub seconds_left: i64,
    /// How often the right was given so far: what was begun with a smaller number isn't written any more.
    pub epoch: u64,
}
