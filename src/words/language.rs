//! Languages: by which letters each is written, and which of its words stand in any question.

use serde::{Deserialize, Serialize};

use super::stop_words as lists;

/// A language that notes are written in, as far as its words are treated in a way of its own.
///
/// What has no place here is treated as English, whose stemmer leaves words in other letters than Latin as they are.
/// Neighbours share a place where that does no harm: Marathi is Hindi here, Bulgarian Russian, Urdu Persian.
///
/// An index keeps a language by its place here, so new ones come at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Language {
    /// What a note is in as long as nothing says otherwise.
    #[default]
    English,
    /// Deutsch.
    German,
    /// Français.
    French,
    /// Español.
    Spanish,
    /// Português.
    Portuguese,
    /// Italiano.
    Italian,
    /// Nederlands.
    Dutch,
    /// Svenska.
    Swedish,
    /// Dansk.
    Danish,
    /// Norsk, in the spelling that most write: Bokmål.
    Norwegian,
    /// Suomi.
    Finnish,
    /// Polski.
    Polish,
    /// Čeština.
    Czech,
    /// Русский.
    Russian,
    /// Українська.
    Ukrainian,
    /// Ελληνικά.
    Greek,
    /// Türkçe.
    Turkish,
    /// Română.
    Romanian,
    /// Magyar.
    Hungarian,
    /// Català.
    Catalan,
    /// العربية.
    Arabic,
    /// עברית.
    Hebrew,
    /// فارسی.
    Persian,
    /// हिन्दी.
    Hindi,
    /// বাংলা.
    Bengali,
    /// தமிழ்.
    Tamil,
    /// ไทย.
    Thai,
    /// 日本語.
    Japanese,
    /// 中文.
    Chinese,
    /// 한국어.
    Korean,
    /// Bahasa Indonesia.
    Indonesian,
    /// Tiếng Việt.
    Vietnamese,
}

/// A script, whose letters tell which languages a word may belong to.
///
/// Only scripts of a [`Language`] are named. Accents and vowel signs that are characters of their own belong to none, since
/// they stand behind a letter that does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Script {
    /// That of most languages of Europe, and of many others.
    Latin,
    /// That of Russian and its neighbours.
    Cyrillic,
    /// That of Greek.
    Greek,
    /// That of Arabic and Persian.
    Arabic,
    /// That of Hebrew.
    Hebrew,
    /// That of Hindi.
    Devanagari,
    /// That of Bengali.
    Bengali,
    /// That of Tamil.
    Tamil,
    /// That of Thai.
    Thai,
    /// The characters of Chinese, which Japanese has, too.
    Han,
    /// The syllables of Japanese.
    Kana,
    /// The syllables of Korean.
    Hangul,
}

impl Script {
    /// The script of a letter; `None` for a sign, a digit, and what no [`Language`] is written in.
    pub fn of(c: char) -> Option<Self> {
        Some(match c {
            'a'..='z' | 'A'..='Z' | 'ª' | 'º' => Self::Latin,
            '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' if c.is_alphabetic() => Self::Latin,
            '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' if c.is_alphabetic() => Self::Greek,
            '\u{400}'..='\u{52f}' => Self::Cyrillic,
            '\u{5d0}'..='\u{5ea}' => Self::Hebrew,
            '\u{620}'..='\u{64a}' | '\u{66e}'..='\u{6d3}' | '\u{6d5}' => Self::Arabic,
            '\u{904}'..='\u{939}' | '\u{958}'..='\u{961}' => Self::Devanagari,
            '\u{985}'..='\u{9b9}' | '\u{9ce}' | '\u{9dc}'..='\u{9e1}' => Self::Bengali,
            '\u{b85}'..='\u{bb9}' => Self::Tamil,
            '\u{e01}'..='\u{e33}' | '\u{e40}'..='\u{e46}' => Self::Thai,
            '\u{3041}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' => Self::Kana,
            '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3134f}' => Self::Han,
            '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7a3}' => Self::Hangul,
            _ => return None,
        })
    }
}

/// A row of the table of languages: its code, its script, its stop words.
type Row = (Language, &'static str, Script, &'static str);

