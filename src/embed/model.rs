//! The model file, read in place: bytes become a [`Model`] that borrows its weights from them.
//!
//! The file is a header of fixed size, then arrays in a fixed order, each starting at the next multiple of 64
//! bytes; every length follows from the header, so there are no offsets to go wrong. All numbers are
//! little-endian; `convert.rs` writes them.
//!
//! Reading is total: a damaged file gives [`Error::Model`], or a model whose vectors are wrong, but never a
//! panic; whoever reads a file from disk finds out which by [`verify`], which a start of the program with its
//! own bundled model does without (hashing 23 MB takes longer than answering a question).
//!
//! The arrays of the file in order. Word rows are `i8` with one scale a row; the weights of a linear map are
//! `i8` with one scale per output channel, packed as panels of 16 channels with the inputs in groups of four:
//! `[channel / 16][input / 4][channel % 16][input % 4]`. The column sums of the weights cancel the
//! activations' zero point. Inputs are multiplied by the factors first, which even out their ranges.
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
//! ```

use std::borrow::Cow;
use std::ops::Range;

use super::vocabulary::Vocabulary;
use crate::error::{Error, Result};

/// The first bytes of a model file.
pub(super) const MAGIC: [u8; 8] = *b"qsmodel\n";
/// The format this module reads and `convert.rs` writes.
pub(super) const VERSION: u32 = 1;
/// Where the checksum stands: after magic and version.
pub(super) const CHECKSUM: Range<usize> = 12..44;
/// The length of magic, version, checksum and the fields of [`Header`].
pub(super) const HEADER_LEN: usize = CHECKSUM.end + 4 * Header::FIELDS;
/// Each array starts at a multiple of this many bytes, a cache line and the widest vector register.
pub(super) const ALIGNMENT: usize = 64;
/// Output channels in one panel of packed weights.
pub(super) const PANEL: usize = 16;
/// Inputs that stand together in a panel: as many as one `vpdpbusd` lane multiplies.
pub(super) const GROUP: usize = 4;
/// Layer widths are multiples of this: four panels, the width of a kernel's tile.
pub(super) const TILE: usize = 4 * PANEL;

/// The most bytes of a prefix.
pub(super) const MAX_PREFIX: usize = 1000;
/// The flag of a model that pools the first token.
pub(super) const FIRST_TOKEN: u32 = 1;
/// The flag of a model whose vocabulary has capitals and accents.
pub(super) const CASED: u32 = 2;

/// How token vectors become one vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    /// The mean over all tokens, special ones included.
    Mean,
    /// The vector of the first token, `[CLS]`.
    Cls,
}

/// The numbers of the header. [`fields`](Self::fields) fixes their order in the file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Header {
    /// Bytes of the whole file; limits it to 4 GiB.
    pub(super) file_len: u32,
    /// Bytes of the name.
    pub(super) name_len: u32,
    /// Transformer layers.
    pub(super) layers: u32,
    /// Attention heads of a layer, which share out the hidden size.
    pub(super) heads: u32,
    /// Values of a token's state, and of a vector.
    pub(super) hidden: u32,
    /// Values in the middle of the feed-forward part.
    pub(super) intermediate: u32,
    /// Rows of the position table.
    pub(super) positions: u32,
    /// The most tokens of a text that are read, special ones included; at most the positions.
    pub(super) max_tokens: u32,
    /// [`FIRST_TOKEN`] and [`CASED`].
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
    /// Bytes of what stands before a question.
    pub(super) query_prefix_len: u32,
    /// Bytes of what stands before a passage.
    pub(super) passage_prefix_len: u32,
}

impl Header {
    /// How many numbers of 32 bits there are: as many as fit before the first array. The last two were padding
    /// once, so a file from before has no prefixes.
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

