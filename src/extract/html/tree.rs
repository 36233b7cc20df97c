//! HTML → a tree of its elements, whatever is wrong with it.
//!
//! The tokens are html5gum's; which elements end where others begin follows the tree construction of the HTML Living
//! Standard (section 13.2.6) as far as text is concerned. The tree is one list of nodes, parents before children.

use std::ops::Range;

use html5gum::{StartTag, State, Token, Tokenizer, naive_next_state};

use super::tag::Tag;

/// Elements aren't nested deeper: what is becomes the sibling of what is there, as in browsers (they take 512).
const MAX_DEPTH: usize = 200;

/// No page has more elements and texts; of the rest only the text is kept.
const MAX_NODES: usize = 4_000_000;

/// No value of an attribute is longer, in bytes.
const MAX_VALUE: usize = 4000;

/// The attributes that anybody asks for.
const ATTRIBUTES: &[&str] = &[
    "alt",
    "aria-hidden",
    "charset",
    "class",
    "colspan",
    "content",
    "datetime",
    "encoding",
    "epub:type",
    "hidden",
    "href",
    "http-equiv",
    "id",
    "itemprop",
    "name",
    "property",
    "rel",
    "role",
    "rowspan",
    "start",
    "style",
    "type",
    "value",
];

/// The number of a node in its tree.
pub(super) type NodeId = usize;

/// An element or a text.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// What it is.
    pub(super) tag: Tag,
    /// What contains it; the root contains itself.
    parent: u32,
    /// The node behind it; none is 0, as in the two others.
    next: u32,
    first: u32,
    last: u32,
    /// The place of its attributes, counted from 1; none is 0.
    attributes: u32,
    /// Where its text stands.
    text: Range<u32>,
}

/// A page.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    attributes: Vec<Vec<(&'static str, Box<str>)>>,
    text: String,
    /// The headings and tables, which make a table that contains them one of layout.
    blocks: Vec<NodeId>,
}

impl Tree {
    /// The root.
    pub(super) const ROOT: NodeId = 0;

    /// Reads HTML, or XHTML if `is_xml`: there, what ends itself is empty.
    pub(super) fn parse(html: &str, is_xml: bool) -> Self {
        let mut builder = Builder::new();
        let mut tokens = Tokenizer::new(html);
        while let Some(Ok(token)) = tokens.next() {
            match token {
                Token::StartTag(start) => {
                    let closed = is_xml && start.self_closing;
                    if !closed && let Some(state) = state_after(&start.name, is_xml) {
                        tokens.set_state(state);
                    }
                    builder.start(&start, closed);
                }
                Token::EndTag(end) => builder.end(Tag::of(local_name(&end.name))),
                Token::String(text) => builder.text(&text),
                Token::Comment(comment) if is_xml => {
                    if let Some(text) = comment.strip_prefix(b"[CDATA[") {
                        builder.text(text.strip_suffix(b"]]").unwrap_or(text));
                    }
                }
                _ => {}
            }
        }
        builder.tree
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// What a node is.
    pub(super) fn tag(&self, node: NodeId) -> Tag {
        self.nodes[node].tag
    }

    /// The parent of a node; the root's is the root.
    pub(super) fn parent(&self, node: NodeId) -> NodeId {
        self.nodes[node].parent as usize
    }

    /// The children of a node, in order.
    pub(super) fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let some = |id: u32| (id != 0).then_some(id as usize);
        std::iter::successors(some(self.nodes[node].first), move |&child| some(self.nodes[child].next))
    }

    /// The text of a text; elements have none of their own.
    pub(super) fn text(&self, node: NodeId) -> &str {
        let Range { start, end } = self.nodes[node].text;
        &self.text[start as usize..end as usize]
    }

    /// The value of an attribute.
    pub(super) fn get(&self, node: NodeId, name: &str) -> Option<&str> {
        let all = self.attributes.get((self.nodes[node].attributes as usize).checked_sub(1)?)?;
        all.iter().find(|(other, _)| *other == name).map(|(_, value)| &**value)
    }

