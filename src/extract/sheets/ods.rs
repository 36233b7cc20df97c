//! Workbooks in `OpenDocument`: ODF 1.3, part 3, §9.
//!
//! Cells have both a value and the text that they show. The text is read, but days and times as ISO 8601 has them.
//! Files say how often a row or a cell is repeated, up to the sheet's edge; only what shows something is, and not often.

use std::collections::BTreeSet;

use super::cells::{MOST_COLUMNS, MOST_OF_CELL, MOST_OF_ROW, name};
use crate::document::{Place, floor};
use crate::extract::draft::{escaped, one_line};
use crate::extract::package::Package;
use crate::extract::table::{Cell, Tables};
use crate::extract::xml::{Element, Event, Events};
use crate::extract::{Damaged, Draft, values};

/// A cell or a row with something in it is repeated no more often than this.
const MOST_CELLS: u32 = 64;
const MOST_ROWS: u32 = 500;

/// All repeated rows of a file together are no more than this.
const MOST_REPEATED: u32 = 20_000;

/// No sheet has more comments and texts in boxes.
const MOST_NOTES: usize = 20_000;

/// Reads a workbook.
pub(super) fn read(mut package: Package) -> Result<Draft, Damaged> {
    let manifest = package.text("META-INF/manifest.xml").unwrap_or_default();
    if manifest.contains("encryption-data") {
        return Err(Damaged("it is encrypted; a password isn't asked for".into()));
    }
    drop(manifest);
    let mut draft = Draft::default();
    if package.has("meta.xml")
        && let Ok(meta) = package.text("meta.xml")
    {
        about(&meta, &mut draft);
    }
    let content = package.text("content.xml")?;
    let hidden = hidden(&content);
    let mut events = Events::new(&content);
    let mut repeated = MOST_REPEATED;
    let mut found = false;
    while let Some(event) = events.next() {
        match event {
            Event::Start(element) if element.name() == "table" => {
                found = true;
                let title = element.attribute("name").unwrap_or_default();
                let is_hidden = element.attribute("style-name").is_some_and(|style| hidden.contains(&style));
                let heading = if is_hidden { format!("{title} (hidden)") } else { title.clone() };
                sheet(&mut draft, &mut events, &title, &heading, &mut repeated);
            }
            // Cells that were deleted are kept with the changes.
            Event::Start(element) if element.name() == "tracked-changes" => skip(&mut events),
            _ => {}
        }
        if draft.is_full() {
            break;
        }
    }
    if let Some(trouble) = events.trouble() {
        draft.warn(format!("its part content.xml {trouble}"));
    }
    package.tell(&mut draft);
    if !found {
        return Err(Damaged("it has no sheets".into()));
    }
    Ok(draft)
}

/// What a file says of itself (ODF 1.3, part 3, §4.3).
fn about(meta: &str, draft: &mut Draft) {
    let mut value = String::new();
    for event in Events::new(meta) {
        match event {
            Event::Start(_) => value.clear(),
            Event::Text(text) => value.push_str(&text),
            Event::End(name) => {
                let value = one_line(&std::mem::take(&mut value));
                match &*name {
                    _ if value.is_empty() => {}
                    "title" => draft.about.title = Some(value),
                    "initial-creator" => draft.about.authors = vec![value],
                    "creator" if draft.about.authors.is_empty() => draft.about.authors.push(value),
                    "keyword" => draft.about.tags.push(value),
                    "date" => draft.about.date = Some(value),
                    "creation-date" if draft.about.date.is_none() => draft.about.date = Some(value),
                    _ => {}
                }
            }
        }
    }
}

/// The styles of sheets that aren't shown (§17.15).
fn hidden(content: &str) -> BTreeSet<String> {
    let (mut hidden, mut style) = (BTreeSet::new(), None);
    for event in Events::new(content) {
        match event {
            Event::Start(element) => match element.name() {
                "style" => style = element.attribute("name"),
                "table-properties" if element.attribute("display").as_deref() == Some("false") => {
                    hidden.extend(style.clone());
                }
                "body" => break,
                _ => {}
            },
            Event::End(_) | Event::Text(_) => {}
        }
    }
    hidden
}

