//! What a sentence says that can be compared: its words, numbers, names and negations.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use crate::document::{Block, BlockKind, floor};
use crate::seen::seen;
use crate::words::{fold, is_unspaced, plain, stem, words_in};

/// The most tokens of a sentence that are read: a longer one isn't a sentence.
pub(super) const MOST_TOKENS: usize = 600;

/// Words that only hold a sentence together, or tell nothing of what it is about; in lower case and sorted.
const FUNCTION_WORDS: &[&str] = &[
    "a",
    "actually",
    "additionally",
    "also",
    "although",
    "am",
    "an",
    "and",
    "are",
    "as",
    "at",
    "basically",
    "be",
    "because",
    "been",
    "being",
    "but",
    "by",
    "depends",
    "did",
    "do",
    "does",
    "doing",
    "done",
    "essentially",
    "etc",
    "for",
    "from",
    "furthermore",
    "generally",
    "had",
    "has",
    "have",
    "having",
    "he",
    "hence",
    "her",
    "here",
    "hers",
    "him",
    "his",
    "how",
    "however",
    "i",
    "if",
    "in",
    "indeed",
    "into",
    "is",
    "it",
    "its",
    "just",
    "me",
    "mine",
    "moreover",
    "my",
    "of",
    "ok",
    "okay",
    "on",
    "or",
    "our",
    "ours",
    "overall",
    "per",
    "quite",
    "really",
    "shall",
    "she",
    "simply",
    "so",
    "sure",
    "than",
    "that",
    "the",
    "their",
    "theirs",
    "them",
    "then",
    "there",
    "therefore",
    "these",
    "they",
    "this",
    "those",
    "though",
    "thus",
    "to",
    "too",
    "us",
    "very",
    "via",
    "was",
    "we",
    "were",
    "what",
    "when",
    "where",
    "whereas",
    "which",
    "while",
    "who",
    "whom",
    "whose",
    "why",
    "will",
    "with",
    "would",
    "yes",
    "you",
    "your",
    "yours",
];
/// Words that begin a clause of its own, which a negation before them doesn't reach.
const CLAUSES: [&str; 10] =
    ["although", "because", "but", "if", "so", "though", "unless", "whereas", "when", "while"];
/// Words that say that something isn't so, in the languages that notes are written in most.
const NEGATIONS: &[&str] = &[
    "aucun", "barely", "cannot", "geen", "hardly", "ikke", "inte", "jamais", "kein", "keine", "keinem",
    "keinen", "keiner", "nao", "ne", "neither", "never", "nicht", "nichts", "nie", "niemals", "niet", "no",
    "nobody", "non", "none", "nor", "not", "nothing", "nowhere", "nunca", "ohne", "pas", "rarely", "sans",
    "scarcely", "seldom", "senza", "sin", "without",
];
/// Numbers in words; `one` is mostly none.
const NUMBERS: [(&str, &str); 12] = [
    ("two", "2"),
    ("three", "3"),
    ("four", "4"),
    ("five", "5"),
    ("six", "6"),
    ("seven", "7"),
    ("eight", "8"),
    ("nine", "9"),
    ("ten", "10"),
    ("eleven", "11"),
    ("twelve", "12"),
    ("zero", "0"),
];
/// Signs that mean something where they stand.
const SIGNS: &str = "=<>!+%&^~$€£°→≤≥≠≈±×÷−";

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word that says something.
    Word,
    /// A number.
    Number,
    /// A sign, an operator.
    Sign,
    /// A negation, whichever it is.
    Not,
    /// A word that only holds the sentence together.
    Function,
}

/// A word, number, sign or negation.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and any may hold")]
#[derive(Clone, Debug)]
pub(super) struct Token {
    /// What is compared: the same for all forms of a word.
    pub(super) key: u64,
    /// What it is.
    pub(super) kind: Kind,
    /// The word in lower case.
    pub(super) word: Box<str>,
    /// Whether it must be in the source as it is: a name, a number, code.
    pub(super) is_fact: bool,
    /// Whether it is the first word of its sentence, with a capital.
    pub(super) opens: bool,
    /// Whether a clause begins with it.
    pub(super) clause: bool,
    /// Whether it is a part of a link's target, which a sentence may leave out.
    pub(super) in_target: bool,
    /// Whether a line begins with it.
    pub(super) line: bool,
}

