//! What a text consists of, as office formats have it: headings, paragraphs, items, tables whose cells have blocks again.
//!
//! Readers of text documents and of slides make blocks; here they become Markdown.

use super::draft::{escaped, one_line};
use super::{Damaged, Draft};
use crate::document::Place;

/// A cell stands beside no more columns.
const MOST_SPAN: usize = 64;

/// A row has no more cells; what is written behind them is in the last.
const MOST_COLUMNS: usize = 512;

/// What is merged with the cell above says the same again if that is no longer than this, in bytes.
const MOST_REPEATED: usize = 80;

/// A table that has a longer cell than this lays out a page and isn't a table of values, in bytes.
const MOST_CELL: usize = 1500;

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// A heading, of a level from 1.
    Heading(usize, String),
    /// A paragraph.
    Paragraph(String),
    /// A paragraph that is quoted.
    Quote(String),
    /// A line or more of code.
    Code(String),
    /// An item of a list: its depth from 0, its number or sign as printed (a bullet is empty), and its text.
    Item(usize, String, String),
    /// A table, row by row.
    Table(Vec<Row>),
    /// What follows stands at this place.
    At(Place),
}

/// A row of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// Where it stands, if that is told.
    pub(super) place: Option<Place>,
    /// Its cells.
    pub(super) cells: Vec<Cell>,
}

/// A cell of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cell {
    /// What stands in it.
    pub(super) blocks: Vec<Block>,
    /// Over how many columns it goes.
    pub(super) span: usize,
    /// Whether it is one with the cell above.
    pub(super) merged: bool,
}

/// Writes blocks into a draft.
pub(super) fn write(draft: &mut Draft, blocks: &[Block]) {
    let mut code = String::new();
    for block in blocks {
        match block {
            Block::Code(line) => {
                code.push_str(line);
                code.push('\n');
                continue;
            }
            // Lines of code stand at the place of the first.
            Block::At(_) if !code.is_empty() => continue,
            _ => draft.code("", &std::mem::take(&mut code)),
        }
        match block {
            Block::Heading(level, text) => draft.heading(*level, text),
            Block::Paragraph(text) => draft.plain(text),
            Block::Quote(text) => {
                let lines: Vec<_> = escaped(text.trim()).lines().map(|line| format!("> {line}")).collect();
                draft.paragraph(&lines.join("\n"));
            }
            Block::Item(depth, mark, text) => item(draft, *depth, mark, text),
            Block::Table(rows) => table(draft, rows),
            Block::At(place) => draft.at(place.clone()),
            Block::Code(_) => {}
        }
    }
    draft.code("", &code);
}

/// Writes an item. Markdown knows numbers alone; any other mark stands before the text.
fn item(draft: &mut Draft, depth: usize, mark: &str, text: &str) {
    let text = escaped(text.trim());
    let digits = mark.trim_end_matches(['.', ')']);
    let is_number = digits.len() + 1 == mark.len()
        && (1..=9).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit());
    match mark {
        "" => draft.item(depth, "-", &text),
        _ if is_number => draft.item(depth, mark, &text),
        _ if text.is_empty() => {}
        _ => draft.item(depth, "-", &format!("{mark} {text}")),
    }
}

/// Writes a table, or what is in it, if it only lays out what isn't one.
fn table(draft: &mut Draft, rows: &[Row]) {
    let mut above: Vec<String> = Vec::new();
    let lines: Vec<(Option<&Place>, Vec<String>)> = rows
        .iter()
        .map(|row| {
            let line = line(row, &above);
            above.clone_from(&line);
            (row.place.as_ref(), line)
        })
        .collect();
    let columns = lines.iter().map(|(_, line)| line.len()).max().unwrap_or(0);
    let cells = || rows.iter().flat_map(|row| &row.cells);
    let is_layout = columns < 2
        || lines.iter().flat_map(|(_, line)| line).any(|text| text.len() > MOST_CELL)
        || cells().flat_map(|cell| &cell.blocks).any(|block| matches!(block, Block::Heading(..)));
    if is_layout {
        for row in rows {
            if let Some(place) = &row.place {
                draft.at(place.clone());
            }
            for cell in &row.cells {
                write(draft, &cell.blocks);
            }
        }
        return;
    }
    let has_text = |line: &[String]| line.iter().any(|text| !text.is_empty());
    let mut first = true;
    for (place, line) in lines.iter().filter(|(_, line)| has_text(line)) {
        if draft.is_full() {
            return;
        }
        if let Some(place) = place {
            draft.at((*place).clone());
        }
        if first {
            draft.table_head(line, columns);
        } else {
            draft.row(line, columns);
        }
        first = false;
    }
}

