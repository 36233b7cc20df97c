//! Tables of a page → rows of cells.
//!
//! A cell that spans rows stands in each of them, so that each row says all by itself; of a cell that spans columns the
//! others are empty (HTML Living Standard, section 4.9.12).

use super::tag::Tag;
use super::tree::{NodeId, Tree};

/// No cell spans more columns or rows.
const MAX_COLUMNS: usize = 64;
const MAX_ROWS: usize = 1000;

/// A longer text isn't repeated in the rows that its cell spans, in bytes.
const MAX_REPEATED: usize = 120;

/// No more is added to a table by what spans rows, in bytes.
const MAX_ADDED: usize = 1 << 18;

/// A cell with more text than this, in bytes, isn't one of a table of values that has no head.
const LONG: usize = 600;

/// A table.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// What stands above it.
    pub(super) caption: Option<String>,
    /// What stands in it, but in none of its cells.
    pub(super) outside: Vec<String>,
    /// Its rows; the first is the head.
    pub(super) rows: Vec<Vec<String>>,
}

/// Whether a table only says where parts of the page stand.
pub(super) fn is_layout(tree: &Tree, left_out: &[bool], table: NodeId) -> bool {
    if ["presentation", "none"].iter().any(|role| tree.has(table, "role", role)) || tree.has_blocks(table) {
        return true;
    }
    let (mut rows, mut columns, mut has_head, mut is_long) = (0, 0, false, false);
    let end = tree.end(table);
    let mut in_row = 0;
    for node in (table..end).filter(|&node| !left_out[node]) {
        match tree.tag(node) {
            Tag::Row => {
                rows += 1;
                in_row = 0;
            }
            Tag::HeadCell | Tag::Caption => {
                has_head = true;
                in_row += 1;
            }
            Tag::Cell => in_row += 1,
            Tag::Text => is_long |= tree.text(node).len() > LONG,
            Tag::Pre => return true,
            _ => {}
        }
        columns = columns.max(in_row);
    }
    columns < 2 || (!has_head && (rows < 2 || is_long))
}

/// Reads a table.
pub(super) fn rows(tree: &Tree, left_out: &[bool], table: NodeId, text_of: TextOf<'_>) -> Table {
    let mut reader = Reader { tree, left_out, text_of, table: Table::default(), spans: Vec::new(), added: 0 };
    reader.children(table);
    let mut table = reader.table;
    for row in &mut table.rows {
        join_signs(row);
    }
    drop_empty_columns(&mut table.rows);
    table
}

/// Says the text of a node, in one line.
pub(super) type TextOf<'a> = &'a mut dyn FnMut(NodeId) -> String;

/// A table that is being read.
struct Reader<'a> {
    tree: &'a Tree,
    left_out: &'a [bool],
    text_of: TextOf<'a>,
    table: Table,
    /// For each column how many rows its last cell still spans, and its text.
    spans: Vec<(usize, String)>,
    added: usize,
}

impl Reader<'_> {
    /// Reads the rows of a table or of a part of it; other text comes before the table, as in browsers.
    fn children(&mut self, node: NodeId) {
        let tree = self.tree;
        for child in tree.children(node) {
            if self.left_out[child] {
                continue;
            }
            match tree.tag(child) {
                Tag::Rows => self.children(child),
                Tag::Row => self.row(child),
                Tag::Caption => self.table.caption = Some((self.text_of)(child)),
                _ => {
                    let text = (self.text_of)(child);
                    let text = if text.is_empty() { tree.text(child).trim().to_owned() } else { text };
                    if !text.is_empty() {
                        self.table.outside.push(text);
                    }
                }
            }
        }
    }

    /// Reads a row, and the cells of rows above that span it.
    fn row(&mut self, row: NodeId) {
        let tree = self.tree;
        let span = |node: NodeId, name: &str, most: usize| {
            tree.get(node, name).and_then(|value| value.trim().parse().ok()).unwrap_or(1).clamp(1, most)
        };
        let mut cells: Vec<String> = Vec::new();
        for child in tree.children(row).filter(|&child| tree.tag(child).is_cell()) {
            self.spanned(&mut cells);
            let text = if self.left_out[child] { String::new() } else { (self.text_of)(child) };
            let rows = span(child, "rowspan", MAX_ROWS);
            let columns = span(child, "colspan", MAX_COLUMNS);
            for column in 0..columns {
                let text = if column == 0 { text.clone() } else { String::new() };
                if rows > 1 {
                    let at = cells.len();
                    self.spans.resize(self.spans.len().max(at + 1), (0, String::new()));
                    let repeated = if text.len() <= MAX_REPEATED { text.clone() } else { String::new() };
                    self.spans[at] = (rows - 1, repeated);
                }
                cells.push(text);
            }
        }
        self.spanned(&mut cells);
        while cells.last().is_some_and(String::is_empty) {
            cells.pop();
        }
        self.table.rows.push(cells);
    }

    /// Adds the cells of rows above that span this one.
    fn spanned(&mut self, cells: &mut Vec<String>) {
        while let Some((rows, text)) = self.spans.get_mut(cells.len())
            && *rows > 0
        {
            *rows -= 1;
            self.added += text.len() + 8;
            cells.push(if self.added <= MAX_ADDED { text.clone() } else { String::new() });
        }
    }
}

/// Joins signs that have a cell of their own with the number that they belong to, as in balance sheets.
fn join_signs(row: &mut [String]) {
    for at in 0..row.len() {
        if matches!(&*row[at], "$" | "€" | "£" | "¥" | "$(" | "(" | "($")
            && row.get(at + 1).is_some_and(|next| !next.is_empty())
        {
            let sign = std::mem::take(&mut row[at]);
            row[at + 1].insert_str(0, &sign);
        } else if at > 0 && matches!(&*row[at], ")" | "%" | ")%") && !row[at - 1].is_empty() {
            let sign = std::mem::take(&mut row[at]);
            row[at - 1].push_str(&sign);
        }
    }
}

/// Drops columns in which nothing stands.
fn drop_empty_columns(rows: &mut [Vec<String>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut used = vec![false; columns];
    for row in rows.iter() {
        for (column, cell) in row.iter().enumerate() {
            used[column] |= !cell.is_empty();
        }
    }
    if used.iter().all(|used| *used) {
        return;
    }
    for row in rows.iter_mut() {
        let mut column = 0;
        row.retain(|_| {
            column += 1;
            used[column - 1]
        });
    }
}
