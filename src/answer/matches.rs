//! Where a text has the words of the question.

use std::ops::Range;

use super::{Terms, is_part_of_word, stem};

/// The words of a text (in its bytes) that share a stem with a term, in their order.
pub fn matches(text: &str, terms: &Terms) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_part_of_word) {
        let word = &rest[start..];
        let word = &word[..word.find(|c| !is_part_of_word(c)).unwrap_or(word.len())];
        let at = text.len() - rest.len() + start;
        let lower = word.to_lowercase();
        if terms.words.iter().any(|term| *term == lower || term == stem(&lower)) {
            found.push(at..at + word.len());
        }
        rest = &rest[start + word.len()..];
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found<'a>(text: &'a str, question: &str) -> Vec<&'a str> {
        matches(text, &Terms::of(question)).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn words_match_by_their_stems() {
        let text = "Threads: a thread, THREADED; threadbare, multi-thread, çthread.";
        assert_eq!(found(text, "what are threads"), ["Threads", "thread", "THREADED", "thread"]);
        assert_eq!(found("Ein Käse, zwei KÄSE", "käse"), ["Käse", "KÄSE"]);
        // Words that stand in any question only count where there is nothing else.
        assert_eq!(found("what it is", "what is a mutex"), [""; 0]);
        assert_eq!(found("what it is", "what is it"), ["what", "it", "is"]);
        assert_eq!(found("anything", "?!"), [""; 0]);
    }

    proptest! {
        #[test]
        fn matches_are_whole_words_in_order(text in "[a-cÄä_ .\u{301}\n]{0,40}", question in "[a-cä ]{0,8}") {
            let terms = Terms::of(&question);
            let mut last = 0;
            for range in matches(&text, &terms) {
                prop_assert!(range.start >= last && !range.is_empty());
                let (before, after) = (text[..range.start].chars().next_back(), text[range.end..].chars().next());
                prop_assert!(!before.is_some_and(is_part_of_word) && !after.is_some_and(is_part_of_word));
                last = range.end;
            }
        }
    }
}
