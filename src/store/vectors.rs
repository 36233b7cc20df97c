//! Vectors of eight-bit numbers, and the file of one segment that holds them.
//!
//! A file is, in little-endian order and without padding:
//!
//! ```text
//! magic "qsvector" · version u32 · dimensions u32 · rows u32 · checksum block u32
//! id of each row u128 · scale f32 · 1 / length of its codes f32 · codes i8 × dimensions
//! CRC-32 of each block of all that stands above
//! ```
//!
//! Each of the four columns stands on its own. It is read in place: nothing is copied or parsed but the
//! header. The block checksums are compared once, in parallel, when the vectors are first used.

use std::io::{self, Write};
use std::sync::OnceLock;

use rayon::prelude::*;
use tantivy::directory::OwnedBytes;

use super::header::{self, Kind};
use super::windows::Windows;

/// What each file is, and the version of the structure above.
const KIND: Kind = Kind { magic: b"qsvector", version: 1, of: "vectors" };
/// How many bytes one checksum covers: few enough to spread over threads.
const BLOCK: usize = 1 << 18;

/// A number of a vector; one that isn't finite counts as 0.
pub(super) fn finite(value: f32) -> f32 {
    if value.is_finite() { value } else { 0.0 }
}

/// The largest magnitude of a vector's numbers.
pub(super) fn largest(values: &[f32]) -> f32 {
    values.iter().map(|&value| finite(value).abs()).fold(0.0, f32::max)
}

/// A vector of which each number is `scale * code`.
#[derive(Clone, Debug, PartialEq)]
pub struct Vector {
    /// What one step of a code is worth.
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

    fn new(scale: f32, codes: Vec<i8>) -> Self {
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
fn inverse_length(codes: impl Iterator<Item = i8>) -> f32 {
    let squares: i64 = codes.map(|code| i64::from(code) * i64::from(code)).sum();
    if squares == 0 { 0.0 } else { (1.0 / (squares as f64).sqrt()) as f32 }
}

/// A passage's id, vector and windows in the bytes of a document's custom field.
pub(super) fn to_field(id: u128, vector: &Vector, windows: &Windows) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(20 + vector.codes.len() + windows.as_bytes().len());
    bytes.extend_from_slice(&id.to_le_bytes());
    bytes.extend_from_slice(&vector.scale.to_le_bytes());
    bytes.extend(vector.codes.iter().map(|&code| code as u8));
    bytes.extend_from_slice(windows.as_bytes());
    bytes
}

/// The parts of such a field: that of the vector, and that of the windows.
pub(super) fn split_field(field: &[u8], dim: usize) -> (&[u8], &[u8]) {
    field.split_at(field.len().min(20 + dim))
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
    /// No rows yet, of `dim` numbers each.
    pub(super) fn new(dim: usize) -> Self {
        Self { dim, ids: vec![], scales: vec![], inverse_lengths: vec![], codes: vec![] }
    }

    /// Adds a row from the bytes that [`split_field`] gives.
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
        let columns = [&self.ids[..], &self.scales, &self.inverse_lengths, &self.codes];
        write_file(to, self.dim, rows, columns.into_iter().map(Ok))
    }
}

/// Writes a file from its columns, each of which may come in any number of pieces.
fn write_file<'a>(
    to: &mut impl Write,
    dim: usize,
    rows: usize,
    pieces: impl Iterator<Item = io::Result<&'a [u8]>>,
) -> io::Result<()> {
    let header = KIND.header(dim, rows, BLOCK)?;
    let mut sums = BlockSums::default();
    to.write_all(&header)?;
    sums.add(&header);
    for piece in pieces {
        let piece = piece?;
        to.write_all(piece)?;
        sums.add(piece);
    }
    to.write_all(&sums.finish())
}

/// The checksums of a stream's blocks.
#[derive(Default)]
struct BlockSums {
    current: crc32fast::Hasher,
    filled: usize,
    table: Vec<u8>,
}

impl BlockSums {
    /// Goes on with the stream.
    fn add(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(BLOCK - self.filled));
            self.current.update(now);
            self.filled += now.len();
            if self.filled == BLOCK {
                self.close();
            }
            bytes = later;
        }
    }

    /// Ends a block.
    fn close(&mut self) {
        let sum = std::mem::take(&mut self.current).finalize();
        self.table.extend_from_slice(&sum.to_le_bytes());
        self.filled = 0;
    }

    /// Ends the last block and gives all checksums.
    fn finish(mut self) -> Vec<u8> {
        if self.filled > 0 {
            self.close();
        }
        self.table
    }
}