impl Token {
    /// Whether it counts for what a sentence says.
    pub(super) fn counts(&self) -> bool {
        self.kind != Kind::Function
    }

    /// Whether it is a word or a number.
    pub(super) fn is_content(&self) -> bool {
        matches!(self.kind, Kind::Word | Kind::Number)
    }
}

/// The tokens of a text in Markdown.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let text = with_targets(text);
    let block = Block { range: 0..text.len(), kind: BlockKind::Paragraph, depth: 0 };
    let seen = seen(&text, std::slice::from_ref(&block));
    read(&plain(&seen))
}

/// What stands around the target of a link where words are read.
const TARGET: [char; 2] = ['\u{e000}', '\u{e001}'];

/// A text with the targets of its links in their places, marked as such.
fn with_targets(text: &str) -> Cow<'_, str> {
    const LONGEST: usize = 1000;
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find("](") {
        let (shown, target) = (&rest[..at], &rest[at + 2..]);
        let end = target[..floor(target, LONGEST)].find([')', '\n']);
        let Some(end) = end.filter(|&end| target[end..].starts_with(')')) else {
            out.push_str(&rest[..at + 2]);
            rest = target;
            continue;
        };
        out.extend([shown, "] "]);
        out.push(TARGET[0]);
        out.push_str(&target[..end]);
        out.push(TARGET[1]);
        rest = &target[end + 1..];
    }
    if out.is_empty() { text.into() } else { (out + rest).into() }
}

/// The tokens of a text as it is seen.
pub(super) fn read(text: &str) -> Vec<Token> {
    let (tokens, in_code, in_target) = (Vec::new(), false, false);
    let mut reader = Reader { text, tokens, clause: true, line: true, opens: true, in_code, in_target };
    let mut at = 0;
    for word in words_in(text) {
        // Numbers and contractions take more than one.
        if word.start < at || reader.tokens.len() > MOST_TOKENS {
            continue;
        }
        reader.between(at..word.start);
        at = reader.word(word);
    }
    reader.between(at..text.len());
    reader.tokens
}

/// Reads tokens in their order.
#[expect(clippy::struct_excessive_bools, reason = "where a word stands is several things at once")]
struct Reader<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    /// Whether a clause begins with the next word.
    clause: bool,
    /// Whether a line does.
    line: bool,
    /// Whether a sentence does.
    opens: bool,
    /// Whether it stands in code.
    in_code: bool,
    /// Whether it stands in the target of a link.
    in_target: bool,
}

