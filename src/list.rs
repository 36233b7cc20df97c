//! The spine of `qsearch notes` and `qsearch tags`: what there is, without a word to look for.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::document::NotePath;
use crate::error::Result;
use crate::hit::{Row, StoredPassage};
use crate::query::{Filter, Query};
use crate::store::Store;

/// A note that is listed.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedNote {
    /// The row of its first passage of those that are wanted.
    pub row: Row,
    /// That passage, with what is known of the note.
    pub passage: StoredPassage,
}

/// A tag, and how many notes have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedTag {
    /// The tag, as most of the notes write it, without `#`.
    pub name: String,
    /// How many notes have it.
    pub notes: u64,
}

/// The notes that have a passage which `query` and `filter` let through, the newest by their own dates first; those
/// without a date come last. Equals stand in the order of their paths. Words of the query don't matter.
///
/// # Errors
///
/// When the index can't be read, or a glob can't be.
pub fn notes(index: &dyn Store, query: &Query, filter: &Filter) -> Result<Vec<ListedNote>> {
    let rows = index.question(query, None, filter)?.notes()?;
    let mut first: BTreeMap<(String, NotePath), ListedNote> = BTreeMap::new();
    for (row, passage) in rows.iter().copied().zip(index.passages(&rows)?) {
        let note = (passage.root.clone(), passage.path.clone());
        let earlier = |known: &ListedNote| known.passage.sort_key() <= passage.sort_key();
        if !first.get(&note).is_some_and(earlier) {
            first.insert(note, ListedNote { row, passage });
        }
    }
    let mut notes: Vec<ListedNote> = first.into_values().collect();
    notes.sort_by_key(|note| Reverse(note.passage.date));
    Ok(notes)
}

/// The tags of some notes, the most frequent first; equals stand in the order of their letters.
pub fn tags(notes: &[ListedNote]) -> Vec<ListedTag> {
    let mut spellings: BTreeMap<String, BTreeMap<&str, u64>> = BTreeMap::new();
    for note in notes {
        let names: BTreeMap<String, &str> =
            note.passage.tags.iter().map(|tag| (tag.to_lowercase(), tag.as_str())).collect();
        for (tag, written) in names {
            *spellings.entry(tag).or_default().entry(written).or_default() += 1;
        }
    }
    let tag = |written: BTreeMap<&str, u64>| {
        let (name, _) = written.iter().min_by_key(|(_, notes)| Reverse(**notes))?;
        Some(ListedTag { name: (*name).to_owned(), notes: written.values().sum() })
    };
    let mut tags: Vec<ListedTag> = spellings.into_values().filter_map(tag).collect();
    tags.sort_by_key(|tag| Reverse(tag.notes));
    tags
}
