//! The vectors of what a passage is made of: its context and its sentences, four bits a number; and the file of one
//! segment that holds them.
//!
//! They are compared with a question only for passages that have been found already, so they are never scanned, and
//! rounding them coarsely does little harm. A file is one of [`Blocks`]; its content is, in little-endian order and
//! without padding:
//!
//! ```text
//! magic "qswindow" · version u32 · dimensions u32 · rows u32 · windows u32
//! the number of windows before each row u32 × rows, and of all windows u32
//! each window: length f32 · two codes a byte, each plus 8, the first in the low bits
//! ```
//!
//! It is read in place; the blocks of what is read are checked when they are first touched.

use std::io::{self, Write};

use super::blocks::{Blocks, Damage};
use super::header::{self, Kind};
use super::vectors::{finite, largest};

/// What each file is, and the version of the structure above.
const KIND: Kind = Kind { magic: b"qswindow", version: 2, of: "windows" };
/// The greatest magnitude of a code.
const MOST: f32 = 7.0;

/// The vectors of a passage's context, the first, and of its sentences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Windows {
    /// As many as [`record`] bytes for each.
    bytes: Vec<u8>,
}

/// How many bytes a window takes.
fn record(dim: usize) -> usize {
    4 + dim.div_ceil(2)
}

impl Windows {
    /// Rounds vectors of any length to 15 steps each. Numbers that aren't finite count as 0.
    pub fn quantise(windows: &[Vec<f32>]) -> Self {
        let mut bytes = Vec::new();
        for window in windows {
            let squares: f64 = window.iter().map(|&value| f64::from(finite(value)).powi(2)).sum();
            bytes.extend_from_slice(&(squares.sqrt() as f32).to_le_bytes());
            let largest = largest(window);
            let code = |value: f32| {
                let step = if largest > 0.0 { finite(value) / largest * MOST } else { 0.0 };
                (step.round_ties_even().clamp(-MOST, MOST) + 8.0) as u8
            };
            bytes.extend(
                window.chunks(2).map(|pair| code(pair[0]) | pair.get(1).map_or(8, |&b| code(b)) << 4),
            );
        }
        Self { bytes }
    }

    /// Each of them, unpacked; all have `dim` numbers.
    #[cfg(test)]
    pub(super) fn unpack(&self, dim: usize) -> Vec<Window> {
        self.bytes.chunks_exact(record(dim)).map(|record| Window::unpack(record, dim)).collect()
    }

    /// The same, as bytes for a document's custom field.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// A window, unpacked: the length of its vector, and a code for each number.
#[derive(Debug)]
pub(super) struct Window {
    pub(super) length: f32,
    pub(super) codes: Vec<i8>,
}

impl Window {
    fn unpack(record: &[u8], dim: usize) -> Self {
        let (length, packed) = record.split_at(4);
        let mut le = [0; 4];
        le.copy_from_slice(length);
        let mut codes = Vec::with_capacity(dim + 1);
        for &pair in packed {
            codes.extend([(pair & 15) as i8 - 8, (pair >> 4) as i8 - 8]);
        }
        codes.truncate(dim);
        Self { length: f32::from_le_bytes(le), codes }
    }

    /// The sum of the products of the codes of two windows.
    pub(super) fn dot(&self, other: &Self) -> i32 {
        self.codes.iter().zip(&other.codes).map(|(&a, &b)| i32::from(a) * i32::from(b)).sum()
    }
}

/// Where the windows of each row of a file begin, by their number.
#[derive(Debug)]
pub(super) struct WindowStarts(Vec<u32>);

impl Default for WindowStarts {
    fn default() -> Self {
        Self(vec![0])
    }
}

impl WindowStarts {
    /// Adds a row with these windows.
    pub(super) fn push(&mut self, windows: &[u8], dim: usize) -> Result<(), String> {
        let (record, start) = (record(dim), self.0.last().copied().unwrap_or(0));
        let end = u32::try_from(windows.len() / record).ok().and_then(|count| start.checked_add(count));
        match end.filter(|_| windows.len().is_multiple_of(record)) {
            Some(end) => {
                self.0.push(end);
                Ok(())
            }
            None => Err(format!("windows take {} bytes, which aren't a multiple of {record}", windows.len())),
        }
    }

    /// Writes all of a file that comes before the windows.
    pub(super) fn write(&self, to: &mut impl Write, dim: usize) -> io::Result<()> {
        let windows = self.0.last().map_or(0, |&windows| windows as usize);
        to.write_all(&KIND.header(dim, self.0.len() - 1, windows)?)?;
        for start in &self.0 {
            to.write_all(&start.to_le_bytes())?;
        }
        Ok(())
    }
}

/// The columns of a file while it is being made.
#[derive(Debug)]
pub(super) struct WindowColumns {
    dim: usize,
    starts: WindowStarts,
    windows: Vec<u8>,
}

impl WindowColumns {
    /// No rows yet, of windows of `dim` numbers.
    pub(super) fn new(dim: usize) -> Self {
        Self { dim, starts: WindowStarts::default(), windows: Vec::new() }
    }

    /// Adds a row from the bytes of its windows.
    pub(super) fn push(&mut self, windows: &[u8]) -> Result<(), String> {
        self.starts.push(windows, self.dim)?;
        self.windows.extend_from_slice(windows);
        Ok(())
    }

    /// How many bytes the columns take.
    pub(super) fn memory(&self) -> usize {
        4 * self.starts.0.capacity() + self.windows.capacity()
    }

    /// Writes the file.
    pub(super) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        self.starts.write(to, self.dim)?;
        to.write_all(&self.windows)
    }
}

