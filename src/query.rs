//! Questions taken apart: the words to look for, and what a passage must have besides.
//!
//! Any text is a question. These parts of it are taken for more than words:
//!
//! | typed | a passage is found only if |
//! |---|---|
//! | `"exact phrase"` | its text, heading, question or title has these words in this order; in a sentence, if any passage has |
//! | `-word`, `-"two words"` | it has none of them |
//! | `title:word`, `title:"two words"` | its note's title has them |
//! | `tag:name` | its note has the tag |
//! | `path:glob` | its note's path matches; any of them, if there are several |
//! | `since:day` | its note has a date, and it is that day or later |
//! | `before:day` | its note has a date, and it is before that day |
//! | `-title:…`, `-tag:…`, `-path:…`, `-since:…`, `-before:…` | it isn't so |
//!
//! A day is what [`Day::parse`] reads: `2024`, `2024-06`, `2024-06-30`, `yesterday`, `7d`. An operator begins a word. What isn't quite one is text: a quotation mark without its other half, `std::vec`,
//! `note: this`, `before:breakfast`, `a - b`, `-1`, `--force`, the flag `-l`, and what stands between backticks. Without
//! anything to look for beside it, `-word` is text too.

use std::fmt;

use crate::calendar::Day;
use crate::words::is_stop_word;

/// The most operators of a question; what looks like another one is text.
const MOST_OPERATORS: usize = 32;

/// The most characters of an operator, so that a closing mark isn't looked for to the end of a long text.
const LONGEST: usize = 1000;

#[cfg(test)]
thread_local! {
    /// How many questions a thread has taken apart.
    pub(crate) static PARSED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// A question, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The words to look for: the text without operators and what they exclude, with the words of phrases. May be empty.
    pub text: String,
    /// The clauses that a passage must meet: all of these, but only one of the [`Clause::Path`]s.
    pub required: Vec<Clause>,
    /// The clauses that a passage mustn't meet.
    pub excluded: Vec<Clause>,
}

/// A condition that a passage meets or doesn't.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clause {
    /// Words that follow each other in one of its fields.
    Phrase(String),
    /// Words that follow each other in its note's title.
    Title(String),
    /// A tag of its note.
    Tag(String),
    /// A glob that its note's path matches.
    Path(String),
    /// A date of its note that is this day or a later one.
    Since(Day),
    /// A date of its note that is before this day.
    Before(Day),
}

/// A filter: what a passage must have, whatever the question says. An empty field demands nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Globs, any of which must match the note's `path` or `root/path`. `*` stops at a `/`, `**` doesn't. A
    /// glob that matches a folder means everything under it, and one without `/` is looked for at any depth.
    pub paths: Vec<String>,
    /// Tags, all of which the note must have; with or without `#`, in any case.
    pub tags: Vec<String>,
    /// The note must have a date, and it must be this day or later.
    pub since: Option<Day>,
    /// The note must have a date, and it must be before this day.
    pub before: Option<Day>,
}

impl Query {
    /// The question that asks for some words and demands nothing.
    pub fn words(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// The question without its demand for phrases, if these may be quotations: if it has stop words outside of them, and so
    /// is a sentence.
    pub fn without_quotations(&self) -> Option<Self> {
        let stop_words =
            |text: &str| text.split_whitespace().filter(|word| is_stop_word(&word.to_lowercase())).count();
        let phrases = || {
            self.required.iter().filter_map(|clause| match clause {
                Clause::Phrase(phrase) => Some(phrase.as_str()),
                _ => None,
            })
        };
        let quoted: usize = phrases().map(stop_words).sum();
        if phrases().next().is_none() || stop_words(&self.text) <= quoted {
            return None;
        }
        let mut plain = self.clone();
        plain.required.retain(|clause| !matches!(clause, Clause::Phrase(_)));
        Some(plain)
    }

    /// Takes a question apart that was asked on the day `today`. Text without operators remains as it is.
    pub fn parse(question: &str, today: Day) -> Self {
        #[cfg(test)]
        PARSED.set(PARSED.get() + 1);
        let parts = parts(question, today);
        let asks = |part: &QueryPart<'_>| match part {
            QueryPart::Text(text) => text.contains(|c: char| !c.is_whitespace()),
            QueryPart::Operator { excluded, clause, .. } => !excluded && matches!(clause, Clause::Phrase(_)),
        };
        let nothing_else = !parts.iter().any(asks);
        let mut query = Self::default();
        for part in &parts {
            match part {
                QueryPart::Text(text) => query.text.push_str(text),
                QueryPart::Operator { excluded: true, clause: Clause::Phrase(_), typed } if nothing_else => {
                    query.text.push_str(typed);
                }
                QueryPart::Operator { excluded: true, clause, .. } => query.excluded.push(clause.clone()),
                QueryPart::Operator { excluded: false, clause, .. } => {
                    if let Clause::Phrase(words) = clause {
                        query.text.push_str(words);
                    }
                    query.required.push(clause.clone());
                }
            }
        }
        if !query.demands_nothing() {
            query.text = query.text.split_whitespace().collect::<Vec<_>>().join(" ");
        }
        query
    }

