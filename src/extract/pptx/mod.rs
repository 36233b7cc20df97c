//! Presentations of PowerPoint since 2007 → their slides as Markdown, in the order in which they are shown.
//!
//! PresentationML, ECMA-376 part 1 §19. A slide is a heading with its title, and below it what its shapes say, its notes
//! and comments. What stands on every slide (numbers, dates, footers, what the master shows) is left out. A slide that
//! isn't shown counts and says so, as in PowerPoint.

mod layout;
mod shapes;

use std::collections::{BTreeMap, BTreeSet};

use super::blocks::{Block, unless_empty, write};
use super::graphics;
use super::opc::{Relations, about, main, tree};
use super::package::Package;
use super::tree::{Node, Tree};
use super::{Damaged, Draft};
use crate::document::Place;
use layout::Layouts;
use shapes::Shapes;

/// Reads a presentation.
pub(super) fn read(file: &[u8]) -> Result<Draft, Damaged> {
    let mut package = Package::open(file)?;
    let mut draft = Draft::default();
    let (part, text) = main(&mut package, "ppt/presentation.xml")?;
    let presentation = Tree::new(&text);
    if let Some(trouble) = presentation.trouble() {
        draft.warn(format!("its part {part} {trouble}"));
    }
    let relations = Relations::of(&mut package, &part);
    let mut slides: Vec<String> = presentation
        .top()
        .all()
        .filter(|node| node.name() == "sldId")
        .filter_map(|node| relations.part(node.prefixed("id")?).map(str::to_owned))
        .collect();
    if slides.is_empty() {
        slides = by_name(&package);
    }
    let mut deck =
        Deck { authors: authors(&mut package, &relations, &mut draft), layouts: Layouts::default() };
    let mut read = BTreeSet::new();
    for (number, slide) in (1..).zip(slides) {
        if draft.is_full() {
            break;
        }
        if !package.has(&slide) {
            draft.warn(format!("its slide {number} is missing"));
        } else if read.insert(slide.clone()) {
            deck.slide(&mut package, &slide, number, &mut draft);
        }
    }
    draft.about = about(&mut package);
    package.tell(&mut draft);
    unless_empty(draft)
}

/// The slides by the names of their parts, for a presentation that doesn't list them.
fn by_name(package: &Package) -> Vec<String> {
    let number = |name: &String| -> Option<u32> {
        name.to_lowercase().strip_prefix("ppt/slides/slide")?.strip_suffix(".xml")?.parse().ok()
    };
    let mut slides: Vec<_> =
        package.names().iter().filter_map(|name| Some((number(name)?, name.clone()))).collect();
    slides.sort();
    slides.into_iter().map(|(_, name)| name).collect()
}

/// Who has written comments, by id: of two kinds of comments (§19.4.2, and [MS-PPTX] §2.1.24).
fn authors(package: &mut Package, relations: &Relations, draft: &mut Draft) -> BTreeMap<String, String> {
    let mut authors = BTreeMap::new();
    for kind in ["commentAuthors", "authors"] {
        let tree = tree(package, relations.first(kind), draft);
        for node in tree.top().all().filter(|node| matches!(node.name(), "cmAuthor" | "author")) {
            if let (Some(id), Some(name)) = (node.attribute("id"), node.attribute("name")) {
                authors.insert(id.to_owned(), name.trim().to_owned());
            }
        }
    }
    authors
}

/// What the slides of a presentation have in common.
struct Deck {
    authors: BTreeMap<String, String>,
    layouts: Layouts,
}

impl Deck {
    fn slide(&mut self, package: &mut Package, part: &str, number: u32, draft: &mut Draft) {
        let relations = Relations::of(package, part);
        let slide = tree(package, Some(part), draft);
        let Some(top) = slide.top().child("sld") else { return };
        let graphics = graphics::all(package, &relations, draft);
        let layout = self.layouts.of(package, relations.first("slideLayout"));
        let mut shapes = Shapes::new(layout, &graphics);
        if let Some(tree) = top.find(&["cSld", "spTree"]) {
            shapes.all(tree);
        }
        let hidden = top.attribute("show").is_some_and(|show| matches!(show, "0" | "false"));
        let (level, mut title) = shapes.title.unwrap_or_else(|| (2, format!("Slide {number}")));
        if hidden {
            title.push_str(" (hidden)");
        }
        let mut blocks = vec![Block::Heading(level, title)];
        blocks.append(&mut shapes.blocks);
        let notes = tree(package, relations.first("notesSlide"), draft);
        blocks.extend(Self::notes(notes.top()));
        for kind in ["comments", "comment"] {
            for (_, part) in relations.all(kind) {
                let comments = tree(package, Some(part), draft);
                self.comments(comments.top(), &mut blocks);
            }
        }
        draft.begin(Place::Slide { number });
        write(draft, &blocks);
    }

    /// What the speaker says.
    fn notes(top: Node) -> Vec<Block> {
        let nothing = BTreeMap::new();
        let mut shapes = Shapes::new(layout::Layout::plain(), &nothing);
        for shape in top.all().filter(|node| node.name() == "sp") {
            let kind = shape.find(&["nvSpPr", "nvPr", "ph"]).and_then(|place| place.attribute("type"));
            if kind == Some("body") {
                shapes.text(shape);
            }
        }
        let mut blocks = shapes.blocks;
        match blocks.first_mut() {
            Some(Block::Paragraph(text)) => text.insert_str(0, "Notes: "),
            Some(_) => blocks.insert(0, Block::Paragraph("Notes:".to_owned())),
            None => {}
        }
        blocks
    }

    /// What others have remarked, and what was answered.
    fn comments(&self, top: Node, blocks: &mut Vec<Block>) {
        for comment in top.all().filter(|node| matches!(node.name(), "cm" | "reply")) {
            let plain = comment.child("text").map(Node::content);
            let rich = || comment.child("txBody").map(shapes::flat);
            let text = plain.or_else(rich).unwrap_or_default();
            let author = comment.attribute("authorId").and_then(|id| self.authors.get(id));
            let by = match author {
                Some(author) if !author.is_empty() => format!("Comment by {author}:"),
                _ => "Comment:".to_owned(),
            };
            if !text.trim().is_empty() {
                blocks.push(Block::Paragraph(format!("{by} {}", text.trim())));
            }
        }
    }
}

#[cfg(test)]
#[path = "../pptx_tests.rs"]
mod tests;
