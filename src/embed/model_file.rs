//! The format of the model file: its header, its checksum, and how its arrays are packed.
//!
//! The file is a header of fixed size, then arrays in a fixed order, each starting at the next multiple of 64
//! bytes; every length follows from the header, so no offsets are stored. All numbers are little-endian. `model.rs`
//! reads the file, `convert.rs` writes it.
//!
//! A file that is mapped isn't read as a whole when a question is asked. So the last array has the CRC-32 of each 4 KiB
//! between header and that array, and the checksum in front, by BLAKE3, is that of the header's numbers and of this array. In
//! the first version of the format there were no such sums, and the checksum was that of all that follows it.
//!
//! Word rows are `i8` with one scale a row, or 4 bits a number: 18 bytes for each 32 of them, a half-precision scale and codes
//! from 0 to 15 for -8 to 7, those of the first sixteen numbers in the lower halves of the bytes. The weights of a linear map are `i8` with one scale per output channel,
//! packed as panels of 16 channels with the inputs in groups of four:
//! `[channel / 16][input / 4][channel % 16][input % 4]`. The column sums of the weights cancel the activations' zero
//! point. Inputs are multiplied by the factors first, which even out their ranges.
//!
//! ```text
//! name              u8  [name_len]
//! query_prefix      u8  [query_prefix_len]    what stands before a question, and
//! passage_prefix    u8  [passage_prefix_len]  before a passage
//! of word pieces:
//!   piece_ends      u32 [pieces]
//!   pieces          u8  [pieces_len]
//!   slots           u32 [slots]
//! of a unigram model:
//!   trie            u32 [trie]                the pieces with their numbers; see `double_array.rs`
//!   scores          f32 [pieces]
//!   char_trie       u32 [char_trie]           how characters are written; see `char_map.rs`
//!   char_texts      u8  [char_texts_len]
//! word_rows         i8  [pieces][hidden]      or [pieces][18 hidden / 32] of 4 bits
//! word_scales       f32 [pieces]              none for 4 bits
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
//! sums              u32 [blocks]              one for each block of 4 KiB after the header
//! ```

use std::ops::Range;

use crate::likeness::{LikenessScale, Measured};
use crate::word_vector::BITS;

/// The first bytes of a model file.
pub(super) const MAGIC: [u8; 8] = *b"qsmodel\n";
/// The version of the format.
pub(super) const VERSION: u32 = 2;
/// The first version, that of the bundled model.
const FIRST_VERSION: u32 = 1;
/// The place of the checksum: after magic and version.
pub(super) const CHECKSUM: Range<usize> = 12..44;
/// The length of magic, version, checksum and the fields of [`Header`].
pub(super) const HEADER_LEN: usize = CHECKSUM.end + 4 * Header::FIELDS;
/// The same in the first version.
const FIRST_HEADER_LEN: usize = CHECKSUM.end + 4 * Header::FIRST_FIELDS;
/// Bytes that have one sum.
pub(super) const BLOCK: usize = 4096;
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
/// The flag of a model whose vocabulary is a unigram model's.
pub(super) const UNIGRAM: u32 = 8;
/// The flag of a unigram tokenizer in which white space separates words.
pub(super) const SEPARATE: u32 = 16;
/// The flag of a unigram tokenizer for which several blanks are as one.
pub(super) const COLLAPSE: u32 = 32;
/// The flag of a unigram tokenizer that leaves out white space at the end.
pub(super) const STRIP_END: u32 = 64;
/// The flag of a unigram tokenizer that puts a blank before the first word only.
pub(super) const PREPEND_FIRST: u32 = 128;
/// The flag of a unigram tokenizer that puts a blank before no word.
pub(super) const PREPEND_NEVER: u32 = 256;
/// The flag of a model whose word table has 4 bits a number.
pub(super) const FOUR_BITS: u32 = 512;
/// The flag of a model whose [likeness](Header::likeness) was measured.
pub(super) const MEASURED: u32 = 1024;
/// The flag of a unigram tokenizer whose `<mask>` takes in the white space before it.
pub(super) const MASK_STRIPS: u32 = 2048;
/// All flags.
const FLAGS: u32 = 2 * MASK_STRIPS - 1;
/// How many numbers say what a model's cosines mean.
pub(super) const LIKENESS: usize = 8;
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
    /// [`FIRST_TOKEN`], [`CASED`], [`PROJECTED`] and those that follow them.
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
    /// The ids of `[PAD]`, `[UNK]`, `[CLS]`, `[SEP]`, `[MASK]`, or of what another vocabulary has for them.
    pub(super) specials: [u32; 5],
    /// Bytes of the question's prefix.
    pub(super) query_prefix_len: u32,
    /// Bytes of the passage's prefix.
    pub(super) passage_prefix_len: u32,
    /// Bytes up to the end of the last array before the sums; 0 in the first version.
    pub(super) body_len: u32,
    /// Units of the trie of pieces.
    pub(super) trie: u32,
    /// Units of the trie of characters.
    pub(super) char_trie: u32,
    /// Bytes of what characters are written as.
    pub(super) char_texts_len: u32,
    /// The bits of the least score of a piece, an `f32`.
    pub(super) least_score: u32,
    /// The bits of the numbers, `f32`, that say what the model's cosines mean.
    pub(super) likeness: [u32; LIKENESS],
}

impl Header {
    /// How many numbers of 32 bits there are: as many as fit before the first array. The last three are zeros.
    const FIELDS: usize = 37;
    /// How many there were in the first version. In older files the last two of them are padding of zeros: no prefixes.
    const FIRST_FIELDS: usize = 21;

