//! How well does a part of a passage answer a question?

use std::collections::HashSet;
use std::ops::Range;

use super::atoms::{Atom, AtomKind};
use super::form::{Form, Wanted};
use super::silent::is_link;
use super::{ANSWER_CHARS, ANSWER_SENTENCES, Terms, chars, stem, terms_in, words};
use crate::document::Passage;
use crate::hit::Evidence;
use crate::word_vector::WordMatches;

/// What a sentence's vector by itself counts for, against the rest for the sentence below its headings.
const ALONE: f32 = 0.5;
/// What words that are like all of the question's count for, in units of a cosine.
const MATCHED: f32 = 0.25;
/// What having all of the question's words counts for, in units of a cosine.
const WORDS: f32 = 0.25;
/// What the words of the heading above count for, against those of the part itself.
const ABOVE: f32 = 0.5;
/// What having the kind of thing that is asked for does.
const WANTED: f32 = 0.1;
/// The penalty of a sentence that is longer than an answer should be.
const LONG: f32 = 0.15;
/// The penalty of the last part of a passage against the first.
const LATE: f32 = 0.02;
/// What code counts for where something is to be done, and where it may be.
const CODE: (f32, f32) = (0.3, 0.15);
/// What steps count for where something is to be done, and where it may be.
const STEPS: (f32, f32) = (0.2, 0.05);
/// What code in a line counts for where something is to be done.
const INLINE: f32 = 0.08;
/// What a list or a table counts for where all of several things are asked for.
const SEVERAL: f32 = 0.15;
/// What code counts for where prose is asked for and there is none with it.
const BARE: f32 = -0.1;
/// What a link alone counts for.
const LINK: f32 = -0.3;

/// What speaks for a part of a passage, in units of a cosine.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Parts {
    /// The likeness in meaning of the sentence that is most like the question.
    pub(super) likeness: f32,
    /// How well each of the question's words is matched by one of its words.
    pub(super) matched: f32,
    /// The question's words that it has, those that tell it from other parts first.
    pub(super) words: f32,
    /// The question's words that only the heading above it has.
    pub(super) above: f32,
    /// Whether it has the kind of thing that is asked for.
    pub(super) wanted: f32,
    /// Whether it has the form that is asked for.
    pub(super) form: f32,
    /// Whether it is longer than an answer should be.
    pub(super) long: f32,
    /// How late it comes: what comes first says what comes after it.
    pub(super) late: f32,
}

impl Parts {
    /// The sum of the parts.
    pub(super) fn sum(&self) -> f32 {
        self.likeness
            + self.matched
            + self.words
            + self.above
            + self.wanted
            + self.form
            + self.long
            + self.late
    }
}

/// All that is known of the atoms of a passage and a question.
pub(super) struct Scores<'a> {
    text: &'a str,
    /// The question of the passage's unit; empty if it belongs to none.
    question: &'a str,
    atoms: &'a [Atom],
    terms: &'a Terms,
    /// The likeness of each atom.
    likeness: Vec<f32>,
    /// The cosines of words.
    matches: &'a WordMatches,
    /// The numbers of the terms that each atom has.
    held: Vec<HashSet<usize>>,
    /// What each term counts for; together 1.
    weights: Vec<f32>,
    /// For each atom, the heading above it or the question right before it.
    above: Vec<Option<usize>>,
}

impl<'a> Scores<'a> {
    pub(super) fn of(
        passage: &'a Passage,
        atoms: &'a [Atom],
        evidence: &'a Evidence,
        terms: &'a Terms,
    ) -> Self {
        let text = passage.text.as_str();
        let held: Vec<HashSet<usize>> =
            atoms.iter().map(|atom| terms_in(&text[atom.range.clone()], terms)).collect();
        let weights = weights(&held, terms.words.len());
        let likeness = likeness(passage, evidence, atoms);
        let mut heading = None;
        let above = atoms.iter().enumerate().map(|(at, atom)| {
            let before = heading;
            heading =
                if matches!(atom.kind, AtomKind::Heading | AtomKind::Question) { Some(at) } else { heading };
            before
        });
        let above = above.collect();
        let question = passage.question.as_deref().unwrap_or_default();
        let matches = &evidence.words;
        Self { text, question, atoms, terms, likeness, matches, held, weights, above }
    }

    /// The form that the question asks for.
    pub(super) fn form(&self) -> Form {
        self.terms.form
    }

