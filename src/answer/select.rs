//! Which snippets of a passage answer a question.

use std::collections::HashSet;
use std::ops::Range;

use super::snippets::{Size, Snippet, SnippetKind};
use super::{ANSWER_CHARS, ANSWER_SENTENCES, Terms, Wanted, stem, terms_in, words};
use crate::document::Passage;
use crate::hit::Evidence;

/// What a sentence's vector by itself counts for, against the rest for the sentence below its headings.
const ALONE: f32 = 0.5;
/// What having all of the question's words counts for, in units of a cosine.
const WORDS: f32 = 0.25;
/// What having the kind of thing that is asked for does.
const WANTED: f32 = 0.1;
/// The penalty of a sentence that is longer than an answer should be.
const LONG: f32 = 0.15;
/// The penalty of the last snippet of a passage against the first.
const LATE: f32 = 0.02;
/// What standing beside what is shown already counts for: what is read in one go is understood.
const NEAR: f32 = 0.05;
/// What is this much worse than the best isn't added to it.
const WORSE: f32 = 0.35;

/// What each snippet has to do with a question, snippet by snippet; the more the better.
pub(super) struct Scores(Vec<f32>);

impl Scores {
    pub(super) fn of(passage: &Passage, snippets: &[Snippet], evidence: &Evidence, terms: &Terms) -> Self {
        let text = |snippet: &Snippet| &passage.text[snippet.range.clone()];
        let held: Vec<HashSet<usize>> =
            snippets.iter().map(|snippet| terms_in(text(snippet), terms)).collect();
        let weights = weights(&held, terms.words.len());
        let is_known = evidence.sentences.len() == passage.sentences.len();
        let score = |(at, snippet): (usize, &Snippet)| {
            let cosine = if is_known { cosine(passage, evidence, &snippet.range) } else { 0.0 };
            // In the order of the terms: sums of floats depend on it.
            let covered: f32 =
                (0..weights.len()).filter(|term| held[at].contains(term)).map(|term| weights[term]).sum();
            let wanted = if has(text(snippet), terms) { WANTED } else { 0.0 };
            let long = if is_long(snippet, text(snippet)) { LONG } else { 0.0 };
            cosine + WORDS * covered + wanted - long - LATE * at as f32 / snippets.len() as f32
        };
        Self(snippets.iter().enumerate().map(score).collect())
    }

    /// The snippet that answers best, if one can; the first of equals.
    pub(super) fn best(&self, snippets: &[Snippet]) -> Option<usize> {
        let able = (0..snippets.len()).rev().filter(|&at| snippets[at].kind != SnippetKind::Heading);
        able.max_by(|&a, &b| self.0[a].total_cmp(&self.0[b]))
    }
}

/// Whether a sentence, or what can't be told from several, is more than an answer should be.
fn is_long(snippet: &Snippet, text: &str) -> bool {
    let over = snippet.sentences > ANSWER_SENTENCES || text.chars().count() > ANSWER_CHARS;
    over && snippet.kind == SnippetKind::Sentence
}

/// The cosine of a part of a passage: the greatest of the sentences that it has something of.
fn cosine(passage: &Passage, evidence: &Evidence, part: &Range<usize>) -> f32 {
    let shared = |range: &Range<u32>| (range.start as usize) < part.end && part.start < range.end as usize;
    let known = passage.sentences.iter().zip(&evidence.sentences).filter(|(range, _)| shared(range));
    let cosines = known.map(|(_, known)| ALONE * known.alone + (1.0 - ALONE) * known.in_context);
    cosines.max_by(f32::total_cmp).unwrap_or(0.0)
}

/// A term that stands in few snippets tells them apart better than one that stands in most.
fn weights(held: &[HashSet<usize>], terms: usize) -> Vec<f32> {
    let mut counts = vec![0_u32; terms];
    for term in held.iter().flatten() {
        counts[*term] += 1;
    }
    let weights: Vec<f32> = counts.into_iter().map(|count| 1.0 / (1.0 + count as f32).sqrt()).collect();
    let all: f32 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / all.max(f32::MIN_POSITIVE)).collect()
}

