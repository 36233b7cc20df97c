//! A model's tokenizer, of whichever kind: text to token numbers, and what these tell about a text.

use std::ops::ControlFlow;

use super::special_tokens::UNK;
use super::unigram::Unigram;
use super::wordpiece::{PieceKind, WordPiece};

/// The tokenizer of one model.
#[derive(Clone, Copy, Debug)]
pub(super) enum Tokenizer<'a> {
    /// BERT's.
    WordPiece(WordPiece<'a>),
    /// That of XLM-R.
    Unigram(Unigram<'a>),
}

impl Tokenizer<'_> {
    /// Calls `emit` with each token of `text` in order: its number, and the byte offset one past its end. A
    /// character that becomes several tokens ends each of them. Stops early when `emit` breaks.
    pub(super) fn tokens(&self, text: &str, emit: impl FnMut(u32, usize) -> ControlFlow<()>) {
        match self {
            Self::WordPiece(tokenizer) => tokenizer.tokens(text, emit),
            Self::Unigram(tokenizer) => tokenizer.tokens(text, emit),
        }
    }

    /// The numbers of the special tokens: padding, unknown, first, last, mask.
    pub(super) fn specials(&self) -> [u32; 5] {
        match self {
            Self::WordPiece(tokenizer) => tokenizer.specials,
            Self::Unigram(tokenizer) => tokenizer.specials,
        }
    }

    /// The share of a text's letters and digits that the vocabulary can say something of. `[UNK]` tells nothing; nor does a
    /// single letter where other words are pieces of several, as in scripts that a BERT has no words of.
    pub(super) fn known(&self, text: &str) -> f32 {
        let single_letters_tell = matches!(self, Self::Unigram(_));
        let (mut start, mut letters, mut known) = (0, 0, 0);
        self.tokens(text, |id, end| {
            let piece = &text[start..end.max(start)];
            let count = piece.chars().filter(|c| c.is_alphanumeric()).count();
            letters += count;
            let tells = count > 1 || single_letters_tell || piece.trim().is_ascii();
            if id != self.specials()[UNK] && tells {
                known += count;
            }
            start = end.max(start);
            ControlFlow::Continue(())
        });
        if letters == 0 { 0.0 } else { known as f32 / letters as f32 }
    }

    /// The share of a text's letters that stand in words which are one piece each; 1 for a text without letters. In the
    /// language that the vocabulary was made for most do, in others few. A unigram model's was made for all that it
    /// [knows](Self::known).
    pub(super) fn fluent(&self, text: &str) -> f32 {
        let Self::WordPiece(tokenizer) = self else {
            let has_letters = text.chars().any(char::is_alphanumeric);
            return if has_letters { self.known(text) } else { 1.0 };
        };
        let (mut start, mut all, mut whole) = (0, 0, 0);
        // The letters of the word before, and whether it is one piece so far.
        let mut word = (0, false);
        self.tokens(text, |id, end| {
            let letters = text[start..end.max(start)].chars().filter(|c| c.is_alphabetic()).count();
            start = end.max(start);
            all += letters;
            if tokenizer.piece(id).is_some_and(|(kind, _)| kind == PieceKind::Continuation) {
                word.1 = false;
            } else {
                whole += if word.1 { word.0 } else { 0 };
                word = (letters, letters > 1 && id != tokenizer.specials[UNK]);
            }
            ControlFlow::Continue(())
        });
        whole += if word.1 { word.0 } else { 0 };
        if all == 0 { 1.0 } else { whole as f32 / all as f32 }
    }

    /// The numbers of the first `limit` tokens of `text`.
    pub(super) fn encode(&self, text: &str, limit: usize) -> Vec<u32> {
        let mut ids = Vec::new();
        self.tokens(text, |id, _| {
            if ids.len() == limit {
                return ControlFlow::Break(());
            }
            ids.push(id);
            ControlFlow::Continue(())
        });
        ids
    }

    /// The numbers of the tokens of a prefix that a text will follow.
    pub(super) fn encode_prefix(&self, prefix: &str, limit: usize) -> Vec<u32> {
        match self {
            Self::WordPiece(_) => self.encode(prefix, limit),
            // The blank at its end belongs to the text's first word.
            Self::Unigram(_) => self.encode(prefix.trim_end(), limit),
        }
    }
}
