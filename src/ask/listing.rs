//! Notes that a question's filters let through, as sources: where nothing is looked for, the newest come first.

use super::choose::Chosen;
use super::notes::Notes;
use super::question::Question;
use super::{sources, terms};
use crate::error::Result;
use crate::hit::Hit;
use crate::list::{self, ListedNote};
use crate::store::Store;

/// The newest notes that an [understood](super::understand) question's filters let through, each with its first passage.
/// None fits less than another.
///
/// # Errors
///
/// When the index can't be read, or a glob can't be.
pub fn list(index: &dyn Store, question: &Question) -> Result<Vec<Hit>> {
    let mut notes = Notes::new(index, &question.trust);
    let mut listed = list::notes(index, question.query(), &question.filter)?;
    listed.truncate(question.most_sources());
    let chosen = listed.into_iter().map(|ListedNote { row, passage }| Chosen::listed(row, passage));
    sources::hits(index, &mut notes, &terms(index, &question.query().text)?, chosen.collect(), |_| 1.0)
}
