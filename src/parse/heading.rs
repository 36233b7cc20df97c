//! A heading, in any syntax.

use std::ops::Range;

/// One heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heading {
    /// The lines it takes.
    pub(super) lines: Range<usize>,
    /// 1 for the outermost, 8 at most.
    pub(super) level: usize,
    /// What it says, without markup.
    pub(super) title: String,
}

impl Heading {
    /// The heading that begins in line `at`; `headings` are in order.
    pub(super) fn at(headings: &[Self], at: usize) -> Option<&Self> {
        let found = headings.binary_search_by_key(&at, |heading| heading.lines.start).ok()?;
        Some(&headings[found])
    }
}