    /// Whether an encoder can run with these numbers, or what is wrong with them. The upper limits keep sums
    /// of products within 32 bits and allocations within reason.
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
        within("its set of flags", self.flags, 0, FIRST_TOKEN | CASED)?;
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

/// Gain and shift of a layer normalisation.
#[derive(Debug)]
pub(super) struct Norm {
    pub(super) gain: Vec<f32>,
    pub(super) shift: Vec<f32>,
}

/// A linear map with packed weights; see the module.
#[derive(Debug)]
pub(super) struct Linear {
    /// What each input is multiplied by before it is quantised.
    pub(super) factors: Vec<f32>,
    weights: Range<usize>,
    /// What one step of a channel's weights is worth.
    pub(super) scales: Vec<f32>,
    /// What is added to each output.
    pub(super) biases: Vec<f32>,
    /// The sum of each channel's weights, in steps.
    pub(super) sums: Vec<i32>,
}

/// One transformer layer.
#[derive(Debug)]
pub(super) struct Layer {
    /// Query, key and value of all heads, in this order.
    pub(super) attention_in: Linear,
    pub(super) attention_out: Linear,
    pub(super) attention_norm: Norm,
    pub(super) feed_in: Linear,
    pub(super) feed_out: Linear,
    pub(super) feed_norm: Norm,
}

/// A model, its large arrays left where they are in the file's bytes.
#[derive(Debug)]
pub(super) struct Model {
    /// The whole file; the ranges below are places in it.
    bytes: Cow<'static, [u8]>,
    pub(super) name: String,
    pub(super) heads: usize,
    pub(super) hidden: usize,
    pub(super) intermediate: usize,
    pub(super) max_tokens: usize,
    pub(super) pooling: Pooling,
    /// Whether words keep their capitals and accents.
    pub(super) cased: bool,
    /// What stands before a question.
    pub(super) query_prefix: String,
    /// What stands before a passage.
    pub(super) passage_prefix: String,
    /// Added to variances before the root is taken.
    pub(super) epsilon: f32,
    /// The numbers of `tokenizer::SPECIALS`.
    pub(super) specials: [u32; 5],
    longest_piece: usize,
    piece_ends: Range<usize>,
    pieces: Range<usize>,
    slots: Range<usize>,
    word_rows: Range<usize>,
    word_scales: Range<usize>,
    positions: Range<usize>,
    pub(super) embedding_norm: Norm,
    pub(super) layers: Vec<Layer>,
}

impl Model {
    /// Reads a model from the bytes of its file, without [verifying](verify) its checksum. `file` names it in
    /// errors.
    pub(super) fn read(file: &str, bytes: Cow<'static, [u8]>) -> Result<Self> {
        Self::parse(bytes).map_err(|what| Error::Model { name: file.into(), what })
    }

    /// [`read`](Self::read), with what is wrong as a phrase.
    fn parse(bytes: Cow<'static, [u8]>) -> std::result::Result<Self, String> {
        let header = read_header(&bytes)?;
        let [layers, hidden, intermediate, pieces] =
            [header.layers, header.hidden, header.intermediate, header.pieces].map(|field| field as usize);
        let mut reader = Reader { bytes: &bytes, at: HEADER_LEN };
        let name = reader.text(header.name_len, "its name")?;
        let query_prefix = reader.text(header.query_prefix_len, "its query prefix")?;
        let passage_prefix = reader.text(header.passage_prefix_len, "its passage prefix")?;
        let piece_ends = reader.take(4 * pieces)?;
        let piece_bytes = reader.take(header.pieces_len as usize)?;
        let slots = reader.take(4 * header.slots as usize)?;
        let word_rows = reader.take(pieces * hidden)?;
        let word_scales = reader.take(4 * pieces)?;
        let positions = reader.take(4 * header.positions as usize * hidden)?;
        let embedding_norm = reader.norm(hidden)?;
        let layers = (0..layers).map(|_| reader.layer(hidden, intermediate)).collect::<Result<_, _>>()?;
        if reader.at != bytes.len() {
            return Err("bytes follow its last array".into());
        }
        Ok(Self {
            name,
            heads: header.heads as usize,
            hidden,
            intermediate,
            max_tokens: header.max_tokens as usize,
            pooling: if header.flags & FIRST_TOKEN == 0 { Pooling::Mean } else { Pooling::Cls },
            cased: header.flags & CASED != 0,
            query_prefix,
            passage_prefix,
            epsilon: f32::from_bits(header.epsilon),
            specials: header.specials,
            longest_piece: header.longest_piece as usize,
            piece_ends,
            pieces: piece_bytes,
            slots,
            word_rows,
            word_scales,
            positions,
            embedding_norm,
            layers,
            bytes,
        })
    }

    /// The bytes it was read from.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes.into_owned()
    }

