//! The vectors of a passage's context and of its sentences, four bits a number, and the file of a segment that holds
//! them.
//!
//! They are compared with a question only for passages that have been found already, so they are never scanned, and
//! rounding them coarsely does little harm. A file is a [`ChecksummedFile`] with this content, in little-endian order and
//! without padding:
//!
//! ```text
//! magic "qswindow" · version u32 · dimensions u32 · rows u32 · vectors u32
//! the number of vectors before each row u32 × rows, and of all vectors u32
//! each vector: length f32 · two codes a byte, each plus 8, the first in the low bits
//! ```
//!
//! It is read in place; the blocks of what is read are checked when they are first touched.

use std::io::{self, Write};

use super::checksummed_file::{BlockError, ChecksummedFile};
use super::header::{self, FileKind};
use super::vectors::{finite, largest};

/// The kind of file, with the version of the structure above.
const KIND: FileKind = FileKind { magic: b"qswindow", version: 2, of: "sentence vectors" };
/// The greatest magnitude of a code.
const MOST: f32 = 7.0;

/// The vectors of a passage's context, the first, and of its sentences, as they are stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SentenceVectors {
    /// [`record`] bytes for each.
    bytes: Vec<u8>,
}

/// How many bytes a vector takes.
fn record(dim: usize) -> usize {
    4 + dim.div_ceil(2)
}

impl SentenceVectors {
    /// Rounds vectors of any length to 15 steps each. Numbers that aren't finite count as 0.
    pub fn quantise(vectors: &[Vec<f32>]) -> Self {
        let mut bytes = Vec::new();
        for vector in vectors {
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
        Self { bytes }
    }

    /// Each of them, unpacked; all have `dim` numbers.
    #[cfg(test)]
    pub(super) fn unpack(&self, dim: usize) -> Vec<SentenceVector> {
        self.bytes.chunks_exact(record(dim)).map(|record| SentenceVector::unpack(record, dim)).collect()
    }

    /// Their bytes, for a document's custom field.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// One of the vectors, unpacked: its length, and a code for each number.
#[derive(Debug)]
pub(super) struct SentenceVector {
    pub(super) length: f32,
    pub(super) codes: Vec<i8>,
}

impl SentenceVector {
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

    /// The sum of the products of the codes of two vectors.
    pub(super) fn dot(&self, other: &Self) -> i32 {
        self.codes.iter().zip(&other.codes).map(|(&a, &b)| i32::from(a) * i32::from(b)).sum()
    }
}

/// Where the vectors of each row of a file begin, by their number.
#[derive(Debug)]
pub(super) struct SentenceVectorStarts(Vec<u32>);

impl Default for SentenceVectorStarts {
    fn default() -> Self {
        Self(vec![0])
    }
}

impl SentenceVectorStarts {
    /// Adds a row with these vectors.
    pub(super) fn push(&mut self, vectors: &[u8], dim: usize) -> Result<(), String> {
        let (record, start) = (record(dim), self.0.last().copied().unwrap_or(0));
        let end = u32::try_from(vectors.len() / record).ok().and_then(|count| start.checked_add(count));
        match end.filter(|_| vectors.len().is_multiple_of(record)) {
            Some(end) => {
                self.0.push(end);
                Ok(())
            }
            None => Err(format!(
                "sentence vectors take {} bytes, which aren't a multiple of {record}",
                vectors.len()
            )),
        }
    }

    /// Writes all of a file that comes before the vectors.
    pub(super) fn write(&self, to: &mut impl Write, dim: usize) -> io::Result<()> {
        let vectors = self.0.last().map_or(0, |&vectors| vectors as usize);
        to.write_all(&KIND.header(dim, self.0.len() - 1, vectors)?)?;
        for start in &self.0 {
            to.write_all(&start.to_le_bytes())?;
        }
        Ok(())
    }
}

/// The columns of a file while it is being made.
#[derive(Debug)]
pub(super) struct SentenceVectorColumns {
    dim: usize,
    starts: SentenceVectorStarts,
    vectors: Vec<u8>,
}

impl SentenceVectorColumns {
    /// Columns without rows, of vectors of `dim` numbers.
    pub(super) fn new(dim: usize) -> Self {
        Self { dim, starts: SentenceVectorStarts::default(), vectors: Vec::new() }
    }

    /// Adds a row from the bytes of its vectors.
    pub(super) fn push(&mut self, vectors: &[u8]) -> Result<(), String> {
        self.starts.push(vectors, self.dim)?;
        self.vectors.extend_from_slice(vectors);
        Ok(())
    }

    /// How many bytes the columns take.
    pub(super) fn memory(&self) -> usize {
        4 * self.starts.0.capacity() + self.vectors.capacity()
    }

    /// Writes the file.
    pub(super) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        self.starts.write(to, self.dim)?;
        to.write_all(&self.vectors)
    }
}

/// The sentence vectors of one segment, read in place. Row and document number are the same.
#[derive(Clone)]
pub(super) struct SentenceVectorFile {
    file: ChecksummedFile,
    dim: usize,
    rows: usize,
    vectors: usize,
}

impl std::fmt::Debug for SentenceVectorFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SentenceVectorFile({} of {} rows)", self.vectors, self.rows)
    }
}

