//! Styles of a document: which paragraphs are headings, titles, quotes or code, and which words are hidden.
//!
//! ECMA-376 part 1 §17.7. A style has what the style that it is based on has, unless it says otherwise.

use std::collections::HashMap;

use super::super::tree::{Node, Tree};

/// No style is based on more others, one on the other.
const MOST_BASES: usize = 32;

/// What a paragraph is by its style.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Role {
    /// Nothing in particular.
    #[default]
    Body,
    /// The document's title.
    Title,
    /// A heading, of a level from 1.
    Heading(usize),
    /// A line of a table of contents.
    Contents,
    /// A quotation.
    Quote,
    /// A line of code.
    Code,
}

/// What the standard calls a number of a paragraph: which list, and which level of it from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Numbered {
    /// The list's id; `0` for none.
    pub(super) list: Option<String>,
    /// The level.
    pub(super) level: Option<usize>,
}

/// A style.
#[derive(Debug, Default)]
struct Style {
    name: String,
    base: Option<String>,
    /// The level of the outline from 0; 9 is none.
    outline: Option<usize>,
    numbered: Numbered,
    hidden: Option<bool>,
}

/// All styles, by their ids.
#[derive(Debug, Default)]
pub(super) struct Styles {
    styles: HashMap<String, Style>,
    /// The style of paragraphs that don't name one.
    usual: Option<String>,
}

impl Styles {
    /// Reads the part with styles.
    pub(super) fn new(tree: &Tree) -> Self {
        let mut styles = Self::default();
        for node in tree.top().all().filter(|node| node.name() == "style") {
            let Some(id) = node.attribute("styleId") else { continue };
            let value = |path: &[&str]| node.find(path).and_then(|node| node.attribute("val"));
            let style = Style {
                name: value(&["name"]).unwrap_or(id).to_lowercase(),
                base: value(&["basedOn"]).map(str::to_owned),
                outline: value(&["pPr", "outlineLvl"]).and_then(|level| level.parse().ok()),
                numbered: node.child("pPr").map(numbered).unwrap_or_default(),
                hidden: node.find(&["rPr", "vanish"]).map(is_on),
            };
            let is_usual = node.attribute("default").is_some_and(is_true);
            if is_usual && node.attribute("type") == Some("paragraph") {
                styles.usual = Some(id.to_owned());
            }
            styles.styles.insert(id.to_owned(), style);
        }
        styles
    }

    /// A style and those that it is based on; that of paragraphs without one, if none is named.
    fn chain(&self, id: Option<&str>) -> impl Iterator<Item = &Style> {
        let first = id.or(self.usual.as_deref()).and_then(|id| self.styles.get(id));
        let next = |style: &&Style| style.base.as_ref().and_then(|base| self.styles.get(base));
        std::iter::successors(first, next).take(MOST_BASES)
    }

    /// What paragraphs of a style are; `outline` is what the paragraph itself says.
    pub(super) fn role(&self, id: Option<&str>, outline: Option<usize>) -> Role {
        let heading = |level: usize| if level < 9 { Role::Heading(level + 1) } else { Role::Body };
        if let Some(level) = outline {
            return heading(level);
        }
        for style in self.chain(id) {
            if let Some(role) = named(&style.name) {
                return role;
            }
            if let Some(level) = style.outline {
                return heading(level);
            }
        }
        // A document without its styles still names them.
        let unknown = id.filter(|id| !self.styles.contains_key(*id));
        unknown.and_then(|id| named(&id.to_lowercase())).unwrap_or_default()
    }

    /// The list that paragraphs of a style belong to. The level may be left to the list.
    pub(super) fn numbered(&self, id: Option<&str>) -> Option<Numbered> {
        let mut level = None;
        for style in self.chain(id) {
            level = level.or(style.numbered.level);
            if style.numbered.list.is_some() {
                return Some(Numbered { list: style.numbered.list.clone(), level });
            }
        }
        None
    }

    /// The id of the style of a chain that names its list: levels of the list are tied to it.
    pub(super) fn bases<'a>(&'a self, id: Option<&'a str>) -> impl Iterator<Item = &'a str> {
        let next = |id: &&'a str| self.styles.get(*id)?.base.as_deref();
        std::iter::successors(id.or(self.usual.as_deref()), next).take(MOST_BASES)
    }

    /// Whether text of a style is hidden, if its styles say anything of that.
    pub(super) fn hides(&self, id: &str) -> Option<bool> {
        self.chain(Some(id)).find_map(|style| style.hidden)
    }
}

/// What a style is by its name; the names of Word's own are English in all languages.
fn named(name: &str) -> Option<Role> {
    let number = |prefix: &str| {
        let number = name.strip_prefix(prefix)?.trim();
        number.parse().ok().filter(|number| (1..=9).contains(number))
    };
    if let Some(level) = number("heading") {
        return Some(Role::Heading(level));
    }
    if number("toc").is_some() || name == "table of figures" {
        return Some(Role::Contents);
    }
    Some(match name {
        "title" => Role::Title,
        "quote" | "intense quote" | "block text" | "quotations" => Role::Quote,
        "html preformatted" | "source code" | "code" | "preformatted text" => Role::Code,
        "toc heading" => Role::Contents,
        "normal" => Role::Body,
        _ => return None,
    })
}

/// The list that the properties of a paragraph name.
pub(super) fn numbered(properties: Node) -> Numbered {
    let value = |name: &str| properties.find(&["numPr", name]).and_then(|node| node.attribute("val"));
    Numbered {
        list: value("numId").map(str::to_owned),
        level: value("ilvl").and_then(|level| level.parse().ok()),
    }
}

/// Whether a property that is on or off is on (§17.17.4).
pub(super) fn is_on(node: Node) -> bool {
    node.attribute("val").is_none_or(is_true)
}

fn is_true(value: &str) -> bool {
    matches!(value, "1" | "true" | "on")
}
