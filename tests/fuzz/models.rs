//! What must hold of model files and vocabularies that come from outside. Each target panics if it doesn't.

// Each fuzzer uses one of them.
#![allow(dead_code, clippy::allow_attributes, reason = "a fuzzer uses one target of this file")]

use qsearch::embed::{Embedder, Encoder, convert};

/// A model file of any bytes is refused or used, also if its sums are right.
pub(crate) fn model(data: &[u8]) {
    let mut file = data.to_vec();
    set_sums(&mut file);
    if let Ok(encoder) = Encoder::from_bytes("fuzz", file) {
        // Weights of any size may give what isn't a number, which is an error.
        if let Ok(vector) = encoder.embed_query("what is the GIL") {
            assert_eq!(vector.len(), encoder.dim());
        }
        encoder.tokens("Ünder\u{200b}stood 漢字 ##x <mask>");
    }
}

/// Gives a model file the sums of its blocks and the checksum that it should have, in either version of the format.
fn set_sums(file: &mut [u8]) {
    const CHECKSUM: std::ops::Range<usize> = 12..44;
    const HEADER: usize = 192;
    const BODY: std::ops::Range<usize> = 128..132;
    if file.len() <= CHECKSUM.end {
        return;
    }
    if file.get(8) == Some(&1) {
        let sum = blake3::hash(&file[CHECKSUM.end..]);
        file[CHECKSUM].copy_from_slice(sum.as_bytes());
        return;
    }
    let Some(body) = file.get(BODY).and_then(|bytes| bytes.first_chunk()) else { return };
    let body = u32::from_le_bytes(*body) as usize;
    if file.len() < HEADER || !(HEADER..=file.len()).contains(&body) {
        return;
    }
    let sums: Vec<u8> =
        file[HEADER..body].chunks(4096).flat_map(|block| crc32fast::hash(block).to_le_bytes()).collect();
    let start = body.next_multiple_of(64);
    if let Some(place) = file.get_mut(start..start + sums.len()) {
        place.copy_from_slice(&sums);
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update(&file[CHECKSUM.end..HEADER]);
    hasher.update(&file[body..]);
    file[CHECKSUM].copy_from_slice(hasher.finalize().as_bytes());
}

/// A `tokenizer.json` of any bytes is refused, or has a vocabulary.
pub(crate) fn vocabulary(data: &[u8]) {
    if let Ok(Some(pieces)) = convert::pieces_in("tokenizer.json", data) {
        assert!(pieces > 0);
    }
}
