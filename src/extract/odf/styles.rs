//! Styles of OpenDocument: what paragraphs are, how lists are numbered, and what is hidden.
//!
//! OpenDocument 1.3 part 3, §16 (styles) and §16.30 to §16.35 (lists).

use std::collections::HashMap;

use super::super::numerals::Numeral;
use super::super::tree::{Node, Tree};

/// Lists have so many levels.
pub(super) const LEVELS: usize = 10;

/// No style has more parents, one above the other.
const MOST_PARENTS: usize = 32;

/// No mark's part is longer, in characters.
const MOST_AFFIX: usize = 60;

/// What a paragraph is by its style.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Role {
    /// Nothing in particular.
    #[default]
    Body,
    /// The title of the text.
    Title,
    /// A quotation.
    Quote,
    /// A line of code.
    Code,
}

/// A level of a list.
#[derive(Clone, Debug, Default)]
pub(super) struct Level {
    /// How its numbers are printed.
    pub(super) numeral: Numeral,
    /// What stands before and behind them.
    pub(super) affixes: (String, String),
    /// The first number.
    pub(super) start: u32,
    /// How many levels' numbers are printed, with dots between them.
    pub(super) shown: usize,
}

/// The levels of a list.
pub(super) type Levels = [Level; LEVELS];

/// A style of paragraphs, words or slides.
#[derive(Debug, Default)]
struct Style {
    name: String,
    parent: Option<String>,
    list: Option<String>,
    hidden: bool,
}

/// All styles of a file.
#[derive(Debug, Default)]
pub(super) struct Styles {
    by_name: HashMap<String, Style>,
    lists: HashMap<String, Levels>,
    /// How headings are numbered.
    pub(super) outline: Levels,
}

impl Styles {
    /// Reads the styles of these parts; the later go before the earlier.
    pub(super) fn new(parts: &[&Tree]) -> Self {
        let mut styles = Self::default();
        for node in parts.iter().flat_map(|tree| tree.top().all()) {
            match node.name() {
                "style" => {
                    let value = |name: &str| node.attribute(name).map(str::to_owned);
                    let Some(id) = value("name") else { continue };
                    let text = node.child("text-properties").and_then(|text| text.attribute("display"));
                    let page = node.child("drawing-page-properties");
                    let page = page.and_then(|page| page.attribute("visibility"));
                    let style = Style {
                        name: value("display-name").unwrap_or_else(|| id.replace("_20_", " ")).to_lowercase(),
                        parent: value("parent-style-name"),
                        list: value("list-style-name"),
                        hidden: text == Some("none") || page == Some("hidden"),
                    };
                    styles.by_name.insert(id, style);
                }
                "list-style" => {
                    if let Some(name) = node.attribute("name") {
                        styles.lists.insert(name.to_owned(), levels(node));
                    }
                }
                "outline-style" => styles.outline = levels(node),
                _ => {}
            }
        }
        styles
    }

    /// A style and its parents.
    fn chain(&self, id: &str) -> impl Iterator<Item = &Style> {
        let next = |style: &&Style| style.parent.as_ref().and_then(|parent| self.by_name.get(parent));
        std::iter::successors(self.by_name.get(id), next).take(MOST_PARENTS)
    }

    /// What paragraphs of a style are.
    pub(super) fn role(&self, id: &str) -> Role {
        let known = self.chain(id).find_map(|style| named(&style.name));
        let unknown = || named(&id.replace("_20_", " ").to_lowercase());
        known.or_else(unknown).unwrap_or_default()
    }

    /// Whether what has a style is hidden.
    pub(super) fn hides(&self, id: &str) -> bool {
        self.chain(id).any(|style| style.hidden)
    }

    /// The name of the list style that paragraphs of a style have.
    pub(super) fn list_of(&self, id: &str) -> Option<&str> {
        self.chain(id).find_map(|style| style.list.as_deref()).filter(|list| !list.is_empty())
    }

    /// The levels of a list style.
    pub(super) fn levels(&self, list: &str) -> Option<&Levels> {
        self.lists.get(list)
    }
}

fn named(name: &str) -> Option<Role> {
    Some(match name {
        "title" => Role::Title,
        "quotations" | "quote" => Role::Quote,
        "preformatted text" | "source code" | "source text" => Role::Code,
        _ => return None,
    })
}

/// The levels that a list style has.
fn levels(style: Node) -> Levels {
    let mut levels = Levels::default();
    for node in style.children() {
        let number = |name: &str| node.attribute(name).and_then(|value| value.parse::<usize>().ok());
        let Some(slot) = number("level").and_then(|level| levels.get_mut(level.checked_sub(1)?)) else {
            continue;
        };
        let text = |name: &str| node.attribute(name).unwrap_or_default().chars().take(MOST_AFFIX).collect();
        *slot = Level {
            numeral: match node.name() {
                "list-level-style-number" | "outline-level-style" => {
                    numeral(node.attribute("num-format").unwrap_or_default())
                }
                _ => Numeral::Bullet,
            },
            affixes: (text("num-prefix"), text("num-suffix")),
            start: number("start-value").unwrap_or(1) as u32,
            shown: number("display-levels").unwrap_or(1).clamp(1, LEVELS),
        };
    }
    levels
}

/// How a format prints numbers (§20.314): the format is the first number.
pub(super) fn numeral(format: &str) -> Numeral {
    match format.chars().next() {
        None => Numeral::None,
        Some('a') => Numeral::LowerLetter,
        Some('A') => Numeral::UpperLetter,
        Some('i') => Numeral::LowerRoman,
        Some('I') => Numeral::UpperRoman,
        Some('一') => Numeral::Chinese,
        Some('①') => Numeral::Circled,
        _ if format == "1st" => Numeral::Ordinal,
        _ => Numeral::Decimal,
    }
}
