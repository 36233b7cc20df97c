//! What belongs to a workbook besides its cells: what it says of itself, comments, and texts in boxes.

use std::collections::BTreeMap;

use super::relations;
use crate::document::Place;
use crate::extract::Draft;
use crate::extract::draft::{escaped, one_line};
use crate::extract::package::Package;
use crate::extract::sheets::cells::{name, position};
use crate::extract::xml::{Event, Events};

/// No sheet has more comments, nor texts in boxes.
const MOST_NOTES: usize = 20_000;

/// Reads what a workbook says of itself (ECMA-376, part 2, §11).
pub(super) fn about(package: &mut Package, draft: &mut Draft) {
    let part = relations(package, "").into_iter().find(|relation| relation.kind == "core-properties");
    let Some(text) = part.and_then(|relation| package.text(&relation.part).ok()) else { return };
    let mut value = String::new();
    for event in Events::new(&text) {
        match event {
            Event::Start(_) => value.clear(),
            Event::Text(text) => value.push_str(&text),
            Event::End(name) => {
                let value = one_line(&std::mem::take(&mut value));
                match &*name {
                    _ if value.is_empty() => {}
                    "title" => draft.about.title = Some(value),
                    // What a library writes says nothing.
                    "creator" if value != "openpyxl" && !value.starts_with("Unknown") => {
                        draft.about.authors.push(value);
                    }
                    "modified" => draft.about.date = Some(value),
                    "created" if draft.about.date.is_none() => draft.about.date = Some(value),
                    _ => {}
                }
            }
        }
    }
}

/// Writes the comments of a sheet and the texts in its boxes, each at its row.
pub(super) fn write(draft: &mut Draft, package: &mut Package, sheet: &str, heading: &str, part: &str) {
    let relations = relations(package, part);
    let mut text_of = |kind: &str| -> Vec<String> {
        let parts = relations.iter().filter(|relation| relation.kind == kind);
        parts.filter_map(|relation| package.text(&relation.part).ok()).collect()
    };
    let mut notes: BTreeMap<(u32, u32), Vec<String>> = BTreeMap::new();
    for text in text_of("threadedComment") {
        comments(&text, "threadedComment", &mut notes);
    }
    let threaded = !notes.is_empty();
    for text in text_of("comments") {
        let mut old = BTreeMap::new();
        comments(&text, "comment", &mut old);
        for (at, mut texts) in old {
            // Comments in threads have a copy for older programs, which says that it is one.
            texts.retain(|text| !(threaded && text.starts_with("[Threaded comment]")));
            notes.entry(at).or_default().append(&mut texts);
        }
    }
    let mut is_first = draft.text.is_empty();
    let mut begin = |draft: &mut Draft, row: u32| {
        draft.begin(Place::Rows { sheet: sheet.to_owned(), first: row + 1, last: row + 1 });
        if is_first {
            draft.heading(2, &escaped(heading));
            is_first = false;
        }
    };
    for ((row, column), texts) in &notes {
        for text in texts {
            begin(draft, *row);
            draft.plain(&format!("Comment on {}: {}", name(*row, *column), one_line(text)));
        }
    }
    for text in text_of("drawing") {
        for (row, text) in boxes(&text) {
            begin(draft, row);
            draft.plain(&text);
        }
    }
}

/// Collects comments (§18.7.3) with their authors, by where they stand.
fn comments(xml: &str, element: &str, notes: &mut BTreeMap<(u32, u32), Vec<String>>) {
    let (mut authors, mut number, mut at) = (Vec::new(), None, None);
    let (mut text, mut author, mut count) = (String::new(), String::new(), 0);
    let mut aloud = 0_u32;
    for event in Events::new(xml) {
        match event {
            Event::Start(start) => match start.name() {
                "author" => author.clear(),
                "rPh" => aloud += 1,
                found if found == element => {
                    at = start.attribute("ref").and_then(|name| position(&name));
                    number = start.attribute("authorId").and_then(|number| number.parse::<usize>().ok());
                    text.clear();
                }
                _ => {}
            },
            Event::Text(part) if at.is_some() && aloud == 0 => text.push_str(&part),
            Event::Text(part) => author.push_str(&part),
            Event::End(end) => match &*end {
                "author" => authors.push(one_line(&author)),
                "rPh" => aloud = aloud.saturating_sub(1),
                found if found == element => {
                    if let Some(at) = at.take().filter(|_| count < MOST_NOTES && !text.trim().is_empty()) {
                        count += 1;
                        let by = number.and_then(|number| authors.get(number)).map_or("", String::as_str);
                        let named =
                            by.is_empty() || text.trim_start().starts_with(by) || by.starts_with("tc=");
                        let text =
                            if named { text.trim().to_owned() } else { format!("{by}: {}", text.trim()) };
                        notes.entry(at).or_default().push(text);
                    }
                }
                _ => {}
            },
        }
    }
}

/// The texts in boxes of a drawing (ECMA-376, part 1, §20.5), each with the row that its box begins in.
fn boxes(xml: &str) -> Vec<(u32, String)> {
    let (mut boxes, mut text) = (Vec::new(), String::new());
    let (mut row, mut path): (u32, Vec<String>) = (0, Vec::new());
    for event in Events::new(xml) {
        match event {
            Event::Start(start) => path.push(start.name().to_owned()),
            Event::Text(part) => match path.last().map(String::as_str) {
                Some("row") if path.iter().any(|name| name == "from") => {
                    row = part.trim().parse().unwrap_or(row);
                }
                Some("t") => text.push_str(&part),
                _ => {}
            },
            Event::End(name) => {
                path.pop();
                match &*name {
                    "p" if !text.is_empty() => text.push('\n'),
                    "sp" if boxes.len() < MOST_NOTES => boxes.push((row, std::mem::take(&mut text))),
                    _ => {}
                }
            }
        }
    }
    boxes.retain(|(_, text)| !text.trim().is_empty());
    boxes
}
