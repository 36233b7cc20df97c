//! Which of the first rows of a table are its title, which its header, and which are what it holds?

use super::{Cell, Row, at};

/// The longest text that can head a column, in bytes.
const LONGEST_NAME: usize = 120;

/// How a table begins.
pub(super) struct Start {
    /// Rows of text above it.
    pub(super) titles: Vec<Row>,
    /// Its header, empty if it has none; `None` if it is no table but text.
    pub(super) head: Option<Vec<Cell>>,
    /// The rows it begins with.
    pub(super) rows: Vec<Row>,
}

/// Tells what the first rows of a table are; `before` is the header of the table above.
///
/// The header is the first row that is about as wide as the table and has names only. If the first such row has values in
/// it, there is no header, and none is made up; but a table that goes on after an empty row keeps the header above.
pub(super) fn start(mut rows: Vec<Row>, before: &[Cell]) -> Start {
    let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    if width <= 1 {
        return list(rows, before);
    }
    let is_title = |row: &Row| 2 * row.cells.len() <= width && (row.is_single() || width > 3);
    let above = rows.iter().take_while(|row| is_title(row)).count();
    let mut table = rows.split_off(above);
    if inherits(&table, before) {
        return Start { titles: rows, head: Some(before.to_vec()), rows: table };
    }
    if table.len() < 2 || !is_head(&table[0]) || !is_followed(&table) {
        // What stands above may still be the header of a table in which rows are seldom full.
        let head = rows.last().filter(|last| last.cells.len() > 1 && is_head(last));
        let Some(head) = head.map(|head| head.cells.clone()) else {
            return Start { titles: rows, head: Some(vec![]), rows: table };
        };
        rows.pop();
        return Start { titles: rows, head: Some(head), rows: table };
    }
    let second = table.len() > 2 && is_second(&table[0], &table[1]);
    let names = if second { joined(&table[0], &table[1]) } else { table[0].cells.clone() };
    table.drain(..=usize::from(second));
    Start { titles: rows, head: Some(names), rows: table }
}

/// Rows of one cell each: text, or a column with its name above.
fn list(mut rows: Vec<Row>, before: &[Cell]) -> Start {
    let short = |row: &Row, most: usize| row.cells[0].text.len() <= most;
    let same_column = rows.iter().all(|row| row.cells[0].column == rows[0].cells[0].column);
    let is_list = rows.len() > 2 && same_column && before.is_empty() && rows.iter().all(|row| short(row, 80));
    if is_list && is_name(&rows[0].cells[0]) && !rows[0].cells[0].text.contains([',', ';', '.', '|']) {
        let head = rows.remove(0).cells;
        return Start { titles: vec![], head: Some(head), rows };
    }
    Start { titles: vec![], head: None, rows }
}

/// Whether a table after an empty row goes on with the columns of the one above: it has no names of its own.
fn inherits(table: &[Row], before: &[Cell]) -> bool {
    let Some(first) = table.first().filter(|_| before.len() > 1) else { return false };
    let known = |cell: &Cell| at(before, cell.column).is_some();
    let same = table.iter().flat_map(|row| &row.cells).all(known);
    let has_names = table.len() > 1 && is_head(first) && differs(table);
    same && !has_names
}

/// Whether a row may be a header: several names, and numbers only if they count years.
fn is_head(row: &Row) -> bool {
    let names = row.cells.iter().filter(|cell| is_name(cell)).count();
    let years: Vec<i64> = row.cells.iter().filter(|cell| cell.is_value).map_while(year).collect();
    let all_known = names + years.len() == row.cells.len();
    let step = years.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<_>>();
    let counts = step.iter().all(|&by| by != 0 && by == step[0]);
    all_known && counts && (names > 1 || (names == row.cells.len() || years.len() > 1))
}

/// Whether a cell may be the name of a column.
fn is_name(cell: &Cell) -> bool {
    !cell.is_value && cell.text.len() <= LONGEST_NAME && !cell.text.trim_end().ends_with(':')
}

/// The year that a cell says, if it says one.
fn year(cell: &Cell) -> Option<i64> {
    let text = cell.text.trim();
    let year = text.parse().ok().filter(|_| text.len() == 4)?;
    (1800..2200).contains(&year).then_some(year)
}

/// Whether the first row of a table can head the rows below: they fill its columns, and don't say the same.
fn is_followed(table: &[Row]) -> bool {
    let head = &table[0].cells;
    let mut names: Vec<&str> = head.iter().map(|cell| cell.text.trim()).collect();
    names.sort_unstable();
    names.dedup();
    // Names that stand there twice are rather values, unless what is below differs.
    names.len() == head.len() || differs(table)
}

/// Whether a column that has a name in the first row mostly has values below.
fn differs(table: &[Row]) -> bool {
    table[0].cells.iter().filter(|cell| !cell.is_value).any(|name| {
        let below = || table[1..].iter().filter_map(|row| row.at(name.column));
        let (all, values) = (below().count(), below().filter(|cell| cell.is_value).count());
        all > 0 && 2 * values > all
    })
}

/// Whether a second row of names stands below cells of the first that cover several columns.
fn is_second(first: &Row, second: &Row) -> bool {
    let names = second.cells.iter().all(|cell| is_name(cell) || year(cell).is_some());
    let spans = first.cells.iter().any(|cell| cell.span > 1);
    let first_column = first.cells.first().map_or(0, |cell| cell.column);
    let fills = second.cells.iter().any(|cell| first.at(cell.column).is_none());
    let fills = fills && second.at(first_column).is_none();
    names && (spans || fills)
}

/// Two rows of names as one: `2024 Q1` below `2024`.
fn joined(first: &Row, second: &Row) -> Vec<Cell> {
    let mut head = second.cells.clone();
    for cell in &mut head {
        let before = first.cells.partition_point(|above| above.column <= cell.column);
        let above = before.checked_sub(1).map(|at| &first.cells[at]);
        if let Some(above) = above.filter(|above| above.text != cell.text)
            && (above.span <= 1 || cell.column < above.column.saturating_add(above.span))
        {
            cell.text = format!("{} {}", above.text.trim(), cell.text.trim());
        }
    }
    let covered = |above: &&Cell| {
        let next = second.cells.partition_point(|cell| cell.column < above.column);
        second
            .cells
            .get(next)
            .is_some_and(|cell| cell.column < above.column.saturating_add(above.span.max(1)))
    };
    head.extend(first.cells.iter().filter(|above| !covered(above)).cloned());
    head.sort_by_key(|cell| cell.column);
    head
}
