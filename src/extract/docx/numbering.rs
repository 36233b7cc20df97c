//! The numbers of lists and headings as they are printed.
//!
//! ECMA-376 part 1 §17.9. Lists (`num`) are made from definitions (`abstractNum`), and those of one definition count on
//! together, unless one says with which number it begins.

use std::collections::{BTreeMap, HashSet};

use super::super::numerals::Numeral;
use super::super::tree::{Node, Tree};
use super::styles::{Styles, is_on};

/// A list has so many levels.
const LEVELS: usize = 9;

/// No mark is longer, in bytes; a longer one is the text of a document that is up to something.
const MOST_MARK: usize = 120;

/// A level of a list.
#[derive(Clone, Debug, Default)]
struct Level {
    start: u32,
    numeral: Numeral,
    /// What is printed; `%2` stands for the number of the second level.
    pattern: String,
    /// Whether all numbers in it are printed as 1, 2, 3.
    plain: bool,
    /// It begins anew after this level, counted from 1, or a higher one. After the one above, if nothing is said; 0 is
    /// never.
    restart: Option<usize>,
    /// The style of its paragraphs.
    style: Option<String>,
}

/// How the levels of a list look.
#[derive(Clone, Debug, Default)]
struct Definition {
    levels: [Level; LEVELS],
    /// The style whose list has the levels instead.
    link: Option<String>,
}

/// A list.
#[derive(Debug, Default)]
struct List {
    definition: String,
    /// The numbers that levels begin with in this list.
    starts: BTreeMap<usize, u32>,
    /// Levels that look otherwise in this list.
    levels: BTreeMap<usize, Level>,
}

/// All lists, and how far each is counted.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    definitions: BTreeMap<String, Definition>,
    lists: BTreeMap<String, List>,
    /// By definitions.
    counts: BTreeMap<String, [Option<u32>; LEVELS]>,
    /// The lists and levels that have begun with a number of their own.
    begun: HashSet<(String, usize)>,
}

/// The mark before a paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// The level from 0.
    pub(super) level: usize,
    /// What is printed; nothing for a bullet.
    pub(super) text: String,
}

impl Numbering {
    /// Reads the part with lists.
    pub(super) fn new(tree: &Tree) -> Self {
        let mut numbering = Self::default();
        let Some(top) = tree.top().child("numbering") else { return numbering };
        for node in top.children() {
            let value = |name: &str| node.child(name).and_then(|node| node.attribute("val"));
            match node.name() {
                "abstractNum" => {
                    let mut definition = Definition {
                        link: value("numStyleLink").map(str::to_owned),
                        ..Definition::default()
                    };
                    for level in node.children().filter(|node| node.name() == "lvl") {
                        if let Some(at) = number(level, "ilvl").filter(|&at| at < LEVELS) {
                            definition.levels[at] = Level::new(level);
                        }
                    }
                    let id = node.attribute("abstractNumId").unwrap_or_default();
                    numbering.definitions.insert(id.to_owned(), definition);
                }
                "num" => {
                    let definition = value("abstractNumId").unwrap_or_default().to_owned();
                    let mut list = List { definition, ..List::default() };
                    for change in node.children().filter(|node| node.name() == "lvlOverride") {
                        let Some(at) = number(change, "ilvl").filter(|&at| at < LEVELS) else { continue };
                        if let Some(level) = change.child("lvl") {
                            let level = Level::new(level);
                            list.starts.insert(at, level.start);
                            list.levels.insert(at, level);
                        }
                        if let Some(start) =
                            change.child("startOverride").and_then(|node| number(node, "val"))
                        {
                            list.starts.insert(at, start as u32);
                        }
                    }
                    numbering.lists.insert(node.attribute("numId").unwrap_or_default().to_owned(), list);
                }
                _ => {}
            }
        }
        numbering
    }

    /// Counts a paragraph of a list and gives its mark; `None` if nothing is printed. Without a level, it is the one
    /// that is tied to the paragraph's style, or the first.
    pub(super) fn next(
        &mut self,
        list: &str,
        level: Option<usize>,
        styles: &Styles,
        style: Option<&str>,
    ) -> Option<Mark> {
        let this = self.lists.get(list)?;
        let name = self.defined(&this.definition, styles);
        let definition = self.definitions.get(&name)?;
        let tied = || {
            styles
                .bases(style)
                .find_map(|id| definition.levels.iter().position(|level| level.style.as_deref() == Some(id)))
        };
        let level = level.or_else(tied).unwrap_or(0).min(LEVELS - 1);
        let looks = |at: usize| this.levels.get(&at).unwrap_or(&definition.levels[at]);
        let counts = self.counts.entry(name).or_default();
        let own = this.starts.get(&level).copied();
        let begins = own.filter(|_| self.begun.insert((list.to_owned(), level)));
        let count = match (begins, counts[level]) {
            (Some(start), _) => start,
            (None, Some(count)) => count.saturating_add(1),
            (None, None) => own.unwrap_or(looks(level).start),
        };
        counts[level] = Some(count);
        for (deeper, count) in counts.iter_mut().enumerate().skip(level + 1) {
            let restarts = match looks(deeper).restart {
                Some(0) => false,
                Some(after) => level < after,
                None => true,
            };
            if restarts {
                *count = None;
            }
        }
        let Level { numeral, pattern, plain, .. } = looks(level);
        if *numeral == Numeral::Bullet {
            return Some(Mark { level, text: String::new() });
        }
        let number_of = |at: usize| {
            let numeral = if *plain && looks(at).numeral != Numeral::Bullet {
                Numeral::Decimal
            } else {
                looks(at).numeral
            };
            numeral.print(counts[at].unwrap_or(looks(at).start))
        };
        let text = filled(pattern, number_of);
        (!text.is_empty()).then_some(Mark { level, text })
    }

    /// The definition that has the levels: a definition may leave them to a style, whose list has one again.
    fn defined(&self, name: &str, styles: &Styles) -> String {
        let mut name = name.to_owned();
        for _ in 0..LEVELS {
            let link = self.definitions.get(&name).and_then(|definition| definition.link.as_deref());
            let list = link.and_then(|link| styles.numbered(Some(link))?.list);
            match list.and_then(|list| self.lists.get(&list)) {
                Some(list) => name.clone_from(&list.definition),
                None => break,
            }
        }
        name
    }
}

impl Level {
    fn new(node: Node) -> Self {
        let value = |name: &str| node.child(name).and_then(|node| node.attribute("val"));
        let count = |name: &str| value(name).and_then(|value| value.parse().ok());
        // A format of its own is named beside one that old programs know (§17.9.17).
        let format = node.all().filter(|node| node.name() == "numFmt").find_map(|node| node.attribute("val"));
        Self {
            start: count("start").unwrap_or(0),
            numeral: Numeral::named(format.unwrap_or("decimal")),
            pattern: value("lvlText").unwrap_or_default().chars().take(MOST_MARK).collect(),
            plain: node.child("isLgl").is_some_and(is_on),
            restart: count("lvlRestart").map(|level| level as usize),
            style: value("pStyle").map(str::to_owned),
        }
    }
}

fn number(node: Node, name: &str) -> Option<usize> {
    node.attribute(name)?.parse().ok()
}

/// A pattern with the numbers of levels in their places.
fn filled(pattern: &str, number_of: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek().and_then(|digit| digit.to_digit(10)) {
            Some(level @ 1..) if c == '%' => {
                chars.next();
                text.push_str(&number_of(level as usize - 1));
            }
            _ => text.push(c),
        }
    }
    text.trim().to_owned()
}
