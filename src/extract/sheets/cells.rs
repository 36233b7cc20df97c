//! Where cells stand: their names, and cells that cover others.

use std::collections::{BTreeMap, HashMap};

use crate::extract::table::Cell;

/// No sheet has more rows or columns; Excel's limits (ECMA-376, part 1, §18.3.1.73, §18.3.1.4).
pub(super) const MOST_ROWS: u32 = 1 << 20;
pub(super) const MOST_COLUMNS: u32 = 1 << 14;

/// No cell holds more text, in bytes; Excel's own limit is 32,767 characters.
pub(super) const MOST_OF_CELL: usize = 128 << 10;

/// No row holds more text, in bytes.
pub(super) const MOST_OF_ROW: usize = 1 << 20;

/// Of no more cells that cover others is it known that they do.
const MOST_MERGES: usize = 20_000;

/// No more rows get the text of a cell above that reaches down to them.
const MOST_FILLED: usize = 200_000;

/// The row and column that a name such as `B7` means, from 0.
pub(super) fn position(name: &str) -> Option<(u32, u32)> {
    let name = name.trim_start_matches('$');
    let digits = name.find(|c: char| !c.is_ascii_alphabetic())?;
    let letters = &name[..digits];
    if letters.is_empty() || letters.len() > 3 {
        return None;
    }
    let column =
        letters.bytes().fold(0, |sum, letter| 26 * sum + u32::from(letter.to_ascii_uppercase() - b'A') + 1);
    let row: u32 = name[digits..].trim_start_matches('$').parse().ok()?;
    let known = (1..=MOST_ROWS).contains(&row) && column <= MOST_COLUMNS;
    known.then(|| (row - 1, column - 1))
}

/// The name of a cell, `B7`, by its row and column from 0.
pub(super) fn name(row: u32, column: u32) -> String {
    let mut letters = String::new();
    let mut rest = column + 1;
    while rest > 0 {
        letters.insert(0, char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    format!("{letters}{}", row + 1)
}

/// The cells of a sheet that cover others.
#[derive(Debug, Default)]
pub(super) struct Merges {
    /// How many rows and columns a cell covers, by where it stands.
    sizes: HashMap<(u32, u32), (u32, u32)>,
    /// The cells that reach down to the rows that come, by column: their last row and text.
    open: BTreeMap<u32, (u32, String)>,
    filled: usize,
}

impl Merges {
    /// Adds a cell that covers all up to another.
    pub(super) fn add(&mut self, first: (u32, u32), last: (u32, u32)) {
        if self.sizes.len() < MOST_MERGES && last.0 >= first.0 && last.1 >= first.1 {
            self.sizes.insert(first, (last.0 - first.0 + 1, last.1 - first.1 + 1));
        }
    }

    /// Widens the cells of a row that cover others, and fills those that a cell above covers: what stands once for
    /// several rows belongs to each.
    pub(super) fn apply(&mut self, row: u32, cells: &mut Vec<Cell>) {
        if self.sizes.is_empty() || cells.is_empty() {
            return;
        }
        self.open.retain(|_, (last, _)| row <= *last);
        let mut filled = Vec::new();
        if self.filled < MOST_FILLED {
            let taken: Vec<u32> = cells.iter().map(|cell| cell.column).collect();
            let free = self.open.iter().filter(|(column, _)| !taken.contains(column));
            filled.extend(free.take(64).map(|(&column, (_, text))| Cell::new(column, text.clone(), false)));
            self.filled += filled.len();
        }
        for cell in cells.iter_mut() {
            if let Some(&(rows, columns)) = self.sizes.get(&(row, cell.column)) {
                cell.span = columns;
                if rows > 1 {
                    self.open.insert(cell.column, (row + rows - 1, cell.text.clone()));
                }
            }
        }
        cells.extend(filled);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_positions_are_the_same() {
        for (text, row, column) in
            [("A1", 0, 0), ("Z9", 8, 25), ("AA10", 9, 26), ("XFD1048576", 1_048_575, 16_383)]
        {
            assert_eq!((position(text), name(row, column)), (Some((row, column)), text.to_owned()));
        }
        assert_eq!(position("$B$7"), Some((6, 1)));
        for other in ["", "A", "7", "A0", "XFE1", "ZZZZ1", "A1048577", "A99999999999", "É1"] {
            assert_eq!(position(other), None, "{other}");
        }
    }
}
