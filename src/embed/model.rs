//! A model file, read in place: its bytes become a [`Model`] that finds its weights in them.
//!
//! Reading is total: a damaged file gives [`Error::Model`], or a model whose vectors are wrong, but never a panic. What is
//! copied when a model is opened is compared with its sums then, and what is read in place when it is first wanted. The
//! bundled model has no sums: hashing its 23 MB takes longer than answering a question.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::block_sums::BlockSums;
use super::char_map::CharMap;
use super::double_array::DoubleArray;
use super::mapped::Bytes;
use super::model_file::{
    ALIGNMENT, CASED, CHECKSUM, COLLAPSE, FIRST_TOKEN, FOUR_BITS, GROUP, Header, MASK_STRIPS, PANEL,
    PREPEND_FIRST, PREPEND_NEVER, PROJECTED, PROJECTION, SEPARATE, STRIP_END, UNIGRAM, read_header,
};
use super::tokenizer::Tokenizer;
use super::unigram::{Blanks, Prepend, Unigram};
use super::vocabulary::Vocabulary;
use super::word_table::{TableBits, from_four_bits};
use super::wordpiece::WordPiece;
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

/// Where the arrays of a vocabulary stand.
#[derive(Debug)]
enum Lexicon {
    /// Word pieces and their hash table.
    WordPieces { ends: Range<usize>, pieces: Range<usize>, slots: Range<usize> },
    /// The tries and scores of a unigram model.
    Unigram { trie: Range<usize>, scores: Range<usize>, char_trie: Range<usize>, char_texts: Range<usize> },
}

/// A model whose large arrays are read in place, in the file's bytes.
#[derive(Debug)]
pub(super) struct Model {
    /// What the file is called in errors.
    file: String,
    /// The whole file; the ranges below point into it.
    bytes: Bytes,
    /// The sums of its blocks; the first version of the format has none.
    sums: Option<BlockSums>,
    /// Whether all weights were compared with their sums.
    sound: AtomicBool,
    header: Header,
    pub(super) name: String,
    pub(super) heads: usize,
    pub(super) hidden: usize,
    pub(super) intermediate: usize,
    pub(super) max_tokens: usize,
    pub(super) pooling: Pooling,
    /// What stands before a question.
    pub(super) query_prefix: String,
    /// What stands before a passage.
    pub(super) passage_prefix: String,
    /// Added to variances before the root is taken.
    pub(super) epsilon: f32,
    lexicon: Lexicon,
    table_bits: TableBits,
    word_rows: Range<usize>,
    word_scales: Range<usize>,
    positions: Range<usize>,
    pub(super) embedding_norm: Norm,
    pub(super) layers: Vec<Layer>,
    /// The map of last states to vectors of words, if there is one.
    pub(super) projection: Option<Linear>,
}

impl Model {
    /// Reads a model from the bytes of its file. What is read in place isn't looked at yet. `file` names it in errors.
    pub(super) fn read(file: &str, bytes: Bytes) -> Result<Self> {
        let named = |model| Self { file: file.into(), ..model };
        Self::parse(bytes).map(named).map_err(|what| Error::Model { name: file.into(), what })
    }

