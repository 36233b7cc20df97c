//! Where does a place in a text lie in the file?
//!
//! A text is made of pieces, each of which stands for some bytes of the file and has no inside:
//!
//! | in the file | a piece of the text | its bytes in the file |
//! |---|---|---|
//! | UTF-8 that stands as it is | a byte | 1 |
//! | a code page | a character | 1 or 2 |
//! | UTF-16 | a character | 2 or 4 |
//! | a broken sequence | `�` | 1 to 3 |
//! | `â†’` in UTF-8, repaired to `→` | a character | 8 |
//!
//! Pieces of one kind that follow each other are a run. A file may change its kind with every byte, so a run takes one
//! byte here as a rule: its kind in the upper half, the number of its pieces in the lower. Where it begins isn't written
//! down but for one place in each KiB of the text, a mark, from which runs and characters are counted.

use std::ops::Range;

use crate::varint;

/// How much text lies between two marks, in bytes. With a run or a piece that is longer, there may be more.
const STRIDE: usize = 1024;

/// What the pieces of a run are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunKind {
    /// A byte that is the same in the file.
    Same,
    /// A character that stands for so many bytes of the file.
    Char(u32),
    /// So many bytes of the text, together several characters, that stand for so many bytes of the file.
    Group(u32, u32),
}

impl RunKind {
    /// How many bytes of the file a piece stands for.
    fn width(self) -> u64 {
        match self {
            Self::Same => 1,
            Self::Char(width) | Self::Group(_, width) => u64::from(width),
        }
    }

    /// How many of `left` pieces end at or before the `most`-th byte of a text that begins with them, and how long
    /// they are together.
    fn pieces(self, text: &[u8], left: usize, most: usize) -> (usize, usize) {
        match self {
            Self::Same => (left.min(most), left.min(most)),
            Self::Group(len, _) => {
                let pieces = left.min(most / len as usize);
                (pieces, pieces * len as usize)
            }
            Self::Char(_) => {
                let (mut pieces, mut len) = (0, 0);
                while pieces < left && len < text.len() {
                    let end = len + char_len(text[len]);
                    if end > most {
                        break;
                    }
                    (pieces, len) = (pieces + 1, end);
                }
                (pieces, len)
            }
        }
    }
}

/// How long a character is in UTF-8, by its first byte.
fn char_len(first: u8) -> usize {
    match first {
        0..0xC0 => 1,
        0xC0..0xE0 => 2,
        0xE0..0xF0 => 3,
        0xF0.. => 4,
    }
}

/// A place where a run begins, and where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    text: usize,
    file: u64,
    /// Where the run stands in [`Map::runs`].
    run: usize,
}

/// The way from a text to the file and back. An empty one says that both are the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Map {
    runs: Vec<u8>,
    /// Sorted by all that they have. Only at a mark may bytes of the file be left out.
    marks: Vec<Mark>,
}

impl Map {
    /// Where the piece that begins, or has its inside, at `offset` of the text begins in the file.
    pub(super) fn start(&self, text: &str, offset: usize) -> u64 {
        self.walk_to(text, offset).file
    }

    /// Where the piece that ends, or has its inside, at `offset` of the text ends in the file.
    pub(super) fn end(&self, text: &str, offset: usize) -> u64 {
        let Some(inside) = offset.checked_sub(1) else {
            return self.marks.first().map_or(0, |mark| mark.file);
        };
        let walk = self.walk_to(text, inside);
        if walk.left == 0 { walk.file } else { walk.file + walk.kind.width() }
    }