    /// Whether any passage will do.
    pub fn demands_nothing(&self) -> bool {
        self.required.is_empty() && self.excluded.is_empty()
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (field, value) = match self {
            Self::Phrase(value) => return write!(f, "\"{value}\""),
            Self::Title(value) => ("title", value),
            Self::Tag(value) => ("tag", value),
            Self::Path(value) => ("path", value),
            Self::Since(day) => return write!(f, "since:{day}"),
            Self::Before(day) => return write!(f, "before:{day}"),
        };
        if value.contains(char::is_whitespace) {
            write!(f, "{field}:\"{value}\"")
        } else {
            write!(f, "{field}:{value}")
        }
    }
}

/// A stretch of a question.
enum QueryPart<'a> {
    /// Text, blanks included.
    Text(&'a str),
    /// An operator, and how it was typed.
    Operator { excluded: bool, clause: Clause, typed: &'a str },
}

/// Cuts a question into operators and what lies between.
fn parts(question: &str, today: Day) -> Vec<QueryPart<'_>> {
    let mut parts = Vec::new();
    let (mut text, mut at) = (0, 0);
    let mut begins_word = true;
    // Once there is no other backtick in the rest, it isn't looked for again: that would take quadratic time.
    let (mut closed, mut operators) = (true, 0);
    while let Some(c) = question[at..].chars().next() {
        let rest = &question[at..];
        if begins_word && c == '`' && closed {
            closed = rest[1..].contains('`');
            at += 1 + rest[1..].find('`').unwrap_or(0);
        } else if begins_word
            && operators < MOST_OPERATORS
            && let Some((excluded, clause, length)) = operator(rest, today)
        {
            operators += 1;
            parts.extend((text < at).then(|| QueryPart::Text(&question[text..at])));
            parts.push(QueryPart::Operator { excluded, clause, typed: &rest[..length] });
            (text, at) = (at + length, at + length);
            begins_word = false;
            continue;
        }
        begins_word = question[at..].starts_with(|c: char| c.is_whitespace() || c == '(');
        at += question[at..].chars().next().map_or(0, char::len_utf8);
    }
    parts.extend((text < at).then(|| QueryPart::Text(&question[text..at])));
    parts
}

/// The operator that a text begins with: whether it excludes, its clause, and its length.
fn operator(text: &str, today: Day) -> Option<(bool, Clause, usize)> {
    let rest = text.strip_prefix('-').unwrap_or(text);
    let excluded = rest.len() < text.len();
    let (clause, length) =
        field(rest, today).or_else(|| phrase(rest)).or_else(|| excluded.then(|| word(rest))?)?;
    Some((excluded, clause, text.len() - rest.len() + length))
}

/// The field and value that a text begins with, and their length.
fn field(text: &str, today: Day) -> Option<(Clause, usize)> {
    let names = ["title", "tag", "path", "since", "before"];
    let (name, rest) =
        names.into_iter().find_map(|name| Some((name, text.strip_prefix(name)?.strip_prefix(':')?)))?;
    let (value, length) = match quoted(rest) {
        Some(quoted) => quoted,
        None => until_blank(rest).map(|value| (value, value.len()))?,
    };
    let value = value.trim();
    let says = value.contains(char::is_alphanumeric) || (name == "path" && !value.is_empty());
    let day = || Day::parse(value.trim_end_matches(['?', '!', ',', ';', '.', ')']), today);
    let clause = match name {
        "title" => Clause::Title(value.to_owned()),
        "tag" => Clause::Tag(value.to_owned()),
        "since" => Clause::Since(day()?),
        "before" => Clause::Before(day()?),
        _ => Clause::Path(value.to_owned()),
    };
    says.then_some((clause, name.len() + 1 + length))
}

/// The phrase that a text begins with, and its length.
fn phrase(text: &str) -> Option<(Clause, usize)> {
    let (words, length) = quoted(text)?;
    words.contains(char::is_alphanumeric).then(|| (Clause::Phrase(words.trim().to_owned()), length))
}

/// The word that a text begins with, if a dash may exclude it, and its length. A single letter is a flag.
fn word(text: &str) -> Option<(Clause, usize)> {
    let word = until_blank(text)?;
    let mut letters = word.chars();
    let begins = letters.next()?.is_alphabetic() && letters.next().is_some_and(char::is_alphanumeric);
    let said = word.trim_end_matches(['?', '!', ',', ';', '.', ':', ')']);
    begins.then(|| (Clause::Phrase(said.to_owned()), said.len()))
}

