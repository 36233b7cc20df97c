//! Vectors and row numbers in files that every engine can read: bare numbers, little-endian, row by row.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::Outcome;

/// Numbers in a vector.
pub(super) const DIM: usize = 384;
/// Bytes of a vector.
const ROW: usize = 4 * DIM;

/// Writes vectors.
pub(super) fn write(path: &Path, values: &[f32]) -> Outcome<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for value in values {
        file.write_all(&value.to_le_bytes())?;
    }
    Ok(file.flush()?)
}

/// Writes numbers of rows.
pub(super) fn write_numbers(path: &Path, numbers: &[u32]) -> Outcome<()> {
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    Ok(fs::write(path, bytes)?)
}

/// Numbers of rows, all of them.
pub(super) fn read_numbers(path: &Path) -> Outcome<Vec<u32>> {
    let bytes = fs::read(path)?;
    Ok(bytes.as_chunks::<4>().0.iter().map(|&bytes| u32::from_le_bytes(bytes)).collect())
}

/// A file of vectors, of which as much is in memory as has been asked for.
pub(super) struct Rows {
    file: File,
    /// How many vectors there are.
    pub(super) rows: usize,
}

impl Rows {
    pub(super) fn open(path: &Path) -> Outcome<Self> {
        let file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let rows = file.metadata()?.len() as usize / ROW;
        Ok(Self { file, rows })
    }

    /// The numbers of `count` vectors, or of those that there are, from the one numbered `first`.
    pub(super) fn read(&mut self, first: usize, count: usize) -> Outcome<Vec<f32>> {
        let count = count.min(self.rows.saturating_sub(first));
        let mut bytes = vec![0; count * ROW];
        self.file.seek(SeekFrom::Start((first * ROW) as u64))?;
        self.file.read_exact(&mut bytes)?;
        Ok(bytes.as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect())
    }

    /// All of them.
    pub(super) fn all(&mut self) -> Outcome<Vec<f32>> {
        self.read(0, self.rows)
    }
}
