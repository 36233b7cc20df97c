//! Passages of the index become the sources that are shown.

use std::collections::HashMap;

use super::unit::{self, Unit};
use crate::answer::{self, Terms};
use crate::cite::Checker;
use crate::document::Root;
use crate::error::Result;
use crate::hit::{Hit, Signals, StoredPassage};
use crate::parse;
use crate::store::Snapshot;

/// Makes hits of passages.
pub(super) struct Sources<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) terms: &'a Terms,
    checker: Checker<'a>,
    roots: HashMap<&'a str, &'a Root>,
}

impl<'a> Sources<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, terms: &'a Terms) -> Self {
        let roots = snapshot.info().roots.iter().map(|root| (root.name.as_str(), root)).collect();
        Self { snapshot, terms, checker: Checker::new(&parse::decode), roots }
    }

    pub(super) fn hit(
        &mut self,
        rank: u32,
        score: f32,
        signals: Signals,
        source: StoredPassage,
    ) -> Result<Hit> {
        let stale = self.is_stale(&source);
        let short_id = self.snapshot.short_id(source.id)?;
        let excerpt = answer::excerpt(&source.passage, self.terms);
        Ok(Hit { rank, score, signals, short_id, source, excerpt, stale })
    }

    /// Whether the note is gone or doesn't say this any more.
    pub(super) fn is_stale(&mut self, source: &StoredPassage) -> bool {
        let root = self.roots.get(source.root.as_str());
        root.is_none_or(|root| self.checker.is_stale(&root.locate(&source.path), &source.passage))
    }

    /// Makes a hit that is a piece of an answer the whole of it; says whether it remains a piece.
    pub(super) fn complete(&mut self, hit: &mut Hit) -> Result<bool> {
        let root = self.roots.get(hit.source.root.as_str()).filter(|_| !hit.stale).copied();
        match unit::of(self.snapshot, &mut self.checker, root, &hit.source)? {
            Unit::Whole => Ok(false),
            Unit::Part => Ok(true),
            Unit::Joined(passage) => {
                hit.source.passage = *passage;
                hit.excerpt = answer::excerpt(&hit.source.passage, self.terms);
                Ok(false)
            }
        }
    }
}
