//! The sources that a language model is shown: the best that it can read, pieces of one note together.

use std::ops::Range;

use crate::answer::Terms;
use crate::ask::{self, Notes, Reply};
use crate::document::Passage;
use crate::error::Result;
use crate::generate::LanguageModel;
use crate::hit::{Answer, Hit};
use crate::store::Store;
use crate::words::Language;

/// How many tokens an answer may have.
pub(super) const FOR_ANSWER: u32 = 512;
/// The window of a model of which it isn't known, in tokens.
pub(super) const USUAL_WINDOW: u32 = 8192;
/// How many tokens sources have at most, however much a model can read: more of them makes answers slower, not better.
const MOST_TOKENS: u32 = 3000;
/// The same for a small model on this machine, which reads slowly and mixes up what is much.
const MOST_OF_SMALL: u32 = 1500;
/// The largest window of a small model.
const SMALL_WINDOW: u32 = 8192;
/// How many tokens the task has, with what stands around it.
const FOR_TASK: u32 = 256;
/// The share of the first source's score that another one must have to be shown, unless the answer is taken from it.
const LEAST_SHARE: f32 = 0.5;
/// The fewest tokens of a part of a source.
const LEAST_TOKENS: u32 = 48;

/// A source as a language model is shown it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    /// Its place among the reply's sources, from 0.
    pub(super) hit: usize,
    /// What stands above its text: title, headings and question.
    pub(super) above: String,
    /// Its text, or the part of it that there is room for.
    pub(super) text: String,
}

/// Makes the sources of a reply whole: pieces become the section or answer that they are pieces of, and what has become a
/// part of another source isn't one any more.
pub(super) fn complete(
    index: &dyn Store,
    notes: &mut Notes<'_>,
    asked: &str,
    reply: &mut Reply,
) -> Result<()> {
    let terms = Terms::in_language(Language::asked(asked, &index.languages()?), asked);
    let cited = reply.answer.as_ref().map(|answer| answer.citations.clone()).unwrap_or_default();
    ask::expect(index, reply.hits.iter().filter(|hit| !cited.contains(&hit.rank)))?;
    for hit in &mut reply.hits {
        // What is cited is whole already.
        if !cited.contains(&hit.rank) {
            ask::complete(index, notes, &terms, hit)?;
        }
    }
    let is_part = |at: usize, hits: &[Hit]| {
        let hit = &hits[at];
        let holds = |other: &Hit| other.rank != hit.rank && other.source.contains(&hit.source);
        // Of two that are the same, the first stays.
        let same = |other: &Hit| hit.source.contains(&other.source) && other.rank > hit.rank;
        !cited.contains(&hit.rank) && hits.iter().any(|other| holds(other) && !same(other))
    };
    let parts: Vec<u32> =
        (0..reply.hits.len()).filter(|&at| is_part(at, &reply.hits)).map(|at| reply.hits[at].rank).collect();
    reply.hits.retain(|hit| !parts.contains(&hit.rank));
    let ranks: Vec<u32> = reply.hits.iter().map(|hit| hit.rank).collect();
    let renumbered =
        |rank: u32| (1..).zip(&ranks).find(|(_, old)| **old == rank).map_or(rank, |(new, _)| new);
    if let Some(Answer { parts, citations, .. }) = &mut reply.answer {
        for citation in parts.iter_mut().map(|part| &mut part.citation).chain(citations) {
            *citation = renumbered(*citation);
        }
    }
    reply.hits.iter_mut().zip(1..).for_each(|(hit, rank)| hit.rank = rank);
    Ok(())
}

/// The sources to be shown, as many as the model can read beside its task.
pub(super) fn choose(reply: &Reply, asked: &str, llm: &dyn LanguageModel) -> Vec<Shown> {
    let window = llm.window().unwrap_or(USUAL_WINDOW);
    let most = if llm.is_local() && window <= SMALL_WINDOW { MOST_OF_SMALL } else { MOST_TOKENS };
    let room = window.saturating_sub(FOR_ANSWER + FOR_TASK + estimate(asked)).min(most);
    let mut left = room;
    let mut shown: Vec<Shown> = Vec::new();
    for at in order(&reply.hits, reply.answer.as_ref()) {
        let hit = &reply.hits[at];
        let above = above(hit);
        let taken = estimate(&above) + 16;
        let most = left.saturating_sub(taken);
        let Some(range) = fitting(&hit.source.passage, &hit.excerpt, most) else { continue };
        let text = text_of(&hit.source.passage, range);
        left = most.saturating_sub(estimate(&text));
        if !text.is_empty() {
            shown.push(Shown { hit: at, above, text });
        }
    }
    let cited = |shown: &&Shown| {
        let rank = reply.hits[shown.hit].rank;
        reply.answer.as_ref().is_some_and(|answer| answer.citations.contains(&rank))
    };
    let answering = shown.iter().filter(cited).count();
    together(&shown, &reply.hits, answering)
}