/// Passes over an element that has just begun.
fn skip(events: &mut Events) {
    let mut depth = 1;
    for event in events.by_ref() {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            Event::Text(_) => {}
        }
        if depth == 0 {
            return;
        }
    }
}

/// A cell that is being read.
#[derive(Default)]
struct Open {
    text: String,
    /// What it has instead of a text, and whether it is a value rather than a text.
    value: Option<String>,
    is_value: bool,
    columns: u32,
    span: u32,
}

impl Open {
    fn new(element: &Element) -> Self {
        let get = |name: &str| element.attribute(name);
        let number = |name: &str| get(name).and_then(|number| number.parse::<u32>().ok()).unwrap_or(1).max(1);
        let kind = get("value-type").unwrap_or_default();
        let value = match &*kind {
            "date" => get("date-value").map(|value| moment(&value)),
            "time" => get("time-value").and_then(|value| time(&value)),
            _ => None,
        };
        Self {
            text: String::new(),
            value,
            is_value: !matches!(&*kind, "" | "string"),
            columns: number("number-columns-repeated"),
            span: number("number-columns-spanned"),
        }
    }

    fn shown(&self) -> (&str, bool) {
        let text = self.value.as_deref().unwrap_or(self.text.trim());
        (text, self.is_value || values::is_value(text))
    }
}

/// A day or a moment, `2024-05-01T14:30:00`, without seconds of zero.
fn moment(value: &str) -> String {
    let (day, time) = value.split_once('T').unwrap_or((value, ""));
    let time = time.split(['.', 'Z', '+']).next().unwrap_or_default();
    match time.strip_suffix(":00").unwrap_or(time) {
        "" | "00:00" => day.to_owned(),
        time => format!("{day} {time}"),
    }
}

/// A time or a duration, `PT14H30M00S`, as `14:30`.
fn time(value: &str) -> Option<String> {
    let mut parts = [0_u64; 3];
    let mut digits = String::new();
    for c in value.strip_prefix("PT")?.chars() {
        match c {
            '0'..='9' | '.' | ',' => digits.push(c),
            'H' | 'M' | 'S' => {
                let whole = digits.split(['.', ',']).next().unwrap_or_default().parse().ok()?;
                parts["HMS".find(c)?] = whole;
                digits.clear();
            }
            _ => return None,
        }
    }
    let [hours, minutes, seconds] = parts;
    let seconds = if seconds == 0 { String::new() } else { format!(":{seconds:02}") };
    Some(format!("{hours:02}:{minutes:02}{seconds}"))
}

/// Which text is being collected.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Nothing,
    Cell,
    /// A comment, or the text of a box.
    Note {
        is_comment: bool,
    },
}

/// A sheet as it is read.
struct Sheet<'d, 'r> {
    tables: Tables<'d>,
    /// The row and the column that come next, from 0.
    row: u32,
    column: u32,
    cells: Vec<Cell>,
    size: usize,
    /// How often the row is repeated, and how often rows may still be.
    rows: u32,
    repeated: &'r mut u32,
    cell: Option<Open>,
    within: Within,
    note: String,
    notes: Vec<(u32, String)>,
}

/// Writes a sheet, whose element has just begun.
fn sheet(draft: &mut Draft, events: &mut Events, title: &str, heading: &str, repeated: &mut u32) {
    let mut sheet = Sheet {
        tables: Tables::new(draft, title, heading),
        row: 0,
        column: 0,
        cells: Vec::new(),
        size: 0,
        rows: 1,
        repeated,
        cell: None,
        within: Within::Nothing,
        note: String::new(),
        notes: Vec::new(),
    };
    while let Some(event) = events.next() {
        match event {
            // Who wrote a comment and when, and what forms and scripts have, isn't text of the sheet.
            Event::Start(element) if matches!(element.name(), "date" | "date-string" | "forms" | "desc") => {
                skip(events);
            }
            Event::Start(element) => sheet.start(&element),
            Event::Text(text) => sheet.text(&text),
            Event::End(name) if name == "table" => break,
            Event::End(name) => sheet.end(&name),
        }
        if sheet.tables.is_full() {
            break;
        }
    }
    let notes = sheet.notes;
    sheet.tables.finish();
    let mut is_first = draft.text.is_empty();
    for (row, text) in notes {
        draft.begin(Place::Rows { sheet: title.to_owned(), first: row + 1, last: row + 1 });
        if is_first {
            draft.heading(2, &escaped(heading));
            is_first = false;
        }
        draft.plain(&text);
    }
}

