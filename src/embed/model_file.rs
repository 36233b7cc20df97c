//! The format of the model file: its header, its checksum, and how its arrays are packed.
//!
//! The file is a header of fixed size, then arrays in a fixed order, each starting at the next multiple of 64
//! bytes; every length follows from the header, so no offsets are stored. All numbers are little-endian. `model.rs`
//! reads the file, `convert.rs` writes it.
//!
//! Word rows are `i8` with one scale a row. The weights of a linear map are `i8` with one scale per output channel,
//! packed as panels of 16 channels with the inputs in groups of four:
//! `[channel / 16][input / 4][channel % 16][input % 4]`. The column sums of the weights cancel the activations' zero
//! point. Inputs are multiplied by the factors first, which even out their ranges.
//!
//! ```text
//! name              u8  [name_len]
//! query_prefix      u8  [query_prefix_len]    what stands before a question, and
//! passage_prefix    u8  [passage_prefix_len]  before a passage
//! piece_ends        u32 [pieces]
//! pieces            u8  [pieces_len]
//! slots             u32 [slots]
//! word_rows         i8  [pieces][hidden]
//! word_scales       f32 [pieces]
//! positions         f32 [positions][hidden]   with token type 0 added
//! gain, shift       f32 [hidden] each
//! for each layer:
//!   attention in    factors f32 [hidden], weights i8 [3 hidden][hidden],
//!                   scales f32, biases f32, sums i32 [3 hidden] each; query, key, value
//!   attention out   the same,  [hidden][hidden]
//!   gain, shift     f32 [hidden] each
//!   feed-forward in the same,  [intermediate][hidden]
//!   feed-forward out the same, [hidden][intermediate]
//!   gain, shift     f32 [hidden] each
//! word projection   the same,  [128][hidden]; only if the flags say so. The first 96 outputs are a word's vector
//! ```

use std::ops::Range;

use crate::error::{Error, Result};
use crate::word_vector::BITS;

/// The first bytes of a model file.
pub(super) const MAGIC: [u8; 8] = *b"qsmodel\n";
/// The version of the format.
pub(super) const VERSION: u32 = 1;
/// The place of the checksum: after magic and version.
pub(super) const CHECKSUM: Range<usize> = 12..44;
/// The length of magic, version, checksum and the fields of [`Header`].
pub(super) const HEADER_LEN: usize = CHECKSUM.end + 4 * Header::FIELDS;
/// Each array starts at a multiple of so many bytes: a cache line, and the widest vector register.
pub(super) const ALIGNMENT: usize = 64;
/// Output channels in one panel of packed weights.
pub(super) const PANEL: usize = 16;
/// Inputs that are next to each other in a panel: as many as one `vpdpbusd` lane multiplies.
pub(super) const GROUP: usize = 4;
/// Layer widths are multiples of this: four panels, the width of a kernel's tile.
pub(super) const TILE: usize = 4 * PANEL;

/// The most bytes of a prefix.
pub(super) const MAX_PREFIX: usize = 1000;
/// The flag of a model that pools the first token.
pub(super) const FIRST_TOKEN: u32 = 1;
/// The flag of a model whose vocabulary has capitals and accents.
pub(super) const CASED: u32 = 2;
/// The flag of a model that has a projection of last states to vectors of words.
pub(super) const PROJECTED: u32 = 4;
/// The outputs of that projection: those of a word's vector, and zeros up to the width of a tile.
pub(super) const PROJECTION: usize = BITS.next_multiple_of(TILE);

/// The numbers of the header, whose order in the file [`fields`](Self::fields) fixes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Header {
    /// Bytes of the whole file; limits it to 4 GiB.
    pub(super) file_len: u32,
    /// Bytes of the name.
    pub(super) name_len: u32,
    /// Transformer layers.
    pub(super) layers: u32,
    /// Attention heads of a layer; the hidden size is divided among them.
    pub(super) heads: u32,
    /// Values of a token's state, and of a vector.
    pub(super) hidden: u32,
    /// Values in the middle of the feed-forward part.
    pub(super) intermediate: u32,
    /// Rows of the position table.
    pub(super) positions: u32,
    /// The most tokens of a text that are read, special ones included; at most the positions.
    pub(super) max_tokens: u32,
    /// [`FIRST_TOKEN`], [`CASED`] and [`PROJECTED`].
    pub(super) flags: u32,
    /// The bits of an `f32`.
    pub(super) epsilon: u32,
    /// Word pieces in the vocabulary.
    pub(super) pieces: u32,
    /// Bytes of all word pieces together.
    pub(super) pieces_len: u32,
    /// Slots of the vocabulary's hash table, a power of two.
    pub(super) slots: u32,
    /// Bytes of the longest word piece, without its mark.
    pub(super) longest_piece: u32,
    /// The ids of `[PAD]`, `[UNK]`, `[CLS]`, `[SEP]`, `[MASK]`.
    pub(super) specials: [u32; 5],
    /// Bytes of the question's prefix.
    pub(super) query_prefix_len: u32,
    /// Bytes of the passage's prefix.
    pub(super) passage_prefix_len: u32,
}

impl Header {
    /// How many numbers of 32 bits there are: as many as fit before the first array. In older files the last two are
    /// padding of zeros: no prefixes.
    const FIELDS: usize = 21;

