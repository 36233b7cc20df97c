//! The tree of a page → Markdown, block by block.
//!
//! Links and emphasis leave their text only: what a note says is what is searched and cited. Footnotes follow what
//! refers to them.

use super::super::draft::one_line;
use super::blocks::Blocks;
use super::inline::{push_code, push_text, raise, says_something};
use super::notes::{self, Notes};
use super::table;
use super::tag::Tag;
use super::tree::{NodeId, Tree};
use super::{Options, Places};
use crate::document::Place;

/// Writes what isn't left out.
pub(super) fn write(blocks: &mut Blocks<'_>, tree: &Tree, left_out: &[bool], options: &Options<'_>) {
    let mut writer = Writer {
        tree,
        left_out,
        options,
        blocks,
        line: String::new(),
        anchor: None,
        anchored: false,
        paragraphs: 0,
        term: false,
        notes: Notes::find(tree, left_out),
        waiting: Vec::new(),
    };
    writer.children(Tree::ROOT);
    writer.flush();
}

/// A page that is being written down.
struct Writer<'a, 'd> {
    /// The page.
    tree: &'a Tree,
    left_out: &'a [bool],
    options: &'a Options<'a>,
    blocks: &'a mut Blocks<'d>,
    /// The paragraph that isn't written yet.
    line: String,
    /// The id of what has just begun, before any text of it.
    anchor: Option<&'a str>,
    /// Whether an anchor has been a place.
    anchored: bool,
    paragraphs: u32,
    /// Whether the line is a term that its description follows.
    term: bool,
    notes: Notes<'a>,
    /// The notes that the line refers to.
    waiting: Vec<(usize, String)>,
}

impl Writer<'_, '_> {
    /// Writes what a node contains.
    fn children(&mut self, node: NodeId) {
        let tree = self.tree;
        for child in tree.children(node) {
            self.node(child);
        }
    }

    /// Writes a node.
    ///
    /// Text goes to the line; whatever stands apart ends the line and begins a new one.
    fn node(&mut self, node: NodeId) {
        if self.left_out[node] || self.blocks.is_full() {
            return;
        }
        let tag = self.tree.tag(node);
        if tag == Tag::Text {
            let text = self.tree.text(node);
            if !text.trim().is_empty() {
                self.anchor = None;
            }
            push_text(&mut self.line, text);
            return;
        }
        if self.notes.contains(node) {
            return;
        }
        self.passes(node, tag);
        match tag {
            Tag::Heading(level) => self.heading(node, level),
            Tag::Pre => self.pre(node),
            Tag::Table => self.table(node),
            Tag::Bullets | Tag::Numbers => self.list(node),
            Tag::Item if self.blocks.is_outside() => {
                self.flush();
                self.children(node);
                self.flush();
            }
            Tag::Item => self.item(node, "-"),
            Tag::Quote => {
                self.flush();
                self.blocks.open_quote();
                self.children(node);
                self.flush();
                self.blocks.close();
            }
            Tag::Term => self.term(node),
            Tag::Description => {
                self.children(node);
                self.flush();
            }
            Tag::Break => self.line.push('\n'),
            Tag::Rule => self.flush(),
            _ if tag.is_block() => {
                self.flush_unless_term();
                self.children(node);
                self.flush_unless_term();
            }
            _ => self.inline(node, tag),
        }
    }

    /// Notes the ids of elements, and begins the places that were asked for.
    fn passes(&mut self, node: NodeId, tag: Tag) {
        let id =
            self.tree.get(node, "id").or_else(|| self.tree.get(node, "name").filter(|_| tag == Tag::Link));
        let Some(id) = id.filter(|id| !id.is_empty()) else { return };
        match &self.options.places {
            Places::Anchors => {
                if self.line.trim().is_empty() {
                    self.anchor = Some(id);
                }
            }
            Places::At(places) => {
                if let Some(place) = places.get(id) {
                    self.flush();
                    self.blocks.begin(place.clone());
                }
            }
            Places::None => {}
        }
    }

    /// Writes what stands in a line.
    fn inline(&mut self, node: NodeId, tag: Tag) {
        match tag {
            Tag::Image => {
                let alt = self.tree.get(node, "alt").unwrap_or_default();
                if says_something(alt) && !self.line.ends_with(alt.trim()) {
                    push_text(&mut self.line, &format!(" {} ", alt.trim()));
                }
            }
            Tag::Code => {
                let mut code = String::new();
                self.raw(node, &mut code);
                push_code(&mut self.line, &code);
            }
            Tag::Link => {
                if !self.reference(node) {
                    self.children(node);
                }
            }
            Tag::Sup => {
                let start = self.line.len();
                self.children(node);
                raise(&mut self.line, start);
            }
            Tag::Quoted => {
                self.line.push('“');
                self.children(node);
                self.line.push('”');
            }
            Tag::Math => {
                let start = self.line.len();
                self.children(node);
                if self.line.len() == start
                    && let Some(text) = self.tree.get(node, "alt")
                {
                    push_text(&mut self.line, text);
                }
            }
            Tag::Choice | Tag::Label | Tag::Button | Tag::Select => {
                push_text(&mut self.line, " ");
                self.children(node);
                push_text(&mut self.line, " ");
            }
            _ => self.children(node),
        }
    }

