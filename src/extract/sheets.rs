//! Workbooks → a heading for each sheet, and its rows as tables.
//!
//! Which of the formats it is, the bytes say, not the name: many an `.xls` is a newer workbook, or text between tabs.

mod cells;
mod formats;
mod ods;
mod older;
mod xlsx;

use super::package::Package;
use super::{Damaged, Draft, csv};
use crate::encoding::Utf16;

/// How an OLE compound file begins (MS-CFB §2.2).
const COMPOUND: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// How much of a file is looked at to tell text from other content, in bytes.
const SAMPLE: usize = 8000;

/// Reads a workbook.
pub(super) fn read(file: &[u8]) -> Result<Draft, Damaged> {
    if file.starts_with(COMPOUND) {
        return older::read_xls(file);
    }
    if file.starts_with(b"PK") {
        let package = Package::open(file)?;
        if package.has("content.xml") {
            return ods::read(package);
        }
        if package.has("xl/workbook.bin") {
            drop(package);
            return older::read_xlsb(file);
        }
        return xlsx::read(package);
    }
    let sample = &file[..file.len().min(SAMPLE)];
    let is_text = !sample.is_empty() && (!sample.contains(&0) || Utf16::of(file).is_some());
    if is_text && !sample.trim_ascii_start().starts_with(b"<") {
        return csv::read(file);
    }
    // An old workbook without a compound file around it begins with a record that says so (MS-XLS §2.4.21).
    if matches!(file, [0x09, 0x00 | 0x02 | 0x04 | 0x08, ..]) {
        return older::read_xls(file);
    }
    Err(Damaged(
        if is_text {
            "it is a web page or other markup under a workbook's name"
        } else {
            "it isn't a workbook"
        }
        .into(),
    ))
}

#[cfg(test)]
#[path = "sheets_tests.rs"]
mod tests;
