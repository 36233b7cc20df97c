//! The lines of a page's text, as the layout finds them.

/// A line of text, or a row of a table, of one column.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Line {
    /// What it says, in the order of reading.
    pub(super) text: String,
    /// Where it begins, in points from the left edge of the page as it is shown.
    pub(super) x0: f64,
    /// Where it ends.
    pub(super) x1: f64,
    /// Its baseline, in points from the top edge of the page as it is shown.
    pub(super) y: f64,
    /// The size of most of its letters, in points.
    pub(super) size: f64,
    /// How most of its letters look.
    pub(super) style: Style,
    /// Its pieces, where gaps wider than those of words stand between; one, if there are none.
    pub(super) cells: Vec<Cell>,
    /// Which way it runs on the page.
    pub(super) direction: Direction,
    /// The region of the page it belongs to; regions are numbered in the order of reading.
    pub(super) column: usize,
    /// The marked content it belongs to, by its number on the page (ISO 32000-1, 14.6).
    pub(super) marked: Option<u32>,
    /// Whether the file says that it is no content, but an ornament of the page, such as a running head.
    pub(super) artifact: bool,
}

/// How letters look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Style {
    /// They are bold.
    pub(super) bold: bool,
    /// They are slanted.
    pub(super) italic: bool,
    /// They are equally wide.
    pub(super) mono: bool,
}

/// A piece of a line.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Cell {
    /// Where it begins.
    pub(super) x0: f64,
    /// Where it ends.
    pub(super) x1: f64,
    /// What it says.
    pub(super) text: String,
}

/// Which way a line runs on the page as it is shown. Where it isn't [`Direction::Across`], its place is told as if the
/// page had been turned until the line runs across.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Direction {
    /// From left to right, or from right to left.
    #[default]
    Across,
    /// From top to bottom, the letters turned.
    Down,
    /// Upside down.
    Over,
    /// From bottom to top, the letters turned.
    Up,
    /// From top to bottom, the letters upright, the next line to the left: Japanese.
    Vertical,
    /// Aslant.
    Aslant,
}
