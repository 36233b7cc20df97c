//! Writing the model file.

use crate::embed::model_file::{ALIGNMENT, CHECKSUM, HEADER_LEN, Header, MAGIC, VERSION};

/// A model file that is being written: first room for the header, then the arrays.
pub(super) struct ModelWriter {
    bytes: Vec<u8>,
}

impl ModelWriter {
    /// A file without arrays.
    pub(super) fn new() -> Self {
        Self { bytes: vec![0; HEADER_LEN] }
    }

    /// Bytes of the file up to now.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
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

    /// Fills in the header and the checksum, and returns the file's content.
    pub(super) fn finish(mut self, header: &Header) -> Vec<u8> {
        self.bytes[..8].copy_from_slice(&MAGIC);
        self.bytes[8..CHECKSUM.start].copy_from_slice(&VERSION.to_le_bytes());
        for (place, field) in self.bytes[CHECKSUM.end..].as_chunks_mut().0.iter_mut().zip(header.fields()) {
            *place = field.to_le_bytes();
        }
        let checksum = blake3::hash(&self.bytes[CHECKSUM.end..]);
        self.bytes[CHECKSUM].copy_from_slice(checksum.as_bytes());
        self.bytes
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
