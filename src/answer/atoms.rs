//! What an answer is put together from: sentences, list items, code, tables, and which of them go together.
//!
//! | these | are one, because |
//! |---|---|
//! | `Run this:` + code, a table, a list, a quote | the first announces the second |
//! | `by hitting` + code | it is a sentence that ends in code |
//! | code + `and then press return.` | it goes on with a small letter |
//! | code + code | the second is what comes of the first |
//! | an item + the code below it | it is indented, or the numbers go on behind it |

use std::ops::Range;

use super::ANSWER_CHARS;
use super::silent::is_silent;
use crate::document::{Block, BlockKind};
use crate::sentence::{is_callout, sentences};

/// What a part of a passage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AtomKind {
    /// A heading, which says nothing by itself and keeps apart what stands before and after it.
    Heading,
    /// A question, which is never its own answer.
    Question,
    /// A sentence, or the rest of an item.
    Sentence,
    /// The first sentence of a list item.
    Item,
    /// A block of code.
    Code,
    /// A table.
    Table,
    /// What isn't an answer by itself: an image, a mark, a rule, metadata, a link and nothing else.
    Silent,
}

/// A part of a passage that is shown as one or not at all, unless it alone is longer than an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Atom {
    /// Where it stands, in bytes of the passage's text.
    pub(super) range: Range<usize>,
    pub(super) kind: AtomKind,
    /// How deep it is nested in lists.
    pub(super) depth: u8,
    /// The number of its block.
    pub(super) block: usize,
    /// Whether it isn't shown without the next.
    pub(super) tied: bool,
    /// The number of the list that it is in, from 1; 0 for none.
    pub(super) list: usize,
}

impl Atom {
    /// Whether it is a block of its own, of which a part is of little use.
    pub(super) fn is_block(&self) -> bool {
        matches!(self.kind, AtomKind::Code | AtomKind::Table)
    }

    /// Whether it ends in a colon.
    pub(super) fn promises(&self, text: &str) -> bool {
        self.is_text() && without_marks(&text[self.range.clone()]).ends_with([':', '：'])
    }

    /// Whether it is running text.
    pub(super) fn is_text(&self) -> bool {
        matches!(self.kind, AtomKind::Sentence | AtomKind::Item)
    }
}

/// The atoms of a part of a text, in order; `blocks` are those of the text.
pub(super) fn atoms(text: &str, blocks: &[Block], within: &Range<usize>) -> Vec<Atom> {
    let mut atoms: Vec<Atom> = Vec::new();
    for sentence in sentences(text, blocks, within) {
        let block = &blocks[sentence.block];
        let same_block = atoms.last().is_some_and(|last| last.block == sentence.block);
        // The rows of a table are one.
        if let Some(last) = atoms.last_mut().filter(|last| same_block && last.kind == AtomKind::Table) {
            last.range.end = sentence.range.end;
            continue;
        }
        let kind = kind_of(&text[sentence.range.clone()], block.kind, same_block);
        let depth = block.depth;
        atoms.push(Atom { range: sentence.range, kind, depth, block: sentence.block, tied: false, list: 0 });
    }
    // Where nothing speaks, all that there is does.
    if atoms.iter().all(|atom| matches!(atom.kind, AtomKind::Silent | AtomKind::Heading | AtomKind::Question))
    {
        let silent = atoms.iter_mut().filter(|atom| atom.kind == AtomKind::Silent);
        silent.for_each(|atom| atom.kind = AtomKind::Sentence);
    }
    lists(text, &mut atoms);
    for at in 1..atoms.len() {
        // What is quoted stays whole where it is announced.
        let quoted = at > 1
            && blocks[atoms[at].block].kind == BlockKind::Quote
            && atoms[at - 1].block == atoms[at].block
            && atoms[at - 2].tied;
        // And a short quotation in any case.
        let block = &blocks[atoms[at].block];
        let quoted = quoted
            || block.kind == BlockKind::Quote
                && atoms[at - 1].block == atoms[at].block
                && atoms[at - 1].kind != AtomKind::Silent
                && block.range.len() <= ANSWER_CHARS;
        atoms[at - 1].tied = quoted || go_together(text, &atoms[at - 1], &atoms[at]);
    }
    atoms
}

fn kind_of(text: &str, block: BlockKind, same_block: bool) -> AtomKind {
    match block {
        BlockKind::Heading(_) => AtomKind::Heading,
        BlockKind::Question => AtomKind::Question,
        BlockKind::Code if !has_code(text) => AtomKind::Silent,
        BlockKind::Code => AtomKind::Code,
        BlockKind::Table => AtomKind::Table,
        BlockKind::Rule | BlockKind::Hidden | BlockKind::FrontMatter => AtomKind::Silent,
        // A file of data has nothing else.
        BlockKind::Data => AtomKind::Sentence,
        BlockKind::Paragraph | BlockKind::Item | BlockKind::Quote => {
            if is_callout(text) || is_silent(text, block == BlockKind::Item) {
                AtomKind::Silent
            } else if without_marks(text).ends_with(['?', '？']) {
                AtomKind::Question
            } else if block == BlockKind::Item && !same_block {
                AtomKind::Item
            } else {
                AtomKind::Sentence
            }
        }
    }
}

