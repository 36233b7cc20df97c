//! The lines of a page → its blocks: paragraphs, items of lists, code, tables.
//!
//! Nothing in a PDF says where a paragraph ends. A line begins a new one if it stands further below the line before than
//! lines do here, looks otherwise, is indented, begins as an item of a list, or if its first word would have fitted at
//! the end of the line before, which ended a sentence.

use super::leaf::{Leaf, Usual};
use super::line::Line;
use super::prose::{add_line, is_ended, is_lettered, list_mark};
use super::table;

/// So many lines before and after one tell how wide its column is there.
const NEAR: usize = 6;

/// What a block is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Kind {
    /// A paragraph, or what may turn out to be a heading.
    #[default]
    Text,
    /// A heading of a level from 1.
    Heading(usize),
    /// An item of a list, with its mark as Markdown has it.
    Item(String),
    /// Lines of code.
    Code,
    /// Rows of cells.
    Table(Vec<Vec<String>>),
}

/// A part of a page that is one thing.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    /// What it is.
    pub(super) kind: Kind,
    /// What it says; empty if it is a table.
    pub(super) text: String,
    /// The page it begins on, counted from 0.
    pub(super) page: usize,
    /// The pages it goes on to, each with the byte of the text where, or with the row of the table.
    pub(super) goes_on: Vec<(usize, usize)>,
    /// The size of its letters.
    pub(super) size: f64,
    /// Whether its letters are bold.
    pub(super) bold: bool,
    /// Of how many lines it is.
    pub(super) lines: usize,
    /// How far it stands from the left edge of its column.
    pub(super) indent: f64,
    /// Whether its last line is as long as lines can be there, so that it may go on elsewhere.
    pub(super) full: bool,
    /// Whether there is more room above it than between lines.
    pub(super) apart: bool,
    /// Which column of the page it stands in.
    pub(super) column: usize,
}

/// What is known of the lines of one column.
struct Column<'l> {
    lines: &'l [Line],
    /// For each line: the level of the heading that it is by the file's own word.
    levels: &'l [Option<u8>],
    /// Where most lines begin, and where the longest ends.
    start: f64,
    end: f64,
    /// From one line to the next.
    pitch: f64,
    rtl: bool,
}

/// Makes blocks of a page's lines. `levels` says which lines are headings by the file's own word.
pub(super) fn blocks(page: usize, leaf: &Leaf, levels: &[Option<u8>], usual: &Usual) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut from = 0;
    let same = |a: &Line, b: &Line| a.column == b.column && a.direction == b.direction;
    for lines in leaf.lines.chunk_by(same) {
        let column = Column::new(lines, &levels[from..from + lines.len()]);
        column.blocks(page, usual, &mut blocks);
        from += lines.len();
    }
    blocks
}

impl<'l> Column<'l> {
    fn new(lines: &'l [Line], levels: &'l [Option<u8>]) -> Self {
        let rtl = lines.iter().filter(|line| is_rtl(&line.text)).count() * 2 > lines.len();
        let mut column = Self { lines, levels, start: 0.0, end: 0.0, pitch: 0.0, rtl };
        let starts = lines.iter().map(|line| column.start_of(line));
        let ends = lines.iter().map(|line| column.end_of(line));
        let (start, end) = (starts.fold(f64::MAX, f64::min), ends.fold(f64::MIN, f64::max));
        let mut steps: Vec<f64> = lines
            .windows(2)
            .map(|pair| (pair[1].y - pair[0].y, pair[1].size.max(pair[0].size)))
            .filter(|(step, size)| (0.7 * size..2.6 * size).contains(step))
            .map(|(step, _)| step)
            .collect();
        steps.sort_by(f64::total_cmp);
        // Most steps are from line to line; few lines have no usual step.
        let size = lines.first().map_or(10.0, |line| line.size);
        column.pitch = if steps.len() < 3 { 1.25 * size } else { steps[steps.len() * 2 / 5] };
        (column.start, column.end) = (start, end);
        column
    }

    /// Where a line begins, growing in the direction of reading.
    fn start_of(&self, line: &Line) -> f64 {
        if self.rtl { -line.x1 } else { line.x0 }
    }

