//! The word pieces of a folder, and whether it is read as the encoder's tokenizer would.
//!
//! The word pieces are those of `vocab.txt`, else of `tokenizer.json`. If there is a `tokenizer.json`, it must describe
//! BERT's tokenizer: with any other the model would get other tokens than it was trained on.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::folder::ModelFolder;
use super::options::FoundSetting;
use super::writer::ModelWriter;
use crate::embed::model_file::{CASED, Header};
use crate::embed::read::{MOST_SETTINGS_BYTES, read, wrong};
use crate::embed::special_tokens::UNK;
use crate::embed::vocabulary::{MAX_PIECE, longest, slots};
use crate::embed::wordpiece::{SPECIALS, WORD_CHARS_MAX};
use crate::error::Result;

/// The settings in `tokenizer_config.json` that change tokens.
#[derive(Default, Deserialize)]
struct TokenizerConfig {
    do_lower_case: Option<bool>,
    strip_accents: Option<bool>,
    tokenize_chinese_chars: Option<bool>,
    do_basic_tokenize: Option<bool>,
}

/// The settings in `tokenizer.json` that change tokens.
#[derive(Deserialize)]
struct TokenizerFile {
    normalizer: Option<Normalizer>,
    pre_tokenizer: Option<PreTokenizer>,
    model: WordPiece,
}

/// The part that splits texts into words.
#[derive(Deserialize)]
struct PreTokenizer {
    #[serde(rename = "type")]
    kind: String,
}

/// The part that cleans texts.
#[derive(Deserialize)]
struct Normalizer {
    #[serde(rename = "type")]
    kind: String,
    clean_text: Option<bool>,
    handle_chinese_chars: Option<bool>,
    strip_accents: Option<bool>,
    lowercase: Option<bool>,
}

/// The part that cuts words into pieces.
#[derive(Deserialize)]
struct WordPiece {
    #[serde(rename = "type")]
    kind: Option<String>,
    unk_token: Option<String>,
    continuing_subword_prefix: Option<String>,
    max_input_chars_per_word: Option<usize>,
    /// Pieces with their numbers; not parsed yet, as other kinds of models have lists here.
    vocab: Value,
}

/// The word pieces of a folder.
pub(super) struct WordPieces {
    /// The word pieces; a piece's number is its place.
    pub(super) pieces: Vec<String>,
    /// The numbers of [`SPECIALS`].
    specials: [u32; 5],
    /// Whether words keep their capitals and accents.
    pub(super) cased: FoundSetting<bool>,
}

impl WordPieces {
    /// The word pieces in `folder`.
    pub(super) fn read(folder: &ModelFolder) -> Result<Self> {
        let cased = casing(folder)?;
        let (text, json) = (folder.file("vocab.txt"), folder.file("tokenizer.json"));
        let (pieces, path) = if text.is_file() {
            (read_lines(&text)?, text)
        } else if let Some(tokenizer) = tokenizer(folder)? {
            (read_map(tokenizer.model.vocab).map_err(|what| wrong(&json, what))?, json)
        } else {
            return Err(wrong(folder.path(), "it has neither a vocab.txt nor a tokenizer.json"));
        };
        let specials = check(&pieces).map_err(|what| wrong(&path, what))?;
        Ok(Self { pieces, specials, cased })
    }

    /// Leaves out the pieces that aren't written in the right letters, and returns the numbers that the others had.
    pub(super) fn keep(&mut self, is_written: impl Fn(&str) -> bool) -> Vec<u32> {
        let (pieces, specials) = (std::mem::take(&mut self.pieces), self.specials);
        let kept = (0..).zip(pieces).filter(|(id, piece)| specials.contains(id) || is_written(piece));
        let (kept, pieces): (Vec<u32>, Vec<String>) = kept.unzip();
        self.pieces = pieces;
        self.specials = specials.map(|id| kept.binary_search(&id).unwrap_or(0) as u32);
        kept
    }

    /// Appends the pieces and their hash table, and says in the header what they are.
    pub(super) fn write(&self, file: &mut ModelWriter, header: &mut Header) {
        let slots = slots(&self.pieces);
        file.vocabulary(&self.pieces, &slots);
        header.flags |= if self.cased.value { CASED } else { 0 };
        header.specials = self.specials;
        header.pieces_len = self.pieces.iter().map(String::len).sum::<usize>() as u32;
        header.slots = slots.len() as u32;
        header.longest_piece = longest(&self.pieces) as u32;
    }
}

