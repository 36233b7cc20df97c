//! Texts and presentations in OpenDocument → Markdown, with the numbers that are printed.
//!
//! OpenDocument 1.3, part 3. Tracked deletions, hidden text, headers, footers and tables of contents are left out, as in
//! documents of Word. A place of a text is a paragraph: each paragraph, heading and item, and each row of a table, that
//! stands in the text itself counts, from 1. A place of a presentation is a slide.

mod body;
mod lists;
mod object;
mod paragraph;
mod slides;
mod styles;

use std::collections::BTreeMap;

use super::blocks::{Block, unless_empty, write};
use super::opc::{authors, day, sensible_title, tree};
use super::package::{Package, joined};
use super::tree::{Node, Tree};
use super::{Damaged, Draft};
use crate::document::About;
use body::Body;
use styles::Styles;

/// No more embedded objects are read.
const MOST_OBJECTS: usize = 200;

/// Reads a text or a presentation.
pub(super) fn read(file: &[u8]) -> Result<Draft, Damaged> {
    let mut package = Package::open(file)?;
    let mut draft = Draft::default();
    let manifest = package.text("META-INF/manifest.xml").unwrap_or_default();
    if manifest.contains("encryption-data") || package.has("encrypted-package") {
        return Err(Damaged("it is encrypted; a password isn't asked for".into()));
    }
    let text = package.text("content.xml")?;
    let content = Tree::new(&text);
    drop(text);
    if let Some(trouble) = content.trouble() {
        draft.warn(format!("its part content.xml {trouble}"));
    }
    let common = tree(&mut package, Some("styles.xml"), &mut draft);
    let styles = Styles::new(&[&common, &content]);
    let objects = objects(&mut package, &content, &mut draft);
    let Some(body) = content.top().find(&["document-content", "body"]) else {
        return Err(Damaged("its part content.xml isn't a document".into()));
    };
    let mut reader = Body::new(styles, objects);
    if let Some(presentation) = body.child("presentation").or_else(|| body.child("drawing")) {
        slides::read(&mut reader, presentation, &mut draft);
    } else {
        let blocks: Vec<_> = body.children().flat_map(|node| reader.document(node)).collect();
        write(&mut draft, &blocks);
    }
    let meta = tree(&mut package, Some("meta.xml"), &mut draft);
    draft.about = about(meta.top());
    package.tell(&mut draft);
    unless_empty(draft)
}

/// What formulas and charts say that are embedded, by how they are referred to.
fn objects(package: &mut Package, content: &Tree, draft: &mut Draft) -> BTreeMap<String, Vec<Block>> {
    let mut objects = BTreeMap::new();
    for node in content.top().all().filter(|node| node.name() == "object") {
        let Some(target) = node.attribute("href") else { continue };
        let part = joined("", &format!("{target}/content.xml"));
        if objects.len() < MOST_OBJECTS && !objects.contains_key(target) && package.has(&part) {
            let tree = tree(package, Some(&part), draft);
            objects.insert(target.to_owned(), object::read(tree.top()));
        }
    }
    objects
}

/// What a file says of itself (§4.3).
fn about(meta: Node) -> About {
    let all = |name: &str| {
        let nodes = meta.all().filter(move |node| node.name() == name);
        nodes.map(|node| node.content().trim().to_owned()).filter(|text| !text.is_empty()).collect::<Vec<_>>()
    };
    let first = |name: &str| all(name).into_iter().next();
    let author = first("initial-creator").or_else(|| first("creator"));
    let date = first("date").or_else(|| first("creation-date"));
    About {
        title: first("title").and_then(|title| sensible_title(&title)),
        authors: author.map(|names| authors(&names)).unwrap_or_default(),
        date: date.as_deref().and_then(day),
        tags: all("keyword"),
    }
}

#[cfg(test)]
#[path = "../odf_tests.rs"]
mod tests;
