//! The vectors of the parts of a passage, and the file of a segment that holds them: those of its context and of its
//! sentences with two bits a number, and the sketches of its words.
//!
//! They are compared with a question only for passages that have been found already, so they are never scanned, and
//! rounding them coarsely does little harm. A part says much of what its passage says, so what is rounded is how it
//! differs: its vector, of length 1, less as much of the passage's vector as points along that. Four levels a number are the
//! best four for numbers of a normal distribution (Max 1960, "Quantizing for minimum distortion").
//!
//! A file is a [`ChecksummedFile`] with this content, in little-endian order and without padding but at the end of rows:
//!
//! ```text
//! magic "qswindow" · version u32 · dimensions u32 · rows u32 · words of all rows u32
//! the number of words before each row u32 × rows, and of all rows u32
//! each row: sentences u16 · words u16 · records of the sentences · sketches of the words, up to a multiple of four bytes
//! a record: along the passage i8 · step u8 · weights of it and of the context u8 × 2 · four codes a byte, the first in the
//! low bits
//! ```
//!
//! Here a word is of four bytes. The file is read in place; the blocks of what is read are checked when they are first
//! touched.

use std::io::{self, Write};

use super::checksummed_file::{BlockError, ChecksummedFile};
use super::header::{self, FileKind};
use super::vectors::{Vector, finite};
use crate::word_vector::{SKETCH_BYTES, WordVector};

/// The kind of file, with the version of the structure above.
const KIND: FileKind = FileKind { magic: b"qswindow", version: 4, of: "the vectors of parts" };
/// What the codes stand for, in steps: -1.51, -0.45, 0.45 and 1.51 standard deviations.
const LEVELS: [i8; 4] = [-10, -3, 3, 10];
/// Where the outer levels begin, in standard deviations.
const OUTER: f64 = 0.9816;
/// Four codes in a byte, unpacked to what they stand for, as the bytes of `i8`s.
static UNPACKED: [[u8; 4]; 256] = unpacked_bytes();
/// How finely the share along the passage is rounded.
const ALONG: f64 = 127.0;
/// How finely weights are rounded.
const WEIGHT: f64 = 128.0;
/// The bytes of a record before its codes.
const FACTORS: usize = 4;
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
    FACTORS + dim.div_ceil(4)
}

/// The length of a step for each unit of its byte. A vector of length 1 has no longer step than a third of a standard deviation.
fn step_unit(dim: usize) -> f64 {
    1.0 / (3.0 * 255.0 * (dim.max(1) as f64).sqrt())
}

const fn unpacked_bytes() -> [[u8; 4]; 256] {
    let mut bytes = [[0; 4]; 256];
    let mut byte = 0;
    while byte < 256 {
        let codes = [byte & 3, byte >> 2 & 3, byte >> 4 & 3, byte >> 6];
        bytes[byte] =
            [LEVELS[codes[0]] as u8, LEVELS[codes[1]] as u8, LEVELS[codes[2]] as u8, LEVELS[codes[3]] as u8];
        byte += 1;
    }
    bytes
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A vector of length 1, and the length that it had; numbers that aren't finite count as 0.
fn unit(values: &[f32]) -> (Vec<f64>, f64) {
    let values: Vec<f64> = values.iter().map(|&value| f64::from(finite(value))).collect();
    let length = dot(&values, &values).sqrt();
    let inverse = if length > 0.0 { 1.0 / length } else { 0.0 };
    (values.iter().map(|value| value * inverse).collect(), length)
}

impl Default for PartVectors {
    fn default() -> Self {
        Self::quantise(&Vector::new(0.0, Vec::new()), &[], &[])
    }
}

impl PartVectors {
    /// Rounds vectors of the parts of a passage with this vector, of any length, the first that of its context; and words to
    /// signs. Numbers that aren't finite count as 0. More than 65,535 of either aren't kept.
    pub fn quantise(passage: &Vector, sentences: &[Vec<f32>], words: &[WordVector]) -> Self {
        let sentences = &sentences[..sentences.len().min(usize::from(u16::MAX))];
        let words = &words[..words.len().min(usize::from(u16::MAX))];
        let mut bytes = Vec::new();
        for count in [sentences.len(), words.len()] {
            bytes.extend_from_slice(&(count as u16).to_le_bytes());
        }
        let (passage, _) = unit(&passage.codes.iter().map(|&code| f32::from(code)).collect::<Vec<_>>());
        let context = sentences.first().map(|context| unit(context)).unwrap_or_default();
        for vector in sentences {
            push_record(&mut bytes, &passage, &context, &unit(vector));
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

/// Adds the record of a part. Of it and of the context the vectors have length 1, and their own lengths beside them.
fn push_record(bytes: &mut Vec<u8>, passage: &[f64], context: &(Vec<f64>, f64), part: &(Vec<f64>, f64)) {
    let (unit, length) = part;
    let dim = unit.len();
    let along = (dot(unit, passage) * ALONG).round_ties_even() as i8;
    let left = |share: f64| unit.iter().zip(passage).map(move |(of, passage)| of - share * passage);
    // Passages of other sizes, or of none, have nothing to take away.
    let rest: Vec<f64> =
        if passage.len() == dim { left(f64::from(along) / ALONG).collect() } else { unit.clone() };
    let outer = OUTER * (dot(&rest, &rest) / dim.max(1) as f64).sqrt();
    let code = |number: f64| u8::from(number > -outer) + u8::from(number >= 0.0) + u8::from(number > outer);
    let codes: Vec<u8> = rest.iter().map(|&number| code(number)).collect();
    let levels: Vec<f64> = codes.iter().map(|&code| f64::from(LEVELS[usize::from(code)])).collect();
    // What is left keeps its length, so that cosines aren't smaller than they were.
    let step = if *length > 0.0 { (dot(&rest, &rest) / dot(&levels, &levels)).sqrt() } else { 0.0 };
    let squares = length * length + context.1 * context.1 + 2.0 * length * context.1 * dot(unit, &context.0);
    let together = if squares > 0.0 { WEIGHT / squares.sqrt() } else { 0.0 };
    bytes.extend([
        along as u8,
        (step / step_unit(dim)).round_ties_even() as u8,
        (length * together).round_ties_even() as u8,
        (context.1 * together).round_ties_even() as u8,
    ]);
    let packed = |codes: &[u8]| codes.iter().rev().fold(0, |byte, code| byte << 2 | code);
    bytes.extend(codes.chunks(4).map(packed));
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

/// One of the vectors of sentences, unpacked.
#[derive(Debug)]
pub(super) struct SentenceVector {
    /// Its cosine with the passage's vector.
    pub(super) along: f64,
    /// The length of a step of its codes, where the vector's own is 1.
    pub(super) step: f64,
    /// What its cosine and that of the context count for in the cosine of both together.
    pub(super) weights: [f64; 2],
    /// How it differs from its share of the passage's vector, in steps, as the bytes of `i8`s.
    pub(super) codes: Vec<u8>,
}

impl SentenceVector {
    fn unpack(record: &[u8], dim: usize) -> Self {
        let (factors, packed) = record.split_at(FACTORS);
        let mut codes: Vec<u8> = packed.iter().flat_map(|&byte| UNPACKED[usize::from(byte)]).collect();
        codes.truncate(dim);
        Self {
            along: f64::from(factors[0] as i8) / ALONG,
            step: f64::from(factors[1]) * step_unit(dim),
            weights: [factors[2], factors[3]].map(|weight| f64::from(weight) / WEIGHT),
            codes,
        }
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
