//! Paragraphs and tables of a document as blocks.
//!
//! ECMA-376 part 1 §17.3.1 (paragraphs), §17.4 (tables), §17.5 (content controls).

use std::collections::{BTreeSet, VecDeque};

use super::super::blocks::{Block, Cell, Row, flat};
use super::super::graphics::chosen;
use super::super::tree::Node;
use super::numbering::{Mark, Numbering};
use super::run::{Behind, Line, Sources, State, Walk};
use super::styles::{Numbered, Role, numbered};
use crate::document::Place;

/// A heading is no longer, in characters; what is, is a paragraph that looks like one.
const MOST_HEADING: usize = 300;

/// Row spans and columns that are skipped are no more.
const MOST_SKIPPED: usize = 64;

/// A document on its way to blocks.
pub(super) struct Body<'t> {
    sources: Sources<'t>,
    numbering: Numbering,
    state: State,
    /// Notes, comments and graphics that stand somewhere already; each stands in one place.
    told: BTreeSet<(char, &'t str)>,
    /// The text of paragraphs that go on in the next: the mark between them was deleted.
    carried: Line<'t>,
    /// How many tables are open, and the comments on what stands in them.
    tables: usize,
    aside: Vec<Block>,
    /// How many paragraphs and rows of the body itself have come.
    count: u32,
    /// How many documents inside weren't read.
    chunks: u32,
}

impl<'t> Body<'t> {
    /// Begins with nothing.
    pub(super) fn new(sources: Sources<'t>, numbering: Numbering) -> Self {
        Self {
            sources,
            numbering,
            state: State::default(),
            told: BTreeSet::new(),
            carried: Line::default(),
            tables: 0,
            aside: Vec::new(),
            count: 0,
            chunks: 0,
        }
    }

    /// All blocks of the body. Comments that hang on nothing stand at the end.
    pub(super) fn document(&mut self, body: Node<'t>) -> Vec<Block> {
        let mut blocks = Vec::new();
        self.blocks(body, true, &mut blocks);
        let rest = std::mem::take(&mut self.carried);
        self.put(Role::Body, None, rest, &mut blocks);
        let comments: Vec<_> = self.sources.comments.values().map(|comment| comment.node).collect();
        for id in comments.into_iter().filter_map(|node| node.attribute("id")) {
            self.behind(Behind::Comment(id), &mut blocks);
        }
        blocks
    }

    /// What wasn't read.
    pub(super) fn warning(&self) -> Option<String> {
        (self.chunks > 0).then(|| format!("{} embedded documents in it aren't read", self.chunks))
    }

    /// Takes what an element contains; `top` if that is the body itself.
    fn blocks(&mut self, parent: Node<'t>, top: bool, blocks: &mut Vec<Block>) {
        for node in parent.children() {
            match node.name() {
                "p" => {
                    if top {
                        self.count += 1;
                        blocks.push(Block::At(Place::Paragraph { number: self.count }));
                    }
                    self.paragraph(node, blocks);
                }
                "tbl" => self.table(node, top, blocks),
                "sdt" if is_contents(node) => {
                    // Its paragraphs count all the same.
                    let inside = node.all().filter(|node| node.name() == "p").count() as u32;
                    self.count += if top { inside } else { 0 };
                }
                "AlternateContent" => {
                    if let Some(chosen) = chosen(node) {
                        self.blocks(chosen, top, blocks);
                    }
                }
                "altChunk" => self.chunks += 1,
                "del" | "moveFrom" | "sectPr" | "sdtPr" | "sdtEndPr" | "" => {}
                "r" | "hyperlink" | "oMath" | "oMathPara" | "fldSimple" => {
                    let line = self.line(&[node], false);
                    self.put(Role::Body, None, line, blocks);
                }
                _ => self.blocks(node, top, blocks),
            }
        }
    }

