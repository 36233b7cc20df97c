//! Rows of cells → tables that can be read in parts: each passage has the header row and the rows that fit.
//!
//! A passage is what is embedded as a whole, so a table in one piece would lose its header in all passages but the first.
//! Rows come one after the other and are written as soon as a passage is full; only the first few of a table are kept to
//! find its header. Empty rows part tables.

mod header;

use super::Draft;
use super::draft::{escaped, one_line};
use crate::document::Place;
use header::Start;

/// How much of a table one passage holds, counted as [`weight`] does: about 256 tokens.
const PASSAGE: usize = 700;

/// A header that weighs more than this isn't repeated; the rows name their columns instead.
const MOST_HEAD: usize = 350;

/// A row that weighs more than this with its header is written as lines, each with the name of its column.
const MOST_WIDE: usize = 1000;

/// So many rows of a table are looked at to find its header.
const LOOKED_AT: usize = 24;

/// A cell that has something in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// Its column, counted from 0.
    pub(super) column: u32,
    /// How many columns it covers.
    pub(super) span: u32,
    /// What it shows.
    pub(super) text: String,
    /// Whether that is a number, a date, or another value that heads no column.
    pub(super) is_value: bool,
}

impl Cell {
    /// A cell of one column.
    pub(super) fn new(column: u32, text: String, is_value: bool) -> Self {
        Self { column, span: 1, text, is_value }
    }
}

/// A row that has something in it.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Its number as programs show it, from 1.
    number: u32,
    /// Its cells, from left to right.
    cells: Vec<Cell>,
}

impl Row {
    /// Whether all of it is one cell.
    fn is_single(&self) -> bool {
        self.cells.len() == 1
    }

    /// The cell in a column.
    fn at(&self, column: u32) -> Option<&Cell> {
        at(&self.cells, column)
    }
}

/// The cell in a column, of cells from left to right.
fn at(cells: &[Cell], column: u32) -> Option<&Cell> {
    cells.binary_search_by_key(&column, |cell| cell.column).ok().map(|at| &cells[at])
}

/// What is known of the table that is being written.
#[derive(Debug)]
enum Mode {
    /// Nothing yet: its first rows are still being collected.
    Unknown,
    /// It is text: one cell in each row.
    Text,
    /// It is a table with this header, which is empty if it has none.
    Table(Vec<Cell>),
}

/// Writes the rows of a sheet.
#[derive(Debug)]
pub(super) struct Tables<'d> {
    draft: &'d mut Draft,
    /// The name of the sheet; empty if it has none.
    sheet: String,
    /// What stands above its first row.
    heading: String,
    mode: Mode,
    /// Rows of the current table that aren't written yet.
    rows: Vec<Row>,
    /// What the rows that aren't written weigh.
    weight: usize,
    /// The header of the table before.
    before: Vec<Cell>,
    /// The last row that came.
    last: u32,
    /// Whether any row has come.
    any: bool,
    /// Whether the names of all columns of the current table are written.
    named: bool,
}

impl<'d> Tables<'d> {
    /// Begins a sheet; the heading, which may be empty, is written if there is any row.
    pub(super) fn new(draft: &'d mut Draft, sheet: &str, heading: &str) -> Self {
        Self {
            draft,
            sheet: sheet.to_owned(),
            heading: heading.to_owned(),
            mode: Mode::Unknown,
            rows: vec![],
            weight: 0,
            before: vec![],
            last: 0,
            any: false,
            named: false,
        }
    }

    /// Adds a row. Their numbers rise, and cells of one row may come in any order. Cells that show nothing are left out.
    pub(super) fn row(&mut self, number: u32, mut cells: Vec<Cell>) {
        cells.retain(|cell| !cell.text.trim().is_empty());
        if cells.is_empty() || self.draft.is_full() {
            return;
        }
        cells.sort_by_key(|cell| cell.column);
        cells.dedup_by_key(|cell| cell.column);
        if self.any && number > self.last.saturating_add(1) {
            self.end_table();
        }
        (self.last, self.any) = (number, true);
        self.add(Row { number, cells });
    }

    /// Whether no more rows are taken.
    pub(super) fn is_full(&self) -> bool {
        self.draft.is_full()
    }

    /// Ends the sheet.
    pub(super) fn finish(mut self) {
        self.end_table();
    }

    fn add(&mut self, row: Row) {
        let weight = row_weight(&row);
        match &self.mode {
            Mode::Unknown => {
                self.rows.push(row);
                if self.rows.len() >= LOOKED_AT {
                    self.decide();
                }
            }
            Mode::Text => self.keep(row, weight, PASSAGE),
            Mode::Table(head) => {
                let room = PASSAGE.saturating_sub(head_weight(head));
                if is_wide(head, weight) {
                    self.write();
                    self.rows.push(row);
                    self.write();
                } else {
                    self.keep(row, weight, room);
                }
            }
        }
    }

    /// Keeps a row for the next passage, which is written first if the row doesn't fit.
    fn keep(&mut self, row: Row, weight: usize, room: usize) {
        if !self.rows.is_empty() && self.weight + weight > room {
            self.write();
        }
        self.weight += weight;
        self.rows.push(row);
    }

