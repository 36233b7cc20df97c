//! How a caller watches a download, and stops it.

/// Something that a download has begun or done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HubEvent<'a> {
    /// A file is being downloaded, of which a part may be here.
    File {
        /// The file, as the hub has it.
        name: &'a str,
        /// How many bytes of it are here.
        got: u64,
        /// How many it has, if that is said.
        all: Option<u64>,
    },
    /// So many more bytes have come.
    Got {
        /// How many.
        bytes: u64,
    },
    /// The connection was lost, and is tried again.
    Again {
        /// What happened, as a phrase.
        why: &'a str,
    },
    /// A file is here, and its checksum is calculated.
    Checking {
        /// The file, as the hub has it.
        name: &'a str,
    },
}

/// Hears how far a download has come, and says when to stop it.
pub trait HubWatcher {
    /// Something has begun or is done.
    fn on(&self, event: HubEvent<'_>);

    /// Whether to stop: asked often. What has come stays, and is gone on from.
    fn cancelled(&self) -> bool;
}
