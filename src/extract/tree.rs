//! XML as a tree, for formats where what an element means depends on what it contains.
//!
//! A tree takes some times less memory than its text had, is never deeper than the walk that makes it, and is no larger
//! than a limit; so readers may follow it down by calling themselves.

use std::collections::HashMap;

use super::xml::{Event, Events};

/// No tree has more elements and texts.
const MOST_NODES: usize = 6_000_000;

/// No node; also the name of a text.
const NONE: u32 = u32::MAX;

/// The elements and texts of a file.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Stored>,
    attributes: Vec<Attribute>,
    /// All names that occur, once.
    names: Vec<String>,
    /// All texts and values, one behind the other.
    pool: String,
    trouble: Option<String>,
}

/// An element or a text.
#[derive(Debug)]
struct Stored {
    name: u32,
    /// The first child and the next sibling.
    first: u32,
    next: u32,
    /// Of an element its attributes, of a text its bytes in the pool.
    start: u32,
    end: u32,
}

/// An attribute: its name as it is written, and the bytes of its value in the pool.
#[derive(Debug)]
struct Attribute {
    name: u32,
    start: u32,
    end: u32,
}

/// What a tree is made with.
struct Builder {
    tree: Tree,
    numbers: HashMap<String, u32>,
    /// The open elements, each with its last child.
    open: Vec<(u32, u32)>,
}

impl Builder {
    fn name(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let number = self.tree.names.len() as u32;
        self.tree.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        number
    }

    fn put(&mut self, text: &str) -> (u32, u32) {
        let start = self.tree.pool.len() as u32;
        self.tree.pool.push_str(text);
        (start, self.tree.pool.len() as u32)
    }

    fn add(&mut self, name: u32, start: u32, end: u32) -> u32 {
        let number = self.tree.nodes.len() as u32;
        self.tree.nodes.push(Stored { name, first: NONE, next: NONE, start, end });
        if let Some((parent, last)) = self.open.last_mut() {
            match *last {
                NONE => self.tree.nodes[*parent as usize].first = number,
                last => self.tree.nodes[last as usize].next = number,
            }
            *last = number;
        }
        number
    }

    fn text(&mut self, text: &str) {
        let (start, end) = self.put(text);
        let last = self.open.last().map_or(NONE, |open| open.1);
        match self.tree.nodes.get_mut(last as usize) {
            Some(node) if node.name == NONE && node.end == start => node.end = end,
            _ => _ = self.add(NONE, start, end),
        }
    }
}

impl Tree {
    /// Makes a tree of a text.
    pub(super) fn new(text: &str) -> Self {
        let tree = Self {
            nodes: Vec::new(),
            attributes: Vec::new(),
            names: Vec::new(),
            pool: String::new(),
            trouble: None,
        };
        let mut builder = Builder { tree, numbers: HashMap::new(), open: Vec::new() };
        let top = builder.name("");
        let top = builder.add(top, 0, 0);
        builder.open.push((top, NONE));
        let mut events = Events::new(text);
        for event in events.by_ref() {
            if builder.tree.nodes.len() >= MOST_NODES || builder.tree.pool.len() > (u32::MAX >> 1) as usize {
                builder.tree.trouble =
                    Some(format!("has more than {MOST_NODES} elements; the first are read"));
                return builder.tree;
            }
            match event {
                Event::Start(element) => {
                    let start = builder.tree.attributes.len() as u32;
                    for (name, value) in element.attributes() {
                        let name = builder.name(&name);
                        let (start, end) = builder.put(&value);
                        builder.tree.attributes.push(Attribute { name, start, end });
                    }
                    let end = builder.tree.attributes.len() as u32;
                    let name = builder.name(element.name());
                    let number = builder.add(name, start, end);
                    builder.open.push((number, NONE));
                }
                // The top stays open, whatever ends.
                Event::End(_) if builder.open.len() > 1 => _ = builder.open.pop(),
                Event::End(_) => {}
                Event::Text(text) => builder.text(&text),
            }
        }
        builder.tree.trouble = events.trouble().map(str::to_owned);
        builder.tree
    }

    /// What contains all elements at the top; its name is empty.
    pub(super) fn top(&self) -> Node<'_> {
        Node { tree: self, at: 0 }
    }

    /// Why not all of the text is in the tree, if so; fits after `its part a.xml `.
    pub(super) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }
}

