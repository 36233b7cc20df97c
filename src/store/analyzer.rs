//! Text to index terms: the same for passages and for questions.
//!
//! A term is a run of letters and digits, in lower case, without accents, by its English stem. What is written as
//! one but read as several is found either way, for it gives its parts and, at the place of the first part,
//! itself as a whole:
//!
//! | in the text | as a whole | parts |
//! |---|---|---|
//! | `snake_case`, `__init__`, `np.array`, `.NET` | as written: `snake_case` | `snake`, `case` |
//! | `DataFrame`, `HTTPServer2` | in lower case: `datafram` | `data`, `frame` |
//! | `copy-on-write`, `f-string`, `O'Brien` | without what joins them: `fstring` | `f`, `string` |
//! | `C++`, `C#` | as written: `c++` | |
//! | `isn't`, `Python's` | `isnt`, `python` | |
//!
//! Every part has a position of its own, as if it were a word, so words keep their distance whether a name
//! stands between them or not; `position_length` of a whole is the number of positions that its parts take.

use std::collections::{HashSet, VecDeque};
use std::ops::Range;
use std::sync::LazyLock;

use tantivy::tokenizer::Token as RawToken;
use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, LowerCaser, RemoveLongFilter, Stemmer, TextAnalyzer, TokenStream, Tokenizer,
};

use crate::words::STOP_WORDS;

/// The analyzer's name in the schema.
pub(super) const NAME: &str = "words";

/// The most bytes of a word; anything longer is data.
const LONGEST: usize = 100;

/// The most parts of a name; anything with more is data or a sentence.
const MOST_PARTS: usize = 8;

/// The most words joined with hyphens that are one word too: `state-of-the-art`.
const MOST_JOINED: usize = 4;

/// Makes an analyzer.
pub(super) fn analyzer() -> TextAnalyzer {
    TextAnalyzer::builder(WordTokenizer::default())
        .filter(RemoveLongFilter::limit(LONGEST))
        .filter(LowerCaser)
        .filter(AsciiFoldingFilter)
        .filter(Stemmer::new(Language::English))
        .build()
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
    /// The part of the text that it was made of, in bytes.
    pub(super) typed: Range<usize>,
    /// Its position: the number of words and parts of words before it.
    pub(super) position: usize,
    /// The number of its parts; 1 for a word, and for a part.
    pub(super) length: usize,
    /// Whether it is a name as written, such as `snake_case` or `c++`, which is more than its parts.
    pub(super) name: bool,
    /// Whether it is a part of the whole before it.
    pub(super) part: bool,
}

/// Visits the terms of a text, a whole before its parts, for as long as `more` says so.
pub(super) fn each(text: &str, mut more: impl FnMut(Token) -> bool) {
    let mut analyzer = analyzer();
    let mut stream = analyzer.token_stream(text);
    let mut whole = 0..0;
    while stream.advance() {
        let RawToken { text, position, position_length, offset_from, offset_to } = stream.token();
        let typed = *offset_from..*offset_to;
        let (position, length) = (*position, *position_length);
        let name = text.contains(['_', '.', '+', '#']);
        let part = whole.contains(&position);
        if !part && (name || length > 1) {
            whole = position..position + length;
        }
        if !more(Token { term: text.clone(), typed, position, length, name, part }) {
            return;
        }
    }
}

/// The first terms of a text, at most `most` of them.
pub(super) fn tokens(text: &str, most: usize) -> Vec<Token> {
    let mut tokens = Vec::new();
    each(text, |token| {
        tokens.push(token);
        tokens.len() < most
    });
    tokens.truncate(most);
    tokens
}

/// Cuts text into words.
#[derive(Clone, Default)]
struct WordTokenizer {
    token: RawToken,
}

/// The words of one text.
struct WordStream<'a> {
    text: &'a str,
    /// The start of the rest of the text, whose words aren't read yet.
    rest: usize,
    /// The number of positions taken.
    positions: usize,
    /// Pieces of the words read last that are still to be given out.
    ready: VecDeque<Piece>,
    token: &'a mut RawToken,
}