/// `tokenizer.json`, if it is there and of the right kind.
fn tokenizer(folder: &ModelFolder) -> Result<Option<TokenizerFile>> {
    let path = folder.file("tokenizer.json");
    let Some(tokenizer) = folder.json::<TokenizerFile>("tokenizer.json")? else { return Ok(None) };
    let TokenizerFile { normalizer, pre_tokenizer, model } = &tokenizer;
    let kinds = [
        (model.kind.as_deref(), "WordPiece"),
        (normalizer.as_ref().map(|part| &*part.kind), "BertNormalizer"),
        (pre_tokenizer.as_ref().map(|part| &*part.kind), "BertPreTokenizer"),
        (model.unk_token.as_deref(), SPECIALS[UNK]),
        (model.continuing_subword_prefix.as_deref(), "##"),
    ];
    for (found, wanted) in kinds {
        if let Some(found) = found.filter(|found| *found != wanted) {
            let what = format!("it has `{}` where qsearch runs `{wanted}`", found.escape_debug());
            return Err(wrong(&path, what));
        }
    }
    if model.max_input_chars_per_word.is_some_and(|most| most != WORD_CHARS_MAX) {
        return Err(wrong(&path, format!("its words may not have {WORD_CHARS_MAX} letters as with BERT")));
    }
    let flags = normalizer.iter().flat_map(|part| [part.clean_text, part.handle_chinese_chars]);
    if flags.flatten().any(|flag| !flag) {
        return Err(wrong(&path, "it switches off a part of BERT's normalizer, which qsearch can't do"));
    }
    Ok(Some(tokenizer))
}

/// Whether words keep their capitals and accents.
fn casing(folder: &ModelFolder) -> Result<FoundSetting<bool>> {
    const FILE: &str = "tokenizer_config.json";
    let config: TokenizerConfig = folder.json(FILE)?.unwrap_or_default();
    let normalizer = tokenizer(folder)?.and_then(|tokenizer| tokenizer.normalizer);
    let (lower, from) = match (config.do_lower_case, normalizer.as_ref().and_then(|part| part.lowercase)) {
        (Some(lower), _) => (lower, FILE),
        (None, Some(lower)) => (lower, "tokenizer.json"),
        // The default of BERT's tokenizer in transformers.
        (None, None) => (true, "the default"),
    };
    let path = folder.file(if config.strip_accents.is_some() { FILE } else { "tokenizer.json" });
    let strip = config.strip_accents.or(normalizer.and_then(|part| part.strip_accents));
    if strip.is_some_and(|strip| strip != lower) {
        let what = "it treats capitals and accents differently, which qsearch can't do";
        return Err(wrong(&path, what));
    }
    if config.tokenize_chinese_chars == Some(false) || config.do_basic_tokenize == Some(false) {
        let what = "it switches off a part of BERT's tokenizer, which qsearch can't do";
        return Err(wrong(&folder.file(FILE), what));
    }
    Ok(FoundSetting::new(!lower, from))
}

/// The word pieces of `vocab.txt`, one a line; a piece's number is its line, counted from 0.
fn read_lines(path: &Path) -> Result<Vec<String>> {
    let bytes = read(path, MOST_SETTINGS_BYTES)?;
    let text = String::from_utf8(bytes).map_err(|_| wrong(path, "it isn't UTF-8"))?;
    // A line ends at LF alone: pieces may be other characters that some readers take for line ends.
    let mut pieces: Vec<_> =
        text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line).to_owned()).collect();
    if pieces.last().is_some_and(String::is_empty) {
        pieces.pop();
    }
    Ok(pieces)
}

/// The word pieces of `tokenizer.json`, put into the order of their numbers.
fn read_map(vocab: Value) -> Result<Vec<String>, String> {
    let map: HashMap<String, usize> =
        serde_json::from_value(vocab).map_err(|error| format!("its vocabulary isn't one: {error}"))?;
    let mut pieces = vec![None; map.len()];
    for (piece, id) in map {
        let count = pieces.len();
        let Some(place) = pieces.get_mut(id) else {
            return Err(format!("its piece `{}` has the number {id} of {count}", piece.escape_debug()));
        };
        *place = Some(piece);
    }
    let gap = pieces.iter().position(Option::is_none);
    gap.map_or_else(
        || Ok(pieces.into_iter().flatten().collect()),
        |id| Err(format!("its vocabulary has no piece, or two for another, at number {id}")),
    )
}

/// Checks that the tokenizer can use these pieces, and returns the numbers of the special ones.
fn check(pieces: &[String]) -> Result<[u32; 5], String> {
    let mut seen = HashSet::new();
    if let Some(piece) = pieces.iter().find(|piece| !seen.insert(piece.as_str())) {
        return Err(format!("its vocabulary has `{}` twice", piece.escape_debug()));
    }
    if longest(pieces) > MAX_PIECE {
        return Err(format!("its vocabulary has a piece of more than {MAX_PIECE} bytes"));
    }
    let mut ids = [0; 5];
    for (id, special) in ids.iter_mut().zip(SPECIALS) {
        let at = pieces.iter().position(|piece| piece == special);
        *id = at.ok_or_else(|| format!("its vocabulary has no {special}"))? as u32;
    }
    Ok(ids)
}
