//! The documents of a segment that a search may find.

use std::ops::Range;

use tantivy::BitSet;
use tantivy::fastfield::AliveBitSet;

/// The documents of a segment that may be found.
#[derive(Clone, Copy, Default)]
pub(super) struct Accept<'a> {
    alive: Option<&'a AliveBitSet>,
    selected: Option<&'a BitSet>,
}

impl<'a> Accept<'a> {
    /// Those that live and, if there is a selection, are selected.
    pub(super) fn new(alive: Option<&'a AliveBitSet>, selected: Option<&'a BitSet>) -> Self {
        Self { alive, selected }
    }

    /// Whether a document of the segment may be found.
    #[inline]
    pub(super) fn contains(self, doc: u32) -> bool {
        self.alive.is_none_or(|alive| alive.is_alive(doc))
            && self.selected.is_none_or(|selected| selected.contains(doc))
    }

    /// Whether all documents may be found.
    pub(super) fn is_all(self) -> bool {
        self.alive.is_none() && self.selected.is_none()
    }

    /// How many of a segment's documents may be found, if all selected ones live.
    pub(super) fn count(self, documents: u32) -> usize {
        match self {
            Self { selected: Some(selected), .. } => selected.len(),
            Self { alive: Some(alive), .. } => alive.num_alive_docs(),
            Self { .. } => documents as usize,
        }
    }

    /// All that may be found of so many documents.
    pub(super) fn all(self, documents: u32) -> impl Iterator<Item = u32> + use<'a> {
        (0..documents).filter(move |&doc| self.contains(doc))
    }

    /// Those that may be found of some documents, which begin at a multiple of 64 and are at most so many.
    pub(super) fn rows(self, docs: Range<u32>) -> impl Iterator<Item = u32> + use<'a> {
        let mut selected = self.selected.map(|selected| selected.tinyset(docs.start / 64));
        let (start, mut rest) = (docs.start, docs.clone());
        let some = std::iter::from_fn(move || match &mut selected {
            Some(selected) => Some(start + selected.pop_lowest()?),
            None => rest.next(),
        });
        some.take_while(move |&doc| doc < docs.end)
            .filter(move |&doc| self.alive.is_none_or(|alive| alive.is_alive(doc)))
    }
}

#[cfg(test)]
impl<'a> Accept<'a> {
    /// All documents that a set has.
    pub(super) fn selected(selected: &'a BitSet) -> Self {
        Self { alive: None, selected: Some(selected) }
    }
}