    /// Writes a heading.
    ///
    /// Its id is its own, that of an element in it, or that of what it stands at the beginning of.
    fn heading(&mut self, node: NodeId, level: u8) {
        self.flush();
        // A link before it, or the section that it begins, has an id where it has none.
        let own = self.tree.get(node, "id").filter(|id| !id.is_empty());
        let outer = own.or(self.anchor);
        let text = self.text_of(node);
        let inner = (node + 1..self.tree.end(node)).find_map(|child| {
            let name = self.tree.get(child, "name").filter(|_| self.tree.tag(child) == Tag::Link);
            self.tree.get(child, "id").or(name).filter(|id| !id.is_empty())
        });
        if text.is_empty() {
            return;
        }
        self.begin_anchor(own.or(inner).or(outer));
        self.blocks.heading(usize::from(level), &text);
        self.anchor = None;
        self.write_notes();
    }

    /// Begins the place of an id, if there is one and such places are asked for.
    fn begin_anchor(&mut self, id: Option<&str>) {
        if matches!(self.options.places, Places::Anchors)
            && let Some(id) = id
        {
            self.anchored = true;
            self.blocks.begin(Place::Anchor { id: id.to_owned() });
        }
    }

    /// The text of a node, in one line.
    fn text_of(&mut self, node: NodeId) -> String {
        let before = std::mem::take(&mut self.line);
        self.flat(node);
        let text = std::mem::replace(&mut self.line, before);
        one_line(&text)
    }

    /// Adds the text of a node to the line; what would stand apart stands behind a blank.
    fn flat(&mut self, node: NodeId) {
        let tree = self.tree;
        for child in tree.children(node) {
            let tag = tree.tag(child);
            if self.left_out[child] || self.notes.contains(child) {
                continue;
            }
            if tag.is_block() || matches!(tag, Tag::Break) {
                push_text(&mut self.line, " ");
                self.flat(child);
                push_text(&mut self.line, " ");
            } else if tag == Tag::Text {
                push_text(&mut self.line, tree.text(child));
            } else if matches!(tag, Tag::Code | Tag::Image | Tag::Sup | Tag::Quoted | Tag::Math) {
                self.inline(child, tag);
            } else if tag != Tag::Link || !self.reference(child) {
                self.flat(child);
            }
        }
    }

    /// The text of a node as it stands.
    fn raw(&self, node: NodeId, text: &mut String) {
        for child in self.tree.children(node) {
            match self.tree.tag(child) {
                _ if self.left_out[child] => {}
                Tag::Text => text.push_str(self.tree.text(child)),
                Tag::Break => text.push('\n'),
                Tag::Button => {}
                tag => {
                    // Lines may be elements of their own.
                    let apart = tag.is_block() && !text.is_empty() && !text.ends_with('\n');
                    text.push_str(if apart { "\n" } else { "" });
                    self.raw(child, text);
                }
            }
        }
    }

    /// Writes preformatted text as code.
    fn pre(&mut self, node: NodeId) {
        self.flush();
        let mut code = String::new();
        self.raw(node, &mut code);
        if code.trim().is_empty() {
            return;
        }
        let language = self.language(node);
        self.begin_paragraph();
        self.blocks.code(&language, &code);
    }

    /// The language of code, as classes call it here, in what it contains, or around it.
    fn language(&self, node: NodeId) -> String {
        let code = self.tree.children(node).find(|&child| self.tree.tag(child) == Tag::Code);
        let parent = self.tree.parent(node);
        let around = [code.unwrap_or(node), node, parent, self.tree.parent(parent)];
        let found = around.into_iter().find_map(|node| {
            let classes = self.tree.get(node, "class")?;
            if let Some(brush) = classes.split("brush:").nth(1) {
                return brush.trim_start().split([' ', ';']).next();
            }
            classes.split_ascii_whitespace().find_map(|class| {
                ["language-", "lang-", "highlight-source-", "highlight-"]
                    .iter()
                    .find_map(|start| class.strip_prefix(start))
            })
        });
        let classes = self.tree.get(node, "class").unwrap_or_default();
        let pandoc = classes.strip_prefix("sourceCode ").and_then(|rest| rest.split(' ').next());
        let fits = |name: &&str| {
            !matches!(*name, "default" | "none" | "text" | "plaintext" | "highlight" | "notranslate")
                && name.len() <= 20
                && name.chars().all(|c| c.is_ascii_alphanumeric() || "+#-_.".contains(c))
        };
        found.or(pandoc).filter(fits).unwrap_or_default().to_owned()
    }

