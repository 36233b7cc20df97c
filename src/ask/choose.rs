//! Which candidates are shown: each thing said once, with the other places that say it, and no note crowding out the
//! others.

use std::collections::HashMap;

use super::sources::Sources;
use crate::answer;
use crate::document::{ByteSpan, NotePath, Passage};
use crate::error::Result;
use crate::hit::{Fused, StoredPassage};
use crate::store::{Snapshot, Vector};

/// What another passage of a note that is among the sources already is worth, against 1 for the first.
const AGAIN: f32 = 0.9;
/// Passages whose vectors are at least this similar say the same; the better one is shown.
const SAME: f32 = 0.97;
/// From this many bytes on, a text says the same under any heading; a shorter one ("See below.") may mean another thing.
const TELLING_BYTES: usize = 100;
/// What a passage is worth that points to something without saying it, against 1 for any other.
const SILENT: f32 = 0.5;

/// A passage that is shown.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) fused: Fused,
    pub(super) source: StoredPassage,
    vector: Vector,
    /// Passages that say the same, by root, path and place.
    pub(super) same: Vec<StoredPassage>,
}

impl Chosen {
    /// Whether another passage says what this one says.
    fn is_said_by(&self, source: &StoredPassage, vector: &Vector) -> bool {
        same_text(&self.source.passage, &source.passage) || vector.cosine(&self.vector) >= SAME
    }
}

/// Whether two passages are the same to the letter, for the vectors of what stands before them may differ.
fn same_text(a: &Passage, b: &Passage) -> bool {
    let alike = a.context == b.context || a.text.len() >= TELLING_BYTES;
    alike && a.text == b.text && a.question == b.question
}

/// The best passages, each thing said once, and no note crowding out the others.
pub(super) fn choose(sources: &mut Sources<'_>, fused: &[Fused], wanted: usize) -> Result<Vec<Chosen>> {
    let mut pool = Pool::new(sources.snapshot, fused);
    let mut chosen: Vec<Chosen> = Vec::new();
    while let Some(Read { fused, source, note }) = pool.take_best()? {
        // Of equals, all are looked at: the others may be copies.
        if chosen.len() >= wanted && chosen.last().is_none_or(|last| fused.score < last.fused.score) {
            pool.read.push(Read { fused, source, note });
            break;
        }
        let vector = sources.snapshot.vector(fused.row)?;
        let Some(at) = chosen.iter().position(|other| other.is_said_by(&source, &vector)) else {
            if chosen.len() < wanted {
                pool.chosen[note] += 1;
                chosen.push(Chosen { fused, source, vector, same: Vec::new() });
            }
            continue;
        };
        let other = &mut chosen[at];
        // What can't be opened any more gives way to what says the same and can.
        if sources.is_stale(&other.source) && !sources.is_stale(&source) {
            other.fused = Fused { score: other.fused.score, ..fused };
            other.same.push(std::mem::replace(&mut other.source, source));
            other.vector = vector;
        } else {
            other.same.push(source);
        }
    }
    pool.find_more_of(&mut chosen)?;
    for chosen in &mut chosen {
        chosen.same.sort_by(|a, b| place(a).cmp(&place(b)));
    }
    Ok(chosen)
}

/// An order of passages that doesn't depend on how the index came about.
pub(super) fn place(source: &StoredPassage) -> (&str, &NotePath, ByteSpan) {
    (&source.root, &source.path, source.passage.span)
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
        // Of what a reranker finds equal, the order from before it stays.
        group.sort_by(|(a, at), (b, bt)| {
            a.signals.fused_rank.cmp(&b.signals.fused_rank).then_with(|| place(at).cmp(&place(bt)))
        });
        for (fused, source) in group {
            let next = self.notes.len();
            let note = *self.notes.entry((source.root.clone(), source.path.clone())).or_insert(next);
            self.chosen.resize(self.notes.len(), 0);
            self.read.push(Read { fused, source, note });
        }
        Ok(())
    }

    /// Finds what says the same as the chosen among the candidates that are left. Of those that aren't read yet, only
    /// what has the vector for it is.
    fn find_more_of(self, chosen: &mut [Chosen]) -> Result<()> {
        for Read { fused, source, .. } in self.read {
            let vector = self.snapshot.vector(fused.row)?;
            if let Some(other) = chosen.iter_mut().find(|other| other.is_said_by(&source, &vector)) {
                other.same.push(source);
            }
        }
        for fused in self.later {
            let vector = self.snapshot.vector(fused.row)?;
            if let Some(other) = chosen.iter_mut().find(|other| vector.cosine(&other.vector) >= SAME) {
                other.same.push(self.snapshot.passage(fused.row)?);
            }
        }
        Ok(())
    }

    fn score(&self, read: &Read) -> f32 {
        read.fused.score * AGAIN.powi(self.chosen[read.note])
    }
}
