//! The part of a passage that is shown where all of it is too long.

use std::ops::Range;

use serde::Serialize;

use crate::document::Passage;

/// A part of a passage.
#[derive(Debug, Serialize)]
pub(super) struct Excerpt<'a> {
    /// Its text.
    text: &'a str,
    /// The line of the note on which it begins.
    first_line: u32,
    /// The line on which it ends.
    last_line: u32,
    /// Where it begins in the file, in bytes from 0; `null` if the file isn't UTF-8, or was repaired.
    first_byte: Option<u64>,
    /// Where it ends: the offset one past its last byte; `null` as the beginning is.
    last_byte: Option<u64>,
}

impl<'a> Excerpt<'a> {
    /// Describes a part of a passage, by its bytes in the passage's text.
    pub(super) fn new(passage: &'a Passage, part: &Range<usize>) -> Self {
        let text = passage.text.as_str();
        let (part, shown) =
            text.get(part.clone()).map_or((0..text.len(), text), |shown| (part.clone(), shown));
        let lines = passage.lines_of(&part);
        // Where decoding has changed the text, only the file tells.
        let is_exact = passage.span.end - passage.span.start == text.len() as u64;
        let byte = |at: usize| is_exact.then(|| passage.span.start + at as u64);
        Self {
            text: shown,
            first_line: lines.first,
            last_line: lines.last,
            first_byte: byte(part.start),
            last_byte: byte(part.end),
        }
    }
}
