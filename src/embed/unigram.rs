//! The tokenizer of `SentencePiece`'s unigram models (Kudo 2018), as XLM-R and its kin have it. It gives the same numbers as
//! the `tokenizers` crate's `Precompiled`, `Metaspace` and `Unigram`.
//!
//! Characters are written as the model's [`CharMap`] says, a blank becomes a `▁` that begins a word, and a word is cut into
//! the pieces whose scores have the greatest sum (Viterbi). Words are cut one by one, and a word of very many letters in
//! parts, so the time is linear in the length of any text. Special tokens that a text writes out, like `<mask>`, are
//! recognised, as in the reference.

use std::ops::{ControlFlow, Range};

use unicode_segmentation::UnicodeSegmentation;

use super::char_map::CharMap;
use super::double_array::DoubleArray;
use super::special_tokens::UNK;

/// How the special tokens are written, in the order of the model file.
pub(super) const SPECIALS: [&str; 5] = ["<pad>", "<unk>", "<s>", "</s>", "<mask>"];
/// The place of `<mask>` in [`SPECIALS`].
pub(super) const MASK: usize = 4;
/// What stands for a blank.
pub(super) const BLANK: char = '\u{2581}';
/// How much less than the worst piece a character without a piece scores.
const UNKNOWN_PENALTY: f64 = 10.0;
/// A word of more bytes is cut in parts.
const WORD_BYTES_MAX: usize = 1 << 14;
/// Sequences of more bytes are looked up character by character.
const SEQUENCE_BYTES_MAX: usize = 5;

/// How blanks make words of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Blanks {
    /// Whether white space of any kind separates words and is gone then (`WhitespaceSplit`).
    pub(super) separate: bool,
    /// Whether several blanks are as one.
    pub(super) collapse: bool,
    /// Whether white space at the end of a text is left out.
    pub(super) strip_end: bool,
    /// Which words begin as if a blank stood before them.
    pub(super) prepend: Prepend,
}

/// Which words begin as if a blank stood before them, though none does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prepend {
    /// All that follow white space, a special token, or nothing.
    Always,
    /// That at the beginning of the text.
    First,
    /// None.
    Never,
}

/// The tokenizer of one model.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unigram<'a> {
    /// The pieces, with their numbers.
    pub(super) pieces: DoubleArray<'a>,
    /// The score of each piece, an `f32`.
    pub(super) scores: &'a [[u8; 4]],
    /// The least of the scores.
    pub(super) least_score: f32,
    /// How characters are written.
    pub(super) chars: CharMap<'a>,
    /// How words are told apart.
    pub(super) blanks: Blanks,
    /// Whether `<mask>` takes in the white space before it.
    pub(super) mask_strips: bool,
    /// The numbers of the [`SPECIALS`].
    pub(super) specials: [u32; 5],
}

impl Unigram<'_> {
    /// Calls `emit` with each token of `text` in order: its number, and the byte offset one past its end. The piece of a
    /// blank that isn't in the text ends where it begins. Stops early when `emit` breaks.
    pub(super) fn tokens(&self, text: &str, emit: impl FnMut(u32, usize) -> ControlFlow<()>) {
        let mut scanner = Scanner {
            tokenizer: self,
            word: Word::default(),
            begins: true,
            after_blank: false,
            held: Vec::new(),
            best: Vec::new(),
            cuts: Vec::new(),
            emit,
        };
        // The caller knows whether `emit` broke off.
        let _stopped = scanner.text(text);
    }

    /// The score of a piece, if there is one of this number.
    fn score(&self, id: u32) -> Option<f64> {
        self.scores.get(id as usize).map(|bytes| f64::from(f32::from_le_bytes(*bytes)))
    }
}

/// The current word as it is looked up.
#[derive(Default)]
struct Word {
    letters: String,
    /// For each byte of `letters`, where its character ends in the text.
    ends: Vec<usize>,
}