    fn end_of(&self, line: &Line) -> f64 {
        if self.rtl { -line.x0 } else { line.x1 }
    }

    fn blocks(&self, page: usize, usual: &Usual, blocks: &mut Vec<Block>) {
        let tables = table::tables(self.lines);
        let mut tables = tables.into_iter().peekable();
        let mut at = 0;
        while at < self.lines.len() {
            if let Some(table) = tables.next_if(|table| table.lines.start <= at) {
                let mut block = self.block(page, at, table.lines.end, Kind::Table(table.rows));
                block.text.clear();
                blocks.push(block);
                at = table.lines.end.max(at + 1);
                continue;
            }
            let limit = tables.peek().map_or(self.lines.len(), |table| table.lines.start);
            let code = self.lines[at..limit].iter().take_while(|line| line.style.mono && !usual.mono).count();
            if code >= 2 {
                let mut block = self.block(page, at, at + code, Kind::Code);
                block.text = self.code(at, at + code);
                blocks.push(block);
                at += code;
                continue;
            }
            let end = (at + 1..limit).find(|&next| self.begins(at, next, usual)).unwrap_or(limit);
            blocks.push(self.prose(page, at, end, usual));
            at = end;
        }
    }

    /// A block of these lines, without its text.
    fn block(&self, page: usize, from: usize, to: usize, kind: Kind) -> Block {
        let lines = &self.lines[from..to];
        let (first, last) = (&lines[0], &lines[lines.len() - 1]);
        let width = self.end - self.start;
        let above = from.checked_sub(1).map(|before| first.y - self.lines[before].y);
        Block {
            kind,
            text: String::new(),
            page,
            goes_on: Vec::new(),
            size: first.size,
            bold: lines.iter().all(|line| line.style.bold),
            lines: lines.len(),
            indent: self.start_of(first) - self.start,
            full: self.end_near(to - 1) - self.end_of(last) < 0.12 * width,
            apart: above.is_none_or(|step| step <= 0.0 || step > 1.25 * self.pitch),
            column: first.column,
        }
    }

    /// A paragraph, a heading, or an item of a list.
    fn prose(&self, page: usize, from: usize, to: usize, usual: &Usual) -> Block {
        let mut text = String::new();
        let mut mark = None;
        for (place, line) in self.lines[from..to].iter().enumerate() {
            let said = line.text.trim();
            if place == 0 {
                let item = list_mark(said);
                text.push_str(item.as_ref().map_or(said, |(_, rest)| rest));
                mark = item.map(|(mark, _)| mark);
            } else if self.has_room(from + place - 1, from + place, 2.0) && !text.ends_with('-') {
                // It was broken here on purpose: an address, a poem.
                text.push('\n');
                text.push_str(said);
            } else {
                add_line(&mut text, said, usual);
            }
        }
        let kind = match (self.levels[from], mark) {
            (Some(level), mark) => {
                text = mark.filter(|mark| mark != "-").map_or(text.clone(), |mark| format!("{mark} {text}"));
                Kind::Heading(usize::from(level))
            }
            (None, Some(mark)) => Kind::Item(mark),
            (None, None) => Kind::Text,
        };
        Block { text, ..self.block(page, from, to, kind) }
    }

    /// Code as it stands, with its indents.
    fn code(&self, from: usize, to: usize) -> String {
        let lines = &self.lines[from..to];
        let start = lines.iter().map(|line| line.x0).fold(f64::MAX, f64::min);
        let letter = lines.iter().map(|line| (line.x1 - line.x0) / line.text.chars().count().max(1) as f64);
        let letter = letter.fold(0.0, f64::max).max(0.3 * lines[0].size);
        let mut code = String::new();
        for (place, line) in lines.iter().enumerate() {
            if place > 0 {
                let empty = line.y - lines[place - 1].y > 1.7 * self.pitch;
                code.push_str(if empty { "\n\n" } else { "\n" });
            }
            let indent = ((line.x0 - start) / letter).round().clamp(0.0, 80.0) as usize;
            code.push_str(&" ".repeat(indent));
            code.push_str(&line.text);
        }
        code
    }

