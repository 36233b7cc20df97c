//! A line of Rich Text that is being read, and a row of a table.

use super::page::Paragraph;

/// No row of a table has more cells.
const MAX_CELLS: usize = 256;

/// A paragraph that isn't over.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "letters and paragraphs have each of them or not")]
pub(super) struct Line {
    text: String,
    /// The mark of the item that it is.
    mark: Option<String>,
    /// The note that is being read while the line waits.
    note: String,
    /// The level of the heading that it is.
    pub(super) heading: Option<usize>,
    /// How deep it stands in a list.
    pub(super) depth: usize,
    /// Whether it is an item of a list.
    pub(super) in_list: bool,
    /// Whether it is part of a table.
    pub(super) in_table: bool,
    /// The size of the letters so far, and whether there are others.
    size: Option<i32>,
    has_sizes: bool,
    has_thin: bool,
    was_raised: bool,
}

impl Line {
    /// Adds text that looks so.
    pub(super) fn push(&mut self, text: &str, is_raised: bool, is_bold: bool, size: i32) {
        // Powers keep a sign: `10^6`. Ordinals need none.
        let is_power = !text.is_empty()
            && text.chars().all(|c| c.is_ascii_digit())
            && self.text.ends_with(char::is_alphanumeric);
        if is_raised && !self.was_raised && is_power {
            self.text.push('^');
        }
        if !text.trim().is_empty() {
            self.was_raised = is_raised;
            self.has_thin |= !is_bold;
            self.has_sizes |= self.size.is_some_and(|other| other != size);
            self.size = Some(size);
        }
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\n' => self.text.push('\n'),
                '\u{ad}' | '\u{200b}' | '\u{feff}' => {}
                c if c.is_whitespace() || c.is_control() => {
                    if !self.text.ends_with(char::is_whitespace) {
                        self.text.push(' ');
                    }
                }
                // What would be taken for a tag isn't.
                '<' if chars
                    .peek()
                    .is_some_and(|next| next.is_ascii_alphabetic() || "/!?".contains(*next)) =>
                {
                    self.text.push_str("\\<");
                }
                c => self.text.push(c),
            }
        }
    }

    /// A mark begins, and the line is an item.
    pub(super) fn begin_mark(&mut self) {
        self.mark = Some(String::new());
    }

    /// Adds to the mark.
    pub(super) fn push_mark(&mut self, text: &str) {
        if let Some(mark) = self.mark.as_mut().filter(|mark| mark.len() < 40) {
            mark.push_str(text);
        }
    }

    /// Forgets what held for the paragraph before: `\pard`.
    pub(super) fn forget(&mut self) {
        self.heading = None;
        self.depth = 0;
        self.in_list = false;
        self.in_table = false;
    }

    /// Refers to a footnote.
    pub(super) fn refer(&mut self, number: usize) {
        self.text.push_str("[^");
        self.text.push_str(&number.to_string());
        self.text.push(']');
    }

    /// Adds to the note for which the line waits.
    pub(super) fn add_to_note(&mut self, text: &str) {
        self.note.push_str(text);
        self.note.push(' ');
    }

    /// The note for which the line has waited.
    pub(super) fn take_note(&mut self) -> String {
        std::mem::take(&mut self.note)
    }

    /// The text alone; what holds for the paragraph stays.
    pub(super) fn take_text(&mut self) -> String {
        let mark = self.mark.take().map(|mark| mark.trim().to_owned()).filter(|mark| !mark.is_empty());
        let text = std::mem::take(&mut self.text);
        (self.size, self.has_sizes, self.has_thin, self.was_raised) = (None, false, false, false);
        match mark {
            Some(mark) if !text.trim().is_empty() => format!("{mark} {}", text.trim()),
            _ => text.trim().to_owned(),
        }
    }

    /// The paragraph, if it has text; what follows is as it was.
    pub(super) fn end(&mut self) -> Option<Paragraph> {
        let mark = self.mark.take().map(|mark| mark.trim().to_owned());
        let size = self.size.filter(|_| !self.has_sizes);
        let is_bold = !self.has_thin;
        let text = self.take_text();
        let mark = mark.or_else(|| self.in_list.then(String::new)).map(|mark| (self.depth, mark));
        (!text.is_empty()).then_some(Paragraph { text, heading: self.heading, mark, size, is_bold })
    }
}

/// A row that isn't over.
#[derive(Debug, Default)]
pub(super) struct Row {
    cells: Vec<String>,
    cell: String,
}

impl Row {
    /// Adds text to the cell, with something before it if there is text already.
    pub(super) fn add(&mut self, text: &str, between: &str) {
        if text.is_empty() {
            return;
        }
        if !self.cell.is_empty() {
            self.cell.push_str(between);
        }
        self.cell.push_str(text);
    }

    /// A cell ends.
    pub(super) fn end_cell(&mut self, text: &str) {
        self.add(text, " ");
        let cell = std::mem::take(&mut self.cell);
        if self.cells.len() < MAX_CELLS {
            self.cells.push(cell);
        } else if let Some(last) = self.cells.last_mut().filter(|_| !cell.is_empty()) {
            last.push(' ');
            last.push_str(&cell);
        }
    }

    /// The row, if it has any cell.
    pub(super) fn end(&mut self) -> Option<Vec<String>> {
        if !self.cell.is_empty() {
            self.end_cell("");
        }
        let cells = std::mem::take(&mut self.cells);
        (!cells.is_empty()).then_some(cells)
    }
}
