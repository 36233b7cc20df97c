//! Workbooks of Excel since 2007: `SpreadsheetML`, ECMA-376, part 1, §18.
//!
//! Cells are read one by one as they stand in the file, so that a single cell far away costs nothing. Formulas have the
//! value that was computed last.

mod extras;
mod sheet;
mod styles;

use crate::extract::package::{Package, joined};
use crate::extract::xml::{Event, Events};
use crate::extract::{Damaged, Draft};
use sheet::Book;

/// No workbook has more sheets.
const MOST_SHEETS: usize = 1000;

/// What one part says of another that belongs to it (ECMA-376, part 2, §9.3).
struct Relation {
    id: String,
    /// The last word of its type: `worksheet`.
    kind: String,
    /// The name of the other part.
    part: String,
}

/// A sheet as the workbook names it.
struct Listed {
    name: String,
    hidden: bool,
    part: String,
}

/// Reads a workbook.
pub(super) fn read(mut package: Package) -> Result<Draft, Damaged> {
    let root = relations(&mut package, "").into_iter().find(|relation| relation.kind == "officeDocument");
    let root = root.map_or_else(|| "xl/workbook.xml".to_owned(), |relation| relation.part);
    let text = package.text(&root)?;
    let relations = relations(&mut package, &root);
    let (listed, from_1904) = list(&text, &relations);
    let mut draft = Draft::default();
    let mut part = |kind: &str| {
        let relation = relations.iter().find(|relation| relation.kind == kind)?;
        match package.text(&relation.part) {
            Ok(text) => Some(text),
            Err(damaged) => {
                draft.warn(damaged.0);
                None
            }
        }
    };
    let book = Book {
        strings: part("sharedStrings").map(|text| styles::strings(&text)).unwrap_or_default(),
        formats: part("styles").map(|text| styles::formats(&text)).unwrap_or_default(),
        from_1904,
    };
    extras::about(&mut package, &mut draft);
    for sheet in listed.iter().take(MOST_SHEETS) {
        match package.text(&sheet.part) {
            Ok(text) => {
                let heading =
                    if sheet.hidden { format!("{} (hidden)", sheet.name) } else { sheet.name.clone() };
                sheet::write(&mut draft, &book, &sheet.name, &heading, &text);
                drop(text);
                extras::write(&mut draft, &mut package, &sheet.name, &heading, &sheet.part);
            }
            Err(damaged) => draft.warn(format!("sheet {}: {damaged}", sheet.name)),
        }
        if draft.is_full() {
            break;
        }
    }
    package.tell(&mut draft);
    if listed.is_empty() {
        return Err(Damaged("it has no sheets".into()));
    }
    if draft.text.is_empty() && !draft.warnings.is_empty() {
        return Err(Damaged(draft.warnings.swap_remove(0)));
    }
    Ok(draft)
}

/// The sheets in their order, and whether days are counted from 1904.
fn list(workbook: &str, relations: &[Relation]) -> (Vec<Listed>, bool) {
    let (mut sheets, mut from_1904) = (Vec::new(), false);
    for event in Events::new(workbook) {
        let Event::Start(element) = event else { continue };
        match element.name() {
            "workbookPr" => {
                from_1904 = matches!(element.attribute("date1904").as_deref(), Some("1" | "true" | "on"));
            }
            "sheet" => {
                let id = element.prefixed("id").unwrap_or_default();
                // Sheets of charts and dialogs have no cells.
                let relation = relations.iter().find(|relation| relation.id == id);
                if let Some(relation) = relation.filter(|relation| relation.kind == "worksheet") {
                    sheets.push(Listed {
                        name: element.attribute("name").unwrap_or_default(),
                        hidden: element.attribute("state").is_some_and(|state| state != "visible"),
                        part: relation.part.clone(),
                    });
                }
            }
            _ => {}
        }
    }
    (sheets, from_1904)
}

/// What a part says of others; nothing if it says nothing.
fn relations(package: &mut Package, part: &str) -> Vec<Relation> {
    let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
    let list = joined("", &format!("{folder}/_rels/{name}.rels"));
    let Some(text) = package.has(&list).then(|| package.text(&list).ok()).flatten() else { return vec![] };
    let mut relations = Vec::new();
    for event in Events::new(&text) {
        let Event::Start(element) = event else { continue };
        if element.name() != "Relationship" || element.attribute("TargetMode").as_deref() == Some("External")
        {
            continue;
        }
        let get = |name: &str| element.attribute(name).unwrap_or_default();
        let kind = get("Type").rsplit('/').next().unwrap_or_default().to_owned();
        relations.push(Relation { id: get("Id"), kind, part: joined(part, &get("Target")) });
    }
    relations
}