/// An element or a text of a tree.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node<'t> {
    tree: &'t Tree,
    at: u32,
}

impl<'t> Node<'t> {
    fn stored(self) -> &'t Stored {
        &self.tree.nodes[self.at as usize]
    }

    fn slice(self, start: u32, end: u32) -> &'t str {
        &self.tree.pool[start as usize..end as usize]
    }

    /// An element's name without a prefix; nothing for a text.
    pub(super) fn name(self) -> &'t str {
        match self.stored().name {
            NONE => "",
            name => &self.tree.names[name as usize],
        }
    }

    /// A text's text.
    pub(super) fn text(self) -> Option<&'t str> {
        let stored = self.stored();
        (stored.name == NONE).then(|| self.slice(stored.start, stored.end))
    }

    /// What it contains, in order.
    pub(super) fn children(self) -> impl Iterator<Item = Self> + use<'t> {
        let some = move |at| (at != NONE).then_some(Self { tree: self.tree, at });
        std::iter::successors(some(self.stored().first), move |node| some(node.stored().next))
    }

    /// The first element of a name that it contains.
    pub(super) fn child(self, name: &str) -> Option<Self> {
        self.children().find(|child| child.name() == name)
    }

    /// The first element that a path of names leads to.
    pub(super) fn find(self, path: &[&str]) -> Option<Self> {
        path.iter().try_fold(self, |node, name| node.child(name))
    }

    /// Itself and all that is below, in the order of the text.
    pub(super) fn all(self) -> impl Iterator<Item = Self> + use<'t> {
        let mut left = vec![self];
        std::iter::from_fn(move || {
            let node = left.pop()?;
            let at = left.len();
            left.extend(node.children());
            left[at..].reverse();
            Some(node)
        })
    }

    /// All text below.
    pub(super) fn content(self) -> String {
        self.all().filter_map(Self::text).collect()
    }

    fn attributes(self) -> impl Iterator<Item = (&'t str, &'t str)> {
        let stored = self.stored();
        let range = if stored.name == NONE { 0..0 } else { stored.start as usize..stored.end as usize };
        let named = move |a: &Attribute| (&*self.tree.names[a.name as usize], self.slice(a.start, a.end));
        self.tree.attributes[range].iter().map(named)
    }

    /// The value of the attribute of a local name; one without a prefix goes before one with any.
    pub(super) fn attribute(self, local: &str) -> Option<&'t str> {
        let plain = self.attributes().find(|(name, _)| *name == local).map(|(_, value)| value);
        plain.or_else(|| self.prefixed(local))
    }

    /// The value of the attribute of a local name that has a prefix, such as `r:id` beside `id`.
    pub(super) fn prefixed(self, local: &str) -> Option<&'t str> {
        let is_it = |name: &str| name.split_once(':').is_some_and(|(_, name)| name == local);
        self.attributes().find(|(name, _)| is_it(name)).map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nested_stays_nested() {
        let tree = Tree::new("<a><b x='1'>one &amp; <i>two</i> three</b><b r:x='2'/></a>");
        let first = tree.top().find(&["a", "b"]).unwrap();
        assert_eq!((first.content(), first.attribute("x")), ("one & two three".into(), Some("1")));
        assert_eq!(first.children().map(Node::name).collect::<Vec<_>>(), ["", "i", ""]);
        assert_eq!(first.children().next().unwrap().text(), Some("one & "));
        let second = tree.top().child("a").unwrap().children().nth(1).unwrap();
        assert_eq!((second.attribute("x"), second.prefixed("x")), (Some("2"), Some("2")));
        assert_eq!(tree.top().all().map(Node::name).collect::<Vec<_>>().concat(), "abib");
        assert!(tree.trouble().is_none());
    }

    #[test]
    fn damage_leaves_what_came_before() {
        let tree = Tree::new("<a><b>x</b></c></c></c></c><d>y");
        assert_eq!(tree.top().content(), "xy");
        assert!(tree.trouble().is_some());
        let deep = "<a>".repeat(300_000) + "x";
        assert!(Tree::new(&deep).trouble().is_some());
        assert_eq!(Tree::new("").top().content(), "");
    }
}
