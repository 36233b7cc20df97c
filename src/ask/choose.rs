//! The choice of candidates that are shown: each thing said once, with the other places that say it, and no note crowding
//! out the others.

use std::collections::{HashMap, VecDeque};
use std::vec::IntoIter;

use super::direction::Direction;
use super::notes::Notes;
use crate::answer;
use crate::document::{NotePath, Passage};
use crate::error::Result;
use crate::hit::{Evidence, Fused, Row, Signals, StoredPassage};
use crate::likeness::LikenessScale;
use crate::same::say_the_same;
use crate::store::Store;

/// The factor for each passage of the same note that is among the sources already.
const AGAIN: f32 = 0.9;
/// The cosine from which passages may say the same, if their words do as well; the better one is shown.
const SAME: f32 = 0.97;
/// The bytes from which a text says the same under any heading; a shorter one ("See below.") may mean another thing.
const UNAMBIGUOUS_BYTES: usize = 100;
/// The factor for a passage that points to something without saying it.
const SILENT: f32 = 0.5;

/// A passage that is shown.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) fused: Fused,
    pub(super) source: StoredPassage,
    direction: Direction,
    /// Passages that say the same, by root, path and place.
    pub(super) same: Vec<StoredPassage>,
}

impl Chosen {
    /// A passage that isn't compared with others.
    pub(super) fn listed(row: Row, source: StoredPassage) -> Self {
        let (signals, evidence) = (Signals::default(), Evidence::default());
        let fused = Fused { row, score: 1.0, signals, evidence };
        Self { fused, source, direction: Direction::new(Vec::new()), same: Vec::new() }
    }

    /// Whether another passage says what this one says.
    fn is_said_by(&self, source: &StoredPassage, direction: &Direction, same: f32) -> bool {
        let (one, other) = (&self.source.passage, &source.passage);
        same_text(one, other)
            || (direction.cosine(&self.direction) >= same
                && say_the_same(&one.embedded_text(), &other.embedded_text()))
    }
}

/// Whether two passages are the same to the letter, for the vectors of what stands before them may differ.
fn same_text(a: &Passage, b: &Passage) -> bool {
    let alike = a.context == b.context || a.text.len() >= UNAMBIGUOUS_BYTES;
    alike && a.text == b.text && a.question == b.question
}

/// The best passages of candidates that stand with the best first: at most `wanted`, each thing said once, and no note
/// crowding out the others.
pub(super) fn choose(
    index: &dyn Store,
    notes: &mut Notes<'_>,
    scale: &LikenessScale,
    fused: Vec<Fused>,
    wanted: usize,
) -> Result<Vec<Chosen>> {
    let same = scale.of_passages().cosine_of(SAME);
    let mut queue = Queue::new(index, fused, wanted);
    let mut chosen: Vec<Chosen> = Vec::new();
    while let Some(read) = queue.take_best()? {
        // Of equals, all are looked at: the others may be copies.
        if chosen.len() >= wanted && chosen.last().is_none_or(|last| read.fused.score < last.fused.score) {
            queue.read.push(read);
            break;
        }
        let Read { fused, source, direction, note } = read;
        let Some(at) = chosen.iter().position(|other| other.is_said_by(&source, &direction, same)) else {
            if chosen.len() < wanted {
                queue.chosen[note] += 1;
                chosen.push(Chosen { fused, source, direction, same: Vec::new() });
            }
            continue;
        };
        let other = &mut chosen[at];
        // What can't be opened any more gives way to what says the same and can.
        if notes.is_stale(&other.source) && !notes.is_stale(&source) {
            other.fused = Fused { score: other.fused.score, ..fused };
            other.same.push(std::mem::replace(&mut other.source, source));
            other.direction = direction;
        } else {
            other.same.push(source);
        }
    }
    queue.find_more_of(&mut chosen, same)?;
    for chosen in &mut chosen {
        chosen.same.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    }
    Ok(chosen)
}

/// The factor of a passage's score: less than 1 for a passage that says nothing by itself.
pub(super) fn penalty(source: &StoredPassage) -> f32 {
    if answer::says_something(&source.passage) { 1.0 } else { SILENT }
}

/// The candidates to choose from, read from the index no earlier than they may be chosen.
struct Queue<'a> {
    index: &'a dyn Store,
    /// Candidates that aren't among those read, best first.
    later: IntoIter<Fused>,
    /// The passages and directions of the first of them, fetched already.
    fetched: VecDeque<(StoredPassage, Direction)>,
    /// How many are fetched at once while so many haven't been: all of them will be looked at.
    at_once: usize,
    /// Candidates that are read, in an order that doesn't depend on how the index came about.
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
    direction: Direction,
    note: usize,
}

