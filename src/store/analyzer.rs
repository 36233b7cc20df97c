//! Text to index terms: the same for passages and for questions.
//!
//! A term is a run of letters and digits, [folded](crate::words::fold()), by its English stem. What is written as
//! one but read as several is found either way, for it gives its parts and, at the place of the first part,
//! itself as a whole:
//!
//! | in the text | as a whole | parts |
//! |---|---|---|
//! | `snake_case`, `__init__`, `np.array`, `.NET` | as written: `snake_case` | `snake`, `case` |
//! | `DataFrame`, `HTTPServer2` | in lower case: `datafram` | `data`, `frame` |
//! | `copy-on-write`, `f-string`, `O'Brien` | without what joins them: `fstring` | `f`, `string` |
//! | `10kg`, `3pm`, `1.5l` | as written | `10`, `kg` |
//! | `C++`, `C#` | as written: `c++` | |
//! | `isn't`, `Python's`, `U.S.A.`, `Ph.D.` | `isnt`, `python`, `usa`, `phd` | |
//! | `=>`, 🔥 | itself | |
//!
//! Every part has a position of its own, as if it were a word, so words keep their distance whether a name
//! stands between them or not; `position_length` of a whole is the number of positions that its parts take. A symbol
//! takes none.
//!
//! An index has more terms than a question asks for, at the same positions: of scripts without blanks pairs of neighbours
//! and each neighbour alone, of which a question asks for the pairs; and of what a [`JOINER`](crate::words::JOINER) joins
//! (`1,200`, a word that was divided at the end of a line) the two parts.

use std::collections::HashSet;
use std::sync::LazyLock;

use tantivy::tokenizer::{TextAnalyzer, Token as RawToken, TokenStream, Tokenizer};

pub(super) use super::word_stream::Side;
use super::word_stream::WordStream;
use crate::words::{STOP_WORDS, plain, stem};

/// The analyzer's name in the schema.
pub(super) const NAME: &str = "words";

/// Makes an analyzer of passages.
pub(super) fn analyzer() -> TextAnalyzer {
    TextAnalyzer::from(WordTokenizer::default())
}

/// The terms of the stop words.
pub(super) fn stop_terms() -> &'static HashSet<String> {
    static TERMS: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let words = STOP_WORDS.join(" ");
        tokens(&words, STOP_WORDS.len()).into_iter().map(|token| token.term).collect()
    });
    &TERMS
}

/// A term where it stands in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// The term.
    pub(super) term: String,
    /// The word that it is the stem of, folded.
    pub(super) word: String,
    /// Its position: the number of words and parts of words before it.
    pub(super) position: usize,
    /// The number of its parts; 1 for a word, and for a part; 0 for a symbol.
    pub(super) length: usize,
    /// Whether it is a name as written, such as `snake_case` or `c++`, which is more than its parts.
    pub(super) name: bool,
    /// Whether it is a part of the whole before it.
    pub(super) part: bool,
}

/// Visits the terms of a text, a whole before its parts, for as long as `more` says so.
pub(super) fn each(text: &str, side: Side, mut more: impl FnMut(Token) -> bool) {
    let text = plain(text);
    let mut stream = WordStream::new(&text, side);
    let mut whole = 0..0;
    let mut word = String::new();
    while let Some(piece) = stream.next(&mut word) {
        let (position, length) = (piece.position, piece.length);
        let name = length > 0 && word.contains(['_', '.', '+', '#']);
        let part = length > 0 && whole.contains(&position);
        if !part && (name || length > 1) {
            whole = position..position + length;
        }
        let term = stem(&word).into_owned();
        if !more(Token { term, word: word.clone(), position, length, name, part }) {
            return;
        }
    }
}

/// The first terms of a question, at most `most` of them.
pub(super) fn tokens(text: &str, most: usize) -> Vec<Token> {
    let mut tokens = Vec::new();
    each(text, Side::Question, |token| {
        tokens.push(token);
        tokens.len() < most
    });
    tokens.truncate(most);
    tokens
}

/// Cuts passages into words.
#[derive(Clone, Default)]
struct WordTokenizer {
    token: RawToken,
    /// The text as it is read, if that isn't as it is written.
    plain: String,
}

/// The terms of a passage.
struct TermStream<'a> {
    words: WordStream<'a>,
    word: String,
    token: &'a mut RawToken,
}

impl Tokenizer for WordTokenizer {
    type TokenStream<'a> = TermStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> TermStream<'a> {
        self.token.reset();
        let text = match plain(text) {
            std::borrow::Cow::Borrowed(text) => text,
            std::borrow::Cow::Owned(text) => {
                self.plain = text;
                &self.plain
            }
        };
        let words = WordStream::new(text, Side::Index);
        TermStream { words, word: String::new(), token: &mut self.token }
    }
}

impl TokenStream for TermStream<'_> {
    fn advance(&mut self) -> bool {
        let Some(piece) = self.words.next(&mut self.word) else { return false };
        self.token.position = piece.position;
        self.token.position_length = piece.length;
        self.token.offset_from = piece.range.start;
        self.token.offset_to = piece.range.end;
        self.token.text.clear();
        self.token.text.push_str(&stem(&self.word));
        true
    }

    fn token(&self) -> &RawToken {
        self.token
    }

    fn token_mut(&mut self) -> &mut RawToken {
        self.token
    }
}

#[cfg(test)]
#[path = "analyzer_tests.rs"]
mod tests;
