//! Vectors of eight-bit numbers, and the file of one segment that holds them.
//!
//! A file is a [`ChecksummedFile`] with this content, in little-endian order:
//!
//! ```text
//! magic "qsvector" · version u32 · dimensions u32 · rows u32 · alignment of the codes u32 (64)
//! id of each row u128 · scale f32 · 1 / length of its codes f32 · zeros up to a multiple of 64 bytes
//! codes i8 × dimensions of each row
//! ```
//!
//! Each of the four columns stands on its own. It is read in place: nothing is copied or parsed but the
//! header, and the blocks of what is read are checked when they are first touched.

use std::io::{self, Write};
use std::ops::Range;

use super::checksummed_file::{BlockError, ChecksummedFile};
use super::header::{self, FileKind};

/// The kind of file, with the version of the structure above.
const KIND: FileKind = FileKind { magic: b"qsvector", version: 2, of: "vectors" };
/// The alignment of the codes in bytes, for wide loads.
const ALIGNMENT: usize = 64;

/// The place of the codes in a file of so many rows.
fn start_of_codes(rows: usize) -> usize {
    (header::BYTES + 24 * rows).next_multiple_of(ALIGNMENT)
}

/// A number of a vector; one that isn't finite counts as 0.
pub(super) fn finite(value: f32) -> f32 {
    if value.is_finite() { value } else { 0.0 }
}

/// The nearest whole number, of two the even one, of a number below 2⁵¹. [`f64::round_ties_even`] is a call on processors
/// that may lack SSE4.1.
#[inline]
pub(super) fn rounded(value: f64) -> f64 {
    // Where the last bit of a number is worth 1, an addition rounds.
    const WHOLE: f64 = 1.5 * (1u64 << 52) as f64;
    value + WHOLE - WHOLE
}

/// The largest magnitude of a vector's numbers.
pub(super) fn largest(values: &[f32]) -> f32 {
    values.iter().map(|&value| finite(value).abs()).fold(0.0, f32::max)
}

/// A vector of which each number is `scale * code`.
#[derive(Clone, Debug, PartialEq)]
pub struct Vector {
    /// The size of one step of a code.
    pub scale: f32,
    /// From -127 to 127.
    pub(super) codes: Vec<i8>,
    /// The sum of their squares.
    squares: i32,
}

impl Vector {
    /// Rounds a vector to 255 steps between its largest magnitude and its negative. Half steps go to the even
    /// code. Numbers that aren't finite count as 0.
    pub fn quantise(values: &[f32]) -> Self {
        let scale = largest(values) / 127.0;
        let code = |&value: &f32| {
            if scale > 0.0 { (finite(value) / scale).round_ties_even().clamp(-127.0, 127.0) as i8 } else { 0 }
        };
        Self::new(scale, values.iter().map(code).collect())
    }

    /// A vector of these codes.
    pub(super) fn new(scale: f32, codes: Vec<i8>) -> Self {
        let squares = dot(&codes, &codes);
        Self { scale, codes, squares }
    }

    /// The cosine of the angle between two vectors of the same size, from -1 to 1; 0 if either has no length.
    pub fn cosine(&self, other: &Self) -> f32 {
        let squares = f64::from(self.squares) * f64::from(other.squares);
        if squares > 0.0 { (f64::from(dot(&self.codes, &other.codes)) / squares.sqrt()) as f32 } else { 0.0 }
    }

    #[cfg(test)]
    /// The vector's numbers.
    pub fn values(&self) -> Vec<f32> {
        self.codes.iter().map(|&code| self.scale * f32::from(code)).collect()
    }
}

fn dot(a: &[i8], b: &[i8]) -> i32 {
    a.iter().zip(b).map(|(&a, &b)| i32::from(a) * i32::from(b)).sum()
}

/// 1 / the length of a vector of codes; 0 for one of zeros.
pub(super) fn inverse_length(codes: impl Iterator<Item = i8>) -> f32 {
    let squares: i64 = codes.map(|code| i64::from(code) * i64::from(code)).sum();
    if squares == 0 { 0.0 } else { (1.0 / (squares as f64).sqrt()) as f32 }
}

/// The columns of a file while it is being made.
#[derive(Debug)]
pub(super) struct Columns {
    dim: usize,
    ids: Vec<u8>,
    scales: Vec<u8>,
    inverse_lengths: Vec<u8>,
    codes: Vec<u8>,
}

