//! The rows of one sheet.

use super::styles::{Strings, unescaped};
use crate::document::floor;
use crate::extract::Draft;
use crate::extract::sheets::cells::{MOST_COLUMNS, MOST_OF_CELL, MOST_OF_ROW, MOST_ROWS, Merges, position};
use crate::extract::sheets::formats::Format;
use crate::extract::table::{Cell, Tables};
use crate::extract::xml::{Element, Event, Events};

/// What the sheets of a workbook share.
#[derive(Debug)]
pub(super) struct Book {
    /// The texts that cells point at.
    pub(super) strings: Strings,
    /// How the cells of each style show numbers.
    pub(super) formats: Vec<Format>,
    /// Whether days are counted from 1904.
    pub(super) from_1904: bool,
}

/// A cell that is being read.
#[derive(Default)]
struct Open {
    column: u32,
    /// What kind of value it has (§18.18.11).
    kind: String,
    style: usize,
    value: String,
    formula: String,
    text: String,
}

/// In which element of a cell text stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Nothing,
    Value,
    Formula,
    Text,
}

/// Writes the rows of a sheet.
pub(super) fn write(draft: &mut Draft, book: &Book, name: &str, heading: &str, xml: &str) {
    let mut merges = merges(xml);
    let mut rows = Rows {
        book,
        tables: Tables::new(draft, name, heading),
        row: 0,
        next_row: 0,
        next_column: 0,
        cells: Vec::new(),
        size: 0,
    };
    let (mut open, mut within, mut aloud) = (None, Within::Nothing, 0_u32);
    let mut events = Events::new(xml);
    for event in events.by_ref() {
        match event {
            Event::Start(element) => match element.name() {
                "row" => rows.begin(&element),
                "c" => open = Some(rows.open(&element)),
                "v" => within = Within::Value,
                "f" => within = Within::Formula,
                "t" if aloud == 0 => within = Within::Text,
                "rPh" => aloud += 1,
                _ => {}
            },
            Event::Text(text) => {
                if let Some(cell) = &mut open {
                    cell.take(within, &text);
                }
            }
            Event::End(name) => match &*name {
                "v" | "f" | "t" => within = Within::Nothing,
                "rPh" => aloud = aloud.saturating_sub(1),
                "c" => {
                    if let Some(cell) = open.take() {
                        rows.close(cell);
                    }
                }
                "row" => rows.end(&mut merges),
                "sheetData" => break,
                _ => {}
            },
        }
        if rows.tables.is_full() {
            break;
        }
    }
    rows.end(&mut merges);
    rows.tables.finish();
    if let Some(trouble) = events.trouble() {
        draft.warn(format!("sheet {name} {trouble}"));
    }
}

impl Open {
    fn take(&mut self, within: Within, text: &str) {
        let to = match within {
            Within::Nothing => return,
            Within::Value => &mut self.value,
            Within::Formula => &mut self.formula,
            Within::Text => &mut self.text,
        };
        let room = MOST_OF_CELL.saturating_sub(to.len());
        to.push_str(&text[..floor(text, room)]);
    }

    /// What the cell shows, and whether that is a value rather than a text.
    fn shown(self, book: &Book) -> (String, bool) {
        let value = self.value.trim();
        match &*self.kind {
            "s" => {
                let text = value.parse().ok().and_then(|number| book.strings.get(number));
                (text.unwrap_or_default().to_owned(), false)
            }
            "inlineStr" => (unescaped(&self.text), false),
            "str" if !value.is_empty() => (unescaped(&self.value), false),
            "b" if !value.is_empty() => (if value == "0" { "FALSE" } else { "TRUE" }.to_owned(), true),
            "d" if !value.is_empty() => (iso(value), true),
            _ if value.is_empty() && !self.text.is_empty() => (unescaped(&self.text), false),
            // A program that can't compute has left the value out; the formula is what there is.
            _ if value.is_empty() && !self.formula.is_empty() => (format!("={}", self.formula), true),
            "e" => (self.value, true),
            _ => match value.parse::<f64>().ok().filter(|value| value.is_finite()) {
                Some(number) => {
                    let format = book.formats.get(self.style).unwrap_or(&Format::Number);
                    (format.show(number, book.from_1904), true)
                }
                None => (unescaped(value), false),
            },
        }
    }
}

/// A day or moment as ISO 8601 has it, without a time of zero.
fn iso(value: &str) -> String {
    let (day, time) = value.split_once('T').unwrap_or((value, ""));
    let time = time.trim_end_matches('Z').split('.').next().unwrap_or_default();
    match time.strip_suffix(":00").unwrap_or(time) {
        "" | "00:00" => day.to_owned(),
        time => format!("{day} {time}").trim().to_owned(),
    }
}

/// The rows as they are read.
struct Rows<'a, 'd> {
    book: &'a Book,
    tables: Tables<'d>,
    /// The row that is being read, the one that follows without a number of its own, and such a column; from 0.
    row: u32,
    next_row: u32,
    next_column: u32,
    cells: Vec<Cell>,
    /// How much text the row has.
    size: usize,
}

impl Rows<'_, '_> {
    fn begin(&mut self, element: &Element) {
        let number = element.attribute("r").and_then(|number| number.parse::<u32>().ok());
        self.row = number
            .filter(|number| (1..=MOST_ROWS).contains(number))
            .map_or(self.next_row, |number| number - 1);
        self.next_row = self.row.saturating_add(1);
        self.next_column = 0;
    }

    fn open(&mut self, element: &Element) -> Open {
        let mut cell = Open { column: self.next_column, ..Open::default() };
        for (name, value) in element.attributes() {
            match &*name {
                "r" => {
                    if let Some((row, column)) = position(&value) {
                        (self.row, cell.column) = (row, column);
                        self.next_row = self.next_row.max(row.saturating_add(1));
                    }
                }
                "t" => cell.kind = value,
                "s" => cell.style = value.parse().unwrap_or(0),
                _ => {}
            }
        }
        self.next_column = cell.column.saturating_add(1);
        cell
    }

    fn close(&mut self, cell: Open) {
        let column = cell.column;
        let (text, is_value) = cell.shown(self.book);
        if column < MOST_COLUMNS && !text.trim().is_empty() && self.size + text.len() <= MOST_OF_ROW {
            self.size += text.len();
            self.cells.push(Cell::new(column, text, is_value));
        }
    }

    fn end(&mut self, merges: &mut Merges) {
        let mut cells = std::mem::take(&mut self.cells);
        self.size = 0;
        merges.apply(self.row, &mut cells);
        self.tables.row(self.row + 1, cells);
    }
}

/// The cells that cover others, which stand behind the rows (§18.3.1.54).
fn merges(xml: &str) -> Merges {
    let mut merges = Merges::default();
    let start = xml.rfind("sheetData>").unwrap_or(xml.len());
    for event in Events::new(&xml[start..]) {
        let Event::Start(element) = event else { continue };
        if element.name() == "mergeCell"
            && let Some((first, last)) = element.attribute("ref").unwrap_or_default().split_once(':')
            && let (Some(first), Some(last)) = (position(first), position(last))
        {
            merges.add(first, last);
        }
    }
    merges
}
