//! Which parts of a page does a person see?

use super::tag::Tag;
use super::tree::{NodeId, Tree};

/// Characters between `>` and `<` of what is marked as hidden for those who listen are an icon, if they are so few.
const ICON: usize = 3;

/// Words of classes of what isn't text of the page, though it is shown: marks at headings, numbers of lines of code.
const MARKS: &[&str] = &[
    "headerlink",
    "mw-editsection",
    "linenos",
    "linenodiv",
    "lineno",
    "line-numbers",
    "katex-html",
    "MJX_Assistive_MathML",
    "mwe-math-mathml-a11y-hidden",
    "anchorjs-link",
    "header-anchor",
    "hash-link",
    "copybtn",
];

/// How much text each node contains, in letters: all, in links, and the number of links.
#[derive(Debug)]
pub(super) struct Sizes {
    pub(super) text: Vec<u32>,
    pub(super) links: Vec<u32>,
    pub(super) link_count: Vec<u32>,
}

impl Sizes {
    /// Measures what isn't left out.
    pub(super) fn of(tree: &Tree, left_out: &[bool]) -> Self {
        let (mut text, mut links, mut link_count) =
            (vec![0u32; tree.len()], vec![0u32; tree.len()], vec![0u32; tree.len()]);
        // Children stand behind their parents.
        for node in (1..tree.len()).rev() {
            if left_out[node] {
                continue;
            }
            if tree.tag(node) == Tag::Text {
                text[node] = tree.text(node).chars().filter(|c| !c.is_whitespace()).count() as u32;
            }
            if tree.tag(node) == Tag::Link && text[node] > 0 {
                links[node] = text[node];
                link_count[node] = 1;
            }
            let parent = tree.parent(node);
            text[parent] = text[parent].saturating_add(text[node]);
            links[parent] = links[parent].saturating_add(links[node]);
            link_count[parent] = link_count[parent].saturating_add(link_count[node]);
        }
        Self { text, links, link_count }
    }

    /// Which share of a node's text is in links, from 0 to 1.
    pub(super) fn link_density(&self, node: NodeId) -> f64 {
        if self.text[node] == 0 { 0.0 } else { f64::from(self.links[node]) / f64::from(self.text[node]) }
    }
}

/// Says of each node whether nobody sees it.
///
/// A style that hides most of the page hides it until a script has run; that isn't meant.
pub(super) fn left_out(tree: &Tree) -> Vec<bool> {
    let never: Vec<bool> = inherited(tree, |node| is_never_shown(tree, node));
    let sizes = Sizes::of(tree, &never);
    let most = sizes.text[Tree::ROOT] / 2;
    inherited(tree, |node| never[node] || (sizes.text[node] <= most && is_hidden(tree, node)))
}

/// What holds for a node holds for all that it contains.
pub(super) fn inherited(tree: &Tree, holds: impl Fn(NodeId) -> bool) -> Vec<bool> {
    let mut all = vec![false; tree.len()];
    for node in 1..tree.len() {
        all[node] = all[tree.parent(node)] || holds(node);
    }
    all
}

/// Whether browsers never show such an element.
fn is_never_shown(tree: &Tree, node: NodeId) -> bool {
    matches!(
        tree.tag(node),
        Tag::Title | Tag::Meta | Tag::Script | Tag::Unseen | Tag::Annotation | Tag::Empty | Tag::Reading
    )
}

/// Whether the page hides an element.
///
/// What is hidden from those who listen (`aria-hidden`) is seen by others; only icons are left out.
fn is_hidden(tree: &Tree, node: NodeId) -> bool {
    let get = |name| tree.get(node, name);
    if get("hidden").is_some_and(|hidden| hidden != "until-found") || get("type") == Some("hidden") {
        return true;
    }
    let tag = tree.tag(node);
    if tag == Tag::Link && tree.children(node).all(|child| tree.tag(child) == Tag::Text) {
        // A sign behind a heading is there to copy its address.
        let shown: String = tree.children(node).map(|child| tree.text(child).trim()).collect();
        if ["§", "¶", "#", "🔗", "⚓"].contains(&&*shown) {
            return true;
        }
    }
    if !tag.is_block() && tag != Tag::Link && get("aria-hidden") == Some("true") {
        // Formulas are there twice: for eyes and for ears.
        let letters: usize = tree.children(node).map(|child| tree.text(child).trim().chars().count()).sum();
        if letters <= ICON {
            return true;
        }
    }
    if MARKS.iter().any(|mark| tree.has(node, "class", mark)) {
        return true;
    }
    get("style").is_some_and(|style| {
        let style: String =
            style.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
        style.contains("display:none") || style.contains("visibility:hidden")
    })
}