    /// Whether a line begins another block than the one that began at `from` and has gone on until the line before.
    fn begins(&self, from: usize, at: usize, usual: &Usual) -> bool {
        let (before, line) = (&self.lines[at - 1], &self.lines[at]);
        let size = before.size.max(line.size);
        let step = line.y - before.y;
        let by_look = (before.size - line.size).abs() > 0.12 * size && step > 0.3 * size
            || self.levels[at] != self.levels[at - 1]
            || line.style.mono != before.style.mono
                && !usual.mono
                && self.lines.get(at + 1).is_some_and(|next| next.style.mono == line.style.mono);
        if by_look || step < -0.3 * size || step > (1.3 * self.pitch).max(1.2 * size) + 0.5 {
            return true;
        }
        if self.levels[at].is_some() || step < 0.3 * size {
            return false;
        }
        let has_room = self.has_room(at - 1, at, 0.3);
        if before.style.bold != line.style.bold && has_room {
            return true;
        }
        if self.is_item(from, at, has_room) {
            return true;
        }
        self.is_indented(from, at, size) || has_room && is_ended(&before.text)
    }

    /// Whether a line begins an item of a list. A number may stand at the start of a line by chance.
    fn is_item(&self, from: usize, at: usize, has_room: bool) -> bool {
        let (before, line) = (&self.lines[at - 1], &self.lines[at]);
        let is_sure = has_room || is_ended(&before.text) || self.start_of(line) < self.start_of(before) - 1.0;
        match list_mark(line.text.trim()) {
            Some((mark, _)) if mark == "-" => {
                is_sure || !"-–—*".contains(line.text.trim_start().get(..1).unwrap_or("•"))
            }
            Some(_) => is_sure || list_mark(self.lines[from].text.trim()).is_some(),
            None => is_lettered(line.text.trim()) && (is_sure || is_lettered(self.lines[from].text.trim())),
        }
    }

    /// Whether a line is indented as the first of a paragraph is, or isn't as all others of one are.
    fn is_indented(&self, from: usize, at: usize, size: f64) -> bool {
        let start = |line: usize| self.start_of(&self.lines[line]);
        let step = start(at) - start(at - 1);
        let hangs = at - from >= 2 && start(from) < start(at - 1) - 0.6 * size;
        if step < -0.6 * size {
            // Below an indented first line the next one begins at the edge; below hanging lines, another entry does.
            return hangs && (start(at) - start(from)).abs() < 0.6 * size;
        }
        if step < 0.6 * size || step > 6.0 * size {
            return false;
        }
        let next_is_back = at + 1 < self.lines.len()
            && self.lines[at + 1].y - self.lines[at].y < 1.3 * self.pitch + 0.5
            && start(at + 1) < start(at) - 0.6 * size;
        next_is_back || at - from >= 2 && is_ended(&self.lines[at - 1].text)
    }

    /// Whether the first word of a line would have fitted at the end of the one before, with so much room to spare, in
    /// sizes of letters.
    fn has_room(&self, before: usize, at: usize, spare: f64) -> bool {
        let line = &self.lines[at];
        let word = line.text.split_whitespace().next().unwrap_or("").chars().count() as f64;
        let letter = (line.x1 - line.x0) / line.text.chars().count().max(1) as f64;
        self.end_near(at) - self.end_of(&self.lines[before]) > (word + 1.0) * letter + spare * line.size
    }

    /// Where the longest lines end that are near one.
    fn end_near(&self, at: usize) -> f64 {
        let near = &self.lines[at.saturating_sub(NEAR)..self.lines.len().min(at + NEAR)];
        near.iter().map(|line| self.end_of(line)).fold(f64::MIN, f64::max)
    }
}

/// Whether a text runs from right to left.
fn is_rtl(text: &str) -> bool {
    text.chars()
        .find(|c| c.is_alphabetic())
        .is_some_and(|c| matches!(u32::from(c), 0x590..=0x8ff | 0xfb1d..=0xfdff | 0xfe70..=0xfeff))
}
