//! The words of a question, as they were typed.

use std::ops::Range;

use crate::words::{fold, is_stop_word, stem, symbols};

/// Words that tell nothing about what a question is about, besides [stop words](crate::words::STOP_WORDS); sorted.
const FILLERS: &[&str] = &[
    "actually", "again", "also", "anybody", "anyone", "anything", "because", "being", "come", "else", "even",
    "ever", "every", "exactly", "far", "give", "go", "going", "happen", "happened", "happens", "having",
    "he", "hello", "her", "here", "hers", "hey", "hi", "him", "his", "hmm", "just", "know", "let", "lets",
    "like", "long", "many", "may", "maybe", "might", "mine", "more", "much", "must", "need", "now", "often",
    "oh", "ok", "okay", "only", "other", "others", "ours", "please", "really", "remind", "right", "said",
    "same", "say", "see", "shall", "she", "show", "since", "still", "such", "sure", "thanks", "theirs",
    "thing", "things", "though", "too", "us", "very", "want", "well", "yes", "yet", "yours",
];

/// Words that say what is asked of something that was named before: `what are the advantages`; stemmed by [`stem`] when
/// they are compared.
const RELATIONS: &[&str] = &[
    "instance",
    "point",
    "rest",
    "second",
    "third",
    "last",
    "first",
    "next",
    "former",
    "latter",
    "previous",
    "another",
    "further",
    "elaborate",
    "continue",
    "summarize",
    "shorter",
    "briefly",
    "either",
    "both",
    "neither",
    "two",
    "three",
    "faster",
    "slower",
    "better",
    "worse",
    "cheaper",
    "easier",
    "harder",
    "safer",
    "simpler",
    "best",
    "worst",
    "fastest",
    "happen",
    "work",
    "change",
    "always",
    "never",
    "true",
    "correct",
    "possible",
    "important",
    "necessary",
    "idea",
    "source",
    "wrong",
    "way",
];
/// Those of them that are nouns, of which something else is said behind them: `the advantages of threads`.
const RELATED: &[&str] = &[
    "advantage",
    "disadvantage",
    "benefit",
    "drawback",
    "downside",
    "upside",
    "pros",
    "cons",
    "example",
    "reason",
    "cause",
    "difference",
    "alternative",
    "exception",
    "limitation",
    "limit",
    "detail",
    "consequence",
    "purpose",
    "opposite",
    "option",
    "summary",
];

/// Verbs that an auxiliary may stand before, and no noun.
pub(super) const AUXILIARIES: &[&str] = &[
    "is", "are", "was", "were", "do", "does", "did", "can", "could", "should", "would", "will", "has",
    "have", "had", "may", "might", "must", "shall", "am",
];
/// Words that begin a question.
pub(super) const ASKING: &[&str] = &["what", "who", "whom", "whose", "which", "where", "when", "why", "how"];
/// Words that a noun follows.
pub(super) const DETERMINERS: &[&str] =
    &["a", "an", "the", "my", "our", "your", "some", "any", "no", "each", "every", "all"];
/// Words that a place, a time or another thing follows.
pub(super) const PREPOSITIONS: &[&str] = &[
    "in", "on", "for", "with", "without", "under", "from", "at", "by", "about", "of", "into", "inside",
    "outside", "over", "during", "after", "before", "since", "between", "against", "via", "per", "than",
];

/// What a word of a question is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word.
    Plain,
    /// A part of a phrase in quotation marks, or a symbol.
    Exact,
    /// What says which notes are wanted: `tag:work`, `-draft`.
    Filter,
}

/// A word of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// The word in the form in which words are compared.
    pub(super) low: String,
    /// Where it stands, without marks.
    pub(super) range: Range<usize>,
    /// Whether a mark ends a clause behind it.
    pub(super) ends: bool,
    /// What it is.
    pub(super) kind: Kind,
    /// Whether it is written as a name: `Go`, and not `go`.
    is_name: bool,
}

impl Word {
    /// Whether it is one of some words.
    pub(super) fn is(&self, words: &[&str]) -> bool {
        self.kind == Kind::Plain && words.contains(&self.low.as_str())
    }

    /// Whether it tells what a question is about.
    pub(super) fn tells(&self) -> bool {
        self.kind == Kind::Exact
            || (self.kind == Kind::Plain
                && self.low.chars().any(char::is_alphanumeric)
                && !is_stop_word(&self.low)
                && (self.is_name || FILLERS.binary_search(&self.low.as_str()).is_err()))
    }

    /// Whether it asks for something of what was named before, and doesn't name anything itself.
    pub(super) fn relates(&self) -> bool {
        let is_one = |word: &str| *word == self.low || stem(word) == stem(&self.low);
        self.kind == Kind::Plain && RELATIONS.iter().chain(RELATED).any(|word| is_one(word))
    }

