//! A file that isn't text → Markdown that says the same, and which place of the file each part of it comes from.
//!
//! What a reader makes goes on through `parse` as any note's text does. Readers take bytes that anybody may have made:
//! none panics, none takes more than linear time, and none makes more text than a few times the file.

mod canvas;
mod notebook;

use std::fmt;

use crate::document::{ContentHash, Extract, Extracted, Fence, Place, PlaceStart};
use crate::format::Extractor;

/// The version of all readers; changes whenever one makes other text of the same bytes.
pub const VERSION: &str = "2";

/// Why a file can't be read: it isn't what its name says, or is damaged. Fits after `a.ipynb: `.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged(pub String);

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Damaged {}

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
    let draft = match extractor {
        Extractor::Notebook => notebook::read(file)?,
        Extractor::Canvas => canvas::read(file)?,
    };
    let Draft { text, places } = draft;
    Ok(Extracted { text, extract: Extract { file: ContentHash::of(file), places } })
}

/// The Markdown of a file as a reader writes it, place by place.
#[derive(Debug, Default)]
struct Draft {
    text: String,
    places: Vec<PlaceStart>,
}

impl Draft {
    /// What follows stands at this place, and apart from what is there already.
    fn begin(&mut self, place: Place) {
        self.gap();
        self.places.push(PlaceStart { at: self.text.len(), place });
    }

    /// Adds a paragraph, or several; blank edges go.
    fn paragraph(&mut self, text: &str) {
        let text = text.trim_matches(['\n', '\r']).trim_end();
        if !text.is_empty() {
            self.gap();
            self.text.push_str(text);
            self.text.push('\n');
        }
    }

    /// Adds code, which may have fences in it.
    fn code(&mut self, language: &str, code: &str) {
        let code = code.trim_matches(['\n', '\r']).trim_end();
        if code.is_empty() {
            return;
        }
        let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(longest.max(2) + 1);
        self.gap();
        for part in [&fence, language, "\n", code, "\n", &fence, "\n"] {
            self.text.push_str(part);
        }
    }

    /// Closes a fence that a text has left open, so that what follows isn't code.
    fn close_fence(&mut self, text: &str) {
        let mut open: Option<Fence> = None;
        for line in text.lines() {
            open = Fence::after(open, line);
        }
        if let Some(fence) = open {
            self.text.push_str(&fence.closing());
            self.text.push('\n');
        }
    }

    /// An empty line, unless there is one or nothing is there yet.
    fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }
}
