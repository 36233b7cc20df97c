//! The Markdown of a file, as a reader writes it down.

#![cfg_attr(not(feature = "office"), expect(dead_code, reason = "only office files need all of it"))]

use crate::document::{About, Fence, Place, PlaceStart};

/// No file becomes more text than this, in bytes; what follows is left out, and that is told.
const MOST_TEXT: usize = 64 << 20;

/// No more of what is odd about a file is told, in number.
const MOST_WARNINGS: usize = 20;

/// What a reader has made of a file so far.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// What the file says of itself.
    pub(super) about: About,
    /// What is odd about it, or isn't there: sentences that fit after `paper.pdf: `.
    pub(super) warnings: Vec<String>,
    /// The text: Markdown.
    pub(super) text: String,
    /// Where each place begins in the text.
    pub(super) places: Vec<PlaceStart>,
    /// Where what is added next begins, if that was told.
    next: Option<Place>,
    /// Where the last item ends, and the depths that it and those above it were given.
    items: (usize, Vec<usize>),
    full: bool,
}

impl Draft {
    /// What follows stands at this place, and apart from what is there already.
    pub(super) fn begin(&mut self, place: Place) {
        self.gap();
        self.begin_below(place);
    }

    /// What follows stands at this place, and right below what is there already: the next item of a list.
    pub(super) fn begin_below(&mut self, place: Place) {
        let at = self.text.len();
        // A place of which nothing has come is none.
        if self.places.last().is_some_and(|last| last.at == at) {
            self.places.pop();
        }
        if self.places.last().is_none_or(|last| last.place != place) {
            self.places.push(PlaceStart { at, place });
        }
    }

    /// Has each part of the text that stands between empty lines stand at a paragraph.
    pub(super) fn number_paragraphs(&mut self) {
        let (mut at, mut after_gap) = (0, true);
        for line in self.text.split_inclusive('\n') {
            let is_blank = line.trim().is_empty();
            if after_gap && !is_blank {
                let number = self.places.len() as u32 + 1;
                self.places.push(PlaceStart { at, place: Place::Paragraph { number } });
            }
            after_gap = is_blank;
            at += line.len();
        }
    }

    /// Has what stands before the first place stand at this one.
    pub(super) fn begin_at_once(&mut self, place: Place) {
        let first = self.places.first().map_or(self.text.len(), |first| first.at);
        if !self.text[..first].trim().is_empty() {
            self.places.insert(0, PlaceStart { at: 0, place });
        }
    }

    /// What is added next stands at this place, but isn't kept apart: an item of a list, a row of a table.
    pub(super) fn at(&mut self, place: Place) {
        self.next = Some(place);
    }

    /// Adds a paragraph of Markdown, or several; blank edges go.
    pub(super) fn paragraph(&mut self, text: &str) {
        let text = text.trim_matches(['\n', '\r']).trim_end();
        if !text.is_empty() {
            self.gap();
            self.push(text);
            self.push("\n");
        }
    }

    /// Adds a paragraph of text that isn't Markdown: what would begin a heading, a fence, a list or a rule doesn't.
    pub(super) fn plain(&mut self, text: &str) {
        self.paragraph(&escaped(text));
    }

    /// Adds a heading of a level from 1; levels below the sixth are the sixth.
    pub(super) fn heading(&mut self, level: usize, text: &str) {
        let text = one_line(text);
        if !text.is_empty() {
            self.paragraph(&format!("{} {text}", "#".repeat(level.clamp(1, 6))));
        }
    }

    /// Adds an item of a list, of a depth from 0, with its mark (`-`, `3.`). Items that follow each other are one list,
    /// in which none is more than one level deeper than the one before it: it would be taken for code.
    pub(super) fn item(&mut self, depth: usize, mark: &str, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        if self.items.0 == 0 || self.items.0 != self.text.len() {
            self.gap();
            self.items.1.clear();
        }
        while self.items.1.last().is_some_and(|&last| last >= depth) {
            self.items.1.pop();
        }
        let indent = "    ".repeat(self.items.1.len().min(8));
        self.items.1.push(depth);
        let hanging = format!("\n{indent}{}", " ".repeat(mark.chars().count() + 1));
        let text = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>();
        self.push(&format!("{indent}{mark} {}\n", text.join(&hanging)));
        self.items.0 = self.text.len();
    }

    /// Adds a table; the first row is its head. A cell is one line, and a row without cells is left out.
    pub(super) fn table(&mut self, rows: &[Vec<String>]) {
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let has_text = |row: &&Vec<String>| row.iter().any(|cell| !cell.trim().is_empty());
        let mut rows = rows.iter().filter(has_text);
        let Some(head) = rows.next() else { return };
        self.table_head(head, columns);
        for row in rows {
            self.row(row, columns);
        }
    }

