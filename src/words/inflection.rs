//! Stems: what the forms of a word have in common, in languages other than English.
//!
//! Snowball's stemmers take endings off where there is one for the language, by its accents and umlauts; so a stem is
//! [folded](super::fold()) afterwards. Of Hebrew, Ukrainian and Bengali, which have none, the commonest endings are taken
//! off. Where words don't change, as in Vietnamese, they are their own stems.
//!
//! Before that, what people write in several ways is made one where a stemmer would be led astray by it: the conjunction
//! that Arabic writes together with an article, the two letters that Persian keyboards have for each of two of its own, the
//! nasals of Hindi, Danish and Norwegian `aa` for `å`. `ä` as `ae` is known to the German stemmer itself.

use std::borrow::Cow;

use frostem::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::fold::{fold, is_unseen};
use super::language::{Language, Script};

/// The fewest letters that an ending leaves.
const SHORTEST: usize = 3;

/// Endings of words in Ukrainian, those of verbs and of nouns.
const UKRAINIAN: [&str; 62] = [
    "уються",
    "юються",
    "еться",
    "ється",
    "ються",
    "ється",
    "ються",
    "тися",
    "лися",
    "лася",
    "лося",
    "ться",
    "ував",
    "увала",
    "ували",
    "увати",
    "ювати",
    "ують",
    "юють",
    "ами",
    "ями",
    "ові",
    "еві",
    "єві",
    "ого",
    "ому",
    "ими",
    "іми",
    "ають",
    "ять",
    "ють",
    "уть",
    "ити",
    "ати",
    "іти",
    "ала",
    "или",
    "али",
    "ах",
    "ях",
    "ів",
    "їв",
    "ей",
    "ам",
    "ям",
    "ом",
    "ем",
    "єм",
    "ий",
    "ій",
    "их",
    "іх",
    "им",
    "ою",
    "ею",
    "єю",
    "ої",
    "ть",
    "ти",
    "ла",
    "ло",
    "ли",
];

/// Endings of words in Ukrainian of one letter.
const UKRAINIAN_LETTERS: [&str; 12] = ["а", "я", "о", "е", "є", "у", "ю", "и", "і", "ї", "ь", "в"];

/// Endings of words in Bengali.
const BENGALI: [&str; 22] = [
    "গুলোকে",
    "গুলিকে",
    "গুলোর",
    "গুলির",
    "গুলো",
    "গুলি",
    "দেরকে",
    "দের",
    "টিকে",
    "টাকে",
    "টির",
    "টার",
    "ের",
    "টি",
    "টা",
    "রা",
    "কে",
    "তে",
    "য়ে",
    "ে",
    "র",
    "ই",
];

/// A word of a text in lower case and in Unicode's form NFC, as the language writes it: in Turkish `I` is the capital of `ı`.
pub fn lowered(language: Language, word: &str) -> String {
    if language == Language::Turkish {
        let small = |c: char| match c {
            'I' => 'ı',
            'İ' => 'i',
            _ => c,
        };
        return lower(word.chars().map(small));
    }
    if word.is_ascii() { word.to_ascii_lowercase() } else { lower(word.chars()) }
}

fn lower(letters: impl Iterator<Item = char>) -> String {
    letters.flat_map(char::to_lowercase).filter(|&c| !is_unseen(c)).nfc().collect()
}

/// The stem of a word in a language, [folded](super::fold()). The word is [`lowered`]. `None` if it isn't a word of the
/// language: if it has letters of another script, or digits, or is English or of a script without blanks.
pub fn stem_in(language: Language, word: &str) -> Option<String> {
    let has = |c: char| Script::of(c) == Some(language.script()) || is_combining_mark(c);
    let is_unspaced = matches!(language.script(), Script::Thai | Script::Kana | Script::Han | Script::Hangul);
    if language == Language::English || is_unspaced || !word.chars().all(has) {
        return None;
    }
    let stem = match language {
        Language::Hebrew => Cow::Owned(hebrew(&fold(word))),
        Language::Ukrainian => ukrainian(word),
        Language::Bengali => without(word, &BENGALI),
        _ => match algorithm(language) {
            Some(algorithm) => {
                Cow::Owned(Stemmer::new(algorithm).stem(&prepared(language, word)).into_owned())
            }
            None => Cow::Borrowed(word),
        },
    };
    Some(fold(&stem)).filter(|stem| !stem.is_empty())
}

