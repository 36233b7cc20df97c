//! What is the answer? The part of a passage that a reader would copy.
//!
//! The answer of a question-and-answer unit is its answer. Any other passage is taken apart into sentences, list items,
//! code and tables (`answer/atoms.rs`); what announces something is one with what it announces. What answers best is
//! told by vectors, words and form (`answer/score.rs`): where something is to be done, code and steps; where all of
//! several things are asked for, lists; else one to three sentences. Code, tables and lists stay whole up to
//! [`WHOLE_CHARS`]; what is longer is cut at an edge (`answer/cut.rs`).
//! Each piece of an answer is a contiguous part of the passage, character for character, so that a citation of it can
//! be checked.

mod matches;
mod form;
mod silent;
mod atoms;
mod score;
mod cut;
mod select;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::document::{BlockKind, Passage, trim};
use crate::hit::{Answer, AnswerPart, Evidence, Hit};
use crate::words::{Language, fold, in_word, lowered, stem_in, symbols, words_in};
use atoms::{Atom, AtomKind, atoms};
use cut::beginning;
use form::{Form, Wanted};
pub use matches::matches;
use score::Scores;
use select::{Choice, Selector};
pub use silent::says_something;

/// How many sentences an answer in prose has at most.
pub const ANSWER_SENTENCES: usize = 3;
/// How many characters such an answer has at most, unless a sentence alone has more.
pub const ANSWER_CHARS: usize = 400;
/// The same for the part of a source that is shown in a list.
pub const EXCERPT_CHARS: usize = 600;
/// How many characters of code, of a table, of a list with what announces it, or of an answer in the note's own words
/// are shown at most.
pub const WHOLE_CHARS: usize = 1200;
/// How many characters what is to be done has at most with the text around it; less is shown whole.
const SHORT_CHARS: usize = 800;
/// How many characters pieces of code with text between them have at most where nothing says that they are steps.
const STEPS_CHARS: usize = 800;
/// What stands in an answer where the passage says more: between sentences, and between blocks.
const GAP: &str = " … ";
const BLOCK_GAP: &str = "\n … \n";

/// The words of a question that tell what it is about, and what kind of thing it asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// The language whose endings come off.
    language: Language,
    words: Vec<String>,
    wanted: Option<Wanted>,
    form: Form,
}

impl Terms {
    /// Takes the terms from a question: stemmed, each once, without stop words unless there is nothing else. Symbols count
    /// if there are no words at all.
    pub fn of(question: &str) -> Self {
        Self::in_language(Language::English, question)
    }

    /// The same for a question in a language, whose words in the answer may have other endings.
    pub fn in_language(language: Language, question: &str) -> Self {
        // A question longer than this is a text; what it is about stands at its beginning.
        const MOST: usize = 64;
        let mut seen = HashSet::new();
        let written = || words(question).take(8 * MOST);
        let words: Vec<String> = written().map(fold).collect();
        let (wanted, form) = (Wanted::by(&words), Form::by(&words));
        let others = written().zip(&words).filter(|(_, word)| !language.is_stop_word(word));
        let mut terms: Vec<String> =
            others.map(|(written, word)| stem(language, written, word).into_owned()).collect();
        if terms.is_empty() {
            let symbols = symbols(question, true, true).into_iter();
            terms = symbols.map(|symbol| question[symbol].to_owned()).collect();
        }
        if terms.is_empty() {
            terms = words;
        }
        terms.retain(|term| seen.insert(term.clone()));
        terms.truncate(MOST);
        Self { language, words: terms, wanted, form }
    }

    /// The language that the question is in.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The number of the term that a word is a form of.
    fn position(&self, written: &str) -> Option<usize> {
        let word = fold(written);
        let stem = stem(self.language, written, &word);
        self.words.iter().position(|term| *term == word || **term == *stem)
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }
}

