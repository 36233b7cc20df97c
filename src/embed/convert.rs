//! A sentence-transformers folder becomes a model file: weights are quantised and packed once, so that the encoder reads
//! them in place. The same folder gives the same bytes on every machine, as the arithmetic is products, quotients and
//! square roots in a fixed order.
//!
//! - `folder.rs`: the files of the folder.
//! - `options.rs`, `settings.rs`: what the caller wants, and what the folder says.
//! - `pieces.rs`: the vocabulary, and how words are cut with it.
//! - `weights.rs`: tensors to integers.
//! - `writer.rs`: the model file.

use std::path::Path;

use self::folder::ModelFolder;
use self::pieces::SourceVocabulary;
use self::settings::ModelSettings;
use self::weights::Tensors;
use self::writer::ModelWriter;
use super::embedder::Embedder;
use super::encoder::Encoder;
use super::model_file::{CASED, FIRST_TOKEN, Header, PROJECTED};
use super::read::{MOST_MODEL_BYTES, read, read_if_there, wrong};
use super::vocabulary::{longest, slots};
use crate::error::Result;

mod options;
mod folder;
mod settings;
mod pieces;
mod writer;
mod weights;

pub use self::options::{ConvertOptions, FoundSetting};
#[cfg(test)]
pub(super) use self::weights::pack;
pub use super::model::Pooling;

/// A converted model.
#[derive(Clone, Debug)]
pub struct Converted {
    /// The content of the model file.
    pub bytes: Vec<u8>,
    /// The model's name.
    pub name: FoundSetting<String>,
    /// Transformer layers.
    pub layers: usize,
    /// Numbers in a vector.
    pub hidden: usize,
    /// How token vectors become one vector.
    pub pooling: FoundSetting<Pooling>,
    /// The most tokens of a text that are read, two special ones and a prefix included.
    pub max_tokens: FoundSetting<usize>,
    /// What stands before a question.
    pub query_prefix: FoundSetting<String>,
    /// What stands before a passage.
    pub passage_prefix: FoundSetting<String>,
    /// Whether words keep their capitals and accents.
    pub cased: FoundSetting<bool>,
}

/// Converts the model in `folder`, as sentence-transformers saves it.
///
/// Reads `config.json`, `model.safetensors` and `vocab.txt` or `tokenizer.json`, which must be there, and
/// `modules.json`, `1_Pooling/config.json`, `sentence_bert_config.json`, `config_sentence_transformers.json`,
/// `tokenizer_config.json` and `word_projection.safetensors`, which may be missing. The last has the map of last states to
/// the vectors of words: 96 rows of `weight` and 96 numbers of `bias`, F32. Settings that `options` give override those of the files.
///
/// # Errors
///
/// Fails if a file is missing, unreadable or damaged, or if the encoder can't run the model: it runs BERT models
/// with GELU, absolute positions and a `WordPiece` vocabulary whose vector is the mean or the first token's.
pub fn convert(folder: &Path, options: &ConvertOptions) -> Result<Converted> {
    let folder = ModelFolder::open(folder)?;
    let settings = ModelSettings::read(&folder, options)?;
    let vocabulary = SourceVocabulary::read(&folder)?;
    settings.check_casing(&folder, vocabulary.cased.value)?;
    let path = folder.weights()?;
    let bytes = read(&path, MOST_MODEL_BYTES)?;
    let tensors = Tensors::read(&bytes).map_err(|what| wrong(&path, what))?;

    let projection_path = folder.file("word_projection.safetensors");
    let projection = read_if_there(&projection_path)?;

    let slots = slots(&vocabulary.pieces);
    let mut header = header(&settings, &vocabulary, slots.len());
    header.flags |= if projection.is_some() { PROJECTED } else { 0 };
    header.check().map_err(|what| wrong(&folder.file("config.json"), what))?;
    let mut file = ModelWriter::new();
    for text in [&settings.name, &settings.query_prefix, &settings.passage_prefix] {
        file.array(text.value.as_bytes());
    }
    file.vocabulary(&vocabulary.pieces, &slots);
    let norm = weights::write(&mut file, &tensors, &header).map_err(|what| wrong(&path, what))?;
    if let Some(bytes) = projection {
        let written =
            Tensors::read(&bytes).and_then(|tensors| weights::write_projection(&mut file, &tensors, &norm));
        written.map_err(|what| wrong(&projection_path, what))?;
    }
    header.file_len =
        u32::try_from(file.len()).map_err(|_| wrong(&path, "its integers take more than 4 GiB"))?;
    let encoder = Encoder::new(&folder.path().display().to_string(), file.finish(&header).into())?;
    // Weights of absurd size overflow, which is better found here than in indexing.
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

/// The header of the file, but for its length.
fn header(settings: &ModelSettings, vocabulary: &SourceVocabulary, slots: usize) -> Header {
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
        longest_piece: longest(&vocabulary.pieces) as u32,
        specials: vocabulary.specials,
        query_prefix_len: settings.query_prefix.value.len() as u32,
        passage_prefix_len: settings.passage_prefix.value.len() as u32,
    }
}

#[cfg(test)]
mod tests;
