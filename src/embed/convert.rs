//! A sentence-transformers folder becomes a model file: weights are quantised and packed once, so that the encoder reads
//! them in place. The same folder gives the same bytes on every machine, as the arithmetic is products, quotients and
//! square roots in a fixed order.
//!
//! - `folder.rs`: the files of the folder.
//! - `options.rs`, `settings.rs`: what the caller wants, and what the folder says.
//! - `vocabulary.rs`: the vocabulary, which is one of `word_pieces.rs` or of `sentence_pieces.rs`; `scripts.rs`: the letters of
//!   which languages are kept.
//! - `weights.rs`: tensors to integers.
//! - `likeness.rs`: what the model's cosines mean.
//! - `writer.rs`: the model file.

use std::path::Path;

use self::folder::ModelFolder;
use self::sentence_pieces::SentencePieces;
use self::settings::ModelSettings;
use self::vocabulary::SourceVocabulary;
use self::weights::{Tables, Tensors};
use self::writer::{ModelWriter, seal};
use super::embedder::Embedder;
use super::encoder::Encoder;
use super::model_file::{FIRST_TOKEN, FOUR_BITS, Header, LIKENESS, PROJECTED};
use super::read::{MOST_MODEL_BYTES, map, read_if_there, wrong};
use super::word_table::TableBits;
use crate::error::Result;
use crate::likeness::Measured;

mod likeness;
mod scripts;
mod options;
mod folder;
mod settings;
mod writer;
mod word_pieces;
mod sentence_pieces;
mod vocabulary;
mod weights;

pub use self::options::{ConvertOptions, FoundSetting};
pub use self::scripts::Writing;
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
    /// How many pieces of the vocabulary are kept, and how many there were.
    pub pieces: (usize, usize),
    /// What its cosines are on texts whose likeness is known; nothing if it tells no language's texts apart.
    pub likeness: Option<Measured>,
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
    let mut vocabulary = SourceVocabulary::read(&folder)?;
    settings.check_casing(&folder, vocabulary.cased().value)?;
    settings.check_prefixes(&folder, &vocabulary)?;
    let pieces = vocabulary.len();
    let words = vocabulary.keep(&options.languages);

    let mut header = header(&settings, words.len(), options.table);
    let mut file = ModelWriter::new();
    for text in [&settings.name, &settings.query_prefix, &settings.passage_prefix] {
        file.array(text.value.as_bytes());
    }
    let in_vocabulary = |what| wrong(&folder.file("tokenizer.json"), what);
    vocabulary.write(&mut file, &mut header).map_err(in_vocabulary)?;
    let config = &settings.config;
    let tables = Tables {
        pieces,
        words: &words,
        bits: options.table,
        position_rows: config.position_rows(),
        first_position: config.first_position(),
    };
    let bytes = write_weights(&folder, file, &mut header, &tables)?;
    let place = folder.path().display().to_string();
    let encoder = Encoder::new(&place, bytes.into())?;
    // Weights of absurd size overflow, which is better found here than in indexing.
    let finite = encoder.embed_query("a b c");
    let overflow = "its numbers are too large: it gives vectors that aren't finite";
    finite.map_err(|_| wrong(&folder.weights().unwrap_or_default(), overflow))?;
    let measured = likeness::measure(&encoder)?;
    let mut bytes = encoder.model.into_bytes();
    if let Some(measured) = measured {
        header.set_likeness(measured);
        seal(&mut bytes, &header);
    }
    Ok(Converted {
        bytes,
        likeness: measured,
        layers: header.layers as usize,
        hidden: header.hidden as usize,
        pieces: (words.len(), pieces),
        name: settings.name,
        pooling: settings.pooling,
        max_tokens: settings.max_tokens,
        query_prefix: settings.query_prefix,
        passage_prefix: settings.passage_prefix,
        cased: vocabulary.cased().clone(),
    })
}

/// How many pieces the vocabulary of a unigram model has, from the content of its `tokenizer.json`, which errors call
/// `name`; nothing for another kind of tokenizer.
///
/// # Errors
///
/// Fails if the encoder can't cut texts as it says.
pub fn pieces_in(name: &str, tokenizer: &[u8]) -> Result<Option<usize>> {
    let found = SentencePieces::parse(tokenizer).map_err(|what| wrong(Path::new(name), what))?;
    Ok(found.map(|found| found.pieces.len()))
}

/// Appends the arrays that come from weights, and returns the file's content.
fn write_weights(
    folder: &ModelFolder,
    mut file: ModelWriter,
    header: &mut Header,
    tables: &Tables<'_>,
) -> Result<Vec<u8>> {
    let path = folder.weights()?;
    let bytes = map(&path, MOST_MODEL_BYTES)?;
    let tensors = Tensors::read(&bytes).map_err(|what| wrong(&path, what))?;
    let projection_path = folder.file("word_projection.safetensors");
    let projection = read_if_there(&projection_path)?;
    header.flags |= if projection.is_some() { PROJECTED } else { 0 };
    header.check().map_err(|what| wrong(&folder.file("config.json"), what))?;
    let norm = weights::write(&mut file, &tensors, header, tables).map_err(|what| wrong(&path, what))?;
    if let Some(bytes) = projection {
        let written =
            Tensors::read(&bytes).and_then(|tensors| weights::write_projection(&mut file, &tensors, &norm));
        written.map_err(|what| wrong(&projection_path, what))?;
    }
    file.finish(header).map_err(|what| wrong(&path, what))
}

/// The header of the file, but for its lengths and what the vocabulary says.
fn header(settings: &ModelSettings, pieces: usize, table: TableBits) -> Header {
    let config = &settings.config;
    let first = if settings.pooling.value == Pooling::Cls { FIRST_TOKEN } else { 0 };
    let table = if table == TableBits::Four { FOUR_BITS } else { 0 };
    Header {
        file_len: 0,
        name_len: settings.name.value.len() as u32,
        layers: config.num_hidden_layers,
        heads: config.num_attention_heads,
        hidden: config.hidden_size,
        intermediate: config.intermediate_size,
        // No other row is ever used.
        positions: settings.max_tokens.value as u32,
        max_tokens: settings.max_tokens.value as u32,
        flags: first | table,
        epsilon: config.layer_norm_eps.to_bits(),
        pieces: pieces as u32,
        pieces_len: 0,
        slots: 0,
        longest_piece: 0,
        specials: [0; 5],
        query_prefix_len: settings.query_prefix.value.len() as u32,
        passage_prefix_len: settings.passage_prefix.value.len() as u32,
        body_len: 0,
        trie: 0,
        char_trie: 0,
        char_texts_len: 0,
        least_score: 0,
        likeness: [0; LIKENESS],
    }
}

#[cfg(test)]
mod tests;