    /// All fields in the order of the file.
    pub(super) fn fields(&self) -> [u32; Self::FIELDS] {
        let [pad, unknown, cls, sep, mask] = self.specials;
        let mut fields = [0; Self::FIELDS];
        let first = [
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
            self.body_len,
            self.trie,
            self.char_trie,
            self.char_texts_len,
            self.least_score,
        ];
        fields[..first.len()].copy_from_slice(&first);
        fields[first.len()..][..LIKENESS].copy_from_slice(&self.likeness);
        fields
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
            body_len,
            trie,
            char_trie,
            char_texts_len,
            least_score,
            likeness @ ..,
            _,
            _,
            _,
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
            body_len,
            trie,
            char_trie,
            char_texts_len,
            least_score,
            likeness,
        }
    }

    /// Notes the mean cosines of the model on known texts.
    pub(super) fn set_likeness(&mut self, measured: Measured) {
        let Measured { unrelated, related, passages_near, passages_unrelated, least, most } = measured;
        let numbers = [unrelated, related, passages_near, passages_unrelated, least, most];
        self.likeness = [0; LIKENESS];
        for (field, number) in self.likeness.iter_mut().zip(numbers) {
            *field = number.to_bits();
        }
        self.flags |= MEASURED;
    }

    /// How the model's cosines are read.
    pub(super) fn likeness_scale(&self) -> LikenessScale {
        if !self.has(MEASURED) {
            return LikenessScale::OWN;
        }
        let [unrelated, related, passages_near, passages_unrelated, least, most, ..] =
            self.likeness.map(f32::from_bits);
        LikenessScale::new(Measured { unrelated, related, passages_near, passages_unrelated, least, most })
    }

    /// Whether a flag is set.
    pub(super) fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
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
        within("its set of flags", self.flags, 0, FLAGS)?;
        within("its number of word pieces", self.pieces, 1, 1 << 20)?;
        if self.has(UNIGRAM) {
            within("its trie of pieces", self.trie, 1, 1 << 26)?;
            within("its trie of characters", self.char_trie, 0, 1 << 24)?;
            if !f32::from_bits(self.least_score).is_finite() {
                return Err("its least score isn't a number".into());
            }
        } else {
            within("the length of its longest word piece", self.longest_piece, 1, 1024)?;
            within("its number of slots", self.slots, self.pieces, 1 << 24)?;
            if !self.slots.is_power_of_two() {
                return Err("its number of slots isn't a power of two".into());
            }
        }
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
        let epsilon = f32::from_bits(self.epsilon);
        if !(0.0..=1.0).contains(&epsilon) {
            return Err(format!("its epsilon is {epsilon}"));
        }
        Ok(())
    }
}

/// The header of a file that is as long as it says, with numbers that [`Header::check`] accepts, and how long it is.
pub(super) fn read_header(bytes: &[u8]) -> std::result::Result<(Header, usize), String> {
    let short = || "it's too short for a model file".to_owned();
    if !bytes.starts_with(&MAGIC) {
        return Err("it isn't a model file".into());
    }
    let (head, _) = bytes.split_at_checked(FIRST_HEADER_LEN).ok_or_else(short)?;
    let version = u32::from_le_bytes([head[8], head[9], head[10], head[11]]);
    let length = match version {
        FIRST_VERSION => FIRST_HEADER_LEN,
        VERSION => HEADER_LEN,
        _ => return Err(format!("its format is {version}, and this qsearch reads up to {VERSION}")),
    };
    let (head, _) = bytes.split_at_checked(length).ok_or_else(short)?;
    let mut fields = [0; Header::FIELDS];
    for (field, bytes) in fields.iter_mut().zip(head[CHECKSUM.end..].as_chunks().0) {
        *field = u32::from_le_bytes(*bytes);
    }
    let header = Header::from_fields(fields);
    if header.file_len as usize != bytes.len() {
        return Err(format!("it has {} bytes instead of {}", bytes.len(), header.file_len));
    }
    let body = header.body_len as usize;
    let is_whole = body >= length && sums(body).end == bytes.len();
    if (version == VERSION && !is_whole) || (version == FIRST_VERSION && body != 0) {
        return Err("its sums aren't where they should be".into());
    }
    header.check()?;
    Ok((header, length))
}

/// Where the sums of the blocks of a file stand whose other arrays end at `body`.
pub(super) fn sums(body: usize) -> Range<usize> {
    let start = body.next_multiple_of(ALIGNMENT);
    start..start + 4 * body.saturating_sub(HEADER_LEN).div_ceil(BLOCK)
}

/// The checksum of a file with sums whose other arrays end at `body`, which must be within it: that of the header's numbers
/// and of what follows these arrays.
pub(super) fn checksum(bytes: &[u8], body: usize) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&bytes[CHECKSUM.end..HEADER_LEN]);
    hasher.update(&bytes[body..]);
    *hasher.finalize().as_bytes()
}

/// Checks the checksum of a file of the first version, which is read whole for that; `None` for one with sums.
pub(super) fn verify_first(bytes: &[u8]) -> Option<std::result::Result<(), String>> {
    if bytes.get(8..12)? != FIRST_VERSION.to_le_bytes() {
        return None;
    }
    let stored = bytes.get(CHECKSUM)?;
    let is_right = *stored == *blake3::hash(&bytes[CHECKSUM.end..]).as_bytes();
    Some(if is_right { Ok(()) } else { Err("its checksum doesn't match its content".into()) })
}
