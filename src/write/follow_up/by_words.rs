//! What a question that goes on from another one means, by the words of both.

use std::collections::HashSet;
use std::ops::Range;

use super::phrase::{ASKING, AUXILIARIES, DETERMINERS, Kind, PREPOSITIONS, Word, stems, words};
use super::points_back::points;
use super::topic::{asking, subject, topic, verb};

/// At most so many words are taken from the question before.
const MOST_TAKEN: usize = 8;
/// So much of the question before is looked at, in bytes.
const LOOKED_AT: usize = 1000;

/// Prepositions of places: one takes the place of another.
const PLACES: &[&str] = &["in", "on", "at", "under", "inside"];

/// A question and its words.
struct Typed<'a> {
    text: &'a str,
    words: Vec<Word>,
}

impl<'a> Typed<'a> {
    /// The question, without what says which notes are wanted among its words.
    fn of(text: &'a str) -> Self {
        let mut words = words(text);
        words.retain(|word| word.kind != Kind::Filter);
        Self { text, words }
    }

    /// What stands from one word to another.
    fn slice(&self, of: Range<usize>) -> &'a str {
        let range = self.words.get(of.clone()).and_then(|words| {
            let (first, last) = (words.first()?, words.last()?);
            Some(first.range.start..last.range.end)
        });
        range.map_or("", |range| &self.text[range])
    }

    /// Its words from one on.
    fn from(&self, at: usize) -> &'a str {
        self.slice(at..self.words.len())
    }

    /// The question with other words in place of some.
    fn with(&self, range: Range<usize>, instead: &str) -> String {
        let parts = [self.slice(0..range.start), instead, self.from(range.end)];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join(" ")
    }

    /// How many words at its beginning join it to what was said: `and`, `what about`.
    fn joins(&self) -> usize {
        let is = |at: usize, words: &[&str]| self.words.get(at).is_some_and(|word| word.is(words));
        let connectives =
            usize::from(is(0, &["and", "but", "or", "also", "plus", "then", "so", "ok", "okay"]));
        let about = is(connectives, &["what", "how"]) && is(connectives + 1, &["about"]);
        let joins = if about { connectives + 2 } else { connectives };
        if joins < self.words.len() { joins } else { 0 }
    }
}

/// The question that stands by itself in place of `question`, which goes on from `asked`.
pub(super) fn by_words(asked: &str, question: &str) -> String {
    let asked = beginning(asked);
    let (old, new) = (Typed::of(asked), Typed::of(question));
    let joins = new.joins();
    let core = Typed { text: question, words: new.words[joins..].to_vec() };
    let is_about = joins > 0 && new.words[joins - 1].is(&["about"]);
    let written = in_another_place(&old, &core)
        .or_else(|| with_topic(&old, &core))
        .or_else(|| asked_again(&old, &core))
        .or_else(|| in_its_place(&old, &core, is_about).filter(|_| joins > 0))
        .or_else(|| of_topic(&old, &core))
        .unwrap_or_else(|| with_words(&old, &core));
    with_filters(written, asked, question)
}