/// The vectors of one segment, read in place. Row and document number are the same.
#[derive(Clone)]
pub(super) struct VectorFile {
    bytes: OwnedBytes,
    dim: usize,
    rows: usize,
    sound: std::sync::Arc<OnceLock<bool>>,
}

impl std::fmt::Debug for VectorFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VectorFile({} × {})", self.rows, self.dim)
    }
}

impl VectorFile {
    /// Looks at a file's content. Checks that its length fits what its header says, not its checksums.
    pub(super) fn open(bytes: OwnedBytes, dim: usize, rows: u32) -> Result<Self, String> {
        let rows = rows as usize;
        let block = KIND.check(&bytes, dim, rows)?;
        if block != BLOCK {
            return Err(format!("it has the unknown version {}", KIND.version));
        }
        let content = header::BYTES as u128 + rows as u128 * (24 + dim as u128);
        let length = content + 4 * content.div_ceil(BLOCK as u128);
        if bytes.len() as u128 != length {
            return Err(format!("it has {} bytes instead of {length}", bytes.len()));
        }
        Ok(Self { bytes, dim, rows, sound: std::sync::Arc::default() })
    }

    /// Compares the checksums, the first time it is asked to; the answer stands for as long as the file is open.
    pub(super) fn verify(&self) -> Result<(), String> {
        let sound = self.sound.get_or_init(|| {
            let (content, sums) = self.bytes.split_at(self.end_of_codes());
            let sums: &[[u8; 4]] = sums.as_chunks().0;
            content
                .par_chunks(BLOCK)
                .zip(sums)
                .all(|(block, sum)| crc32fast::hash(block) == u32::from_le_bytes(*sum))
        });
        if *sound { Ok(()) } else { Err("the checksum of its vectors doesn't match".into()) }
    }

    /// How many rows the file has; as many as the segment has documents.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// The id of a row's passage.
    pub(super) fn id(&self, row: usize) -> u128 {
        u128::from_le_bytes(self.ids()[row])
    }

    /// 1 / the length of a row's codes; 0 for a row of zeros.
    pub(super) fn inverse_length(&self, row: usize) -> f32 {
        f32::from_le_bytes(self.inverse_lengths()[row])
    }

    /// A row's codes, as the bytes of `i8`s.
    pub(super) fn codes(&self, row: usize) -> &[u8] {
        let start = header::BYTES + 24 * self.rows + self.dim * row;
        &self.bytes[start..start + self.dim]
    }

    /// A row's vector.
    pub(super) fn vector(&self, row: usize) -> Vector {
        let scale = f32::from_le_bytes(self.scales()[row]);
        Vector::new(scale, self.codes(row).iter().map(|&code| code as i8).collect())
    }

    /// Writes the chosen rows of some files, in order, as one file; for merging segments.
    pub(super) fn write_merged(
        to: &mut impl Write,
        dim: usize,
        parts: &[(Self, Vec<u32>)],
    ) -> io::Result<()> {
        let rows = parts.iter().map(|(_, rows)| rows.len()).sum();
        let column = |pick: for<'a> fn(&'a Self, usize) -> &'a [u8]| {
            parts
                .iter()
                .flat_map(move |(file, rows)| rows.iter().map(move |&row| Ok(pick(file, row as usize))))
        };
        let ids = column(|file, row| &file.ids()[row]);
        let scales = column(|file, row| &file.scales()[row]);
        let inverse_lengths = column(|file, row| &file.inverse_lengths()[row]);
        let codes = column(|file, row| file.codes(row));
        write_file(to, dim, rows, ids.chain(scales).chain(inverse_lengths).chain(codes))
    }

    /// The column of ids.
    fn ids(&self) -> &[[u8; 16]] {
        self.bytes[header::BYTES..header::BYTES + 16 * self.rows].as_chunks().0
    }

    /// The column of scales.
    fn scales(&self) -> &[[u8; 4]] {
        let start = header::BYTES + 16 * self.rows;
        self.bytes[start..start + 4 * self.rows].as_chunks().0
    }

    /// The column of inverse lengths.
    fn inverse_lengths(&self) -> &[[u8; 4]] {
        let start = header::BYTES + 20 * self.rows;
        self.bytes[start..start + 4 * self.rows].as_chunks().0
    }

    /// Where the last column ends and the checksums begin.
    fn end_of_codes(&self) -> usize {
        header::BYTES + self.rows * (24 + self.dim)
    }
}
