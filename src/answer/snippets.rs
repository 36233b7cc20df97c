//! What an answer is put together from: sentences, and what can't be taken apart.

use std::ops::Range;

use crate::document::{Block, BlockKind};
use crate::sentence::sentences;

/// What a snippet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SnippetKind {
    /// A sentence or a list item.
    Sentence,
    /// A heading, which says nothing by itself and keeps apart what stands before and after it.
    Heading,
    /// Code or a table, of which a part is of no use.
    Whole,
}

/// A piece of a passage that is shown as one or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Snippet {
    /// Where it stands, in bytes of the passage's text.
    pub(super) range: Range<usize>,
    pub(super) kind: SnippetKind,
    /// How many sentences it has; more than one where its parts say nothing alone.
    pub(super) sentences: usize,
    /// The number of the block that its end is in.
    block: usize,
    /// Whether it begins with the mark of a list item.
    item: bool,
}

/// How much of a list goes with what announces it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    /// So many sentences.
    pub(super) sentences: usize,
    /// So many characters.
    pub(super) chars: usize,
}

/// The snippets of a part of a text, in order; `blocks` are those of the text. What announces something (`There are
/// two:`) is one with what follows; a list that follows, as much of it as fits into `most`.
pub(super) fn snippets(text: &str, blocks: &[Block], within: &Range<usize>, most: Size) -> Vec<Snippet> {
    let mut snippets: Vec<Snippet> = Vec::new();
    // Whether the last snippet is a list that was announced.
    let mut listing = false;
    // The block of the sentence before.
    let mut before = None;
    for sentence in sentences(text, blocks, within) {
        let kind = blocks[sentence.block].kind;
        let item = kind == BlockKind::Item && before != Some(sentence.block);
        before = Some(sentence.block);
        let next =
            Snippet { range: sentence.range, kind: kind_of(kind), sentences: 1, block: sentence.block, item };
        let last = snippets.last_mut().filter(|last| last.kind != SnippetKind::Heading);
        let joined = last.and_then(|last| {
            let (both, listing) = joined(text, last, &next, listing, most)?;
            *last = both;
            Some(listing)
        });
        listing = joined.unwrap_or_else(|| {
            snippets.push(next);
            false
        });
    }
    snippets
}

fn kind_of(kind: BlockKind) -> SnippetKind {
    match kind {
        BlockKind::Heading(_) => SnippetKind::Heading,
        kind if kind.is_whole() => SnippetKind::Whole,
        _ => SnippetKind::Sentence,
    }
}

/// Two snippets as one, if they belong together, and whether that is a list that was announced.
fn joined(text: &str, last: &Snippet, next: &Snippet, listing: bool, most: Size) -> Option<(Snippet, bool)> {
    let range = last.range.start..next.range.end;
    let between = &text[last.range.end..next.range.start];
    // Code and tables announce nothing, however they end.
    let announced = last.kind == SnippetKind::Sentence
        && next.kind != SnippetKind::Heading
        && announces(&text[last.range.clone()]);
    let ends = usize::from(text[next.range.clone()].ends_with(['.', '!', '?']));
    let fits = last.sentences + ends <= most.sentences && text[range.clone()].chars().count() <= most.chars;
    let with = |kind, more| Snippet {
        range: range.clone(),
        kind,
        sentences: last.sentences + more,
        block: next.block,
        item: last.item,
    };
    if announced {
        return Some((with(next.kind, if next.item { ends } else { next.sentences }), next.item));
    }
    if listing && fits && next.item {
        return Some((with(last.kind, ends), true));
    }
    let in_block = last.block == next.block;
    if in_block && next.kind == SnippetKind::Whole {
        return Some((with(last.kind, 0), listing));
    }
    let is_cut = last.kind == next.kind && !between.contains('\n') && is_cut(&text[last.range.clone()]);
    is_cut.then(|| (with(last.kind, next.sentences), listing))
}

/// What announces something isn't an answer without it.
fn announces(sentence: &str) -> bool {
    sentence.trim_end_matches(['*', '_']).ends_with(':')
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
#[path = "snippets_tests.rs"]
mod tests;
