//! What indexing tells about itself while it runs, and how it hears that it shall stop.
//!
//! Only the spines report; the stages don't know that anybody looks on. Nothing here prints.

/// Hears how far indexing has come. Every method has an empty body, so an observer names only what it shows.
///
/// Methods may be called from several threads at once, and must not block for long.
pub trait Progress: Sync {
    /// The walk has found this many notes so far.
    fn walked(&self, files: u64) {
        let _ = files;
    }

    /// The walk is over: so many notes, of so many bytes, are new or changed and have to be read.
    fn planned(&self, files: u64, bytes: u64) {
        let _ = (files, bytes);
    }

    /// So many more of the planned notes, of so many bytes, have been read and cut.
    fn parsed(&self, files: u64, bytes: u64) {
        let _ = (files, bytes);
    }

    /// So many more passages have to be embedded.
    fn chunked(&self, passages: u64) {
        let _ = passages;
    }

    /// So many more passages have been embedded.
    fn embedded(&self, passages: u64) {
        let _ = passages;
    }

    /// All is embedded; what is left is to write and commit it.
    fn storing(&self) {}

    /// All is committed, and so many passages are being rewritten into one segment.
    fn merging(&self, passages: u64) {
        let _ = passages;
    }

    /// A graph over so many passages is being built, of which the first `done` are in.
    fn linking(&self, done: u64, all: u64) {
        let _ = (done, all);
    }

    /// An evaluation is about to ask so many questions, whatever was indexed for it.
    fn asking(&self, questions: u64) {
        let _ = questions;
    }

    /// One more of these questions has been asked.
    fn asked(&self) {}

    /// Whether to stop: asked often, also by the stages, which then give up with
    /// [`Error::Interrupted`](crate::error::Error::Interrupted).
    fn cancelled(&self) -> bool {
        false
    }
}

/// Shows nothing and never stops.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {}
