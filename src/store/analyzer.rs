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
//!
//! In notes in another language than English, a word of that language has the stem that it has there, with the language's
//! code: `haus@de` for `Häuser`. So no ending that comes off in one language makes it a word of another, and each passage
//! has a word in one form, which makes document frequencies of a word's forms add up. Names, numbers, symbols and words in
//! other scripts have the same terms in all notes.

use std::borrow::Cow;

use tantivy::tokenizer::{TextAnalyzer, Token as RawToken, TokenStream, Tokenizer};

pub(super) use super::word_stream::Side;
use super::word_stream::WordStream;
use crate::words::{Language, lowered, plain, stem, stem_in};

/// The analyzer's name in the schema.
pub(super) const NAME: &str = "words";

/// What stands between a stem and the code of its language. No word has it.
const OF: char = '@';

/// What stands around the code of a text's language where the text begins with it.
const TAG: char = '\u{2}';

/// Makes an analyzer of passages.
pub(super) fn analyzer() -> TextAnalyzer {
    TextAnalyzer::from(WordTokenizer::default())
}

/// The terms of the stop words, sorted: made here once, for a question would have to stem all words to look for its own.
const STOP_TERMS: &[&str] = &[
    "a", "about", "all", "am", "an", "and", "ani", "are", "as", "at", "be", "been", "but", "by", "can",
    "could", "did", "do", "doe", "done", "explain", "for", "from", "get", "had", "has", "have", "how", "i",
    "if", "in", "into", "is", "it", "me", "mean", "my", "no", "not", "of", "on", "one", "or", "our",
    "should", "so", "some", "tell", "than", "that", "the", "their", "them", "then", "there", "these", "they",
    "this", "those", "to", "use", "was", "we", "were", "what", "when", "where", "whi", "which", "who",
    "whom", "whose", "will", "with", "would", "you", "your",
];

/// Whether a term is that of a stop word.
pub(super) fn is_stop_term(term: &str) -> bool {
    STOP_TERMS.binary_search(&term).is_ok()
}

/// A term where it stands in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// The term.
    pub(super) term: String,
    /// The word that it is the stem of, folded.
    pub(super) word: String,
    /// The word as it is written, without what joins its parts.
    pub(super) written: String,
    /// Its position: the number of words and parts of words before it.
    pub(super) position: usize,
    /// The number of its parts; 1 for a word, and for a part; 0 for a symbol.
    pub(super) length: usize,
    /// Whether it is a name as written, such as `snake_case` or `c++`, which is more than its parts.
    pub(super) name: bool,
    /// Whether it is a part of the whole before it.
    pub(super) part: bool,
}

impl Token {
    /// The term that the word has in notes in a language.
    pub(super) fn term_in(&self, language: Language) -> Cow<'_, str> {
        match of_language(language, &self.written) {
            Some(term) => Cow::Owned(term),
            None => Cow::Borrowed(&self.term),
        }
    }
}

/// The term of a word in a language other than English, if it is a word of that.
fn of_language(language: Language, written: &str) -> Option<String> {
    if language == Language::English {
        return None;
    }
    Some(term_of(language, &stem_in(language, &lowered(language, written))?))
}

/// The term of a stem in a language other than English.
pub(super) fn term_of(language: Language, stem: &str) -> String {
    format!("{stem}{OF}{}", language.code())
}

/// The terms that a word has in notes in English and in some other languages; each once, the English one first.
pub(super) fn terms(token: &Token, languages: &[Language]) -> Vec<String> {
    terms_of(token.term.clone(), &token.written, languages)
}

/// The same of a word that is nothing but small English letters.
pub(super) fn terms_of_letters(word: &str, languages: &[Language]) -> Vec<String> {
    terms_of(stem(word).into_owned(), word, languages)
}

fn terms_of(english: String, written: &str, languages: &[Language]) -> Vec<String> {
    let others = languages.iter().filter_map(|language| of_language(*language, written));
    [english].into_iter().chain(others).collect()
}

/// A term without the code of its language, and that; terms of all notes have none.
pub(super) fn parts_of(term: &str) -> (&str, Option<&str>) {
    term.rsplit_once(OF).map_or((term, None), |(stem, code)| (stem, Some(code)))
}

/// A text of a note in a language, as the [`analyzer`] reads it.
pub(super) fn tagged(language: Language, text: Cow<'_, str>) -> Cow<'_, str> {
    if language == Language::English && !text.starts_with(TAG) {
        return text;
    }
    Cow::Owned(format!("{TAG}{}{TAG}{text}", language.code()))
}

/// A text with its language, of what [`tagged`] made.
fn untagged(tagged: &str) -> (Language, &str) {
    let parts = tagged.strip_prefix(TAG).and_then(|rest| rest.split_once(TAG));
    let known = parts.and_then(|(code, text)| Some((Language::by_code(code)?, text)));
    known.unwrap_or((Language::English, tagged))
}

/// Visits the terms that a text has in notes in English, a whole before its parts, for as long as `more` says so.
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
        let (term, written) = (stem(&word).into_owned(), stream.written(&piece));
        if !more(Token { term, word: word.clone(), written, position, length, name, part }) {
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
    language: Language,
    words: WordStream<'a>,
    word: String,
    token: &'a mut RawToken,
}

impl Tokenizer for WordTokenizer {
    type TokenStream<'a> = TermStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> TermStream<'a> {
        self.token.reset();
        let (language, text) = untagged(text);
        let text = match plain(text) {
            Cow::Borrowed(text) => text,
            Cow::Owned(text) => {
                self.plain = text;
                &self.plain
            }
        };
        let words = WordStream::new(text, Side::Index);
        TermStream { language, words, word: String::new(), token: &mut self.token }
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
        let other = match self.language {
            Language::English => None,
            language => of_language(language, &self.words.written(&piece)),
        };
        self.token.text.push_str(&other.map_or_else(|| stem(&self.word), Cow::Owned));
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