    /// The piece of the text that begins at a byte of the file, if one does.
    pub(super) fn piece_at(&self, text: &str, file: u64) -> Option<Range<usize>> {
        let text = text.as_bytes();
        let mut walk = match self.marks.partition_point(|mark| mark.file <= file) {
            0 if self.marks.is_empty() => Walk::new(self, text.len()),
            0 => return None,
            next => Walk::at(self, next - 1),
        };
        while walk.begin_run() && walk.file <= file {
            let pieces = usize::try_from((file - walk.file) / walk.kind.width()).unwrap_or(usize::MAX);
            let (pieces, len) = walk.kind.pieces(&text[walk.text..], walk.left.min(pieces), usize::MAX);
            walk.advance(pieces, len);
            if walk.left > 0 {
                let (_, len) = walk.kind.pieces(&text[walk.text..], 1, usize::MAX);
                return (walk.file == file).then_some(walk.text..walk.text + len);
            }
        }
        None
    }

    /// A walk that has come to the piece at `offset`.
    fn walk_to(&self, text: &str, offset: usize) -> Walk<'_> {
        let mut walk = match self.marks.partition_point(|mark| mark.text <= offset) {
            0 => Walk::new(self, text.len()),
            next => Walk::at(self, next - 1),
        };
        walk.pass(text.as_bytes(), offset, |_| ());
        walk
    }

    /// How many bytes of memory it takes.
    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        self.runs.len() + self.marks.len() * size_of::<Mark>()
    }
}

/// Some pieces of one kind, one after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch {
    pub(crate) kind: RunKind,
    pub(crate) pieces: usize,
    /// How long they are in the text.
    pub(crate) len: usize,
    /// Where they begin in the file.
    pub(crate) file: u64,
}

/// A place in a map that moves from piece to piece.
#[derive(Clone, Debug)]
pub(crate) struct Walk<'a> {
    map: &'a Map,
    /// The mark that comes next.
    mark: usize,
    /// The run that comes next.
    run: usize,
    kind: RunKind,
    /// How many pieces of this run are still ahead.
    left: usize,
    /// Where the walk is in the text: at the start of a piece.
    pub(crate) text: usize,
    /// Where it is in the file.
    pub(crate) file: u64,
}

impl<'a> Walk<'a> {
    /// At the start of a text of so many bytes.
    pub(crate) fn new(map: &'a Map, len: usize) -> Self {
        let left = if map.marks.is_empty() { len } else { 0 };
        Self { map, mark: 0, run: 0, kind: RunKind::Same, left, text: 0, file: 0 }
    }

    fn at(map: &'a Map, mark: usize) -> Self {
        let Mark { text, file, run } = map.marks[mark];
        Self { map, mark: mark + 1, run, kind: RunKind::Same, left: 0, text, file }
    }

    /// Makes sure that a piece is ahead, unless the text is over.
    fn begin_run(&mut self) -> bool {
        if self.left > 0 {
            return true;
        }
        if let Some(mark) = self.map.marks.get(self.mark).filter(|mark| mark.run == self.run) {
            self.file = mark.file;
            self.mark += 1;
        }
        let Some((&head, mut rest)) = self.map.runs.get(self.run..).and_then(<[u8]>::split_first) else {
            return false;
        };
        self.kind = match head >> 4 {
            0 => RunKind::Same,
            WIDE => RunKind::Char(varint::take(&mut rest) as u32),
            GROUP => RunKind::Group(varint::take(&mut rest) as u32, varint::take(&mut rest) as u32),
            width => RunKind::Char(u32::from(width)),
        };
        self.left = match head & 15 {
            0 => varint::take(&mut rest),
            count => usize::from(count),
        };
        self.run = self.map.runs.len() - rest.len();
        true
    }

    fn advance(&mut self, pieces: usize, len: usize) {
        self.left -= pieces;
        self.text += len;
        self.file += pieces as u64 * self.kind.width();
    }

    /// Goes to the piece that begins, or has its inside, at `offset` of the text, and tells what it passes.
    pub(crate) fn pass(&mut self, text: &[u8], offset: usize, mut passed: impl FnMut(Stretch)) {
        while self.begin_run() {
            let most = offset.saturating_sub(self.text);
            let (pieces, len) = self.kind.pieces(&text[self.text..], self.left, most);
            if pieces > 0 {
                passed(Stretch { kind: self.kind, pieces, len, file: self.file });
                self.advance(pieces, len);
            }
            if self.left > 0 {
                return;
            }
        }
    }
}

