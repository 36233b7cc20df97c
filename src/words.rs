//! Which words tell nothing about what a question is about, and which are the same word? In which language is a text?

mod fold;
mod scripts;
mod stem;
mod symbols;
mod stop_words;
mod language;
mod detect;
mod inflection;

pub use fold::{JOINER, composed, fold, is_unseen, plain, push_folded};
pub use inflection::{lowered, stem_in};
pub use language::{Language, Script};
pub use scripts::{in_word, is_letter, is_unspaced, units, words_in};
pub use stem::stem;
pub use symbols::{is_sign, symbols};

/// English words that stand in any question, in lower case and sorted.
pub const STOP_WORDS: &[&str] = &[
    "a", "about", "all", "am", "an", "and", "any", "are", "as", "at", "be", "been", "but", "by", "can",
    "could", "did", "do", "does", "doing", "done", "explain", "for", "from", "get", "had", "has", "have",
    "how", "i", "if", "in", "into", "is", "it", "its", "me", "mean", "my", "no", "not", "of", "on", "one",
    "or", "our", "should", "so", "some", "tell", "than", "that", "the", "their", "them", "then", "there",
    "these", "they", "this", "those", "to", "use", "used", "using", "was", "we", "were", "what", "when",
    "where", "which", "who", "whom", "whose", "why", "will", "with", "would", "you", "your",
];

/// Whether a word, in lower case, is one of [`STOP_WORDS`].
pub fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.binary_search(&word).is_ok()
}

/// Whether a list of words, each behind a single blank but the first, has a word. Lists are short, and asked about each word
/// of a text.
pub(crate) fn is_listed(list: &str, word: &str) -> bool {
    list.as_bytes().split(|&byte| byte == b' ').any(|listed| listed == word.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_lists_are_found_whole() {
        assert!(is_listed("one two three", "one") && is_listed("one two three", "three"));
        assert!(!is_listed("one two three", "t") && !is_listed("one two three", "one two"));
        assert!(!is_listed("one two three", ""));
    }

    #[test]
    fn stop_words_are_sorted_so_that_each_is_found() {
        assert!(STOP_WORDS.is_sorted());
        assert!(STOP_WORDS.iter().all(|word| is_stop_word(word)) && !is_stop_word("gil"));
    }
}