impl Columns {
    /// Columns without rows, of `dim` numbers each.
    pub(super) fn new(dim: usize) -> Self {
        Self { dim, ids: vec![], scales: vec![], inverse_lengths: vec![], codes: vec![] }
    }

    /// Adds a row from its bytes: id u128, scale f32, codes.
    pub(super) fn push_field(&mut self, field: &[u8]) -> Result<(), String> {
        if field.len() != 20 + self.dim {
            return Err(format!("a vector takes {} bytes instead of {}", field.len(), 20 + self.dim));
        }
        self.ids.extend_from_slice(&field[..16]);
        self.scales.extend_from_slice(&field[16..20]);
        self.codes.extend_from_slice(&field[20..]);
        let inverse = inverse_length(field[20..].iter().map(|&code| code as i8));
        self.inverse_lengths.extend_from_slice(&inverse.to_le_bytes());
        Ok(())
    }

    /// How many bytes the columns take.
    pub(super) fn memory(&self) -> usize {
        [&self.ids, &self.scales, &self.inverse_lengths, &self.codes]
            .iter()
            .map(|column| column.capacity())
            .sum()
    }

    /// Writes the file.
    pub(super) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let rows = self.scales.len() / 4;
        let numbers = [&self.ids[..], &self.scales, &self.inverse_lengths];
        write_file(to, self.dim, rows, numbers.into_iter().map(Ok), [&self.codes[..]].into_iter().map(Ok))
    }
}

/// Writes a file from its columns: those of numbers, and the codes. Each may come in any number of pieces.
fn write_file<'a>(
    to: &mut impl Write,
    dim: usize,
    rows: usize,
    numbers: impl Iterator<Item = Result<&'a [u8], BlockError>>,
    codes: impl Iterator<Item = Result<&'a [u8], BlockError>>,
) -> io::Result<()> {
    let damaged = |damage: BlockError| io::Error::new(io::ErrorKind::InvalidData, damage.to_string());
    to.write_all(&KIND.header(dim, rows, ALIGNMENT)?)?;
    let padding = &[0; ALIGNMENT][..start_of_codes(rows) - header::BYTES - 24 * rows];
    for piece in numbers.chain([Ok(padding)]).chain(codes) {
        to.write_all(piece.map_err(damaged)?)?;
    }
    Ok(())
}

/// The vectors of one segment, read in place. Row and document number are the same.
#[derive(Clone)]
pub(super) struct VectorFile {
    file: ChecksummedFile,
    dim: usize,
    rows: usize,
    /// The place of the codes.
    codes: usize,
}

impl std::fmt::Debug for VectorFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VectorFile({} × {})", self.rows, self.dim)
    }
}

impl VectorFile {
    /// Opens a file by its content. Checks that its length fits what its header says; there may be more, as tantivy
    /// has a line of its own at the end of each file.
    pub(super) fn open(file: ChecksummedFile, dim: usize, rows: u32) -> Result<Self, String> {
        let rows = rows as usize;
        if KIND.check(&file, dim, rows)? != ALIGNMENT {
            return Err("its codes begin at an unknown place".into());
        }
        let codes = start_of_codes(rows);
        let length = codes as u128 + rows as u128 * dim as u128;
        if (file.len() as u128) < length {
            return Err(format!("it has {} bytes instead of {length}", file.len()));
        }
        Ok(Self { file, dim, rows, codes })
    }

    /// How many rows the file has; as many as the segment has documents.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// How many numbers a vector has.
    pub(super) fn dim(&self) -> usize {
        self.dim
    }

    /// The id of a row's passage.
    #[inline]
    pub(super) fn id(&self, row: usize) -> Result<u128, BlockError> {
        Ok(u128::from_le_bytes(self.file.array(self.number(0, 16, row)?)?))
    }

    /// 1 / the length of a row's codes; 0 for a row of zeros.
    #[inline]
    pub(super) fn inverse_length(&self, row: usize) -> Result<f32, BlockError> {
        Ok(f32::from_le_bytes(self.file.array(self.number(20, 4, row)?)?))
    }

    /// A row's codes, as the bytes of `i8`s.
    #[inline]
    pub(super) fn codes(&self, row: usize) -> Result<&[u8], BlockError> {
        self.run(row..row + 1)
    }