impl<'a> Queue<'a> {
    fn new(index: &'a dyn Store, fused: Vec<Fused>, wanted: usize) -> Self {
        let (later, fetched, at_once) = (fused.into_iter(), VecDeque::new(), wanted + 1);
        let (read, notes, chosen) = (Vec::new(), HashMap::new(), Vec::new());
        Self { index, later, fetched, at_once, read, notes, chosen }
    }

    /// Takes out the candidate with the highest score after its note's earlier passages are counted.
    fn take_best(&mut self) -> Result<Option<Read>> {
        loop {
            let scores: Vec<f32> = self.read.iter().map(|read| self.score(read)).collect();
            let best = (0..scores.len()).rev().max_by(|&a, &b| scores[a].total_cmp(&scores[b]));
            if let Some(best) = best
                && self.later.as_slice().first().is_none_or(|later| later.score < scores[best])
            {
                let mut read = self.read.remove(best);
                read.fused.score = scores[best];
                return Ok(Some(read));
            }
            if self.later.len() == 0 {
                return Ok(None);
            }
            self.read_more()?;
        }
    }

    /// Reads the next candidates; those of one score together, for their order is an accident.
    fn read_more(&mut self) -> Result<()> {
        let Some(first) = self.later.as_slice().first().map(|first| first.score) else { return Ok(()) };
        let tied =
            self.later.as_slice().iter().take_while(|later| later.score.total_cmp(&first).is_eq()).count();
        self.fetch(tied)?;
        let group = self.later.by_ref().take(tied).zip(self.fetched.drain(..tied));
        let mut group: Vec<(Fused, StoredPassage, Direction)> = group
            .map(|(fused, (source, direction))| {
                (Fused { score: fused.score * penalty(&source), ..fused }, source, direction)
            })
            .collect();
        // Of what a reranker finds equal, the order from before it stays.
        group.sort_by(|(a, at, _), (b, bt, _)| {
            let ranks = a.signals.fused_rank.cmp(&b.signals.fused_rank);
            ranks.then_with(|| at.sort_key().cmp(&bt.sort_key()))
        });
        for (fused, source, direction) in group {
            let next = self.notes.len();
            let note = *self.notes.entry((source.root.clone(), source.path.clone())).or_insert(next);
            self.chosen.resize(self.notes.len(), 0);
            self.read.push(Read { fused, source, direction, note });
        }
        Ok(())
    }

    /// Fetches passages and vectors, until those of at least so many of the next candidates are there.
    fn fetch(&mut self, fewest: usize) -> Result<()> {
        let known = self.fetched.len();
        if known >= fewest {
            return Ok(());
        }
        let wanted = fewest.max(std::mem::take(&mut self.at_once)).min(self.later.len());
        let rows: Vec<Row> = self.later.as_slice()[known..wanted].iter().map(|later| later.row).collect();
        let directions = self.index.vectors(&rows)?.into_iter().map(Direction::new);
        self.fetched.extend(self.index.passages(&rows)?.into_iter().zip(directions));
        Ok(())
    }

    /// Finds what says the same as the chosen among the candidates that are left. Of those that aren't read yet only the
    /// ones with nearly the same vector are.
    fn find_more_of(self, chosen: &mut [Chosen], same: f32) -> Result<()> {
        for Read { source, direction, .. } in self.read {
            if let Some(other) = chosen.iter_mut().find(|other| other.is_said_by(&source, &direction, same)) {
                other.same.push(source);
            }
        }
        let rows: Vec<Row> = self.later.map(|later| later.row).collect();
        let (mut near, mut directions) = (Vec::new(), Vec::new());
        for (row, vector) in rows.iter().zip(self.index.vectors(&rows)?) {
            let direction = Direction::new(vector);
            if chosen.iter().any(|other| direction.cosine(&other.direction) >= same) {
                near.push(*row);
                directions.push(direction);
            }
        }
        for (source, direction) in self.index.passages(&near)?.into_iter().zip(directions) {
            if let Some(other) = chosen.iter_mut().find(|other| other.is_said_by(&source, &direction, same)) {
                other.same.push(source);
            }
        }
        Ok(())
    }

    fn score(&self, read: &Read) -> f32 {
        read.fused.score * AGAIN.powi(self.chosen[read.note])
    }
}
