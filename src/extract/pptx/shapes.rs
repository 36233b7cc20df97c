//! What the shapes of a slide say, in the order of the file.
//!
//! ECMA-376 part 1 §19.3.1 (shapes), §21.1.2 (text), §21.1.3 (tables).

use std::collections::BTreeMap;

use super::super::blocks::{Block, Cell, Row};
use super::super::draft::one_line;
use super::super::graphics::{chosen, description, text};
use super::super::numerals::Numeral;
use super::super::tree::Node;
use super::layout::{Layout, bullet, bullets, kind};

/// Text has so many levels.
const LEVELS: usize = 9;

/// The shapes of a slide on their way to blocks.
pub(super) struct Shapes<'a> {
    layout: Layout,
    graphics: &'a BTreeMap<String, Vec<Block>>,
    /// The title, with the level of its heading.
    pub(super) title: Option<(usize, String)>,
    /// What all other shapes say.
    pub(super) blocks: Vec<Block>,
}

impl<'a> Shapes<'a> {
    /// Begins with nothing.
    pub(super) fn new(layout: Layout, graphics: &'a BTreeMap<String, Vec<Block>>) -> Self {
        Self { layout, graphics, title: None, blocks: Vec::new() }
    }

    /// Takes all shapes of a tree or a group.
    pub(super) fn all(&mut self, tree: Node) {
        for node in tree.children() {
            match node.name() {
                "sp" | "cxnSp" => self.shape(node),
                "grpSp" => {
                    self.described(node);
                    self.all(node);
                }
                "pic" => self.described(node),
                "graphicFrame" => {
                    self.described(node);
                    self.frame(node);
                }
                "AlternateContent" => {
                    if let Some(chosen) = chosen(node) {
                        self.all(chosen);
                    }
                }
                _ => {}
            }
        }
    }

    /// Adds the description of a shape for those who can't see it.
    fn described(&mut self, node: Node) {
        let properties = node.children().find_map(|child| child.child("cNvPr"));
        let said = properties
            .and_then(|properties| properties.attribute("descr").or_else(|| properties.attribute("title")));
        if let Some(said) = said.and_then(description) {
            self.blocks.push(Block::Paragraph(format!("[{said}]")));
        }
    }

    fn shape(&mut self, shape: Node) {
        let place = shape.find(&["nvSpPr", "nvPr", "ph"]);
        match place.map(kind) {
            Some("dt" | "ftr" | "sldNum" | "hdr" | "sldImg") => {}
            Some(title @ ("title" | "ctrTitle")) if self.title.is_none() => {
                let text = shape.child("txBody").map(flat).unwrap_or_default();
                if !text.is_empty() {
                    self.title = Some((if title == "ctrTitle" { 1 } else { 2 }, text));
                }
            }
            _ => {
                self.described(shape);
                self.text(shape);
            }
        }
    }

    /// Adds the paragraphs of a shape.
    pub(super) fn text(&mut self, shape: Node) {
        let Some(body) = shape.child("txBody") else { return };
        let place = shape.find(&["nvSpPr", "nvPr", "ph"]);
        let own = body.child("lstStyle").map(bullets).unwrap_or_default();
        let mut counts = Counts::default();
        for paragraph in body.children().filter(|node| node.name() == "p") {
            let properties = paragraph.child("pPr");
            let level = properties.and_then(|properties| properties.attribute("lvl")?.parse().ok());
            let level: usize = level.unwrap_or(0).min(LEVELS - 1);
            let text = text(paragraph).replace('\u{b}', "\n").trim().to_owned();
            if text.is_empty() {
                continue;
            }
            let number = properties.and_then(|properties| properties.child("buAutoNum"));
            let mark = counts.next(level, number);
            let inherited = || place.is_some_and(|place| self.layout.bullet(place, level));
            let is_item = properties.and_then(bullet).or(own[level]).unwrap_or_else(inherited);
            self.blocks.push(if is_item { Block::Item(level, mark, text) } else { Block::Paragraph(text) });
        }
    }

    /// Adds what a frame holds: a table, a chart, a diagram.
    fn frame(&mut self, frame: Node) {
        let Some(data) = frame.find(&["graphic", "graphicData"]) else { return };
        for node in data.children() {
            match node.name() {
                "tbl" => self.blocks.push(table(node)),
                "chart" => self.graphic(node.prefixed("id")),
                "relIds" => self.graphic(node.prefixed("dm")),
                "AlternateContent" => {
                    for inside in chosen(node).into_iter().flat_map(Node::children) {
                        self.graphic(inside.prefixed("id"));
                    }
                }
                _ => {}
            }
        }
    }

    fn graphic(&mut self, id: Option<&str>) {
        self.blocks.extend(id.and_then(|id| self.graphics.get(id)).into_iter().flatten().cloned());
    }
}

/// The paragraphs of a text in one line.
pub(super) fn flat(body: Node) -> String {
    let lines = body.children().filter(|node| node.name() == "p").map(text);
    let words = lines.collect::<Vec<_>>().join(" ");
    one_line(&words)
}

/// A table. What is merged stands in its first cell.
fn table(node: Node) -> Block {
    let is_on = |cell: Node, name: &str| cell.attribute(name).is_some_and(|on| matches!(on, "1" | "true"));
    let rows = node.children().filter(|node| node.name() == "tr").map(|row| {
        let cells = row.children().filter(|node| node.name() == "tc");
        let cells = cells.map(|cell| {
            let (across, down) = (is_on(cell, "hMerge"), is_on(cell, "vMerge"));
            let text = cell.child("txBody").filter(|_| !across && !down).map(flat).unwrap_or_default();
            Cell { blocks: vec![Block::Paragraph(text)], span: 1, merged: down && !across }
        });
        Row { place: None, cells: cells.collect() }
    });
    Block::Table(rows.collect())
}

/// How far the numbered paragraphs of a text are counted.
#[derive(Debug, Default)]
struct Counts {
    /// By levels: the kind of numbers, and the last one.
    counts: [Option<(String, u32)>; LEVELS],
}

impl Counts {
    /// The number of the next paragraph as printed, if it has one. A paragraph that has none ends the count of its level.
    fn next(&mut self, level: usize, number: Option<Node>) -> String {
        self.counts[level + 1..].fill(None);
        let Some(number) = number else {
            self.counts[level] = None;
            return String::new();
        };
        let kind = number.attribute("type").unwrap_or("arabicPeriod");
        let first = number.attribute("startAt").and_then(|at| at.parse().ok()).unwrap_or(1);
        let count = match &self.counts[level] {
            Some((last, count)) if last == kind => count.saturating_add(1),
            _ => first,
        };
        self.counts[level] = Some((kind.to_owned(), count));
        printed(kind, count)
    }
}

/// A number as its kind prints it (§20.1.10.61).
fn printed(kind: &str, count: u32) -> String {
    let numeral = match kind {
        _ if kind.starts_with("alphaLc") => Numeral::LowerLetter,
        _ if kind.starts_with("alphaUc") => Numeral::UpperLetter,
        _ if kind.starts_with("romanLc") => Numeral::LowerRoman,
        _ if kind.starts_with("romanUc") => Numeral::UpperRoman,
        _ if kind.starts_with("ea1") => Numeral::Chinese,
        _ if kind.starts_with("circleNum") => Numeral::Circled,
        _ => Numeral::Decimal,
    };
    let number = numeral.print(count);
    match kind {
        _ if kind.ends_with("ParenBoth") => format!("({number})"),
        _ if kind.ends_with("ParenR") => format!("{number})"),
        _ if kind.ends_with("Period") => format!("{number}."),
        _ => number,
    }
}