/// The cells of a row as lines, each in its column.
fn line(row: &Row, above: &[String]) -> Vec<String> {
    let mut line: Vec<String> = Vec::new();
    for cell in &row.cells {
        let text = match (flat(&cell.blocks), above.get(line.len())) {
            (text, Some(above)) if cell.merged && text.is_empty() && above.len() <= MOST_REPEATED => {
                above.clone()
            }
            (text, _) => text,
        };
        if line.len() >= MOST_COLUMNS {
            let last = &mut line[MOST_COLUMNS - 1];
            if !text.is_empty() {
                last.push(' ');
                last.push_str(&text);
            }
            continue;
        }
        line.push(text);
        for _ in 1..cell.span.clamp(1, MOST_SPAN) {
            line.push(String::new());
        }
    }
    while line.last().is_some_and(String::is_empty) {
        line.pop();
    }
    line
}

/// Blocks as one line: rows of a table inside end with a semicolon.
pub(super) fn flat(blocks: &[Block]) -> String {
    let mut parts = Vec::new();
    for block in blocks {
        match block {
            Block::Heading(_, text) | Block::Paragraph(text) | Block::Quote(text) | Block::Code(text) => {
                parts.push(one_line(text));
            }
            Block::Item(_, mark, text) => parts.push(one_line(&format!("{mark} {text}"))),
            Block::Table(rows) => {
                let rows = rows.iter().map(|row| {
                    let cells = row.cells.iter().map(|cell| flat(&cell.blocks));
                    cells.filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(", ")
                });
                parts.push(rows.filter(|row| !row.is_empty()).collect::<Vec<_>>().join("; "));
            }
            Block::At(_) => {}
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}

/// A draft, unless nothing could be read because of what was warned of.
pub(super) fn unless_empty(draft: Draft) -> Result<Draft, Damaged> {
    match draft.warnings.first() {
        Some(warning) if draft.text.is_empty() => Err(Damaged(warning.clone())),
        _ => Ok(draft),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> Cell {
        Cell { blocks: vec![Block::Paragraph(text.into())], span: 1, merged: false }
    }

    fn row(cells: Vec<Cell>) -> Row {
        Row { place: None, cells }
    }

    fn written(blocks: &[Block]) -> String {
        let mut draft = Draft::default();
        write(&mut draft, blocks);
        draft.text
    }

    #[test]
    fn marks_are_as_printed() {
        let item = |mark: &str| Block::Item(0, mark.into(), "x".into());
        assert_eq!(
            written(&[item(""), item("3."), item("4)"), item("a)"), item("2.1"), item("(iv)")]),
            "- x\n3. x\n4) x\n- a) x\n- 2.1 x\n- (iv) x\n"
        );
    }

    #[test]
    fn merged_cells_keep_their_columns() {
        let wide = Cell { span: 2, ..cell("wide") };
        let merged = Cell { blocks: vec![], span: 1, merged: true };
        let inner = Block::Table(vec![row(vec![cell("p"), cell("q")]), row(vec![cell("r")])]);
        let rows = vec![
            row(vec![cell("a"), wide]),
            row(vec![cell("b"), cell("c"), Cell { blocks: vec![inner], span: 1, merged: false }]),
            row(vec![merged, cell("d|e")]),
        ];
        assert_eq!(
            written(&[Block::Table(rows)]),
            "| a | wide |  |\n| --- | --- | --- |\n| b | c | p, q; r |\n| b | d\\|e |  |\n"
        );
    }

    #[test]
    fn a_table_of_one_column_or_with_headings_is_none() {
        let heading = Cell { blocks: vec![Block::Heading(2, "h".into())], span: 1, merged: false };
        assert_eq!(
            written(&[Block::Table(vec![row(vec![heading, cell("# a")]), row(vec![cell("b")])])]),
            "## h\n\n\\# a\n\nb\n"
        );
        assert_eq!(written(&[Block::Table(vec![row(vec![cell("box")])])]), "box\n");
    }

    #[test]
    fn lines_of_code_are_one() {
        let at = |number| Block::At(Place::Paragraph { number });
        let code = |line: &str| Block::Code(line.into());
        assert_eq!(
            written(&[at(1), code("a"), at(2), code("  b"), Block::Quote("c".into())]),
            "```\na\n  b\n```\n\n> c\n"
        );
    }
}
