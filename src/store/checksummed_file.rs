//! Files with a checksum for each of their blocks, which is compared when the block is first read.
//!
//! So damage is found where it is read, and opening a file costs the same however large it is. A file is, in
//! little-endian order and without padding:
//!
//! ```text
//! content
//! CRC-32 of each block of 1 KiB of the content, the last of which may be shorter, begun with the block's number
//! bytes of content u64 · version u32 · CRC-32 of the eight bytes of "qsblocks" and these twelve
//! ```

use std::fmt;
use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use tantivy::directory::OwnedBytes;

use super::kernel;

/// The bytes that one checksum covers: few, since a first question reads some thousand scattered places.
pub(super) const BLOCK: usize = 1024;
/// The most content of a file: the vectors of a hundred million passages take less. A file that claims more would take
/// memory for nothing.
const MOST_BYTES: usize = 1 << 36;
/// The bytes behind the checksums.
const TRAILER: usize = 16;
/// The version of the structure above.
const VERSION: u32 = 1;
/// The beginning of what the checksum of the end covers, so that the end of no other file is taken for one.
const MAGIC: &[u8; 8] = b"qsblocks";

/// Why a part of a file can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlockError {
    /// The block of this number doesn't match its checksum.
    Block(usize),
    /// The part lies beyond the end.
    Beyond,
}

impl fmt::Display for BlockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Block(block) => {
                let start = block * BLOCK;
                write!(f, "a checksum doesn't match (bytes {start} to {})", start + BLOCK)
            }
            Self::Beyond => write!(f, "it points to a place beyond its end"),
        }
    }
}

impl From<BlockError> for String {
    fn from(damage: BlockError) -> Self {
        damage.to_string()
    }
}

/// The checksum of a block.
fn checksum(number: usize, block: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(number as u32);
    hasher.update(block);
    hasher.finalize()
}

/// The end of a file with so much content.
fn trailer(length: usize) -> [u8; TRAILER] {
    let mut trailer = [0; TRAILER];
    trailer[..8].copy_from_slice(&(length as u64).to_le_bytes());
    trailer[8..12].copy_from_slice(&VERSION.to_le_bytes());
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(MAGIC);
    hasher.update(&trailer[..12]);
    trailer[12..].copy_from_slice(&hasher.finalize().to_le_bytes());
    trailer
}

/// The bytes that are written at once.
///
/// Linux may then keep a file in pages of 2 MiB (on ext4 since 6.16), of which a search in the mapped file touches few;
/// with small pages, a first search spends more time on them than on all comparisons. Tests need files that are partly
/// written.
const CHUNK: usize = if cfg!(test) { 4 * BLOCK } else { 2 << 20 };

/// Writes content, and behind it the checksums of its blocks. What isn't a whole chunk is kept until the end.
#[derive(Debug)]
pub(super) struct ChecksummedWriter<W> {
    to: W,
    chunk: Vec<u8>,
    sums: Vec<u8>,
    length: usize,
}

impl<W: Write> ChecksummedWriter<W> {
    /// A file whose content comes next.
    pub(super) fn new(to: W) -> Self {
        Self { to, chunk: Vec::new(), sums: Vec::new(), length: 0 }
    }

    /// Ends the content and the file; nothing may be written after it.
    pub(super) fn end(&mut self) -> io::Result<()> {
        self.add_sums();
        self.chunk.append(&mut self.sums);
        self.chunk.extend_from_slice(&trailer(self.length));
        self.to.write_all(&self.chunk)?;
        self.to.flush()
    }

    /// The writer below.
    pub(super) fn get_mut(&mut self) -> &mut W {
        &mut self.to
    }

    /// Adds the checksums of a chunk's blocks.
    fn add_sums(&mut self) {
        for (number, block) in (self.sums.len() / 4..).zip(self.chunk.chunks(BLOCK)) {
            self.sums.extend_from_slice(&checksum(number, block).to_le_bytes());
        }
    }
}

