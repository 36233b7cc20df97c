//! Text to index terms: the same for passages and for questions.
//!
//! A term is a run of letters and digits, in lower case, without accents, by its English stem. A name such as
//! `snake_case`, `__init__` or `np.array` gives its parts and, besides, itself as a whole, so that it can be
//! found either way.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, LowerCaser, RemoveLongFilter, Stemmer, TextAnalyzer, Token, TokenStream,
    Tokenizer,
};

use crate::words::STOP_WORDS;

/// The analyzer's name in the schema.
pub(super) const NAME: &str = "words";

/// Longer words than this many bytes are data, not words.
const LONGEST: usize = 100;

/// Makes an analyzer.
pub(super) fn analyzer() -> TextAnalyzer {
    TextAnalyzer::builder(Words::default())
        .filter(RemoveLongFilter::limit(LONGEST))
        .filter(LowerCaser)
        .filter(AsciiFoldingFilter)
        .filter(Stemmer::new(Language::English))
        .build()
}

/// The terms of words that tell nothing about what a question is about.
pub(super) fn stop_terms() -> &'static HashSet<String> {
    static TERMS: LazyLock<HashSet<String>> =
        LazyLock::new(|| terms(&STOP_WORDS.join(" "), STOP_WORDS.len()).into_iter().collect());
    &TERMS
}

/// The distinct terms of a text in the order of their first appearance, at most `most` of them.
pub(super) fn terms(text: &str, most: usize) -> Vec<String> {
    let mut analyzer = analyzer();
    let mut stream = analyzer.token_stream(text);
    let mut seen = HashSet::new();
    let mut terms = Vec::new();
    while terms.len() < most && stream.advance() {
        let term = &stream.token().text;
        if seen.insert(term.clone()) {
            terms.push(term.clone());
        }
    }
    terms
}

/// Cuts text into words; a compound name follows its parts.
#[derive(Clone, Default)]
struct Words {
    token: Token,
}

/// The words of one text.
struct WordStream<'a> {
    text: &'a str,
    /// What lies behind the name whose parts are being told.
    rest: Range<usize>,
    /// What is still to be told of that name, part by part.
    parts: Range<usize>,
    /// The name itself, if it is to be told as well.
    whole: Option<Range<usize>>,
    token: &'a mut Token,
}

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        self.token.reset();
        WordStream { text, rest: 0..text.len(), parts: 0..0, whole: None, token: &mut self.token }
    }
}

/// The first run of characters within a range of the text that all satisfy `inside`.
fn run(text: &str, within: &Range<usize>, inside: impl Fn(char) -> bool) -> Option<Range<usize>> {
    let text = &text[..within.end];
    let start = within.start + text[within.start..].find(&inside)?;
    let end = text[start..].find(|c| !inside(c)).map_or(text.len(), |length| start + length);
    Some(start..end)
}

/// A range of the text without the dots at its edges, which are punctuation; underscores there are not.
fn without_dots(text: &str, range: &Range<usize>) -> Range<usize> {
    let end = range.start + text[range.clone()].trim_end_matches('.').len();
    let start = end - text[range.start..end].trim_start_matches('.').len();
    start..end
}

impl WordStream<'_> {
    /// Makes a range of the text the current token.
    fn tell(&mut self, range: Range<usize>) -> bool {
        self.token.position = self.token.position.wrapping_add(1);
        self.token.offset_from = range.start;
        self.token.offset_to = range.end;
        self.token.text.clear();
        self.token.text.push_str(&self.text[range]);
        true
    }
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        loop {
            if let Some(part) = run(self.text, &self.parts, char::is_alphanumeric) {
                self.parts.start = part.end;
                return self.tell(part);
            }
            self.parts.start = self.parts.end;
            if let Some(whole) = self.whole.take() {
                return self.tell(whole);
            }
            let in_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
            let Some(name) = run(self.text, &self.rest, in_name) else { return false };
            self.rest.start = name.end;
            self.parts = without_dots(self.text, &name);
            let name = &self.text[self.parts.clone()];
            if name.contains(['_', '.']) && name.contains(char::is_alphanumeric) {
                self.whole = Some(self.parts.clone());
            }
        }
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(terms(text, 99), expected, "{text:?}");
    }

    #[test]
    fn words_are_folded_and_stemmed() {
        check("Décorators, GENERATORS; and the GIL.", &["decor", "generat", "and", "the", "gil"]);
        check("", &[]);
        check("... _ ?! __ ._.", &[]);
        check("Привет мир", &["привет", "мир"]);
    }

    #[test]
    fn names_are_found_by_part_and_whole() {
        check("__init__", &["init", "__init__"]);
        check("call my_func.", &["call", "my", "func", "my_func"]);
        check("see np.array... and ...", &["see", "np", "array", "np.array", "and"]);
        check("3.12", &["3", "12", "3.12"]);
    }

    #[test]
    fn terms_are_distinct_bounded_and_never_huge() {
        assert_eq!(terms("a b a c d", 3), ["a", "b", "c"]);
        check(&"x".repeat(1_000_000), &[]);
        check(&"x.".repeat(100_000), &["x"]);
    }
}