/// Whether a text has what the question asks for, and the question hasn't: a name, or a number.
fn has(text: &str, terms: &Terms) -> bool {
    let is_new = |word: &&str| {
        let lower = word.to_lowercase();
        !terms.words.iter().any(|term| *term == lower || term == stem(&lower))
    };
    match terms.wanted {
        None => false,
        // The first word is written so in any case.
        Some(Wanted::Name) => words(text)
            .skip(1)
            .filter(|word| word.starts_with(char::is_uppercase) && word.chars().nth(1).is_some())
            .any(|word| is_new(&word)),
        Some(Wanted::Number) => {
            words(text).filter(|word| word.contains(char::is_numeric)).any(|word| is_new(&word))
        }
    }
}

/// The places of the snippets that answer, in their order, of which the best is `best`; joined as [`pieces`] they have at
/// most so many sentences and characters, unless the best alone has more.
pub(super) fn select(
    text: &str,
    snippets: &[Snippet],
    scores: &Scores,
    best: usize,
    most: Size,
) -> Vec<usize> {
    let mut chosen = vec![best];
    if snippets[best].kind != SnippetKind::Sentence {
        return chosen;
    }
    let with = |chosen: &[usize], at: usize| {
        let mut with: Vec<usize> = chosen.iter().copied().chain([at]).collect();
        with.sort_unstable();
        with
    };
    let fits = |chosen: &[usize]| {
        let count: usize = chosen.iter().map(|&at| snippets[at].sentences).sum();
        count <= most.sentences && length(text, &pieces(snippets, chosen)) <= most.chars
    };
    loop {
        let near = |at: usize| chosen.iter().any(|other| other.abs_diff(at) == 1);
        let score = |at: usize| scores.0[at] + if near(at) { NEAR } else { 0.0 };
        let able = |at: &usize| snippets[*at].kind == SnippetKind::Sentence && !chosen.contains(at);
        let close = |at: &usize| score(*at) >= scores.0[best] - WORSE;
        let next =
            (0..snippets.len()).rev().filter(able).filter(close).filter(|&at| fits(&with(&chosen, at)));
        match next.max_by(|&a, &b| score(a).total_cmp(&score(b))) {
            Some(next) => chosen = with(&chosen, next),
            None => return chosen,
        }
    }
}

/// Adds to a snippet the neighbours that fit, the better one first; the run of snippets ends at headings.
pub(super) fn run(
    text: &str,
    snippets: &[Snippet],
    scores: &Scores,
    best: usize,
    chars: usize,
) -> Range<usize> {
    let (mut first, mut last) = (best, best);
    loop {
        let range = |first: usize, last: usize| snippets[first].range.start..snippets[last].range.end;
        let fits = |first: usize, last: usize| text[range(first, last)].chars().count() <= chars;
        let is_open =
            |at: &usize| snippets.get(*at).is_some_and(|snippet| snippet.kind != SnippetKind::Heading);
        let before = first.checked_sub(1).filter(is_open).filter(|&before| fits(before, last));
        let after = Some(last + 1).filter(is_open).filter(|&after| fits(first, after));
        match (before, after) {
            (Some(before), after) if after.is_none_or(|after| scores.0[before] > scores.0[after]) => {
                first = before;
            }
            (_, Some(after)) => last = after,
            (_, None) => return range(first, last),
        }
    }
}

/// The contiguous pieces that snippets make, in bytes of the text.
pub(super) fn pieces(snippets: &[Snippet], chosen: &[usize]) -> Vec<Range<usize>> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    for (place, &at) in chosen.iter().enumerate() {
        let range = &snippets[at].range;
        match pieces.last_mut() {
            Some(last) if place > 0 && chosen[place - 1] + 1 == at => last.end = range.end,
            _ => pieces.push(range.clone()),
        }
    }
    pieces
}

/// The characters of pieces when they are joined.
fn length(text: &str, pieces: &[Range<usize>]) -> usize {
    let gaps = super::GAP.chars().count() * pieces.len().saturating_sub(1);
    gaps + pieces.iter().map(|piece| text[piece.clone()].chars().count()).sum::<usize>()
}
