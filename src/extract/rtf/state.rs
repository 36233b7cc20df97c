//! What holds in a group of Rich Text, and what a file says of itself.

use super::super::draft;
use super::charset::Charset;
use crate::calendar::Day;
use crate::document::About;

/// Where text of a group belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Destination {
    /// To what is shown.
    Body,
    /// Nowhere.
    Nowhere,
    /// To the names of fonts.
    Fonts,
    /// To the names of styles.
    Styles,
    Title,
    Author,
    Keywords,
    /// To the day on which the file was made.
    Made,
    /// To the mark of an item.
    Mark,
}

/// What stands apart from the line in which it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Note {
    Footnote,
    Comment,
    /// A box of text.
    Box,
}

/// What holds in a group, and ends with it.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "control words turn each of them on and off")]
pub(super) struct State {
    pub(super) destination: Destination,
    pub(super) charset: Charset,
    /// How many characters stand behind `\u` for readers that don't know it.
    pub(super) substitutes: usize,
    pub(super) is_hidden: bool,
    pub(super) is_deleted: bool,
    pub(super) is_raised: bool,
    pub(super) is_bold: bool,
    /// The size of letters in half points.
    pub(super) size: i32,
    /// Whether what stands apart from the line ends with the group.
    pub(super) ends_note: bool,
    /// Whether `\*` was the last token: who doesn't know what follows leaves the group out.
    pub(super) is_optional: bool,
    /// Whether it is the group of `\upr`, of which only the part in Unicode is read.
    pub(super) is_both: bool,
}

impl State {
    /// At the start of a file whose bytes are read so.
    pub(super) fn new(charset: Charset) -> Self {
        Self {
            destination: Destination::Body,
            charset,
            substitutes: 1,
            is_hidden: false,
            is_deleted: false,
            is_raised: false,
            is_bold: false,
            size: 24,
            ends_note: false,
            is_optional: false,
            is_both: false,
        }
    }

    /// With letters that look like any others.
    pub(super) fn plain(self, charset: Charset) -> Self {
        let Self { destination, substitutes, ends_note, is_optional, is_both, .. } = self;
        Self { destination, substitutes, ends_note, is_optional, is_both, ..Self::new(charset) }
    }
}

/// What a file says of itself, so far.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) title: String,
    pub(super) author: String,
    pub(super) keywords: String,
    pub(super) year: u64,
    pub(super) month: u64,
    pub(super) day: u64,
    pub(super) hour: i32,
    pub(super) minute: i32,
}

impl Said {
    /// A control word about the day on which the file was made.
    pub(super) fn made(&mut self, word: &str, value: i32) {
        let number = u64::try_from(value).unwrap_or(0);
        match word {
            "yr" => self.year = number,
            "mo" => self.month = number,
            "dy" => self.day = number,
            "hr" => self.hour = value,
            "min" => self.minute = value,
            _ => {}
        }
    }
}

impl From<Said> for About {
    /// Makes the names and numbers presentable.
    fn from(said: Said) -> Self {
        let some = |text: &str| Some(draft::one_line(text)).filter(|text| !text.is_empty());
        let day = Day::new(said.year, said.month, said.day);
        let time = (said.hour, said.minute);
        let date = day.map(|day| match time {
            (0, 0) => day.to_string(),
            (hour @ 0..24, minute @ 0..60) => format!("{day}T{hour:02}:{minute:02}"),
            _ => day.to_string(),
        });
        let tags = said.keywords.split([',', ';']).filter_map(some).take(30).collect();
        Self {
            title: some(&said.title),
            authors: said.author.split(';').filter_map(some).collect(),
            date,
            tags,
        }
    }
}
