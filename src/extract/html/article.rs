//! The article of a page, without what is around it on every page of the site.
//!
//! What says that it is the main part is taken, if it has enough of the text; of what is left, navigation, headers,
//! footers, asides, and lists of links with short names go. If too little would remain, nothing goes.

use super::shown::{Sizes, inherited};
use super::tag::Tag;
use super::tree::{NodeId, Tree};

/// An article has at least this share of a page's text: one in so many.
const LEAST: u32 = 4;

/// A block with more of the text than this share, one in so many, isn't left out for its name.
const MOST: u32 = 3;

/// Roles of what is around an article (WAI-ARIA 1.2, section 5.3.4).
const ROLES: &[&str] =
    &["navigation", "banner", "contentinfo", "search", "complementary", "dialog", "alertdialog"];

/// Words of classes and ids of what is around an article.
const NAMES: &[&str] = &[
    "nav",
    "navbar",
    "navigation",
    "menu",
    "breadcrumb",
    "breadcrumbs",
    "sidebar",
    "cookie",
    "cookies",
    "consent",
    "gdpr",
    "share",
    "sharing",
    "social",
    "sharedaddy",
    "comments",
    "disqus",
    "related",
    "recommended",
    "recommendations",
    "newsletter",
    "subscribe",
    "signup",
    "advert",
    "ad",
    "ads",
    "advertisement",
    "sponsor",
    "sponsored",
    "promo",
    "banner",
    "popup",
    "modal",
    "skip",
    "pager",
    "pagination",
    "toolbar",
    "footer",
    "masthead",
    "sitemap",
    "noprint",
    "navbox",
    "catlinks",
    "vertical-navbox",
    "copyright",
    "login",
];

/// Words after which a name isn't that of the thing itself: `has-sidebar`, `no-ads`, `sidebar-layout`.
const NOT_ITSELF: &[&str] = &["has", "no", "with", "without", "is", "layout"];

/// Marks as left out what isn't part of the article.
pub(super) fn without_frame(tree: &Tree, left_out: &mut Vec<bool>) {
    let sizes = Sizes::of(tree, left_out);
    let all = sizes.text[Tree::ROOT];
    let before = before(tree, &sizes);
    let page = Page {
        before,
        tree,
        sizes: &sizes,
        left_out,
        all,
        inside: inside(tree),
        heading: heading(tree, left_out),
    };
    let root = page.root();
    let end = tree.end(root);
    let around = inherited(tree, |node| page.is_around(node, root));
    let result: Vec<bool> = (0..tree.len())
        .map(|node| left_out[node] || around[node] || (root != Tree::ROOT && node >= end))
        .collect();
    let result: Vec<bool> = if root == Tree::ROOT {
        result
    } else {
        // What is before the root, and isn't what contains it, goes too.
        let mut before = result;
        let mut holders = vec![root];
        while let Some(&last) = holders.last()
            && last != Tree::ROOT
        {
            holders.push(tree.parent(last));
        }
        holders.reverse();
        for (node, out) in before.iter_mut().enumerate().take(root) {
            *out |= holders.binary_search(&node).is_err();
        }
        before
    };
    let kept = Sizes::of(tree, &result).text[Tree::ROOT];
    if kept > 0 && kept >= all / LEAST {
        *left_out = result;
    }
}

/// Which nodes are in a main part or an article.
fn inside(tree: &Tree) -> Vec<bool> {
    inherited(tree, |node| is_main(tree, node) || tree.tag(node) == Tag::Article)
}

/// Whether a node says that it is the main part of the page.
fn is_main(tree: &Tree, node: NodeId) -> bool {
    tree.tag(node) == Tag::Main || tree.has(node, "role", "main")
}

/// The heading of the first level that is shown, if there is one only.
fn heading(tree: &Tree, left_out: &[bool]) -> Option<NodeId> {
    let mut all = (1..tree.len()).filter(|&node| !left_out[node] && tree.tag(node) == Tag::Heading(1));
    all.next().filter(|_| all.next().is_none())
}

/// How many letters that are in no link stand before each node, and at the end.
fn before(tree: &Tree, sizes: &Sizes) -> Vec<u32> {
    let in_link = inherited(tree, |node| tree.tag(node) == Tag::Link);
    let mut letters = 0_u32;
    let mut before = Vec::with_capacity(tree.len() + 1);
    for (node, is_linked) in in_link.into_iter().enumerate() {
        before.push(letters);
        if tree.tag(node) == Tag::Text && !is_linked {
            letters = letters.saturating_add(sizes.text[node]);
        }
    }
    before.push(letters);
    before
}

/// A page, and what is known of it.
struct Page<'a> {
    tree: &'a Tree,
    sizes: &'a Sizes,
    left_out: &'a [bool],
    all: u32,
    inside: Vec<bool>,
    heading: Option<NodeId>,
    /// How many letters that are in no link stand before each node, and at the end.
    before: Vec<u32>,
}

