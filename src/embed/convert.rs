//! A sentence-transformers folder becomes a model file: weights are quantised and packed once, here, so that
//! the encoder can use them where they lie. The same folder gives the same bytes on every machine: the
//! arithmetic is products, quotients and square roots in a fixed order.
//!
//! - `settings.rs`: what the folder's settings say, or the caller instead.
//! - `pieces.rs`: the vocabulary, and how words are cut with it.
//! - `weights.rs`: tensors to integers.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use self::pieces::Vocabulary;
use self::settings::{Folder, Settings};
use self::weights::Source;
use super::model::{ALIGNMENT, CASED, CHECKSUM, FIRST_TOKEN, HEADER_LEN, Header, MAGIC, VERSION};
use super::{Embedder, Encoder, MOST_MODEL_BYTES, read};
use crate::error::{Error, Result};

mod settings;
mod pieces;
mod weights;

#[cfg(test)]
pub(super) use self::weights::pack;
pub use super::model::Pooling;

/// What is to be used instead of what the folder says. Nothing, by default.
#[derive(Clone, Debug, Default)]
pub struct ConvertOptions {
    /// What the model is called; otherwise the folder's name.
    pub name: Option<String>,
    /// How token vectors become one vector.
    pub pooling: Option<Pooling>,
    /// The most tokens of a text that are read, two special ones and a prefix included.
    pub max_tokens: Option<usize>,
    /// What stands before a question, with the blank at its end; empty for nothing.
    pub query_prefix: Option<String>,
    /// What stands before a passage, likewise.
    pub passage_prefix: Option<String>,
}

/// A converted model.
#[derive(Clone, Debug)]
pub struct Converted {
    /// The content of the model file.
    pub bytes: Vec<u8>,
    /// What the model is called.
    pub name: Found<String>,
    /// Transformer layers.
    pub layers: usize,
    /// Numbers in a vector.
    pub hidden: usize,
    /// How token vectors become one vector.
    pub pooling: Found<Pooling>,
    /// The most tokens of a text that are read, two special ones and a prefix included.
    pub max_tokens: Found<usize>,
    /// What stands before a question.
    pub query_prefix: Found<String>,
    /// What stands before a passage.
    pub passage_prefix: Found<String>,
    /// Whether words keep their capitals and accents.
    pub cased: Found<bool>,
}

/// A setting, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<T> {
    /// The setting.
    pub value: T,
    /// A file of the folder, `1_Pooling/config.json`, or a phrase like `the options`.
    pub from: String,
}

impl<T> Found<T> {
    fn new(value: T, from: impl Into<String>) -> Self {
        Self { value, from: from.into() }
    }
}

impl fmt::Display for Pooling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Mean { "mean" } else { "cls" })
    }
}

impl FromStr for Pooling {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "mean" => Ok(Self::Mean),
            "cls" => Ok(Self::Cls),
            _ => Err(format!("`{text}` is neither `mean` nor `cls`")),
        }
    }
}

/// Converts the model in `folder`, as sentence-transformers saves it.
///
/// Reads `config.json`, `model.safetensors` and `vocab.txt` or `tokenizer.json`, which must be there, and
/// `modules.json`, `1_Pooling/config.json`, `sentence_bert_config.json`, `config_sentence_transformers.json` and
/// `tokenizer_config.json`, each of which says what `options` or a default must say otherwise.
///
/// # Errors
///
/// Fails if a file is missing, unreadable or damaged, or if the encoder can't run the model: it runs BERT models
/// with GELU, absolute positions and a `WordPiece` vocabulary whose vector is the mean or the first token's.
pub fn convert(folder: &Path, options: &ConvertOptions) -> Result<Converted> {
    let folder = Folder::open(folder)?;
    let settings = Settings::read(&folder, options)?;
    let vocabulary = Vocabulary::read(&folder)?;
    settings.check_casing(&folder, vocabulary.cased.value)?;
    let path = folder.weights()?;
    let bytes = read(&path, MOST_MODEL_BYTES)?;
    let source = Source::new(&bytes).map_err(|what| wrong(&path, what))?;

    let slots = super::vocabulary::slots(&vocabulary.pieces);
    let mut header = header(&settings, &vocabulary, slots.len());
    header.check().map_err(|what| wrong(&folder.file("config.json"), what))?;
    let mut file = File::default();
    file.bytes.resize(HEADER_LEN, 0);
    for text in [&settings.name, &settings.query_prefix, &settings.passage_prefix] {
        file.array(text.value.as_bytes());
    }
    write_pieces(&mut file, &vocabulary.pieces, &slots);
    weights::write(&mut file, &source, &header).map_err(|what| wrong(&path, what))?;
    header.file_len =
        u32::try_from(file.bytes.len()).map_err(|_| wrong(&path, "its integers take more than 4 GiB"))?;
    let encoder = Encoder::new(&folder.path().display().to_string(), file.finish(&header).into())?;
    // Numbers of absurd size overflow; better said here than to whoever indexes with it.
    let finite = encoder.embed_query("a b c");
    finite.map_err(|_| wrong(&path, "its numbers are too large: it gives vectors that aren't finite"))?;
    Ok(Converted {
        bytes: encoder.model.into_bytes(),
        layers: header.layers as usize,
        hidden: header.hidden as usize,
        name: settings.name,
        pooling: settings.pooling,
        max_tokens: settings.max_tokens,
        query_prefix: settings.query_prefix,
        passage_prefix: settings.passage_prefix,
        cased: vocabulary.cased,
    })
}