    /// Finds out what the first rows of a table are.
    fn decide(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        let Start { titles, head, rows } = header::start(rows, &self.before);
        self.titles(&titles);
        match head {
            None => self.mode = Mode::Text,
            Some(head) => {
                if !head.is_empty() {
                    self.before.clone_from(&head);
                }
                self.mode = Mode::Table(head);
            }
        }
        for row in rows {
            self.add(row);
        }
    }

    fn end_table(&mut self) {
        if matches!(self.mode, Mode::Unknown) && !self.rows.is_empty() {
            self.decide();
        }
        self.write();
        self.mode = Mode::Unknown;
        self.named = false;
    }

    /// Writes rows that are text above a table.
    fn titles(&mut self, rows: &[Row]) {
        if let (Some(first), Some(last)) = (rows.first(), rows.last()) {
            self.begin(first.number, last.number);
            for row in rows {
                self.draft.plain(&line_of(row));
            }
        }
    }

    fn begin(&mut self, first: u32, last: u32) {
        self.draft.begin(Place::Rows { sheet: self.sheet.clone(), first, last });
        let heading = std::mem::take(&mut self.heading);
        if !heading.is_empty() {
            self.draft.heading(2, &escaped(&heading));
        }
    }

    /// Writes the rows that are kept as a passage.
    fn write(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        self.weight = 0;
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return };
        self.begin(first.number, last.number);
        match &self.mode {
            Mode::Table(head) => {
                let (weight, head) = (rows.iter().map(row_weight).sum(), head.clone());
                if is_wide(&head, weight) || head_weight(&head) > MOST_HEAD {
                    for row in &rows {
                        self.lines(&head, row);
                    }
                } else {
                    self.table(&head, &rows);
                }
            }
            _ => {
                for row in &rows {
                    self.draft.plain(&line_of(row));
                }
            }
        }
    }

    /// Writes rows as a table; columns that neither the header nor any row fills are left out. A table that would be
    /// mostly empty isn't one.
    fn table(&mut self, head: &[Cell], rows: &[Row]) {
        let mut columns: Vec<u32> = head.iter().map(|cell| cell.column).collect();
        columns.extend(rows.iter().flat_map(|row| &row.cells).map(|cell| cell.column));
        columns.sort_unstable();
        columns.dedup();
        let cells: usize = rows.iter().map(|row| row.cells.len()).sum();
        if columns.len() * rows.len() > 4 * cells + 60 {
            for row in rows {
                self.lines(head, row);
            }
            return;
        }
        let line = |cells: &[Cell]| {
            let text = |column: &u32| at(cells, *column).map(|cell| cell.text.clone()).unwrap_or_default();
            columns.iter().map(text).collect::<Vec<_>>()
        };
        let lines: Vec<Vec<String>> = rows.iter().map(|row| line(&row.cells)).collect();
        self.named = true;
        self.draft.rows_under(&line(head), &lines);
    }

    /// Writes a row as lines, each with the name of its column; parts of a long one begin with its first line.
    fn lines(&mut self, head: &[Cell], row: &Row) {
        // The name of a column without values would be lost.
        if !self.named && head.iter().any(|name| row.at(name.column).is_none()) {
            let names: Vec<String> = head.iter().map(|name| one_line(&name.text)).collect();
            self.draft.plain(&names.join(" | "));
        }
        self.named = true;
        let line = |cell: &Cell| {
            let text = one_line(&cell.text);
            match at(head, cell.column) {
                Some(name) => format!("{}: {text}", one_line(&name.text)),
                None => text,
            }
        };
        let mut lines = row.cells.iter().map(line);
        let first = lines.next().unwrap_or_default();
        let mut part = first.clone();
        let mut room = PASSAGE.saturating_sub(weight(&first));
        for line in lines {
            let line_weight = weight(&line);
            if line_weight > room && part != first {
                self.draft.plain(&part);
                part.clear();
                // What a row is about mostly stands in its first cell.
                if weight(&first) < PASSAGE / 4 {
                    part.clone_from(&first);
                }
                room = PASSAGE.saturating_sub(weight(&part));
            }
            room = room.saturating_sub(line_weight);
            if !part.is_empty() {
                part.push('\n');
            }
            part.push_str(&line);
        }
        self.draft.plain(&part);
    }
}

/// A row outside a table, in one line.
fn line_of(row: &Row) -> String {
    match &row.cells[..] {
        [cell] => cell.text.clone(),
        [name, value] => format!("{}: {}", one_line(&name.text).trim_end_matches(':'), one_line(&value.text)),
        cells => cells.iter().map(|cell| one_line(&cell.text)).collect::<Vec<_>>().join(" | "),
    }
}

/// Whether a row with its header is too much for one passage as a table.
fn is_wide(head: &[Cell], weight: usize) -> bool {
    weight + head_weight(head) > MOST_WIDE
}

/// What a header weighs with the line below it.
fn head_weight(head: &[Cell]) -> usize {
    head.iter().map(|cell| weight(&cell.text) + 12).sum()
}

fn row_weight(row: &Row) -> usize {
    row.cells.iter().map(|cell| weight(&cell.text) + 3).sum()
}

/// How much of a passage a text takes, in letters of an English text: digits and other scripts have more tokens.
fn weight(text: &str) -> usize {
    let of = |c: char| match c {
        '0'..='9' | '\u{80}'..='\u{2E7F}' => 2,
        '\0'..='\x7F' => 1,
        _ => 3,
    };
    text.chars().map(of).sum()
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