/// The answer that a hit gives. Where its parts stand in the file isn't known here: they have the span of the passage.
pub fn answer(hit: &Hit, terms: &Terms) -> Answer {
    let passage = &hit.source.passage;
    let Choice { pieces, goes_on } = chosen(passage, &hit.evidence, terms);
    let part = |range: Range<usize>| {
        let (text, lines) = (passage.text[range.clone()].to_owned(), passage.lines_of(&range));
        AnswerPart { citation: hit.rank, text, range, lines, span: passage.span }
    };
    let parts: Vec<AnswerPart> = pieces.into_iter().map(part).collect();
    let text = joined(passage, &parts);
    Answer { text, parts, citations: vec![hit.rank], partial: goes_on }
}

/// The text of an answer's parts, with marks where something is left out. Blocks begin on lines of their own.
fn joined(passage: &Passage, parts: &[AnswerPart]) -> String {
    let mut text = String::new();
    for (at, part) in parts.iter().enumerate() {
        if let Some(before) = at.checked_sub(1).map(|before| &parts[before]) {
            let block = |at: usize| passage.blocks.partition_point(|block| block.range.end <= at);
            let (last, next) = (block(before.range.end - 1), block(part.range.start));
            let is_text = |at: usize| {
                passage.blocks.get(at).is_none_or(|block| {
                    matches!(block.kind, BlockKind::Paragraph | BlockKind::Hidden | BlockKind::Data)
                })
            };
            text.push_str(if is_text(last) && is_text(next) { GAP } else { BLOCK_GAP });
        }
        text.push_str(&part.text);
    }
    text
}

/// The pieces of a passage (in bytes of its text) that answer a question, in their order.
fn chosen(passage: &Passage, evidence: &Evidence, terms: &Terms) -> Choice {
    let text = &passage.text;
    let within = trim(text, &content(passage));
    let atoms = atoms(text, &passage.blocks, &within);
    let size = chars(text, &within);
    let is_unit = passage.question.is_some();
    let is_block = |atom: &Atom| atom.is_block() || atom.list > 0;
    let whole = match terms.form {
        _ if is_unit => WHOLE_CHARS,
        Form::Steps | Form::Open | Form::All if atoms.iter().any(is_block) => SHORT_CHARS,
        _ => ANSWER_CHARS,
    };
    let choice = if size <= whole {
        // What the end promises isn't there.
        let promises = atoms.last().filter(|last| atoms.len() > 1 && last.promises(text));
        let end = promises.map_or(within.end, |last| last.range.start);
        let pieces = std::iter::once(within.start..end).collect();
        Choice { pieces, goes_on: promises.is_some() }
    } else {
        let scores = Scores::of(passage, &atoms, evidence, terms);
        let selector = Selector::new(text, &atoms, &scores);
        let choice = if is_unit { selector.unit() } else { selector.answer() };
        choice.unwrap_or_default()
    };
    let said = speaking(&atoms, is_unit);
    let mut pieces: Vec<Range<usize>> =
        choice.pieces.into_iter().flat_map(|piece| shown(passage, &said, piece)).collect();
    // A citation needs something to point at.
    if pieces.is_empty() {
        pieces.push(beginning(text, &within, WHOLE_CHARS));
    }
    Choice { pieces, ..choice }
}

/// What isn't shown of atoms: what says nothing, unless it is announced; and a question that the rest answers.
fn speaking(atoms: &[Atom], keep_question: bool) -> Vec<Range<usize>> {
    let promised = |at: usize| at > 0 && atoms[at - 1].tied;
    let silent = |&at: &usize| atoms[at].kind == AtomKind::Silent && !promised(at);
    let asks = |&at: &usize| atoms[at].kind == AtomKind::Question;
    let first = atoms.iter().position(|atom| atom.kind != AtomKind::Silent);
    let question = first.filter(asks).filter(|_| !keep_question);
    (0..atoms.len()).filter(silent).chain(question).map(|at| atoms[at].range.clone()).collect()
}