/// In the upper half of a run's first byte: a width that is too large for it follows.
const WIDE: u8 = 14;
/// The same: both lengths of a group follow.
const GROUP: u8 = 15;

/// A map under construction.
#[derive(Debug)]
pub struct MapBuilder {
    map: Map,
    /// The run that may yet become longer.
    kind: RunKind,
    pieces: usize,
    /// How much of the text and of the file has been mapped.
    text: usize,
    file: u64,
}

impl Default for MapBuilder {
    fn default() -> Self {
        Self { map: Map::default(), kind: RunKind::Same, pieces: 0, text: 0, file: 0 }
    }
}

impl MapBuilder {
    /// Makes room for so many runs at once.
    pub fn reserve(&mut self, runs: usize) {
        self.map.runs.reserve_exact(runs);
    }

    /// Adds a stretch of text that stands in the file byte for byte, from `file` on.
    pub fn push_same(&mut self, len: usize, file: u64) {
        self.push(Stretch { kind: RunKind::Same, pieces: len, len, file });
    }

    /// Adds a stretch of ASCII of which each character stands for `width` bytes of the file.
    pub fn push_ascii(&mut self, len: usize, file: u64, width: u32) {
        self.push(Stretch { kind: RunKind::Char(width), pieces: len, len, file });
    }

    /// Adds a character, or several that have no bytes of their own, that stand for `width` bytes of the file.
    pub fn push_rewritten(&mut self, text: &str, file: u64, width: u32) {
        let len = text.len();
        let is_one = text.as_bytes().first().is_none_or(|&first| char_len(first) == len);
        let kind = if is_one { RunKind::Char(width) } else { RunKind::Group(len as u32, width) };
        self.push(Stretch { kind, pieces: usize::from(len > 0), len, file });
    }

    /// Adds pieces, which begin in the file where the ones before end, or later.
    pub(crate) fn push(&mut self, stretch: Stretch) {
        let Stretch { kind, mut pieces, len, mut file } = stretch;
        let are_bytes = len == pieces;
        while pieces > 0 {
            let last = self.map.marks.last().map(|mark| mark.text);
            if file != self.file || last.is_none_or(|last| self.text >= last + STRIDE) {
                self.end_run();
                self.map.marks.push(Mark { text: self.text, file, run: self.map.runs.len() });
            }
            if kind != self.kind {
                self.end_run();
                self.kind = kind;
            }
            let room = self.map.marks.last().map_or(STRIDE, |mark| mark.text + STRIDE - self.text);
            let taken = if are_bytes { pieces.min(room) } else { pieces };
            pieces -= taken;
            file += taken as u64 * kind.width();
            self.pieces += taken;
            self.text += if are_bytes { taken } else { len };
            self.file = file;
        }
    }

    fn end_run(&mut self) {
        if self.pieces == 0 {
            return;
        }
        let runs = &mut self.map.runs;
        let count = u8::try_from(self.pieces).ok().filter(|&count| count < 16);
        let code = match self.kind {
            RunKind::Same => 0,
            RunKind::Char(width) => {
                u8::try_from(width).ok().filter(|width| (1..WIDE).contains(width)).unwrap_or(WIDE)
            }
            RunKind::Group(..) => GROUP,
        };
        runs.push(code << 4 | count.unwrap_or(0));
        match self.kind {
            RunKind::Char(width) if code == WIDE => varint::push(runs, width as usize),
            RunKind::Group(len, width) => {
                varint::push(runs, len as usize);
                varint::push(runs, width as usize);
            }
            _ => {}
        }
        if count.is_none() {
            varint::push(runs, self.pieces);
        }
        self.pieces = 0;
    }

    /// Ends the construction.
    pub fn finish(mut self) -> Map {
        self.end_run();
        self.map.runs.shrink_to_fit();
        self.map.marks.shrink_to_fit();
        self.map
    }
}

#[cfg(test)]
#[path = "map_tests.rs"]
mod tests;