/// The order in which sources are shown, as their places among `hits`: first what the answer is taken from, part by part,
/// then the others, best first.
fn order(hits: &[Hit], answer: Option<&Answer>) -> Vec<usize> {
    let of_parts = answer.into_iter().flat_map(|answer| answer.parts.iter().map(|part| part.citation));
    let least = hits.first().map_or(0.0, |first| LEAST_SHARE * first.score);
    let ranks = of_parts.chain(hits.iter().filter(|hit| hit.score >= least).map(|hit| hit.rank));
    let mut order: Vec<usize> = Vec::new();
    for at in ranks.filter_map(|rank| hits.iter().position(|hit| hit.rank == rank)) {
        if !order.contains(&at) {
            order.push(at);
        }
    }
    order
}

/// Sources of one note behind each other, in the note's order. What the answer is taken from, the first `answering`, stands
/// last, part by part, and before it the others, the worst first: what stands nearest to the question counts most.
fn together(shown: &[Shown], hits: &[Hit], answering: usize) -> Vec<Shown> {
    let note = |shown: &Shown| (&hits[shown.hit].source.root, &hits[shown.hit].source.path);
    let place = |one: &Shown| {
        let first = shown.iter().position(|other| note(other) == note(one)).unwrap_or(shown.len());
        if first < answering { shown.len() + first } else { shown.len() - first }
    };
    let start = |shown: &Shown| hits[shown.hit].source.passage.span.start;
    let mut places: Vec<(usize, u64, &Shown)> =
        shown.iter().map(|one| (place(one), start(one), one)).collect();
    places.sort_by_key(|(place, start, _)| (*place, *start));
    places.into_iter().map(|(_, _, one)| one.clone()).collect()
}

/// What stands above the text of a source: the title of its note and its headings, and the question, if the text doesn't
/// show them itself.
fn above(hit: &Hit) -> String {
    let passage = &hit.source.passage;
    let mut trail: Vec<&str> = hit.source.title.iter().map(String::as_str).collect();
    trail.extend(passage.heading.iter().map(String::as_str));
    trail.dedup();
    let mut above = trail.join(" › ");
    if let Some(question) = passage.question.as_deref().filter(|question| !passage.text.contains(*question)) {
        if !above.is_empty() {
            above.push('\n');
        }
        above.push_str(question);
    }
    above
}

/// The part of a passage (in bytes of its text) that has at most so many tokens: all of it, or whole blocks around what
/// answers best. `None` if there is no room for any.
fn fitting(passage: &Passage, best: &Range<usize>, most: u32) -> Option<Range<usize>> {
    let text = &passage.text;
    if estimate(text) <= most {
        return Some(0..text.len());
    }
    if most < LEAST_TOKENS {
        return None;
    }
    let blocks: Vec<&Range<usize>> = passage.blocks.iter().map(|block| &block.range).collect();
    let first = blocks.iter().position(|block| block.end > best.start)?;
    let fits = |range: &Range<usize>| text.get(range.clone()).is_some_and(|part| estimate(part) <= most);
    let mut range = blocks[first].clone();
    if !fits(&range) {
        return None;
    }
    let (mut before, mut behind) = (first, first + 1);
    loop {
        let longer = blocks.get(behind).map(|block| range.start..block.end).filter(&fits);
        if let Some(longer) = longer {
            (range, behind) = (longer, behind + 1);
            continue;
        }
        let longer = before.checked_sub(1).map(|at| blocks[at].start..range.end).filter(&fits);
        let Some(longer) = longer else { break };
        (range, before) = (longer, before - 1);
    }
    Some(range)
}

/// A part of a passage as a reader sees it: without what is hidden.
fn text_of(passage: &Passage, range: Range<usize>) -> String {
    let shown = passage.shown();
    let part = shown.get(range).unwrap_or_default();
    let mut lines: Vec<&str> = part.lines().map(str::trim_end).collect();
    lines.dedup_by(|next, before| next.is_empty() && before.is_empty());
    lines.join("\n").trim().to_owned()
}

/// How many tokens a text has at most, as a rule: models make a token of three or four bytes.
pub(super) fn estimate(text: &str) -> u32 {
    u32::try_from(text.len() / 3 + 1).unwrap_or(u32::MAX)
}
