//! A library whose index is copied to another place.

use super::Library;
use crate::copy::{self, Copied};
use crate::error::Result;
use crate::progress::Progress;
use crate::store::Place;

impl Library {
    /// Copies all notes of the index to a place that has none yet, with nothing embedded again.
    ///
    /// # Errors
    ///
    /// As [`copy`](copy::copy); also when there is no index.
    pub fn copy_to(&self, to: &Place, progress: &dyn Progress) -> Result<Copied> {
        copy::copy(self.snapshot()?, to, progress)
    }
}