impl Page<'_> {
    /// What contains the article and little else.
    fn root(&self) -> NodeId {
        let largest = |is: &dyn Fn(NodeId) -> bool| {
            let shown = (1..self.tree.len()).filter(|&node| !self.left_out[node] && is(node));
            // Of equal ones the outer one, which is the first.
            shown.rev().max_by_key(|&node| self.sizes.text[node])
        };
        let enough = |&node: &NodeId| self.sizes.text[node] > 0 && self.sizes.text[node] >= self.all / LEAST;
        let main = largest(&|node| is_main(self.tree, node)).filter(enough);
        let bounds = main.map_or(0..self.tree.len(), |main| main..self.tree.end(main));
        let article =
            largest(&|node| self.tree.tag(node) == Tag::Article && bounds.contains(&node)).filter(enough);
        // One of many articles is not the page.
        let whole = main.map_or(self.all, |main| self.sizes.text[main]);
        let article = article.filter(|&article| self.sizes.text[article] >= whole / 2);
        match (main, article) {
            (_, Some(article)) if !self.has_head_outside(article, &bounds) => article,
            (Some(main), _) => main,
            _ => Tree::ROOT,
        }
    }

    /// Whether the heading of the page stands before the article, in what contains both.
    fn has_head_outside(&self, article: NodeId, bounds: &std::ops::Range<NodeId>) -> bool {
        let is_head = |node: NodeId| !self.left_out[node] && self.tree.tag(node) == Tag::Heading(1);
        let within = (article..self.tree.end(article)).any(is_head);
        !within && (bounds.start..article).any(is_head)
    }

    /// Whether a node is what stands around articles.
    fn is_around(&self, node: NodeId, root: NodeId) -> bool {
        let (tree, tag) = (self.tree, self.tree.tag(node));
        if self.left_out[node] || tag == Tag::Text || node <= root {
            return false;
        }
        let density = self.sizes.link_density(node);
        if ROLES.iter().any(|role| tree.has(node, "role", role)) {
            return !self.has_the_heading(node);
        }
        match tag {
            Tag::Nav | Tag::Button | Tag::Select => true,
            Tag::Aside => !self.inside[node] || density > 0.33 || self.is_named(node),
            Tag::Footer => {
                let quoted = tree.tag(tree.parent(node)) == Tag::Quote;
                !quoted && (!self.inside[node] || density > 0.33)
            }
            Tag::Header => !self.inside[node] && !self.has_the_heading(node),
            _ if tag.is_block() && self.is_named(node) => true,
            Tag::Bullets
            | Tag::Numbers
            | Tag::Block
            | Tag::Table
            | Tag::Cell
            | Tag::Paragraph
            | Tag::Rows => !self.inside[node] && self.is_list_of_links(node),
            _ => false,
        }
    }

    /// Whether the only heading of the first level stands in a node.
    fn has_the_heading(&self, node: NodeId) -> bool {
        self.heading.is_some_and(|heading| (node..self.tree.end(node)).contains(&heading))
    }

    /// Whether it is nothing but links with the short names of navigation.
    fn is_list_of_links(&self, node: NodeId) -> bool {
        let (links, count) = (self.sizes.links[node], self.sizes.link_count[node]);
        // What stands in the midst of text is part of it.
        let all = self.before.last().copied().unwrap_or(0);
        let (before, after) = (self.before[node], all - self.before[self.tree.end(node)]);
        let is_amid = before.min(after) > all / 10;
        count >= 4 && !is_amid && self.sizes.link_density(node) > 0.8 && links / count < 25
    }

    /// Whether classes or the id call it what stands around articles, and its size doesn't contradict.
    fn is_named(&self, node: NodeId) -> bool {
        if self.sizes.text[node] > self.all / MOST || matches!(self.tree.tag(node), Tag::Heading(_)) {
            return false;
        }
        let classes = self.tree.get(node, "class").unwrap_or_default().split_ascii_whitespace();
        if classes.take(20).any(names_frame) {
            return !self.has_the_heading(node);
        }
        // A section about cookies is called `cookies` by those who make ids of headings.
        let id = self.tree.get(node, "id").unwrap_or_default();
        let begins_with_heading =
            self.tree.children(node).take(4).any(|child| matches!(self.tree.tag(child), Tag::Heading(_)));
        names_frame(id) && !(begins_with_heading && self.sizes.link_density(node) < 0.5)
    }
}

/// Whether a name is one of what stands around articles: `site-sidebar`, `shareButtons`.
fn names_frame(name: &str) -> bool {
    if name.len() > 60 {
        return false;
    }
    let mut words: Vec<String> = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        let splits = !c.is_alphanumeric() || (c.is_uppercase() && was_lower);
        if splits {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        was_lower = c.is_lowercase();
    }
    let is = |names: &[&str], word: &String| names.contains(&word.as_str());
    words.len() <= 4
        && words.iter().any(|word| is(NAMES, word))
        && !words.iter().any(|word| is(NOT_ITSELF, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_is_around() {
        for name in ["sidebar", "site-nav", "shareButtons", "cookie-consent", "ads", "post_comments"] {
            assert!(names_frame(name), "{name}");
        }
        for name in
            ["has-sidebar", "no-ads", "sidebar-layout", "shareholders", "address", "navy", "", "content"]
        {
            assert!(!names_frame(name), "{name}");
        }
    }
}
