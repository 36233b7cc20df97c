//! Web pages → their articles as Markdown, with the ids that links lead to.
//!
//! Bytes become text in the encoding that browsers take, text becomes a tree whatever is wrong with it, and of the tree
//! what a person sees of the article is written down. Books and mail use the same, without the choice of an article.

mod about;
mod article;
mod blocks;
mod decode;
mod inline;
mod notes;
mod shown;
mod table;
mod tag;
mod tree;
mod write;

use std::collections::{BTreeMap, HashMap};

use super::{Damaged, Draft};
use crate::document::{About, Place};

use blocks::Blocks;
use tree::Tree;

pub(super) use about::date;
pub(super) use decode::decode;

/// How a page is read.
#[derive(Clone, Debug, Default)]
pub(super) struct Options<'a> {
    /// Which places it has.
    pub(super) places: Places<'a>,
    /// Whether what is around the article is left out.
    pub(super) article: bool,
    /// Whether it is XHTML, in which what ends itself is empty.
    pub(super) is_xml: bool,
    /// Footnotes that stand in other files, by what links to them say.
    pub(super) notes: Option<&'a HashMap<String, String>>,
    /// How many footnotes have been written before it.
    pub(super) notes_before: usize,
}

/// Which places a page has.
#[derive(Clone, Debug, Default)]
pub(super) enum Places<'a> {
    /// None: the page stands at the place that was begun.
    #[default]
    None,
    /// Each heading with an id; before the first, paragraphs.
    Anchors,
    /// Where elements with these ids are.
    At(&'a BTreeMap<String, Place>),
}

/// What was learned about a page.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    /// What it says of itself.
    pub(super) about: About,
    /// How many footnotes have been written so far.
    pub(super) notes: usize,
}

/// Reads a web page.
pub(super) fn read(file: &[u8]) -> Result<Draft, Damaged> {
    page(&decode(file, None))
}

/// Reads the text of a web page.
pub(super) fn page(html: &str) -> Result<Draft, Damaged> {
    let mut draft = Draft::default();
    let is_xml = html.trim_start().starts_with("<?xml");
    let mut options = Options { places: Places::Anchors, article: true, is_xml, ..Options::default() };
    draft.about = body(&mut draft, html, &options).about;
    if draft.text.is_empty() && !is_xml && html.contains("/>") {
        // Written as XML: what ends itself there contains all that follows in HTML.
        options.is_xml = true;
        draft = Draft::default();
        draft.about = body(&mut draft, html, &options).about;
    }
    if draft.text.trim().is_empty() && draft.about.title.is_none() {
        return Err(Damaged("it has no text".into()));
    }
    if draft.text.trim().is_empty() {
        draft.warn("it has no text but its title; its scripts may write it");
    }
    Ok(draft)
}

/// Adds what a page says to a draft.
pub(super) fn body(draft: &mut Draft, html: &str, options: &Options<'_>) -> Written {
    let tree = Tree::parse(html, options.is_xml);
    let mut left_out = shown::left_out(&tree);
    let about = about::read(&tree, &left_out);
    if options.article {
        article::without_frame(&tree, &mut left_out);
    }
    let mut blocks = Blocks::new(draft, options.notes_before);
    write::write(&mut blocks, &tree, &left_out, options);
    Written { about, notes: blocks.notes() }
}

/// What the links of a page to footnotes lead to.
pub(super) fn references(html: &str) -> Vec<String> {
    let tree = Tree::parse(html, true);
    let references = (1..tree.len()).filter(|&node| notes::is_reference(&tree, node));
    references.filter_map(|node| tree.get(node, "href").map(str::to_owned)).collect()
}

/// The footnotes of a page that have these ids.
pub(super) fn notes(html: &str, ids: &[String]) -> Vec<(String, String)> {
    let tree = Tree::parse(html, true);
    notes::texts(&tree, &shown::left_out(&tree), ids)
}

#[cfg(test)]
#[path = "../html_tests.rs"]
mod tests;
