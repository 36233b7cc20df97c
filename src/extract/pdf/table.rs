//! Tables: lines whose pieces stand in columns, one below the other.
//!
//! A piece is what stands between gaps that are wider than those of words. Lines that follow each other are a table if
//! at least two columns of white run through them from top to bottom.

use std::ops::Range;

use super::line::{Cell, Line};
use super::prose::list_mark;

/// No table has more columns.
const MOST_COLUMNS: usize = 60;

/// No more lines before a table are taken for the start of one.
const MOST_BEFORE: usize = 4;

/// A table among lines.
#[derive(Debug, PartialEq)]
pub(super) struct Table {
    /// Which lines it is of.
    pub(super) lines: Range<usize>,
    /// Its rows, all with as many cells as there are columns.
    pub(super) rows: Vec<Vec<String>>,
}

/// A line's pieces, and where it stands.
struct Row {
    cells: Vec<Cell>,
    y: f64,
    size: f64,
}

/// Finds the tables among the lines of a column of a page.
pub(super) fn tables(lines: &[Line]) -> Vec<Table> {
    let rows: Vec<Row> =
        lines.iter().map(|line| Row { cells: cells(line), y: line.y, size: line.size.max(1.0) }).collect();
    let mut tables = Vec::new();
    let mut at = 0;
    while at < rows.len() {
        if rows[at].cells.len() < 2 {
            at += 1;
            continue;
        }
        let end = run(&rows, at);
        // The first lines may not be of the table: a running head, a caption.
        let found = (at..end).take(MOST_BEFORE).find_map(|from| {
            let is_start = rows[from].cells.len() >= 2;
            let table = is_start.then(|| table(&rows[from..end]))??;
            Some(Table { lines: from..end, rows: table })
        });
        tables.extend(found);
        at = end;
    }
    tables
}

/// A line's pieces; a list's mark and what it marks are one.
fn cells(line: &Line) -> Vec<Cell> {
    let mut cells: Vec<Cell> = Vec::with_capacity(line.cells.len());
    for cell in &line.cells {
        match cells.as_mut_slice() {
            [before] if is_mark(&before.text) => {
                before.text = format!("{} {}", before.text, cell.text);
                before.x1 = cell.x1;
            }
            _ => cells.push(cell.clone()),
        }
    }
    cells
}

/// Whether a piece is the mark of a list, and no more.
fn is_mark(text: &str) -> bool {
    let text = text.trim();
    text.chars().count() <= 4
        && !text.chars().all(char::is_numeric)
        && list_mark(&format!("{text} xx")).is_some()
}

/// Where the lines end that may be a table which begins at a line.
fn run(rows: &[Row], start: usize) -> usize {
    let mut end = start + 1;
    let mut steps = 0.0;
    let mut at = end;
    while at < rows.len() {
        let step = rows[at].y - rows[at - 1].y;
        let size = rows[at].size.max(rows[at - 1].size);
        let usual = if at - start > 1 { steps / (at - start - 1) as f64 } else { size };
        let breaks = step < -0.3 * size || step > (2.2 * usual).max(2.5 * size) || at - end >= 3;
        if breaks || rows[at].size.max(rows[at - 1].size) > 1.5 * rows[at].size.min(rows[at - 1].size) {
            break;
        }
        steps += step.max(0.0);
        at += 1;
        if rows[at - 1].cells.len() >= 2 {
            end = at;
        }
    }
    end
}

/// The rows of a table, if these lines are one.
fn table(rows: &[Row]) -> Option<Vec<Vec<String>>> {
    let several = || rows.iter().filter(|row| row.cells.len() >= 2);
    let most = several().map(|row| row.cells.len()).max()?;
    let mut counts = vec![0; most + 1];
    several().for_each(|row| counts[row.cells.len()] += 1);
    // Heads may span columns: most rows tell where the columns are.
    let usual = (2..=most).max_by_key(|&count| (counts[count], count))?;
    let columns = [usual, most].into_iter().find_map(|least| columns(rows, least))?;
    let (count, lines) = (columns.len(), several().count());
    let is_enough = lines >= 3 || lines == 2 && count >= 3;
    if !is_enough || count > MOST_COLUMNS || lines * 2 < rows.len() {
        return None;
    }
    let spans_columns = |row: &Row| row.cells.len() == 1 && shares(&row.cells[0], &columns) > 1;
    if rows.iter().take(MOST_BEFORE).any(spans_columns) {
        return None;
    }
    let placed: Vec<Vec<Option<usize>>> = rows.iter().map(|row| place(row, &columns)).collect();
    let apart = rows.iter().zip(&placed).filter(|(row, _)| row.cells.len() >= 2);
    let clear = apart.filter(|(_, cells)| cells.windows(2).all(|pair| pair[0] != pair[1])).count();
    if clear * 10 < lines * 8 || is_prose(rows, &columns) {
        return None;
    }
    Some(merged(rows, &placed, count))
}

