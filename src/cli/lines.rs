//! The lines of a note, as the index has them.

use std::borrow::Cow;

use qsearch::get::Note;

/// A line of a note, or as much of it as passages have.
#[derive(Debug, Default)]
pub(crate) struct Line<'a> {
    /// Its number in the note, or in what was extracted of it.
    pub(crate) number: u32,
    /// The place that it stands at, if the note's file isn't text.
    pub(crate) place: Option<String>,
    /// Its pieces, each with the number of its passage among those of the note.
    pieces: Vec<(usize, &'a str)>,
}

impl Line<'_> {
    /// Its text.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        match self.pieces[..] {
            [(_, only)] => Cow::Borrowed(only),
            _ => Cow::Owned(self.pieces.iter().map(|(_, text)| *text).collect::<Vec<_>>().join(" ")),
        }
    }

    /// The first passage that begins in this line behind so many characters.
    pub(crate) fn begin_behind(&self, chars: usize) -> Option<usize> {
        let mut begin = 0;
        self.pieces.iter().find_map(|(passage, text)| {
            let found = (begin > 0 && begin >= chars).then_some(*passage);
            begin += text.chars().count() + 1;
            found
        })
    }
}

/// The lines of a note, in their order.
pub(crate) fn lines(note: &Note) -> Vec<Line<'_>> {
    let Some(first) = note.passages.first() else { return Vec::new() };
    if let Some(text) = &note.unabridged {
        let numbers = first.passage.lines.first..;
        let line = |(number, text)| Line { number, place: None, pieces: vec![(0, text)] };
        return numbers.zip(pieces(text)).map(line).collect();
    }
    let mut lines: Vec<Line<'_>> = Vec::new();
    for (at, stored) in note.passages.iter().enumerate() {
        let passage = &stored.passage;
        let mut begin = 0;
        for (number, text) in (passage.lines.first..).zip(pieces(&passage.text)) {
            let range = begin..begin + text.len();
            begin = range.end + 1;
            match lines.last_mut() {
                // Passages may meet within a line.
                Some(last) if last.number >= number => last.pieces.push((at, text)),
                _ => {
                    let place = passage.places(&range).map(|place| place.first.to_string());
                    lines.push(Line { number, place, pieces: vec![(at, text)] });
                }
            }
        }
    }
    lines
}

/// The lines of a text without their ends.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line))
}
