//! Which candidates are shown: each thing said once, and no note crowding out the others.

use std::collections::HashMap;

use super::sources::Sources;
use crate::answer;
use crate::document::NotePath;
use crate::error::Result;
use crate::hit::{Fused, StoredPassage};
use crate::store::{Snapshot, Vector};

/// What another passage of a note that is among the sources already is worth, against 1 for the first.
const AGAIN: f32 = 0.9;
/// Passages whose vectors are at least this similar say the same; the better one is shown.
const SAME: f32 = 0.97;
/// What a passage is worth that points to something without saying it, against 1 for any other.
const SILENT: f32 = 0.5;

/// The best passages, each thing said once, and no note crowding out the others.
pub(super) fn choose(
    sources: &mut Sources<'_>,
    fused: &[Fused],
    wanted: usize,
) -> Result<Vec<(Fused, StoredPassage)>> {
    let mut pool = Pool::new(sources.snapshot, fused);
    let mut chosen: Vec<(Fused, StoredPassage)> = Vec::new();
    let mut vectors: Vec<Vector> = Vec::new();
    while let Some(Read { fused, source, note }) = pool.take_best()? {
        // Of equals, all are looked at: the others may be copies.
        if chosen.len() >= wanted && chosen.last().is_none_or(|(last, _)| fused.score < last.score) {
            break;
        }
        let vector = sources.snapshot.vector(fused.row)?;
        match vectors.iter().position(|other| vector.cosine(other) >= SAME) {
            None if chosen.len() < wanted => {
                pool.chosen[note] += 1;
                vectors.push(vector);
                chosen.push((fused, source));
            }
            // What can't be opened any more gives way to what says the same and can.
            Some(at) if sources.is_stale(&chosen[at].1) && !sources.is_stale(&source) => {
                chosen[at] = (Fused { score: chosen[at].0.score, ..fused }, source);
                vectors[at] = vector;
            }
            _ => {}
        }
    }
    Ok(chosen)
}

/// What a passage's score counts for.
pub(super) fn worth(source: &StoredPassage) -> f32 {
    if answer::says_something(&source.passage) { 1.0 } else { SILENT }
}

/// What sources are chosen from: candidates, read from the index no earlier than they may be chosen.
struct Pool<'a> {
    snapshot: &'a Snapshot,
    /// Candidates that aren't read yet, best first.
    later: &'a [Fused],
    /// Candidates that are, in an order that doesn't depend on how the index came about.
    read: Vec<Read>,
    /// A number for each note.
    notes: HashMap<(String, NotePath), usize>,
    /// How many passages of each note have been chosen.
    chosen: Vec<i32>,
}

/// A candidate with its passage and its note's number.
struct Read {
    fused: Fused,
    source: StoredPassage,
    note: usize,
}

impl<'a> Pool<'a> {
    fn new(snapshot: &'a Snapshot, fused: &'a [Fused]) -> Self {
        Self { snapshot, later: fused, read: Vec::new(), notes: HashMap::new(), chosen: Vec::new() }
    }

    /// Takes out the candidate with the highest score after its note's earlier passages are counted.
    fn take_best(&mut self) -> Result<Option<Read>> {
        loop {
            let scores: Vec<f32> = self.read.iter().map(|read| self.score(read)).collect();
            let best = (0..scores.len()).rev().max_by(|&a, &b| scores[a].total_cmp(&scores[b]));
            if let Some(best) = best
                && self.later.first().is_none_or(|later| later.score < scores[best])
            {
                let mut read = self.read.remove(best);
                read.fused.score = scores[best];
                return Ok(Some(read));
            }
            if self.later.is_empty() {
                return Ok(None);
            }
            self.read_more()?;
        }
    }

    /// Reads the next candidates; those of one score together, for their order is an accident.
    fn read_more(&mut self) -> Result<()> {
        let Some(first) = self.later.first() else { return Ok(()) };
        let tied = self.later.iter().take_while(|later| later.score.total_cmp(&first.score).is_eq()).count();
        let (group, later) = self.later.split_at(tied);
        self.later = later;
        let read = |fused: &Fused| {
            let source = self.snapshot.passage(fused.row)?;
            Ok((Fused { score: fused.score * worth(&source), ..*fused }, source))
        };
        let mut group = group.iter().map(read).collect::<Result<Vec<_>>>()?;
        group.sort_by(|(_, a), (_, b)| {
            (&a.root, &a.path, a.passage.span).cmp(&(&b.root, &b.path, b.passage.span))
        });
        for (fused, source) in group {
            let next = self.notes.len();
            let note = *self.notes.entry((source.root.clone(), source.path.clone())).or_insert(next);
            self.chosen.resize(self.notes.len(), 0);
            self.read.push(Read { fused, source, note });
        }
        Ok(())
    }

    fn score(&self, read: &Read) -> f32 {
        read.fused.score * AGAIN.powi(self.chosen[read.note])
    }
}
