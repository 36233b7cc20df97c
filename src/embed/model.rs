//! A model file, read in place: its bytes become a [`Model`] that finds its weights in them.
//!
//! Reading is total: a damaged file gives [`Error::Model`], or a model whose vectors are wrong, but never a panic.
//! [`verify`](super::model_file::verify) finds such damage in a file from disk. The bundled model isn't verified:
//! hashing its 23 MB takes longer than answering a question.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use super::model_file::{
    ALIGNMENT, CASED, CHECKSUM, FIRST_TOKEN, GROUP, HEADER_LEN, PANEL, PROJECTED, PROJECTION, read_header,
};
use super::vocabulary::Vocabulary;
use crate::error::{Error, Result};

/// How token vectors become one vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    /// The mean over all tokens, special ones included.
    Mean,
    /// The vector of the first token, `[CLS]`.
    Cls,
}

impl fmt::Display for Pooling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Mean { "mean" } else { "cls" })
    }
}

impl FromStr for Pooling {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "mean" => Ok(Self::Mean),
            "cls" => Ok(Self::Cls),
            _ => Err(format!("`{text}` is neither `mean` nor `cls`")),
        }
    }
}

/// Gain and shift of a layer normalisation.
#[derive(Debug)]
pub(super) struct Norm {
    pub(super) gain: Vec<f32>,
    pub(super) shift: Vec<f32>,
}

/// A linear map with packed weights; see `model_file.rs`.
#[derive(Debug)]
pub(super) struct Linear {
    /// What each input is multiplied by before it is quantised.
    pub(super) factors: Vec<f32>,
    weights: Range<usize>,
    /// The scale of each channel's weights.
    pub(super) scales: Vec<f32>,
    /// What is added to each output.
    pub(super) biases: Vec<f32>,
    /// The sum of each channel's weights, as integers.
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

/// A model whose large arrays are read in place, in the file's bytes.
#[derive(Debug)]
pub(super) struct Model {
    /// The whole file; the ranges below point into it.
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
    /// The numbers of the [`SPECIALS`](super::tokenizer::SPECIALS).
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
    /// The map of last states to vectors of words, if there is one.
    pub(super) projection: Option<Linear>,
}

impl Model {
    /// Reads a model from the bytes of its file, without [verifying](verify) its checksum. `file` names it in
    /// errors.
    pub(super) fn read(file: &str, bytes: Cow<'static, [u8]>) -> Result<Self> {
        Self::parse(bytes).map_err(|what| Error::Model { name: file.into(), what })
    }

    /// Does the work of [`read`](Self::read); the error is a phrase.
    fn parse(bytes: Cow<'static, [u8]>) -> std::result::Result<Self, String> {
        let header = read_header(&bytes)?;
        let [layers, hidden, intermediate, pieces] =
            [header.layers, header.hidden, header.intermediate, header.pieces].map(|field| field as usize);
        let mut reader = ArrayReader { bytes: &bytes, at: HEADER_LEN };
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
        let projected = header.flags & PROJECTED != 0;
        let projection = projected.then(|| reader.linear(hidden, PROJECTION)).transpose()?;
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
            projection,
            bytes,
        })
    }

    /// The content of its file.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes.into_owned()
    }

    /// The first four bytes of the checksum in the file, as hexadecimal digits.
    pub(super) fn short_checksum(&self) -> String {
        let bytes = &self.bytes[CHECKSUM];
        format!("{:02x}{:02x}{:02x}{:02x}", bytes[0], bytes[1], bytes[2], bytes[3])
    }

    /// Its vocabulary.
    pub(super) fn vocabulary(&self) -> Vocabulary<'_> {
        Vocabulary {
            ends: self.bytes[self.piece_ends.clone()].as_chunks().0,
            pieces: &self.bytes[self.pieces.clone()],
            slots: self.bytes[self.slots.clone()].as_chunks().0,
            longest: self.longest_piece,
        }
    }

    /// A token's row of the word table, as `i8` in `u8`, and its scale.
    pub(super) fn word(&self, id: u32) -> (&[u8], f32) {
        let id = id as usize;
        let rows = &self.bytes[self.word_rows.clone()];
        let scales = self.bytes[self.word_scales.clone()].as_chunks().0;
        (&rows[id * self.hidden..][..self.hidden], f32::from_le_bytes(scales[id]))
    }

    /// The position embedding of the token at `at`, as little-endian `f32`.
    pub(super) fn position(&self, at: usize) -> &[[u8; 4]] {
        let rows = self.bytes[self.positions.clone()].as_chunks().0;
        &rows[at * self.hidden..][..self.hidden]
    }

    /// The packed weights of one of this model's linear maps, one panel after the other; `i8` in `u8`.
    pub(super) fn weights(&self, linear: &Linear) -> &[[u8; PANEL * GROUP]] {
        self.bytes[linear.weights.clone()].as_chunks().0
    }
}

/// Reads the arrays of a file one after the other.
struct ArrayReader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl ArrayReader<'_> {
    /// The range of the next array, of `len` bytes.
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

    /// The next array as floats, copied; for small arrays.
    fn floats(&mut self, count: usize) -> std::result::Result<Vec<f32>, String> {
        Ok(self.numbers(count)?.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    }

    /// The next two arrays as a layer normalisation.
    fn norm(&mut self, width: usize) -> std::result::Result<Norm, String> {
        Ok(Norm { gain: self.floats(width)?, shift: self.floats(width)? })
    }

    /// The next five arrays as a linear map.
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
