//! A question-and-answer unit that was cut becomes whole again, where that isn't too long to be read.

use super::notes::Notes;
use crate::document::{Block, ByteSpan, LineSpan, Passage};
use crate::error::Result;
use crate::hit::Hit;
use crate::store::Store;

/// The most bytes of an answer that is joined from its pieces.
const MOST_BYTES: u64 = 2048;

/// How a passage and its question-and-answer unit go together.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Completion {
    /// The passage is all of it, or belongs to none.
    Whole,
    /// There is more of it, and together they are this passage.
    Joined(Box<Passage>),
    /// There is more of it, too much to be shown.
    Part,
}

/// Finds the other pieces of the unit that a hit's passage belongs to. They can only be joined where the note still says
/// them.
pub(super) fn of(index: &dyn Store, notes: &mut Notes<'_>, hit: &Hit) -> Result<Completion> {
    let source = &hit.source;
    if source.passage.question.is_none() {
        return Ok(Completion::Whole);
    }
    let note: Vec<Passage> =
        index.passages_of(&source.root, &source.path)?.into_iter().map(|stored| stored.passage).collect();
    let Some(at) = note.iter().position(|passage| passage.span == source.passage.span) else {
        return Ok(Completion::Whole);
    };
    let same = |passage: &&Passage| {
        passage.question == source.passage.question && passage.heading == source.passage.heading
    };
    // The first piece of a unit shows the question before the answer; two units may have the same question.
    let begins = |passage: &Passage| passage.content.start > 0;
    let mut before = 0;
    while !begins(&note[at - before]) && at > before && same(&&note[at - before - 1]) {
        before += 1;
    }
    let after = note[at + 1..].iter().take_while(same).take_while(|passage| !begins(passage)).count();
    if before + after == 0 {
        return Ok(Completion::Whole);
    }
    let (first, last) = (&note[at - before], &note[at + after]);
    let span = ByteSpan { start: first.span.start, end: last.span.end };
    let lines = LineSpan { first: first.lines.first, last: last.lines.last };
    let short = span.end - span.start <= MOST_BYTES;
    // Between the pieces lies what no piece has: blank lines. Only the note knows how many.
    let text = if short && !hit.stale { notes.text(source, span) } else { None };
    let Some(text) = text else { return Ok(Completion::Part) };
    let tail = last.text.len() - (last.content.end as usize).min(last.text.len());
    let content = first.content.start..(text.len() - tail.min(text.len())) as u32;
    let blocks = blocks(&text, &note[at - before..=at + after]);
    Ok(Completion::Joined(Box::new(Passage { span, lines, text, content, blocks, ..first.clone() })))
}

/// The blocks of a text that these passages make up, with blanks between them.
fn blocks(text: &str, passages: &[Passage]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut end = 0;
    for passage in passages {
        let start = end + text[end..].find(&passage.text).unwrap_or(0);
        end = (start + passage.text.len()).min(text.len());
        let moved = |block: &Block| {
            let range = block.range.start + start..(block.range.end + start).min(end);
            Block { range, ..block.clone() }
        };
        blocks.extend(passage.blocks.iter().map(moved));
    }
    blocks
}
