//! How a caller watches a long run, and stops it.
//!
//! Only the spines report; the stages don't know that anybody watches. Nothing here prints.

/// Something that a run has begun or done. Numbers count from the event before of the same kind, unless it says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The walk has found this many notes so far, in all.
    Walked {
        /// How many.
        files: u64,
    },
    /// The walk is over: so many notes are new or changed and have to be read.
    Planned {
        /// How many.
        files: u64,
        /// How many bytes they have.
        bytes: u64,
    },
    /// So many more of the planned notes have been read, parsed and cut.
    Parsed {
        /// How many.
        files: u64,
        /// How many bytes they have.
        bytes: u64,
    },
    /// The words of all notes are committed; so many of them are to be read once more, for what they mean.
    Words {
        /// How many.
        files: u64,
    },
    /// So many more pages of documents have been read, slides among them.
    Pages {
        /// How many.
        pages: u64,
    },
    /// So many more passages have to be embedded.
    Chunked {
        /// How many.
        passages: u64,
    },
    /// So many more passages have been embedded.
    Embedded {
        /// How many.
        passages: u64,
    },
    /// All is embedded, and is being written and committed.
    Storing,
    /// All is committed, and so many passages are being rewritten into one segment.
    Merging {
        /// How many.
        passages: u64,
    },
    /// A graph is being built.
    BuildingGraph {
        /// How many passages are in it so far.
        done: u64,
        /// How many it will have.
        all: u64,
    },
    /// An evaluation is about to ask so many questions, whatever was indexed for it.
    Asking {
        /// How many.
        questions: u64,
    },
    /// One more of these questions has been asked.
    Asked,
}

/// Hears how far a run has come, and says when to stop it.
///
/// Methods may be called from several threads at once, and must not block for long.
pub trait Progress: Sync {
    /// Something has begun or is done.
    fn on(&self, event: Event);

    /// Whether to stop: asked often, also by the stages, which then give up with
    /// [`Error::Interrupted`](crate::error::Error::Interrupted).
    fn cancelled(&self) -> bool {
        false
    }
}

/// Shows nothing and never stops.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn on(&self, _: Event) {}
}
