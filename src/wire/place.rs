//! Places in files that aren't text, as documents have them.

use serde::Serialize;

use crate::document::{self, PlaceSpan};

/// From one place of a file to another, both included.
#[derive(Debug, Serialize)]
pub(super) struct Places {
    /// As it is typed behind a path: `cell7-9`.
    text: String,
    /// The first place.
    first: Place,
    /// The last place.
    last: Place,
}

/// A place; fields of other kinds are `null`.
#[derive(Debug, Serialize)]
pub(super) struct Place {
    /// `page`, `slide`, `cell`, `rows`, `chapter`, `paragraph`, `card`, `message`, `attachment` or `anchor`.
    kind: &'static str,
    /// Its number, from 1; the first row of rows.
    number: Option<u32>,
    /// The last row.
    last: Option<u32>,
    /// What is printed on a page as its number, the name of a sheet, the title of a chapter, the name of an attachment, or
    /// the id of an anchor.
    label: Option<String>,
    /// The file of a chapter in its book.
    href: Option<String>,
}

impl Places {
    /// Describes places.
    pub(super) fn new(span: &PlaceSpan) -> Self {
        Self { text: span.to_string(), first: Place::new(&span.first), last: Place::new(&span.last) }
    }
}

impl Place {
    pub(super) fn new(place: &document::Place) -> Self {
        let of =
            |kind, number: &u32| Self { kind, number: Some(*number), last: None, label: None, href: None };
        let named = |kind, name: &String| Self {
            kind,
            number: None,
            last: None,
            label: Some(name.clone()),
            href: None,
        };
        match place {
            document::Place::Page { number, label } => Self { label: label.clone(), ..of("page", number) },
            document::Place::Slide { number } => of("slide", number),
            document::Place::Cell { number } => of("cell", number),
            document::Place::Paragraph { number } => of("paragraph", number),
            document::Place::Card { number } => of("card", number),
            document::Place::Rows { sheet, first, last } => {
                Self { last: Some(*last), label: Some(sheet.clone()), ..of("rows", first) }
            }
            document::Place::Chapter { number, href, title } => {
                Self { label: title.clone(), href: Some(href.clone()), ..of("chapter", number) }
            }
            document::Place::Message { number } => of("message", number),
            document::Place::Attachment { name } => named("attachment", name),
            document::Place::Anchor { id } => named("anchor", id),
        }
    }
}
