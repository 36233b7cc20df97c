//! A trie over byte strings, read in place as a double array.
//!
//! The units are those of Darts-clone (Yata), which `SentencePiece` uses as well: 32 bits, little-endian, with the label of a
//! node in bits 0 to 7, whether a value follows in bit 8, and the offset to its children from bit 10 on, shifted by eight
//! more if bit 9 is set; in a unit with bit 31 set the lower bits are a value. A damaged array gives wrong values, but neither
//! a panic nor an endless walk.

/// A double array, borrowed.
#[derive(Clone, Copy, Debug)]
pub(super) struct DoubleArray<'a>(pub(super) &'a [[u8; 4]]);

impl DoubleArray<'_> {
    /// Visits the strings of the trie that `text` begins with, the shortest first: the value of each and its length in
    /// bytes. Stops when `visit` says no.
    pub(super) fn prefixes(&self, text: &[u8], mut visit: impl FnMut(u32, usize) -> bool) {
        let Some(root) = self.unit(0) else { return };
        let mut at = children(root);
        for (length, &byte) in (1..).zip(text) {
            let Some(unit) = self.unit(at ^ u32::from(byte)) else { return };
            // A value has bit 31 set, and so is no node of any label.
            if byte == 0 || unit & 0x8000_00ff != u32::from(byte) {
                return;
            }
            at ^= u32::from(byte) ^ children(unit);
            if unit & 0x100 != 0 {
                let value = self.unit(at).unwrap_or_default() & 0x7fff_ffff;
                if !visit(value, length) {
                    return;
                }
            }
        }
    }

    /// A unit, if there is one at this place.
    fn unit(&self, at: u32) -> Option<u32> {
        self.0.get(at as usize).map(|bytes| u32::from_le_bytes(*bytes))
    }
}

/// The offset to the children of a node, which is combined with the place of the node and a label by exclusive or.
fn children(unit: u32) -> u32 {
    (unit >> 10) << ((unit & 0x200) >> 6)
}

/// The units of the trie over `keys` with their values, which must be in ascending order of the keys, distinct, not empty
/// and without zero bytes; `None` if they aren't, or if a value takes more than 31 bits.
pub(super) fn build(keys: &[(&[u8], u32)]) -> Option<Vec<u8>> {
    let is_right = |(key, value): &(&[u8], u32)| !key.is_empty() && !key.contains(&0) && value >> 31 == 0;
    if keys.is_empty() || !keys.iter().all(is_right) || !keys.is_sorted_by(|a, b| a.0 < b.0) {
        return None;
    }
    yada::builder::DoubleArrayBuilder::build(keys).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefixes(units: &[u8], text: &str) -> Vec<(u32, usize)> {
        let mut found = Vec::new();
        DoubleArray(units.as_chunks().0).prefixes(text.as_bytes(), |value, length| {
            found.push((value, length));
            true
        });
        found
    }

    #[test]
    fn all_prefixes_are_found_from_the_shortest() {
        let keys: [(&[u8], u32); 5] =
            [(b"a", 7), (b"ab", 0), (b"abcd", 3), (b"b", 1), ("\u{2581}é".as_bytes(), 9)];
        let units = build(&keys).unwrap();
        assert_eq!(prefixes(&units, "abcde"), [(7, 1), (0, 2), (3, 4)]);
        assert_eq!(prefixes(&units, "abcc"), [(7, 1), (0, 2)]);
        assert_eq!(prefixes(&units, "\u{2581}é"), [(9, 5)]);
        assert!(prefixes(&units, "").is_empty() && prefixes(&units, "xa").is_empty());
        assert!(prefixes(&units, "\0").is_empty());
    }

    #[test]
    fn what_no_trie_can_have_is_refused() {
        let refused: [&[(&[u8], u32)]; 5] =
            [&[], &[(b"", 1)], &[(b"a\0", 1)], &[(b"b", 1), (b"a", 2)], &[(b"a", 1 << 31)]];
        for keys in refused {
            assert!(build(keys).is_none(), "{keys:?}");
        }
    }

    #[test]
    fn any_bytes_can_be_walked() {
        for seed in 0..2000_u32 {
            let mut state = seed.wrapping_mul(2_654_435_761) | 1;
            let mut next = || {
                state ^= state << 13;
                state ^= state >> 17;
                state ^= state << 5;
                state
            };
            let units: Vec<u8> =
                (0..next() % 64).flat_map(|_| (next() & 0x8000_3fff).to_le_bytes()).collect();
            prefixes(&units, "abcdefgh\u{1}\u{2}\u{3}");
        }
    }
}