impl<W: Write> Write for ChecksummedWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let now = &bytes[..bytes.len().min(CHUNK - self.chunk.len())];
        self.chunk.extend_from_slice(now);
        self.length += now.len();
        if self.chunk.len() == CHUNK {
            self.add_sums();
            let written = self.to.write_all(&self.chunk);
            // After an error the file lacks a chunk, so its length isn't what its end says, and it can't be opened.
            self.chunk.clear();
            written?;
        }
        Ok(now.len())
    }

    /// What isn't a whole chunk stays here until [`ChecksummedWriter::end`].
    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// The content of a file of blocks, read in place.
#[derive(Clone)]
pub(super) struct ChecksummedFile {
    file: OwnedBytes,
    length: usize,
    /// A bit for each block that was found undamaged.
    sound: Arc<[AtomicU64]>,
}

impl fmt::Debug for ChecksummedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChecksummedFile({} bytes)", self.length)
    }
}

impl ChecksummedFile {
    /// Opens a file by its end. Content is read only when [`ChecksummedFile::get`] asks for it.
    pub(super) fn open(file: OwnedBytes) -> Result<Self, String> {
        let cut = || "it isn't whole: its end isn't that of a file of the index".to_owned();
        let end = file.len().checked_sub(TRAILER).ok_or_else(cut)?;
        let mut length = [0; 8];
        length.copy_from_slice(&file[end..end + 8]);
        let length = usize::try_from(u64::from_le_bytes(length)).map_err(|_| cut())?;
        let blocks = length.div_ceil(BLOCK);
        if length > MOST_BYTES
            || file[end..] != trailer(length)
            || (end as u128) != length as u128 + 4 * blocks as u128
        {
            return Err(cut());
        }
        let sound = (0..blocks.div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        Ok(Self { file, length, sound })
    }

    /// Content that is known to be undamaged, as another view of the same file has read it.
    pub(super) fn verified(content: OwnedBytes) -> Self {
        let length = content.len();
        let sound = (0..length.div_ceil(BLOCK).div_ceil(64)).map(|_| AtomicU64::new(u64::MAX)).collect();
        Self { file: content, length, sound }
    }

    /// How many bytes the content has.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// A part of the content, once all blocks it touches are known to be undamaged.
    #[inline]
    pub(super) fn get(&self, range: Range<usize>) -> Result<&[u8], BlockError> {
        if range.start > range.end || range.end > self.length {
            return Err(BlockError::Beyond);
        }
        if range.start < range.end {
            for block in range.start / BLOCK..=(range.end - 1) / BLOCK {
                if !self.is_sound(block) {
                    self.check(block)?;
                }
            }
        }
        Ok(&self.file[range])
    }

    /// Asks the processor to bring to its caches what [`ChecksummedFile::get`] will look at.
    #[inline]
    pub(super) fn fetch(&self, range: Range<usize>) {
        // The rest of a block follows by itself.
        const BEGINNING: usize = 256;
        let block = range.start / BLOCK;
        if range.start >= range.end || range.end > self.length {
            return;
        }
        if self.is_sound(block) {
            kernel::fetch(&self.file[range]);
        } else {
            let start = block * BLOCK;
            kernel::fetch(&self.file[start..self.length.min(start + BEGINNING)]);
            let sum = self.length + 4 * block;
            kernel::fetch(&self.file[sum..sum + 4]);
        }
    }

    #[inline]
    fn is_sound(&self, block: usize) -> bool {
        self.sound.get(block / 64).is_some_and(|word| word.load(Ordering::Relaxed) & (1 << (block % 64)) != 0)
    }

    /// The bytes of a number at a place of the content.
    #[inline]
    pub(super) fn array<const N: usize>(&self, at: usize) -> Result<[u8; N], BlockError> {
        let bytes = self.get(at..at.saturating_add(N))?;
        bytes.first_chunk().copied().ok_or(BlockError::Beyond)
    }

    /// A part of the content, as bytes that keep the file open.
    pub(super) fn get_owned(&self, range: Range<usize>) -> Result<OwnedBytes, BlockError> {
        self.get(range.clone())?;
        Ok(self.file.slice(range))
    }

    /// Compares all checksums, on all cores.
    pub(super) fn verify(&self) -> Result<(), BlockError> {
        let blocks = self.length.div_ceil(BLOCK);
        // The first of them by place, so that the answer doesn't depend on who is first.
        (0..blocks)
            .into_par_iter()
            .map(|block| self.check(block))
            .find_first(Result::is_err)
            .unwrap_or(Ok(()))
    }

    #[cold]
    fn check(&self, block: usize) -> Result<(), BlockError> {
        let start = block * BLOCK;
        let content = &self.file[start..self.length.min(start + BLOCK)];
        let sum = self.length + 4 * block;
        if checksum(block, content).to_le_bytes() != self.file[sum..sum + 4] {
            return Err(BlockError::Block(block));
        }
        self.sound[block / 64].fetch_or(1 << (block % 64), Ordering::Relaxed);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A file of blocks with this content, written in pieces.
    fn file(content: &[u8], piece: usize) -> Vec<u8> {
        let mut writer = ChecksummedWriter::new(Vec::new());
        content.chunks(piece).for_each(|piece| writer.write_all(piece).unwrap());
        writer.end().unwrap();
        writer.to
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(content in prop::collection::vec(any::<u8>(), 0..20_000), piece in 1usize..9000) {
            let blocks = ChecksummedFile::open(OwnedBytes::new(file(&content, piece))).unwrap();
            prop_assert_eq!(blocks.get(0..content.len()).unwrap(), &content[..]);
            prop_assert_eq!(blocks.verify(), Ok(()));
            prop_assert_eq!(blocks.get(0..content.len() + 1), Err(BlockError::Beyond));
            prop_assert_eq!(&file(&content, 1 << 20), &file(&content, piece));
        }

        #[test]
        fn damage_is_found_where_it_is(at in any::<prop::sample::Index>(), flip in 1u8.., length in 1usize..20_000) {
            let content: Vec<u8> = (0..length).map(|at| (at * 7 % 251) as u8).collect();
            let mut bytes = file(&content, 4096);
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            let Ok(blocks) = ChecksummedFile::open(OwnedBytes::new(bytes)) else { return Ok(()) };
            let touched = if at < length { at / BLOCK } else { (at - length) / 4 };
            prop_assert_eq!(blocks.verify(), Err(BlockError::Block(touched)));
            for block in 0..length.div_ceil(BLOCK) {
                let got = blocks.get(block * BLOCK..length.min((block + 1) * BLOCK));
                prop_assert_eq!(got.is_err(), block == touched);
            }
        }
    }

    #[test]
    fn what_is_verified_is_read_as_it_is() {
        let blocks = ChecksummedFile::verified(OwnedBytes::new(vec![7; 5000]));
        assert_eq!((blocks.get(4000..5000), blocks.array(4095)), (Ok(&[7; 1000][..]), Ok([7u8; 4])));
        assert_eq!(blocks.array::<4>(4997), Err(BlockError::Beyond));
        assert_eq!(blocks.array::<4>(usize::MAX), Err(BlockError::Beyond));
    }

    #[test]
    fn a_file_that_was_cut_is_refused() {
        let whole = file(&[7; 5000], 100);
        for length in 0..whole.len() {
            assert!(ChecksummedFile::open(OwnedBytes::new(whole[..length].to_vec())).is_err(), "{length}");
        }
    }

    #[test]
    fn blocks_that_change_places_are_noticed() {
        let mut bytes = file(&[[1u8; BLOCK], [2; BLOCK]].concat(), BLOCK);
        bytes[..2 * BLOCK].rotate_left(BLOCK);
        let sums = 2 * BLOCK;
        bytes[sums..sums + 8].rotate_left(4);
        assert_eq!(
            ChecksummedFile::open(OwnedBytes::new(bytes)).unwrap().verify(),
            Err(BlockError::Block(0))
        );
    }
}
