//! The texts that cells share, and how numbers are shown.

use std::collections::HashMap;

use crate::extract::sheets::formats::Format;
use crate::extract::xml::{Event, Events};

/// No workbook has more formats for cells; Excel's limit is about 65,000.
const MOST_FORMATS: usize = 100_000;

/// The texts that cells share by their numbers: one long text and where each ends.
#[derive(Debug, Default)]
pub(super) struct Strings {
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    /// The text of a number.
    pub(super) fn get(&self, number: usize) -> Option<&str> {
        let end = *self.ends.get(number)? as usize;
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        self.text.get(start..end)
    }
}

/// Reads the table of shared texts (§18.4.9). How Japanese is read aloud isn't part of them.
pub(super) fn strings(xml: &str) -> Strings {
    let mut strings = Strings::default();
    let (mut in_text, mut aloud) = (false, 0_u32);
    for event in Events::new(xml) {
        match event {
            Event::Start(element) => match element.name() {
                "t" => in_text = true,
                "rPh" => aloud += 1,
                _ => {}
            },
            Event::End(name) => match &*name {
                "t" => in_text = false,
                "rPh" => aloud = aloud.saturating_sub(1),
                "si" => strings.ends.push(strings.text.len() as u32),
                _ => {}
            },
            Event::Text(text) if in_text && aloud == 0 => strings.text.push_str(&unescaped(&text)),
            Event::Text(_) => {}
        }
    }
    strings
}

/// A text without the escapes of characters that XML can't have: `_x000D_` (§22.9.2.19).
pub(super) fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let code = rest.get(2..6).filter(|_| rest.get(6..7) == Some("_"));
        if let Some(c) = code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32) {
            out.push(if c.is_control() { ' ' } else { c });
            rest = &rest[7..];
        } else {
            out.push_str("_x");
            rest = &rest[2..];
        }
    }
    out.push_str(rest);
    out
}

/// Reads how the cells of each style show numbers (§18.8.10, §18.8.30).
pub(super) fn formats(xml: &str) -> Vec<Format> {
    let (mut codes, mut formats) = (HashMap::new(), Vec::new());
    let mut in_cells = false;
    for event in Events::new(xml) {
        match event {
            Event::Start(element) => match element.name() {
                "numFmt" => {
                    let id = element.attribute("numFmtId").and_then(|id| id.parse::<u32>().ok());
                    if let (Some(id), Some(code)) = (id, element.attribute("formatCode")) {
                        codes.insert(id, Format::of(&code));
                    }
                }
                "cellXfs" => in_cells = true,
                "xf" if in_cells && formats.len() < MOST_FORMATS => {
                    let id = element.attribute("numFmtId").and_then(|id| id.parse().ok()).unwrap_or(0);
                    formats.push(codes.get(&id).cloned().unwrap_or_else(|| Format::built_in(id)));
                }
                _ => {}
            },
            Event::End(name) if name == "cellXfs" => in_cells = false,
            _ => {}
        }
    }
    formats
}
