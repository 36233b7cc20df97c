//! Where a text has the words of the question.

use std::ops::Range;

use super::{Terms, in_word};
use crate::words::words_in;

/// The words of a text (in its bytes) that share a stem with a term, in their order; symbols as they are. Pairs of
/// neighbours of a script without blanks that overlap are one.
pub fn matches(text: &str, terms: &Terms) -> Vec<Range<usize>> {
    if terms.words.first().is_some_and(|term| !term.contains(in_word)) {
        let mut found: Vec<Range<usize>> = Vec::new();
        for term in &terms.words {
            found.extend(text.match_indices(term.as_str()).map(|(at, _)| at..at + term.len()));
        }
        found.sort_unstable_by_key(|range| (range.start, range.end));
        found.dedup_by(|next, last| next.start < last.end);
        return found;
    }
    let mut found: Vec<Range<usize>> = Vec::new();
    for range in words_in(text) {
        if terms.position(&text[range.clone()]).is_some() {
            match found.last_mut() {
                Some(last) if range.start < last.end => last.end = range.end,
                _ => found.push(range),
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::words::Language;

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
        assert_eq!(found("用番茄钟写。番茄", "番茄钟"), ["番茄钟", "番茄"]);
        assert_eq!(found("if $? is 0, a => b", "=> $?"), ["$?", "=>"]);
        let asked = |text: &'static str, language, question| {
            let terms = Terms::in_language(language, question);
            matches(text, &terms).into_iter().map(|range| &text[range]).collect::<Vec<_>>()
        };
        let german = asked("Die Häuser, des Hauses; häuslich.", Language::German, "Wo ist das Haus?");
        assert_eq!(german, ["Häuser", "Hauses"]);
        assert_eq!(asked("Книгами и docker", Language::Russian, "где книга Docker"), ["Книгами", "docker"]);
        assert_eq!(found("ﬁle and Mu\u{308}ller", "file müller"), ["ﬁle", "Mu\u{308}ller"]);
    }

    proptest! {
        #[test]
        fn matches_are_whole_words_in_order(text in "[a-cÄä_ .\u{301}\n]{0,40}", question in "[a-cä ]{0,8}") {
            let terms = Terms::of(&question);
            let mut last = 0;
            for range in matches(&text, &terms) {
                prop_assert!(range.start >= last && !range.is_empty());
                let (before, after) = (text[..range.start].chars().next_back(), text[range.end..].chars().next());
                prop_assert!(!before.is_some_and(in_word) && !after.is_some_and(in_word));
                last = range.end;
            }
        }
    }
}
