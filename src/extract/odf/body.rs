//! Paragraphs, lists and tables of OpenDocument as blocks.
//!
//! OpenDocument 1.3 part 3, §5 (text) and §9 (tables).

use std::collections::BTreeMap;

use super::super::blocks::{Block, Cell, Row, flat};
use super::super::tree::Node;
use super::lists::{Counts, Lists, next};
use super::paragraph::{Behind, Line};
use super::styles::{Role, Styles};
use crate::document::Place;

/// A heading is no longer, in characters.
const MOST_HEADING: usize = 300;

/// So many cells and rows are repeated in a file, all in all …
const MOST_REPEATS: usize = 10_000;

/// … a row as often as this, …
const MOST_ROWS: usize = 100;

/// … if it has no more text than this, in bytes.
const MOST_REPEATED: usize = 500;

/// A row has no more cells.
const MOST_COLUMNS: usize = 512;

/// The mark of an item, and how deep the item is.
#[derive(Clone, Debug)]
struct Mark {
    level: usize,
    /// As printed; nothing for a bullet.
    text: Option<String>,
}

/// A file on its way to blocks.
pub(super) struct Body {
    styles: Styles,
    objects: BTreeMap<String, Vec<Block>>,
    lists: Lists,
    /// How far headings are counted.
    outline: Counts,
    /// How many tables are open, and the comments on what stands in them.
    tables: usize,
    aside: Vec<Block>,
    /// How many paragraphs and rows have come; `None` where they don't count.
    count: Option<u32>,
    /// How many cells and rows may still be repeated.
    repeats: usize,
}

impl Body {
    /// Begins with nothing.
    pub(super) fn new(styles: Styles, objects: BTreeMap<String, Vec<Block>>) -> Self {
        Self {
            styles,
            objects,
            lists: Lists::default(),
            outline: Counts::default(),
            tables: 0,
            aside: Vec::new(),
            count: None,
            repeats: MOST_REPEATS,
        }
    }

    /// All blocks of a text, with their places.
    pub(super) fn document(&mut self, text: Node) -> Vec<Block> {
        self.count = Some(self.count.unwrap_or(0));
        let mut blocks = Vec::new();
        self.blocks(text, &mut blocks);
        blocks
    }

    /// Whether what has a style is hidden.
    pub(super) fn hides(&self, style: &str) -> bool {
        self.styles.hides(style)
    }

    /// Takes what an element contains.
    pub(super) fn blocks(&mut self, parent: Node, blocks: &mut Vec<Block>) {
        for node in parent.children() {
            match node.name() {
                "p" | "h" => self.paragraph(node, None, blocks),
                "list" => self.list(node, None, blocks),
                "table" => self.table(node, blocks),
                // What is generated of the rest, declared or deleted.
                ""
                | "tracked-changes"
                | "table-of-content"
                | "illustration-index"
                | "table-index"
                | "object-index"
                | "sequence-decls"
                | "variable-decls"
                | "user-field-decls"
                | "forms"
                | "scripts"
                | "dde-connection-decls"
                | "notes"
                | "title"
                | "desc"
                | "enhanced-geometry"
                | "settings" => {}
                "section" if node.attribute("display") == Some("none") => {}
                "frame" | "custom-shape" | "rect" | "ellipse" | "g" | "line" | "object" | "annotation"
                | "connector" | "polygon" | "path" | "circle" | "caption" => self.shape(node, blocks),
                _ => self.blocks(node, blocks),
            }
        }
    }

    /// Takes a shape that stands by itself.
    pub(super) fn shape(&mut self, node: Node, blocks: &mut Vec<Block>) {
        let mut line = Line::default();
        line.one(node, &self.styles);
        self.put(Role::Body, None, None, line, blocks);
    }

    /// The next place, if places count here.
    fn place(&mut self) -> Option<Place> {
        let count = self.count.as_mut()?;
        *count = count.saturating_add(1);
        Some(Place::Paragraph { number: *count })
    }

    fn paragraph(&mut self, node: Node, mark: Option<Mark>, blocks: &mut Vec<Block>) {
        let place = self.place();
        blocks.extend(place.map(Block::At));
        let style = node.attribute("style-name").unwrap_or_default();
        if self.styles.hides(style) {
            return;
        }
        let mut line = Line::default();
        line.all(node, &self.styles);
        let level = node.attribute("outline-level").and_then(|level| level.parse::<usize>().ok());
        let heading = (node.name() == "h").then(|| level.unwrap_or(1).clamp(1, 10));
        let mut mark = mark;
        if let (Some(level), None) = (heading, &mark)
            && node.attribute("is-list-header") != Some("true")
        {
            let start = node.attribute("start-value").and_then(|start| start.parse().ok());
            let text = next(&mut self.outline, &self.styles.outline, level - 1, start);
            mark = text.map(|text| Mark { level, text: Some(text) });
        }
        let role = self.styles.role(style);
        self.put(role, heading, mark, line, blocks);
    }

