//! The vectors of the parts of a passage, and the file of a segment that holds them: those of its context and of its
//! sentences with four bits a number, and the sketches of its words.
//!
//! They are compared with a question only for passages that have been found already, so they are never scanned, and
//! rounding them coarsely does little harm. A file is a [`ChecksummedFile`] with this content, in little-endian order and
//! without padding but at the end of rows:
//!
//! ```text
//! magic "qswindow" · version u32 · dimensions u32 · rows u32 · words of all rows u32
//! the number of words before each row u32 × rows, and of all rows u32
//! each row: sentences u16 · words u16 · records of the sentences · sketches of the words, up to a multiple of four bytes
//! a record: length f32 · two codes a byte, each plus 8, the first in the low bits
//! ```
//!
//! Here a word is of four bytes. The file is read in place; the blocks of what is read are checked when they are first
//! touched.

use std::io::{self, Write};

use super::checksummed_file::{BlockError, ChecksummedFile};
use super::header::{self, FileKind};
use super::vectors::{finite, largest};
use crate::word_vector::{SKETCH_BYTES, WordVector};

/// The kind of file, with the version of the structure above.
const KIND: FileKind = FileKind { magic: b"qswindow", version: 3, of: "the vectors of parts" };
/// The greatest magnitude of a code.
const MOST: f32 = 7.0;
/// The bytes that rows are counted in.
const UNIT: usize = 4;
/// The bytes before the records of a row.
const COUNTS: usize = 4;

/// The vectors of the parts of a passage, as they are stored: of its context, the first, and of its sentences, and the
/// sketches of its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartVectors {
    /// A row of the file.
    bytes: Vec<u8>,
}

/// How many bytes the vector of a sentence takes.
fn record(dim: usize) -> usize {
    4 + dim.div_ceil(2)
}

impl Default for PartVectors {
    fn default() -> Self {
        Self::quantise(&[], &[])
    }
}

impl PartVectors {
    /// Rounds vectors of sentences, of any length, to 15 steps each, and words to signs. Numbers that aren't finite count
    /// as 0. More than 65,535 of either aren't kept.
    pub fn quantise(sentences: &[Vec<f32>], words: &[WordVector]) -> Self {
        let sentences = &sentences[..sentences.len().min(usize::from(u16::MAX))];
        let words = &words[..words.len().min(usize::from(u16::MAX))];
        let mut bytes = Vec::new();
        for count in [sentences.len(), words.len()] {
            bytes.extend_from_slice(&(count as u16).to_le_bytes());
        }
        for vector in sentences {
            let squares: f64 = vector.iter().map(|&value| f64::from(finite(value)).powi(2)).sum();
            bytes.extend_from_slice(&(squares.sqrt() as f32).to_le_bytes());
            let largest = largest(vector);
            let code = |value: f32| {
                let step = if largest > 0.0 { finite(value) / largest * MOST } else { 0.0 };
                (step.round_ties_even().clamp(-MOST, MOST) + 8.0) as u8
            };
            bytes.extend(
                vector.chunks(2).map(|pair| code(pair[0]) | pair.get(1).map_or(8, |&b| code(b)) << 4),
            );
        }
        bytes.extend(words.iter().flat_map(|word| word.sketch().0));
        bytes.resize(bytes.len().next_multiple_of(UNIT), 0);
        Self { bytes }
    }

    /// Takes what [`as_bytes`](Self::as_bytes) gave for vectors of `dim` numbers; `None` if it is something else.
    #[cfg(feature = "postgres")]
    pub(super) fn from_bytes(bytes: &[u8], dim: usize) -> Option<Self> {
        split(bytes, dim).map(|_| Self { bytes: bytes.to_vec() })
    }

    /// The vectors of the sentences, unpacked, which have `dim` numbers each, and the sketches of the words.
    #[cfg(any(test, feature = "postgres"))]
    pub(super) fn unpack(&self, dim: usize) -> (Vec<SentenceVector>, Vec<[u8; SKETCH_BYTES]>) {
        let (sentences, words) = split(&self.bytes, dim).unwrap_or_default();
        (unpacked(sentences, dim), words.to_vec())
    }

    /// Their bytes, for a document's custom field.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The records of the sentences and the sketches of the words in the bytes of a row; `None` if it has others than it says.
fn split(row: &[u8], dim: usize) -> Option<(&[u8], &[[u8; SKETCH_BYTES]])> {
    let (counts, rest) = row.split_first_chunk::<COUNTS>()?;
    let count = |at: usize| usize::from(u16::from_le_bytes([counts[at], counts[at + 1]]));
    let (sentences, rest) = rest.split_at_checked(count(0) * record(dim))?;
    let (words, padding) = rest.split_at_checked(count(2) * SKETCH_BYTES)?;
    (padding.len() < UNIT).then_some((sentences, words.as_chunks().0))
}

fn unpacked(sentences: &[u8], dim: usize) -> Vec<SentenceVector> {
    sentences.chunks_exact(record(dim)).map(|record| SentenceVector::unpack(record, dim)).collect()
}

/// One of the vectors of sentences, unpacked: its length, and a code for each number, as the byte of an `i8`.
#[derive(Debug)]
pub(super) struct SentenceVector {
    pub(super) length: f32,
    pub(super) codes: Vec<u8>,
}

impl SentenceVector {
    fn unpack(record: &[u8], dim: usize) -> Self {
        let (length, packed) = record.split_at(4);
        let mut le = [0; 4];
        le.copy_from_slice(length);
        let mut codes = vec![0; 2 * packed.len()];
        for (&pair, codes) in packed.iter().zip(codes.as_chunks_mut().0) {
            *codes = [(pair & 15).wrapping_sub(8), (pair >> 4).wrapping_sub(8)];
        }
        codes.truncate(dim);
        Self { length: f32::from_le_bytes(le), codes }
    }

