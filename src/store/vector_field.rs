//! What a document carries to the plugin: the vectors of its passage, as the bytes of one field.

use super::vectors::Vector;
use super::windows::Windows;

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
