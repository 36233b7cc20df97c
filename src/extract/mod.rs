//! A file that isn't text → Markdown that says the same, and which place of the file each part of it comes from.
//!
//! What a reader makes goes on through `parse` as any note's text does. Readers take bytes that anybody may have made:
//! none panics, none takes more than linear time, and none makes more text than a few times the file.

#[cfg(feature = "office")]
mod archive;
#[cfg(feature = "office")]
mod blocks;
mod canvas;
#[cfg(feature = "office")]
mod csv;
#[cfg(feature = "office")]
mod docx;
mod draft;
#[cfg(feature = "office")]
mod epub;
#[cfg(feature = "office")]
mod graphics;
#[cfg(feature = "office")]
mod html;
mod limits;
#[cfg(feature = "office")]
mod mail;
#[cfg(feature = "office")]
mod math;
mod notebook;
#[cfg(feature = "office")]
mod numerals;
#[cfg(feature = "office")]
mod odf;
#[cfg(feature = "office")]
mod opc;
#[cfg(feature = "office")]
mod package;
#[cfg(all(test, feature = "office"))]
mod packed;
#[cfg(feature = "pdf")]
mod pdf;
#[cfg(feature = "office")]
mod pptx;
mod process;
#[cfg(any(feature = "office", feature = "pdf"))]
mod roman;
#[cfg(feature = "office")]
mod rtf;
#[cfg(feature = "office")]
mod sheets;
#[cfg(feature = "office")]
mod symbols;
#[cfg(feature = "office")]
mod table;
#[cfg(feature = "office")]
mod tree;
#[cfg(feature = "office")]
mod values;
#[cfg(feature = "office")]
mod within;
#[cfg(feature = "office")]
mod xml;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::document::{About, ContentHash, Extract, Extracted, Place, PlaceStart};
use crate::format::Extractor;
use draft::Draft;
pub use process::{Failure, Launch, Readers, serve};

/// The version of all readers; changes whenever one makes other text of the same bytes.
pub const VERSION: &str = "3";

/// Why a file can't be read: it isn't what its name says, or is damaged. Fits after `a.ipynb: `.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged(pub String);

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Damaged {}

/// What is in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// It is a note.
    Note(Extracted),
    /// It is an archive: notes, in the order of their paths.
    Notes(Vec<Member>),
}

/// A note in an archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its path in the archive, as a person would name it: `Projects/Atlas.md`.
    pub path: String,
    /// What it says.
    pub extracted: Extracted,
}

/// Reads a file, in this process; see [`Readers`] for a safer one.
///
/// # Errors
///
/// [`Damaged`] if the file isn't what the reader takes.
pub fn read_file(extractor: Extractor, file: &[u8]) -> Result<Content, Damaged> {
    #[cfg(feature = "office")]
    if extractor.is_archive() {
        let mut notes = archive::notes(extractor, file)?;
        // What an archive holds is as it was as long as the archive is.
        let hash = ContentHash::of(file);
        for note in &mut notes {
            note.extracted.extract.file = hash;
        }
        return Ok(Content::Notes(notes));
    }
    extract(extractor, file).map(Content::Note)
}

/// Makes Markdown of a file's bytes.
///
/// ```
/// use qsearch::extract::extract;
/// use qsearch::format::Extractor;
///
/// let file = br##"{"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "markdown", "source": "# Owls"}]}"##;
/// let extracted = extract(Extractor::Notebook, file)?;
/// assert_eq!(extracted.text, "# Owls\n");
/// assert_eq!(extracted.extract.span(&(0..6)).unwrap().to_string(), "cell1");
/// # Ok::<(), qsearch::extract::Damaged>(())
/// ```
///
/// # Errors
///
/// [`Damaged`] if the file isn't what the reader takes.
pub fn extract(extractor: Extractor, file: &[u8]) -> Result<Extracted, Damaged> {
    read(extractor, file).map(|draft| finished(draft, extractor, file))
}

