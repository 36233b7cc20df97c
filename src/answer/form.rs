//! What does a question ask for: which kind of thing, and in which form?

/// A kind of thing that a question may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Who or where: a name.
    Name,
    /// When or how many: a number.
    Number,
}

impl Wanted {
    /// What the words of a question, in lower case, ask for.
    pub(super) fn by(words: &[String]) -> Option<Self> {
        const MEASURES: [&str; 7] = ["many", "much", "old", "long", "far", "tall", "large"];
        words.iter().zip(words.iter().skip(1).map(Some).chain([None])).find_map(|(word, next)| {
            match (word.as_str(), next) {
                ("who" | "whom" | "whose" | "where", _) => Some(Self::Name),
                ("when" | "year" | "percentage", _) => Some(Self::Number),
                ("how", Some(next)) if MEASURES.contains(&next.as_str()) => Some(Self::Number),
                _ => None,
            }
        })
    }
}

/// The form that an answer takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Form {
    /// Sentences, and what they announce: what, why, when, who.
    #[default]
    Prose,
    /// What is to be typed or done: how do I, which command, an example.
    Steps,
    /// All of several things: which, what are, compare.
    All,
    /// Whatever the passage has; the question is no sentence: `rename a session`.
    Open,
}

impl Form {
    /// The form that the words of a question, in lower case, ask for.
    pub(super) fn by(words: &[String]) -> Self {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        if asks_how(&words) {
            Self::Steps
        } else if asks_for_all(&words) {
            Self::All
        } else if words.first().is_some_and(|first| !QUESTIONS.contains(first))
            && !words.iter().any(is_asking)
        {
            Self::Open
        } else {
            Self::Prose
        }
    }
}

/// Words that questions begin with.
const QUESTIONS: [&str; 33] = [
    "am", "are", "can", "could", "define", "describe", "did", "do", "does", "explain", "had", "has", "have",
    "how", "is", "may", "might", "must", "shall", "should", "was", "were", "what", "whats", "when", "where",
    "which", "who", "whom", "whose", "why", "will", "would",
];

/// Whether a word asks wherever it stands.
fn is_asking(word: &&str) -> bool {
    matches!(*word, "what" | "why" | "who" | "whom" | "whose" | "when" | "where")
}

/// Whether something is to be done: how do I, how to, which command, show me an example.
fn asks_how(words: &[&str]) -> bool {
    const ABLE: [&str; 9] = ["do", "can", "could", "would", "should", "might", "must", "shall", "d"];
    const DOERS: [&str; 8] = ["i", "we", "you", "one", "someone", "people", "they", "he"];
    const DOABLE: [&str; 22] = [
        "command",
        "commands",
        "code",
        "config",
        "example",
        "examples",
        "flag",
        "flags",
        "formula",
        "howto",
        "incantation",
        "instructions",
        "keystroke",
        "method",
        "query",
        "recipe",
        "regex",
        "shortcut",
        "snippet",
        "steps",
        "syntax",
        "invocation",
    ];
    const ASKING: [&str; 7] = ["what", "whats", "which", "show", "give", "need", "s"];
    let pairs = || words.windows(2).map(|pair| (pair[0], pair[1]));
    let how = words
        .windows(3)
        .any(|three| three[0] == "how" && ABLE.contains(&three[1]) && DOERS.contains(&three[2]));
    let how_to = pairs().any(|(word, next)| {
        word == "how" && matches!(next, "to" | "can" | "i" | "you") && !words.ends_with(&["how", next])
            || matches!(word, "way" | "ways" | "command" | "steps" | "syntax")
                && matches!(next, "to" | "for" | "of")
            || matches!(word, "show" | "give") && next == "me"
            || word == "what" && matches!(next, "command" | "commands")
    });
    let begins = words.iter().take(6);
    let thing = words.iter().take(8).any(|word| DOABLE.contains(word))
        && begins.clone().any(|word| ASKING.contains(word));
    let only = words.len() > 1
        && words.iter().any(|word| {
            matches!(*word, "howto" | "example" | "examples" | "snippet" | "syntax" | "cheatsheet")
        });
    let asks_about = words.first().is_some_and(|first| matches!(*first, "why" | "when" | "who" | "where"));
    (how || how_to || thing || only) && !asks_about
}

/// Whether all of several things are asked for.
fn asks_for_all(words: &[&str]) -> bool {
    const SEVERAL: [&str; 16] = [
        "all",
        "advantages",
        "alternatives",
        "compare",
        "compared",
        "comparison",
        "difference",
        "differences",
        "every",
        "kinds",
        "options",
        "pros",
        "reasons",
        "types",
        "versus",
        "vs",
    ];
    let is_plural = |word: &str| {
        word.len() > 3
            && word.ends_with('s')
            && !word.ends_with("ss")
            && !["does", "this", "was", "its", "is"].contains(&word)
    };
    let first = words.first().copied().unwrap_or_default();
    let second = words.get(1).copied().unwrap_or_default();
    matches!(first, "which" | "list" | "name")
        || matches!(first, "what" | "whats") && (matches!(second, "are" | "were") || is_plural(second))
        || words.iter().take(6).any(|word| SEVERAL.contains(word))
        || words.windows(2).any(|pair| pair == ["which", "of"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{fold, words_in};

    fn words(question: &str) -> Vec<String> {
        words_in(question).map(|range| fold(&question[range])).collect()
    }

    #[test]
    fn a_question_asks_for_a_kind_of_thing() {
        let wanted = |question: &str| Wanted::by(&words(question));
        assert_eq!(wanted("Who wrote it?"), Some(Wanted::Name));
        assert_eq!(wanted("and WHERE is it"), Some(Wanted::Name));
        assert_eq!(wanted("in what year was it"), Some(Wanted::Number));
        assert_eq!(wanted("how many owls"), Some(Wanted::Number));
        assert_eq!((wanted("how do owls hunt"), wanted("owls, how")), (None, None));
    }

    #[test]
    fn a_question_asks_for_a_form() {
        for (form, questions) in [
            (
                Form::Steps,
                &[
                    "how do I rename a session",
                    "How can we feed an owl?",
                    "how to feed an owl",
                    "what command lists the owls",
                    "what's the command to list owls",
                    "show me the owls",
                    "give me an example of a join",
                    "what is the syntax for a slice",
                    "regex example",
                    "in which way can I, or how would one, do it",
                ][..],
            ),
            (
                Form::All,
                &[
                    "which three fruits are in the basket",
                    "what are the kinds of owls",
                    "what tools do I use",
                    "compare owls and mice",
                    "what is the difference between a list and a tuple",
                    "owls vs mice",
                ],
            ),
            (Form::Open, &["rename a tmux session", "owls of the north", "check ubuntu version"]),
            (
                Form::Prose,
                &[
                    "what is a mutex",
                    "why do owls hunt at night",
                    "when was it built",
                    "how does it work",
                    "how many owls are there",
                    "does it rain",
                    "why is there a command to do it",
                    "",
                ],
            ),
        ] {
            for question in questions {
                assert_eq!(Form::by(&words(question)), form, "{question}");
            }
        }
    }
}