    /// Does the work of [`read`](Self::read); the error is a phrase.
    fn parse(bytes: Bytes) -> std::result::Result<Self, String> {
        let (header, header_len) = read_header(&bytes)?;
        let body = header.body_len as usize;
        let sums = if body > 0 { Some(BlockSums::read(&bytes, body)?) } else { None };
        let [layers, hidden, intermediate, pieces] =
            [header.layers, header.hidden, header.intermediate, header.pieces].map(|field| field as usize);
        let end = if body > 0 { body } else { bytes.len() };
        let mut reader = ArrayReader { bytes: &bytes, sums: sums.as_ref(), end, at: header_len };
        let name = reader.text(header.name_len, "its name")?;
        let query_prefix = reader.text(header.query_prefix_len, "its query prefix")?;
        let passage_prefix = reader.text(header.passage_prefix_len, "its passage prefix")?;
        let lexicon = reader.lexicon(&header)?;
        let table_bits = if header.has(FOUR_BITS) { TableBits::Four } else { TableBits::Eight };
        let word_rows = reader.take(pieces * table_bits.row_bytes(hidden))?;
        let word_scales = if header.has(FOUR_BITS) { 0..0 } else { reader.take(4 * pieces)? };
        let positions = reader.take(4 * header.positions as usize * hidden)?;
        let embedding_norm = reader.norm(hidden)?;
        let layers = (0..layers).map(|_| reader.layer(hidden, intermediate)).collect::<Result<_, _>>()?;
        let projection = header.has(PROJECTED).then(|| reader.linear(hidden, PROJECTION)).transpose()?;
        if reader.at != end {
            return Err("bytes follow its last array".into());
        }
        Ok(Self {
            file: String::new(),
            name,
            heads: header.heads as usize,
            hidden,
            intermediate,
            max_tokens: header.max_tokens as usize,
            pooling: if header.has(FIRST_TOKEN) { Pooling::Cls } else { Pooling::Mean },
            query_prefix,
            passage_prefix,
            epsilon: f32::from_bits(header.epsilon),
            lexicon,
            table_bits,
            word_rows,
            word_scales,
            positions,
            embedding_norm,
            layers,
            projection,
            sound: AtomicBool::new(sums.is_none()),
            sums,
            header,
            bytes,
        })
    }

    /// The content of its file.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes.into_vec()
    }

    /// The first four bytes of the checksum in the file, as hexadecimal digits.
    pub(super) fn short_checksum(&self) -> String {
        let bytes = &self.bytes[CHECKSUM];
        format!("{:02x}{:02x}{:02x}{:02x}", bytes[0], bytes[1], bytes[2], bytes[3])
    }

    /// The header of its file.
    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    /// The numbers of the special tokens: padding, unknown, first, last, mask.
    pub(super) fn specials(&self) -> [u32; 5] {
        self.header.specials
    }

    /// Its tokenizer.
    pub(super) fn tokenizer(&self) -> Tokenizer<'_> {
        let (header, specials) = (&self.header, self.header.specials);
        let words = |range: &Range<usize>| self.bytes[range.clone()].as_chunks().0;
        match &self.lexicon {
            Lexicon::WordPieces { ends, pieces, slots } => Tokenizer::WordPiece(WordPiece {
                vocabulary: Vocabulary {
                    ends: words(ends),
                    pieces: &self.bytes[pieces.clone()],
                    slots: words(slots),
                    longest: header.longest_piece as usize,
                },
                specials,
                cased: header.has(CASED),
            }),
            Lexicon::Unigram { trie, scores, char_trie, char_texts } => Tokenizer::Unigram(Unigram {
                pieces: DoubleArray(words(trie)),
                scores: words(scores),
                least_score: f32::from_bits(header.least_score),
                chars: CharMap {
                    sequences: DoubleArray(words(char_trie)),
                    texts: &self.bytes[char_texts.clone()],
                },
                blanks: blanks(header),
                mask_strips: header.has(MASK_STRIPS),
                specials,
            }),
        }
    }

    /// Compares what these tokens and the linear maps need with its sums, unless that was done.
    ///
    /// # Errors
    ///
    /// [`Error::Model`] if something is damaged.
    pub(super) fn check<'t>(&self, ids: impl Iterator<Item = &'t u32>) -> Result<()> {
        let Some(sums) = &self.sums else { return Ok(()) };
        let checked = || {
            for id in ids {
                sums.check(&self.bytes, &self.row(*id))?;
                if !self.word_scales.is_empty() {
                    let scale = self.word_scales.start + 4 * *id as usize;
                    sums.check(&self.bytes, &(scale..scale + 4))?;
                }
            }
            if !self.sound.load(Relaxed) {
                sums.check(&self.bytes, &(self.positions.start..self.header.body_len as usize))?;
                self.sound.store(true, Relaxed);
            }
            Ok(())
        };
        checked().map_err(|what| Error::Model { name: self.file.clone(), what })
    }

    /// Where the row of a token stands.
    fn row(&self, id: u32) -> Range<usize> {
        let bytes = self.table_bits.row_bytes(self.hidden);
        let start = self.word_rows.start + id as usize * bytes;
        start..start + bytes
    }

    /// Adds a token's row of the word table and that of its position to `states`.
    pub(super) fn push_embedded(&self, id: u32, at: usize, states: &mut Vec<f32>) {
        let row = &self.bytes[self.row(id)];
        let positions = self.bytes[self.positions.clone()].as_chunks().0;
        let position = positions[at * self.hidden..][..self.hidden].iter().map(|p| f32::from_le_bytes(*p));
        match self.table_bits {
            TableBits::Eight => {
                let scales = self.bytes[self.word_scales.clone()].as_chunks().0;
                let scale = f32::from_le_bytes(scales[id as usize]);
                states.extend(row.iter().zip(position).map(|(w, p)| f32::from(*w as i8) * scale + p));
            }
            TableBits::Four => states.extend(from_four_bits(row).zip(position).map(|(w, p)| w + p)),
        }
    }

    /// The packed weights of one of this model's linear maps, one panel after the other; `i8` in `u8`.
    pub(super) fn weights(&self, linear: &Linear) -> &[[u8; PANEL * GROUP]] {
        self.bytes[linear.weights.clone()].as_chunks().0
    }
}