/// What is wrong with a file or folder.
fn wrong(path: &Path, what: impl Into<String>) -> Error {
    Error::Model { name: path.display().to_string(), what: what.into() }
}

/// The header of the file, but for its length.
fn header(settings: &Settings, vocabulary: &Vocabulary, slots: usize) -> Header {
    let config = &settings.config;
    let first = if settings.pooling.value == Pooling::Cls { FIRST_TOKEN } else { 0 };
    let cased = if vocabulary.cased.value { CASED } else { 0 };
    Header {
        file_len: 0,
        name_len: settings.name.value.len() as u32,
        layers: config.num_hidden_layers,
        heads: config.num_attention_heads,
        hidden: config.hidden_size,
        intermediate: config.intermediate_size,
        positions: config.max_position_embeddings,
        max_tokens: settings.max_tokens.value as u32,
        flags: first | cased,
        epsilon: config.layer_norm_eps.to_bits(),
        pieces: vocabulary.pieces.len() as u32,
        pieces_len: vocabulary.pieces.iter().map(String::len).sum::<usize>() as u32,
        slots: slots as u32,
        longest_piece: super::vocabulary::longest(&vocabulary.pieces) as u32,
        specials: vocabulary.specials,
        query_prefix_len: settings.query_prefix.value.len() as u32,
        passage_prefix_len: settings.passage_prefix.value.len() as u32,
    }
}

/// The file as it grows.
#[derive(Default)]
struct File {
    bytes: Vec<u8>,
}

impl File {
    /// Appends an array at the next aligned place.
    fn array(&mut self, bytes: &[u8]) {
        self.bytes.resize(self.bytes.len().next_multiple_of(ALIGNMENT), 0);
        self.bytes.extend_from_slice(bytes);
    }

    /// Appends an array of floats.
    fn floats(&mut self, values: &[f32]) {
        self.array(&values.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<_>>());
    }

    /// Fills in the header and the checksum.
    fn finish(mut self, header: &Header) -> Vec<u8> {
        self.bytes[..8].copy_from_slice(&MAGIC);
        self.bytes[8..CHECKSUM.start].copy_from_slice(&VERSION.to_le_bytes());
        for (place, field) in self.bytes[CHECKSUM.end..].as_chunks_mut().0.iter_mut().zip(header.fields()) {
            *place = field.to_le_bytes();
        }
        let checksum = blake3::hash(&self.bytes[CHECKSUM.end..]);
        self.bytes[CHECKSUM].copy_from_slice(checksum.as_bytes());
        self.bytes
    }
}

/// Writes the vocabulary's three arrays.
fn write_pieces(file: &mut File, pieces: &[String], slots: &[u32]) {
    let mut end = 0;
    let mut ends = Vec::new();
    for piece in pieces {
        end += piece.len() as u32;
        ends.extend_from_slice(&end.to_le_bytes());
    }
    file.array(&ends);
    file.array(pieces.concat().as_bytes());
    file.array(&slots.iter().flat_map(|slot| slot.to_le_bytes()).collect::<Vec<_>>());
}

#[cfg(test)]
mod tests;