    /// The codes of some rows that follow each other, as the bytes of `i8`s, without gaps.
    #[inline]
    pub(super) fn run(&self, rows: Range<usize>) -> Result<&[u8], BlockError> {
        if rows.end > self.rows {
            return Err(BlockError::Beyond);
        }
        self.file.get(self.codes + self.dim * rows.start..self.codes + self.dim * rows.end)
    }

    /// A row's vector.
    pub(super) fn vector(&self, row: usize) -> Result<Vector, BlockError> {
        let scale = f32::from_le_bytes(self.file.array(self.number(16, 4, row)?)?);
        Ok(Vector::new(scale, self.codes(row)?.iter().map(|&code| code as i8).collect()))
    }

    /// Writes the chosen rows of some files, in order, as one file; for merging segments.
    pub(super) fn write_merged(
        to: &mut impl Write,
        dim: usize,
        parts: &[(Self, Vec<u32>)],
    ) -> io::Result<()> {
        let chosen =
            || parts.iter().flat_map(|(file, rows)| rows.iter().map(move |&row| (file, row as usize)));
        let column = |before: usize, width: usize| {
            chosen().map(move |(file, row)| {
                let at = file.number(before, width, row)?;
                file.file.get(at..at + width)
            })
        };
        let numbers = column(0, 16).chain(column(16, 4)).chain(column(20, 4));
        write_file(to, dim, chosen().count(), numbers, chosen().map(|(file, row)| file.codes(row)))
    }

    /// The place of a number of a row: `width` bytes, in the column behind those that take `before` bytes a row.
    #[inline]
    fn number(&self, before: usize, width: usize, row: usize) -> Result<usize, BlockError> {
        if row >= self.rows {
            return Err(BlockError::Beyond);
        }
        Ok(header::BYTES + before * self.rows + width * row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::part_vectors::PartVectors;
    use crate::store::vector_field::{split_field, to_field};
    use tantivy::directory::OwnedBytes;

    fn columns(rows: u8) -> Columns {
        let mut columns = Columns::new(5);
        for row in 0..rows {
            let vector = Vector::quantise(&[f32::from(row), 1.0, -3.0, 0.5, 7.0]);
            let field = to_field(u128::from(row), &vector, &PartVectors::default());
            columns.push_field(split_field(&field, 5).0).unwrap();
        }
        columns
    }

    fn file(columns: &Columns, rows: u32) -> VectorFile {
        let mut bytes = Vec::new();
        columns.write(&mut bytes).unwrap();
        VectorFile::open(ChecksummedFile::verified(OwnedBytes::new(bytes)), 5, rows).unwrap()
    }

    #[test]
    fn codes_are_aligned_whatever_the_number_of_rows() {
        for rows in 0..9u8 {
            let file = file(&columns(rows), rows.into());
            assert_eq!((file.codes % ALIGNMENT, file.file.len()), (0, file.codes + 5 * usize::from(rows)));
            for row in 0..usize::from(rows) {
                assert_eq!(file.id(row), Ok(row as u128));
                let vector = file.vector(row).unwrap();
                assert_eq!(vector, Vector::quantise(&[row as f32, 1.0, -3.0, 0.5, 7.0]));
                let inverse = file.inverse_length(row).unwrap();
                assert!((inverse * (vector.squares as f32).sqrt() - 1.0).abs() < 1e-6);
            }
            let beyond = usize::from(rows);
            assert_eq!(
                (file.id(beyond), file.codes(beyond)),
                (Err(BlockError::Beyond), Err(BlockError::Beyond))
            );
            assert_eq!(file.vector(beyond), Err(BlockError::Beyond));
            assert_eq!(file.inverse_length(beyond), Err(BlockError::Beyond));
        }
    }

    #[test]
    fn merging_keeps_the_chosen_rows_in_order() {
        let parts = [
            (file(&columns(4), 4), vec![1, 3]),
            (file(&columns(3), 3), vec![]),
            (file(&columns(2), 2), vec![0]),
        ];
        let mut bytes = Vec::new();
        VectorFile::write_merged(&mut bytes, 5, &parts).unwrap();
        let merged = VectorFile::open(ChecksummedFile::verified(OwnedBytes::new(bytes)), 5, 3).unwrap();
        for (row, (part, old)) in [(0, 1), (0, 3), (2, 0)].into_iter().enumerate() {
            let part = &parts[part].0;
            assert_eq!((merged.id(row), merged.vector(row)), (part.id(old), part.vector(old)));
            assert_eq!(merged.inverse_length(row), part.inverse_length(old));
        }
    }
}
