//! The vocabulary of a `SentencePiece` model in `tokenizer.json`: its pieces with their scores, and how texts are read.
//!
//! What the file describes must be what the encoder's tokenizer does: with anything else the model would get other tokens
//! than it was trained on.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

use super::folder::ModelFolder;
use super::options::FoundSetting;
use super::writer::ModelWriter;
use crate::embed::char_map;
use crate::embed::double_array;
use crate::embed::model_file::{
    COLLAPSE, Header, MASK_STRIPS, PREPEND_FIRST, PREPEND_NEVER, SEPARATE, STRIP_END, UNIGRAM,
};
use crate::embed::read::{read_if_there, wrong};
use crate::embed::special_tokens::{CLS, SEP, UNK};
use crate::embed::unigram::{BLANK, MASK, SPECIALS};
use crate::error::Result;

/// The name of the file.
const FILE: &str = "tokenizer.json";

/// What tells kinds of tokenizers apart.
#[derive(Deserialize)]
struct KindFile {
    #[serde(default)]
    model: Kind,
}

/// The kind of a part.
#[derive(Default, Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// The settings that change tokens.
#[derive(Deserialize)]
struct UnigramFile {
    #[serde(default)]
    added_tokens: Vec<AddedToken>,
    #[serde(default)]
    normalizer: Value,
    #[serde(default)]
    pre_tokenizer: Value,
    #[serde(default)]
    post_processor: Value,
    model: UnigramModel,
}

/// A token that is recognised where a text writes it out.
#[derive(Deserialize)]
struct AddedToken {
    id: u32,
    content: String,
    #[serde(default)]
    lstrip: bool,
}

/// The pieces.
#[derive(Deserialize)]
struct UnigramModel {
    unk_id: Option<usize>,
    vocab: Vec<(String, f64)>,
    byte_fallback: Option<bool>,
}

/// A unigram model's vocabulary.
pub(super) struct SentencePieces {
    /// The pieces with their scores; a piece's number is its place.
    pub(super) pieces: Vec<(String, f32)>,
    /// Whether words keep their capitals and accents: always.
    pub(super) cased: FoundSetting<bool>,
    specials: [u32; 5],
    /// The least score, whether its piece is kept or not.
    least_score: f32,
    /// The precompiled map of characters; empty if there is none.
    char_map: Vec<u8>,
    /// The flags of the header that say how texts are read.
    flags: u32,
}

impl SentencePieces {
    /// The vocabulary in `folder`, if it is of this kind.
    pub(super) fn read(folder: &ModelFolder) -> Result<Option<Self>> {
        let path = folder.file(FILE);
        let Some(bytes) = read_if_there(&path)? else { return Ok(None) };
        Self::parse(&bytes).map_err(|what| wrong(&path, what))
    }

    /// The vocabulary in the content of a `tokenizer.json`, if it is of this kind. The error is a phrase.
    pub(super) fn parse(bytes: &[u8]) -> std::result::Result<Option<Self>, String> {
        let kind: KindFile = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if kind.model.kind.as_deref() != Some("Unigram") {
            return Ok(None);
        }
        Self::of(serde_json::from_slice(bytes).map_err(|error| error.to_string())?).map(Some)
    }

    /// The vocabulary that a file describes. The error is a phrase.
    fn of(file: UnigramFile) -> std::result::Result<Self, String> {
        let pieces: Vec<(String, f32)> =
            file.model.vocab.into_iter().map(|(piece, score)| (piece, score as f32)).collect();
        if pieces.is_empty() || pieces.len() > 1 << 20 {
            return Err(format!("its vocabulary has {} pieces", pieces.len()));
        }
        if pieces.iter().any(|(_, score)| !score.is_finite()) {
            return Err("a piece of its vocabulary has a score that isn't finite".into());
        }
        if file.model.byte_fallback == Some(true) {
            return Err("it spells unknown characters as bytes, which qsearch can't do".into());
        }
        let specials = specials(&file.added_tokens, pieces.len())?;
        if file.model.unk_id != Some(specials[UNK] as usize) {
            return Err("its unknown piece isn't <unk>".into());
        }
        check_ends(&file.post_processor, specials)?;
        let (char_map, normalized) = normalizer(&file.normalizer)?;
        if !char_map.is_empty() {
            char_map::parts(&char_map)?;
        }
        let least_score = pieces.iter().map(|(_, score)| *score).fold(f32::INFINITY, f32::min);
        let strips = file.added_tokens.iter().any(|token| token.lstrip && token.id == specials[MASK]);
        let mask = if strips { MASK_STRIPS } else { 0 };
        let flags = UNIGRAM | normalized | mask | pre_tokenizer(&file.pre_tokenizer)?;
        let cased = FoundSetting::new(true, FILE);
        Ok(Self { pieces, cased, specials, least_score, char_map, flags })
    }

    /// Whether no blank is put before a text's first word.
    pub(super) fn changes_words(&self) -> bool {
        self.flags & PREPEND_NEVER != 0
    }

    /// Leaves out the pieces that aren't written in the right letters, and returns the numbers that the others had.
    pub(super) fn keep(&mut self, is_written: impl Fn(&str) -> bool) -> Vec<u32> {
        let (mut kept, mut at) = (Vec::new(), 0);
        let specials = self.specials;
        self.pieces.retain(|(piece, _)| {
            let keeps = specials.contains(&at) || is_written(piece);
            if keeps {
                kept.push(at);
            }
            at += 1;
            keeps
        });
        self.specials = specials.map(|id| kept.binary_search(&id).unwrap_or(0) as u32);
        kept
    }

