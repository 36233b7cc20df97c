//! Where does a sentence end?

mod mask;

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::document::{Block, BlockKind, lines};
pub(crate) use mask::links_in;
use mask::masked;

/// A sentence, or what is taken for one: a block of code, what is left of a row that has no sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sentence {
    /// Where it stands in the text, in bytes, without blank edges.
    pub(crate) range: Range<usize>,
    /// The number of its block.
    pub(crate) block: usize,
}

/// The sentences of a part of a text, in order; `blocks` are those of the text.
///
/// In a paragraph, a list item or a quote they go on from line to line, and behind what is hidden in a line. They don't
/// end in code, links, tags and addresses, in brackets, or behind an abbreviation. A row of a table ends a sentence, and so
/// does the line that says which kind of callout a quote is; code is taken whole, and what is hidden isn't taken by itself.
pub(crate) fn sentences(text: &str, blocks: &[Block], within: &Range<usize>) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    let mut number = blocks.partition_point(|block| block.range.end <= within.start);
    while let Some(block) = blocks.get(number) {
        let last = number + joined(text, &blocks[number..]);
        let part = block.range.start.max(within.start)..blocks[last].range.end.min(within.end);
        if part.is_empty() {
            break;
        }
        let mut add = |range: Range<usize>| {
            let range = Block::trim_shown(blocks, text, &range);
            if !range.is_empty() {
                sentences.push(Sentence { range, block: number });
            }
        };
        match block.kind {
            BlockKind::Hidden => {}
            BlockKind::Code | BlockKind::Rule => add(part),
            BlockKind::Table => {
                lines(text, part).for_each(|line| split(text, blocks, line, false).for_each(&mut add));
            }
            BlockKind::Quote => {
                let first = lines(text, part.clone()).next().filter(|line| is_callout(&text[line.clone()]));
                let start = first.map_or(part.start, |line| {
                    add(line.clone());
                    line.end
                });
                split(text, blocks, start..part.end, true).for_each(add);
            }
            _ => split(text, blocks, part, text_is_quoted(text, block)).for_each(add),
        }
        number = last + 1;
    }
    sentences
}

/// Whether a list item stands in a quote.
fn text_is_quoted(text: &str, block: &Block) -> bool {
    text[block.range.clone()].trim_start().starts_with('>')
}

/// Whether a line of a quote is nothing but the kind of a callout: `> [!warning]`.
pub(crate) fn is_callout(line: &str) -> bool {
    let inner = line.trim_matches([' ', '\t', '>', '+', '-', '\n', '\r']);
    let kind = inner.strip_prefix("[!").and_then(|rest| rest.strip_suffix(']'));
    kind.is_some_and(|kind| !kind.contains([']', '\n', '\r']))
}

/// How many blocks after the first go on with it in the same line, behind what is hidden there.
fn joined(text: &str, blocks: &[Block]) -> usize {
    let goes_on = |pair: &[Block], before: &Block| {
        let [hidden, next] = pair else { return false };
        let is_next = hidden.kind == BlockKind::Hidden && next.kind != BlockKind::Hidden;
        let touches = before.range.end == hidden.range.start && hidden.range.end == next.range.start;
        // What is left of a list item is a paragraph.
        let is_same =
            next.kind == before.kind || before.kind == BlockKind::Item && next.kind == BlockKind::Paragraph;
        is_next && touches && is_same && !text[..hidden.range.start].ends_with(['\n', '\r'])
    };
    let mut last = 0;
    while blocks.get(last + 1..last + 3).is_some_and(|pair| goes_on(pair, &blocks[last])) {
        last += 2;
    }
    last
}

/// The sentences of running text, which a line end alone doesn't end; `quoted` if its lines have the marks of a quote.
fn split(
    text: &str,
    blocks: &[Block],
    part: Range<usize>,
    quoted: bool,
) -> impl Iterator<Item = Range<usize>> + use<> {
    let plain = masked(&Block::shown(blocks, &text[part.clone()], part.start), quoted);
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut depth = 0;
    for (at, sentence) in plain.split_sentence_bound_indices() {
        let end = at + sentence.len();
        match ranges.last_mut() {
            Some(last) if goes_on(plain[last.clone()].trim_end(), &plain[at..], depth) => last.end = end,
            _ => {
                ranges.push(at..end);
                depth = 0;
            }
        }
        let brackets = sentence.bytes().map(|byte| i32::from(byte == b'(') - i32::from(byte == b')'));
        depth = brackets.fold(depth, |depth, step| (depth + step).max(0));
    }
    // The marks of a quote at the end of a sentence belong to the next line.
    let trimmed = move |range: Range<usize>| {
        let end = range.start + plain[range.clone()].trim_end().len();
        let start = if range.start == 0 { 0 } else { end - plain[range.start..end].trim_start().len() };
        part.start + start..part.start + end
    };
    ranges.into_iter().map(trimmed).filter(|range| !range.is_empty())
}

/// Whether what seems to be a sentence ends inside of one; `depth` brackets are open at its end.
fn goes_on(sentence: &str, next: &str, depth: i32) -> bool {
    // A bracket that isn't closed soon is a bracket, or a face.
    const NEAR: usize = 300;
    let starts = next.trim_start().chars().next();
    let asks = sentence.trim_end_matches([')', '"', '\'', '”', '’']).ends_with(['!', '?']);
    let lower = asks && starts.is_some_and(char::is_lowercase);
    let closes = depth > 0 && next.chars().take(NEAR).find(|c| "()".contains(*c)) == Some(')');
    let opens_item = sentence.trim_start().strip_suffix(['.', ')']).is_some_and(|number| {
        !number.is_empty() && number.len() < 10 && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    lower || closes || opens_item || is_cut(sentence, starts)
}

/// Whether a text ends in what is an abbreviation more often than an end: `Dr.`, `e.g.`, `George W.`, `No.` before a
/// number.
fn is_cut(sentence: &str, next: Option<char>) -> bool {
    const ABBREVIATIONS: [&str; 31] = [
        "Mr", "Mrs", "Ms", "Dr", "St", "Prof", "Jr", "Sr", "vs", "cf", "approx", "Fig", "Figs", "ca", "Gen",
        "al", "Eq", "Lt", "Col", "Capt", "Sgt", "Rev", "Sen", "Gov", "Mt", "resp", "incl", "esp", "viz",
        "ibid", "Vs",
    ];
    const BEFORE_NUMBERS: [&str; 16] =
        ["No", "no", "Nr", "nr", "p", "pp", "Vol", "vol", "Ch", "ch", "Sec", "sec", "Art", "ver", "Ver", "v"];
    let Some(rest) = sentence.strip_suffix('.') else { return false };
    let word = rest.rsplit(|c: char| !c.is_alphanumeric() && c != '.').next().unwrap_or_default();
    let initials = word.split('.').all(|part| part.chars().count() == 1 && !part.contains(char::is_numeric));
    let number = next.is_some_and(|c| c.is_ascii_digit()) && BEFORE_NUMBERS.contains(&word);
    initials || number || ABBREVIATIONS.contains(&word)
}

#[cfg(test)]
#[path = "sentence_tests.rs"]
mod tests;
