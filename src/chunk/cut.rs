//! A section that is too long becomes pieces that aren't.

use std::ops::Range;

use text_splitter::{ChunkConfig, ChunkSizer, TextSplitter};

use super::Tokenize;
use super::boundary::{BLOCK, Boundary, boundaries};
use crate::document::{Block, BlockKind, Tokens, floor};

/// How many passages of the largest size are looked at together. Three of them are looked at again with the next.
const SLAB_PASSAGES: usize = 32;

/// The largest hidden block that a piece may have in it, in bytes.
const MAX_HIDDEN: usize = 256;

/// How much text after the reach of a piece is looked at to see where its last sentence ends, in bytes.
const BEYOND_REACH: usize = 256;

/// How much text may be embedded besides the context.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub(super) tokens: usize,
    pub(super) bytes: usize,
}

/// Finds the ends of pieces in one section, from its start to its end.
pub(super) struct Cutter<'a> {
    text: &'a str,
    section: Range<usize>,
    tokenizer: &'a dyn Tokenize,
    max_bytes: usize,
    /// The blocks of the text.
    blocks: &'a [Block],
    /// Whether the section turned out to be too long, so that boundaries are looked for.
    cuts: bool,
    slab: Slab,
    /// The last piece with a torn word at an edge, and its tokens.
    torn: (Range<usize>, Tokens),
}

/// A part of the section that has been looked at: where its tokens end and where it may be cut.
#[derive(Default)]
struct Slab {
    range: Range<usize>,
    /// Offsets in the text one past each token, in order.
    ends: Vec<usize>,
    /// The tokens' numbers, if the model tells them.
    ids: Vec<u32>,
    boundaries: Vec<Boundary>,
}

impl Slab {
    fn count(&self, range: &Range<usize>) -> usize {
        self.tokens_before(range.end) - self.tokens_before(range.start)
    }

    fn tokens_before(&self, offset: usize) -> usize {
        self.ends.partition_point(|&end| end <= offset)
    }

    /// Where the `count`-th token after `start` ends, if there are more.
    fn after(&self, start: usize, count: usize) -> Option<usize> {
        let last = self.tokens_before(start) + count - 1;
        (last + 1 < self.ends.len()).then(|| self.ends[last])
    }
}

impl<'a> Cutter<'a> {
    /// Takes a section without blank edges. `max_bytes` is the most that any room has.
    pub(super) fn new(
        text: &'a str,
        blocks: &'a [Block],
        section: Range<usize>,
        tokenizer: &'a dyn Tokenize,
        max_bytes: usize,
    ) -> Self {
        Self {
            text,
            section,
            tokenizer,
            max_bytes,
            blocks,
            cuts: false,
            slab: Slab::default(),
            torn: (0..0, Tokens::default()),
        }
    }

    /// Whether a range that begins in the first `max_bytes` of the section needn't be cut.
    pub(super) fn fits(&mut self, range: &Range<usize>, room: Room) -> bool {
        if range.len() > room.bytes || self.gap(range).is_some() {
            return false;
        }
        self.look_at(self.section.start);
        self.slab.count(range) <= room.tokens
    }

    /// Where the piece that begins at `start` ends; always after `start`.
    pub(super) fn cut(&mut self, start: usize, room: Room) -> usize {
        let start = Block::trim_shown(self.blocks, self.text, &(start..self.section.end)).start;
        if !self.cuts {
            self.slab.boundaries = boundaries(self.text, self.slab.range.clone(), self.blocks);
            self.cuts = true;
        }
        self.look_at(start);
        let reach = self.reach(start, room);
        let gap = self.gap(&(start..reach));
        let mut end = match gap {
            Some(gap) => gap,
            None if reach >= self.section.end => reach,
            None => self.best(start, reach, room),
        };
        // A word that is cut may have more tokens than it had as a whole.
        loop {
            let piece = Block::trim_shown(self.blocks, self.text, &(start..end));
            let tokens = if self.is_clean(&piece) {
                self.slab.count(&piece)
            } else {
                let tokens = self.tokens_of(&piece);
                let count = tokens.ends.len();
                self.torn = (piece.clone(), tokens);
                count
            };
            if piece.len() <= room.bytes && tokens <= room.tokens {
                return end;
            }
            let half = floor(self.text, start + piece.len() / 2);
            if half <= start {
                return end;
            }
            end = half;
        }
    }

    /// The tokens of a piece that was found to fit last, their ends from the start of the piece.
    pub(super) fn tokens(&self, piece: &Range<usize>) -> Tokens {
        if self.is_clean(piece) {
            let tokens = self.slab.tokens_before(piece.start)..self.slab.tokens_before(piece.end);
            let ids = self.slab.ids.get(tokens.clone()).map_or_else(Vec::new, <[u32]>::to_vec);
            let ends = self.slab.ends[tokens].iter().map(|&end| (end - piece.start) as u32).collect();
            Tokens { ends, ids }
        } else if self.torn.0 == *piece {
            self.torn.1.clone()
        } else {
            self.tokens_of(piece)
        }
    }

    /// The tokens of what is shown of a part of the text.
    fn tokens_of(&self, part: &Range<usize>) -> Tokens {
        self.tokenizer.tokens(&Block::shown(self.blocks, &self.text[part.clone()], part.start))
    }

    /// Whether a hidden block begins at `at` that no piece may have in it.
    pub(super) fn is_gap(&self, at: usize) -> bool {
        at < self.section.end && self.gap(&(at..at + 1)) == Some(at)
    }

