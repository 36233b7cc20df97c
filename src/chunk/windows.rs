//! The sentences of a passage, and which of its tokens they are.

use std::ops::Range;

use crate::document::Block;
use crate::sentence::sentences;

/// A passage has no more sentences; where it would, neighbours are taken together.
const MOST: usize = 16;
/// A sentence of fewer tokens goes with the next.
const FEWEST_TOKENS: usize = 4;

/// The sentences of `content` in `text` (in bytes), and the windows of tokens: first that of all that stands above
/// the content, the `above` tokens before the text included, then one for each sentence.
///
/// `ends` are where the tokens of `text` end.
pub(super) fn windows(
    text: &str,
    blocks: &[Block],
    content: &Range<usize>,
    ends: &[u32],
    above: usize,
) -> (Vec<Range<u32>>, Vec<Range<u32>>) {
    let place = |offset: usize| above + ends.partition_point(|&end| end as usize <= offset);
    let window = |range: &Range<usize>| place(range.start)..place(range.end);
    let mut units: Vec<Range<usize>> = Vec::new();
    for unit in sentences(text, blocks, content).into_iter().map(|sentence| sentence.range) {
        match units.last_mut() {
            Some(last) if window(last).len() < FEWEST_TOKENS => last.end = unit.end,
            _ => units.push(unit),
        }
    }
    // What is short at the end has no next.
    if let [.., before, last] = &mut units[..]
        && window(last).len() < FEWEST_TOKENS
    {
        before.end = last.end;
        units.pop();
    }
    let together = units.len().div_ceil(MOST).max(1);
    let units: Vec<Range<usize>> =
        units.chunks(together).map(|group| group[0].start..group[group.len() - 1].end).collect();
    let narrow = |range: Range<usize>| range.start as u32..range.end as u32;
    let first = 0..place(content.start);
    let windows = std::iter::once(first).chain(units.iter().map(window)).map(narrow).collect();
    (units.into_iter().map(narrow).collect(), windows)
}

#[cfg(test)]
#[path = "windows_tests.rs"]
mod tests;