/// The parts of a piece of a passage that are shown, without what is hidden or says nothing between them.
fn shown(passage: &Passage, silent: &[Range<usize>], range: Range<usize>) -> Vec<Range<usize>> {
    let hidden =
        passage.blocks.iter().filter(|block| block.kind == BlockKind::Hidden).map(|block| &block.range);
    let mut left_out: Vec<Range<usize>> = hidden
        .chain(silent)
        .map(|hidden| hidden.start.max(range.start)..hidden.end.min(range.end))
        .filter(|hidden| hidden.start < hidden.end)
        .collect();
    left_out.sort_unstable_by_key(|hidden| hidden.start);
    let (mut parts, mut at) = (Vec::new(), range.start);
    // The mark of a quote that has nothing else on its line belongs to what is left out.
    let before = |range: Range<usize>| {
        let text = passage.text[range.clone()].trim_end();
        let line = text.rfind('\n').map_or(0, |line| line + 1);
        let is_mark = !text.is_empty() && text[line..].chars().all(|c| c == '>' || c.is_whitespace());
        trim(&passage.text, &(range.start..range.start + if is_mark { line } else { text.len() }))
    };
    for hidden in left_out {
        parts.push(before(at..hidden.start.max(at)));
        at = at.max(hidden.end);
    }
    parts.push(trim(&passage.text, &(at..range.end.max(at))));
    parts.retain(|part| passage.text[part.clone()].contains(|c: char| !c.is_whitespace() && c != '>'));
    parts
}

/// The part of a passage (in bytes of its text) that a list of sources shows for a question: what answers best, and
/// what stands around it.
pub fn excerpt(passage: &Passage, evidence: &Evidence, terms: &Terms) -> Range<usize> {
    let text = &passage.text;
    let within = trim(text, &content(passage));
    if chars(text, &within) <= EXCERPT_CHARS {
        return within;
    }
    let atoms = atoms(text, &passage.blocks, &within);
    let scores = Scores::of(passage, &atoms, evidence, terms);
    Selector::new(text, &atoms, &scores)
        .excerpt(EXCERPT_CHARS)
        .unwrap_or_else(|| beginning(text, &within, EXCERPT_CHARS))
}

/// How many characters a part of a text has.
fn chars(text: &str, range: &Range<usize>) -> usize {
    text[range.clone()].chars().count()
}

/// The characters of pieces when they are joined.
fn length(text: &str, pieces: &[Range<usize>]) -> usize {
    let gaps = GAP.chars().count() * pieces.len().saturating_sub(1);
    gaps + pieces.iter().map(|piece| chars(text, piece)).sum::<usize>()
}

/// The part of the text that isn't its own heading or question.
fn content(passage: &Passage) -> Range<usize> {
    let range = passage.content.start as usize..passage.content.end as usize;
    match passage.text.get(range.clone()) {
        Some(text) if !text.trim().is_empty() => range,
        _ => 0..passage.text.len(),
    }
}

fn terms_in(text: &str, terms: &Terms) -> HashSet<usize> {
    let index: HashMap<&str, usize> =
        terms.words.iter().enumerate().map(|(at, term)| (term.as_str(), at)).collect();
    let of = |word: &str| index.get(&*stem(terms.language, word, &fold(word))).copied();
    words(text).filter_map(of).collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    words_in(text).map(|range| &text[range])
}

/// Takes the endings of a language off a word, and where it isn't one of its words, the commonest of English; both sides of
/// a comparison go through it. `word` is the word folded.
fn stem<'a>(language: Language, written: &str, word: &'a str) -> Cow<'a, str> {
    if language != Language::English
        && let Some(stem) = stem_in(language, &lowered(language, written))
    {
        return Cow::Owned(stem);
    }
    for ending in ["ings", "ing", "ies", "ed", "es", "s", "e", "y"] {
        if let Some(rest) = word.strip_suffix(ending)
            && rest.chars().count() >= 3
        {
            return Cow::Borrowed(rest);
        }
    }
    Cow::Borrowed(word)
}

#[cfg(test)]
#[path = "answer/tests.rs"]
mod tests;

#[cfg(test)]
#[path = "answer/clause_tests.rs"]
mod clause_tests;