/// Whether there is anything between the fences of code but the names of files to be put there.
fn has_code(text: &str) -> bool {
    let is_fence = |line: &&str| line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~");
    let is_blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with("{{#");
    text.lines().filter(|line| !is_fence(line)).any(|line| !is_blank(line))
}

/// A text without the marks of emphasis, quotes and brackets at its end.
pub(super) fn without_marks(text: &str) -> &str {
    text.trim_end_matches(|c: char| c.is_whitespace() || "*_~=\"'”’»)".contains(c))
}

/// The number of an ordered list's item.
fn number(text: &str) -> Option<u32> {
    let text = text.trim_start_matches([' ', '\t', '>']);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let is_mark = text[digits..].starts_with(['.', ')']);
    if is_mark { text[..digits].parse().ok() } else { None }
}

/// Gives each list a number. What stands between two items is in their list if it is indented, or if the numbers go on
/// behind it.
fn lists(text: &str, atoms: &mut [Atom]) {
    let mut count = 0;
    let mut at = 0;
    while at < atoms.len() {
        if atoms[at].kind != AtomKind::Item {
            at += 1;
            continue;
        }
        count += 1;
        let base = atoms[at].depth;
        let (mut end, mut last) = (at + 1, number(&text[atoms[at].range.clone()]));
        let mut next = at + 1;
        while let Some(atom) = atoms.get(next).filter(|atom| atom.kind != AtomKind::Heading) {
            let own = number(&text[atom.range.clone()]).filter(|_| atom.kind == AtomKind::Item);
            let goes_on = own.is_some() && last.is_some_and(|last| own == Some(last + 1));
            let inside = atom.block == atoms[end - 1].block
                || atom.depth > base
                || atom.kind == AtomKind::Item && next == end && own.is_none_or(|own| own != 1);
            if inside && next == end || goes_on && atom.depth == base {
                end = next + 1;
                last = if atom.depth == base && own.is_some() { own } else { last };
            } else if atom.kind == AtomKind::Item && atom.depth <= base || next - end > 4 {
                break;
            }
            next += 1;
        }
        atoms[at..end].iter_mut().for_each(|atom| atom.list = count);
        at = end;
    }
}

/// Whether of two neighbours none is shown without the other.
fn go_together(text: &str, last: &Atom, next: &Atom) -> bool {
    use AtomKind::{Heading, Silent};
    if next.kind == Heading || last.kind == Heading {
        return false;
    }
    let (before, behind) = (&text[last.range.clone()], &text[next.range.clone()]);
    match (last.is_text(), next.kind) {
        // The kind of a callout announces what it says.
        _ if last.kind == Silent && is_callout(before) => false,
        (true, _)
            if last.list == 0 || last.list != next.list || next.is_block() || next.depth > last.depth =>
        {
            announces(before, last, next)
        }
        (false, _) if last.is_block() && next.is_block() => last.list == next.list,
        (false, _) if last.is_block() => next.is_text() && next.kind != AtomKind::Item && goes_on(behind),
        _ => false,
    }
}

/// Whether a text that another follows announces it.
fn announces(text: &str, last: &Atom, next: &Atom) -> bool {
    const ANNOUNCING: [&str; 16] = [
        "below",
        "following",
        "as follows",
        "like this",
        "like so",
        "like that",
        "for example",
        "an example",
        "here is",
        "here's",
        "here are",
        "the command",
        "this command",
        "next line",
        "these",
        "for instance",
    ];
    let (whole, text) = (text, without_marks(text));
    let other = last.block != next.block;
    if text.ends_with([':', '：']) {
        return true;
    }
    if last.list != 0 && last.list != next.list {
        return false;
    }
    // A line in bold is a heading of what follows.
    if other && last.kind == AtomKind::Sentence && is_bold(whole) {
        return true;
    }
    let is_thing = next.is_block() || next.kind == AtomKind::Item && last.kind == AtomKind::Sentence;
    if !other || !is_thing {
        return false;
    }
    if !text.ends_with(['.', '!', '?', '。', '！', '？', '…', ';', '؟', '।', '۔']) {
        return true;
    }
    let lower = text.to_lowercase();
    ANNOUNCING.iter().any(|word| lower.contains(word)) && next.kind != AtomKind::Item
        || ["following", "below", "as follows"].iter().any(|word| lower.contains(word))
}

/// Whether a text says that it comes after something.
pub(super) fn announces_steps(text: &str) -> bool {
    const NEXT: [&str; 18] = [
        "after",
        "afterwards",
        "also",
        "and",
        "finally",
        "first",
        "last",
        "lastly",
        "next",
        "now",
        "once",
        "or",
        "second",
        "secondly",
        "step",
        "then",
        "third",
        "when",
    ];
    let first = super::words(text).next().map(str::to_lowercase).unwrap_or_default();
    NEXT.contains(&first.as_str()) || first.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether a text is a few words in bold.
fn is_bold(text: &str) -> bool {
    const LONGEST: usize = 120;
    let inner = text.strip_prefix("**").and_then(|rest| rest.strip_suffix("**"));
    inner.is_some_and(|inner| inner.len() <= LONGEST && !inner.contains("**") && !inner.ends_with(['.', '!']))
}

/// Whether a text goes on with what stands before it.
fn goes_on(text: &str) -> bool {
    text.trim_start_matches(['>', ' ', '\t', '*', '_']).starts_with(char::is_lowercase)
}

#[cfg(test)]
#[path = "atoms_tests.rs"]
mod tests;