    /// The first four bytes of the checksum in the file, as hexadecimal digits.
    pub(super) fn short_checksum(&self) -> String {
        let bytes = &self.bytes[CHECKSUM];
        format!("{:02x}{:02x}{:02x}{:02x}", bytes[0], bytes[1], bytes[2], bytes[3])
    }

    /// The word pieces and their table.
    pub(super) fn vocabulary(&self) -> Vocabulary<'_> {
        Vocabulary {
            ends: self.bytes[self.piece_ends.clone()].as_chunks().0,
            pieces: &self.bytes[self.pieces.clone()],
            slots: self.bytes[self.slots.clone()].as_chunks().0,
            longest: self.longest_piece,
        }
    }

    /// A token's row of the word table, as `i8` in `u8`, and what one step of it is worth.
    pub(super) fn word(&self, id: u32) -> (&[u8], f32) {
        let id = id as usize;
        let rows = &self.bytes[self.word_rows.clone()];
        let scales = self.bytes[self.word_scales.clone()].as_chunks().0;
        (&rows[id * self.hidden..][..self.hidden], f32::from_le_bytes(scales[id]))
    }

    /// What is added to the token at place `at`, as little-endian `f32`.
    pub(super) fn position(&self, at: usize) -> &[[u8; 4]] {
        let rows = self.bytes[self.positions.clone()].as_chunks().0;
        &rows[at * self.hidden..][..self.hidden]
    }

    /// The packed weights of one of this model's linear maps, one panel after the other; `i8` in `u8`.
    pub(super) fn weights(&self, linear: &Linear) -> &[[u8; PANEL * GROUP]] {
        self.bytes[linear.weights.clone()].as_chunks().0
    }
}

/// Checks the checksum in the bytes of a model file.
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
fn read_header(bytes: &[u8]) -> std::result::Result<Header, String> {
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

/// Walks over the arrays of a file.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    /// The place of the next array, of `len` bytes.
    fn take(&mut self, len: usize) -> std::result::Result<Range<usize>, String> {
        let start = self.at.next_multiple_of(ALIGNMENT);
        if self.bytes.len().saturating_sub(start) < len {
            return Err("it ends before its last array".into());
        }
        self.at = start + len;
        Ok(start..self.at)
    }

    /// The next array of `len` bytes as a text, which errors call `what`.
    fn text(&mut self, len: u32, what: &str) -> std::result::Result<String, String> {
        let place = self.take(len as usize)?;
        let text = std::str::from_utf8(&self.bytes[place]).map_err(|_| format!("{what} isn't UTF-8"))?;
        Ok(text.to_owned())
    }

    /// The next array of `count` numbers of 32 bits.
    fn numbers(&mut self, count: usize) -> std::result::Result<&[[u8; 4]], String> {
        let place = self.take(4 * count)?;
        Ok(self.bytes[place].as_chunks().0)
    }

    /// The next array of floats, copied: only used for small ones.
    fn floats(&mut self, count: usize) -> std::result::Result<Vec<f32>, String> {
        Ok(self.numbers(count)?.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    }

    /// The next two arrays.
    fn norm(&mut self, width: usize) -> std::result::Result<Norm, String> {
        Ok(Norm { gain: self.floats(width)?, shift: self.floats(width)? })
    }

    /// The next five arrays.
    fn linear(&mut self, inputs: usize, outputs: usize) -> std::result::Result<Linear, String> {
        Ok(Linear {
            factors: self.floats(inputs)?,
            weights: self.take(inputs * outputs)?,
            scales: self.floats(outputs)?,
            biases: self.floats(outputs)?,
            sums: self.numbers(outputs)?.iter().map(|bytes| i32::from_le_bytes(*bytes)).collect(),
        })
    }

    /// The arrays of one layer.
    fn layer(&mut self, hidden: usize, intermediate: usize) -> std::result::Result<Layer, String> {
        Ok(Layer {
            attention_in: self.linear(hidden, 3 * hidden)?,
            attention_out: self.linear(hidden, hidden)?,
            attention_norm: self.norm(hidden)?,
            feed_in: self.linear(hidden, intermediate)?,
            feed_out: self.linear(intermediate, hidden)?,
            feed_norm: self.norm(hidden)?,
        })
    }
}
