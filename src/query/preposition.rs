//! What stands before a date in a question: "in March", "seit März 2024", "после 1 мая".

use crate::words::is_listed;

/// How a word relates a question to the date behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    /// No preposition.
    None,
    /// `of` and the like, which don't tell a month from another word.
    Weak,
    /// The date itself.
    In,
    /// The date and what comes behind it.
    Since,
    /// What comes behind the date.
    After,
    /// What comes before it.
    Before,
}

/// A preposition before a date, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Preposition {
    /// What it says.
    pub(super) relation: Relation,
    /// Whether it may stand before any word for a date. One in another language stands before words of its language, for
    /// it may be an English word, too: `en`, `w`.
    pub(super) is_english: bool,
    /// Whether it tells that four digits behind it are a year.
    pub(super) tells_year: bool,
    /// How many words it takes, with the article behind it.
    pub(super) words: usize,
}

/// Prepositions of other languages, by what they say.
const OTHERS: [(Relation, &str); 5] = [
    (Relation::In, "im en em au nel nell w в во у i v ב في में"),
    (Relation::Since, "seit desde depuis dal dall sinds sedan siden od с з від منذ"),
    (Relation::After, "nach después despues tras après dopo depois após efter после після بعد"),
    (Relation::Before, "vor bis antes hasta avant prima até voor tot före før przed до перед قبل"),
    (Relation::Weak, "vom von de du del di des от"),
];

/// Those that may stand before a year alone, besides those with other letters than English: no English words.
const BEFORE_YEARS: [&str; 8] = ["im", "en", "em", "nel", "seit", "depuis", "desde", "antes"];

/// Articles and the like that stand behind these.
const ARTICLES: &str = "dem den der de del di du le la el los il o mes mese mês mois";

impl Preposition {
    /// No preposition.
    const NONE: Self = Self { relation: Relation::None, is_english: true, tells_year: false, words: 0 };

    /// Reads what some words begin with, which are in lower case; `word` gives them by their place, and an empty one behind
    /// the last.
    pub(super) fn read<'a>(word: impl Fn(usize) -> &'a str) -> Self {
        let relation = match word(0) {
            "in" | "on" | "during" | "within" | "over" => Relation::In,
            "since" => Relation::Since,
            "after" => Relation::After,
            "before" | "until" | "till" => Relation::Before,
            "from" | "of" | "for" | "at" | "by" | "around" => Relation::Weak,
            other => return Self::other(other, word),
        };
        let words = 1 + usize::from(["the", "early", "mid", "late"].contains(&word(1)));
        Self { relation, is_english: true, tells_year: true, words }
    }

    /// Reads one of another language.
    fn other<'a>(first: &str, word: impl Fn(usize) -> &'a str) -> Self {
        let Some((relation, _)) = OTHERS.iter().find(|(_, words)| is_listed(words, first)) else {
            return Self::NONE;
        };
        let articles = (1..=2).take_while(|at| is_listed(ARTICLES, word(*at))).count();
        let is_known = !first.is_ascii() || BEFORE_YEARS.contains(&first);
        let tells_year = *relation != Relation::Weak && is_known;
        Self { relation: *relation, is_english: false, tells_year, words: 1 + articles }
    }

    /// Whether it tells that a word behind it which may be a date is one.
    pub(super) fn tells(self) -> bool {
        self.is_english && ![Relation::None, Relation::Weak].contains(&self.relation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_belong_to_it() {
        for (text, relation, is_english, tells_year, words) in [
            ("in the may", Relation::In, true, true, 2),
            ("of may", Relation::Weak, true, true, 1),
            ("seit dem 1", Relation::Since, false, true, 2),
            ("después del 1", Relation::After, false, true, 2),
            ("antes de el 1", Relation::Before, false, true, 3),
            ("sedan 1", Relation::Since, false, false, 1),
            ("от 1", Relation::Weak, false, false, 1),
            ("may", Relation::None, true, false, 0),
        ] {
            let all: Vec<&str> = text.split(' ').collect();
            let found = Preposition::read(|at| all.get(at).copied().unwrap_or(""));
            assert_eq!(found, Preposition { relation, is_english, tells_year, words }, "{text}");
        }
        assert_eq!(Preposition::read(|_| ""), Preposition::NONE);
    }
}
