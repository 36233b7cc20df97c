//! Which lines are headings, and of which level: by bookmarks and tags, then by how they look.

use std::collections::BTreeMap;

use super::block::{Block, Kind};
use super::leaf::{Leaf, Usual, half_points};
use super::prose::is_ended;

/// No heading is longer, in characters.
const LONGEST: usize = 180;

/// No more bookmarks are looked for on one page.
const MOST_MARKS: usize = 200;

/// A heading of a document's own may be spread over so many lines.
const MOST_LINES: usize = 4;

/// For each line of a page, the level of the heading it is by the file's own word: a bookmark that says the same, or a
/// tag (ISO 32000-2, 12.3.3 and 14.8.4.3.4).
pub(super) fn levels(leaf: &Leaf) -> Vec<Option<u8>> {
    let tagged = |marked: Option<u32>| marked.and_then(|id| leaf.tagged.get(&id).copied());
    let mut levels: Vec<Option<u8>> = leaf.lines.iter().map(|line| tagged(line.marked)).collect();
    if leaf.marks.is_empty() {
        return levels;
    }
    let said: Vec<String> = leaf.lines.iter().map(|line| letters(&line.text)).collect();
    for (title, depth) in leaf.marks.iter().take(MOST_MARKS) {
        let level = u8::try_from(depth + 1).unwrap_or(6).min(6);
        if let Some(lines) = standing(&letters(title), &said) {
            levels[lines].fill(Some(level));
        }
    }
    levels
}

/// The lines that say what a bookmark says, its number aside if only one of both has it.
fn standing(title: &str, said: &[String]) -> Option<std::ops::Range<usize>> {
    let unnumbered = |text: &str| text.trim_start_matches(char::is_numeric).to_owned();
    let bare = unnumbered(title);
    if bare.chars().count() < 2 {
        return None;
    }
    for (start, first) in said.iter().enumerate() {
        let is_start = [title, &bare].iter().any(|title| title.starts_with(first.as_str()));
        if first.is_empty() || !is_start && !title.starts_with(first.trim_start_matches(char::is_numeric)) {
            continue;
        }
        let mut text = String::new();
        for (end, line) in said.iter().enumerate().skip(start).take(MOST_LINES) {
            text.push_str(line);
            if text == title || text == bare || unnumbered(&text) == title {
                return Some(start..end + 1);
            }
            if !title.starts_with(&text) && !bare.starts_with(&text) && !title.starts_with(&unnumbered(&text))
            {
                break;
            }
        }
    }
    None
}

/// The letters and digits of a text, in small letters.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// How a heading looks: its size in half points, and whether it is bold.
type Look = (i64, bool);

/// Makes headings of the blocks that look like some, and gives them levels.
pub(super) fn mark(blocks: &mut [Block], usual: &Usual) {
    let candidates: Vec<Option<Look>> = blocks.iter().map(|block| look(block, usual)).collect();
    let letters = |block: &Block| block.text.chars().count();
    let all: usize = blocks.iter().map(letters).sum();
    let marked = |at: &usize| candidates[*at].is_some();
    let in_headings: usize = (0..blocks.len()).filter(marked).map(|at| letters(&blocks[at])).sum();
    // Where a third of a document looks like headings, bold text isn't one.
    let only_large = in_headings * 3 > all;
    let is_heading = |look: &Look| !only_large || look.0 as f64 >= 2.4 * usual.size;
    let looks: BTreeMap<Look, usize> = candidates.iter().flatten().filter(|look| is_heading(look)).fold(
        BTreeMap::new(),
        |mut looks, look| {
            *looks.entry(*look).or_default() += 1;
            looks
        },
    );
    let ranks: Vec<Look> = looks.into_keys().rev().collect();
    let shift = usize::from(has_title(blocks, &candidates, &ranks));
    let numbered = numbered_levels(blocks, &candidates, shift);
    for (block, look) in blocks.iter_mut().zip(&candidates) {
        let Some(look) = look.filter(is_heading) else { continue };
        if matches!(block.kind, Kind::Heading(_)) {
            continue;
        }
        if let Kind::Item(mark) = &block.kind {
            block.text = format!("{mark} {}", block.text);
        }
        let rank = ranks.iter().position(|other| *other == look).unwrap_or(0).min(4) + 1;
        let level = match depth(&block.text) {
            Some(depth) => depth + shift,
            None => numbered.get(&look).copied().unwrap_or(rank),
        };
        block.kind = Kind::Heading(level.clamp(1, 6));
    }
}