    /// Where the first hidden block begins in a range that no piece may have in it.
    fn gap(&self, range: &Range<usize>) -> Option<usize> {
        let first = self.blocks.partition_point(|block| block.range.end <= range.start);
        let mut inside = self.blocks[first..].iter().take_while(|block| block.range.start < range.end);
        let is_gap = |block: &&Block| block.kind == BlockKind::Hidden && block.range.len() > MAX_HIDDEN;
        inside.find(is_gap).map(|block| block.range.start.max(range.start))
    }

    /// Whether the tokens of a piece are those that the slab has there: blanks separate it from the rest.
    fn is_clean(&self, piece: &Range<usize>) -> bool {
        let Range { start, end } = self.slab.range;
        let is_blank = |at: usize| matches!(self.text.as_bytes()[at], b' ' | b'\t' | b'\n' | b'\r');
        let starts = piece.start == start || (piece.start > start && is_blank(piece.start - 1));
        starts && (piece.end == end || (piece.end < end && is_blank(piece.end)))
    }

    /// Makes sure that the slab holds all that may matter for a piece that begins at `start`.
    fn look_at(&mut self, start: usize) {
        let needed = (start + 3 * self.max_bytes).min(self.section.end);
        if self.slab.range.start <= start && needed <= self.slab.range.end {
            return;
        }
        let end = (start + SLAB_PASSAGES * self.max_bytes).min(self.section.end);
        let end = floor(self.text, end);
        let tokens = self.tokens_of(&(start..end));
        self.slab = Slab {
            range: start..end,
            ends: tokens.ends.into_iter().map(|end| start + end as usize).collect(),
            ids: tokens.ids,
            boundaries: if self.cuts { boundaries(self.text, start..end, self.blocks) } else { Vec::new() },
        };
    }

    /// The furthest end of a piece, and the blanks after it.
    fn reach(&self, start: usize, room: Room) -> usize {
        let end = self.section.end;
        let left = self.slab.count(&(start..end));
        // The last two pieces share what is left instead of leaving a scrap.
        let is_last = self.slab.range.end == end && left < 2 * room.tokens && left > room.tokens;
        let tokens = if is_last { room.tokens.min(left * 5 / 8) } else { room.tokens };
        let by_tokens = self.slab.after(start, tokens.max(1)).unwrap_or(end);
        let by_bytes = floor(self.text, start.saturating_add(room.bytes));
        let reach = by_tokens.min(by_bytes).min(end);
        let first = self.text[start..].chars().next().map_or(1, char::len_utf8);
        let reach = reach.max(start + first);
        reach + blanks(&self.text[reach..end])
    }

    /// The best end up to `reach`.
    fn best(&self, start: usize, reach: usize, room: Room) -> usize {
        let at_least = |part: usize| start + (reach - start) / part;
        if let Some(block) = self.whole_block(reach, room).filter(|block| block.start >= at_least(8)) {
            return block.start;
        }
        let all = &self.slab.boundaries;
        let from = all.partition_point(|boundary| boundary.at <= at_least(4));
        let to = all.partition_point(|boundary| boundary.at <= reach);
        let strongest = all[from..to.max(from)]
            .iter()
            .filter(|boundary| boundary.level == BLOCK || boundary.at > at_least(2))
            .min_by_key(|boundary| (boundary.level, usize::MAX - boundary.at));
        if let Some(boundary) = strongest {
            return boundary.at;
        }
        let next = all.get(to).map_or(self.section.end, |boundary| boundary.at);
        let end = self.sentence_end(start, reach, next);
        if end > at_least(4) && end <= reach {
            return end;
        }
        match self.text[start..reach].trim_end().rfind(char::is_whitespace) {
            Some(blank) if start + blank > at_least(2) => start + blank,
            _ => reach,
        }
    }

    /// The code or table that goes on after `reach` and would fit as a whole in a piece of its own.
    fn whole_block(&self, reach: usize, room: Room) -> Option<&Range<usize>> {
        let next = self.blocks.partition_point(|block| block.range.end <= reach);
        let block = self.blocks.get(next).filter(|block| block.kind.is_whole()).map(|block| &block.range)?;
        let fits = || block.len() <= room.bytes && self.slab.count(block) <= room.tokens;
        (block.start < reach && fits()).then_some(block)
    }

    /// Where the last sentence that ends up to `reach` does, or the last word if no sentence does.
    ///
    /// The splitter needn't know about tokens: `reach` says it all. Nor does it see all of the text up to the
    /// `next` boundary, but enough to tell that a sentence goes on after `reach`.
    fn sentence_end(&self, start: usize, reach: usize, next: usize) -> usize {
        let end = floor(self.text, next.min(reach + BEYOND_REACH)).max(reach);
        // A line end inside a paragraph is a blank, and must not count for more than the end of a sentence.
        let text = self.text[start..end].replace(['\n', '\r'], " ");
        let splitter = TextSplitter::new(ChunkConfig::new(reach - start).with_sizer(Bytes));
        splitter.chunk_indices(&text).next().map_or(reach, |(offset, piece)| start + offset + piece.len())
    }
}

/// Sizes a part by its bytes.
struct Bytes;

impl ChunkSizer for Bytes {
    fn size(&self, part: &str) -> usize {
        part.len()
    }
}

fn blanks(text: &str) -> usize {
    text.len() - text.trim_start().len()
}