/// The columns that the rows with at least so many cells stand in, if there are two or more.
fn columns(rows: &[Row], least: usize) -> Option<Vec<(f64, f64)>> {
    let mut spans: Vec<(f64, f64)> = rows
        .iter()
        .filter(|row| row.cells.len() >= least)
        .flat_map(|row| row.cells.iter().map(|cell| (cell.x0.min(cell.x1), cell.x1.max(cell.x0))))
        .collect();
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut columns: Vec<(f64, f64)> = Vec::new();
    for span in spans {
        match columns.last_mut() {
            Some(column) if span.0 < column.1 => column.1 = column.1.max(span.1),
            _ => columns.push(span),
        }
    }
    (columns.len() >= 2).then_some(columns)
}

/// How many columns a cell shares some of its width with.
fn shares(cell: &Cell, columns: &[(f64, f64)]) -> usize {
    columns.iter().filter(|column| cell.x1.min(column.1) > cell.x0.max(column.0)).count()
}

/// Which column each cell of a row stands in: the one that it shares most with.
fn place(row: &Row, columns: &[(f64, f64)]) -> Vec<Option<usize>> {
    let shared = |cell: &Cell, column: &(f64, f64)| cell.x1.min(column.1) - cell.x0.max(column.0);
    row.cells
        .iter()
        .map(|cell| {
            let first = columns.iter().position(|column| shared(cell, column) > 0.0)?;
            // A head that spans columns stands above the first of them.
            let spans = columns[first..].iter().take_while(|column| shared(cell, column) > 0.0).count();
            if spans > 2 {
                return Some(first);
            }
            (first..first + spans)
                .max_by(|&a, &b| shared(cell, &columns[a]).total_cmp(&shared(cell, &columns[b])))
        })
        .collect()
}

/// Whether two columns are text side by side: both are of long lines that fill them.
fn is_prose(rows: &[Row], columns: &[(f64, f64)]) -> bool {
    if columns.len() > 3 || rows.len() < 4 {
        return false;
    }
    columns
        .iter()
        .filter(|column| {
            let cells: Vec<&Cell> = rows
                .iter()
                .flat_map(|row| &row.cells)
                .filter(|cell| cell.x0 >= column.0 - 0.1 && cell.x1 <= column.1 + 0.1)
                .collect();
            let letters: usize = cells.iter().map(|cell| cell.text.chars().count()).sum();
            let full = cells.iter().filter(|cell| column.1 - cell.x1 < 0.12 * (column.1 - column.0)).count();
            letters > 22 * cells.len() && full * 10 > cells.len() * 6
        })
        .count()
        >= 2
}

/// Rows of cells; a line without a first cell that stands close below a row goes on in that row's cells.
fn merged(rows: &[Row], placed: &[Vec<Option<usize>>], count: usize) -> Vec<Vec<String>> {
    let step = |at: usize| if at > 0 { rows[at].y - rows[at - 1].y } else { f64::MAX };
    let has_first = |at: &usize| placed[*at].contains(&Some(0));
    // From one row to the next, where both are rows for sure.
    let mut steps: Vec<f64> =
        (1..rows.len()).filter(|at| has_first(at) && has_first(&(at - 1))).map(step).collect();
    steps.sort_by(f64::total_cmp);
    let usual = steps.get(steps.len() / 2).copied().unwrap_or(f64::MAX);
    let mut table: Vec<Vec<String>> = Vec::new();
    for (at, (row, cells)) in rows.iter().zip(placed).enumerate() {
        let is_close = step(at) <= 1.45 * row.size && step(at) < 0.85 * usual;
        let same_line = step(at).abs() < 0.3 * row.size;
        let goes_on =
            !table.is_empty() && (same_line || is_close && (!has_first(&at) || row.cells.len() == 1));
        if !goes_on {
            table.push(vec![String::new(); count]);
        }
        let Some(line) = table.last_mut() else { continue };
        for (cell, column) in row.cells.iter().zip(cells) {
            let into = &mut line[column.unwrap_or(0)];
            let is_split = into.ends_with('-') && cell.text.starts_with(char::is_lowercase);
            if is_split {
                into.pop();
            } else if !into.is_empty() {
                into.push(' ');
            }
            into.push_str(&without_leaders(&cell.text));
        }
    }
    with_whole_labels(table)
}

