//! The blocks of all pages → Markdown: paragraphs that go on in the next column or page are joined, and each place is
//! kept, in the middle of a paragraph too.

use super::super::Draft;
use super::super::draft::escaped;
use super::block::{Block, Kind};
use super::leaf::Usual;
use super::prose::{add_line, is_ended};
use crate::document::Place;

/// What stands where a place begins within a text, until the text is written; no text has it.
const MARK: char = '\0';

/// What may stand between two parts of a paragraph: footnotes, captions, figures and tables.
const MOST_ASIDES: usize = 12;

/// Joins what goes on elsewhere. Of what stands between, that of the first page is put before it.
pub(super) fn join(blocks: Vec<Block>, usual: &Usual) -> Vec<Block> {
    let mut blocks: Vec<Option<Block>> = blocks.into_iter().map(Some).collect();
    let mut joined = Vec::with_capacity(blocks.len());
    for at in 0..blocks.len() {
        let Some(mut block) = blocks[at].take() else { continue };
        let mut last = at;
        let mut page = block.page;
        while let Some(next) = continuation(&block, page, &blocks, last + 1) {
            let over = blocks[next].as_ref().map_or(page, |part| part.page);
            let mut asides = blocks[last + 1..next]
                .iter_mut()
                .filter(|aside| aside.as_ref().is_some_and(|aside| aside.page < over));
            if page == block.page {
                joined.extend(asides.filter_map(Option::take));
            } else if asides.next().is_some() {
                // They would stand before what is on earlier pages.
                break;
            }
            let Some(part) = blocks[next].take() else { break };
            page = part.page;
            append(&mut block, part, usual);
            last = next;
        }
        joined.push(block);
    }
    joined
}

/// The block that a block goes on in, if there is one.
fn continuation(block: &Block, page: usize, blocks: &[Option<Block>], from: usize) -> Option<usize> {
    let end = blocks.len().min(from + MOST_ASIDES);
    for (at, next) in (from..end).zip(&blocks[from..end]) {
        let Some(next) = next else { continue };
        if next.page > page + 1 {
            return None;
        }
        match (&block.kind, &next.kind) {
            (Kind::Table(rows), Kind::Table(other)) => {
                let same = rows.first().map(Vec::len) == other.first().map(Vec::len);
                return (at == from && next.page == page + 1 && same).then_some(at);
            }
            (Kind::Code, Kind::Code) => return (at == from && next.page == page + 1).then_some(at),
            (Kind::Text | Kind::Item(_), Kind::Text) => {}
            (_, Kind::Heading(_)) | (Kind::Table(_) | Kind::Code | Kind::Heading(_), _) => return None,
            _ => continue,
        }
        let elsewhere = next.page != page || next.column != block.column;
        if !elsewhere || is_ended(&block.text) {
            return None;
        }
        let alike = (next.size - block.size).abs() < 0.06 * block.size && next.bold == block.bold;
        if alike {
            return goes_on(block, next).then_some(at);
        }
        // Smaller text stands aside; larger text is another matter.
        if next.size > block.size {
            return None;
        }
    }
    None
}

/// Whether a paragraph that doesn't end as a sentence does goes on in another.
fn goes_on(block: &Block, next: &Block) -> bool {
    let Some(first) = next.text.chars().next() else { return false };
    if first.is_lowercase() || block.text.ends_with(['-', '\u{2010}', '\u{ad}']) {
        return true;
    }
    let is_sentence = block.lines > 1 || block.text.split(' ').count() > 6;
    block.full && is_sentence && next.indent < 0.5 * next.size && !"([•".contains(first)
}

/// Adds a part of a paragraph, of a table or of code.
fn append(block: &mut Block, part: Block, usual: &Usual) {
    let at = match (&mut block.kind, part.kind) {
        (Kind::Table(rows), Kind::Table(mut more)) => {
            // The head is often printed again.
            if rows.first() == more.first() && more.len() > 1 {
                more.remove(0);
            }
            let at = rows.len();
            rows.extend(more);
            at
        }
        (Kind::Code, _) => {
            block.text.push('\n');
            let at = block.text.len();
            block.text.push_str(&part.text);
            at
        }
        _ => {
            add_line(&mut block.text, &part.text, usual);
            block.text.len() - part.text.len()
        }
    };
    if part.page != block.goes_on.last().map_or(block.page, |(page, _)| *page) {
        block.goes_on.push((part.page, at));
    }
    block.full = part.full;
    block.column = part.column;
    block.lines += part.lines;
}

/// Writes blocks down.
pub(super) struct Writer<'d> {
    draft: &'d mut Draft,
    /// How far the items of the list that is being written are indented, from the outermost.
    indents: Vec<f64>,
    page: Option<usize>,
}

impl<'d> Writer<'d> {
    pub(super) fn new(draft: &'d mut Draft) -> Self {
        Self { draft, indents: Vec::new(), page: None }
    }

    /// Writes a block; `place` says which place a page is.
    pub(super) fn write(&mut self, block: Block, place: &dyn Fn(usize) -> Place) {
        if self.page != Some(block.page) {
            self.draft.begin(place(block.page));
        }
        self.page = Some(block.goes_on.last().map_or(block.page, |(page, _)| *page));
        let places: Vec<Place> = block.goes_on.iter().map(|(page, _)| place(*page)).collect();
        if !matches!(block.kind, Kind::Item(_)) {
            self.indents.clear();
        }
        let mut text = block.text;
        if !matches!(block.kind, Kind::Table(_)) {
            for (_, at) in block.goes_on.iter().rev() {
                text.insert(*at, MARK);
            }
        }
        match block.kind {
            Kind::Text => self.draft.over(&places, |draft| draft.plain(&text)),
            Kind::Heading(level) => self.draft.over(&places, |draft| draft.heading(level, &text)),
            Kind::Code => self.draft.over(&places, |draft| draft.code("", &text)),
            Kind::Item(mark) => {
                let depth = self.depth(block.indent, block.size);
                self.draft.over(&places, |draft| draft.item(depth, &mark, &escaped(&text)));
            }
            Kind::Table(mut rows) => {
                for (_, row) in &block.goes_on {
                    if let Some(cell) = rows.get_mut(*row).and_then(|row| row.first_mut()) {
                        cell.insert(0, MARK);
                    }
                }
                self.draft.over(&places, |draft| draft.table(&rows));
            }
        }
    }

    /// How deep an item of a list is that is indented so far.
    fn depth(&mut self, indent: f64, size: f64) -> usize {
        while self.indents.last().is_some_and(|outer| *outer > indent + 0.4 * size) {
            self.indents.pop();
        }
        if self.indents.last().is_none_or(|outer| *outer < indent - 0.4 * size) {
            self.indents.push(indent);
        }
        self.indents.len() - 1
    }
}
