//! Numbers in groups of seven bits, the lowest first (LEB128): small ones take a byte.

/// Writes a number.
pub(crate) fn push(to: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

/// Takes what [`push`] wrote from the front; what is cut off counts as if it ended there.
pub(crate) fn take(from: &mut &[u8]) -> usize {
    let mut number = 0;
    let mut shift = 0;
    while let Some((&byte, rest)) = from.split_first() {
        *from = rest;
        if shift < usize::BITS {
            number |= usize::from(byte & 0x7F) << shift;
        }
        shift += 7;
        if byte < 0x80 {
            break;
        }
    }
    number
}