    /// Whether one of the words of an attribute is this one, in whatever case.
    pub(super) fn has(&self, node: NodeId, name: &str, word: &str) -> bool {
        let words = self.get(node, name).unwrap_or_default();
        words.split_ascii_whitespace().any(|other| other.eq_ignore_ascii_case(word))
    }

    /// Whether a node contains headings or tables.
    pub(super) fn has_blocks(&self, node: NodeId) -> bool {
        let next = self.blocks.partition_point(|&block| block <= node);
        self.blocks.get(next).is_some_and(|&block| block < self.end(node))
    }

    /// The node behind all that a node contains: what is between is within.
    pub(super) fn end(&self, node: NodeId) -> NodeId {
        let mut at = node;
        loop {
            if self.nodes[at].next != 0 {
                return self.nodes[at].next as usize;
            }
            if at == Self::ROOT {
                return self.nodes.len();
            }
            at = self.parent(at);
        }
    }
}

/// How what follows a start tag is to be read, if not as usual.
fn state_after(name: &[u8], is_xml: bool) -> Option<State> {
    // Style and script may be XML's `CDATA`, but end by their names there too.
    match name {
        b"title" | b"textarea" | b"noscript" | b"iframe" if is_xml => None,
        // Without scripts, what stands in it would be shown; it is markup like any other, and left out later.
        b"noscript" => None,
        b"noframes" => Some(State::RawText),
        _ => naive_next_state(name),
    }
}

/// The name of an element without the prefix of its namespace.
fn local_name(name: &[u8]) -> &[u8] {
    name.iter().rposition(|&byte| byte == b':').map_or(name, |at| &name[at + 1..])
}

/// A tree in the making.
struct Builder {
    tree: Tree,
    /// The elements that are open, from the root, each with the bits of all up to it.
    open: Vec<(NodeId, u32)>,
}

impl Builder {
    /// A tree with nothing but its root.
    fn new() -> Self {
        let root = Node { tag: Tag::Root, parent: 0, next: 0, first: 0, last: 0, attributes: 0, text: 0..0 };
        let tree =
            Tree { nodes: vec![root], attributes: Vec::new(), text: String::new(), blocks: Vec::new() };
        Self { tree, open: vec![(Tree::ROOT, 0)] }
    }

    /// The innermost element that is open.
    fn top(&self) -> NodeId {
        self.open.last().map_or(Tree::ROOT, |open| open.0)
    }

    /// The bits of all elements that are open.
    fn bits(&self) -> u32 {
        self.open.last().map_or(0, |open| open.1)
    }

    /// Adds a node to what is open, if there is room.
    fn add(&mut self, tag: Tag) -> Option<NodeId> {
        let (id, parent) = (self.tree.nodes.len(), self.top());
        if id >= MAX_NODES {
            return None;
        }
        let end = self.tree.text.len() as u32;
        self.tree.nodes.push(Node {
            tag,
            parent: parent as u32,
            next: 0,
            first: 0,
            last: 0,
            attributes: 0,
            text: end..end,
        });
        let last = self.tree.nodes[parent].last as usize;
        let before =
            if last == 0 { &mut self.tree.nodes[parent].first } else { &mut self.tree.nodes[last].next };
        *before = id as u32;
        self.tree.nodes[parent].last = id as u32;
        Some(id)
    }

    /// Adds text to what is open.
    fn text(&mut self, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        // A tree of more than 4 GB isn't made: what is read is smaller.
        if self.tree.text.len() + text.len() > u32::MAX as usize {
            return;
        }
        // Where there is no room for nodes any more, the last one takes it.
        let is_more = self.tree.nodes.last().is_some_and(|node| node.tag == Tag::Text);
        if let Some(id) = self.add(Tag::Text).or(is_more.then_some(MAX_NODES - 1)) {
            self.tree.text.push_str(&text);
            self.tree.nodes[id].text.end = self.tree.text.len() as u32;
        }
    }