/// A word, a name or a part of one: where it stands in the text, its position, and how many positions it takes.
#[derive(Clone, Debug)]
struct Piece {
    range: Range<usize>,
    position: usize,
    length: usize,
}

impl Tokenizer for WordTokenizer {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        self.token.reset();
        WordStream { text, rest: 0, positions: 0, ready: VecDeque::new(), token: &mut self.token }
    }
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{2bc}')
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}' | '\u{2011}')
}

/// An accent that is a character of its own, behind the letter.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || is_accent(c)
}

/// The characters of names: letters, digits, and what joins them.
fn in_name(c: char) -> bool {
    is_letter(c) || matches!(c, '_' | '.')
}

/// The runs of characters within a range that all satisfy `inside`.
fn runs(text: &str, within: Range<usize>, inside: impl Fn(char) -> bool) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, c) in text[within.clone()].char_indices().filter(|(_, c)| inside(*c)) {
        let (start, end) = (within.start + at, within.start + at + c.len_utf8());
        match runs.last_mut() {
            Some(run) if run.end == start => run.end = end,
            _ => runs.push(start..end),
        }
    }
    runs
}

impl WordStream<'_> {
    /// Finds the next words: what is written without a blank. Whether there are any.
    fn read(&mut self) -> bool {
        let joined = |c: char| in_name(c) || is_hyphen(c) || is_apostrophe(c);
        let Some(start) = self.text[self.rest..].find(joined).map(|at| self.rest + at) else { return false };
        let end = self.text[start..].find(|c| !joined(c)).map_or(self.text.len(), |length| start + length);
        self.rest = end;
        let begun = (self.ready.len(), self.positions);
        let mut all_plain = true;
        let words = runs(self.text, start..end, |c| !is_hyphen(c));
        for word in &words {
            all_plain &= self.read_between_hyphens(word.clone());
        }
        let (Some(first), Some(last)) = (words.first(), words.last()) else { return true };
        let whole = first.start..last.end;
        let joins = all_plain && (2..=MOST_JOINED).contains(&words.len()) && self.rest == end;
        if joins && self.text[whole.clone()].contains(char::is_alphabetic) {
            self.insert_whole(begun, whole);
        }
        true
    }

    /// Puts a whole before the parts that were found since `begun`: a number of pieces and of positions.
    fn insert_whole(&mut self, begun: (usize, usize), range: Range<usize>) {
        let length = self.positions - begun.1;
        if length > 0 && range.len() <= LONGEST {
            self.ready.insert(begun.0, Piece { range, position: begun.1, length });
        }
    }

    /// Finds the words between two hyphens; whether it is a single plain one.
    fn read_between_hyphens(&mut self, range: Range<usize>) -> bool {
        let words = runs(self.text, range, |c| !is_apostrophe(c));
        match words.as_slice() {
            [] => false,
            [word] => self.read_name(word.clone()),
            [first, last] => {
                let ending = self.text[last.clone()].to_lowercase();
                match ending.trim_end_matches('.') {
                    "s" | "ll" | "re" | "ve" | "d" | "m" => self.read_name(first.clone()),
                    "t" if self.text[first.clone()].ends_with(['n', 'N']) => {
                        self.push(first.start..last.start + 1);
                        false
                    }
                    _ => {
                        let begun = (self.ready.len(), self.positions);
                        let plain = self.read_name(first.clone()) & self.read_name(last.clone());
                        if plain {
                            self.insert_whole(begun, first.start..last.end);
                        }
                        false
                    }
                }
            }
            several => {
                for word in several {
                    self.read_name(word.clone());
                }
                false
            }
        }
    }

    /// Finds the parts of a name between blanks, hyphens and apostrophes; whether it is a plain word.
    fn read_name(&mut self, range: Range<usize>) -> bool {
        // Dots at the edges are punctuation; underscores there are not.
        let name = self.text[range.clone()].trim_matches('.');
        let start = range.end - self.text[range.clone()].trim_start_matches('.').len();
        let inner = start..start + name.len();
        if let Some(end) = self.symbols(&inner) {
            self.push(inner.start..end);
            self.rest = end;
            return false;
        }
        let begun = (self.ready.len(), self.positions);
        for word in runs(self.text, inner.clone(), is_letter) {
            self.read_word(word);
        }
        let shouted = name.len() > 1 && name.bytes().all(|byte| byte.is_ascii_uppercase());
        let dotted = start == range.start + 1 && shouted;
        let joined = name.contains(['_', '.']) && !name.contains("..");
        if dotted || joined {
            self.insert_whole(begun, inner.start - usize::from(dotted)..inner.end);
        }
        !dotted && !joined && self.positions > begun.1
    }

    /// The end of a language's name with its symbols: `C++`, `C#`. A longer name that is counted up isn't one.
    fn symbols(&self, name: &Range<usize>) -> Option<usize> {
        let letter = name.len() == 1 && self.text[name.clone()].contains(|c: char| c.is_ascii_alphabetic());
        let rest = self.text.get(name.end..).filter(|_| letter && name.end == self.rest)?;
        let after = |symbols: &str| rest.strip_prefix(symbols).map(|rest| rest.chars().next());
        let sharp = after("#").is_some_and(|next| next.is_none_or(|c| !c.is_alphanumeric() && c != '#'));
        // `C++17`, but not `a++b`.
        let plus = after("++").is_some_and(|next| next.is_none_or(|c| !c.is_alphabetic() && c != '+'));
        if sharp { Some(name.end + 1) } else { plus.then_some(name.end + 2) }
    }

    /// Finds the parts of a word in `CamelCase`, or takes it as it is.
    fn read_word(&mut self, word: Range<usize>) {
        let parts = self.humps(&word);
        let begun = (self.ready.len(), self.positions);
        for part in &parts {
            self.push(part.clone());
        }
        if parts.len() > 1 {
            self.insert_whole(begun, word);
        }
    }

    /// The parts of a word that each begin with a capital: `HTTPServer2` is `HTTP` and `Server2`. One of which the
    /// first part is a single letter (`iPhone`, `OAuth`) is whole, and so is the plural `GPUs`.
    fn humps(&self, word: &Range<usize>) -> Vec<Range<usize>> {
        if !self.text[word.clone()].chars().skip(1).any(char::is_uppercase) {
            return vec![word.clone()];
        }
        let chars: Vec<(usize, char)> = self.text[word.clone()].char_indices().collect();
        let mut starts = vec![word.start];
        for (at, &(offset, _)) in chars.iter().enumerate().skip(1).filter(|(_, (_, c))| c.is_uppercase()) {
            let before = chars[at - 1].1;
            let next = chars.get(at + 1).map(|(_, c)| *c);
            let begins_word =
                next.is_some_and(char::is_lowercase) && !(next == Some('s') && at + 2 == chars.len());
            if before.is_lowercase() || begins_word {
                starts.push(word.start + offset);
            }
        }
        let single = starts.get(1).is_some_and(|&second| self.text[word.start..second].chars().count() == 1);
        if single || starts.len() > MOST_PARTS {
            return vec![word.clone()];
        }
        let ends = starts[1..].iter().copied().chain([word.end]);
        starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect()
    }

    /// Adds a word or a part at the next position.
    fn push(&mut self, range: Range<usize>) {
        self.ready.push_back(Piece { range, position: self.positions, length: 1 });
        self.positions += 1;
    }
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        self.token.text.clear();
        // An accent without a letter is no word.
        while self.token.text.is_empty() {
            let Some(piece) = self.ready.pop_front() else {
                if self.read() {
                    continue;
                }
                return false;
            };
            self.token.position = piece.position;
            self.token.position_length = piece.length;
            self.token.offset_from = piece.range.start;
            self.token.offset_to = piece.range.end;
            let silent = |c: &char| is_hyphen(*c) || is_apostrophe(*c) || is_accent(*c);
            self.token.text.extend(self.text[piece.range].chars().filter(|c| !silent(c)));
        }
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let terms: Vec<String> = tokens(text, 99).into_iter().map(|token| token.term).collect();
        assert_eq!(terms, expected, "{text:?}");
    }

    #[test]
    fn words_are_folded_and_stemmed() {
        check("Décorators, GENERATORS; and the GIL.", &["decor", "generat", "and", "the", "gil"]);
        check("Cafe\u{301} Straße", &["cafe", "strass"]);
        check("", &[]);
        check("... _ ?! __ ._. - -- ' ++ #", &[]);
        check("Привет мир", &["привет", "мир"]);
    }

    #[test]
    fn names_are_found_by_part_and_whole() {
        check("__init__", &["__init__", "init"]);
        check("call my_func.", &["call", "my_func", "my", "func"]);
        check("see np.array... and ...", &["see", "np.array", "np", "array", "and"]);
        check("3.12", &["3.12", "3", "12"]);
        check("wait...what", &["wait", "what"]);
        check("ASP.NET, .NET .map", &["asp.net", "asp", "net", ".net", "net", "map"]);
    }

    #[test]
    fn capitals_begin_parts() {
        check("DataFrame", &["datafram", "data", "frame"]);
        check("HTTPServer2", &["httpserver2", "http", "server2"]);
        check("pd.DataFrame", &["pd.datafram", "pd", "datafram", "data", "frame"]);
        check("GPUs iPhone OAuth NASA H2O utf8", &["gpus", "iphon", "oauth", "nasa", "h2o", "utf8"]);
    }

    #[test]
    fn languages_keep_their_symbols() {
        check("C++ and C#, C++17; F#.", &["c++", "and", "c#", "c++", "17", "f#"]);
        check("C++-style obj-c++", &["c++", "style", "obj", "c++"]);
        check("count++ a++b c#d #tag page#part", &["count", "a", "b", "c", "d", "tag", "page", "part"]);
    }

    #[test]
    fn hyphens_and_apostrophes_join() {
        check("an f-string", &["an", "fstring", "f", "string"]);
        check("copy\u{2011}on-write", &["copyonwrit", "copi", "on", "write"]);
        check("--no-verify well- 2024-05-06", &["noverifi", "no", "verifi", "well", "2024", "05", "06"]);
        check("a-b-c-d-e", &["a", "b", "c", "d", "e"]);
        check("isn't Python\u{2019}s 'quoted' they'll", &["isnt", "python", "quot", "they"]);
        check("O'Brien rock'n'roll", &["obrien", "o", "brien", "rock", "n", "roll"]);
    }

    #[test]
    fn parts_take_positions_and_wholes_none() {
        let placed = |text: &str| -> Vec<(usize, usize)> {
            tokens(text, 99).iter().map(|token| (token.position, token.length)).collect()
        };
        assert_eq!(placed("a my_func b"), [(0, 1), (1, 2), (1, 1), (2, 1), (3, 1)]);
        assert_eq!(placed("__init__ f-string"), [(0, 1), (0, 1), (1, 2), (1, 1), (2, 1)]);
        let parts: Vec<bool> = tokens("__init__ x DataFrame", 99).iter().map(|token| token.part).collect();
        assert_eq!(parts, [false, true, false, false, true, true]);
    }

    #[test]
    fn terms_are_bounded_and_never_huge() {
        assert_eq!(tokens("a b a c d", 3).len(), 3);
        check(&"x".repeat(1_000_000), &[]);
        for many in ["x.", "x-", "x'", "xY", "x_", "c++"] {
            assert!(tokens(&many.repeat(100_000), usize::MAX).iter().all(|token| token.term.len() <= 4));
        }
    }

    proptest! {
        #[test]
        fn any_text_has_terms_in_order(text in "[a-zA-Z0-9_.'+#é\u{301} \u{2019}-]{0,60}|\\PC{0,60}") {
            let tokens = tokens(&text, usize::MAX);
            prop_assert!(tokens.is_sorted_by_key(|token| token.position));
            prop_assert!(tokens.iter().all(|token| !token.term.is_empty() && token.length > 0));
        }
    }
}