    /// Appends the tries and the scores. The error is a phrase.
    pub(super) fn write(
        &self,
        file: &mut ModelWriter,
        header: &mut Header,
    ) -> std::result::Result<(), String> {
        let mut keys: Vec<(&[u8], u32)> =
            (0..).zip(&self.pieces).map(|(id, (piece, _))| (piece.as_bytes(), id)).collect();
        keys.sort_unstable();
        let trie = double_array::build(&keys)
            .ok_or("its vocabulary has a piece twice, an empty one, or one with a zero byte")?;
        let (char_trie, char_texts) =
            if self.char_map.is_empty() { Default::default() } else { char_map::parts(&self.char_map)? };
        file.array(&trie);
        file.floats(&self.pieces.iter().map(|(_, score)| *score).collect::<Vec<_>>());
        file.array(char_trie);
        file.array(char_texts);
        header.flags |= self.flags;
        header.specials = self.specials;
        header.trie = (trie.len() / 4) as u32;
        header.char_trie = (char_trie.len() / 4) as u32;
        header.char_texts_len = char_texts.len() as u32;
        header.least_score = self.least_score.to_bits();
        Ok(())
    }
}

/// The numbers of the special tokens.
fn specials(added: &[AddedToken], pieces: usize) -> std::result::Result<[u32; 5], String> {
    if let Some(other) = added.iter().find(|token| !SPECIALS.contains(&&*token.content)) {
        return Err(format!("it has a token `{}`, which qsearch doesn't know", other.content.escape_debug()));
    }
    let mut ids = [0; 5];
    for (id, special) in ids.iter_mut().zip(SPECIALS) {
        let token = added.iter().find(|token| token.content == special && (token.id as usize) < pieces);
        *id = token.ok_or_else(|| format!("it has no token {special} in its vocabulary"))?.id;
    }
    Ok(ids)
}

/// Checks that a text stands between the first and the last token, if the file says what does.
fn check_ends(processor: &Value, specials: [u32; 5]) -> std::result::Result<(), String> {
    let single = processor["single"].as_array().map(Vec::as_slice).unwrap_or_default();
    let token = |part: &Value| part["SpecialToken"]["id"].as_str().map(str::to_owned);
    let ends = match single {
        [] => return Ok(()),
        [first, text, last] if text.get("Sequence").is_some() => (token(first), token(last)),
        _ => (None, None),
    };
    let wanted = (Some(SPECIALS[CLS].to_owned()), Some(SPECIALS[SEP].to_owned()));
    if ends == wanted && specials[CLS] != specials[SEP] {
        return Ok(());
    }
    Err(format!("it doesn't put a text between {} and {}", SPECIALS[CLS], SPECIALS[SEP]))
}

/// The parts of a sequence, or the only one.
fn parts<'a>(whole: &'a Value, list: &str) -> Vec<&'a Value> {
    match whole[list].as_array() {
        _ if whole.is_null() => Vec::new(),
        Some(parts) if whole["type"] == "Sequence" => parts.iter().collect(),
        _ => vec![whole],
    }
}

/// The refusal of a part that isn't one that can be run.
fn refused(part: &Value) -> String {
    let mut text = part.to_string();
    if let Some((end, _)) = text.char_indices().nth(80) {
        text.truncate(end);
    }
    format!("it has `{text}`, which qsearch can't run")
}

/// The precompiled map and the flags of a normaliser: the map, white space at the end, several blanks, in this order.
fn normalizer(whole: &Value) -> std::result::Result<(Vec<u8>, u32), String> {
    let (mut map, mut flags) = (Vec::new(), 0);
    let mut before = 0;
    for part in parts(whole, "normalizers") {
        let content = part["content"].as_str();
        let is_blank = content == Some(" ") || content == Some(BLANK.encode_utf8(&mut [0; 4]));
        let place = match part["type"].as_str() {
            Some("Precompiled") => {
                let text = part["precompiled_charsmap"].as_str().unwrap_or_default();
                map = STANDARD.decode(text).map_err(|_| "its precompiled map of characters isn't base64")?;
                1
            }
            Some("Strip") if part["strip_left"] == false && part["strip_right"] == true => {
                flags |= STRIP_END;
                2
            }
            Some("Replace") if part["pattern"]["Regex"] == " {2,}" && is_blank => {
                flags |= COLLAPSE;
                3
            }
            _ => return Err(refused(part)),
        };
        if place <= before {
            return Err(refused(part));
        }
        before = place;
    }
    Ok((map, flags))
}

/// The flags of what splits texts into words.
fn pre_tokenizer(whole: &Value) -> std::result::Result<u32, String> {
    let of_marks = |part: &Value| {
        let is_mark = part["type"] == "Metaspace"
            && part["replacement"].as_str() == Some(BLANK.encode_utf8(&mut [0; 4]));
        if !is_mark || part["split"] == false {
            return Err(refused(part));
        }
        match (part["prepend_scheme"].as_str(), part["add_prefix_space"].as_bool()) {
            (None | Some("always"), None | Some(true)) => Ok(0),
            (Some("first"), None | Some(true)) => Ok(PREPEND_FIRST),
            (Some("never"), _) | (None, Some(false)) => Ok(PREPEND_NEVER),
            _ => Err(refused(part)),
        }
    };
    match parts(whole, "pretokenizers")[..] {
        [marks] => of_marks(marks),
        // Which words are first then depends on what was left out before them.
        [_, marks] if marks["prepend_scheme"] == "first" => Err(refused(whole)),
        [split, marks] if split["type"] == "WhitespaceSplit" => Ok(SEPARATE | of_marks(marks)?),
        _ => Err(refused(whole)),
    }
}
