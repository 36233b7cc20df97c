//! Questions taken apart: the words to look for, and what a passage must have besides.
//!
//! Any text is a question. These parts of it are taken for more than words:
//!
//! | typed | a passage is found only if |
//! |---|---|
//! | `"exact phrase"` | its text, heading, question or title has these words in this order; in a sentence, if any passage has |
//! | `-word`, `-"two words"` | it has none of them |
//! | `title:word`, `title:"two words"` | its note's title has them |
//! | `tag:name`, `tags:name` | its note has the tag, or one below it |
//! | `path:glob`, `file:glob` | its note's path matches; any of them, if there are several |
//! | `key:value`, `key:"two words"` | its note has such a property, if any note has the key |
//! | `begin*` | it has a word that begins so, if any passage has |
//! | `since:day` | its note has a date, and it is that day or later |
//! | `before:day` | its note has a date, and it is before that day |
//! | `-title:…`, `-tag:…`, `-path:…`, `-key:…`, `-since:…`, `-before:…` | it isn't so |
//! | `tag:a OR tag:b` | one of both is so |
//!
//! A day is what [`Day::parse`] reads: `2024`, `2024-06`, `2024-06-30`, `yesterday`, `7d`. An operator begins a word.
//! What isn't quite one is text: a quotation mark without its other half, `std::vec`, `note: this`, `before:breakfast`,
//! `a - b`, `-1`, `--force`, the flags of a command (`tar -xzf`), the lines of a list, and what stands between backticks.
//! Without anything beside it, `-word` is text too; see [`Query::only_excludes`].
//!
//! Notes of the [`date`](Query::date) that a question names are preferred, and none is left out for it.

mod dates;
mod flags;
mod parts;
mod preposition;

use std::fmt;

use crate::calendar::Day;
use crate::words::{Language, fold, is_stop_word};
pub use dates::{AskedDate, Period};
use parts::{Doubt, Operator, Part, parts};

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
    /// The date that the text names, if it does: notes of those days are meant, if there are any.
    pub date: Option<AskedDate>,
    /// What it was put together from.
    parts: Vec<Part>,
    /// When it is asked.
    today: Option<Day>,
}

/// A word with a dash before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dashed<'a> {
    /// Word and dash, as they were typed.
    pub typed: &'a str,
    /// Whether they stand behind what may be the name of a command.
    pub behind_command: bool,
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
    /// A property of its note, as front matter has them.
    Property {
        /// The key, in lower case.
        key: String,
        /// A value, or words in a row of one.
        value: String,
    },
    /// A word that begins so.
    Prefix(String),
    /// Any of these clauses; there are no such ones among them.
    Any(Vec<Clause>),
    /// A date of its note that is this day or a later one.
    Since(Day),
    /// A date of its note that is before this day.
    Before(Day),
}