    /// Adds a paragraph and what stands behind it.
    fn put(
        &mut self,
        role: Role,
        heading: Option<usize>,
        mark: Option<Mark>,
        line: Line,
        blocks: &mut Vec<Block>,
    ) {
        let mut behind = Vec::new();
        for thing in line.behind {
            self.behind(thing, &mut behind);
        }
        let text = if role == Role::Code { line.text.trim_end() } else { line.text.trim() };
        let is_short = text.chars().nth(MOST_HEADING).is_none();
        let heading = heading.or((role == Role::Title).then_some(1)).filter(|_| is_short);
        match (heading, mark) {
            _ if text.is_empty() => {}
            (Some(level), mark) => {
                let mark = mark.and_then(|mark| mark.text).unwrap_or_default();
                blocks.push(Block::Heading(level, format!("{mark} {text}").trim().to_owned()));
            }
            (None, Some(Mark { level, text: Some(mark) })) => {
                let simple = behind.iter().all(|block| matches!(block, Block::Paragraph(_)));
                let inside = if simple { std::mem::take(&mut behind) } else { Vec::new() };
                let notes = inside.iter().map(|block| format!("\n{}", flat(std::slice::from_ref(block))));
                let text = notes.fold(text.to_owned(), |text, note| text + &note);
                blocks.push(Block::Item(level, mark, text));
            }
            _ if role == Role::Quote => blocks.push(Block::Quote(text.to_owned())),
            _ if role == Role::Code => blocks.push(Block::Code(text.to_owned())),
            _ => blocks.push(Block::Paragraph(text.to_owned())),
        }
        blocks.append(&mut behind);
    }

    fn behind(&mut self, thing: Behind, blocks: &mut Vec<Block>) {
        match thing {
            Behind::Note(mark, node) => self.note(node, &mark, blocks),
            Behind::Comment(node) => {
                let author = node.child("creator").map(Node::content).unwrap_or_default();
                let by = match author.trim() {
                    "" => "Comment:".to_owned(),
                    author => format!("Comment by {author}:"),
                };
                let mut aside = Vec::new();
                self.note(node, &by, &mut aside);
                let there = if self.tables > 0 { &mut self.aside } else { blocks };
                there.append(&mut aside);
            }
            Behind::Box(node) => self.apart(node, blocks),
            Behind::Table(node) => {
                let count = self.count.take();
                self.table(node, blocks);
                self.count = count;
            }
            Behind::Object(id) => blocks.extend(self.objects.remove(id).unwrap_or_default()),
        }
    }

    /// Adds a note as one paragraph that begins with its mark.
    fn note(&mut self, node: Node, mark: &str, blocks: &mut Vec<Block>) {
        let mut inside = Vec::new();
        let count = self.count.take();
        for part in node.children().filter(|part| matches!(part.name(), "p" | "h")) {
            self.paragraph(part, Some(Mark { level: 0, text: None }), &mut inside);
        }
        for part in node.children().filter(|part| part.name() == "list") {
            self.list(part, None, &mut inside);
        }
        self.count = count;
        let text = flat(&inside);
        if !text.is_empty() {
            blocks.push(Block::Paragraph(format!("{mark} {text}")));
        }
    }

    /// Takes what stands apart from the paragraphs around it.
    pub(super) fn apart(&mut self, node: Node, blocks: &mut Vec<Block>) {
        let count = self.count.take();
        self.blocks(node, blocks);
        self.count = count;
    }

    /// Takes a list; `outer` is the one around it: its level, style and counts.
    fn list(&mut self, list: Node, outer: Option<(usize, &str, &mut Counts)>, blocks: &mut Vec<Block>) {
        let own = list.attribute("style-name");
        let by_paragraph = || {
            let first = list.all().find(|node| matches!(node.name(), "p" | "h"))?;
            self.styles.list_of(first.attribute("style-name")?)
        };
        let level = outer.as_ref().map_or(0, |(level, ..)| level + 1);
        let outer_style = outer.as_ref().map(|(_, style, _)| (*style).to_owned());
        let style = own.map(str::to_owned).or(outer_style);
        let style = style.or_else(|| by_paragraph().map(str::to_owned)).unwrap_or_default();
        if let Some((_, _, counts)) = outer {
            self.items(list, level, &style, counts, blocks);
        } else {
            let mut counts = self.lists.begin(list, &style);
            self.items(list, level, &style, &mut counts, blocks);
            self.lists.end(list, &style, counts);
        }
    }

