//! What is a question about? The words that a pronoun of the next question means.

use std::ops::Range;

use super::phrase::{ASKING, AUXILIARIES, DETERMINERS, PREPOSITIONS, Word};

/// A topic has at most so many words.
const LONGEST: usize = 6;

/// Words that may stand behind the word that asks: `how many`, `how long`.
pub(super) const MEASURES: &[&str] =
    &["many", "much", "long", "often", "far", "come", "else", "old", "big", "fast"];
/// Whoever asks.
const ASKERS: &[&str] = &["i", "we", "you", "one", "to"];
/// Words that ask to be told about what follows.
const TELLING: &[&str] = &["explain", "describe", "define", "about", "compare", "summarize", "summarise"];

/// The words of a question's topic, by their numbers, if the question has a form that tells it:
///
/// | question | topic |
/// |---|---|
/// | `what is the GIL`, `where are my keys` | what stands behind the verb |
/// | `how does garbage collection work`, `when was the boiler serviced` | what stands before the last verb |
/// | `how do I rename a git branch` | what stands behind the verb |
/// | `tell me about owls`, `what did Anna say about the budget` | what stands behind `about` |
/// | `sourdough starter` | all of it |
pub(super) fn topic(words: &[Word]) -> Option<Range<usize>> {
    let found = behind_about(words).or_else(|| subject(words)).or_else(|| keywords(words))?;
    let trimmed = trimmed(words, found);
    let says = words[trimmed.clone()].iter().any(Word::tells);
    (says && trimmed.len() <= LONGEST).then_some(trimmed)
}

/// Without words at the end that aren't part of a name.
fn trimmed(words: &[Word], range: Range<usize>) -> Range<usize> {
    // What stands behind a comma is another clause.
    let end = range.clone().find(|&at| words[at].ends).map_or(range.end, |at| at + 1);
    let clause = ["and", "but", "when", "if", "because", "while", "that", "which", "who"];
    let end = (range.start..end)
        .find(|&at| words[at].is(&clause) && at > range.start && !joins(words, at, end))
        .unwrap_or(end);
    range.start..end
}

/// Whether an `and` joins two names: `lists and tuples`, and not two clauses.
fn joins(words: &[Word], at: usize, end: usize) -> bool {
    words[at].is(&["and"]) && words[at + 1..end].iter().all(|word| word.tells() || word.is(DETERMINERS))
}

/// What stands behind `about`, `explain` and the like, to the end.
fn behind_about(words: &[Word]) -> Option<Range<usize>> {
    let at = words.iter().rposition(|word| word.is(TELLING))?;
    (at + 1 < words.len()).then_some(at + 1..words.len())
}

/// The subject or the object of a question.
pub(super) fn subject(words: &[Word]) -> Option<Range<usize>> {
    let verb = verb(words)?;
    let from = verb + 1;
    let first = words.get(from)?;
    if first.is(ASKERS) {
        // `how do I rename a branch in git`: from the noun to the next preposition.
        let noun = from + 2 + usize::from(words.get(from + 2).is_some_and(|word| word.is(PREPOSITIONS)));
        let end =
            (noun..words.len()).find(|&at| words[at].is(PREPOSITIONS) && at > noun).unwrap_or(words.len());
        return (noun < end).then_some(noun..end);
    }
    let preposition = (from + 1..words.len()).find(|&at| words[at].is(PREPOSITIONS));
    let end = preposition.unwrap_or(words.len());
    let is = words[verb].is(&["is", "are"]);
    let names = words.first()?.is(&["what", "who", "where", "which"])
        && (is || words[verb].is(&["was", "were"]))
        || words.first()?.is(&["when"]) && is;
    if names {
        return Some(from..words.len().min(from + LONGEST)).filter(|range| range.end == words.len());
    }
    let names_one = words[from..end].iter().filter(|word| !word.is(DETERMINERS)).count() <= 1;
    if preposition.is_some() && names_one {
        // The verb stands behind: `why does the GIL in CPython exist`.
        return Some(from..end);
    }
    // The last word before the end or the preposition is a verb: `the boiler serviced`.
    let most = if words[from].is(DETERMINERS) { 3 } else { 2 };
    let range = from..end.checked_sub(1)?;
    (!range.is_empty() && range.len() <= most).then_some(range)
}

/// The place of the verb that the subject stands behind.
pub(super) fn verb(words: &[Word]) -> Option<usize> {
    let first = words.first()?;
    if first.is(AUXILIARIES) {
        return Some(0);
    }
    if first.is(&["how"]) && words.get(1).is_some_and(|word| word.is(&["to"])) {
        return Some(0);
    }
    let end = asking(words)?;
    words.get(end).is_some_and(|word| word.is(AUXILIARIES)).then_some(end)
}

/// How many words ask at the beginning: `why`, `how many notes`.
pub(super) fn asking(words: &[Word]) -> Option<usize> {
    let first = words.first()?;
    if !first.is(ASKING) {
        return None;
    }
    let measured = words.get(1).is_some_and(|word| word.is(MEASURES));
    Some(if measured { 2 } else { 1 })
}

/// All of a text that isn't a sentence.
fn keywords(words: &[Word]) -> Option<Range<usize>> {
    let is_name = |word: &Word| word.tells() || word.is(DETERMINERS) || word.is(&["of", "and"]);
    (words.len() <= 4 && words.iter().all(is_name)).then_some(0..words.len())
}
