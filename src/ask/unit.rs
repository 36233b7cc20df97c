//! A section that was cut becomes whole again, where that isn't too long to be read.

use std::ops::Range;

use super::notes::Notes;
use crate::document::{Block, BlockKind, ByteSpan, Fence, LineSpan, Passage};
use crate::error::Result;
use crate::hit::{Hit, StoredPassage};
use crate::store::Store;

/// The most bytes of a section that is joined from its pieces.
const MOST_BYTES: u64 = 2048;

/// How many passages on either side of one are looked at first.
const REACH: usize = 8;

/// What a passage's section, or question-and-answer unit, has besides it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Completion {
    /// The passage joined with others; `None` if it is all of it, belongs to none, or the rest can't be had.
    pub(crate) joined: Option<Box<Passage>>,
    /// Whether there is more before it, or before what is joined.
    pub(crate) before: bool,
    /// Whether there is more behind it.
    pub(crate) after: bool,
}

/// Finds the other pieces of the section or unit that a hit's passage belongs to. They can only be joined where the note
/// still says them: a unit as a whole, a section as far as it isn't too long.
pub(super) fn of(index: &dyn Store, notes: &mut Notes<'_>, hit: &Hit) -> Result<Completion> {
    let source = &hit.source;
    let Some((note, at)) = around(index, source)? else { return Ok(Completion::default()) };
    let all = pieces(&note, at);
    if all.len() == 1 {
        return Ok(Completion::default());
    }
    let mut joined = all.clone();
    if source.passage.question.is_none() {
        joined = within(&note, at, &all);
    }
    let size = note[joined.end - 1].span.end - note[joined.start].span.start;
    let readable = joined.len() > 1 && size <= MOST_BYTES && !hit.stale;
    let passage = if readable { join(notes, source, &note[joined.clone()], at - joined.start) } else { None };
    if passage.is_none() {
        joined = at..at + 1;
    }
    let (before, after) = (all.start < joined.start, joined.end < all.end);
    Ok(Completion { joined: passage.map(Box::new), before, after })
}

/// Passages of a source's note around it, all pieces of the same section or unit among them, and which of them it is. A note
/// may have thousands of passages, of which few are looked at.
fn around(index: &dyn Store, source: &StoredPassage) -> Result<Option<(Vec<Passage>, usize)>> {
    let mut reach = REACH;
    loop {
        let near = index.stretch(&source.root, &source.path, source.id, reach)?;
        let (before, after) = (near.before, near.after);
        let note: Vec<Passage> = near.passages.into_iter().map(|stored| stored.passage).collect();
        let at = note.iter().position(|passage| passage.span == source.passage.span);
        let Some(at) = at else { return Ok(None) };
        let all = pieces(&note, at);
        // Where a piece stands at the edge of what was read, there may be more of them.
        if !(before && all.start == 0 || after && all.end == note.len()) {
            return Ok(Some((note, at)));
        }
        reach = reach.saturating_mul(4);
    }
}

/// The passages of a note that are pieces of the same section or unit as the one at `at`.
fn pieces(note: &[Passage], at: usize) -> Range<usize> {
    let same =
        |passage: &&Passage| passage.question == note[at].question && passage.heading == note[at].heading;
    // The first piece shows the question or the heading before its content; two units may have the same question.
    let begins = |passage: &Passage| passage.content.start > 0;
    let mut first = at;
    while first > 0 && !begins(&note[first]) && same(&&note[first - 1]) {
        first -= 1;
    }
    let after = note[at + 1..].iter().take_while(same).take_while(|passage| !begins(passage)).count();
    first..at + 1 + after
}

/// As many of the pieces around the one at `at` as aren't too long, those behind it first.
fn within(note: &[Passage], at: usize, all: &Range<usize>) -> Range<usize> {
    let fits = |first: usize, last: usize| note[last].span.end - note[first].span.start <= MOST_BYTES;
    let (mut first, mut last) = (at, at);
    while last + 1 < all.end && fits(first, last + 1) {
        last += 1;
    }
    while first > all.start && fits(first - 1, last) {
        first -= 1;
    }
    first..last + 1
}

/// The pieces as one passage; what is known of sentences is known of the piece that was found.
fn join(notes: &mut Notes<'_>, source: &StoredPassage, pieces: &[Passage], found: usize) -> Option<Passage> {
    let (first, last) = (&pieces[0], &pieces[pieces.len() - 1]);
    let span = ByteSpan { start: first.span.start, end: last.span.end };
    let lines = LineSpan { first: first.lines.first, last: last.lines.last };
    // Between the pieces lies what no piece has: blank lines. Only the note knows how many.
    let text = notes.text(source, span)?;
    let tail = last.text.len() - (last.content.end as usize).min(last.text.len());
    let content = first.content.start..(text.len() - tail.min(text.len())) as u32;
    let (blocks, starts) = blocks(&text, pieces);
    let moved = |range: &Range<u32>| {
        let place = |at: u32| (at as usize + starts[found]).min(text.len()) as u32;
        place(range.start)..place(range.end)
    };
    let sentences = pieces[found].sentences.iter().map(moved).collect();
    Some(Passage { span, lines, text, content, blocks, sentences, ..first.clone() })
}

/// The blocks of a text that these passages make up, with blanks between them; and where each passage begins. A block
/// that was cut is one again.
fn blocks(text: &str, passages: &[Passage]) -> (Vec<Block>, Vec<usize>) {
    let (mut blocks, mut starts): (Vec<Block>, Vec<usize>) = (Vec::new(), Vec::new());
    let mut end = 0;
    for passage in passages {
        let start = end + text[end..].find(&passage.text).unwrap_or(0);
        end = (start + passage.text.len()).min(text.len());
        let moved = |block: &Block| {
            let range = block.range.start + start..(block.range.end + start).min(end);
            Block { range, ..block.clone() }
        };
        let mut more = passage.blocks.iter().map(moved).peekable();
        if let (Some(last), Some(next)) = (blocks.last_mut(), more.peek())
            && is_cut(text, last, next)
        {
            last.range.end = next.range.end;
            more.next();
        }
        blocks.extend(more);
        starts.push(start);
    }
    (blocks, starts)
}

/// Whether two blocks are the parts of one that was cut.
fn is_cut(text: &str, last: &Block, next: &Block) -> bool {
    let (Some(before), Some(between)) =
        (text.get(last.range.clone()), text.get(last.range.end..next.range.start))
    else {
        return false;
    };
    let follows = between.matches('\n').count() < 2;
    let open = before.lines().fold(None, Fence::after).is_some();
    let is_fenced = before.trim_start().starts_with(['`', '~']);
    last.kind == next.kind
        && match last.kind {
            BlockKind::Code => open || !is_fenced && follows,
            BlockKind::Paragraph | BlockKind::Table | BlockKind::Quote | BlockKind::Data => follows,
            BlockKind::Item => follows && !begins_item(&text[next.range.start..]),
            _ => false,
        }
}

/// Whether a text begins with the mark of a list item.
fn begins_item(text: &str) -> bool {
    let text = text.trim_start_matches([' ', '\t', '>']);
    let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
    text.starts_with(['-', '*', '+', '•']) || digits.len() < text.len() && digits.starts_with(['.', ')'])
}
