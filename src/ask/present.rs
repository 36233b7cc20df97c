//! What stands in a passage word for word is found there.

use crate::hit::StoredPassage;
use crate::query::{Clause, Query};
use crate::words::{fold, is_stop_word, words_in};

/// The least score of a passage that has what was asked for word for word.
pub(super) const PRESENT: f32 = 0.3;

/// Whether a passage has the phrases of a question, or the question itself if that has nothing but stop words.
pub(super) fn present(query: &Query, stored: &StoredPassage) -> bool {
    let mut phrases: Vec<Vec<String>> =
        query.required.iter().filter_map(Clause::phrase).map(words_of).collect();
    // Whatever was found has them, unless they may be quotations that no passage has.
    if !phrases.is_empty() && query.without_quotations().is_none() {
        return true;
    }
    if phrases.is_empty() {
        let words = words_of(&query.text);
        let is_stop_word = |word: &String| is_stop_word(word) || stored.language.is_stop_word(word);
        if words.len() < 2 || !words.iter().all(is_stop_word) {
            return false;
        }
        phrases.push(words);
    }
    let passage = &stored.passage;
    let above = stored.title.iter().chain(&stored.aliases).chain(&passage.heading).chain(&passage.question);
    let texts: Vec<Vec<String>> = above.chain([&passage.text]).map(|text| words_of(text)).collect();
    let has = |phrase: &Vec<String>| {
        !phrase.is_empty() && texts.iter().any(|words| words.windows(phrase.len()).any(|run| run == phrase))
    };
    phrases.iter().all(has)
}

/// The words of a text, folded.
fn words_of(text: &str) -> Vec<String> {
    words_in(text).map(|range| fold(&text[range])).collect()
}