/// A filter: what a passage must have, whatever the question says. An empty field demands nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Globs, any of which must match the note's `path` or `root/path`. `*` stops at a `/`, `**` doesn't. A
    /// glob that matches a folder means everything under it, and one without `/` is looked for at any depth. Case matters
    /// where it does in names of files.
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
        let phrases = || self.required.iter().filter_map(Clause::phrase);
        phrases().next()?;
        let language = Language::of(&self.text);
        let is_stop_word = |word: &&str| {
            let small = word.to_lowercase();
            is_stop_word(&small) || language.is_stop_word(&fold(&small))
        };
        let stop_words = |text: &str| text.split_whitespace().filter(is_stop_word).count();
        let quoted: usize = phrases().map(stop_words).sum();
        if stop_words(&self.text) <= quoted {
            return None;
        }
        let mut plain = self.clone();
        plain.required.retain(|clause| !matches!(clause, Clause::Phrase(_)));
        Some(plain)
    }

    /// Takes a question apart that was asked on the day `today`. Text without operators remains as it is, and so does what
    /// only some notes can tell from text; see [`doubts`](Self::doubts).
    pub fn parse(question: &str, today: Day) -> Self {
        #[cfg(test)]
        PARSED.set(PARSED.get() + 1);
        Self::of(parts(question, today), Some(today))
    }

    /// What is taken for text, but means these clauses if any note has their key, or a word with their beginning.
    pub fn doubts(&self) -> impl Iterator<Item = &Clause> {
        let operators = self.parts.iter().filter_map(|part| part.operator.as_ref());
        operators
            .filter(|operator| operator.doubt != Doubt::None && !operator.taken && !operator.is_dashed_word())
            .map(|operator| &operator.clause)
    }

    /// The words that are left out for the dash before them. They may be text: what passages say may tell.
    pub fn dashed(&self) -> impl Iterator<Item = Dashed<'_>> {
        self.parts.iter().filter_map(|Part { typed, operator }| {
            let operator =
                operator.as_ref().filter(|operator| operator.taken && operator.is_dashed_word())?;
            Some(Dashed { typed, behind_command: operator.doubt == Doubt::BehindCommand })
        })
    }

    /// The same question without doubts: those are clauses which `means` says are.
    #[must_use]
    pub fn settled(self, means: impl Fn(&Clause) -> bool) -> Self {
        // What was given back isn't in doubt any more.
        self.decided(|_, operator| operator.taken || (!operator.is_dashed_word() && means(&operator.clause)))
    }

    /// The same question, in which those of the [`dashed`](Self::dashed) words are text of which `is_text` says so.
    #[must_use]
    pub fn with_text(self, is_text: impl Fn(&str) -> bool) -> Self {
        self.decided(|typed, operator| operator.taken && !(operator.is_dashed_word() && is_text(typed)))
    }

    /// The same question, of whose doubtful operators those are taken for which `takes` says so.
    fn decided(self, takes: impl Fn(&str, &Operator) -> bool) -> Self {
        let (mut parts, today) = (self.parts, self.today);
        for Part { typed, operator } in &mut parts {
            if let Some(operator) = operator.as_mut().filter(|operator| operator.doubt != Doubt::None) {
                operator.taken = takes(typed, operator);
            }
        }
        Self::of(parts, today)
    }

    /// The question with these parts, asked on the day `today`.
    fn of(parts: Vec<Part>, today: Option<Day>) -> Self {
        let mut query = Self::put_together(parts);
        query.today = today;
        query.date = today.and_then(|today| AskedDate::find(&query.text, today));
        query
    }

    fn put_together(parts: Vec<Part>) -> Self {
        let taken = |part: &Part| part.operator.clone().filter(|operator| operator.taken);
        let mut pieces: Vec<Piece> = Vec::new();
        for part in &parts {
            match (taken(part), pieces.last_mut()) {
                (Some(Operator { excluded, clause, .. }), _) => {
                    pieces.push(Piece::Clause { excluded, clause });
                }
                (None, Some(Piece::Text(text))) => text.push_str(&part.typed),
                (None, _) => pieces.push(Piece::Text(part.typed.clone())),
            }
        }
        let says = |piece: &Piece| match piece {
            Piece::Text(text) => text.contains(|c: char| !c.is_whitespace()),
            Piece::Clause { excluded, clause } => !excluded || !matches!(clause, Clause::Phrase(_)),
        };
        let mut query = Self { parts, ..Self::default() };
        if !pieces.iter().any(says) {
            // Nothing is left that an exclusion could be made from.
            query.text = query.parts.iter().map(|part| part.typed.as_str()).collect();
            return query;
        }
        for piece in alternatives(pieces) {
            match piece {
                Piece::Text(text) => query.text.push_str(&text),
                Piece::Clause { excluded: true, clause } => query.excluded.push(clause),
                Piece::Clause { excluded: false, clause } => {
                    query.text.push_str(&clause.words());
                    query.required.push(clause);
                }
            }
        }
        if !query.demands_nothing() {
            query.text = query.text.split_whitespace().collect::<Vec<_>>().join(" ");
        }
        query
    }

    /// Whether it has no words to look for, marks at most.
    pub fn is_silent(&self) -> bool {
        self.text.chars().all(|c| c.is_whitespace() || "?!.,;:()".contains(c))
    }

    /// Whether it consists of nothing but words with a dash before them. They are text then, but may be meant otherwise.
    pub fn only_excludes(&self) -> bool {
        let mut operators = self.parts.iter().filter(|part| !part.typed.trim().is_empty()).peekable();
        operators.peek().is_some()
            && operators.all(|part| {
                part.operator
                    .as_ref()
                    .is_some_and(|operator| operator.taken && operator.is_exclusion_of_words())
            })
    }

    /// Whether any passage will do.
    pub fn demands_nothing(&self) -> bool {
        self.required.is_empty() && self.excluded.is_empty()
    }
}

