//! Workbooks in binary formats: `.xls` of Excel 95 to 2003 (MS-XLS), and `.xlsb` (MS-XLSB).
//!
//! `calamine` reads them. It takes some damaged files for granted, so that its panics are caught here.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, DataRef, DataType, Reader, Sheet, SheetType, SheetVisible, Xls, XlsError, Xlsb};

use super::cells::{MOST_COLUMNS, MOST_OF_CELL, MOST_OF_ROW, MOST_ROWS};
use super::formats::Format;
use crate::document::floor;
use crate::extract::package::Package;
use crate::extract::table::{Cell, Tables};
use crate::extract::{Damaged, Draft, values};

/// Reads a workbook of Excel 95 to 2003.
pub(super) fn read_xls(file: &[u8]) -> Result<Draft, Damaged> {
    let encrypted: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    if file.windows(encrypted.len()).any(|window| window == encrypted) {
        return Err(Damaged("it is encrypted; a password isn't asked for".into()));
    }
    guarded(|| {
        let mut book: Xls<_> = Xls::new(Cursor::new(file)).map_err(|error| match error {
            XlsError::Password => Damaged("it is encrypted; a password isn't asked for".into()),
            error => Damaged(format!("it is damaged: {error}")),
        })?;
        let from_1904 = book.has_1904_epoch();
        let mut draft = Draft::default();
        for sheet in sheets(book.sheets_metadata()) {
            let range = match book.worksheet_range(&sheet.name) {
                Ok(range) => range,
                Err(error) => {
                    draft.warn(format!("sheet {}: {error}", sheet.name));
                    continue;
                }
            };
            let (first_row, first_column) = range.start().unwrap_or_default();
            let mut rows = Rows::new(&mut draft, &sheet, from_1904);
            for (row, column, value) in range.used_cells() {
                rows.cell(first_row + row as u32, first_column + column as u32, value);
            }
            rows.finish();
        }
        Ok(draft)
    })
}

/// Reads a binary workbook of Excel since 2007.
pub(super) fn read_xlsb(file: &[u8]) -> Result<Draft, Damaged> {
    // What would be too large is found here, before `calamine` unpacks it.
    let mut package = Package::open(file)?;
    let parts: Vec<String> = package.names().iter().filter(|name| !name.ends_with('/')).cloned().collect();
    for part in parts.iter().filter(|part| part.to_lowercase().starts_with("xl/")) {
        package.bytes(part)?;
    }
    drop(package);
    guarded(|| {
        let damaged = |error| Damaged(format!("it is damaged: {error}"));
        let mut book: Xlsb<_> = Xlsb::new(Cursor::new(file)).map_err(damaged)?;
        let from_1904 = book.has_1904_epoch();
        let mut draft = Draft::default();
        for sheet in sheets(book.sheets_metadata()) {
            let mut trouble = None;
            let mut rows = Rows::new(&mut draft, &sheet, from_1904);
            match book.worksheet_cells_reader(&sheet.name) {
                Ok(mut cells) => loop {
                    match cells.next_cell() {
                        Ok(Some(cell)) => {
                            let (row, column) = cell.get_position();
                            rows.cell(row, column, cell.get_value());
                        }
                        Ok(None) => break,
                        Err(error) => {
                            trouble = Some(error);
                            break;
                        }
                    }
                    if rows.tables.is_full() {
                        break;
                    }
                },
                Err(error) => trouble = Some(error),
            }
            rows.finish();
            if let Some(error) = trouble {
                draft.warn(format!("sheet {} is damaged ({error}); what comes before is read", sheet.name));
            }
        }
        Ok(draft)
    })
}

/// Runs what may panic.
fn guarded(read: impl FnOnce() -> Result<Draft, Damaged>) -> Result<Draft, Damaged> {
    let draft = catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(Damaged("it is damaged: its records contradict each other".into())))?;
    if draft.text.is_empty() && !draft.warnings.is_empty() {
        return Err(Damaged(draft.warnings.join("; ")));
    }
    Ok(draft)
}

/// The sheets that have cells.
fn sheets(all: &[Sheet]) -> Vec<Sheet> {
    let has_cells = |sheet: &&Sheet| matches!(sheet.typ, SheetType::WorkSheet | SheetType::MacroSheet);
    all.iter().filter(has_cells).cloned().collect()
}

/// A value of a cell, of either kind that `calamine` has.
trait Value: DataType {
    /// What it says, if it is an error.
    fn error(&self) -> Option<String>;
}

impl Value for Data {
    fn error(&self) -> Option<String> {
        if let Self::Error(error) = self { Some(error.to_string()) } else { None }
    }
}

impl Value for DataRef<'_> {
    fn error(&self) -> Option<String> {
        if let Self::Error(error) = self { Some(error.to_string()) } else { None }
    }
}

/// The rows of a sheet as its cells come.
struct Rows<'d> {
    tables: Tables<'d>,
    from_1904: bool,
    row: u32,
    cells: Vec<Cell>,
    size: usize,
}

impl<'d> Rows<'d> {
    fn new(draft: &'d mut Draft, sheet: &Sheet, from_1904: bool) -> Self {
        let is_hidden = sheet.visible != SheetVisible::Visible;
        let heading = if is_hidden { format!("{} (hidden)", sheet.name) } else { sheet.name.clone() };
        let tables = Tables::new(draft, &sheet.name, &heading);
        Self { tables, from_1904, row: 0, cells: Vec::new(), size: 0 }
    }

    fn cell(&mut self, row: u32, column: u32, value: &impl Value) {
        if row != self.row {
            self.end_row();
            self.row = row;
        }
        let (mut text, is_value) = self.shown(value);
        text.truncate(floor(&text, MOST_OF_CELL));
        let known = row < MOST_ROWS && column < MOST_COLUMNS && !text.trim().is_empty();
        if known && self.size + text.len() <= MOST_OF_ROW {
            self.size += text.len();
            self.cells.push(Cell::new(column, text, is_value));
        }
    }

    fn shown(&self, value: &impl Value) -> (String, bool) {
        if let Some(error) = value.error() {
            return (error, true);
        }
        if let Some(moment) = value.get_datetime() {
            let number = moment.as_f64();
            let format = if moment.is_duration() {
                Format::Duration
            } else {
                Format::Moment { day: number >= 1.0 || number == 0.0, time: number.fract() > 1e-6 }
            };
            return (format.show(number, self.from_1904 && number >= 1.0), true);
        }
        if let Some(number) = value.get_float() {
            return (values::number(number), true);
        }
        if let Some(number) = value.get_int() {
            return (number.to_string(), true);
        }
        if let Some(truth) = value.get_bool() {
            return (if truth { "TRUE" } else { "FALSE" }.to_owned(), true);
        }
        (value.get_string().unwrap_or_default().to_owned(), false)
    }

    fn end_row(&mut self) {
        self.size = 0;
        let cells = std::mem::take(&mut self.cells);
        self.tables.row(self.row + 1, cells);
    }

    fn finish(mut self) {
        self.end_row();
        self.tables.finish();
    }
}
