//! Do two texts say the same?
//!
//! Vectors can't tell: "enabled" and "disabled" stand beside each other, and so do the 3rd of March and the 4th. So the
//! words are compared. Two texts say the same if they have the same words in the same order, whatever markup, case and
//! punctuation there is, but for small words that say nothing (`a`, `the`) and for the typos and endings of ordinary ones. A
//! number, a name, a negation or a direction is never one of these.

use crate::words::is_stop_word;

/// Stop words without which a text doesn't say the same: they negate, count, or tell from to, or who does it.
const TELLING: &[&str] = &[
    "all", "am", "any", "are", "been", "but", "by", "can", "could", "did", "for", "from", "had", "has",
    "have", "he", "her", "his", "i", "if", "in", "into", "me", "my", "no", "not", "on", "one", "or", "our",
    "she", "should", "some", "than", "their", "them", "then", "they", "to", "was", "we", "were", "who",
    "will", "with", "would", "you", "your",
];

/// The fewest letters of a word that may have a typo: short words have too many neighbours.
const SHORTEST_TYPO: usize = 6;

/// A word of a text.
#[derive(Debug, PartialEq, Eq)]
struct Word<'a> {
    /// As written, with the dots, commas and signs within a number or a name.
    written: &'a str,
    /// In lower case.
    folded: String,
}

impl Word<'_> {
    /// Whether it may name or count something: it has a digit, a sign or a capital.
    fn is_exact(&self) -> bool {
        let is_sign = |c: char| !c.is_alphabetic() && c != '\'' && c != '\u{2019}';
        self.written.contains(is_sign) || self.written.contains(char::is_uppercase)
    }
}

/// Whether two texts say the same.
pub(crate) fn say_the_same(a: &str, b: &str) -> bool {
    let (a, b) = (words(a), words(b));
    a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| are_alike(a, b))
}

/// Whether two words at the same place may be meant to be the same.
fn are_alike(a: &Word<'_>, b: &Word<'_>) -> bool {
    if a.folded == b.folded {
        return true;
    }
    !a.is_exact() && !b.is_exact() && (is_ending(&a.folded, &b.folded) || is_typo(&a.folded, &b.folded))
}

/// Whether two words differ in the `s` of the plural only.
fn is_ending(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    long.strip_prefix(short).is_some_and(|ending| matches!(ending, "s" | "es")) && short.len() > 2
}

/// Whether one letter inside a long word was left out, doubled, changed, or has changed places with the next one. The first
/// letters and the last two are the same, so that no prefix and no ending is taken for a typo.
fn is_typo(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    if short.len() < SHORTEST_TYPO || long.len() - short.len() > 1 {
        return false;
    }
    let begin = short.iter().zip(long.iter()).take_while(|(a, b)| a == b).count();
    let end = short.iter().rev().zip(long.iter().rev()).take_while(|(a, b)| a == b).count();
    if begin < 3 || end < 2 {
        return false;
    }
    let left = short.len().saturating_sub(begin + end);
    let swapped = short.len() == long.len()
        && left == 2
        && (short[begin], short[begin + 1]) == (long[begin + 1], long[begin]);
    left == 0 || swapped || (left == 1 && short.len() == long.len())
}

/// The words that count, in their order.
fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    for line in text.lines() {
        for token in line.split(|c: char| c.is_whitespace() || matches!(c, '|' | '*' | '`' | '_' | '#' | '>'))
        {
            let written = token.trim_matches(|c: char| !c.is_alphanumeric() && !is_sign(c));
            let written = written.trim_end_matches(['+', '-']).trim_start_matches('+');
            let folded = written.to_lowercase();
            let says = written.contains(char::is_alphanumeric) || written.chars().any(is_sign);
            let counts = !is_stop_word(&folded) || TELLING.binary_search(&folded.as_str()).is_ok();
            if says && counts && !(written == "-" || written.is_empty()) {
                words.push(Word { written, folded });
            }
        }
    }
    words
}

/// Signs that say something on their own or before a number.
fn is_sign(c: char) -> bool {
    matches!(
        c,
        '-' | '−' | '%' | '€' | '$' | '£' | '→' | '←' | '<' | '=' | '≠' | '≤' | '≥' | '✅' | '❌' | '°'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telling_words_are_sorted_stop_words_and_others() {
        assert!(TELLING.is_sorted());
    }

    #[test]
    fn what_matters_keeps_texts_apart() {
        for (a, b) in [
            ("Set max_connections to 100 and restart.", "Do not set max_connections to 100 and restart."),
            ("The meeting with Tom is on 3 March 2024.", "The meeting with Tom is on 4 March 2024."),
            ("The meeting with Tom is on Monday.", "The meeting with Tim is on Monday."),
            ("Alice owes Bob 20 euros.", "Bob owes Alice 20 euros."),
            ("Tagged as v1.4.0 on main.", "Tagged as v1.4.1 on main."),
            ("The flag is enabled for all users.", "The flag is disabled for all users."),
            ("The gateway is 10.0.0.1.", "The gateway is 10.0.1.1."),
            ("From Basel to Zurich every half hour.", "From Zurich to Basel every half hour."),
            ("Take 5 mg twice a day.", "Take 5 g twice a day."),
            ("The offset is -5 degrees.", "The offset is 5 degrees."),
            ("The discount is 5%.", "The discount is 5€."),
            ("He can swim.", "He can't swim."),
            ("It is typical of birds.", "It is atypical of birds."),
            ("Turn the valve to the left.", "Turn the valve to the right."),
            ("Open before noon.", "Open after noon."),
            ("Call 555-0134 now.", "Call 555-0143 now."),
            ("She is in the office.", "She was in the office."),
            ("Meet at Lindenstraße 4b.", "Meet at Lindenstraße 4c."),
            ("Ask mrs. Jansen about it.", "Ask mrs. Janssen about it."),
            ("- [ ] pay rent ❌", "- [x] pay rent ✅"),
        ] {
            assert!(!say_the_same(a, b) && !say_the_same(b, a), "{a} / {b}");
        }
    }

    #[test]
    fn markup_and_small_slips_dont_matter() {
        for (a, b) in [
            ("The **same** text, to the letter.", "the same text to the letter"),
            ("- one\n- two", "* one\n* two\n"),
            ("# Owls\n\nThey hunt at night.", "## Owls\nThey hunt at night"),
            ("We recieve letters.", "We receive letters."),
            ("Use the `map` function", "Use map function"),
            ("", "..."),
        ] {
            assert!(say_the_same(a, b) && say_the_same(b, a), "{a} / {b}");
        }
    }
}