impl Sheet<'_, '_> {
    fn start(&mut self, element: &Element) {
        match element.name() {
            "table-row" => {
                let rows = element.attribute("number-rows-repeated").and_then(|rows| rows.parse().ok());
                self.rows = rows.unwrap_or(1).max(1);
                self.column = 0;
            }
            "table-cell" | "covered-table-cell" => {
                self.cell = Some(Open::new(element));
                self.within = Within::Cell;
            }
            "annotation" => self.within = Within::Note { is_comment: true },
            "frame" | "custom-shape" | "rect" | "ellipse" | "caption"
                if self.within != (Within::Note { is_comment: true }) =>
            {
                self.within = Within::Note { is_comment: false };
            }
            "s" => {
                let count = element.attribute("c").and_then(|count| count.parse::<usize>().ok()).unwrap_or(1);
                self.text(&" ".repeat(count.min(8)));
            }
            "tab" | "line-break" => self.text(" "),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        let to = match (self.within, &mut self.cell) {
            (Within::Cell, Some(cell)) => &mut cell.text,
            (Within::Note { .. }, _) => &mut self.note,
            _ => return,
        };
        let room = MOST_OF_CELL.saturating_sub(to.len());
        to.push_str(&text[..floor(text, room)]);
    }

    fn end(&mut self, name: &str) {
        match name {
            "p" | "creator" => self.text("\n"),
            "annotation" | "frame" | "custom-shape" | "rect" | "ellipse" | "caption" => self.end_note(name),
            "table-cell" | "covered-table-cell" => {
                self.within = Within::Nothing;
                if let Some(cell) = self.cell.take() {
                    self.end_cell(&cell);
                }
            }
            "table-row" => self.end_row(),
            _ => {}
        }
    }

    fn end_note(&mut self, element: &str) {
        let is_comment = self.within == (Within::Note { is_comment: true });
        if is_comment != (element == "annotation") {
            return;
        }
        self.within = if self.cell.is_some() { Within::Cell } else { Within::Nothing };
        let note = std::mem::take(&mut self.note);
        if note.trim().is_empty() || self.notes.len() >= MOST_NOTES {
            return;
        }
        let text = if is_comment {
            format!("Comment on {}: {}", name(self.row, self.column), one_line(&note))
        } else {
            note.trim().to_owned()
        };
        self.notes.push((self.row, text));
    }

    fn end_cell(&mut self, cell: &Open) {
        let (text, is_value) = cell.shown();
        if !text.is_empty() {
            for column in 0..cell.columns.min(MOST_CELLS) {
                let column = self.column.saturating_add(column);
                if column < MOST_COLUMNS && self.size + text.len() <= MOST_OF_ROW {
                    self.size += text.len();
                    let span = cell.span;
                    self.cells.push(Cell { span, ..Cell::new(column, text.to_owned(), is_value) });
                }
            }
        }
        self.column = self.column.saturating_add(cell.columns);
    }

    fn end_row(&mut self) {
        let cells = std::mem::take(&mut self.cells);
        self.size = 0;
        let rows = std::mem::replace(&mut self.rows, 1);
        if !cells.is_empty() {
            let times = rows.min(MOST_ROWS).min(1 + *self.repeated);
            *self.repeated -= times - 1;
            for row in 0..times {
                self.tables.row(self.row.saturating_add(row).saturating_add(1), cells.clone());
            }
        }
        self.row = self.row.saturating_add(rows);
    }
}
