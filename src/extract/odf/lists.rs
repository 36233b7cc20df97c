//! How far the lists of a text are counted.
//!
//! OpenDocument 1.3 part 3, §5.3 (lists). A list goes on where another one says that it continues it.

use std::collections::HashMap;

use super::super::numerals::Numeral;
use super::super::tree::Node;
use super::styles::{LEVELS, Levels};

/// The last number of each level.
pub(super) type Counts = [Option<u32>; LEVELS];

/// The lists that have been counted.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// By their ids.
    by_id: HashMap<String, Counts>,
    /// The last one of each style.
    by_style: HashMap<String, Counts>,
}

impl Lists {
    /// The counts that a list begins with.
    pub(super) fn begin(&self, node: Node, style: &str) -> Counts {
        if let Some(counts) = node.attribute("continue-list").and_then(|id| self.by_id.get(id)) {
            return *counts;
        }
        let goes_on = node.attribute("continue-numbering") == Some("true");
        let last = self.by_style.get(style).filter(|_| goes_on);
        last.copied().unwrap_or_default()
    }

    /// Remembers how far a list was counted.
    pub(super) fn end(&mut self, list: Node, style: &str, counts: Counts) {
        if let Some(id) = list.attribute("id") {
            self.by_id.insert(id.to_owned(), counts);
        }
        self.by_style.insert(style.to_owned(), counts);
    }
}

/// Counts an item and gives its mark as printed; nothing for a bullet, `None` if there is no mark.
pub(super) fn next(counts: &mut Counts, levels: &Levels, level: usize, start: Option<u32>) -> Option<String> {
    let level = level.min(LEVELS - 1);
    let own = &levels[level];
    let count = start.unwrap_or_else(|| counts[level].map_or(own.start, |count| count.saturating_add(1)));
    counts[level] = Some(count);
    counts[level + 1..].fill(None);
    match own.numeral {
        Numeral::Bullet => return Some(String::new()),
        Numeral::None => return None,
        _ => {}
    }
    let shown = (level + 1).saturating_sub(own.shown)..=level;
    let numbers = shown.filter(|&at| !matches!(levels[at].numeral, Numeral::None | Numeral::Bullet));
    let numbers = numbers.map(|at| levels[at].numeral.print(counts[at].unwrap_or(levels[at].start)));
    let (before, behind) = &own.affixes;
    Some(format!("{before}{}{behind}", numbers.collect::<Vec<_>>().join(".")).trim().to_owned())
}
