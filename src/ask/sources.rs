//! Passages of the index become the sources that are shown.

use std::collections::HashMap;

use super::choose::Chosen;
use super::unit::{self, Unit};
use crate::answer::{self, Terms};
use crate::cite::Checker;
use crate::document::Root;
use crate::error::Result;
use crate::hit::{Answer, Duplicate, Evidence, Hit, Signals, StoredPassage};
use crate::parse;
use crate::store::Snapshot;
use crate::trust::Trust;

/// No more places that say the same as a source are named.
const MOST_DUPLICATES: usize = 5;

/// Makes hits of passages.
pub(super) struct Sources<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) terms: &'a Terms,
    checker: Checker<'a>,
    /// Those that may be read. Below them no links are followed, so a note is where its root is.
    roots: HashMap<&'a str, &'a Root>,
}

impl<'a> Sources<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, terms: &'a Terms, trust: &Trust) -> Self {
        let reach = trust.reach(snapshot.dir());
        let roots = snapshot.info().roots.iter().filter(|root| reach.allows(&root.path));
        let roots = roots.map(|root| (root.name.as_str(), root)).collect();
        Self { snapshot, terms, checker: Checker::new(&parse::decode), roots }
    }

    /// The root of a source, if it may be read.
    fn root(&self, source: &StoredPassage) -> Option<&'a Root> {
        self.roots.get(source.root.as_str()).copied()
    }

    pub(super) fn hit(
        &mut self,
        rank: u32,
        score: f32,
        signals: Signals,
        chosen: Chosen,
        evidence: Evidence,
    ) -> Result<Hit> {
        let Chosen { source, same, .. } = chosen;
        let stale = self.is_stale(&source);
        let short_id = self.snapshot.short_id(source.id)?;
        let excerpt = answer::excerpt(&source.passage, &evidence, self.terms);
        let (also, also_more) = self.duplicates(same)?;
        Ok(Hit { rank, score, signals, short_id, source, excerpt, evidence, stale, also, also_more })
    }

    /// The first few of the passages that say what a source says, and how many more there are. Those whose notes don't
    /// say it any more aren't among the few.
    fn duplicates(&mut self, same: Vec<StoredPassage>) -> Result<(Vec<Duplicate>, usize)> {
        let mut named = Vec::new();
        let mut more = 0;
        for source in same {
            if named.len() == MOST_DUPLICATES {
                more += 1;
            } else if !self.is_stale(&source) {
                let short_id = self.snapshot.short_id(source.id)?;
                let StoredPassage { root, path, passage, .. } = source;
                let (lines, place) = (passage.lines, passage.place());
                named.push(Duplicate { short_id, root, path, lines, place });
            }
        }
        Ok((named, more))
    }

    /// Whether the note is gone or doesn't say this any more.
    pub(super) fn is_stale(&mut self, source: &StoredPassage) -> bool {
        let root = self.root(source);
        root.is_none_or(|root| self.checker.is_stale(root, &source.path, &source.passage))
    }

    /// Makes a hit that is a piece of an answer the whole of it; says whether it remains a piece.
    pub(super) fn complete(&mut self, hit: &mut Hit) -> Result<bool> {
        let root = if hit.stale { None } else { self.root(&hit.source) };
        match unit::of(self.snapshot, &mut self.checker, root, &hit.source)? {
            Unit::Whole => Ok(false),
            Unit::Part => Ok(true),
            Unit::Joined(passage) => {
                // What has become a part of the source isn't another place.
                let lines = passage.lines;
                hit.also.retain(|other| {
                    (&other.root, &other.path) != (&hit.source.root, &hit.source.path)
                        || other.lines.first < lines.first
                        || other.lines.last > lines.last
                });
                hit.source.passage = *passage;
                // What was known is known of the piece.
                hit.evidence = Evidence::default();
                hit.excerpt = answer::excerpt(&hit.source.passage, &hit.evidence, self.terms);
                Ok(false)
            }
        }
    }

    /// The answer that a hit gives, with the places of its parts in the note.
    pub(super) fn answer(&mut self, hit: &Hit) -> Answer {
        let mut answer = answer::answer(hit, self.terms);
        let Some(root) = self.root(&hit.source) else { return answer };
        let StoredPassage { path, passage, .. } = &hit.source;
        for part in &mut answer.parts {
            if let Some(place) = self.checker.locate(root, path, passage, &part.range) {
                (part.span, part.lines) = place;
            }
        }
        answer
    }
}