/// What was made of a file, with what the file says of itself above it.
fn finished(mut draft: Draft, extractor: Extractor, file: &[u8]) -> Extracted {
    match first_place(extractor) {
        Place::Paragraph { .. } if draft.places.is_empty() => draft.number_paragraphs(),
        place => draft.begin_at_once(place),
    }
    let front = front_matter(&draft.about);
    let shift = front.len();
    let mut places = draft.places;
    for start in &mut places {
        start.at += shift;
    }
    if draft.text.trim().is_empty() {
        // All that it says is what it says of itself.
        places = vec![PlaceStart { at: 0, place: first_place(extractor) }];
    }
    Extracted {
        text: front + &draft.text,
        extract: Extract { file: ContentHash::of(file), places },
        about: draft.about,
        warnings: draft.warnings,
    }
}

/// Where a file begins that says something before its first place.
fn first_place(extractor: Extractor) -> Place {
    match extractor {
        // Browsers take this for the top of any page (HTML, section 7.4.6.4).
        Extractor::Html | Extractor::Mhtml => Place::Anchor { id: "top".to_owned() },
        Extractor::Pdf => Place::Page { number: 1, label: None },
        Extractor::Pptx | Extractor::Odp => Place::Slide { number: 1 },
        Extractor::Mail | Extractor::Mbox => Place::Message { number: 1 },
        _ => Place::Paragraph { number: 1 },
    }
}

/// Hands a file to its reader.
fn read(extractor: Extractor, file: &[u8]) -> Result<Draft, Damaged> {
    read_at(extractor, file, 0)
}

/// Hands a file to its reader that stands so many files deep in others.
fn read_at(extractor: Extractor, file: &[u8], depth: usize) -> Result<Draft, Damaged> {
    match extractor {
        Extractor::Notebook => notebook::read(file),
        Extractor::Canvas => canvas::read(file),
        #[cfg(feature = "pdf")]
        Extractor::Pdf => pdf::read(file),
        #[cfg(not(feature = "pdf"))]
        Extractor::Pdf => Err(Damaged("this qsearch was built without the feature `pdf`".into())),
        _ => read_office(extractor, file, depth),
    }
}

/// Hands a file of an office, a book, a page or a message to its reader.
#[cfg(feature = "office")]
fn read_office(extractor: Extractor, file: &[u8], depth: usize) -> Result<Draft, Damaged> {
    match extractor {
        Extractor::Csv => csv::read(file),
        Extractor::Sheets => sheets::read(file),
        Extractor::Html => html::read(file),
        Extractor::Mhtml => mail::read_page(file),
        Extractor::Mail => mail::read(file, depth),
        Extractor::Mbox => mail::read_mailbox(file, depth),
        Extractor::Rtf => rtf::read(file),
        Extractor::Epub => epub::read(file),
        Extractor::Docx => docx::read(file),
        Extractor::Pptx => pptx::read(file),
        Extractor::Odt | Extractor::Odp => odf::read(file),
        _ => Err(Damaged("it is an archive in a file".into())),
    }
}

/// There is nobody to hand it to.
#[cfg(not(feature = "office"))]
fn read_office(_: Extractor, _: &[u8], _: usize) -> Result<Draft, Damaged> {
    Err(Damaged("this qsearch was built without the feature `office`".into()))
}

/// What a file says of itself, as front matter.
fn front_matter(about: &About) -> String {
    let About { title, authors, date, tags } = about;
    // What JSON quotes, YAML reads.
    let quoted = |text: &String| serde_json::Value::from(draft::one_line(text)).to_string();
    let list = |texts: &[String]| texts.iter().map(quoted).collect::<Vec<_>>().join(", ");
    let lines: Vec<String> = [
        ("title", title.as_ref().map(quoted)),
        ("author", (!authors.is_empty()).then(|| format!("[{}]", list(authors)))),
        (
            "date",
            date.clone().filter(|date| date.chars().all(|c| c.is_ascii_digit() || "-T:+Z. ".contains(c))),
        ),
        ("tags", (!tags.is_empty()).then(|| format!("[{}]", list(tags)))),
    ]
    .into_iter()
    .filter_map(|(key, value)| Some(format!("{key}: {}\n", value?)))
    .collect();
    if lines.is_empty() { String::new() } else { format!("---\n{}---\n\n", lines.concat()) }
}
