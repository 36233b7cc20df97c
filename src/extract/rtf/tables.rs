//! The fonts and styles that Rich Text refers to by number.

use std::collections::BTreeMap;

use encoding_rs::Encoding;

use super::charset::{self, Charset};

/// No more fonts or styles are kept.
const MOST: usize = 10_000;

/// The fonts of a file: how their bytes are read.
#[derive(Debug, Default)]
pub(super) struct Fonts {
    charsets: BTreeMap<i32, Charset>,
    /// The font that is being described.
    current: i32,
}

impl Fonts {
    /// A control word in the table of fonts.
    pub(super) fn word(&mut self, word: &str, number: i32) {
        let encoding = match word {
            "f" => {
                self.current = number;
                return;
            }
            "fcharset" if number == 2 => {
                self.set(Charset::Symbol);
                return;
            }
            "fcharset" => charset::page_of_charset(number).and_then(charset::of_page),
            "cpg" => charset::of_page(number),
            _ => return,
        };
        if let Some(encoding) = encoding {
            self.set(Charset::Text(encoding));
        }
    }

    /// Keeps how the bytes of the current font are read.
    fn set(&mut self, charset: Charset) {
        if self.charsets.len() < MOST {
            self.charsets.insert(self.current, charset);
        }
    }

    /// The name of the font that is being described.
    pub(super) fn name(&mut self, name: &str) {
        let name = name.trim_start();
        let is_text = !name.starts_with("Symbol");
        if is_text && self.charsets.get(&self.current) == Some(&Charset::Symbol) {
            self.set(Charset::Pictures);
        }
    }

    /// How bytes in a font are read, if the font says it.
    pub(super) fn charset(&self, font: i32) -> Option<Charset> {
        self.charsets.get(&font).copied()
    }
}

/// The styles of paragraphs: which are headings.
#[derive(Debug, Default)]
pub(super) struct Styles {
    /// The level of each style that is a heading.
    levels: BTreeMap<i32, usize>,
    current: i32,
    name: String,
    level: Option<usize>,
    /// The style that the current one is based on.
    base: Option<i32>,
}

impl Styles {
    /// A control word in the sheet of styles.
    pub(super) fn word(&mut self, word: &str, number: i32) {
        match word {
            "s" => self.current = number,
            "outlinelevel" => {
                self.level = usize::try_from(number).ok().filter(|level| *level < 9).map(|level| level + 1);
            }
            "sbasedon" => self.base = Some(number),
            // Of characters and tables, not of paragraphs.
            "cs" | "ts" | "ds" => self.current = -1,
            _ => {}
        }
    }

    /// Text in the sheet: names, each of which ends its style.
    pub(super) fn text(&mut self, text: &str) {
        for c in text.chars() {
            if c != ';' {
                if self.name.len() < 200 {
                    self.name.push(c);
                }
                continue;
            }
            let named = level_of_name(&std::mem::take(&mut self.name));
            let based = self.base.take().and_then(|base| self.levels.get(&base).copied());
            let level = named.or(self.level.take()).or(based);
            if let Some(level) = level
                && self.current >= 0
                && self.levels.len() < MOST
            {
                self.levels.insert(self.current, level);
            }
            (self.current, self.level) = (0, None);
        }
    }

    /// The level of the headings of a style.
    pub(super) fn level(&self, style: i32) -> Option<usize> {
        self.levels.get(&style).copied()
    }
}

/// The level of headings of a style that is called so.
fn level_of_name(name: &str) -> Option<usize> {
    // Word lists other names of a style behind commas.
    let name = name.split(',').next()?.trim().to_lowercase();
    if name == "title" || name == "titel" || name == "titre" || name == "título" {
        return Some(1);
    }
    let (word, number) = name.split_at(name.trim_end_matches(|c: char| c.is_ascii_digit()).len());
    let known = [
        "heading",
        "überschrift",
        "titre",
        "título",
        "titolo",
        "kop",
        "rubrik",
        "nagłówek",
        "заголовок",
        "見出し",
        "标题",
    ];
    known
        .contains(&word.trim())
        .then(|| number.parse().ok())
        .flatten()
        .filter(|level| (1..=9).contains(level))
}

/// The encoding of a file that doesn't say which.
pub(super) fn usual() -> &'static Encoding {
    encoding_rs::WINDOWS_1252
}
