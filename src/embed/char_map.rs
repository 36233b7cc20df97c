//! How a model of `SentencePiece` wants characters written: its precompiled map, read in place.
//!
//! The map has sequences of characters, mostly one or two, with what stands for each: `ﬁ` is `fi`, a full-width `Ａ` is `A`,
//! many kinds of blanks are one, and some controls are nothing. In the format of `SentencePiece` (`normalizer.cc`) a trie
//! gives for each sequence the place of a text that ends with a zero byte.

use super::double_array::DoubleArray;

/// No sequence is written with more bytes, its zero byte included: a long text for each character of a note would fill the
/// memory. The longest that NFKC makes has 33.
const LONGEST: usize = 256;

/// A map of characters, borrowed. A damaged one gives wrong texts, but no panic.
#[derive(Clone, Copy, Debug)]
pub(super) struct CharMap<'a> {
    /// The sequences, with the place of what stands for each.
    pub(super) sequences: DoubleArray<'a>,
    /// What stands for them, each with a zero byte behind it.
    pub(super) texts: &'a [u8],
}

impl<'a> CharMap<'a> {
    /// What stands for a piece of text; `None` if that is written as it should be. As in the reference, the shortest
    /// sequence that the piece begins with decides for all of it.
    pub(super) fn get(&self, piece: &str) -> Option<&'a str> {
        let mut place = None;
        self.sequences.prefixes(piece.as_bytes(), |value, _| {
            place = Some(value as usize);
            false
        });
        let place = place?;
        let text = self.texts.get(place..self.texts.len().min(place.saturating_add(LONGEST)))?;
        let end = text.iter().position(|byte| *byte == 0)?;
        std::str::from_utf8(&text[..end]).ok()
    }
}

/// Takes apart a precompiled map as `SentencePiece` writes it: the length of the trie in bytes, the trie, the texts. The
/// error is a phrase.
pub(super) fn parts(map: &[u8]) -> Result<(&[u8], &[u8]), String> {
    let damaged = || "its precompiled map of characters is damaged".to_owned();
    let (length, rest) = map.split_first_chunk().ok_or_else(damaged)?;
    let length = u32::from_le_bytes(*length) as usize;
    let (units, texts) = rest.split_at_checked(length).ok_or_else(damaged)?;
    let is_whole = length.is_multiple_of(4) && std::str::from_utf8(texts).is_ok();
    if is_whole { Ok((units, texts)) } else { Err(damaged()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::double_array::build;

    #[test]
    fn the_shortest_sequence_decides() {
        let texts = b"fi\0 \0\0";
        let keys: [(&[u8], u32); 3] = [(b"\x01", 5), (b"\t", 3), ("ﬁ".as_bytes(), 0)];
        let units = build(&keys).unwrap();
        let mut map = (units.len() as u32).to_le_bytes().to_vec();
        map.extend(&units);
        map.extend(texts);
        let (units, texts) = parts(&map).unwrap();
        let map = CharMap { sequences: DoubleArray(units.as_chunks().0), texts };
        assert_eq!(
            (map.get("ﬁ"), map.get("\t"), map.get("\u{1}"), map.get("a")),
            (Some("fi"), Some(" "), Some(""), None)
        );
        assert_eq!(map.get("\tx"), Some(" "));
        assert_eq!(CharMap { texts: b"fi", ..map }.get("ﬁ"), None);
        let long = [b'x'; 2 * LONGEST];
        assert_eq!(CharMap { texts: &long, ..map }.get("ﬁ"), None);
    }

    #[test]
    fn damage_is_told() {
        for map in [&b""[..], b"\x04\0\0", b"\x08\0\0\0abcd", b"\x03\0\0\0abc", b"\x04\0\0\0abcd\xff"] {
            assert!(parts(map).is_err(), "{map:?}");
        }
        assert!(parts(b"\x04\0\0\0abcdx\0").is_ok());
    }
}
