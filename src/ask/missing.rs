//! What makes an answer doubtful whatever its score: names that the notes don't have, and a language that the model hardly
//! knows.

use super::question::Question;
use crate::document::{Block, BlockKind};
use crate::embed::Embedder;
use crate::hit::{Hit, UnknownWord};
use crate::words::{Language, fold, is_stop_word, words_in};

/// A question is in a language that the model was hardly taught if fewer of its letters stand in words of the vocabulary.
const LEAST_FLUENT: f32 = 0.5;
/// The share of the question's words that a passage must have to answer it in any language.
const ALL_WORDS: f32 = 0.999;

/// The names, numbers and flags that a question insists on and no passage has, as they were typed, in their order.
/// `unknown` are its words that no passage has. It is in a `language`. A name in capitals is no typo.
pub(super) fn missing(
    embedder: &dyn Embedder,
    question: &Question,
    language: Language,
    unknown: &[UnknownWord],
) -> Vec<String> {
    let text = &question.query().text;
    if unknown.is_empty() || is_strange(embedder, text) {
        return Vec::new();
    }
    // In German any noun has a capital.
    let names = language != Language::German;
    let (mut missing, mut begins): (Vec<String>, bool) = (Vec::new(), true);
    for typed in text.split_whitespace() {
        let word = typed.trim_end_matches(|c: char| !c.is_alphanumeric() && !"+#".contains(c));
        let word = word.trim_start_matches(|c: char| !c.is_alphanumeric() && !"-$@#.".contains(c));
        let is_spelled_out = word.chars().skip(1).any(|c| c.is_uppercase() || c.is_numeric());
        let is_unknown = |part: std::ops::Range<usize>| {
            let folded = fold(&word[part]);
            unknown.iter().any(|other| other.word == folded && (is_spelled_out || !other.may_be_typo))
        };
        if words_in(word).any(is_unknown)
            && is_insisted_on(embedder, word, typed, begins || !names)
            && !missing.iter().any(|known| known == word)
        {
            missing.push(word.to_owned());
        }
        begins = typed.ends_with(['.', '?', '!', ':']);
    }
    missing
}

/// Whether a word is a name, a number or a flag: it has a digit or a capital, stands between quotation marks or behind a
/// dash, or isn't a word of the language. `begins` is whether its capital says nothing, because
/// a sentence begins with it, or the language writes it so.
fn is_insisted_on(embedder: &dyn Embedder, word: &str, typed: &str, begins: bool) -> bool {
    let after_first = word.char_indices().nth(1).map_or("", |(at, _)| &word[at..]);
    word.contains(char::is_numeric)
        || after_first.contains(char::is_uppercase)
        || (!begins && word.starts_with(char::is_uppercase))
        || typed.starts_with(['-', '`', '"', '\'', '“', '«'])
        || embedder.fluent(word) < 1.0
}

/// Whether a source that doesn't have all of a question's words can't be trusted: the question is in a language that the
/// model was hardly taught, or the source is data, such as a note's properties, which are there for each thing alike.
pub(super) fn is_doubtful(embedder: &dyn Embedder, question: &Question, best: &Hit) -> bool {
    let is_data = |block: &Block| matches!(block.kind, BlockKind::Data | BlockKind::Hidden | BlockKind::Rule);
    let blocks = &best.source.passage.blocks;
    best.signals.features.lexical.coverage < ALL_WORDS
        && (is_strange(embedder, &question.query().text) || !blocks.is_empty() && blocks.iter().all(is_data))
}

/// Whether a text is in a language that the model was hardly taught.
fn is_strange(embedder: &dyn Embedder, text: &str) -> bool {
    let is_english = || text.split_whitespace().any(|word| is_stop_word(&word.to_lowercase()));
    let fluent = embedder.fluent(text);
    fluent < LEAST_FLUENT / 2.0 || (fluent < LEAST_FLUENT && !is_english())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Day;
    use crate::embed::Encoder;

    fn missing_of(text: &str, unknown: &[&str]) -> Vec<String> {
        let question = Question::new(text, 5, Day::of(0));
        let unknown: Vec<UnknownWord> = unknown
            .iter()
            .map(|word| UnknownWord {
                word: word.trim_start_matches('~').to_owned(),
                may_be_typo: word.starts_with('~'),
            })
            .collect();
        missing(&Encoder::bundled().unwrap(), &question, Language::English, &unknown)
    }

    #[test]
    fn names_numbers_and_flags_are_insisted_on() {
        for (text, unknown, missing) in [
            ("how do I call COBOL from Python?", &["~cobol"][..], &["COBOL"][..]),
            ("how do i call pyhton", &["~pyhton"], &[]),
            ("what changed in 3.15?", &["3.15", "15"], &["3.15"]),
            ("how do i install solaris zones", &["solaris"], &["solaris"]),
            ("does rsync have --teleport", &["teleport"], &["--teleport"]),
            ("who is Jane Doering", &["doering", "jane"], &["Jane", "Doering"]),
            // Words of the language that the notes happen not to have say nothing.
            ("could you kindly elaborate on threads", &["kindly", "elaborate"], &[]),
            ("Kindly explain threads", &["kindly"], &[]),
            ("what is a thread", &[], &[]),
            ("wie startet man den Behälter neu", &["behalter", "startet"], &[]),
        ] {
            assert_eq!(missing_of(text, unknown), missing, "{text}");
        }
    }

    #[test]
    fn other_languages_are_strange() {
        let encoder = Encoder::bundled().unwrap();
        for text in [
            "wie starte ich einen Container neu?",
            "¿Cómo puedo reiniciar un contenedor?",
            "如何重启容器",
            "как",
        ] {
            assert!(is_strange(&encoder, text), "{text}");
        }
        for text in
            ["kubectl rollout restart deployment", "how do I pip install fastembed with onnxruntime", "why?"]
        {
            assert!(!is_strange(&encoder, text), "{text}");
        }
    }
}
