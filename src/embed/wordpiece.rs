//! BERT's tokenizer, `WordPiece`, over cleaned words, lower-cased and without accents unless the model is cased (Devlin et
//! al. 2018). It gives the same numbers as the `tokenizers` crate's `BertNormalizer`, `BertPreTokenizer` and `WordPiece`.
//!
//! There is one pass over the text: each character is cleaned, decomposed, stripped of accents, lower-cased and added to
//! the current word; a finished word is cut greedily into the longest pieces of the vocabulary. A word of more than 100
//! characters is one `[UNK]` and its letters aren't kept, so the time is linear in the length of any text. Special tokens
//! that a text writes out, like `[MASK]`, are recognised, as in the reference.

use std::ops::ControlFlow;

use unicode_categories::UnicodeCategories;
use unicode_normalization::char::{canonical_combining_class, decompose_canonical};

use super::special_tokens::UNK;
pub(super) use super::vocabulary::PieceKind;
use super::vocabulary::{Vocabulary, letters};

/// Words of more characters become `[UNK]`.
pub(super) const WORD_CHARS_MAX: usize = 100;
/// How the special tokens are written, in the order of the model file.
pub(super) const SPECIALS: [&str; 5] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

/// The tokenizer of one model.
#[derive(Clone, Copy, Debug)]
pub(super) struct WordPiece<'a> {
    pub(super) vocabulary: Vocabulary<'a>,
    /// The numbers of [`SPECIALS`].
    pub(super) specials: [u32; 5],
    /// Whether words keep their capitals and accents.
    pub(super) cased: bool,
}

impl WordPiece<'_> {
    /// Calls `emit` with each token of `text` in order: its number, and the byte offset one past its end. A
    /// character that becomes several tokens ends each of them. Stops early when `emit` breaks.
    pub(super) fn tokens(&self, text: &str, emit: impl FnMut(u32, usize) -> ControlFlow<()>) {
        let mut scanner =
            Scanner { tokenizer: self, word: Word::default(), marks: Vec::new(), cuts: Vec::new(), emit };
        // The caller knows whether `emit` broke off.
        let _stopped = scanner.text(text);
    }

    /// Where in a word a piece may stand, and its letters without a mark.
    pub(super) fn piece(&self, id: u32) -> Option<(PieceKind, &str)> {
        let (kind, letters) = letters(self.vocabulary.piece(id)?);
        Some((kind, std::str::from_utf8(letters).ok()?))
    }
}

/// The current word. Letters beyond [`WORD_CHARS_MAX`] aren't kept.
#[derive(Default)]
struct Word {
    letters: String,
    /// For each byte of `letters`, where its character ends in the text.
    ends: Vec<usize>,
    chars: usize,
    /// Where the last character ends in the text.
    end: usize,
}

impl Word {
    /// Takes one more character that ends at `end` in the text.
    fn push(&mut self, letter: char, end: usize) {
        self.chars += 1;
        // Combining characters may have changed places, but ends must ascend.
        self.end = self.end.max(end);
        if self.chars <= WORD_CHARS_MAX {
            self.letters.push(letter);
            self.ends.resize(self.letters.len(), self.end);
        }
    }

    fn clear(&mut self) {
        self.letters.clear();
        self.ends.clear();
        self.chars = 0;
    }
}

/// The state of one pass over a text. Its methods are the stages that each character goes through, in order; all of
/// them break off when `emit` does.
struct Scanner<'a, E> {
    tokenizer: &'a WordPiece<'a>,
    word: Word,
    /// Combining characters since the last base character: class, character, end in the text.
    marks: Vec<(u8, char, usize)>,
    /// The pieces of the current word, and their ends in the text.
    cuts: Vec<(u32, usize)>,
    emit: E,
}

