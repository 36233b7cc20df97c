//! The interface of a store that can be written.

use std::fmt::Debug;
use std::sync::Arc;

use super::interface::Store;
use super::maintenance::{Committed, Maintenance};
use super::record::{FileRecord, NewFile, NewPassage};
use crate::document::{NotePath, Root};
use crate::error::Result;

/// Changes to an index. Dropping it without [`commit`](Self::commit) changes nothing that wasn't committed by a
/// [`checkpoint`](Self::checkpoint).
pub trait StoreWriter: Debug + Send {
    /// The committed state that the changes will replace; `None` if there is none, or once there was a checkpoint.
    fn snapshot(&self) -> Option<Arc<dyn Store>>;

    /// Adds a file with its passages, or the first of them, in place of all that was there of it.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`](crate::error::Error::Usage) for a vector of another size than the index's, others if the index
    /// can't be written; then nothing can be committed any more.
    fn put(&mut self, file: NewFile) -> Result<()>;

    /// Adds one more passage to the file that was [put](Self::put) last.
    ///
    /// # Errors
    ///
    /// As [`put`](Self::put); also [`Error::Usage`](crate::error::Error::Usage) if there is no such file.
    fn add(&mut self, passage: &NewPassage) -> Result<()>;

    /// Replaces what is known of a file whose content hasn't changed.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::error::Error::NotFound) if the file isn't in the index.
    fn touch(&mut self, record: FileRecord) -> Result<()>;

    /// Removes a file with all of its passages. One that isn't there is no error.
    ///
    /// # Errors
    ///
    /// If the index can't be written; then nothing can be committed any more.
    fn remove(&mut self, root: &str, path: &NotePath) -> Result<()>;

    /// Sets the roots that the index covers. Doesn't remove the files of others.
    fn set_roots(&mut self, roots: Vec<Root>);

    /// Sets the source of the index's model.
    fn set_model_source(&mut self, source: &str);

    /// How many files have passages whose vectors are [pending](NewPassage::pending) by now; `None` if a passage must have
    /// its vectors when it is added.
    fn pending(&self) -> Option<u64> {
        None
    }

    /// Commits all changes so far, as one step, and remembers that so many notes are still to be read. The notes must be
    /// whole: the one that was [put](Self::put) last, with all of its passages.
    ///
    /// # Errors
    ///
    /// As [`commit`](Self::commit).
    fn checkpoint(&mut self, waiting: u64) -> Result<()>;

    /// Makes all changes visible as one step, or none of them if this fails; then does the maintenance that is due. If
    /// nothing has changed and nothing is due, nothing is written.
    ///
    /// # Errors
    ///
    /// If the index can't be written, or another process may be writing it.
    fn commit(self: Box<Self>, maintenance: &Maintenance<'_>) -> Result<Committed>;
}