/// Snowball's stemmer of a language; none where it has none, or where words are pairs of neighbours.
fn algorithm(language: Language) -> Option<Algorithm> {
    Some(match language {
        Language::German => Algorithm::German,
        Language::French => Algorithm::French,
        Language::Spanish => Algorithm::Spanish,
        Language::Portuguese => Algorithm::Portuguese,
        Language::Italian => Algorithm::Italian,
        Language::Dutch => Algorithm::Dutch,
        Language::Swedish => Algorithm::Swedish,
        Language::Danish => Algorithm::Danish,
        Language::Norwegian => Algorithm::Norwegian,
        Language::Finnish => Algorithm::Finnish,
        Language::Polish => Algorithm::Polish,
        Language::Czech => Algorithm::Czech,
        Language::Russian => Algorithm::Russian,
        Language::Greek => Algorithm::Greek,
        Language::Turkish => Algorithm::Turkish,
        Language::Romanian => Algorithm::Romanian,
        Language::Hungarian => Algorithm::Hungarian,
        Language::Catalan => Algorithm::Catalan,
        Language::Arabic => Algorithm::Arabic,
        Language::Persian => Algorithm::Persian,
        Language::Hindi => Algorithm::Hindi,
        Language::Tamil => Algorithm::Tamil,
        Language::Indonesian => Algorithm::Indonesian,
        Language::English
        | Language::Ukrainian
        | Language::Hebrew
        | Language::Bengali
        | Language::Thai
        | Language::Japanese
        | Language::Chinese
        | Language::Korean
        | Language::Vietnamese => return None,
    })
}

/// A word as its language's stemmer expects it, where people write it in several ways.
fn prepared(language: Language, word: &str) -> Cow<'_, str> {
    match language {
        Language::Portuguese => accented(word, &[("cao", "ção"), ("coes", "ções")]),
        Language::Danish | Language::Norwegian if word.contains("aa") => word.replace("aa", "å").into(),
        Language::Russian if word.contains('ё') => word.replace('ё', "е").into(),
        Language::Arabic => arabic(word).into(),
        Language::Persian => word.replace('ي', "ی").replace('ك', "ک").into(),
        Language::Hindi => hindi(word).into(),
        _ => Cow::Borrowed(word),
    }
}

/// A word with the ending that it has with its accents.
fn accented<'a>(word: &'a str, endings: &[(&str, &str)]) -> Cow<'a, str> {
    let with = |(plain, accented): &(&str, &str)| Some(format!("{}{accented}", word.strip_suffix(plain)?));
    endings.iter().find_map(with).map_or(Cow::Borrowed(word), Cow::Owned)
}

/// A word of Arabic without the conjunction before its article, and with the singular's ending for the commonest plural's.
fn arabic(word: &str) -> String {
    let folded = fold(word);
    let behind = |conjunction: char| folded.strip_prefix(conjunction).filter(|rest| rest.starts_with("ال"));
    let rest = behind('و').or_else(|| behind('ف')).unwrap_or(&folded);
    match rest.strip_suffix("ات").filter(|stem| stem.chars().count() >= SHORTEST) {
        Some(stem) => format!("{stem}ة"),
        None => match rest.strip_suffix('ه').filter(|stem| stem.chars().count() >= SHORTEST) {
            Some(stem) => format!("{stem}ة"),
            None => rest.to_owned(),
        },
    }
}

/// A word of Hindi whose nasal before a consonant of its own place is written as a dot: `हिन्दी` as `हिंदी`.
fn hindi(word: &str) -> String {
    const VIRAMA: char = '\u{94d}';
    let place = |nasal: char| match nasal {
        'ङ' => "कखगघ",
        'ञ' => "चछजझ",
        'ण' => "टठडढ",
        'न' => "तथदध",
        'म' => "पफबभ",
        _ => "",
    };
    let letters: Vec<char> = fold(word).chars().collect();
    let mut written = String::with_capacity(word.len());
    let mut at = 0;
    while let Some(&letter) = letters.get(at) {
        let next = letters.get(at + 2).filter(|_| letters.get(at + 1) == Some(&VIRAMA));
        if at > 0 && next.is_some_and(|&next| place(letter).contains(next)) {
            written.push('\u{902}');
            at += 2;
        } else {
            written.push(letter);
            at += 1;
        }
    }
    written
}

/// A word of Hebrew without its endings for several, and without the little words that are written as one with it. A letter
/// of the word may go, too, but then it goes in each of its forms.
fn hebrew(word: &str) -> String {
    let long = |stem: &&str| stem.chars().count() >= SHORTEST;
    let mut stem = word;
    for ending in ["ימ", "ות"] {
        stem = stem.strip_suffix(ending).filter(long).unwrap_or(stem);
    }
    stem = stem.strip_suffix(['ה', 'ת', 'י']).filter(long).unwrap_or(stem);
    while let Some(rest) = stem.strip_prefix(['ה', 'ו', 'ב', 'ל', 'מ', 'כ', 'ש']).filter(long) {
        stem = rest;
    }
    stem.to_owned()
}

/// A word of Ukrainian without its ending.
fn ukrainian(word: &str) -> Cow<'_, str> {
    let stem = without(word, &UKRAINIAN);
    if stem.len() < word.len() { stem } else { without(word, &UKRAINIAN_LETTERS) }
}