    /// What speaks for a run of atoms.
    pub(super) fn parts(&self, run: &Range<usize>) -> Parts {
        let atoms = &self.atoms[run.clone()];
        let range = atoms[0].range.start..atoms[atoms.len() - 1].range.end;
        let text = &self.text[range.clone()];
        // The answer to a question is as near as the question.
        let asked = run.start.checked_sub(1).filter(|&at| self.atoms[at].kind == AtomKind::Question);
        let likeness = run.clone().chain(asked).map(|at| self.likeness[at]).max_by(f32::total_cmp);
        let has = |term: usize| run.clone().chain(asked).any(|at| self.held[at].contains(&term));
        let heading = self.above[run.start];
        let above = |term: usize| !has(term) && heading.is_some_and(|at| self.held[at].contains(&term));
        let sentences = atoms.iter().filter(|atom| atom.is_text()).count();
        let over = sentences > ANSWER_SENTENCES || chars(self.text, &range) > ANSWER_CHARS;
        let is_text = atoms.iter().all(|atom| !atom.is_block() && atom.list == 0);
        Parts {
            likeness: likeness.unwrap_or(0.0),
            matched: MATCHED * self.matches.interaction_in(self.matches.words_in(&range)),
            words: WORDS * self.covered(has),
            above: ABOVE * WORDS * self.covered(above),
            wanted: if has_wanted(text, self.terms) { WANTED } else { 0.0 },
            form: self.form_of(atoms, text),
            long: if over && is_text { -LONG } else { 0.0 },
            late: -LATE * run.start as f32 / self.atoms.len() as f32,
        }
    }

    /// Whether the question of the unit that the passage belongs to has most of the question's words.
    pub(super) fn is_asked(&self) -> bool {
        let asked = terms_in(self.question, self.terms);
        3 * asked.len() >= 2 * self.terms.words.len()
    }

    /// Whether an atom has terms of the question that others haven't.
    pub(super) fn has_more(&self, at: usize, others: &[usize]) -> bool {
        self.held[at].iter().any(|term| !others.iter().any(|&other| self.held[other].contains(term)))
    }

    /// What the question's terms that a text has count for.
    pub(super) fn covered_by(&self, text: &str) -> f32 {
        let held = terms_in(text, self.terms);
        self.covered(|term| held.contains(&term))
    }

    fn covered(&self, has: impl Fn(usize) -> bool) -> f32 {
        // In the order of the terms: sums of floats depend on it.
        (0..self.weights.len()).filter(|&term| has(term)).map(|term| self.weights[term]).sum()
    }

    fn form_of(&self, atoms: &[Atom], text: &str) -> f32 {
        let has = |kind| atoms.iter().any(|atom| atom.kind == kind);
        let (code, table) = (has(AtomKind::Code), has(AtomKind::Table));
        let items = atoms.iter().filter(|atom| atom.kind == AtomKind::Item).count();
        let form = match self.form() {
            Form::Steps if code => CODE.0,
            Form::Steps if items > 1 && is_ordered(text) => STEPS.0,
            Form::Steps if items > 1 => STEPS.0 / 2.0,
            Form::Steps if text.contains('`') => INLINE,
            Form::Open if code => CODE.1,
            Form::Open if items > 1 => STEPS.1,
            Form::All if items > 1 || table => SEVERAL,
            Form::Prose | Form::All if code && !atoms.iter().any(Atom::is_text) => BARE,
            _ => 0.0,
        };
        let is_link = items == 1 && is_link(text);
        form + if is_link { LINK } else { 0.0 }
    }
}

/// Whether a text has lines that begin with numbers.
fn is_ordered(text: &str) -> bool {
    text.lines().any(|line| line.trim_start_matches([' ', '>']).starts_with(|c: char| c.is_ascii_digit()))
}

/// The likeness of each atom. What has no vector is as like as the least of those that have one.
fn likeness(passage: &Passage, evidence: &Evidence, atoms: &[Atom]) -> Vec<f32> {
    if evidence.sentences.len() != passage.sentences.len() {
        return vec![0.0; atoms.len()];
    }
    let cosines: Vec<f32> = evidence
        .sentences
        .iter()
        .map(|known| ALONE * known.alone + (1.0 - ALONE) * known.in_context)
        .collect();
    let least = cosines.iter().copied().min_by(f32::total_cmp).unwrap_or(0.0);
    let of = |atom: &Atom| {
        let shared = |range: &Range<u32>| {
            (range.start as usize) < atom.range.end && atom.range.start < range.end as usize
        };
        let known = passage.sentences.iter().zip(&cosines).filter(|(range, _)| shared(range));
        known.map(|(_, &cosine)| cosine).max_by(f32::total_cmp).unwrap_or(least)
    };
    atoms.iter().map(of).collect()
}

/// A term that stands in few atoms tells them apart better than one that stands in most.
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
fn has_wanted(text: &str, terms: &Terms) -> bool {
    let is_new = |word: &&str| {
        let lower = word.to_lowercase();
        let stem = stem(terms.language, &lower, &lower);
        !terms.words.iter().any(|term| *term == lower || **term == *stem)
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