impl<E: FnMut(u32, usize) -> ControlFlow<()>> Scanner<'_, E> {
    /// Takes the whole text.
    fn text(&mut self, text: &str) -> ControlFlow<()> {
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            if c == '['
                && let Some(special) = SPECIALS.iter().position(|special| text[at..].starts_with(special))
            {
                self.finish_word()?;
                at += SPECIALS[special].len();
                (self.emit)(self.tokenizer.specials[special], at)?;
                continue;
            }
            at += c.len_utf8();
            if c.is_ascii() { self.ascii(c, at)? } else { self.clean(c, at)? }
        }
        self.finish_word()
    }

    /// A fast [`clean`](Self::clean) for ASCII characters.
    fn ascii(&mut self, c: char, end: usize) -> ControlFlow<()> {
        match c {
            'A'..='Z' if !self.tokenizer.cased => self.base(c.to_ascii_lowercase(), end),
            'a'..='z' | 'A'..='Z' | '0'..='9' => self.base(c, end),
            ' ' | '\t' | '\n' | '\r' => self.finish_word(),
            _ if c.is_ascii_punctuation() => self.alone(c, end),
            _ => ControlFlow::Continue(()),
        }
    }

    /// Takes a character of the text: drops controls, sets ideographs apart, decomposes the rest.
    fn clean(&mut self, c: char, end: usize) -> ControlFlow<()> {
        if c == char::REPLACEMENT_CHARACTER || c.is_other() {
            return ControlFlow::Continue(());
        }
        if c.is_whitespace() {
            return self.finish_word();
        }
        let ideograph = is_ideograph(c);
        if ideograph {
            self.finish_word()?;
        }
        if self.tokenizer.cased {
            self.normal(c, end)?;
        } else {
            self.decompose(c, end)?;
        }
        if ideograph { self.finish_word() } else { ControlFlow::Continue(()) }
    }

    /// Takes a character apart into base character and accents.
    fn decompose(&mut self, c: char, end: usize) -> ControlFlow<()> {
        let mut flow = ControlFlow::Continue(());
        decompose_canonical(c, |part| {
            if flow.is_continue() {
                flow = self.part(part, end);
            }
        });
        flow
    }

    /// Takes a character of the decomposed text, and drops accents.
    fn part(&mut self, part: char, end: usize) -> ControlFlow<()> {
        let class = canonical_combining_class(part);
        if class == 0 {
            self.settle_marks()?;
        }
        if part.is_mark_nonspacing() {
            ControlFlow::Continue(())
        } else if class == 0 {
            self.lower(part, end)
        } else {
            self.marks.push((class, part, end));
            ControlFlow::Continue(())
        }
    }

    /// Passes on the waiting combining characters in canonical order.
    fn settle_marks(&mut self) -> ControlFlow<()> {
        if self.marks.is_empty() {
            return ControlFlow::Continue(());
        }
        let mut marks = std::mem::take(&mut self.marks);
        marks.sort_by_key(|(class, ..)| *class);
        marks.into_iter().try_for_each(|(_, mark, end)| self.lower(mark, end))
    }

    /// Takes a character without accents.
    fn lower(&mut self, c: char, end: usize) -> ControlFlow<()> {
        c.to_lowercase().try_for_each(|lower| self.normal(lower, end))
    }

    /// Takes a normalised character, and ends the current word at white space and punctuation.
    fn normal(&mut self, c: char, end: usize) -> ControlFlow<()> {
        if c.is_whitespace() {
            self.cut_word()
        } else if is_punctuation(c) {
            self.cut_word()?;
            self.word.push(c, end);
            self.cut_word()
        } else {
            self.word.push(c, end);
            ControlFlow::Continue(())
        }
    }

    /// Takes a letter or digit that is normalised already.
    fn base(&mut self, letter: char, end: usize) -> ControlFlow<()> {
        self.settle_marks()?;
        self.word.push(letter, end);
        ControlFlow::Continue(())
    }

    /// Takes a character that is a word of its own.
    fn alone(&mut self, c: char, end: usize) -> ControlFlow<()> {
        self.finish_word()?;
        self.word.push(c, end);
        self.cut_word()
    }

    /// Ends the current word, combining characters included.
    fn finish_word(&mut self) -> ControlFlow<()> {
        self.settle_marks()?;
        self.cut_word()
    }

    /// Cuts the current word into pieces; if a part of it has no piece, the word is one `[UNK]`.
    fn cut_word(&mut self) -> ControlFlow<()> {
        if self.word.chars == 0 {
            return ControlFlow::Continue(());
        }
        self.cuts.clear();
        let mut at = if self.word.chars > WORD_CHARS_MAX { None } else { Some(0) };
        while let Some(start) = at.filter(|start| *start < self.word.letters.len()) {
            let kind = if start == 0 { PieceKind::Start } else { PieceKind::Continuation };
            at = self.tokenizer.vocabulary.longest_match(&self.word.letters[start..], kind).map(
                |(id, len)| {
                    self.cuts.push((id, self.word.ends[start + len - 1]));
                    start + len
                },
            );
        }
        if at.is_none() {
            self.cuts.clear();
            self.cuts.push((self.tokenizer.specials[UNK], self.word.end));
        }
        self.word.clear();
        self.cuts.iter().try_for_each(|(id, end)| (self.emit)(*id, *end))
    }
}

/// Whether BERT takes a character for punctuation, which is a word of its own.
fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation() || c.is_punctuation()
}

/// Whether the tokens of `prefix` and any text together are those of the prefix and then those of the text. For that a
/// prefix must end a word, and not end with the beginning of a special token.
pub(super) fn stands_apart(prefix: &str) -> bool {
    prefix
        .chars()
        .next_back()
        .is_none_or(|last| last != '[' && (matches!(last, ' ' | '\t' | '\n' | '\r') || is_punctuation(last)))
}

/// Whether BERT takes a character for Chinese, where each character is a word of its own.
fn is_ideograph(c: char) -> bool {
    matches!(
        c,
        '\u{4e00}'..='\u{9fff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{20000}'..='\u{2a6df}'
            | '\u{2a700}'..='\u{2b73f}'
            | '\u{2b740}'..='\u{2b81f}'
            | '\u{2b920}'..='\u{2ceaf}'
            | '\u{f900}'..='\u{faff}'
            | '\u{2f800}'..='\u{2fa1f}'
    )
}

#[cfg(test)]
#[path = "wordpiece_tests.rs"]
mod tests;