impl Reader<'_> {
    /// Reads what stands between words.
    fn between(&mut self, range: Range<usize>) {
        let gap = &self.text[range.clone()];
        let dash = [" - ", " -- ", "–", "—"].iter().any(|dash| gap.contains(dash));
        self.clause |= dash || gap.contains([',', ';', ':', '.', '!', '?', '(', ')', '。', '，', '…']);
        self.opens |= gap.contains(['.', '!', '?', ':', '…', '|', '"', '“', '(', '•', '→', '\n'])
            || gap.contains("**")
            || dash;
        for c in gap.chars() {
            self.in_code ^= c == '`';
            self.in_target = c == TARGET[0] || self.in_target && c != TARGET[1];
        }
        self.line |= gap.contains(['\n', '\r']);
        let first = range.start == 0;
        for run in gap.split(|c| !SIGNS.contains(c)).filter(|run| !run.is_empty()) {
            let before = &self.text[..run.as_ptr() as usize - self.text.as_ptr() as usize];
            let lone = run.chars().count() == 1 && "!&~≈".contains(run) || first && run.starts_with('>');
            let all_same = run.len() > 1 && run.bytes().all(|byte| matches!(byte, b'~' | b'!'));
            let quote = run.bytes().all(|byte| byte == b'>') && before.trim_end_matches(' ').ends_with('\n');
            if !(lone || all_same || quote) {
                self.push(run, Kind::Sign, false, run);
            }
        }
    }

    /// Reads a word, and gives its end.
    fn word(&mut self, range: Range<usize>) -> usize {
        let text = &self.text[range.clone()];
        if text.starts_with(|c: char| c.is_ascii_digit()) {
            return self.number(range);
        }
        let rest = &self.text[range.end..];
        let apostrophe = rest.chars().next().filter(|c| matches!(c, '\'' | '’'));
        let suffix = apostrophe.map_or("", |c| {
            let rest = &rest[c.len_utf8()..];
            &rest[..rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len())]
        });
        let short = ["s", "t", "re", "ll", "ve", "d", "m"].contains(&suffix.to_ascii_lowercase().as_str());
        let end =
            if short { range.end + apostrophe.map_or(0, char::len_utf8) + suffix.len() } else { range.end };
        let lower = fold(text.trim_matches('_'));
        if short && suffix.eq_ignore_ascii_case("t") && lower.ends_with('n') {
            let verb = match lower.as_str() {
                "can" => "can",
                "won" => "will",
                "shan" => "shall",
                _ => &lower[..lower.len() - 1],
            };
            self.known(verb, text);
            self.push("not", Kind::Not, false, "");
            return end;
        }
        if lower == "cannot" {
            self.known("can", text);
            self.push("not", Kind::Not, false, "");
            return end;
        }
        self.known(&lower, text);
        end
    }

    /// Adds a word, in lower case and as it is written.
    fn known(&mut self, lower: &str, written: &str) {
        self.clause |= CLAUSES.contains(&lower);
        // In Python, `None` is a value.
        let is_value = written == "None" && (self.in_code || !self.opens);
        if NEGATIONS.binary_search(&lower).is_ok() && !is_value {
            self.push("not", Kind::Not, false, written);
        } else if let Some((_, digits)) = NUMBERS.iter().find(|(word, _)| *word == lower) {
            self.push(digits, Kind::Number, true, written);
        } else if FUNCTION_WORDS.binary_search(&lower).is_ok() {
            self.push(lower, Kind::Function, false, written);
        } else if lower == "percent" {
            self.push("%", Kind::Sign, false, written);
        } else {
            let inner = written.chars().skip(1).any(char::is_uppercase) || written.contains('_');
            let digits = written.contains(|c: char| c.is_ascii_digit());
            let capital = written.starts_with(char::is_uppercase);
            let is_fact = inner || digits || self.in_code || capital && !self.opens;
            self.push(lower, Kind::Word, is_fact, written);
        }
    }

    /// Reads the number that begins with a word, and gives its end.
    fn number(&mut self, range: Range<usize>) -> usize {
        let bytes = self.text.as_bytes();
        let mut end = range.start;
        while end < bytes.len() {
            let goes_on = bytes[end].is_ascii_digit()
                || matches!(bytes[end], b'.' | b',')
                    && bytes.get(end + 1).is_some_and(u8::is_ascii_digit)
                    && (bytes[end] == b'.' || thousands(&bytes[end + 1..]));
            let joiner = self.text[end..].starts_with(crate::words::JOINER);
            if !goes_on && !joiner {
                break;
            }
            end += if joiner { crate::words::JOINER.len_utf8() } else { 1 };
        }
        let before = &self.text[..range.start];
        let minus =
            before.strip_suffix(['-', '−']).is_some_and(|rest| rest.is_empty() || rest.ends_with([' ', '(']));
        let digits: String =
            self.text[range.start..end].chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
        let number = if minus { format!("-{digits}") } else { digits };
        self.push(&number, Kind::Number, true, "");
        if end < range.end {
            let unit = self.text[end..range.end].to_owned();
            self.known(&fold(&unit), &unit);
        }
        end.max(range.end)
    }

    /// Adds a token.
    fn push(&mut self, word: &str, kind: Kind, is_fact: bool, written: &str) {
        let stem = if kind == Kind::Word && !word.contains(is_unspaced) { stem(word) } else { word.into() };
        let is_capital = written.starts_with(char::is_uppercase);
        self.tokens.push(Token {
            key: key(&stem, kind),
            kind,
            word: word.into(),
            is_fact,
            opens: self.opens && is_capital,
            clause: self.clause,
            in_target: self.in_target,
            line: std::mem::take(&mut self.line),
        });
        // A word that doesn't count doesn't begin the clause.
        self.clause &= kind == Kind::Function;
        self.opens = false;
    }
}

/// Whether a group of three digits stands here.
fn thousands(bytes: &[u8]) -> bool {
    bytes.iter().take_while(|byte| byte.is_ascii_digit()).count() == 3
}

/// The key of a stem.
fn key(stem: &str, kind: Kind) -> u64 {
    let mut hasher = DefaultHasher::new();
    // A negation is one word, however it is written.
    if kind == Kind::Not { "not" } else { stem }.hash(&mut hasher);
    (kind == Kind::Not).hash(&mut hasher);
    hasher.finish()
}