/// A word without the first of some endings that it has, longer ones first, if enough is left of it.
fn without<'a>(word: &'a str, endings: &[&str]) -> Cow<'a, str> {
    let stems = endings.iter().filter_map(|ending| word.strip_suffix(ending));
    let mut long = stems.filter(|stem| stem.chars().filter(|c| c.is_alphabetic()).count() >= SHORTEST);
    Cow::Borrowed(long.next().unwrap_or(word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stem(language: Language, word: &str) -> String {
        stem_in(language, &lowered(language, word)).unwrap_or_else(|| panic!("{word} is a word"))
    }

    #[test]
    fn forms_of_a_word_have_one_stem_in_each_language() {
        use Language::{
            Arabic, Bengali, Catalan, Czech, Danish, Dutch, Finnish, French, German, Greek, Hebrew, Hindi,
            Hungarian, Indonesian, Italian, Norwegian, Persian, Polish, Portuguese, Romanian, Russian,
            Spanish, Swedish, Tamil, Turkish, Ukrainian, Vietnamese,
        };
        for (language, forms) in [
            (German, "Häuser Haus Hauses Hauser Haeuser"),
            (German, "Straße Strassen STRASSE"),
            (German, "Verbindung Verbindungen"),
            (French, "cheval chevaux"),
            (French, "École écoles ecole"),
            (Spanish, "información informaciones informacion"),
            (Portuguese, "informação informações informacao"),
            (Italian, "libri libro"),
            (Italian, "città citta"),
            (Dutch, "huizen huis"),
            (Swedish, "flickorna flicka flickor"),
            (Danish, "pigerne piger"),
            (Norwegian, "jentene jenter"),
            (Finnish, "taloissa talo talot talon"),
            (Polish, "książki książka książkami ksiazka"),
            (Czech, "města město městech"),
            (Russian, "книги книга книгами Книг"),
            (Ukrainian, "книги книга книгами книгах"),
            (Greek, "βιβλία βιβλίων"),
            (Turkish, "IŞIKLAR ışık"),
            (Turkish, "İller iller"),
            (Turkish, "çocuklar cocuklar çocuk"),
            (Romanian, "cărți cărților"),
            (Hungarian, "házak ház házakban"),
            (Catalan, "ciutat ciutats"),
            (Arabic, "المكتبة مكتبة مكتبات والمكتبة مكتبه المكتبات"),
            (Arabic, "الكتاب كِتَاب والكتاب"),
            (Hebrew, "ספר הספר ספרים הספרים בספר"),
            (Hebrew, "מחשב המחשב מחשבים במחשבים"),
            (Persian, "کتاب کتابها كتاب"),
            (Hindi, "किताबें किताब किताबों"),
            (Hindi, "हिन्दी हिंदी"),
            (Hindi, "ज़रूरत जरूरत"),
            (Bengali, "বাড়ি বাড়িতে বাড়ির"),
            (Tamil, "புத்தகங்கள் புத்தகம்"),
            (Indonesian, "membaca bacaan dibaca"),
            (Vietnamese, "Việt việt"),
        ] {
            let stems: Vec<String> = forms.split(' ').map(|form| stem(language, form)).collect();
            assert!(stems.iter().all(|other| *other == stems[0]), "{forms}: {stems:?}");
        }
    }

    #[test]
    fn words_that_mean_something_else_have_another() {
        use Language::{French, German, Hebrew, Hindi, Russian, Ukrainian};
        for (language, one, other) in [
            (German, "Haus", "Hose"),
            (German, "Uhr", "Ohr"),
            (French, "poisson", "poison"),
            (Russian, "стол", "столица"),
            (Ukrainian, "мати", "море"),
            (Hindi, "अन्य", "अंय"),
            (Hebrew, "ספר", "ספינה"),
        ] {
            assert_ne!(stem(language, one), stem(language, other), "{one} {other}");
        }
    }

    #[test]
    fn a_language_stems_words_in_its_own_script() {
        assert_eq!(stem_in(Language::Russian, "docker"), None);
        assert_eq!(stem_in(Language::German, "книги"), None);
        assert_eq!(stem_in(Language::German, "utf8"), None);
        assert_eq!(stem_in(Language::German, "snake_case"), None);
        assert_eq!(stem_in(Language::English, "houses"), None);
        assert_eq!(stem_in(Language::Japanese, "東京"), None);
    }

    proptest! {
        #[test]
        fn any_word_has_a_stem_that_is_folded(word in "\\PC{0,12}|[a-zäöüßéñçığåøčšž]{0,12}|[а-яёіїє]{0,12}|[ء-ي]{0,9}|[א-ת]{0,9}|[ऀ-ॿ]{0,9}|[ঁ-ৼ]{0,9}") {
            for language in Language::all() {
                if let Some(stem) = stem_in(language, &lowered(language, &word)) {
                    prop_assert_eq!(fold(&stem), stem.clone());
                    prop_assert!(!stem.is_empty());
                }
            }
        }
    }
}
