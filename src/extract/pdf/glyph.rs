//! Glyphs: what a page draws when it draws text, and what each means.

use unicode_normalization::UnicodeNormalization;

use super::line::Style;

/// A glyph on a page. Places are in points from the top left corner of the page as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Glyph {
    /// What it means; empty if it means nothing.
    pub(super) text: Letters,
    /// Where it stands on its baseline.
    pub(super) at: (f64, f64),
    /// Where the next one stands, if nothing is between them.
    pub(super) end: (f64, f64),
    /// The direction of its baseline, in degrees clockwise from a line that runs to the right.
    pub(super) angle: f64,
    /// Its font's size, in points.
    pub(super) size: f64,
    /// Whether the next one stands below it.
    pub(super) vertical: bool,
    /// How it looks.
    pub(super) style: Style,
    /// Whether it can't be seen: text behind a scanned page.
    pub(super) hidden: bool,
    /// The marked content it belongs to.
    pub(super) marked: Option<u32>,
    /// Whether it belongs to an artifact.
    pub(super) artifact: bool,
}

/// One character, as most glyphs mean it, or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Letters {
    /// One.
    One(char),
    /// Any number of them.
    Several(Box<str>),
}

/// What stands for a glyph of which nobody can tell what it means.
pub(super) const UNKNOWN: char = '\u{fffd}';

impl Letters {
    /// A character as text has it: ligatures and presentation forms as the letters they are made of.
    pub(super) fn of_char(c: char) -> Self {
        match c {
            ' '..='~' => Self::One(c),
            '\u{2010}' => Self::One('-'),
            '\t' | '\n' | '\r' | '\u{a0}' => Self::One(' '),
            '\u{fb00}'..='\u{fb06}'
            | '\u{fb13}'..='\u{fb17}'
            | '\u{fb1d}'..='\u{fb28}'
            | '\u{fb2a}'..='\u{fd3d}'
            | '\u{fd50}'..='\u{fdff}'
            | '\u{fe70}'..='\u{fefc}'
            | '\u{2e80}'..='\u{2fd5}'
            | '\u{f900}'..='\u{faff}' => Self::of_str(&c.nfkc().collect::<String>()),
            c if c.is_control() || is_ignored(c) => Self::Several("".into()),
            c => Self::One(c),
        }
    }

    /// The characters of one glyph.
    pub(super) fn of_text(text: &str) -> Self {
        let mut folded = String::with_capacity(text.len());
        for c in text.chars() {
            Self::of_char(c).push_to(&mut folded);
        }
        Self::of_str(&folded)
    }

    fn of_str(text: &str) -> Self {
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) => Self::One(c),
            _ => Self::Several(text.into()),
        }
    }

    /// Adds them to a text.
    pub(super) fn push_to(&self, text: &mut String) {
        match self {
            Self::One(c) => text.push(*c),
            Self::Several(several) => text.push_str(several),
        }
    }

    /// The first of them.
    pub(super) fn first(&self) -> Option<char> {
        match self {
            Self::One(c) => Some(*c),
            Self::Several(several) => several.chars().next(),
        }
    }

    /// Whether there is nothing but blanks.
    pub(super) fn is_blank(&self) -> bool {
        match self {
            Self::One(c) => c.is_whitespace(),
            Self::Several(several) => several.trim().is_empty(),
        }
    }

    /// Whether there is nothing.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Several(several) if several.is_empty())
    }
}

/// Whether a character only tells how others are set.
fn is_ignored(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Whether a character is of a script that is written from right to left.
pub(super) fn is_right_to_left(c: char) -> bool {
    matches!(u32::from(c), 0x590..=0x8ff | 0xfb1d..=0xfdff | 0xfe70..=0xfefc | 0x10800..=0x10fff | 0x1e800..=0x1efff)
}

/// Whether a character is of a script that has no blanks between its words.
pub(super) fn is_without_blanks(c: char) -> bool {
    matches!(u32::from(c), 0x2e80..=0xa4cf | 0xf900..=0xfaff | 0xff00..=0xffef | 0x20000..=0x3ffff)
}
