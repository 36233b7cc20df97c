//! Writing the model file.

use crate::embed::model_file::{
    ALIGNMENT, BLOCK, CHECKSUM, HEADER_LEN, Header, MAGIC, VERSION, checksum, sums,
};

/// A model file that is being written: first room for the header, then the arrays.
pub(super) struct ModelWriter {
    bytes: Vec<u8>,
}

impl ModelWriter {
    /// A file without arrays.
    pub(super) fn new() -> Self {
        Self { bytes: vec![0; HEADER_LEN] }
    }

    /// Appends an array at the next aligned place.
    pub(super) fn array(&mut self, bytes: &[u8]) {
        self.bytes.resize(self.bytes.len().next_multiple_of(ALIGNMENT), 0);
        self.bytes.extend_from_slice(bytes);
    }

    /// Appends an array of floats.
    pub(super) fn floats(&mut self, values: &[f32]) {
        self.array(&values.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<_>>());
    }

    /// Appends the sums, fills in the header with its lengths and the checksum, and returns the file's content. The error is a
    /// phrase.
    pub(super) fn finish(mut self, header: &mut Header) -> Result<Vec<u8>, String> {
        let too_long = |_| "its integers take more than 4 GiB".to_owned();
        let sums = sums(self.bytes.len());
        header.body_len = u32::try_from(self.bytes.len()).map_err(too_long)?;
        header.file_len = u32::try_from(sums.end).map_err(too_long)?;
        let of_blocks: Vec<u8> = self.bytes[HEADER_LEN..]
            .chunks(BLOCK)
            .flat_map(|block| crc32fast::hash(block).to_le_bytes())
            .collect();
        self.array(&of_blocks);
        seal(&mut self.bytes, header);
        Ok(self.bytes)
    }

    /// Appends the vocabulary's three arrays: where pieces end, the pieces, and their hash table.
    pub(super) fn vocabulary(&mut self, pieces: &[String], slots: &[u32]) {
        let mut end = 0;
        let mut ends = Vec::new();
        for piece in pieces {
            end += piece.len() as u32;
            ends.extend_from_slice(&end.to_le_bytes());
        }
        self.array(&ends);
        self.array(pieces.concat().as_bytes());
        self.array(&slots.iter().flat_map(|slot| slot.to_le_bytes()).collect::<Vec<_>>());
    }
}

/// Fills in the header of a file that has all its arrays, and the checksum.
pub(super) fn seal(bytes: &mut [u8], header: &Header) {
    bytes[..8].copy_from_slice(&MAGIC);
    bytes[8..CHECKSUM.start].copy_from_slice(&VERSION.to_le_bytes());
    for (place, field) in bytes[CHECKSUM.end..].as_chunks_mut().0.iter_mut().zip(header.fields()) {
        *place = field.to_le_bytes();
    }
    let checksum = checksum(bytes, header.body_len as usize);
    bytes[CHECKSUM].copy_from_slice(&checksum);
}
