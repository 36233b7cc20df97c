//! Values to bytes and back: the one file that names `bincode`.
//!
//! Bytes are `version, CRC-32 of the rest, bincode`. Reading allocates no more than the limit, whatever the
//! bytes say, and damage is found before anything is decoded.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The version of all encoded values; the index's format covers their structure.
const VERSION: u8 = 1;

/// The greatest encoded value: about as much as the table of a million files.
const LIMIT: usize = 1 << 28;

/// The bytes before the value: version and checksum.
const HEADER: usize = 5;

/// The most bytes of an encoded value.
pub(super) const MOST_BYTES: u64 = (LIMIT + HEADER) as u64;

/// Encodes a value. Fails only for one that is larger than 256 MiB.
pub(super) fn encode(value: &impl Serialize) -> Result<Vec<u8>, String> {
    let body = bincode::serde::encode_to_vec(value, bincode::config::standard())
        .map_err(|error| error.to_string())?;
    if body.len() > LIMIT {
        return Err(format!("{} bytes are too many for one record", body.len()));
    }
    let mut bytes = Vec::with_capacity(HEADER + body.len());
    bytes.push(VERSION);
    bytes.extend_from_slice(&crc32fast::hash(&body).to_le_bytes());
    bytes.extend_from_slice(&body);
    Ok(bytes)
}

/// Decodes a value; an error says what is wrong with the bytes.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let Some((header, body)) = bytes.split_first_chunk::<HEADER>() else {
        return Err("a record is cut off".into());
    };
    let [version, crc @ ..] = *header;
    if version != VERSION {
        return Err(format!("a record has the unknown version {version}"));
    }
    if crc32fast::hash(body) != u32::from_le_bytes(crc) {
        return Err("the checksum of a record doesn't match".into());
    }
    let config = bincode::config::standard().with_limit::<LIMIT>();
    match bincode::serde::decode_from_slice(body, config) {
        Ok((value, used)) if used == body.len() => Ok(value),
        Ok(_) => Err("a record is longer than its content".into()),
        Err(_) => Err("a record isn't what it should be".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let value = (7u128, "text".to_owned(), vec![1u32, 2, 3]);
        let bytes = encode(&value).unwrap();
        assert_eq!(decode::<(u128, String, Vec<u32>)>(&bytes), Ok(value));
        for at in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[at / 8] ^= 1 << (at % 8);
            assert!(decode::<(u128, String, Vec<u32>)>(&damaged).is_err(), "bit {at}");
        }
        for end in 0..bytes.len() {
            assert!(decode::<(u128, String, Vec<u32>)>(&bytes[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn a_length_that_lies_allocates_nothing() {
        // A vector that claims 2^62 elements.
        let mut body = vec![253];
        body.extend_from_slice(&(1u64 << 62).to_le_bytes());
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&crc32fast::hash(&body).to_le_bytes());
        bytes.extend_from_slice(&body);
        assert!(decode::<Vec<u64>>(&bytes).is_err());
    }
}
