//! Places in files whose text isn't their bytes: the pages of a PDF, the cells of a notebook.
//!
//! Such a file is read as an *extract*: Markdown text that a reader of the format has made, with a table that says which
//! part of the text stands at which place. A citation then names the place where a text file's names lines.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::ContentHash;

/// Where in a file a part of its extract comes from. Numbers are counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Place {
    /// A page.
    Page {
        /// Its number in the file.
        number: u32,
        /// What is printed on it as its number, if that is another: `iv`.
        label: Option<String>,
    },
    /// A slide of a presentation.
    Slide {
        /// Its number.
        number: u32,
    },
    /// A cell of a notebook.
    Cell {
        /// Its number, all kinds of cells counted.
        number: u32,
    },
    /// Rows of a spreadsheet.
    Rows {
        /// The sheet's name; empty if the file is one sheet without a name.
        sheet: String,
        /// The first row.
        first: u32,
        /// The last row.
        last: u32,
    },
    /// A chapter of a book.
    Chapter {
        /// Its number, in the order of reading.
        number: u32,
        /// The file in the book.
        href: String,
        /// Its title, if it has one.
        title: Option<String>,
    },
    /// A paragraph of a document without pages.
    Paragraph {
        /// Its number.
        number: u32,
    },
    /// A card of a canvas.
    Card {
        /// Its number in the file, groups counted.
        number: u32,
    },
    /// A message of a mailbox, or of a conversation.
    Message {
        /// Its number.
        number: u32,
    },
    /// A file that is attached to a message.
    Attachment {
        /// Its name.
        name: String,
    },
    /// What follows an element of a page that links can lead to.
    Anchor {
        /// The element's id.
        id: String,
    },
}

impl fmt::Display for Place {
    /// As it stands behind a path: `cell7`, `p12`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Page { number, label: None } => write!(f, "p{number}"),
            Self::Page { number, label: Some(label) } => write!(f, "p{number} ({label})"),
            Self::Slide { number } => write!(f, "slide{number}"),
            Self::Cell { number } => write!(f, "cell{number}"),
            Self::Rows { sheet, first, last } => {
                let before = before_rows(sheet);
                if first == last { write!(f, "{before}{first}") } else { write!(f, "{before}{first}-{last}") }
            }
            Self::Chapter { number, .. } => write!(f, "ch{number}"),
            Self::Paragraph { number } => write!(f, "par{number}"),
            Self::Card { number } => write!(f, "card{number}"),
            Self::Message { number } => write!(f, "message{number}"),
            Self::Attachment { name } => f.write_str(name),
            Self::Anchor { id } => write!(f, "#{id}"),
        }
    }
}

impl Place {
    /// What stands before the number of such a place, and the number, if it is known by one.
    fn numbered(&self) -> Option<(&'static str, u32)> {
        match *self {
            Self::Page { number, .. } => Some(("p", number)),
            Self::Slide { number } => Some(("slide", number)),
            Self::Cell { number } => Some(("cell", number)),
            Self::Chapter { number, .. } => Some(("ch", number)),
            Self::Paragraph { number } => Some(("par", number)),
            Self::Card { number } => Some(("card", number)),
            Self::Message { number } => Some(("message", number)),
            Self::Rows { .. } | Self::Attachment { .. } | Self::Anchor { .. } => None,
        }
    }

    /// Whether a person means this place, or a part of it, by what they typed behind a path: `cell7`, `cell7-9`.
    pub fn is_meant_by(&self, typed: &str) -> bool {
        if typed.eq_ignore_ascii_case(&self.to_string()) {
            return true;
        }
        if let Self::Page { label: Some(label), .. } = self
            && typed.strip_prefix('p').is_some_and(|typed| typed.eq_ignore_ascii_case(label))
        {
            return true;
        }
        let range = |text: &str| {
            let (first, last) = text.split_once('-').unwrap_or((text, text));
            Some(first.parse::<u32>().ok()?..=last.parse().ok()?)
        };
        if let Some((before, number)) = self.numbered() {
            let start = typed.get(..before.len()).filter(|start| start.eq_ignore_ascii_case(before));
            let numbers = start.and_then(|start| range(&typed[start.len()..]));
            return numbers.is_some_and(|numbers| numbers.contains(&number));
        }
        let Self::Rows { sheet, first, last } = self else { return false };
        let rows = typed.strip_prefix(&before_rows(sheet)).and_then(range);
        rows.is_some_and(|rows| rows.start() <= last && first <= rows.end())
    }
}

/// What stands before the numbers of rows of a sheet.
fn before_rows(sheet: &str) -> String {
    if sheet.is_empty() { "row".to_owned() } else { format!("{sheet}!") }
}

/// Where a place begins in a text; it ends where the next one begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceStart {
    /// The first byte of the text that stands there.
    pub at: usize,
    /// The place.
    pub place: Place,
}

/// What a text is that was made from a file, and isn't the file's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extract {
    /// The hash of the file's bytes: as long as they are the same, so is the extract.
    pub file: ContentHash,
    /// Where each place begins in the text, in order; the first at or before the first byte that says something.
    pub places: Vec<PlaceStart>,
}