/// Whether the first heading is larger than all others: the document's title.
fn has_title(blocks: &[Block], candidates: &[Option<Look>], ranks: &[Look]) -> bool {
    let first = (0..blocks.len()).find(|&at| candidates[at].is_some());
    let largest = |at: usize| candidates[at].as_ref() == ranks.first();
    first.is_some_and(|at| blocks[at].page == 0 && largest(at))
        && candidates.iter().flatten().filter(|look| Some(*look) == ranks.first()).count() <= 2
        && ranks.len() > 1
}

/// For each look, the level that headings with numbers have which look so.
fn numbered_levels(blocks: &[Block], candidates: &[Option<Look>], shift: usize) -> BTreeMap<Look, usize> {
    let mut levels = BTreeMap::new();
    for (block, look) in blocks.iter().zip(candidates) {
        let text = match &block.kind {
            Kind::Item(mark) => format!("{mark} {}", block.text),
            _ => block.text.clone(),
        };
        if let (Some(look), Some(depth)) = (look, depth(&text)) {
            levels.entry(*look).or_insert(depth + shift);
        }
    }
    levels
}

/// How a block looks, if it may be a heading.
fn look(block: &Block, usual: &Usual) -> Option<Look> {
    let text = block.text.trim();
    let is_bullet = matches!(&block.kind, Kind::Item(mark) if mark == "-");
    let is_prose = matches!(block.kind, Kind::Text | Kind::Item(_) | Kind::Heading(_));
    let length = text.chars().count();
    let words = text.chars().filter(|c| c.is_alphabetic()).count();
    if !is_prose
        || is_bullet
        || words < 2
        || length > LONGEST
        || words * 2 < length.min(12)
        || is_caption(text)
    {
        return None;
    }
    let ratio = block.size / usual.size;
    let number = match &block.kind {
        Kind::Item(mark) => Some(mark.matches(|c: char| c.is_ascii_digit()).count().min(1)),
        _ => depth(text),
    };
    let bold = block.bold && !usual.bold;
    let size = half_points(block.size);
    let ends = is_ended(text) && !text.ends_with(['?', '!', ':']) || text.ends_with(',');
    let begins = text.chars().find(|c| c.is_alphanumeric()).is_some_and(|c| !c.is_lowercase());
    if ratio >= 1.12 && size - half_points(usual.size) >= 2 {
        let may_end = !ends || ratio >= 1.4;
        return (block.lines <= MOST_LINES && may_end && (begins || ratio >= 1.4))
            .then_some((size, block.bold));
    }
    if ends || !begins || !block.apart || block.lines > 2 || ratio < 0.9 {
        return None;
    }
    let capitals = words >= 4
        && length <= 80
        && !text.chars().any(char::is_lowercase)
        && text.chars().any(char::is_uppercase);
    let deep = number.is_some_and(|depth| depth >= 2) && length <= 80 && block.lines == 1;
    let plain = (block.lines == 1 && capitals && !text.ends_with(':')) || deep;
    (bold && length <= 120 || plain && matches!(block.kind, Kind::Text))
        .then_some((half_points(usual.size), bold))
}

/// Whether a text names a figure or a table.
fn is_caption(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let first = words.next().unwrap_or("").trim_end_matches('.').to_lowercase();
    let known = [
        "figure",
        "fig",
        "table",
        "tab",
        "abbildung",
        "abb",
        "tabelle",
        "figura",
        "tabla",
        "tableau",
        "listing",
        "scheme",
    ];
    known.contains(&first.as_str())
        && words
            .next()
            .is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit() || "IVX".contains(c)))
}

/// How deep a heading is by its number: 1 for `3 Owls`, 2 for `3.1 Owls` and for `A.1 Owls`.
fn depth(text: &str) -> Option<usize> {
    let (number, rest) = text.split_once(' ')?;
    let number = number.trim_end_matches(['.', ')', ':']);
    let parts: Vec<&str> = number.split('.').collect();
    let is_number =
        |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_letter =
        parts.len() > 1 && parts[0].len() == 1 && parts[0].starts_with(|c: char| c.is_ascii_uppercase());
    let numbers = parts.iter().skip(usize::from(is_letter)).all(is_number);
    let begins = rest.trim_start().chars().next().is_some_and(|c| c.is_alphabetic() && !c.is_lowercase());
    (numbers && begins && parts.len() <= 6).then_some(parts.len())
}
