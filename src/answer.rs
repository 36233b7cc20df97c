//! What is the answer? The part of a passage that a reader wants to see.
//!
//! The answer of a question-and-answer unit is its answer. Of any other passage it is the run of sentences
//! that holds most of the question's terms. Either way it is a contiguous part of the passage, character for
//! character, so that a citation of it can be checked.

mod matches;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::document::{Passage, trim};
use crate::hit::{Answer, Hit};
use crate::sentence;
use crate::words::is_stop_word;
pub use matches::matches;

/// How many sentences an answer has at most when it isn't the answer of a question-and-answer unit.
const ANSWER_SENTENCES: usize = 3;
/// How many bytes of them are shown at most, unless one sentence alone is longer.
const ANSWER_BYTES: usize = 600;
/// The same for the part of a source that is shown in a list.
const EXCERPT_SENTENCES: usize = 4;
const EXCERPT_BYTES: usize = 320;

/// The words of a question that tell what it is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms(Vec<String>);

impl Terms {
    /// Takes the terms from a question: stemmed, each once, without stop words unless there is nothing else.
    pub fn of(question: &str) -> Self {
        // A question longer than this is a text; what it is about stands at its beginning.
        const MOST: usize = 64;
        let mut seen = HashSet::new();
        let words: Vec<String> = words(question).map(str::to_lowercase).take(8 * MOST).collect();
        let telling = words.iter().filter(|word| !is_stop_word(word));
        let mut terms: Vec<String> = telling.map(|word| stem(word).to_owned()).collect();
        if terms.is_empty() {
            terms = words;
        }
        terms.retain(|term| seen.insert(term.clone()));
        terms.truncate(MOST);
        Self(terms)
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The answer that a hit gives.
pub fn answer(hit: &Hit, terms: &Terms) -> Answer {
    let passage = &hit.source.passage;
    let range = if passage.question.is_some() {
        trim(&passage.text, &content(passage))
    } else {
        best_run(&passage.text, content(passage), terms, ANSWER_SENTENCES, ANSWER_BYTES)
    };
    Answer { text: passage.text[range].to_owned(), citations: vec![hit.rank], partial: false }
}

/// The part of a passage (in bytes of its text) that a list of sources shows for a question.
pub fn excerpt(passage: &Passage, terms: &Terms) -> Range<usize> {
    best_run(&passage.text, content(passage), terms, EXCERPT_SENTENCES, EXCERPT_BYTES)
}

/// Whether a passage says anything by itself: more than images, embedded notes, tags and a word or two. The
/// answer to a question may be as short as it likes.
pub fn says_something(passage: &Passage) -> bool {
    const FEWEST: usize = 3;
    let least = if passage.question.is_some() { 1 } else { FEWEST };
    let text = without_markup(&passage.text[content(passage)]);
    words(&text).filter(|word| word.chars().any(char::is_alphabetic)).nth(least - 1).is_some()
}

/// The text without what only points elsewhere: `![[note]]`, `![image](file)`, `<tag>`, `{{template}}`.
fn without_markup(text: &str) -> String {
    const PAIRS: [(&str, &str); 4] = [("![[", "]]"), ("![", ")"), ("{{", "}}"), ("<", ">")];
    // No markup is longer; a bracket that isn't closed within this is a bracket.
    const LONGEST: usize = 1000;
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['!', '{', '<']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let near = rest.char_indices().nth(LONGEST).map_or(rest, |(end, _)| &rest[..end]);
        let closed = PAIRS.iter().find_map(|(open, close)| {
            let inside = near.strip_prefix(open)?;
            let is_tag = *open != "<" || inside.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
            inside.find(close).filter(|_| is_tag).map(|end| open.len() + end + close.len())
        });
        let skipped = closed.unwrap_or(1);
        out.push(' ');
        rest = &rest[skipped..];
    }
    out + rest
}

/// The part of the text that isn't its own heading or question.
fn content(passage: &Passage) -> Range<usize> {
    let range = passage.content.start as usize..passage.content.end as usize;
    match passage.text.get(range.clone()) {
        Some(text) if !text.trim().is_empty() => range,
        _ => 0..passage.text.len(),
    }
}

/// The run of consecutive sentences that holds the most of the terms; the first and shortest of equals.
fn best_run(text: &str, within: Range<usize>, terms: &Terms, sentences: usize, bytes: usize) -> Range<usize> {
    let within = trim(text, &within);
    if within.len() <= bytes {
        return within;
    }
    let units = sentence::sentences(text, within.clone());
    let held: Vec<HashSet<usize>> = units.iter().map(|unit| terms_in(&text[unit.clone()], terms)).collect();
    let weights = weights(&held, terms.0.len());
    let mut best: Option<(f32, usize, Range<usize>)> = None;
    for first in 0..units.len() {
        let mut together = HashSet::new();
        for last in first..units.len().min(first + sentences) {
            let run = units[first].start..units[last].end;
            if last > first && (run.len() > bytes || is_heading(text, &units[last])) {
                break;
            }
            together.extend(held[last].iter().copied());
            let score: f32 = sorted(&together).into_iter().map(|term| weights[term]).sum();
            // A sentence more must bring a term more.
            let count = last + 1 - first;
            let better = best.as_ref().is_none_or(|(most, fewest, _)| {
                score > most + 1e-6 || (score > most - 1e-6 && count < *fewest)
            });
            if better {
                best = Some((score, count, run));
            }
        }
    }
    match best {
        Some((score, _, run)) if score > 0.0 => fill(text, &units, run, sentences, bytes),
        _ => units.first().map_or(within, |first| fill(text, &units, first.clone(), sentences, bytes)),
    }
}

/// Adds the sentences that follow a run, up to the next heading, while there is room for them.
fn fill(
    text: &str,
    units: &[Range<usize>],
    mut run: Range<usize>,
    sentences: usize,
    bytes: usize,
) -> Range<usize> {
    let count = units.iter().filter(|unit| unit.start >= run.start && unit.end <= run.end).count();
    let end = run.end;
    let later = units.iter().skip_while(|unit| unit.start < end);
    for (unit, more) in later.zip(count..) {
        // What announces something isn't an answer without it.
        let announced = text[run.clone()].trim_end_matches(['*', '_']).ends_with(':');
        let (sentences, bytes) = if announced { (sentences + 1, 3 * bytes) } else { (sentences, bytes) };
        if more >= sentences || unit.end - run.start > bytes || is_heading(text, unit) {
            break;
        }
        run.end = unit.end;
    }
    run
}

fn is_heading(text: &str, unit: &Range<usize>) -> bool {
    text[unit.clone()].starts_with('#')
}

/// A term that stands in few sentences tells them apart better than one that stands in most.
fn weights(held: &[HashSet<usize>], terms: usize) -> Vec<f32> {
    let mut counts = vec![0_u32; terms];
    for term in held.iter().flatten() {
        counts[*term] += 1;
    }
    counts.into_iter().map(|count| 1.0 / (1.0 + count as f32).sqrt()).collect()
}

fn sorted(set: &HashSet<usize>) -> Vec<usize> {
    let mut terms: Vec<usize> = set.iter().copied().collect();
    terms.sort_unstable();
    terms
}

fn terms_in(text: &str, terms: &Terms) -> HashSet<usize> {
    let index: HashMap<&str, usize> =
        terms.0.iter().enumerate().map(|(at, term)| (term.as_str(), at)).collect();
    words(text).filter_map(|word| index.get(stem(&word.to_lowercase())).copied()).collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| !is_part_of_word(c)).filter(|word| !word.is_empty())
}