/// A piece of a question that is being put together.
enum Piece {
    Text(String),
    Clause { excluded: bool, clause: Clause },
}

/// The pieces, in which clauses with `OR` between them are one. A word beside a clause counts as a phrase; of words alone
/// any will do anyway.
fn alternatives(pieces: Vec<Piece>) -> Vec<Piece> {
    const OR: &str = "OR";
    let is_clause = |piece: &Piece| matches!(piece, Piece::Clause { excluded: false, .. });
    let has_or =
        |piece: &Piece| matches!(piece, Piece::Text(text) if text.split_whitespace().any(|word| word == OR));
    if !pieces.iter().any(has_or) || !pieces.iter().any(is_clause) {
        return pieces;
    }
    let mut joined: Vec<Piece> = Vec::new();
    let mut open = false;
    for piece in pieces {
        match piece {
            Piece::Clause { excluded: false, clause } if open => {
                open = false;
                let before = last_alternative(&mut joined);
                joined.push(Piece::Clause { excluded: false, clause: Clause::any(before, clause) });
            }
            Piece::Clause { .. } => {
                open = false;
                joined.push(piece);
            }
            Piece::Text(text) => {
                let mut words: Vec<&str> = text.split_whitespace().collect();
                open = words.last() == Some(&OR) && (words.len() > 1 || !joined.is_empty());
                if let [OR, next, ..] = words[..]
                    && matches!(joined.last(), Some(Piece::Clause { excluded: false, .. }))
                {
                    let before = last_alternative(&mut joined);
                    let clause = Clause::any(before, Clause::Phrase(next.to_owned()));
                    joined.push(Piece::Clause { excluded: false, clause });
                    words.drain(..2);
                }
                words.retain(|word| *word != OR);
                joined.push(Piece::Text(format!(" {} ", words.join(" "))));
            }
        }
    }
    joined
}

/// Takes off the last clause, or the last word as a phrase.
fn last_alternative(pieces: &mut Vec<Piece>) -> Option<Clause> {
    pieces.pop_if(|piece| matches!(piece, Piece::Text(text) if text.trim().is_empty()));
    match pieces.pop()? {
        Piece::Clause { excluded: false, clause } => Some(clause),
        Piece::Text(text) => {
            let text = text.trim_end();
            let (rest, word) = text.rsplit_once(char::is_whitespace).unwrap_or(("", text));
            pieces.push(Piece::Text(format!("{rest} ")));
            Some(Clause::Phrase(word.to_owned()))
        }
        excluded @ Piece::Clause { .. } => {
            pieces.push(excluded);
            None
        }
    }
}

impl Clause {
    /// The words of a phrase, if it is one.
    pub fn phrase(&self) -> Option<&str> {
        if let Self::Phrase(words) = self { Some(words) } else { None }
    }

    /// What one of two clauses demands.
    fn any(one: Option<Self>, other: Self) -> Self {
        match one {
            None => other,
            Some(Self::Any(mut clauses)) => {
                clauses.push(other);
                Self::Any(clauses)
            }
            Some(one) => Self::Any(vec![one, other]),
        }
    }

    /// The words to look for that it has.
    fn words(&self) -> String {
        match self {
            Self::Phrase(words) => words.clone(),
            Self::Any(clauses) => clauses.iter().map(Self::words).collect::<Vec<_>>().join(" "),
            _ => String::new(),
        }
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (field, value) = match self {
            Self::Phrase(value) => return write!(f, "\"{value}\""),
            Self::Title(value) => ("title", value),
            Self::Tag(value) => ("tag", value),
            Self::Path(value) => ("path", value),
            Self::Property { key, value } => (key.as_str(), value),
            Self::Prefix(begin) => return write!(f, "{begin}*"),
            Self::Any(clauses) => {
                for (at, clause) in clauses.iter().enumerate() {
                    write!(f, "{}{clause}", if at == 0 { "" } else { " OR " })?;
                }
                return Ok(());
            }
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

#[cfg(test)]
mod tests;
