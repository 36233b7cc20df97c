//! The sums of a model file's blocks, each compared with the block when it is first looked at.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::model_file::{BLOCK, CHECKSUM, HEADER_LEN, checksum, sums};

/// The sums of a file, and which blocks were found sound.
#[derive(Debug)]
pub(super) struct BlockSums {
    /// Where the arrays before the sums end.
    body: usize,
    /// Where the sums stand.
    sums: Range<usize>,
    /// A bit for each block that was compared.
    sound: Box<[AtomicU64]>,
}

impl BlockSums {
    /// The sums of a file whose other arrays end at `body`, which must be within the file with all its sums. The error is a
    /// phrase.
    pub(super) fn read(bytes: &[u8], body: usize) -> Result<Self, String> {
        let sums = sums(body);
        if bytes.get(sums.clone()).is_none() || bytes[CHECKSUM] != checksum(bytes, body) {
            return Err("its checksum doesn't match its content".into());
        }
        let blocks = sums.len() / 4;
        Ok(Self { body, sums, sound: (0..blocks.div_ceil(64)).map(|_| AtomicU64::new(0)).collect() })
    }

    /// Compares the blocks of a range that weren't yet. The error is a phrase.
    pub(super) fn check(&self, bytes: &[u8], range: &Range<usize>) -> Result<(), String> {
        let block_of = |at: usize| at.saturating_sub(HEADER_LEN) / BLOCK;
        if range.is_empty() {
            return Ok(());
        }
        for block in block_of(range.start)..=block_of(range.end - 1) {
            let (word, bit) = (block / 64, 1 << (block % 64));
            let seen = self.sound.get(word).map(|word| word.load(Relaxed));
            if seen.is_some_and(|seen| seen & bit != 0) {
                continue;
            }
            let start = HEADER_LEN + block * BLOCK;
            let content = bytes.get(start..(start + BLOCK).min(self.body)).unwrap_or_default();
            let sum = bytes[self.sums.clone()].as_chunks().0.get(block).map(|sum| u32::from_le_bytes(*sum));
            if sum != Some(crc32fast::hash(content)) {
                return Err(format!("the {BLOCK} bytes from byte {start} on are damaged"));
            }
            if let Some(word) = self.sound.get(word) {
                word.fetch_or(bit, Relaxed);
            }
        }
        Ok(())
    }
}