    /// An element begins; if it is `closed`, it contains nothing.
    fn start(&mut self, start: &StartTag<()>, closed: bool) {
        let tag = Tag::of(local_name(&start.name));
        if tag == Tag::Frame {
            return;
        }
        self.make_room(tag);
        if self.open.len() >= MAX_DEPTH {
            self.open.pop();
        }
        // The last node is kept for text.
        if self.tree.nodes.len() + 1 >= MAX_NODES {
            return;
        }
        let Some(id) = self.add(tag) else { return };
        let known = |name: &[u8]| ATTRIBUTES.iter().find(|known| known.as_bytes() == name).copied();
        let kept: Vec<_> = start
            .attributes
            .iter()
            .filter_map(|(name, value)| {
                let value = &value.value[..value.value.len().min(MAX_VALUE)];
                Some((known(name)?, String::from_utf8_lossy(value).into_owned().into_boxed_str()))
            })
            .collect();
        if matches!(tag, Tag::Heading(_) | Tag::Table) {
            self.tree.blocks.push(id);
        }
        if !kept.is_empty() {
            self.tree.attributes.push(kept);
            self.tree.nodes[id].attributes = self.tree.attributes.len() as u32;
        }
        if !tag.is_void() && !closed {
            self.open.push((id, self.bits() | tag.bit()));
        }
    }

    /// Closes what can't contain an element that begins.
    fn make_room(&mut self, tag: Tag) {
        match tag {
            Tag::Item => self.close(&[Tag::Item], &[Tag::Bullets, Tag::Numbers]),
            Tag::Term | Tag::Description => self.close(&[Tag::Term, Tag::Description], &[Tag::Terms]),
            Tag::Cell | Tag::HeadCell => self.close(&[Tag::Cell, Tag::HeadCell, Tag::Caption], &[Tag::Row]),
            Tag::Row => self.close(&[Tag::Row, Tag::Caption], &[]),
            Tag::Rows | Tag::Caption => self.close(&[Tag::Rows, Tag::Row, Tag::Caption], &[]),
            Tag::Choice => self.close(&[Tag::Choice], &[Tag::Select]),
            _ => {}
        }
        if tag.is_block() && !tag.is_part_of_table() {
            self.close(&[Tag::Paragraph], &[Tag::Button]);
            if matches!(tag, Tag::Heading(_)) && matches!(self.tree.tag(self.top()), Tag::Heading(_)) {
                self.open.pop();
            }
        }
    }

    /// Closes the outermost open one of some elements, and what is within, unless it is outside one of others.
    fn close(&mut self, tags: &[Tag], outside: &[Tag]) {
        if tags.iter().all(|tag| self.bits() & tag.bit() == 0) {
            return;
        }
        let mut closing = None;
        for (at, &(id, _)) in self.open.iter().enumerate().rev() {
            let tag = self.tree.tag(id);
            if tags.contains(&tag) {
                closing = Some(at);
            } else if outside.contains(&tag)
                || tag == Tag::Table
                || (tag.is_cell() && !tags.iter().any(|tag| tag.is_part_of_table()))
            {
                break;
            }
        }
        if let Some(at) = closing {
            self.open.truncate(at.max(1));
        }
    }

    /// An element ends, and all that is open within.
    ///
    /// An end without a start is left out, as is that of a word that began before the paragraph: the paragraph goes on.
    fn end(&mut self, tag: Tag) {
        match tag {
            Tag::Break => {
                self.add(Tag::Break);
                return;
            }
            Tag::Frame => return,
            _ => {}
        }
        let is_open = self.bits() & tag.bit() != 0;
        for at in (1..self.open.len()).rev().take_while(|_| is_open) {
            let open = self.tree.tag(self.open[at].0);
            let is_same = open == tag || matches!((open, tag), (Tag::Heading(_), Tag::Heading(_)));
            if is_same {
                self.open.truncate(at);
                return;
            }
            let table = tag == Tag::Table || tag.is_part_of_table();
            let is_barrier =
                open == Tag::Table || (!table && open.is_cell()) || (!tag.is_block() && open.is_block());
            if is_barrier {
                break;
            }
        }
        if tag == Tag::Paragraph {
            self.add(tag);
        }
    }
}