/// The windows of one segment, read in place. Row and document number are the same.
#[derive(Clone)]
pub(super) struct WindowFile {
    blocks: Blocks,
    dim: usize,
    rows: usize,
    windows: usize,
}

impl std::fmt::Debug for WindowFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WindowFile({} of {} rows)", self.windows, self.rows)
    }
}

impl WindowFile {
    /// Looks at a file's content. Checks that its length fits what its header says; there may be more, as tantivy
    /// has a line of its own at the end of each file.
    pub(super) fn open(blocks: Blocks, dim: usize, rows: u32) -> Result<Self, String> {
        let rows = rows as usize;
        let windows = KIND.check(&blocks, dim, rows)?;
        let length = header::BYTES as u128 + 4 * (rows as u128 + 1) + windows as u128 * record(dim) as u128;
        if (blocks.len() as u128) < length {
            return Err(format!("it has {} bytes instead of {length}", blocks.len()));
        }
        Ok(Self { blocks, dim, rows, windows })
    }

    /// The bytes of a row's windows.
    pub(super) fn bytes(&self, row: usize) -> Result<&[u8], Damage> {
        if row >= self.rows {
            return Err(Damage::Beyond);
        }
        let place = header::BYTES + 4 * row;
        let start = u32::from_le_bytes(self.blocks.array(place)?) as usize;
        let end = u32::from_le_bytes(self.blocks.array(place + 4)?) as usize;
        if start > end || end > self.windows {
            return Err(Damage::Beyond);
        }
        let first = header::BYTES + 4 * (self.rows + 1);
        self.blocks.get(first + start * record(self.dim)..first + end * record(self.dim))
    }

    /// A row's windows, unpacked.
    pub(super) fn windows(&self, row: usize) -> Result<Vec<Window>, Damage> {
        let records = self.bytes(row)?.chunks_exact(record(self.dim));
        Ok(records.map(|record| Window::unpack(record, self.dim)).collect())
    }

    /// A row's windows as they are stored.
    pub(super) fn stored(&self, row: usize) -> Result<Windows, Damage> {
        Ok(Windows { bytes: self.bytes(row)?.to_vec() })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use tantivy::directory::OwnedBytes;

    use super::*;
    use crate::store::blocks::BlockWriter;

    /// The content of a file with these rows.
    fn content(rows: &[Vec<Vec<f32>>], dim: usize) -> Vec<u8> {
        let mut columns = WindowColumns::new(dim);
        for row in rows {
            columns.push(Windows::quantise(row).as_bytes()).unwrap();
        }
        let mut bytes = Vec::new();
        columns.write(&mut bytes).unwrap();
        bytes
    }

    /// A file with these rows.
    pub(in super::super) fn file(rows: &[Vec<Vec<f32>>], dim: usize) -> WindowFile {
        let blocks = Blocks::verified(OwnedBytes::new(content(rows, dim)));
        WindowFile::open(blocks, dim, rows.len() as u32).unwrap()
    }

    #[test]
    fn what_is_written_is_read() {
        let rows = [vec![vec![0.0; 3], vec![7.0, -3.0, 1.0]], vec![], vec![vec![2.0, f32::NAN, -4.0]]];
        let file = file(&rows, 3);
        let first = file.windows(0).unwrap();
        assert_eq!((first[0].length, &first[0].codes[..]), (0.0, &[0i8, 0, 0][..]));
        assert_eq!((first[1].length, &first[1].codes[..]), (59f32.sqrt(), &[7i8, -3, 1][..]));
        assert!(file.windows(1).unwrap().is_empty());
        assert_eq!(file.windows(2).unwrap()[0].codes, [4, 0, -7]);
        assert_eq!(file.stored(0).unwrap(), Windows::quantise(&rows[0]));
    }

    #[test]
    fn damage_is_noticed_where_it_is() {
        let mut sound = BlockWriter::new(Vec::new());
        sound.write_all(&content(&[vec![vec![1.0, 2.0]], vec![vec![3.0, -1.0]; 2], vec![]], 2)).unwrap();
        sound.end().unwrap();
        let sound = std::mem::take(sound.get_mut());
        let open = |bytes: Vec<u8>| WindowFile::open(Blocks::open(OwnedBytes::new(bytes))?, 2, 3);
        for at in 0..sound.len() {
            let mut bytes = sound.clone();
            bytes[at] ^= 0x41;
            let Ok(file) = open(bytes) else { continue };
            assert!((0..3).any(|row| file.windows(row).is_err()), "byte {at}");
        }
        for length in 0..sound.len() {
            assert!(open(sound[..length].to_vec()).is_err());
        }
    }

    #[test]
    fn numbers_that_lie_are_refused() {
        let whole = content(&[vec![vec![1.0, 2.0]], vec![vec![3.0, -1.0]; 2], vec![]], 2);
        for at in 0..header::BYTES + 16 {
            for value in [0, 1, 2, 9, 255] {
                let mut bytes = whole.clone();
                bytes[at] = value;
                let blocks = Blocks::verified(OwnedBytes::new(bytes));
                let Ok(file) = WindowFile::open(blocks, 2, 3) else { continue };
                // Other windows, or none; but never any beyond the end.
                (0..4).for_each(|row| drop(file.windows(row)));
                assert_eq!(file.bytes(3), Err(Damage::Beyond));
            }
        }
        let mut bytes = whole;
        bytes[header::BYTES + 8] = 4;
        let file = WindowFile::open(Blocks::verified(OwnedBytes::new(bytes)), 2, 3).unwrap();
        assert_eq!((file.bytes(1), file.bytes(2)), (Err(Damage::Beyond), Err(Damage::Beyond)));
    }

    #[test]
    fn a_row_of_half_a_window_is_refused() {
        assert!(WindowColumns::new(4).push(&[0; 7]).is_err());
    }
}
