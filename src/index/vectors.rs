//! Passages get their vectors: from the index, from a passage shortly before with the same text, or from the model.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::read::{Pending, ReadItem};
use crate::document::EmbeddedHash;
use crate::embed::{Embedder, Input};
use crate::error::{Error, Result, Saved};
use crate::progress::{Event, Progress};
use crate::store::{PartVectors, Store, Vector};

/// The vectors of a passage, as they are stored.
pub(super) type StoredVectors = (Vector, PartVectors);

/// So many vectors are remembered at least, in case the same text comes again soon.
const REMEMBERED: usize = 4096;
/// The fewest tokens that are embedded in one go.
const LEAST_TOKENS: usize = 256;
/// The most: enough for all threads to be busy to the end.
const MOST_TOKENS: usize = 16384;
/// Between two goes the run can be cancelled, so none should take much longer.
const PATIENCE: Duration = Duration::from_millis(500);

/// Finds or makes vectors.
pub(super) struct Vectors<'a> {
    pub(super) embedder: &'a dyn Embedder,
    pub(super) progress: &'a dyn Progress,
    /// The index as it was before.
    snapshot: Option<Arc<dyn Store>>,
    recent: Recent,
    /// How many tokens are embedded in one go.
    tokens: usize,
    /// Whether none are made.
    pub(super) only_known: bool,
    /// How many passages went through the model.
    pub(super) embedded: u64,
}

impl<'a> Vectors<'a> {
    pub(super) fn new(
        embedder: &'a dyn Embedder,
        progress: &'a dyn Progress,
        snapshot: Option<Arc<dyn Store>>,
    ) -> Self {
        let (recent, tokens) = (Recent::default(), 8 * LEAST_TOKENS);
        Self { embedder, progress, snapshot, recent, tokens, only_known: false, embedded: 0 }
    }

    /// Vectors that the index as it was before has, and no others.
    pub(super) fn known(
        embedder: &'a dyn Embedder,
        progress: &'a dyn Progress,
        snapshot: Option<Arc<dyn Store>>,
    ) -> Self {
        Self { only_known: true, ..Self::new(embedder, progress, snapshot) }
    }

    /// The vectors of all passages among `parts`, by their text; those of some are missing if none are made.
    pub(super) fn of(&mut self, parts: &[ReadItem]) -> Result<HashMap<EmbeddedHash, StoredVectors>> {
        let wanted: HashSet<EmbeddedHash> =
            parts.iter().filter_map(ReadItem::pending).map(|pending| pending.embedded).collect();
        let mut vectors = self.look_up(wanted)?;
        if self.only_known {
            return Ok(vectors);
        }
        let mut missing: HashMap<EmbeddedHash, &Pending> = HashMap::new();
        for pending in parts.iter().filter_map(ReadItem::pending) {
            let hash = pending.embedded;
            if !vectors.contains_key(&hash) {
                missing.insert(hash, pending);
            }
        }
        let mut missing: Vec<&Pending> = missing.into_values().collect();
        // Those of a length together, so that no thread has a long one left when the others are done.
        missing.sort_by_key(|pending| (pending.ids.len(), pending.text.len(), pending.embedded));
        self.progress.on(Event::Chunked { passages: missing.len() as u64 });
        let mut rest = &missing[..];
        while !rest.is_empty() {
            let (now, later) = rest.split_at(self.fitting(rest));
            rest = later;
            self.embed(now, &mut vectors)?;
        }
        Ok(vectors)
    }

    /// How many passages are embedded in one go.
    fn fitting(&self, passages: &[&Pending]) -> usize {
        let mut tokens = 0;
        let fits = passages.iter().take_while(|pending| {
            // About four letters are a token.
            tokens += pending.ids.len().max(pending.text.len() / 4);
            tokens <= self.tokens
        });
        fits.count().max(1)
    }

    fn embed(
        &mut self,
        passages: &[&Pending],
        into: &mut HashMap<EmbeddedHash, StoredVectors>,
    ) -> Result<()> {
        if self.progress.cancelled() {
            return Err(Error::Interrupted(Saved::Nothing));
        }
        let began = Instant::now();
        let inputs: Vec<Input<'_>> = passages.iter().map(|pending| pending.input()).collect();
        let embeddings = self.embedder.embed_passages(&inputs)?;
        for (pending, embedding) in passages.iter().zip(embeddings) {
            let vector = Vector::quantise(&embedding.vector);
            let parts = PartVectors::quantise(&vector, &embedding.windows, &embedding.words);
            let known = (vector, parts);
            self.recent.insert(pending.embedded, known.clone());
            into.insert(pending.embedded, known);
        }
        // Only the pace depends on the clock: a vector is the same in any company.
        let took = began.elapsed();
        if took > PATIENCE {
            self.tokens = (self.tokens / 2).max(LEAST_TOKENS);
        } else if took < PATIENCE / 4 {
            self.tokens = (self.tokens * 2).min(MOST_TOKENS);
        }
        self.embedded += passages.len() as u64;
        self.progress.on(Event::Embedded { passages: passages.len() as u64 });
        Ok(())
    }

    /// Those vectors of some texts that needn't be made. The index is asked once for all.
    fn look_up(&self, wanted: HashSet<EmbeddedHash>) -> Result<HashMap<EmbeddedHash, StoredVectors>> {
        let mut known = HashMap::new();
        let mut rest = Vec::new();
        for hash in wanted {
            match self.recent.get(&hash) {
                Some(vectors) => drop(known.insert(hash, vectors.clone())),
                None => rest.push(hash),
            }
        }
        if let Some(snapshot) = self.snapshot.as_ref().filter(|_| !rest.is_empty()) {
            rest.sort_unstable();
            let found = snapshot.vectors_of(&rest)?;
            known.extend(rest.into_iter().zip(found).filter_map(|(hash, found)| Some((hash, found?))));
        }
        Ok(known)
    }
}

impl ReadItem {
    fn pending(&self) -> Option<&Pending> {
        match self {
            Self::Passage(pending) => Some(pending),
            _ => None,
        }
    }
}

/// The vectors that were made last, between one and two times [`REMEMBERED`] of them.
#[derive(Default)]
struct Recent {
    new: HashMap<EmbeddedHash, StoredVectors>,
    old: HashMap<EmbeddedHash, StoredVectors>,
}

impl Recent {
    fn insert(&mut self, hash: EmbeddedHash, vector: StoredVectors) {
        if self.new.len() == REMEMBERED {
            self.old = std::mem::take(&mut self.new);
        }
        self.new.insert(hash, vector);
    }

    fn get(&self, hash: &EmbeddedHash) -> Option<&StoredVectors> {
        self.new.get(hash).or_else(|| self.old.get(hash))
    }
}