    /// Whether it is a noun that says of what it is behind it: `advantages`.
    pub(super) fn is_related(&self) -> bool {
        self.kind == Kind::Plain && RELATED.iter().any(|word| stem(word) == stem(&self.low))
    }
}

/// The words of a question in their order; `it's` is two.
pub(super) fn words(question: &str) -> Vec<Word> {
    let (mut words, mut quoted) = (Vec::new(), false);
    let mut at = 0;
    for typed in question.split_whitespace() {
        let start = at + question[at..].find(typed).unwrap_or(0);
        at = start + typed.len();
        let marks = typed.matches('"').count();
        let is_quoted = quoted || marks > 0;
        quoted ^= marks % 2 == 1;
        let is_mark = |c: char| !c.is_alphanumeric() && c != '_' && c != '#';
        let bare = typed.trim_matches(is_mark);
        let ends = typed.ends_with([',', ';', ':', '.', '?', '!']);
        if is_quoted || bare.is_empty() || is_field(typed) {
            let is_said = is_quoted || !bare.is_empty() || !symbols(typed, true, true).is_empty();
            if is_said {
                let kind = if !is_quoted && is_field(typed) { Kind::Filter } else { Kind::Exact };
                words.push(Word { low: fold(typed), range: start..at, ends, kind, is_name: false });
            } else if let Some(last) = words.last_mut() {
                // A dash or the like.
                last.ends = true;
            }
            continue;
        }
        let inner = start + typed.find(bare).unwrap_or(0);
        let (head, tail) = contraction(bare);
        let range = inner..inner + head.len();
        let is_name = !words.is_empty() && bare.starts_with(char::is_uppercase);
        let mut add =
            |low: String, range, ends| words.push(Word { low, range, ends, kind: Kind::Plain, is_name });
        match tail {
            None => add(fold(head), range, ends),
            Some(tail) => {
                let behind = range.end..inner + bare.len();
                add(fold(head), range, false);
                add(tail.to_owned(), behind, ends);
            }
        }
    }
    words
}

/// Whether a word is an operator of questions: `tag:work`, `-draft`.
fn is_field(typed: &str) -> bool {
    let dashed = typed.strip_prefix('-').is_some_and(|rest| rest.starts_with(char::is_alphabetic));
    let field = typed.split_once(':').is_some_and(|(key, value)| {
        let is_key = key.len() > 1 && key.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
        is_key && value.starts_with(|c: char| c.is_alphanumeric() || c == '#' || c == '*' || c == '/')
    });
    dashed || field
}

/// The two words that a short form is, if the first of them is none that has forms of its own: `what's`, `they're`.
fn contraction(word: &str) -> (&str, Option<&'static str>) {
    const HEADS: [&str; 16] = [
        "it", "that", "this", "there", "here", "he", "she", "they", "these", "those", "what", "who", "where",
        "when", "why", "how",
    ];
    for (mark, tail) in [("s", "is"), ("re", "are"), ("d", "did"), ("ll", "will"), ("ve", "have")] {
        let head = word.strip_suffix(mark).and_then(|head| head.strip_suffix(['\'', '’']));
        if let Some(head) = head.filter(|head| HEADS.contains(&head.to_lowercase().as_str())) {
            return (head, Some(tail));
        }
    }
    (word, None)
}

/// Whether a question has a word that tells what it is about.
pub(super) fn says_something(question: &str) -> bool {
    words(question).iter().any(Word::tells)
}

/// The stems of the words that tell what a text is about.
pub(super) fn stems(text: &str) -> Vec<String> {
    let telling = words(text).into_iter().filter(Word::tells);
    telling.map(|word| stem(&plain(&word.low)).into_owned()).collect()
}

/// A word without what an owner has behind it: `python` of `python's`.
fn plain(low: &str) -> String {
    low.trim_end_matches("'s").trim_end_matches("’s").trim_matches(['"', '\'']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fillers_are_sorted_so_that_each_is_found() {
        assert!(FILLERS.is_sorted());
        assert!(!FILLERS.iter().any(|word| is_stop_word(word) && *word != "had"));
    }

    #[test]
    fn words_know_where_they_stand() {
        let typed = "What’s it, -draft tag:work \"two words\" == – and “Go”?";
        let words = words(typed);
        let shown: Vec<&str> = words.iter().map(|word| &typed[word.range.clone()]).collect();
        assert_eq!(shown, ["What", "’s", "it", "-draft", "tag:work", "\"two", "words\"", "==", "and", "Go"]);
        let others = words.iter().filter(|word| word.kind != Kind::Plain).count();
        assert_eq!((others, words[1].low.as_str(), words[2].ends), (5, "is", true));
    }
}
