//! How much do an answer and a known one have in common? As the evaluation script of `SQuAD` has it (Rajpurkar et al. 2016).

use std::collections::HashMap;

/// The best F1 of the words that an answer shares with one of the known answers, from 0 to 1.
pub(super) fn token_f1(answer: &str, known: &[String]) -> f64 {
    let words = normal(answer);
    known.iter().map(|known| f1(&words, &normal(known))).fold(0.0, f64::max)
}

/// Whether an answer has the words of a known one, in a row.
pub(super) fn contains(answer: &str, known: &[String]) -> bool {
    let words = normal(answer);
    let has = |known: &String| {
        let known = normal(known);
        !known.is_empty() && words.windows(known.len()).any(|run| run == known)
    };
    known.iter().any(has)
}

/// The words of a text in lower case, without articles and punctuation.
fn normal(text: &str) -> Vec<String> {
    let plain: String = text
        .to_lowercase()
        .chars()
        .filter(|c| !c.is_ascii_punctuation() && !"’‘“”…–—".contains(*c))
        .collect();
    let words = plain.split_whitespace().filter(|word| !["a", "an", "the"].contains(word));
    words.map(str::to_owned).collect()
}

/// The harmonic mean of how much of each list of words is in the other.
fn f1(one: &[String], other: &[String]) -> f64 {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for word in other {
        *counts.entry(word).or_default() += 1;
    }
    let mut shared = 0_usize;
    for word in one {
        if let Some(count) = counts.get_mut(word.as_str()).filter(|count| **count > 0) {
            *count -= 1;
            shared += 1;
        }
    }
    if shared == 0 {
        return 0.0;
    }
    let (precision, recall) = (shared as f64 / one.len() as f64, shared as f64 / other.len() as f64);
    2.0 * precision * recall / (precision + recall)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(answer: &str, known: &[&str]) -> (f64, bool) {
        let known: Vec<String> = known.iter().map(|&known| known.to_owned()).collect();
        (token_f1(answer, &known), contains(answer, &known))
    }

    #[test]
    fn words_count_and_not_articles_and_marks() {
        assert_eq!(of("The Denver Broncos!", &["denver broncos"]), (1.0, true));
        assert_eq!(of("A team won: the Denver Broncos.", &["Denver Broncos"]), (2.0 / 3.0, true));
        assert_eq!(of("Broncos Denver", &["Denver Broncos"]), (1.0, false));
        assert_eq!(of("nothing", &["Denver Broncos", "nothing else"]), (2.0 / 3.0, false));
        assert_eq!(of("", &["x"]), (0.0, false));
        assert_eq!(of("x", &["the", ""]), (0.0, false));
        // A word that is said twice counts once.
        assert_eq!(of("go go", &["go"]), (2.0 / 3.0, true));
    }
}