    /// Adds a table with this head, whose cells are all empty if it has none.
    pub(super) fn rows_under(&mut self, head: &[String], rows: &[Vec<String>]) {
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0).max(head.len());
        self.table_head(head, columns);
        for row in rows {
            self.row(row, columns);
        }
    }

    /// Begins a table with its head; rows follow.
    pub(super) fn table_head(&mut self, head: &[String], columns: usize) {
        self.gap();
        self.row(head, columns);
        self.push(&format!("|{}\n", " --- |".repeat(columns)));
    }

    /// Adds a row to the table that was begun. A cell is one line.
    pub(super) fn row(&mut self, cells: &[String], columns: usize) {
        if self.full {
            return;
        }
        let mut line = String::from("|");
        for column in 0..columns {
            let cell = cells.get(column).map(|cell| one_line(cell).replace('|', "\\|")).unwrap_or_default();
            line.push(' ');
            line.push_str(&cell);
            line.push_str(" |");
        }
        line.push('\n');
        self.push(&line);
    }

    /// Adds code, which may have fences in it.
    pub(super) fn code(&mut self, language: &str, code: &str) {
        self.paragraph(&fenced(language, code));
    }

    /// Adds lines right below what is there already.
    pub(super) fn below(&mut self, lines: &str) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.push("\n");
        }
        self.push(lines);
        self.push("\n");
    }

    /// Closes a fence that a text has left open, so that what follows isn't code.
    pub(super) fn close_fence(&mut self, text: &str) {
        let mut open: Option<Fence> = None;
        for line in text.lines() {
            open = Fence::after(open, line);
        }
        if let Some(fence) = open {
            self.push(&fence.closing());
            self.push("\n");
        }
    }

    /// Writes a text in which each `\0` is where the next of these places begins: in the middle of a paragraph, a table,
    /// an item.
    #[cfg(feature = "pdf")]
    pub(super) fn over(&mut self, places: &[Place], write: impl FnOnce(&mut Self)) {
        let from = self.text.len();
        write(self);
        if places.is_empty() {
            return;
        }
        let ends_with_item = self.items.0 == self.text.len();
        let written = self.text.split_off(from);
        let mut parts = written.split('\0');
        self.text.push_str(parts.next().unwrap_or_default());
        for (part, place) in parts.zip(places.iter().map(Some).chain(std::iter::repeat(None))) {
            // What Markdown puts before the first words of a line belongs to them.
            let line = self.text.rfind('\n').map_or(0, |at| at + 1);
            let is_markup = self.text[line..].chars().all(|c| c.is_whitespace() || "|-\\".contains(c));
            let at = if is_markup { line.max(from) } else { self.text.len() };
            if let Some(place) =
                place.filter(|place| self.places.last().is_none_or(|last| last.place != **place))
            {
                self.places.push(PlaceStart { at, place: place.clone() });
            }
            self.text.push_str(part);
        }
        if ends_with_item {
            self.items.0 = self.text.len();
        }
    }

    /// Adds what was made of a file that this one contains, under a heading with its name, and its headings below that.
    /// All of it stands at the place that was begun last.
    pub(super) fn within(&mut self, level: usize, name: &str, file: &Self) {
        self.heading(level, name);
        self.paragraph(&lowered(&file.text, level));
        for warning in &file.warnings {
            self.warn(format!("{name}: {warning}"));
        }
    }

    /// Tells what is odd about the file.
    pub(super) fn warn(&mut self, warning: impl Into<String>) {
        if self.warnings.len() < MOST_WARNINGS {
            self.warnings.push(warning.into());
        }
    }

    /// Whether no more text is taken.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// An empty line, unless there is one or nothing is there yet.
    fn gap(&mut self) {
        if self.text.is_empty() || self.text.ends_with("\n\n") {
            return;
        }
        let line_is_open = !self.text.ends_with('\n');
        self.text.push_str(if line_is_open { "\n\n" } else { "\n" });
    }

    fn push(&mut self, text: &str) {
        if self.full {
            return;
        }
        if self.text.len() + text.len() > MOST_TEXT {
            self.full = true;
            self.warn(format!("only its first {} MB of text are read", MOST_TEXT >> 20));
            return;
        }
        if let Some(place) = self.next.take()
            && self.places.last().is_none_or(|last| last.place != place)
        {
            if self.places.last().is_some_and(|last| last.at == self.text.len()) {
                self.places.pop();
            }
            self.places.push(PlaceStart { at: self.text.len(), place });
        }
        self.text.push_str(text);
    }
}