/// How the unigram tokenizer of a file tells words apart.
fn blanks(header: &Header) -> Blanks {
    let prepend = if header.has(PREPEND_NEVER) {
        Prepend::Never
    } else if header.has(PREPEND_FIRST) {
        Prepend::First
    } else {
        Prepend::Always
    };
    Blanks {
        separate: header.has(SEPARATE),
        collapse: header.has(COLLAPSE),
        strip_end: header.has(STRIP_END),
        prepend,
    }
}

/// Reads the arrays of a file one after the other.
struct ArrayReader<'a> {
    bytes: &'a [u8],
    sums: Option<&'a BlockSums>,
    /// Where the last array must end.
    end: usize,
    at: usize,
}

impl ArrayReader<'_> {
    /// The range of the next array, of `len` bytes.
    fn take(&mut self, len: usize) -> std::result::Result<Range<usize>, String> {
        let start = self.at.next_multiple_of(ALIGNMENT);
        if self.end.saturating_sub(start) < len {
            return Err("it ends before its last array".into());
        }
        self.at = start + len;
        Ok(start..self.at)
    }

    /// The range of the next array, compared with its sums.
    fn sound(&mut self, len: usize) -> std::result::Result<Range<usize>, String> {
        let place = self.take(len)?;
        self.sums.map_or(Ok(()), |sums| sums.check(self.bytes, &place))?;
        Ok(place)
    }

    /// The arrays of the vocabulary.
    fn lexicon(&mut self, header: &Header) -> std::result::Result<Lexicon, String> {
        let pieces = 4 * header.pieces as usize;
        if header.has(UNIGRAM) {
            return Ok(Lexicon::Unigram {
                trie: self.sound(4 * header.trie as usize)?,
                scores: self.sound(pieces)?,
                char_trie: self.sound(4 * header.char_trie as usize)?,
                char_texts: self.sound(header.char_texts_len as usize)?,
            });
        }
        Ok(Lexicon::WordPieces {
            ends: self.sound(pieces)?,
            pieces: self.sound(header.pieces_len as usize)?,
            slots: self.sound(4 * header.slots as usize)?,
        })
    }

    /// The next array of `len` bytes as a text, which errors call `what`.
    fn text(&mut self, len: u32, what: &str) -> std::result::Result<String, String> {
        let place = self.sound(len as usize)?;
        let text = std::str::from_utf8(&self.bytes[place]).map_err(|_| format!("{what} isn't UTF-8"))?;
        Ok(text.to_owned())
    }

    /// The next array of `count` numbers of 32 bits.
    fn numbers(&mut self, count: usize) -> std::result::Result<&[[u8; 4]], String> {
        let place = self.sound(4 * count)?;
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