/// What is known of each language, in the order of the languages. English has its stop words in a list of its own.
const TABLE: [Row; COUNT] = [
    (Language::English, "en", Script::Latin, ""),
    (Language::German, "de", Script::Latin, lists::GERMAN),
    (Language::French, "fr", Script::Latin, lists::FRENCH),
    (Language::Spanish, "es", Script::Latin, lists::SPANISH),
    (Language::Portuguese, "pt", Script::Latin, lists::PORTUGUESE),
    (Language::Italian, "it", Script::Latin, lists::ITALIAN),
    (Language::Dutch, "nl", Script::Latin, lists::DUTCH),
    (Language::Swedish, "sv", Script::Latin, lists::SWEDISH),
    (Language::Danish, "da", Script::Latin, lists::DANISH),
    (Language::Norwegian, "no", Script::Latin, lists::NORWEGIAN),
    (Language::Finnish, "fi", Script::Latin, lists::FINNISH),
    (Language::Polish, "pl", Script::Latin, lists::POLISH),
    (Language::Czech, "cs", Script::Latin, lists::CZECH),
    (Language::Russian, "ru", Script::Cyrillic, lists::RUSSIAN),
    (Language::Ukrainian, "uk", Script::Cyrillic, lists::UKRAINIAN),
    (Language::Greek, "el", Script::Greek, lists::GREEK),
    (Language::Turkish, "tr", Script::Latin, lists::TURKISH),
    (Language::Romanian, "ro", Script::Latin, lists::ROMANIAN),
    (Language::Hungarian, "hu", Script::Latin, lists::HUNGARIAN),
    (Language::Catalan, "ca", Script::Latin, lists::CATALAN),
    (Language::Arabic, "ar", Script::Arabic, lists::ARABIC),
    (Language::Hebrew, "he", Script::Hebrew, lists::HEBREW),
    (Language::Persian, "fa", Script::Arabic, lists::PERSIAN),
    (Language::Hindi, "hi", Script::Devanagari, lists::HINDI),
    (Language::Bengali, "bn", Script::Bengali, lists::BENGALI),
    (Language::Tamil, "ta", Script::Tamil, lists::TAMIL),
    (Language::Thai, "th", Script::Thai, lists::THAI),
    (Language::Japanese, "ja", Script::Kana, lists::JAPANESE),
    (Language::Chinese, "zh", Script::Han, lists::CHINESE),
    (Language::Korean, "ko", Script::Hangul, lists::KOREAN),
    (Language::Indonesian, "id", Script::Latin, lists::INDONESIAN),
    (Language::Vietnamese, "vi", Script::Latin, lists::VIETNAMESE),
];

/// How many languages there are.
pub(super) const COUNT: usize = Language::Vietnamese as usize + 1;

impl Language {
    /// All languages, English first.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.0)
    }

    fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    /// Its code of two letters, as ISO 639 has it.
    pub fn code(self) -> &'static str {
        self.row().1
    }

    /// The language with a code.
    pub fn by_code(code: &str) -> Option<Self> {
        Self::all().find(|language| language.code() == code)
    }

    /// The script that it is written in; that of Japanese is the one that no other language has.
    pub fn script(self) -> Script {
        self.row().2
    }

    /// Its words that stand in any question, [folded](super::fold()) and sorted; pairs of neighbours where no blanks stand
    /// between words.
    pub fn stop_words(self) -> impl Iterator<Item = &'static str> {
        let english = if self == Self::English { super::STOP_WORDS } else { &[] };
        let others = self.row().3.split(' ').filter(|word| !word.is_empty());
        english.iter().copied().chain(others)
    }

    /// Whether a word, [folded](super::fold()), stands in any question.
    pub fn is_stop_word(self, word: &str) -> bool {
        if self == Self::English {
            super::is_stop_word(word)
        } else {
            self.stop_words().any(|other| other == word)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{fold, words_in};

    #[test]
    fn each_language_stands_at_its_place_and_has_its_code() {
        for (place, language) in Language::all().enumerate() {
            assert_eq!(language as usize, place);
            assert_eq!(Language::by_code(language.code()), Some(language));
        }
        assert_eq!(Language::by_code("tlh"), None);
        assert_eq!(Language::default(), Language::English);
    }

    #[test]
    fn stop_words_are_found_as_words_are_read() {
        for language in Language::all() {
            let words: Vec<&str> = language.stop_words().collect();
            assert!(words.is_sorted() && (20..=200).contains(&words.len()), "{language:?}");
            for word in words {
                assert!(language.is_stop_word(word));
                assert_eq!(fold(word), *word, "{language:?}");
                assert_eq!(words_in(word).collect::<Vec<_>>(), vec![0..word.len()], "{language:?} {word}");
            }
        }
        assert!(!Language::German.is_stop_word("haus"));
    }

    #[test]
    fn stop_words_are_written_in_the_language() {
        for language in Language::all() {
            let has = |script| match language {
                Language::Japanese => matches!(script, Some(Script::Kana | Script::Han) | None),
                _ => script == Some(language.script()) || script.is_none(),
            };
            for word in language.stop_words() {
                assert!(word.chars().all(|c| has(Script::of(c))), "{language:?} {word}");
            }
        }
    }
}