    /// The text of elements of a paragraph.
    fn line(&mut self, nodes: &[Node<'t>], hidden: bool) -> Line<'t> {
        let line = std::mem::take(&mut self.carried);
        let mut walk =
            Walk { sources: &self.sources, state: &mut self.state, line, hidden, font: "", align: "" };
        for node in nodes {
            walk.all(*node);
        }
        walk.line
    }

    fn paragraph(&mut self, node: Node<'t>, blocks: &mut Vec<Block>) {
        let properties = node.child("pPr");
        let property = |path: &[&str]| properties.and_then(|properties| properties.find(path));
        let style = property(&["pStyle"]).and_then(|style| style.attribute("val"));
        let hidden = style.and_then(|style| self.sources.styles.hides(style)).unwrap_or(false);
        let line = self.line(&[node], hidden);
        self.state.end_paragraph();
        let goes_on = property(&["rPr", "del"]).is_some() || property(&["rPr", "moveFrom"]).is_some();
        let is_initial = property(&["framePr"]).is_some_and(|frame| frame.attribute("dropCap").is_some());
        if goes_on || is_initial {
            self.carried = line;
            return;
        }
        let outline = property(&["outlineLvl"]).and_then(|level| level.attribute("val")?.parse().ok());
        let role = self.sources.styles.role(style, outline);
        let mark = self.mark(properties.map(numbered).unwrap_or_default(), style);
        self.put(role, mark, line, blocks);
    }

    /// The number of a paragraph; what it says itself goes before what its style says.
    fn mark(&mut self, own: Numbered, style: Option<&str>) -> Option<Mark> {
        let by_style = self.sources.styles.numbered(style);
        let (list, level) = match (own.list, by_style) {
            (Some(list), Some(by_style)) if by_style.list.as_ref() == Some(&list) => {
                (list, own.level.or(by_style.level))
            }
            (Some(list), _) => (list, own.level),
            (None, Some(by_style)) => (by_style.list?, own.level.or(by_style.level)),
            (None, None) => return None,
        };
        self.numbering.next(&list, level, &self.sources.styles, style)
    }

    /// Adds a paragraph and what stands behind it.
    fn put(&mut self, role: Role, mark: Option<Mark>, line: Line<'t>, blocks: &mut Vec<Block>) {
        let mut behind = Vec::new();
        for thing in line.behind {
            self.behind(thing, &mut behind);
        }
        let text = if role == Role::Code { line.text.trim_end() } else { line.text.trim() };
        let is_short = text.chars().nth(MOST_HEADING).is_none();
        let numbered = |text: &str| match &mark {
            Some(mark) if !mark.text.is_empty() => format!("{} {text}", mark.text),
            _ => text.to_owned(),
        };
        match role {
            _ if text.is_empty() => {}
            Role::Contents => {}
            Role::Title if is_short => blocks.push(Block::Heading(1, numbered(text))),
            Role::Heading(level) if is_short => blocks.push(Block::Heading(level, numbered(text))),
            Role::Quote if mark.is_none() => blocks.push(Block::Quote(text.to_owned())),
            Role::Code if mark.is_none() => blocks.push(Block::Code(text.to_owned())),
            _ => match mark {
                // Notes of an item stay inside it: the list goes on.
                Some(Mark { level, text: mark }) => {
                    let simple = behind.iter().all(|block| matches!(block, Block::Paragraph(_)));
                    let inside = if simple { std::mem::take(&mut behind) } else { Vec::new() };
                    let notes = inside.iter().map(|block| format!("\n{}", flat(std::slice::from_ref(block))));
                    let text = notes.fold(text.to_owned(), |text, note| text + &note);
                    blocks.push(Block::Item(level, mark, text));
                }
                None => blocks.push(Block::Paragraph(text.to_owned())),
            },
        }
        blocks.append(&mut behind);
    }

    /// Adds what stands behind a paragraph, unless it has been added before.
    fn behind(&mut self, thing: Behind<'t>, blocks: &mut Vec<Block>) {
        match thing {
            Behind::Box(node) => self.apart(node, blocks),
            Behind::Footnote(id, mark) => {
                if let Some(&node) = self.sources.footnotes.get(id).filter(|_| self.told.insert(('f', id))) {
                    self.note(node, &mark, blocks);
                }
            }
            Behind::Endnote(id, mark) => {
                if let Some(&node) = self.sources.endnotes.get(id).filter(|_| self.told.insert(('e', id))) {
                    self.note(node, &mark, blocks);
                }
            }
            Behind::Comment(id) => {
                let Some(comment) = self.sources.comments.get(id) else { return };
                if self.told.insert(('c', id)) {
                    let by = match &*comment.author {
                        "" => "Comment:".to_owned(),
                        author => format!("Comment by {author}:"),
                    };
                    let node = comment.node;
                    if self.tables > 0 {
                        let mut aside = std::mem::take(&mut self.aside);
                        self.note(node, &by, &mut aside);
                        self.aside.append(&mut aside);
                    } else {
                        self.note(node, &by, blocks);
                    }
                }
            }
            Behind::Graphic(id) => {
                if self.told.insert(('g', id)) {
                    blocks.extend(self.sources.graphics.get(id).cloned().unwrap_or_default());
                }
            }
        }
    }

    /// Adds a note as one paragraph that begins with its mark.
    fn note(&mut self, node: Node<'t>, mark: &str, blocks: &mut Vec<Block>) {
        let mut inside = Vec::new();
        self.apart(node, &mut inside);
        let text = flat(&inside);
        if !text.is_empty() {
            blocks.push(Block::Paragraph(format!("{mark} {text}")));
        }
    }

    /// Takes what stands apart from the paragraphs around it.
    fn apart(&mut self, node: Node<'t>, blocks: &mut Vec<Block>) {
        let carried = std::mem::take(&mut self.carried);
        self.blocks(node, false, blocks);
        let rest = std::mem::replace(&mut self.carried, carried);
        self.put(Role::Body, None, rest, blocks);
    }

    fn table(&mut self, table: Node<'t>, top: bool, blocks: &mut Vec<Block>) {
        let mut rows = Vec::new();
        self.tables += 1;
        for row in inside(table, "tr") {
            if top {
                self.count += 1;
            }
            if row.find(&["trPr", "del"]).is_some() {
                continue;
            }
            let place = top.then_some(Place::Paragraph { number: self.count });
            let skipped = value(row, &["trPr", "gridBefore"]).unwrap_or(0).min(MOST_SKIPPED);
            let mut cells = vec![Cell { span: 1, ..Cell::default() }; skipped];
            for cell in inside(row, "tc") {
                if cell.find(&["tcPr", "cellDel"]).is_some() {
                    continue;
                }
                let merge =
                    |name| cell.find(&["tcPr", name]).map(|merge| merge.attribute("val") == Some("restart"));
                let merged = merge("vMerge") == Some(false);
                let mut blocks = Vec::new();
                if !merged && merge("hMerge") != Some(false) {
                    self.apart(cell, &mut blocks);
                }
                cells.push(Cell { blocks, span: value(cell, &["tcPr", "gridSpan"]).unwrap_or(1), merged });
            }
            rows.push(Row { place, cells });
        }
        blocks.push(Block::Table(rows));
        self.tables -= 1;
        if self.tables == 0 {
            blocks.append(&mut self.aside);
        }
    }
}

/// A number that a property has.
fn value(node: Node, path: &[&str]) -> Option<usize> {
    node.find(path)?.attribute("val")?.parse().ok()
}

/// The elements of a name below another, through content controls and marks of insertions, in order.
fn inside<'t>(node: Node<'t>, name: &str) -> Vec<Node<'t>> {
    const WRAPPERS: &[&str] = &["sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag"];
    let mut found = Vec::new();
    let mut left: VecDeque<Node> = node.children().collect();
    while let Some(node) = left.pop_front() {
        if node.name() == name {
            found.push(node);
        } else if WRAPPERS.contains(&node.name()) {
            let children: Vec<_> = node.children().collect();
            for child in children.into_iter().rev() {
                left.push_front(child);
            }
        }
    }
    found
}

/// Whether a content control holds a table of contents (§17.5.2.12).
fn is_contents(control: Node) -> bool {
    let gallery = control.find(&["sdtPr", "docPartObj", "docPartGallery"]);
    gallery.and_then(|gallery| gallery.attribute("val")) == Some("Table of Contents")
}