/// A text with its headings so many levels lower.
fn lowered(text: &str, levels: usize) -> String {
    let mut open: Option<Fence> = None;
    let mut lowered = String::with_capacity(text.len() + 64);
    for line in text.split_inclusive('\n') {
        let level = line.bytes().take_while(|byte| *byte == b'#').count();
        if open.is_none() && (1..=6).contains(&level) && line[level..].starts_with(' ') {
            lowered.push_str(&"#".repeat(levels.min(6 - level)));
        }
        open = Fence::after(open, line.trim_end_matches(['\n', '\r']));
        lowered.push_str(line);
    }
    lowered
}

/// Code between fences; nothing, if there is none.
pub(super) fn fenced(language: &str, code: &str) -> String {
    let code = code.trim_matches(['\n', '\r']).trim_end();
    if code.is_empty() {
        return String::new();
    }
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{code}\n{fence}")
}

/// A text in one line, blanks made one.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text in which no line begins what it didn't mean: a heading, a fence, a rule, a list, a quote, front matter.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (number, line) in text.lines().enumerate() {
        if number > 0 {
            escaped.push('\n');
        }
        // Four blanks would make code of it.
        let line = line.trim_start();
        if begins_markup(line) {
            escaped.push('\\');
        }
        escaped.push_str(line);
    }
    escaped
}

/// Whether Markdown takes the start of a line for more than text.
fn begins_markup(line: &str) -> bool {
    let mut chars = line.chars();
    let (first, second) = (chars.next(), chars.next());
    let blank = |c: Option<char>| c.is_none_or(char::is_whitespace);
    match first {
        Some('#') => blank(line.trim_start_matches('#').chars().next()),
        Some('>') => true,
        Some('`' | '~') => line.starts_with("```") || line.starts_with("~~~"),
        Some('-' | '=' | '_' | '*') => {
            let mark = first.unwrap_or_default();
            line.chars().all(|c| c == mark || c.is_whitespace())
                || (mark != '=' && mark != '_' && blank(second))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_markup() {
        for (text, markdown) in [
            ("# 3 of 4", "\\# 3 of 4"),
            ("#3", "#3"),
            ("---", "\\---"),
            ("a\n=====", "a\n\\====="),
            ("- a", "\\- a"),
            ("-5 °C", "-5 °C"),
            ("    x", "x"),
            ("> x", "\\> x"),
            ("**", "\\**"),
            ("", ""),
        ] {
            assert_eq!(escaped(text), markdown);
        }
    }

    #[test]
    fn items_are_one_list_and_tables_stand_apart() {
        let mut draft = Draft::default();
        draft.plain("Buy:");
        draft.item(0, "-", "milk\nand bread");
        draft.item(1, "1.", "white");
        draft.table(&[vec!["a|b".into(), "c\nd".into()], vec![], vec!["1".into()]]);
        assert_eq!(
            draft.text,
            "Buy:\n\n- milk\n  and bread\n    1. white\n\n| a\\|b | c d |\n| --- | --- |\n| 1 |  |\n"
        );
    }

    #[test]
    fn an_item_is_one_level_deeper_at_most() {
        let mut draft = Draft::default();
        for (depth, text) in [(2, "a"), (3, "b"), (3, "c"), (0, "d"), (5, "e")] {
            draft.item(depth, "-", text);
        }
        assert_eq!(draft.text, "- a\n    - b\n    - c\n- d\n    - e\n");
    }

    #[test]
    fn a_word_with_a_dot_is_no_item() {
        let mut draft = Draft::default();
        draft.item(0, "3.", "a");
        draft.plain("Stop.");
        draft.item(0, "4.", "b");
        assert_eq!(draft.text, "3. a\n\nStop.\n\n4. b\n");
    }

    #[test]
    fn items_and_rows_have_places_without_being_torn_apart() {
        let mut draft = Draft::default();
        for number in 1..3 {
            draft.at(Place::Paragraph { number });
            draft.item(0, "-", "x");
        }
        draft.at(Place::Paragraph { number: 3 });
        draft.table_head(&["a".into()], 1);
        draft.at(Place::Paragraph { number: 4 });
        draft.row(&["b".into()], 1);
        assert_eq!(draft.text, "- x\n- x\n\n| a |\n| --- |\n| b |\n");
        let places: Vec<_> = draft.places.iter().map(|start| start.at).collect();
        assert_eq!(places, [0, 4, 9, 23]);
    }

    #[test]
    fn a_place_without_text_is_none() {
        let mut draft = Draft::default();
        for number in 1..4 {
            draft.begin(Place::Slide { number });
            draft.plain(if number == 2 { "" } else { "x" });
        }
        draft.begin(Place::Slide { number: 3 });
        let places: Vec<_> = draft.places.iter().map(|start| (start.at, start.place.to_string())).collect();
        assert_eq!(places, [(0, "slide1".to_owned()), (3, "slide3".to_owned())]);
    }
}
