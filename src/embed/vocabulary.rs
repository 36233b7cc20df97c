//! The word pieces as a hash table that is read in place in the model file.
//!
//! The table has open addressing with linear probing. A slot holds a piece's number plus one, or 0 if it is empty. The
//! hash is FNV-1a over the piece's letters, with another initial state for pieces that continue a word: `##ing` is stored
//! with its `##` and hashed without. So one pass gives the hashes of all prefixes of a word.

/// Where in a word a piece may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PieceKind {
    /// At the beginning: `play`.
    Start,
    /// After another piece: `##ing`.
    Continuation,
}

/// The mark of a piece that continues a word.
const MARK: &[u8] = b"##";

/// The hash of the first bytes of a piece.
#[derive(Clone, Copy)]
struct Hash(u32);

impl Hash {
    /// The hash of no bytes.
    fn new(kind: PieceKind) -> Self {
        Self(if kind == PieceKind::Start { 0x811c_9dc5 } else { 0x050c_5d1f })
    }

    /// The hash with one more byte.
    fn with(self, byte: u8) -> Self {
        Self((self.0 ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    }

    /// The first slot to look at. The upper half is mixed in, as the low bits of FNV are its weakest.
    fn slot(self, slots: usize) -> usize {
        (self.0 ^ (self.0 >> 15)) as usize & (slots - 1)
    }
}

/// The vocabulary of a model file, borrowed. A damaged table gives wrong pieces, but no panic.
#[derive(Clone, Copy, Debug)]
pub(super) struct Vocabulary<'a> {
    /// Where each piece ends in `pieces`; a piece's number is its place here.
    pub(super) ends: &'a [[u8; 4]],
    /// The pieces, one after the other.
    pub(super) pieces: &'a [u8],
    /// The hash table; the number of slots is a power of two.
    pub(super) slots: &'a [[u8; 4]],
    /// Bytes of the longest piece, without its mark.
    pub(super) longest: usize,
}

impl<'a> Vocabulary<'a> {
    /// The bytes of piece `id`, with its mark if it continues a word.
    pub(super) fn piece(&self, id: u32) -> Option<&'a [u8]> {
        let end = |id: usize| self.ends.get(id).map(|end| u32::from_le_bytes(*end) as usize);
        let start = if id == 0 { 0 } else { end(id as usize - 1)? };
        self.pieces.get(start..end(id as usize)?)
    }

    /// The longest piece that `word` starts with, as its number and length in bytes.
    pub(super) fn longest_match(&self, word: &str, kind: PieceKind) -> Option<(u32, usize)> {
        let bytes = word.as_bytes();
        let limit = bytes.len().min(self.longest).min(MAX_PIECE);
        let mut hashes = [Hash::new(kind); MAX_PIECE + 1];
        for at in 0..limit {
            hashes[at + 1] = hashes[at].with(bytes[at]);
        }
        (1..=limit)
            .rev()
            .filter(|len| word.is_char_boundary(*len))
            .find_map(|len| Some((self.find(&bytes[..len], kind, hashes[len])?, len)))
    }

    /// The number of the piece with these letters, whose hash is given.
    fn find(&self, letters: &[u8], kind: PieceKind, hash: Hash) -> Option<u32> {
        let first = hash.slot(self.slots.len());
        for probe in 0..self.slots.len() {
            let slot = u32::from_le_bytes(self.slots[(first + probe) & (self.slots.len() - 1)]);
            let id = slot.checked_sub(1)?;
            let piece = self.piece(id)?;
            let found = match kind {
                PieceKind::Start => piece == letters,
                PieceKind::Continuation => piece.strip_prefix(MARK) == Some(letters),
            };
            if found {
                return Some(id);
            }
        }
        None
    }
}

/// The most bytes of a piece, without its mark.
pub(super) const MAX_PIECE: usize = 128;

/// The kind and the letters of a piece. A lone `##` is a piece that starts a word.
pub(super) fn letters(piece: &[u8]) -> (PieceKind, &[u8]) {
    match piece.strip_prefix(MARK) {
        Some(rest) if !rest.is_empty() => (PieceKind::Continuation, rest),
        _ => (PieceKind::Start, piece),
    }
}

/// Bytes of the longest of `pieces`, without marks.
pub(super) fn longest(pieces: &[String]) -> usize {
    pieces.iter().map(|piece| letters(piece.as_bytes()).1.len()).max().unwrap_or(0)
}

/// The table over `pieces`, at most half full. Of equal pieces the first is found.
pub(super) fn slots(pieces: &[String]) -> Vec<u32> {
    let mut slots = vec![0; (2 * pieces.len()).next_power_of_two()];
    for (id, piece) in (1..).zip(pieces) {
        let (kind, letters) = letters(piece.as_bytes());
        let hash = letters.iter().fold(Hash::new(kind), |hash, byte| hash.with(*byte));
        let mut at = hash.slot(slots.len());
        while slots[at] != 0 {
            at = (at + 1) & (slots.len() - 1);
        }
        slots[at] = id;
    }
    slots
}