/// The text up to the first blank, unless that is far away.
fn until_blank(text: &str) -> Option<&str> {
    let mut near = text.char_indices().take(LONGEST);
    match near.find(|(_, c)| c.is_whitespace()) {
        Some((end, _)) => Some(&text[..end]),
        None => (text.len() < LONGEST).then_some(text),
    }
}

/// The text between the quotation marks that a text begins with, and its length with them.
fn quoted(text: &str) -> Option<(&str, usize)> {
    let open = text.chars().next()?;
    let close: &[char] = match open {
        '"' => &['"'],
        '\u{201c}' | '\u{201e}' => &['\u{201d}', '\u{201c}'],
        _ => return None,
    };
    let inside = &text[open.len_utf8()..];
    let (end, mark) = inside.char_indices().take(LONGEST).find(|(_, c)| close.contains(c))?;
    Some((&inside[..end], open.len_utf8() + end + mark.len_utf8()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A question asked at the end of March.
    fn parse(question: &str) -> Query {
        Query::parse(question, Day::of(1_711_843_200))
    }

    /// Checks text, what is required and what is excluded, as printed.
    fn check(question: &str, text: &str, required: &[&str], excluded: &[&str]) {
        let query = parse(question);
        let printed = |clauses: &[Clause]| clauses.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(query.text, text, "{question}");
        assert_eq!(printed(&query.required), required, "{question}");
        assert_eq!(printed(&query.excluded), excluded, "{question}");
    }

    #[test]
    fn text_remains_as_it_is() {
        for text in [
            "what is the  GIL?",
            "a - b",
            "non-empty",
            "what is -1 % 5",
            "git push --force",
            "ls -l",
            "`rm -rf`",
            "use std::vec or http://x.org/a:b",
            "note: this, Title: that, tag:",
            "before:breakfast, since:when? since:2024-02-30 since:",
            "a 5\" pipe",
            "an \"unbalanced quote",
            "\"?!\"",
            "-alone",
            " - ",
            "",
        ] {
            check(text, text, &[], &[]);
        }
    }

    #[test]
    fn operators_are_understood() {
        check("a \"b c\" d", "a b c d", &["\"b c\""], &[]);
        check("“b c”?", "b c?", &["\"b c\""], &[]);
        check("a -bc -\"d e\", f", "a , f", &[], &["\"bc\"", "\"d e\""]);
        check("owls -snake_case?", "owls ?", &[], &["\"snake_case\""]);
        check("tag:#x path:\"a b/**\" owls", "owls", &["tag:#x", "path:\"a b/**\""], &[]);
        check("title:owl title:\"two words\" x", "x", &["title:owl", "title:\"two words\""], &[]);
        check("x -tag:a -path:b/* -title:c", "x", &[], &["tag:a", "path:b/*", "title:c"]);
        check("owls since:2024 before:2024-06?", "owls", &["since:2024-01-01", "before:2024-06-01"], &[]);
        check("owls since:yesterday -before:1m", "owls", &["since:2024-03-30"], &["before:2024-02-29"]);
        check("tag:python", "", &["tag:python"], &[]);
        check("tag:python -snakes", "-snakes", &["tag:python"], &[]);
        check("-a1 -bc", "-a1 -bc", &[], &[]);
        check("(\"b\")", "(b)", &["\"b\""], &[]);
    }

    /// Whether it would have to be printed with another kind of quotation marks.
    fn has_marks(clause: &Clause) -> bool {
        match clause {
            Clause::Phrase(value) | Clause::Title(value) | Clause::Tag(value) | Clause::Path(value) => {
                value.contains(['"', '\u{201c}', '\u{201d}', '\u{201e}'])
            }
            Clause::Since(_) | Clause::Before(_) => false,
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_question(question in "[-a-c\"“”:` \n()éx]{0,40}|(-?(tag:|path:|since:|\"|`| )?[1-2a-d ]{0,3}){0,9}|\\PC*") {
            let query = parse(&question);
            if query.demands_nothing() {
                prop_assert_eq!(query.text, question);
            } else {
                // What was typed as an operator means the same alone, beside something to look for.
                for (clauses, sign) in [(&query.required, ""), (&query.excluded, "-")] {
                    for clause in clauses.iter().filter(|clause| !has_marks(clause)) {
                        let again = parse(&format!("x {sign}{clause}"));
                        let found = if sign.is_empty() { &again.required } else { &again.excluded };
                        prop_assert_eq!(found, &vec![clause.clone()]);
                    }
                }
            }
        }
    }

    #[test]
    fn long_questions_take_linear_time() {
        for piece in ["\"a ", "` ", "-a", "-\"", " path:", " since:", " -ab", "“ ", "(-", "(-ab", "(tag:a"]
        {
            parse(&piece.repeat(300_000));
        }
    }
}