impl SentenceVectorFile {
    /// Opens a file by its content. Checks that its length fits what its header says; there may be more, as tantivy
    /// has a line of its own at the end of each file.
    pub(super) fn open(file: ChecksummedFile, dim: usize, rows: u32) -> Result<Self, String> {
        let rows = rows as usize;
        let vectors = KIND.check(&file, dim, rows)?;
        let length = header::BYTES as u128 + 4 * (rows as u128 + 1) + vectors as u128 * record(dim) as u128;
        if (file.len() as u128) < length {
            return Err(format!("it has {} bytes instead of {length}", file.len()));
        }
        Ok(Self { file, dim, rows, vectors })
    }

    /// The bytes of a row's vectors.
    pub(super) fn bytes(&self, row: usize) -> Result<&[u8], BlockError> {
        if row >= self.rows {
            return Err(BlockError::Beyond);
        }
        let place = header::BYTES + 4 * row;
        let start = u32::from_le_bytes(self.file.array(place)?) as usize;
        let end = u32::from_le_bytes(self.file.array(place + 4)?) as usize;
        if start > end || end > self.vectors {
            return Err(BlockError::Beyond);
        }
        let first = header::BYTES + 4 * (self.rows + 1);
        self.file.get(first + start * record(self.dim)..first + end * record(self.dim))
    }

    /// A row's vectors, unpacked.
    pub(super) fn row(&self, row: usize) -> Result<Vec<SentenceVector>, BlockError> {
        let records = self.bytes(row)?.chunks_exact(record(self.dim));
        Ok(records.map(|record| SentenceVector::unpack(record, self.dim)).collect())
    }

    /// A row's vectors as they are stored.
    pub(super) fn stored(&self, row: usize) -> Result<SentenceVectors, BlockError> {
        Ok(SentenceVectors { bytes: self.bytes(row)?.to_vec() })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use tantivy::directory::OwnedBytes;

    use super::*;
    use crate::store::checksummed_file::ChecksummedWriter;

    /// The content of a file with these rows.
    fn content(rows: &[Vec<Vec<f32>>], dim: usize) -> Vec<u8> {
        let mut columns = SentenceVectorColumns::new(dim);
        for row in rows {
            columns.push(SentenceVectors::quantise(row).as_bytes()).unwrap();
        }
        let mut bytes = Vec::new();
        columns.write(&mut bytes).unwrap();
        bytes
    }

    /// A file with these rows.
    pub(in super::super) fn file(rows: &[Vec<Vec<f32>>], dim: usize) -> SentenceVectorFile {
        let file = ChecksummedFile::verified(OwnedBytes::new(content(rows, dim)));
        SentenceVectorFile::open(file, dim, rows.len() as u32).unwrap()
    }

    #[test]
    fn what_is_written_is_read() {
        let rows = [vec![vec![0.0; 3], vec![7.0, -3.0, 1.0]], vec![], vec![vec![2.0, f32::NAN, -4.0]]];
        let file = file(&rows, 3);
        let first = file.row(0).unwrap();
        assert_eq!((first[0].length, &first[0].codes[..]), (0.0, &[0i8, 0, 0][..]));
        assert_eq!((first[1].length, &first[1].codes[..]), (59f32.sqrt(), &[7i8, -3, 1][..]));
        assert!(file.row(1).unwrap().is_empty());
        assert_eq!(file.row(2).unwrap()[0].codes, [4, 0, -7]);
        assert_eq!(file.stored(0).unwrap(), SentenceVectors::quantise(&rows[0]));
    }

    #[test]
    fn damage_is_noticed_where_it_is() {
        let mut sound = ChecksummedWriter::new(Vec::new());
        sound.write_all(&content(&[vec![vec![1.0, 2.0]], vec![vec![3.0, -1.0]; 2], vec![]], 2)).unwrap();
        sound.end().unwrap();
        let sound = std::mem::take(sound.get_mut());
        let open =
            |bytes: Vec<u8>| SentenceVectorFile::open(ChecksummedFile::open(OwnedBytes::new(bytes))?, 2, 3);
        for at in 0..sound.len() {
            let mut bytes = sound.clone();
            bytes[at] ^= 0x41;
            let Ok(file) = open(bytes) else { continue };
            assert!((0..3).any(|row| file.row(row).is_err()), "byte {at}");
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
                let file = ChecksummedFile::verified(OwnedBytes::new(bytes));
                let Ok(file) = SentenceVectorFile::open(file, 2, 3) else { continue };
                // Other vectors, or none; but never any beyond the end.
                (0..4).for_each(|row| drop(file.row(row)));
                assert_eq!(file.bytes(3), Err(BlockError::Beyond));
            }
        }
        let mut bytes = whole;
        bytes[header::BYTES + 8] = 4;
        let file = SentenceVectorFile::open(ChecksummedFile::verified(OwnedBytes::new(bytes)), 2, 3).unwrap();
        assert_eq!((file.bytes(1), file.bytes(2)), (Err(BlockError::Beyond), Err(BlockError::Beyond)));
    }

    #[test]
    fn a_row_of_half_a_vector_is_refused() {
        assert!(SentenceVectorColumns::new(4).push(&[0; 7]).is_err());
    }
}