/// A table in which a first cell of two lines is one, though what belongs to it stands beside the second line.
fn with_whole_labels(rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let mut whole: Vec<Vec<String>> = Vec::with_capacity(rows.len());
    for mut row in rows {
        let begins_small = row.first().is_some_and(|cell| cell.starts_with(char::is_lowercase));
        let is_label = |row: &Vec<String>| row.iter().skip(1).all(String::is_empty);
        if begins_small && let Some(label) = whole.pop_if(|before| is_label(before)) {
            row[0] = format!("{} {}", label[0], row[0]);
        }
        whole.push(row);
    }
    whole
}

/// A cell without the dots that lead to the next one, or to a number in the same cell, as in tables of contents.
fn without_leaders(text: &str) -> String {
    let mut out = String::new();
    let mut words = text.split(' ').filter(|word| !word.is_empty()).peekable();
    let is_dots = |word: &str| word.chars().all(|c| ".…·_".contains(c));
    while let Some(word) = words.next() {
        let (bare, mut dots) = match word.trim_end_matches(['.', '…', '_']) {
            "" => ("", word.len()),
            bare => (bare, word.len() - bare.len()),
        };
        let mut taken = vec![word];
        while let Some(next) = words.next_if(|next| is_dots(next)) {
            dots += next.len();
            taken.push(next);
        }
        let kept = if dots >= 4 { bare.to_owned() } else { taken.join(" ") };
        if !kept.is_empty() && !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&kept);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line of pieces, each 5 points a letter wide.
    fn line(y: f64, cells: &[(f64, &str)]) -> Line {
        let cells: Vec<Cell> = cells
            .iter()
            .map(|(x0, text)| Cell { x0: *x0, x1: x0 + 5.0 * text.len() as f64, text: (*text).to_owned() })
            .collect();
        let text = cells.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join(" ");
        Line { text, x0: cells[0].x0, x1: cells[cells.len() - 1].x1, y, size: 10.0, cells, ..Line::default() }
    }

    #[test]
    fn cells_of_several_lines_stay_together() {
        let lines = [
            line(0.0, &[(0.0, "Name"), (100.0, "What it does"), (300.0, "Year")]),
            line(20.0, &[(0.0, "Owl"), (100.0, "hunts at"), (300.0, "2001")]),
            line(32.0, &[(100.0, "night")]),
            line(52.0, &[(0.0, "Mouse"), (100.0, "runs"), (300.0, "2002")]),
        ];
        let rows: Vec<String> = tables(&lines)[0].rows.iter().map(|row| row.join("|")).collect();
        assert_eq!(rows, ["Name|What it does|Year", "Owl|hunts at night|2001", "Mouse|runs|2002"]);
    }

    #[test]
    fn text_in_two_columns_is_no_table() {
        let prose = "words of a text that goes on and";
        let lines: Vec<Line> =
            (0..8).map(|row| line(12.0 * f64::from(row), &[(0.0, prose), (200.0, prose)])).collect();
        assert_eq!(tables(&lines), []);
        let ragged = [line(0.0, &[(0.0, "a b"), (50.0, "c")]), line(12.0, &[(0.0, "one line of text")])];
        assert_eq!(tables(&ragged), []);
    }

    #[test]
    fn dots_that_lead_to_numbers_go() {
        assert_eq!(without_leaders("Retail trade . . . . . 44-45"), "Retail trade 44-45");
        assert_eq!(without_leaders("Owls........"), "Owls");
        assert_eq!(without_leaders("and so on... 5"), "and so on... 5");
    }
}