/// The beginning of a long text, with whole characters.
fn beginning(text: &str) -> &str {
    let end = (0..=LOOKED_AT.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    &text[..end.unwrap_or(0)]
}

/// `in Go?` behind `how does it work in Python`: another place in the same question, or one more.
fn in_another_place(old: &Typed<'_>, new: &Typed<'_>) -> Option<String> {
    let first = new.words.first().filter(|word| word.is(PREPOSITIONS) && new.words.len() > 1)?;
    let is_phrase = !new.words.iter().any(|word| word.is(AUXILIARIES) || word.is(ASKING));
    if !is_phrase || (0..new.words.len()).any(|at| points(&new.words, at)) {
        return None;
    }
    let same = |word: &Word| word.low == first.low;
    let alike = |word: &Word| word.is(PLACES) && first.is(PLACES);
    let place = old.words.iter().rposition(same).or_else(|| old.words.iter().rposition(alike));
    let place = place.filter(|&place| place > 0);
    let Some(place) = place else {
        return Some(format!("{} {}", old.from(0), new.from(0)));
    };
    let end = (place + 1..old.words.len()).find(|&at| old.words[at].is(PREPOSITIONS));
    let end = end.unwrap_or(old.words.len() - usize::from(ends_in_verb(old, place)));
    Some(old.with(place..end, new.from(0)))
}

/// Whether the last word is the verb, since none stands before this place: `why does the GIL in CPython exist`.
fn ends_in_verb(old: &Typed<'_>, place: usize) -> bool {
    let Some(verb) = verb(&old.words).filter(|&verb| verb < place) else { return false };
    let is_verb_missing = !old.words[verb].is(&["is", "are", "was", "were", "how"]);
    let before = old.words[verb + 1..place].iter().filter(|word| !word.is(DETERMINERS)).count();
    is_verb_missing && before <= 1 && old.words.len() > place + 2
}

/// The question with the topic of the one before in place of a pronoun.
fn with_topic(old: &Typed<'_>, new: &Typed<'_>) -> Option<String> {
    let at = (0..new.words.len()).find(|&at| points(&new.words, at))?;
    let (pronoun, behind) = (&new.words[at], new.words.get(at + 1));
    if is_bare(new) && new.words[0].is(&["why", "how", "when"]) {
        // `why is that?` asks for all of what was asked before.
        return None;
    }
    let topic = topic(&old.words)?;
    let is_person = pronoun.is(&["he", "him", "his", "she", "her", "hers"]);
    let topic_text = old.slice(topic.clone());
    if is_person && !topic_text.contains(char::is_uppercase) {
        return None;
    }
    let before_noun = behind.is_some_and(Word::tells) && !pronoun.ends;
    if pronoun.is(&["this", "that", "these", "those"]) && before_noun && !follows_verb(new, at) {
        // `that function`: the noun says what is meant, but not which.
        return None;
    }
    if pronoun.is(&["one", "ones", "there"]) {
        return None;
    }
    let owns = pronoun.is(&["its", "their", "his"]) || pronoun.is(&["her"]) && before_noun;
    let instead = if owns { format!("{topic_text}'s") } else { topic_text.to_owned() };
    Some(new.with(at..at + 1, &instead))
}

/// Whether a pronoun is the subject of a verb behind it: `does this return`, and not `this function`.
fn follows_verb(new: &Typed<'_>, at: usize) -> bool {
    at.checked_sub(1).is_some_and(|before| new.words[before].is(AUXILIARIES)) && at + 2 == new.words.len()
}

/// Whether it only asks, and says no more: `why?`, `how is that`, `why not`.
fn is_bare(new: &Typed<'_>) -> bool {
    let more = ["that", "this", "it", "so", "come", "not", "else"];
    let asks = asking(&new.words).unwrap_or(0);
    new.words[asks..].iter().all(|word| word.is(AUXILIARIES) || word.is(&more))
}

/// `why?` behind `is a tuple immutable`: the same question, asked in another way.
fn asked_again(old: &Typed<'_>, new: &Typed<'_>) -> Option<String> {
    if new.words.iter().any(Word::tells) {
        return None;
    }
    let is_short = new.words.len() <= 4;
    let Some(asks) = asking(&new.words) else {
        return is_short.then(|| old.from(0).to_owned());
    };
    if !is_bare(new) && !new.words.get(1).is_some_and(|word| word.is(&["else"])) {
        return None;
    }
    let asks = if new.words.get(asks).is_some_and(|word| word.is(&["not"])) { asks + 1 } else { asks };
    let rest = asking(&old.words).unwrap_or(0);
    Some(format!("{} {}", new.slice(0..asks), old.from(rest)))
}

/// `and the car?` behind `when was the boiler serviced`: another thing in the same question.
fn in_its_place(old: &Typed<'_>, new: &Typed<'_>, is_about: bool) -> Option<String> {
    let is_name =
        |word: &Word| word.tells() && !word.relates() || word.is(DETERMINERS) || word.is(&["and", "of"]);
    let is_thing = new.words.len() <= 4 && new.words.iter().all(is_name);
    // `what about weak references` may ask for a part of what was told.
    let tells_what = old.words.first().is_some_and(|word| word.is(&["what"])) && verb(&old.words) == Some(1);
    if !is_thing || is_about && tells_what {
        return None;
    }
    verb(&old.words)?;
    let place = subject(&old.words)?;
    Some(old.with(place, new.from(0)))
}

/// `what are the advantages` behind `what is asyncio`: of what they are.
fn of_topic(old: &Typed<'_>, new: &Typed<'_>) -> Option<String> {
    let last = new.words.last().filter(|last| last.is_related())?;
    let topic = old.slice(topic(&old.words)?);
    let is_of_two = last.low.starts_with("difference") && topic.contains(" and ");
    Some(format!("{} {} {topic}", new.from(0), if is_of_two { "between" } else { "of" }))
}

/// The question with the words of the one before behind it.
fn with_words(old: &Typed<'_>, new: &Typed<'_>) -> String {
    let mut seen: HashSet<String> = stems(new.from(0)).into_iter().collect();
    let telling = old.words.iter().filter(|word| word.tells());
    let taken = telling
        .map(|word| &old.text[word.range.clone()])
        .filter(|word| stems(word).into_iter().filter(|stem| seen.insert(stem.clone())).count() > 0);
    let parts: Vec<&str> = [new.from(0)].into_iter().chain(taken.take(MOST_TAKEN)).collect();
    parts.join(" ")
}

/// A question with what says which notes are wanted, of both.
pub(super) fn with_filters(mut written: String, asked: &str, question: &str) -> String {
    for text in [question, asked] {
        for filter in words(text).into_iter().filter(|word| word.kind == Kind::Filter) {
            let filter = &text[filter.range];
            if !written.split_whitespace().any(|word| word == filter) {
                written = format!("{written} {filter}");
            }
        }
    }
    written
}
