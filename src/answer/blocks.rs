//! What an answer is put together from: sentences, and what can't be taken apart.

use std::ops::Range;

use crate::sentence;

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A sentence or a list item.
    Sentence,
    /// A heading, which says nothing by itself and keeps apart what stands before and after it.
    Heading,
    /// Code or a table, of which a part is of no use.
    Whole,
}

/// A piece of a passage that is shown as one or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// Where it stands, in bytes of the passage's text.
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
    /// How many sentences it has; more than one where its parts say nothing alone.
    pub(super) sentences: usize,
}

/// The blocks of a part of a text, in order. What announces something (`There are two:`) is one with what follows; a
/// list that follows, as much of it as fits into so many sentences and characters.
pub(super) fn blocks(text: &str, within: Range<usize>, sentences: usize, chars: usize) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    // Whether the last block is a list that was announced.
    let mut listing = false;
    for unit in sentence::sentences(text, within) {
        let next = block(text, unit);
        let Some(last) = blocks.last_mut().filter(|last| last.kind != Kind::Heading) else {
            (listing, blocks) = (false, pushed(blocks, next));
            continue;
        };
        let between = &text[last.range.end..next.range.start];
        let both = last.range.start..next.range.end;
        // Code and tables announce nothing, however they end.
        let announced =
            last.kind == Kind::Sentence && next.kind != Kind::Heading && announces(&text[last.range.clone()]);
        let ends = usize::from(text[next.range.clone()].ends_with(['.', '!', '?']));
        let fits = last.sentences + ends <= sentences && text[both.clone()].chars().count() <= chars;
        if announced {
            listing = is_item(&text[next.range.clone()]);
            let more = if listing { ends } else { next.sentences };
            *last = Block { range: both, kind: next.kind, sentences: last.sentences + more };
        } else if listing && fits && is_item(&text[next.range.clone()]) {
            *last = Block { range: both, kind: last.kind, sentences: last.sentences + ends };
        } else if is_row(text, &last.range) && is_row(text, &next.range) && between.matches('\n').count() < 2
        {
            last.range = both;
        } else if last.kind == next.kind && !between.contains('\n') && is_cut(&text[last.range.clone()]) {
            *last = Block { range: both, kind: last.kind, sentences: last.sentences + next.sentences };
        } else {
            (listing, blocks) = (false, pushed(blocks, next));
        }
    }
    blocks
}

fn pushed(mut blocks: Vec<Block>, block: Block) -> Vec<Block> {
    blocks.push(block);
    blocks
}

fn block(text: &str, range: Range<usize>) -> Block {
    let unit = &text[range.clone()];
    let kind = if unit.starts_with('#') {
        Kind::Heading
    } else if ["```", "~~~", "|"].iter().any(|whole| unit.starts_with(whole)) {
        Kind::Whole
    } else {
        Kind::Sentence
    };
    Block { range, kind, sentences: 1 }
}

/// Whether a block is at its end a row of a table.
fn is_row(text: &str, range: &Range<usize>) -> bool {
    text[range.clone()].lines().next_back().is_some_and(|line| line.trim_start().starts_with('|'))
}

/// What announces something isn't an answer without it.
fn announces(unit: &str) -> bool {
    unit.trim_end_matches(['*', '_']).ends_with(':')
}

fn is_item(unit: &str) -> bool {
    sentence::is_item(unit) || unit.starts_with("• ")
}

/// Whether a sentence ends in what is an abbreviation more often than an end: `Dr.`, `e.g.`, `George W.`, and the
/// number of a list's item.
fn is_cut(sentence: &str) -> bool {
    const ABBREVIATIONS: [&str; 14] =
        ["Mr", "Mrs", "Ms", "Dr", "St", "Prof", "Jr", "Sr", "vs", "cf", "approx", "Fig", "ca", "Gen"];
    let Some(rest) = sentence.strip_suffix('.') else { return false };
    let word = rest.rsplit(|c: char| !c.is_alphanumeric() && c != '.').next().unwrap_or_default();
    let initials = word.split('.').all(|part| part.chars().count() == 1 && !part.contains(char::is_numeric));
    initials || ABBREVIATIONS.contains(&word) || rest.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<(&str, usize)> {
        let blocks = blocks(text, 0..text.len(), 3, 100);
        blocks.into_iter().map(|block| (&text[block.range], block.sentences)).collect()
    }

    #[test]
    fn an_announcement_is_one_with_what_follows() {
        assert_eq!(
            of("Owls eat. **Two kinds:**\n\n- tawny\n- barn\n\nMore."),
            [("Owls eat.", 1), ("**Two kinds:**\n\n- tawny\n- barn", 1), ("More.", 1)]
        );
        assert_eq!(
            of("Three:\n- One is.\n- Two is.\n- Three is."),
            [("Three:\n- One is.\n- Two is.", 3), ("- Three is.", 1)]
        );
        assert_eq!(of("Run this:\n```\na\n```\nDone."), [("Run this:\n```\na\n```", 2), ("Done.", 1)]);
        assert_eq!(of("| a |\n| b: |:\n- c"), [("| a |\n| b: |:", 1), ("- c", 1)]);
        assert_eq!(of("Nothing follows:\n# Head\nx y"), [("Nothing follows:", 1), ("# Head", 1), ("x y", 1)]);
    }

    #[test]
    fn tables_stay_whole() {
        assert_eq!(
            of("Before.\n| a | b |\n|---|---|\n| 1 | 2 |\n\n| c |\n|---|"),
            [("Before.", 1), ("| a | b |\n|---|---|\n| 1 | 2 |", 1), ("| c |\n|---|", 1)]
        );
        let text = "So:\n| a |\n|---|\n| 1 |";
        assert_eq!(of(text), [(text, 2)]);
    }

    #[test]
    fn abbreviations_do_not_end_a_block() {
        let text = "Dr. Who met George W. Bush in the U.S. Army. Then he left.";
        assert_eq!(of(text), [("Dr. Who met George W. Bush in the U.S. Army.", 4), ("Then he left.", 1)]);
    }
}
