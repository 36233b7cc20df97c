//! Which scripts languages are written in.

use std::fmt;
use std::str::FromStr;

use unicode_script::{Script, UnicodeScript};

/// The languages, by ISO 639-1, of each set of scripts. Latin letters are in texts of every language.
const LANGUAGES: [(&str, &[Script]); 28] = [
    (
        "af az bs ca cs cy da de en es et eu fi fr ga gl ha hr hu id is it ku la lt lv mg ms mt nb nl nn no pl pt ro sk sl \
         so sq sv sw tl tr uz vi xh zu",
        &[],
    ),
    ("be bg kk ky mk mn ru sr tg uk", &[Script::Cyrillic]),
    ("el", &[Script::Greek]),
    ("ar fa ps sd ug ur", &[Script::Arabic]),
    ("he yi", &[Script::Hebrew]),
    ("hi mr ne sa", &[Script::Devanagari]),
    ("bn as", &[Script::Bengali]),
    ("pa", &[Script::Gurmukhi]),
    ("gu", &[Script::Gujarati]),
    ("or", &[Script::Oriya]),
    ("ta", &[Script::Tamil]),
    ("te", &[Script::Telugu]),
    ("kn", &[Script::Kannada]),
    ("ml", &[Script::Malayalam]),
    ("si", &[Script::Sinhala]),
    ("th", &[Script::Thai]),
    ("lo", &[Script::Lao]),
    ("my", &[Script::Myanmar]),
    ("km", &[Script::Khmer]),
    ("bo dz", &[Script::Tibetan]),
    ("ka", &[Script::Georgian]),
    ("hy", &[Script::Armenian]),
    ("am ti", &[Script::Ethiopic]),
    ("zh", &[Script::Han, Script::Bopomofo]),
    ("ja", &[Script::Han, Script::Hiragana, Script::Katakana]),
    ("ko", &[Script::Hangul, Script::Han]),
    ("dv", &[Script::Thaana]),
    ("chr", &[Script::Cherokee]),
];

/// How a language is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Writing {
    code: &'static str,
    scripts: &'static [Script],
}

impl Writing {
    /// Whether a piece has no letter but of the scripts of some languages, of Latin, and of what all scripts share.
    pub(super) fn have(languages: &[Self], piece: &str) -> bool {
        let shared = [Script::Common, Script::Inherited, Script::Latin];
        piece.chars().all(|c| {
            let script = c.script();
            shared.contains(&script) || languages.iter().any(|language| language.scripts.contains(&script))
        })
    }
}

impl fmt::Display for Writing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

impl FromStr for Writing {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = LANGUAGES.iter().find_map(|(codes, scripts)| {
            let code = codes.split(' ').find(|code| *code == text)?;
            Some(Self { code, scripts })
        });
        found.ok_or_else(|| format!("`{text}` isn't a language's code of two letters, such as de, ru or zh"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_kept_if_all_its_letters_are() {
        let languages: Vec<Writing> = ["de", "ru", "ja"].map(|code| code.parse().unwrap()).into();
        for piece in ["▁Haus", "ß", "▁дом", "日本", "ひ", "ー", "1", "。", "▁", "é", "e\u{301}", "🦉"]
        {
            assert!(Writing::have(&languages, piece), "{piece}");
        }
        for piece in ["한", "▁λόγος", "ا", "дa한", "ก"] {
            assert!(!Writing::have(&languages, piece), "{piece}");
        }
        assert!("xx".parse::<Writing>().is_err() && "".parse::<Writing>().is_err());
    }
}