    /// The sum of the products of the codes of two vectors.
    pub(super) fn dot(&self, other: &Self) -> i32 {
        let product = |(&a, &b): (&u8, &u8)| i32::from(a as i8) * i32::from(b as i8);
        self.codes.iter().zip(&other.codes).map(product).sum()
    }
}

/// Where each row of a file begins, in units of [`UNIT`] bytes.
#[derive(Debug)]
pub(super) struct PartVectorStarts(Vec<u32>);

impl Default for PartVectorStarts {
    fn default() -> Self {
        Self(vec![0])
    }
}

impl PartVectorStarts {
    /// Adds a row of these bytes.
    pub(super) fn push(&mut self, row: &[u8], dim: usize) -> Result<(), String> {
        if !row.len().is_multiple_of(UNIT) || split(row, dim).is_none() {
            return Err(format!("the vectors of parts of a passage are {} other bytes", row.len()));
        }
        let start = self.0.last().copied().unwrap_or(0);
        let end = u32::try_from(row.len() / UNIT).ok().and_then(|units| start.checked_add(units));
        let end = end.ok_or_else(|| "the vectors of parts take more than 16 GiB".to_owned())?;
        self.0.push(end);
        Ok(())
    }

    /// Writes all of a file that comes before the rows.
    pub(super) fn write(&self, to: &mut impl Write, dim: usize) -> io::Result<()> {
        let units = self.0.last().map_or(0, |&units| units as usize);
        to.write_all(&KIND.header(dim, self.0.len() - 1, units)?)?;
        for start in &self.0 {
            to.write_all(&start.to_le_bytes())?;
        }
        Ok(())
    }
}

/// The columns of a file while it is being made.
#[derive(Debug)]
pub(super) struct PartVectorColumns {
    dim: usize,
    starts: PartVectorStarts,
    rows: Vec<u8>,
}

impl PartVectorColumns {
    /// Columns without rows, of vectors of `dim` numbers.
    pub(super) fn new(dim: usize) -> Self {
        Self { dim, starts: PartVectorStarts::default(), rows: Vec::new() }
    }

    /// Adds a row from its bytes.
    pub(super) fn push(&mut self, row: &[u8]) -> Result<(), String> {
        self.starts.push(row, self.dim)?;
        self.rows.extend_from_slice(row);
        Ok(())
    }

    /// How many bytes the columns take.
    pub(super) fn memory(&self) -> usize {
        4 * self.starts.0.capacity() + self.rows.capacity()
    }

    /// Writes the file.
    pub(super) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        self.starts.write(to, self.dim)?;
        to.write_all(&self.rows)
    }
}

/// The vectors of the parts of the passages of one segment, read in place. Row and document number are the same.
#[derive(Clone)]
pub(super) struct PartVectorFile {
    file: ChecksummedFile,
    dim: usize,
    rows: usize,
    units: usize,
}

impl std::fmt::Debug for PartVectorFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PartVectorFile({} rows)", self.rows)
    }
}

impl PartVectorFile {
    /// Opens a file by its content. Checks that its length fits what its header says; there may be more, as tantivy
    /// has a line of its own at the end of each file.
    pub(super) fn open(file: ChecksummedFile, dim: usize, rows: u32) -> Result<Self, String> {
        let rows = rows as usize;
        let units = KIND.check(&file, dim, rows)?;
        let length = header::BYTES as u128 + 4 * (rows as u128 + 1) + units as u128 * UNIT as u128;
        if (file.len() as u128) < length {
            return Err(format!("it has {} bytes instead of {length}", file.len()));
        }
        Ok(Self { file, dim, rows, units })
    }

    /// The bytes of a row.
    pub(super) fn bytes(&self, row: usize) -> Result<&[u8], BlockError> {
        if row >= self.rows {
            return Err(BlockError::Beyond);
        }
        let place = header::BYTES + 4 * row;
        let start = u32::from_le_bytes(self.file.array(place)?) as usize;
        let end = u32::from_le_bytes(self.file.array(place + 4)?) as usize;
        if start > end || end > self.units {
            return Err(BlockError::Beyond);
        }
        let first = header::BYTES + 4 * (self.rows + 1);
        self.file.get(first + start * UNIT..first + end * UNIT)
    }

    /// The vectors of a row's sentences, unpacked.
    pub(super) fn sentences(&self, row: usize) -> Result<Vec<SentenceVector>, BlockError> {
        let (sentences, _) = split(self.bytes(row)?, self.dim).ok_or(BlockError::Beyond)?;
        Ok(unpacked(sentences, self.dim))
    }

    /// The sketches of a row's words.
    pub(super) fn words(&self, row: usize) -> Result<&[[u8; SKETCH_BYTES]], BlockError> {
        let (_, words) = split(self.bytes(row)?, self.dim).ok_or(BlockError::Beyond)?;
        Ok(words)
    }

    /// A row's vectors as they are stored.
    pub(super) fn stored(&self, row: usize) -> Result<PartVectors, BlockError> {
        Ok(PartVectors { bytes: self.bytes(row)?.to_vec() })
    }
}

#[cfg(test)]
#[path = "part_vectors_tests.rs"]
pub(super) mod tests;