    /// All fields in the order of the file.
    pub(super) fn fields(&self) -> [u32; Self::FIELDS] {
        let [pad, unknown, cls, sep, mask] = self.specials;
        [
            self.file_len,
            self.name_len,
            self.layers,
            self.heads,
            self.hidden,
            self.intermediate,
            self.positions,
            self.max_tokens,
            self.flags,
            self.epsilon,
            self.pieces,
            self.pieces_len,
            self.slots,
            self.longest_piece,
            pad,
            unknown,
            cls,
            sep,
            mask,
            self.query_prefix_len,
            self.passage_prefix_len,
        ]
    }

    /// The inverse of [`fields`](Self::fields).
    fn from_fields(fields: [u32; Self::FIELDS]) -> Self {
        let [
            file_len,
            name_len,
            layers,
            heads,
            hidden,
            intermediate,
            positions,
            max_tokens,
            flags,
            epsilon,
            pieces,
            pieces_len,
            slots,
            longest_piece,
            pad,
            unknown,
            cls,
            sep,
            mask,
            query_prefix_len,
            passage_prefix_len,
        ] = fields;
        Self {
            file_len,
            name_len,
            layers,
            heads,
            hidden,
            intermediate,
            positions,
            max_tokens,
            flags,
            epsilon,
            pieces,
            pieces_len,
            slots,
            longest_piece,
            specials: [pad, unknown, cls, sep, mask],
            query_prefix_len,
            passage_prefix_len,
        }
    }

    /// Checks that an encoder can run with these numbers; the error is a phrase. The upper limits keep sums of products
    /// within 32 bits and allocations within reason.
    pub(super) fn check(&self) -> std::result::Result<(), String> {
        let within = |name: &str, value: u32, least: u32, most: u32| {
            if (least..=most).contains(&value) {
                Ok(())
            } else {
                Err(format!("{name} is {value}, and can be {least} to {most}"))
            }
        };
        within("the length of its name", self.name_len, 1, 200)?;
        within("its number of layers", self.layers, 1, 100)?;
        within("its hidden size", self.hidden, 64, 8192)?;
        within("its number of heads", self.heads, 1, self.hidden / 16)?;
        within("its intermediate size", self.intermediate, 64, 32768)?;
        within("its number of positions", self.positions, 2, 65536)?;
        within("its token limit", self.max_tokens, 3, self.positions)?;
        within("its set of flags", self.flags, 0, FIRST_TOKEN | CASED | PROJECTED)?;
        within("its number of word pieces", self.pieces, 1, 1 << 20)?;
        within("the length of its longest word piece", self.longest_piece, 1, 1024)?;
        within("its number of slots", self.slots, self.pieces, 1 << 24)?;
        within("the length of its query prefix", self.query_prefix_len, 0, MAX_PREFIX as u32)?;
        within("the length of its passage prefix", self.passage_prefix_len, 0, MAX_PREFIX as u32)?;
        for id in self.specials {
            within("the number of a special token", id, 0, self.pieces - 1)?;
        }
        let tile = TILE as u32;
        if !self.hidden.is_multiple_of(tile) || !self.intermediate.is_multiple_of(tile) {
            return Err(format!("its layers aren't multiples of {tile} wide"));
        }
        if !self.hidden.is_multiple_of(self.heads) || !(self.hidden / self.heads).is_multiple_of(16) {
            return Err(format!("{} values can't be split into {} heads", self.hidden, self.heads));
        }
        if !self.slots.is_power_of_two() {
            return Err("its number of slots isn't a power of two".into());
        }
        let epsilon = f32::from_bits(self.epsilon);
        if !(0.0..=1.0).contains(&epsilon) {
            return Err(format!("its epsilon is {epsilon}"));
        }
        Ok(())
    }
}

/// Checks the checksum of a model file's content. `file` names it in errors.
pub(super) fn verify(file: &str, bytes: &[u8]) -> Result<()> {
    if !bytes.starts_with(&MAGIC) {
        return Err(Error::Model { name: file.into(), what: "it isn't a model file".into() });
    }
    let stored = bytes.get(CHECKSUM);
    if stored.is_some_and(|stored| *stored == *blake3::hash(&bytes[CHECKSUM.end..]).as_bytes()) {
        return Ok(());
    }
    Err(Error::Model { name: file.into(), what: "its checksum doesn't match its content".into() })
}

/// The header of a file that is as long as it says, with numbers that [`Header::check`] accepts.
pub(super) fn read_header(bytes: &[u8]) -> std::result::Result<Header, String> {
    let Some(head) = bytes.get(..HEADER_LEN) else {
        return Err("it's too short for a model file".into());
    };
    if head[..8] != MAGIC {
        return Err("it isn't a model file".into());
    }
    let version = u32::from_le_bytes([head[8], head[9], head[10], head[11]]);
    if version != VERSION {
        return Err(format!("its format is {version}, and this qsearch reads {VERSION}"));
    }
    let mut fields = [0; Header::FIELDS];
    for (field, bytes) in fields.iter_mut().zip(head[CHECKSUM.end..].as_chunks().0) {
        *field = u32::from_le_bytes(*bytes);
    }
    let header = Header::from_fields(fields);
    if header.file_len as usize != bytes.len() {
        return Err(format!("it has {} bytes instead of {}", bytes.len(), header.file_len));
    }
    header.check()?;
    Ok(header)
}