/// The best way to cut a word up to some byte.
#[derive(Clone, Copy)]
struct Best {
    score: f64,
    /// Where the last piece begins; `usize::MAX` if no way leads here.
    start: usize,
    /// The number of the last piece.
    id: u32,
}

/// The state of one pass over a text. Its methods are the stages that each character goes through, in order; all of
/// them break off when `emit` does.
struct Scanner<'a, E> {
    tokenizer: &'a Unigram<'a>,
    word: Word,
    /// Whether nothing of the current stretch between special tokens, or after white space that separates, has come yet.
    begins: bool,
    /// Whether the last character was a blank.
    after_blank: bool,
    /// White space that is left out if nothing follows: characters, and where they stand.
    held: Vec<(char, Range<usize>)>,
    /// The best cuts of the current word.
    best: Vec<Best>,
    /// The pieces of the current word, last first, and their ends in the text.
    cuts: Vec<(u32, usize)>,
    emit: E,
}

impl<E: FnMut(u32, usize) -> ControlFlow<()>> Scanner<'_, E> {
    /// Takes the whole text.
    fn text(&mut self, text: &str) -> ControlFlow<()> {
        let mut start = 0;
        loop {
            let special = next_special(text, start);
            let (end, next) = special.map_or((text.len(), text.len()), |(at, which)| {
                let strips = which == MASK && self.tokenizer.mask_strips;
                let end = if strips { start + text[start..at].trim_end().len() } else { at };
                (end, at + SPECIALS[which].len())
            });
            self.stretch(text, start, end)?;
            let Some((_, which)) = special else { return ControlFlow::Continue(()) };
            (self.emit)(self.tokenizer.specials[which], next)?;
            start = next;
        }
    }

    /// Takes what stands between two special tokens.
    fn stretch(&mut self, text: &str, start: usize, end: usize) -> ControlFlow<()> {
        self.begins = true;
        self.after_blank = false;
        let (mut at, bytes) = (start, text.as_bytes());
        while at < end {
            let is_ascii = |at: usize| at >= end || bytes[at].is_ascii();
            // A character is a grapheme of its own if ASCII follows, but for one case.
            let alone = is_ascii(at) && is_ascii(at + 1) && bytes[at] != b'\r';
            let length =
                if alone { 1 } else { text[at..end].graphemes(true).next().map_or(end - at, str::len) };
            self.grapheme(&text[at..at + length], at, start == 0)?;
            at += length;
        }
        self.held.clear();
        self.cut_word()
    }

    /// Takes what a reader takes for one character, and writes it as the model wants it. `first` tells whether the stretch is
    /// the first of the text.
    fn grapheme(&mut self, grapheme: &str, at: usize, first: bool) -> ControlFlow<()> {
        let chars = self.tokenizer.chars;
        if grapheme.len() <= SEQUENCE_BYTES_MAX
            && let Some(text) = chars.get(grapheme)
        {
            let end = at + grapheme.len();
            return text.chars().try_for_each(|c| self.strip(c, at..end, first));
        }
        for (offset, c) in grapheme.char_indices() {
            let end = offset + c.len_utf8();
            let place = at + offset..at + end;
            match chars.get(&grapheme[offset..end]) {
                Some(text) => text.chars().try_for_each(|c| self.strip(c, place.clone(), first))?,
                None => self.strip(c, place, first)?,
            }
        }
        ControlFlow::Continue(())
    }

    /// Takes a written character, and holds white space back that may be the end.
    fn strip(&mut self, c: char, place: Range<usize>, first: bool) -> ControlFlow<()> {
        if !self.tokenizer.blanks.strip_end {
            return self.blank(c, &place, first);
        }
        if c.is_whitespace() {
            self.held.push((c, place));
            return ControlFlow::Continue(());
        }
        let mut held = std::mem::take(&mut self.held);
        let flow = held.drain(..).try_for_each(|(c, place)| self.blank(c, &place, first));
        self.held = held;
        flow?;
        self.blank(c, &place, first)
    }

    /// Takes a character that isn't left out, and finds where words begin.
    fn blank(&mut self, c: char, place: &Range<usize>, first: bool) -> ControlFlow<()> {
        let blanks = self.tokenizer.blanks;
        let is_blank = c == ' ';
        if is_blank && blanks.collapse && self.after_blank && !blanks.separate {
            if let Some(last) = self.word.ends.last().copied() {
                // The blank before, three bytes, takes this one in.
                let from = self.word.ends.iter().rposition(|&e| e != last).map_or(0, |at| at + 1);
                self.word.ends[from..].fill(place.end);
            }
            return ControlFlow::Continue(());
        }
        self.after_blank = is_blank;
        if blanks.separate && c.is_whitespace() {
            self.begins = true;
            return self.cut_word();
        }
        let c = if is_blank { BLANK } else { c };
        if std::mem::take(&mut self.begins) {
            let prepends = match blanks.prepend {
                Prepend::Always => true,
                Prepend::First => first,
                Prepend::Never => false,
            };
            if prepends && c != BLANK {
                self.push(BLANK, place.start)?;
            }
        }
        if c == BLANK {
            self.cut_word()?;
        }
        self.push(c, place.end)
    }

    /// Adds a character to the current word.
    fn push(&mut self, c: char, end: usize) -> ControlFlow<()> {
        if self.word.letters.len() >= WORD_BYTES_MAX {
            self.cut_word()?;
        }
        self.word.letters.push(c);
        self.word.ends.resize(self.word.letters.len(), end);
        ControlFlow::Continue(())
    }

    /// Ends the current word and cuts it into pieces.
    fn cut_word(&mut self) -> ControlFlow<()> {
        if self.word.letters.is_empty() {
            return ControlFlow::Continue(());
        }
        self.find_best();
        self.cuts.clear();
        let unknown = self.tokenizer.specials[UNK];
        let mut end = self.word.letters.len();
        while end > 0 {
            let Best { start, id, .. } = self.best[end];
            // Neighbours without pieces are one token, that of the last of them.
            let joins = id == unknown && self.cuts.last().is_some_and(|(last, _)| *last == unknown);
            if !joins {
                self.cuts.push((id, self.word.ends[end - 1]));
            }
            end = start;
        }
        self.word.letters.clear();
        self.word.ends.clear();
        while let Some((id, end)) = self.cuts.pop() {
            (self.emit)(id, end)?;
        }
        ControlFlow::Continue(())
    }

    /// Finds the best way to each byte of the current word. Ties go to the piece that begins first.
    fn find_best(&mut self) {
        let Self { tokenizer, word, best, .. } = self;
        let bytes = word.letters.as_bytes();
        best.clear();
        best.resize(bytes.len() + 1, Best { score: 0.0, start: usize::MAX, id: 0 });
        let unknown = f64::from(tokenizer.least_score) - UNKNOWN_PENALTY;
        for (start, c) in word.letters.char_indices() {
            let (before, length) = (best[start].score, c.len_utf8());
            let mut take = |id: u32, score: f64, length: usize| {
                let place = &mut best[start + length];
                let score = score + before;
                if place.start == usize::MAX || score > place.score {
                    *place = Best { score, start, id };
                }
            };
            let mut has_own = false;
            tokenizer.pieces.prefixes(&bytes[start..], |id, piece| {
                // A damaged table may have pieces that end inside of a character, or numbers of none.
                if let Some(score) = tokenizer.score(id)
                    && word.letters.is_char_boundary(start + piece)
                {
                    take(id, score, piece);
                    has_own |= piece == length;
                }
                true
            });
            if !has_own {
                take(tokenizer.specials[UNK], unknown, length);
            }
        }
    }
}

/// The first special token at or after `from` that a text writes out: where, and which.
fn next_special(text: &str, from: usize) -> Option<(usize, usize)> {
    text[from..].match_indices('<').find_map(|(at, _)| {
        let at = from + at;
        let which = SPECIALS.iter().position(|special| text[at..].starts_with(special))?;
        Some((at, which))
    })
}
