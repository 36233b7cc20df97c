//! Documents of Word since 2007 → their text as Markdown, with the numbers that are printed.
//!
//! WordprocessingML, ECMA-376 part 1 §17. Insertions are read and deletions aren't, as if all changes were accepted.
//! Footnotes and endnotes stand behind the paragraph that refers to them, comments too, with their authors. Headers,
//! footers, hidden text and tables of contents are left out: what they say, the text says, or nobody is meant to read.
//!
//! A place is a paragraph: each paragraph and each row of a table that stands in the body itself counts, from 1, also
//! if nothing is in it.

mod body;
mod numbering;
mod run;
mod styles;

use std::collections::BTreeMap;

use super::blocks::{unless_empty, write};
use super::graphics;
use super::opc::{Relations, about, main, tree};
use super::package::Package;
use super::tree::Tree;
use super::{Damaged, Draft};
use body::Body;
use numbering::Numbering;
use run::{Comment, Sources};
use styles::Styles;

/// Reads a document.
pub(super) fn read(file: &[u8]) -> Result<Draft, Damaged> {
    let mut package = Package::open(file)?;
    let mut draft = Draft::default();
    let (part, text) = main(&mut package, "word/document.xml")?;
    let document = Tree::new(&text);
    drop(text);
    if let Some(trouble) = document.trouble() {
        draft.warn(format!("its part {part} {trouble}"));
    }
    let relations = Relations::of(&mut package, &part);
    let mut other = |kind: &str| tree(&mut package, relations.first(kind), &mut draft);
    let styles = Styles::new(&other("styles"));
    let numbering = Numbering::new(&other("numbering"));
    let (footnotes, endnotes, comments) = (other("footnotes"), other("endnotes"), other("comments"));
    let graphics = graphics::all(&mut package, &relations, &mut draft);
    let by_id = |tree, name| -> BTreeMap<_, _> {
        let tree: &Tree = tree;
        let notes = tree.top().all().filter(|node| node.name() == name);
        // Separators are notes too, of a kind of their own.
        let notes = notes.filter(|node| node.attribute("type").is_none_or(|kind| kind == "normal"));
        notes.filter_map(|node| Some((node.attribute("id")?.to_owned(), node))).collect()
    };
    let sources = Sources {
        styles,
        footnotes: by_id(&footnotes, "footnote"),
        endnotes: by_id(&endnotes, "endnote"),
        comments: by_id(&comments, "comment")
            .into_iter()
            .map(|(id, node)| {
                let author = node.attribute("author").unwrap_or_default().trim();
                (id, Comment { author: author.to_owned(), node })
            })
            .collect(),
        graphics,
    };
    let mut body = Body::new(sources, numbering);
    let Some(top) = document.top().find(&["document", "body"]) else {
        return Err(Damaged(format!("its part {part} isn't a document")));
    };
    let blocks = body.document(top);
    write(&mut draft, &blocks);
    if let Some(warning) = body.warning() {
        draft.warn(warning);
    }
    draft.about = about(&mut package);
    package.tell(&mut draft);
    unless_empty(draft)
}

#[cfg(test)]
#[path = "../docx_tests.rs"]
mod tests;