    /// Writes a table; of one that only says where things stand, its cells one by one.
    fn table(&mut self, node: NodeId) {
        self.flush();
        if table::is_layout(self.tree, self.left_out, node) {
            self.children(node);
            self.flush();
            return;
        }
        let (tree, left_out) = (self.tree, self.left_out);
        let table = table::rows(tree, left_out, node, &mut |cell| self.text_of(cell));
        self.begin_paragraph();
        if let Some(caption) = table.caption {
            self.blocks.paragraph(&caption);
        }
        for text in table.outside {
            self.blocks.paragraph(&text);
        }
        self.blocks.table(&table.rows);
        self.write_notes();
    }

    /// Writes a list, with the numbers that its items have (section 4.4.5 of the standard).
    fn list(&mut self, node: NodeId) {
        self.flush();
        if self.tree.has_blocks(node) {
            // Steps with headings, cards: a list of nothing but sections.
            self.children(node);
            self.flush();
            return;
        }
        let (tree, is_numbered) = (self.tree, self.tree.tag(node) == Tag::Numbers);
        let number = |node: NodeId, name: &str| {
            tree.get(node, name).and_then(|value| value.trim().parse::<i32>().ok())
        };
        let mut next = number(node, "start").unwrap_or(1).max(0);
        self.blocks.open_list();
        for child in tree.children(node) {
            if tree.tag(child) != Tag::Item {
                self.node(child);
                continue;
            }
            if is_numbered {
                let at = number(child, "value").unwrap_or(next).clamp(0, 999_999_999);
                next = at.saturating_add(1);
                self.item(child, &format!("{at}."));
            } else {
                self.item(child, "-");
            }
        }
        self.flush();
        self.blocks.close();
    }

    /// Writes an item of a list behind its mark.
    fn item(&mut self, node: NodeId, mark: &str) {
        if self.left_out[node] || self.notes.contains(node) {
            return;
        }
        self.flush();
        self.passes(node, Tag::Item);
        self.blocks.open_item(mark);
        self.children(node);
        self.flush();
        self.blocks.close();
    }

    /// A term stays on the line of what describes it.
    fn term(&mut self, node: NodeId) {
        let tree = self.tree;
        if tree.children(node).any(|child| tree.tag(child).is_block()) {
            // Some pages have whole sections for terms.
            self.flush();
            self.children(node);
            self.flush();
            return;
        }
        if !self.term {
            self.flush();
        }
        let (own, text) = (self.tree.get(node, "id"), self.text_of(node));
        if text.is_empty() {
            return;
        }
        if self.term {
            self.line.truncate(self.line.trim_end_matches([':', ' ']).len());
            self.line.push_str(", ");
        } else {
            self.begin_anchor(own.filter(|id| !id.is_empty()));
        }
        self.line.push_str(&text);
        self.line.push_str(if text.ends_with([':', '?', '.', '!', '：', '？']) { " " } else { ": " });
        self.term = true;
    }

    /// Writes the line down, unless it is a term that waits for its description.
    fn flush_unless_term(&mut self) {
        if !self.term {
            self.flush();
        }
    }

    /// Writes the line down.
    fn flush(&mut self) {
        let term = std::mem::take(&mut self.term);
        let line = std::mem::take(&mut self.line);
        let text = if term { line.trim().trim_end_matches(':') } else { line.trim() };
        if !text.is_empty() {
            self.begin_paragraph();
            self.blocks.paragraph(text);
        }
        self.write_notes();
    }

    /// What no anchor is before is found by the number of its paragraph.
    fn begin_paragraph(&mut self) {
        if matches!(self.options.places, Places::Anchors) && !self.anchored && self.blocks.is_outside() {
            self.paragraphs += 1;
            self.blocks.begin(Place::Paragraph { number: self.paragraphs });
        }
    }
}

/// Notes, which stand where they are referred to.
impl Writer<'_, '_> {
    /// Writes a reference to a note, if a link is one.
    fn reference(&mut self, link: NodeId) -> bool {
        if !notes::is_reference(self.tree, link) {
            return false;
        }
        let (known, text) = match self.notes.referred(self.tree, link) {
            Some((_, Some(number))) => {
                self.refer(number);
                return true;
            }
            Some((note, None)) => (Some(note), notes::text(self.tree, self.left_out, note)),
            None => {
                let href = self.tree.get(link, "href").unwrap_or_default();
                let Some(text) = self.options.notes.and_then(|notes| notes.get(href)) else { return false };
                (None, text.clone())
            }
        };
        let number = self.blocks.next_note();
        if let Some(note) = known {
            self.notes.number(note, number);
        }
        self.refer(number);
        self.waiting.push((number, text));
        true
    }

    /// Adds the reference to a footnote.
    fn refer(&mut self, number: usize) {
        for part in ["[^", &number.to_string(), "]"] {
            self.line.push_str(part);
        }
    }

    /// Writes the footnotes that the last block refers to.
    fn write_notes(&mut self) {
        for (number, text) in std::mem::take(&mut self.waiting) {
            self.blocks.paragraph(&format!("[^{number}]: {text}"));
        }
    }
}