fn is_part_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Takes the commonest English endings off; both sides of a comparison go through it.
fn stem(word: &str) -> &str {
    for ending in ["ings", "ing", "ies", "ed", "es", "s", "e", "y"] {
        if let Some(rest) = word.strip_suffix(ending)
            && rest.chars().count() >= 3
        {
            return rest;
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{ByteSpan, LineSpan};

    fn passage(text: &str, question: Option<&str>, content: Range<u32>) -> Passage {
        Passage {
            span: ByteSpan { start: 0, end: text.len() as u64 },
            lines: LineSpan { first: 1, last: 1 },
            heading: Vec::new(),
            question: question.map(str::to_owned),
            text: text.to_owned(),
            content,
            sentences: Vec::new(),
            context: String::new(),
        }
    }

    #[test]
    fn terms_are_what_the_question_is_about() {
        assert_eq!(Terms::of("What is the GIL?"), Terms(vec!["gil".into()]));
        assert_eq!(Terms::of("what is it"), Terms(vec!["what".into(), "is".into(), "it".into()]));
        assert_eq!(Terms::of("copies, copying"), Terms(vec!["cop".into(), "copy".into()]));
        assert!(Terms::of("?!").is_empty());
    }

    #[test]
    fn what_only_points_elsewhere_says_nothing() {
        let says = |text: &str| says_something(&passage(text, None, 0..text.len() as u32));
        for silent in
            ["![[Trips.base#Location]]", "<CourseFloatingBanner classNames=\"a b c d\" />", "{{a b c d}}"]
        {
            assert!(!says(silent), "{silent}");
        }
        for silent in ["![a picture of it](a/b/c.png) See:", "---\n* * *\n1, 2, 3, 4"] {
            assert!(!says(silent), "{silent}");
        }
        for something in ["Owls hunt at night.", "if a < b and c > d", "![[x y z", "a <b c d e"] {
            assert!(says(something), "{something}");
        }
        assert!(says_something(&passage("yes", Some("Does it?"), 0..3)));
    }

    #[test]
    fn what_announces_something_comes_with_it() {
        let filler = "Nothing to see in this sentence, which is here for its length alone. ".repeat(9);
        let text = format!("{filler}\n\n**Three owls:**\n\n- tawny\n- barn\n- snowy\n");
        let passage = passage(&text, None, 0..text.len() as u32);
        let run = best_run(&passage.text, content(&passage), &Terms::of("owls"), 1, 60);
        assert_eq!(&text[run], "**Three owls:**\n\n- tawny");
    }

    #[test]
    fn a_short_text_is_shown_whole() {
        let passage = passage("## A heading\nOne line. ", None, 13..23);
        assert_eq!(&passage.text[excerpt(&passage, &Terms::of("x"))], "One line.");
    }

    #[test]
    fn a_long_text_is_shown_where_it_matches() {
        let filler = "This sentence is about nothing in particular and goes on. ".repeat(10);
        let text = format!("{filler}\n- The lock protects reference counts. It is a mutex.\n{filler}");
        let passage = passage(&text, None, 0..text.len() as u32);
        let shown = &passage.text[excerpt(&passage, &Terms::of("which lock protects the counts"))];
        assert!(shown.starts_with("- The lock protects reference counts."), "{shown}");
        assert!(shown.len() <= EXCERPT_BYTES);
    }

    #[test]
    fn code_stays_whole_and_no_match_shows_the_beginning() {
        let text = format!("Intro text here.\n```\n{}\n```\nmore", "x = 1\n".repeat(200));
        let units = sentence::sentences(&text, 0..text.len());
        assert_eq!(units.len(), 3);
        let passage = passage(&text, None, 0..text.len() as u32);
        assert_eq!(&passage.text[excerpt(&passage, &Terms::of("zebra"))], "Intro text here.");
    }

    #[test]
    fn a_bad_content_range_falls_back_to_the_text() {
        let passage = passage("é", None, 1..9);
        assert_eq!(excerpt(&passage, &Terms::of("x")), 0..2);
    }
}
