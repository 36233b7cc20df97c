//! Footnotes of a page: what refers to them, and what they say (DPUB-ARIA 1.1; EPUB's structural semantics).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::super::draft::one_line;
use super::inline::push_text;
use super::tag::Tag;
use super::tree::{NodeId, Tree};

/// No note is longer, in bytes; a longer one is a section.
const MAX_NOTE: usize = 4000;

/// The notes of a page, which are written where they are referred to.
#[derive(Debug, Default)]
pub(super) struct Notes<'a> {
    /// Elements by their ids, if there are notes.
    ids: HashMap<&'a str, NodeId>,
    /// The notes, and the number of each once it has one.
    notes: BTreeMap<NodeId, Option<usize>>,
}

impl<'a> Notes<'a> {
    /// Finds what is referred to as a note.
    pub(super) fn find(tree: &'a Tree, left_out: &[bool]) -> Self {
        let references: Vec<NodeId> =
            (1..tree.len()).filter(|&node| !left_out[node] && is_reference(tree, node)).collect();
        let mut all = Self::default();
        if references.is_empty() {
            return all;
        }
        for node in 1..tree.len() {
            if let Some(id) = tree.get(node, "id") {
                all.ids.entry(id).or_insert(node);
            }
        }
        for reference in references {
            let Some(note) = all.target(tree, reference) else { continue };
            let within = note..tree.end(note);
            let fits = within.clone().take(1000).map(|node| tree.text(node).len()).sum::<usize>() <= MAX_NOTE;
            if fits && !within.contains(&reference) && !matches!(tree.tag(note), Tag::Heading(_) | Tag::Root)
            {
                all.notes.insert(note, None);
            }
        }
        all
    }

    /// Whether a node is a note.
    pub(super) fn contains(&self, node: NodeId) -> bool {
        self.notes.contains_key(&node)
    }

    /// The note that a link refers to, and its number if it has one.
    pub(super) fn referred(&self, tree: &Tree, link: NodeId) -> Option<(NodeId, Option<usize>)> {
        let note = self.target(tree, link)?;
        Some((note, *self.notes.get(&note)?))
    }

    /// Gives a note its number.
    pub(super) fn number(&mut self, note: NodeId, number: usize) {
        self.notes.insert(note, Some(number));
    }

    /// What a link leads to: the whole note, where only its mark has the id.
    fn target(&self, tree: &Tree, link: NodeId) -> Option<NodeId> {
        let id = tree.get(link, "href")?.strip_prefix('#')?;
        Some(whole(tree, *self.ids.get(id)?))
    }
}

/// What the notes with these ids say.
pub(super) fn texts(tree: &Tree, left_out: &[bool], ids: &[String]) -> Vec<(String, String)> {
    let wanted: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
    let mut found = Vec::new();
    for node in 1..tree.len() {
        let Some(id) = tree.get(node, "id").filter(|id| wanted.contains(id)) else { continue };
        let text = text(tree, left_out, whole(tree, node));
        if !text.is_empty() && text.len() <= MAX_NOTE {
            found.push((id.to_owned(), text));
        }
    }
    found
}

/// The block that a node is in.
fn whole(tree: &Tree, node: NodeId) -> NodeId {
    let mut at = node;
    while !tree.tag(at).is_block() && at != Tree::ROOT {
        at = tree.parent(at);
    }
    at
}

/// Whether a link refers to a note: it says so, or is raised and leads to what is called one.
pub(super) fn is_reference(tree: &Tree, node: NodeId) -> bool {
    if tree.tag(node) != Tag::Link || is_way_back(tree, node) {
        return false;
    }
    let is_called =
        ["footnote-ref", "footnote-reference", "footnote"].iter().any(|name| tree.has(node, "class", name));
    let is_raised = || {
        let href = tree.get(node, "href").unwrap_or_default();
        let leads_to_note = href.starts_with("#fn") && !href.starts_with("#fnref");
        tree.tag(tree.parent(node)) == Tag::Sup && leads_to_note
    };
    tree.has(node, "epub:type", "noteref")
        || tree.has(node, "role", "doc-noteref")
        || is_called
        || is_raised()
}

/// Whether a link leads back from a note.
fn is_way_back(tree: &Tree, node: NodeId) -> bool {
    tree.tag(node) == Tag::Link
        && (tree.has(node, "role", "doc-backlink")
            || tree.has(node, "epub:type", "backlink")
            || tree.has(node, "class", "footnote-back")
            || tree.has(node, "class", "footnote-backref")
            || tree.has(node, "class", "fn-backref"))
}

/// What a note says, without its mark and the way back.
pub(super) fn text(tree: &Tree, left_out: &[bool], note: NodeId) -> String {
    let mut text = String::new();
    add(tree, left_out, note, &mut text);
    let text = one_line(&text);
    let text = text.trim_end_matches(['↩', '↑', '\u{fe0e}', ' ']);
    // `1.`, `[1]`, `*` before it is its mark.
    let mark = text.find(' ').map_or("", |at| &text[..at]);
    let is_mark = mark.len() <= 6
        && !mark.is_empty()
        && mark
            .trim_matches(['[', ']', '(', ')', '.', ':', '*', '†', '‡', '^'])
            .chars()
            .all(|c| c.is_ascii_digit());
    if is_mark { text[mark.len()..].trim_start().to_owned() } else { text.to_owned() }
}

/// Adds what a part of a note says.
fn add(tree: &Tree, left_out: &[bool], node: NodeId, text: &mut String) {
    for child in tree.children(node) {
        if left_out[child] || is_way_back(tree, child) {
            continue;
        }
        push_text(text, tree.text(child));
        let apart = if tree.tag(child).is_block() || tree.tag(child) == Tag::Break { " " } else { "" };
        push_text(text, apart);
        add(tree, left_out, child, text);
        push_text(text, apart);
    }
}
