//! What `extract --json` prints.

use serde::Serialize;

use super::place::Place;
use crate::document::Extract;
use crate::extraction;

/// What `extract --json` prints: what a file says.
#[derive(Debug, Serialize)]
pub struct Extraction<'a> {
    /// The note's path in the file; left out unless the file is an archive of notes.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    /// What it says that it is called.
    title: Option<&'a str>,
    /// Who wrote it.
    authors: &'a [String],
    /// The day of it, as `YYYY-MM-DD`, and what follows it.
    date: Option<&'a str>,
    /// Its tags.
    tags: &'a [String],
    /// Its places with their texts, in their order; one without a kind, if it has no places.
    places: Vec<PlaceText<'a>>,
    /// What is odd about it, or couldn't be read of it.
    warnings: &'a [String],
}

/// What stands at a place; its fields are those of a place.
#[derive(Debug, Serialize)]
struct PlaceText<'a> {
    /// The place.
    #[serde(flatten)]
    place: Option<Place>,
    /// Its text.
    text: &'a str,
}

/// Describes what a file says; an archive of notes gives a list.
pub fn extractions(found: &[extraction::Extraction]) -> Vec<Extraction<'_>> {
    found.iter().map(Extraction::new).collect()
}

impl<'a> Extraction<'a> {
    /// Describes what a file says, or a note in it.
    pub fn new(found: &'a extraction::Extraction) -> Self {
        let extraction::Extraction { path, about, text, extract, warnings } = found;
        Self {
            path: path.as_deref(),
            title: about.title.as_deref(),
            authors: &about.authors,
            date: about.date.as_deref(),
            tags: &about.tags,
            places: texts(text, extract.as_ref()),
            warnings,
        }
    }
}

/// The text of each place.
fn texts<'a>(text: &'a str, extract: Option<&Extract>) -> Vec<PlaceText<'a>> {
    let places = extract.map_or(&[][..], |extract| &extract.places);
    if places.is_empty() {
        return vec![PlaceText { place: None, text }];
    }
    let ends = places[1..].iter().map(|next| next.at).chain([text.len()]);
    let part = |(start, end): (&crate::document::PlaceStart, usize)| PlaceText {
        place: Some(Place::new(&start.place)),
        text: text[start.at..end].trim_end(),
    };
    places.iter().zip(ends).map(part).collect()
}
