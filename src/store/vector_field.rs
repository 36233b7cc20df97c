//! The field that carries the vectors of a passage to the plugin, as bytes.

use super::part_vectors::PartVectors;
use super::vectors::Vector;

/// A passage's id, vector and sentence vectors in the bytes of a document's custom field.
pub(super) fn to_field(id: u128, vector: &Vector, sentences: &PartVectors) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(20 + vector.codes.len() + sentences.as_bytes().len());
    bytes.extend_from_slice(&id.to_le_bytes());
    bytes.extend_from_slice(&vector.scale.to_le_bytes());
    bytes.extend(vector.codes.iter().map(|&code| code as u8));
    bytes.extend_from_slice(sentences.as_bytes());
    bytes
}

/// The parts of such a field: that of the vector, and that of the sentence vectors.
pub(super) fn split_field(field: &[u8], dim: usize) -> (&[u8], &[u8]) {
    field.split_at(field.len().min(20 + dim))
}
