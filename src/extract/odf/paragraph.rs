//! The words of a paragraph in OpenDocument, and what hangs on them: notes, comments, frames.
//!
//! OpenDocument 1.3 part 3, §6 (paragraph elements) and §7 (fields).

use super::super::graphics::description;
use super::super::symbols;
use super::super::tree::Node;
use super::styles::Styles;

/// Blanks that are counted are no more.
const MOST_BLANKS: usize = 100;

/// What stands behind a paragraph because of something in it.
#[derive(Debug)]
pub(super) enum Behind<'t> {
    /// A note: its mark, and what contains its paragraphs.
    Note(String, Node<'t>),
    /// A comment.
    Comment(Node<'t>),
    /// What contains the paragraphs of a text box or a shape.
    Box(Node<'t>),
    /// A table in a frame.
    Table(Node<'t>),
    /// The object that is referred to so.
    Object(&'t str),
}

/// A paragraph's text.
#[derive(Debug, Default)]
pub(super) struct Line<'t> {
    /// The text, in which `\n` breaks a line.
    pub(super) text: String,
    /// What stands behind it.
    pub(super) behind: Vec<Behind<'t>>,
}

impl<'t> Line<'t> {
    /// Takes all that an element contains.
    pub(super) fn all(&mut self, node: Node<'t>, styles: &Styles) {
        for child in node.children() {
            match child.text() {
                Some(text) => self.push(text),
                None => self.one(child, styles),
            }
        }
    }

    /// Takes an element.
    pub(super) fn one(&mut self, node: Node<'t>, styles: &Styles) {
        match node.name() {
            "s" => {
                let count = node.attribute("c").and_then(|count| count.parse().ok()).unwrap_or(1);
                self.text.push_str(&" ".repeat(count.clamp(1, MOST_BLANKS)));
            }
            "tab" => self.text.push('\t'),
            "line-break" => self.text.push('\n'),
            "span" if node.attribute("style-name").is_some_and(|style| styles.hides(style)) => {}
            "hidden-text" | "hidden-paragraph" if node.attribute("is-hidden") == Some("true") => {}
            "ruby" => {
                for (name, before, behind) in [("ruby-base", "", ""), ("ruby-text", "(", ")")] {
                    if let Some(part) = node.child(name) {
                        self.text.push_str(before);
                        self.all(part, styles);
                        self.text.push_str(behind);
                    }
                }
            }
            "note" => {
                let cited = node.child("note-citation").map(Node::content);
                let mark =
                    format!("[{}]", cited.unwrap_or_default().trim().chars().take(20).collect::<String>());
                self.text.push_str(&mark);
                self.behind.extend(node.child("note-body").map(|body| Behind::Note(mark, body)));
            }
            "annotation" => self.behind.push(Behind::Comment(node)),
            "text-box" => self.behind.push(Behind::Box(node)),
            "table" => self.behind.push(Behind::Table(node)),
            "object" => self.behind.extend(node.attribute("href").map(Behind::Object)),
            "custom-shape" | "rect" | "ellipse" | "circle" | "polygon" | "path" | "line" | "connector"
            | "caption" => {
                self.described(node);
                self.behind.push(Behind::Box(node));
            }
            "frame" | "g" => {
                self.described(node);
                self.all(node, styles);
            }
            // A paragraph in a paragraph belongs to a box.
            "p" | "h" | "list" | "title" | "desc" | "image" | "tracked-changes" | "script"
            | "note-citation" | "event-listeners" | "glue-point" | "enhanced-geometry" | "object-ole" => {}
            _ => self.all(node, styles),
        }
    }

    /// Adds text. Blanks in a row are one (§6.1.2).
    fn push(&mut self, text: &str) {
        let mut clean = String::with_capacity(text.len());
        symbols::push(&mut clean, "", text);
        for c in clean.chars() {
            match c {
                ' ' | '\t' | '\n' | '\r' if self.text.ends_with([' ', '\n', '\t']) => {}
                ' ' | '\t' | '\n' | '\r' => self.text.push(' '),
                c => self.text.push(c),
            }
        }
    }

    /// Adds the description of a picture or shape.
    fn described(&mut self, node: Node) {
        if let Some(said) = said(node) {
            for part in [" ", &said, " "] {
                self.text.push_str(part);
            }
        }
    }
}

/// The description of a picture or shape, in brackets.
pub(super) fn said(node: Node) -> Option<String> {
    let part = |name: &str| node.child(name).map(Node::content).filter(|text| !text.trim().is_empty());
    let said = part("desc").or_else(|| part("title"))?;
    description(&said).map(|said| format!("[{said}]"))
}
