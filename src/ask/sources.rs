//! Sources: passages of the index, as they are shown.

use std::ops::Range;

use super::choose::Chosen;
use super::notes::Notes;
use super::unit::{self, Completion};
use crate::answer::{self, Terms};
use crate::document::{NotePath, Passage, PassageId};
use crate::embed::Embedder;
use crate::error::Result;
use crate::hit::{Answer, Duplicate, Hit, StoredPassage};
use crate::store::Store;

/// The most places that say the same as a source that are named.
const MOST_DUPLICATES: usize = 5;

/// Makes hits of the chosen passages, with the best first; `score` is the one that is shown.
pub(super) fn hits(
    index: &dyn Store,
    notes: &mut Notes<'_>,
    terms: &Terms,
    chosen: Vec<Chosen>,
    mut score: impl FnMut(&Chosen) -> f32,
) -> Result<Vec<Hit>> {
    let hit = |(rank, chosen): (u32, Chosen)| {
        let score = score(&chosen);
        let Chosen { fused, source, same, .. } = chosen;
        let (stale, evidence) = (notes.is_stale(&source), fused.evidence);
        let excerpt = answer::excerpt(&source.passage, &evidence, terms);
        let (also, also_more) = duplicates(notes, same);
        let machine = notes.machine(&source).map(str::to_owned);
        let (signals, short_id) = (fused.signals, String::new());
        let hit = Hit {
            rank,
            score,
            signals,
            short_id,
            source,
            excerpt,
            evidence,
            stale,
            machine,
            also: vec![],
            also_more,
        };
        (hit, also)
    };
    let hits: Vec<(Hit, Vec<StoredPassage>)> = (1..).zip(chosen).map(hit).collect();
    let sources = hits.iter().map(|(hit, _)| &hit.source);
    let ids: Vec<PassageId> =
        sources.chain(hits.iter().flat_map(|(_, also)| also)).map(|source| source.id).collect();
    let mut of_also = index.short_ids(&ids)?.into_iter();
    let of_sources: Vec<String> = of_also.by_ref().take(hits.len()).collect();
    let named = hits.into_iter().zip(of_sources).map(|((hit, also), short_id)| {
        let also = also.into_iter().zip(&mut of_also).map(|(source, short_id)| {
            let StoredPassage { root, path, passage, .. } = source;
            let (lines, place) = (passage.lines, passage.place());
            Duplicate { short_id, root, path, lines, place }
        });
        Hit { short_id, also: also.collect(), ..hit }
    });
    Ok(named.collect())
}

/// Finds where the words that were compared stand in the passages that are shown.
pub(super) fn place_words(embedder: &dyn Embedder, chosen: &mut [Chosen]) {
    for Chosen { fused, source, .. } in chosen {
        let words = &mut fused.evidence.words;
        if words.words() > 0 {
            words.places = places(embedder, &source.passage);
        }
    }
}

/// Where the words of a passage that have vectors stand in its text.
fn places(embedder: &dyn Embedder, passage: &Passage) -> Vec<Range<usize>> {
    let whole = passage.embedded_text();
    // What stands above the text comes first.
    let above = whole.len() - passage.text.len().min(whole.len());
    let place = |range: Range<usize>| match range.start.checked_sub(above) {
        Some(start) => start..range.end - above,
        None => 0..0,
    };
    embedder.words(&whole).into_iter().map(place).collect()
}

/// The first few of the passages that say what a source says, and how many more there are. Those whose notes don't
/// say it any more aren't among the few.
fn duplicates(notes: &mut Notes<'_>, same: Vec<StoredPassage>) -> (Vec<StoredPassage>, usize) {
    let (mut named, mut more) = (Vec::new(), 0);
    for source in same {
        if named.len() == MOST_DUPLICATES {
            more += 1;
        } else if !notes.is_stale(&source) {
            named.push(source);
        }
    }
    (named, more)
}

/// Tells the index that the notes of some hits are going to be read.
pub(crate) fn expect<'h>(index: &dyn Store, hits: impl Iterator<Item = &'h Hit>) -> Result<()> {
    let notes: Vec<(&str, &NotePath)> = hits.map(|hit| (&*hit.source.root, &hit.source.path)).collect();
    if notes.len() > 1 { index.expect(&notes, &[], 0) } else { Ok(()) }
}

/// Makes a hit that is a piece of a section or of an answer the whole of it, if that isn't too long.
pub(crate) fn complete(
    index: &dyn Store,
    notes: &mut Notes<'_>,
    terms: &Terms,
    hit: &mut Hit,
) -> Result<Completion> {
    let mut more = unit::of(index, notes, hit)?;
    if let Some(passage) = more.joined.take() {
        // What has become a part of the source isn't another place.
        let lines = passage.lines;
        hit.also.retain(|other| {
            (&other.root, &other.path) != (&hit.source.root, &hit.source.path)
                || other.lines.first < lines.first
                || other.lines.last > lines.last
        });
        let start = passage.text.find(&hit.source.passage.text).unwrap_or(0);
        for place in hit.evidence.words.places.iter_mut().filter(|place| place.end > 0) {
            *place = place.start + start..place.end + start;
        }
        hit.source.passage = *passage;
        hit.excerpt = answer::excerpt(&hit.source.passage, &hit.evidence, terms);
    }
    Ok(more)
}

/// The answer that a hit gives, which is made whole, with the places of its parts in the note.
pub(super) fn answer(
    index: &dyn Store,
    notes: &mut Notes<'_>,
    terms: &Terms,
    hit: &mut Hit,
) -> Result<Answer> {
    let more = complete(index, notes, terms, hit)?;
    let mut answer = answer::answer(hit, terms);
    // An answer that reaches the edge of what was read goes on behind it; that of a unit does in any case.
    let passage = &hit.source.passage;
    let is_blank = |range: Range<usize>| passage.text.get(range).is_none_or(|rest| rest.trim().is_empty());
    let begins =
        answer.parts.first().is_none_or(|part| is_blank(passage.content.start as usize..part.range.start));
    let ends = answer.parts.last().is_none_or(|part| is_blank(part.range.end..passage.content.end as usize));
    let is_unit = passage.question.is_some();
    answer.partial |= more.before && (begins || is_unit) || more.after && (ends || is_unit);
    for part in &mut answer.parts {
        if let Some(place) = notes.locate(&hit.source, &part.range) {
            (part.span, part.lines) = place;
        }
    }
    Ok(answer)
}