impl Extract {
    /// The share of a range of the text, counted from its start.
    #[must_use]
    pub fn share(&self, range: &Range<usize>) -> Self {
        let first = self.places.partition_point(|start| start.at <= range.start).saturating_sub(1);
        let inside =
            self.places[first..].iter().take_while(|start| start.at < range.end.max(range.start + 1));
        let counted = |start: &PlaceStart| PlaceStart {
            at: start.at.saturating_sub(range.start),
            place: start.place.clone(),
        };
        Self { file: self.file, places: inside.map(counted).collect() }
    }

    /// The places of a range of the text, from the first to the last.
    pub fn span(&self, range: &Range<usize>) -> Option<PlaceSpan> {
        let share = self.share(range).places;
        let (first, last) = (share.first()?.place.clone(), share.last()?.place.clone());
        Some(PlaceSpan { first, last })
    }
}

/// The Markdown that was made from a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extracted {
    /// The text; what the file says of itself is its front matter.
    pub text: String,
    /// Which places of the file it stands for.
    pub extract: Extract,
    /// What the file says of itself.
    pub about: About,
    /// What is odd about the file, or couldn't be read of it: sentences that fit after `paper.pdf: `.
    pub warnings: Vec<String>,
}

/// What a file says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// What it is called.
    pub title: Option<String>,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// The day of it, `2024-05-01`, and what follows it.
    pub date: Option<String>,
    /// Its tags, without `#`.
    pub tags: Vec<String>,
}

/// From one place to another, both included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceSpan {
    /// The first place.
    pub first: Place,
    /// The last place; the first, if there is one only.
    pub last: Place,
}

impl fmt::Display for PlaceSpan {
    /// As it stands behind a path: `cell7`, `cell7-9`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, last } = self;
        if first == last {
            return write!(f, "{first}");
        }
        match (first, last) {
            (Place::Rows { sheet, first, .. }, Place::Rows { sheet: other, last, .. }) if sheet == other => {
                write!(f, "{}{first}-{last}", before_rows(sheet))
            }
            (Place::Page { number: first, .. }, Place::Page { number: last, .. }) => {
                write!(f, "p{first}-{last}")
            }
            (Place::Chapter { .. }, Place::Chapter { number, .. })
            | (Place::Message { .. }, Place::Message { number })
            | (Place::Slide { .. }, Place::Slide { number })
            | (Place::Cell { .. }, Place::Cell { number })
            | (Place::Paragraph { .. }, Place::Paragraph { number }) => write!(f, "{first}-{number}"),
            // From one kind of place to another, or between names: the first is where to look.
            _ => write!(f, "{first}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(number: u32) -> Place {
        Place::Cell { number }
    }

    #[test]
    fn a_range_has_the_places_that_it_touches() {
        let places = [(0, 1), (10, 2), (20, 4)].map(|(at, number)| PlaceStart { at, place: cell(number) });
        let extract = Extract { file: ContentHash::of(b""), places: places.to_vec() };
        let span = |range| extract.span(&range).unwrap().to_string();
        assert_eq!(
            [span(0..10), span(0..11), span(12..15), span(19..99)],
            ["cell1", "cell1-2", "cell2", "cell2-4"]
        );
        assert_eq!((span(10..10), span(99..99)), ("cell2".into(), "cell4".into()));
        let share = extract.share(&(15..25));
        assert_eq!(share.places.iter().map(|start| start.at).collect::<Vec<_>>(), [0, 5]);
        assert_eq!(share.span(&(5..6)).unwrap().to_string(), "cell4");
    }

    #[test]
    fn places_are_meant_by_what_is_typed() {
        for meant in ["cell7", "Cell7", "cell5-9", "cell7-7"] {
            assert!(cell(7).is_meant_by(meant), "{meant}");
        }
        for other in ["cell8", "cell8-9", "cell", "7", "p7", "cell7-", "cellx", "c", "", "ü"] {
            assert!(!cell(7).is_meant_by(other), "{other}");
        }
        let rows = Place::Rows { sheet: "Data".into(), first: 2, last: 4 };
        assert!(rows.is_meant_by("Data!4-9") && rows.is_meant_by("Data!3") && !rows.is_meant_by("Data!5"));
        let page = Place::Page { number: 3, label: Some("iii".into()) };
        assert!(page.is_meant_by("piii") && page.is_meant_by("p3") && !page.is_meant_by("p4"));
    }

    #[test]
    fn places_are_written_as_people_type_them() {
        let rows = |first, last| Place::Rows { sheet: "Data".into(), first, last };
        let page = |number, label: Option<&str>| Place::Page { number, label: label.map(str::to_owned) };
        let span =
            |first: &Place, last: &Place| PlaceSpan { first: first.clone(), last: last.clone() }.to_string();
        assert_eq!(span(&rows(2, 4), &rows(5, 9)), "Data!2-9");
        assert_eq!(span(&page(3, None), &page(4, None)), "p3-4");
        assert_eq!(page(3, Some("iii")).to_string(), "p3 (iii)");
        assert_eq!(span(&page(3, Some("iii")), &page(4, None)), "p3-4");
        assert_eq!(span(&Place::Rows { sheet: String::new(), first: 2, last: 4 }, &page(1, None)), "row2-4");
        assert_eq!(Place::Slide { number: 2 }.to_string(), "slide2");
    }
}
