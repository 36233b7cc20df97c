//! Rows of values between commas, semicolons, tabs or bars → tables.
//!
//! There is no one format: RFC 4180 says what most programs write, and what they take is more. The delimiter is the one
//! that cuts the first rows into equally many values; rows may differ, and a quote that is never closed is a mere sign.

use csv::{ReaderBuilder, StringRecord};

use super::table::{Cell, Tables};
use super::{Damaged, Draft, values};
use crate::encoding::decoded;

/// What may stand between values; of those that cut the first rows equally well, the first.
const DELIMITERS: [u8; 4] = [b'\t', b';', b'|', b','];

/// How much of a text is looked at to find its delimiter, in bytes, and how many of its rows.
const SAMPLE: usize = 64 << 10;
const SAMPLE_ROWS: usize = 60;

/// A value of more lines isn't meant: its quote was never closed.
const MOST_LINES: usize = 300;

/// No row has more values.
const MOST_COLUMNS: usize = 20_000;

/// Reads a table of values.
pub(super) fn read(file: &[u8]) -> Result<Draft, Damaged> {
    let text = decoded(file);
    if text.contains('\0') {
        return Err(Damaged("it isn't text: it has NUL bytes".into()));
    }
    let mut draft = Draft::default();
    let text = text.trim_start_matches('\u{FEFF}');
    // Excel takes such a first line as a hint and doesn't show it.
    let (hint, text) = match text.split_once('\n') {
        Some((line, rest)) => match line.trim_end().strip_prefix("sep=").map(str::as_bytes) {
            Some(&[hint]) => (Some(hint), rest),
            _ => (None, text),
        },
        None => (None, text),
    };
    let delimiter = hint.unwrap_or_else(|| delimiter(text));
    let mut tables = Tables::new(&mut draft, "", "");
    let first = 1 + u32::from(hint.is_some());
    rows(text, delimiter, &mut |number, record| {
        let cell = |(column, text): (usize, &str)| {
            Cell::new(column as u32, text.trim().to_owned(), values::is_value(text))
        };
        let cells = record.iter().enumerate().take(MOST_COLUMNS);
        tables.row(number + first, cells.filter(|(_, text)| !text.trim().is_empty()).map(cell).collect());
    });
    tables.finish();
    Ok(draft)
}

/// Hands on each row with its number from 0; empty lines count.
fn rows(text: &str, delimiter: u8, take: &mut dyn FnMut(u32, &StringRecord)) {
    let (mut rest, mut quoting, mut number) = (text, true, 0);
    loop {
        let quoted = if quoting { part(rest, delimiter, true, &mut number, take) } else { None };
        // What follows a quote that is never closed has none that can be trusted.
        let Some(open) = quoted.or_else(|| (!quoting).then_some(0)) else { return };
        rest = &rest[open..];
        if !quoting {
            part(rest, delimiter, false, &mut number, take);
            return;
        }
        quoting = false;
    }
}

/// Hands on rows until a value has too many lines; tells where that row begins.
fn part(
    text: &str,
    delimiter: u8,
    quoting: bool,
    number: &mut u32,
    take: &mut dyn FnMut(u32, &StringRecord),
) -> Option<usize> {
    let mut builder = ReaderBuilder::new();
    builder.has_headers(false).flexible(true).delimiter(delimiter).quoting(quoting);
    let mut reader = builder.from_reader(text.as_bytes());
    let mut record = StringRecord::new();
    let mut end = 0;
    loop {
        // The reader leaves the second half of a line's end, and passes over empty lines in silence.
        if text[..end].ends_with('\r') && text[end..].starts_with('\n') {
            end += 1;
        }
        let blank = text[end..].len() - text[end..].trim_start_matches(['\r', '\n']).len();
        let count = |mark: char| text[end..end + blank].matches(mark).count();
        let lines = count('\n').max(count('\r'));
        let start = end + blank;
        if !matches!(reader.read_record(&mut record), Ok(true)) {
            return None;
        }
        end = usize::try_from(reader.position().byte()).unwrap_or(text.len()).min(text.len());
        *number += lines as u32;
        if quoting && text[start.min(end)..end].lines().nth(MOST_LINES).is_some() {
            return Some(start);
        }
        take(*number, &record);
        *number += 1;
    }
}

/// The delimiter that cuts the first rows into equally many values, more than one.
fn delimiter(text: &str) -> u8 {
    let mut end = text.len().min(SAMPLE);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let share = |delimiter: u8| {
        let mut counts = Vec::new();
        let mut builder = ReaderBuilder::new();
        builder.has_headers(false).flexible(true).delimiter(delimiter);
        for record in builder.from_reader(&text.as_bytes()[..end]).records().take(SAMPLE_ROWS) {
            counts.push(record.map_or(0, |record| record.len()));
        }
        // The sample's last row may be torn.
        if end < text.len() {
            counts.pop();
        }
        let all = counts.len();
        counts.retain(|&count| count > 1);
        counts.sort_unstable();
        let most = counts.chunk_by(|a, b| a == b).map(<[_]>::len).max().unwrap_or(0);
        (1000 * most).checked_div(all).unwrap_or(0)
    };
    let best = DELIMITERS.iter().rev().max_by_key(|&&delimiter| share(delimiter));
    best.copied().filter(|&best| share(best) > 0).unwrap_or(b',')
}

#[cfg(test)]
#[path = "csv_tests.rs"]
mod tests;