    fn items(&mut self, list: Node, level: usize, style: &str, counts: &mut Counts, blocks: &mut Vec<Block>) {
        for item in list.children() {
            let is_header = match item.name() {
                "list-item" => false,
                "list-header" => true,
                _ => continue,
            };
            let mut marked = is_header;
            let start = item.attribute("start-value").and_then(|start| start.parse().ok());
            for node in item.children() {
                match node.name() {
                    "p" | "h" if !marked => {
                        marked = true;
                        let text = match self.styles.levels(style) {
                            Some(levels) => next(counts, levels, level, start),
                            None => Some(String::new()),
                        };
                        self.paragraph(node, Some(Mark { level, text }), blocks);
                    }
                    "p" => self.more(node, blocks),
                    "h" => self.paragraph(node, Some(Mark { level, text: None }), blocks),
                    "list" => self.list(node, Some((level, style, counts)), blocks),
                    _ => {}
                }
            }
        }
    }

    /// Adds a paragraph to the item that was added last.
    fn more(&mut self, node: Node, blocks: &mut Vec<Block>) {
        let mut inside = Vec::new();
        self.paragraph(node, None, &mut inside);
        let paragraphs = inside.iter().filter(|block| !matches!(block, Block::At(_)));
        let is_plain = paragraphs.clone().all(|block| matches!(block, Block::Paragraph(_)));
        match blocks.last_mut() {
            Some(Block::Item(_, _, text)) if is_plain => {
                for block in paragraphs {
                    text.push('\n');
                    text.push_str(&flat(std::slice::from_ref(block)));
                }
            }
            _ => blocks.append(&mut inside),
        }
    }

    fn table(&mut self, table: Node, blocks: &mut Vec<Block>) {
        self.tables += 1;
        let mut rows = Vec::new();
        // For how many more rows the cell of a column goes on.
        let mut down: Vec<usize> = Vec::new();
        for row in inside(table) {
            let place = self.place();
            let count = self.count.take();
            let cells = self.cells(row, &mut down);
            self.count = count;
            let text: usize = cells.iter().map(|cell| flat(&cell.blocks).len()).sum();
            let repeated = number(row, "number-rows-repeated").min(MOST_ROWS).min(self.repeats + 1);
            let times = if text == 0 || text > MOST_REPEATED { 1 } else { repeated };
            self.repeats -= times - 1;
            for _ in 1..times {
                rows.push(Row { place: place.clone(), cells: cells.clone() });
            }
            rows.push(Row { place, cells });
        }
        self.tables -= 1;
        blocks.push(Block::Table(rows));
        if self.tables == 0 {
            blocks.append(&mut self.aside);
        }
    }

    fn cells(&mut self, row: Node, down: &mut Vec<usize>) -> Vec<Cell> {
        let mut cells: Vec<Cell> = Vec::new();
        for node in row.children() {
            let covered = match node.name() {
                "table-cell" => false,
                "covered-table-cell" => true,
                _ => continue,
            };
            let mut inside = Vec::new();
            if !covered {
                self.blocks(node, &mut inside);
            }
            let repeated = number(node, "number-columns-repeated").min(MOST_COLUMNS);
            let times = if inside.is_empty() { repeated } else { repeated.min(self.repeats + 1) };
            self.repeats -= if inside.is_empty() { 0 } else { times - 1 };
            for _ in 0..times.min(MOST_COLUMNS.saturating_sub(cells.len())) {
                let column = cells.len();
                if down.len() <= column {
                    down.push(0);
                }
                let merged = covered && down[column] > 0;
                if merged {
                    down[column] -= 1;
                }
                if !covered {
                    down[column] = number(node, "number-rows-spanned") - 1;
                }
                cells.push(Cell { blocks: inside.clone(), span: 1, merged });
            }
        }
        cells
    }
}

/// A number of an attribute, at least and usually 1.
fn number(node: Node, name: &str) -> usize {
    node.attribute(name).and_then(|number| number.parse().ok()).unwrap_or(1).max(1)
}

/// The rows of a table, through groups of them.
fn inside(table: Node) -> Vec<Node> {
    const GROUPS: &[&str] = &["table-header-rows", "table-rows", "table-row-group"];
    let mut rows = Vec::new();
    let mut left: Vec<Node> = vec![table];
    while let Some(node) = left.pop() {
        if node.name() == "table-row" {
            rows.push(node);
            continue;
        }
        let from = left.len();
        left.extend(
            node.children().filter(|node| node.name() == "table-row" || GROUPS.contains(&node.name())),
        );
        left[from..].reverse();
    }
    rows
}
