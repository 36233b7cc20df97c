//! Slides of a presentation in OpenDocument.
//!
//! OpenDocument 1.3 part 3, §10 (shapes) and §10.9 (presentations).

use super::super::Draft;
use super::super::blocks::{Block, flat, write};
use super::super::tree::Node;
use super::body::Body;
use super::paragraph::said;
use crate::document::Place;

/// Reads all slides.
pub(super) fn read(body: &mut Body, presentation: Node, draft: &mut Draft) {
    let pages = presentation.children().filter(|node| node.name() == "page");
    for (number, page) in (1..).zip(pages) {
        if draft.is_full() {
            return;
        }
        let mut slide = Slide { title: None, has_subtitle: false, blocks: Vec::new() };
        slide.shapes(body, page);
        let level = if number == 1 && slide.has_subtitle { 1 } else { 2 };
        let mut title = slide.title.unwrap_or_else(|| format!("Slide {number}"));
        if page.attribute("style-name").is_some_and(|style| body.hides(style)) {
            title.push_str(" (hidden)");
        }
        let mut blocks = vec![Block::Heading(level, title)];
        blocks.append(&mut slide.blocks);
        if let Some(notes) = page.child("notes") {
            let mut said = Slide { title: None, has_subtitle: false, blocks: Vec::new() };
            said.shapes(body, notes);
            match said.blocks.first_mut() {
                Some(Block::Paragraph(text)) => text.insert_str(0, "Notes: "),
                Some(_) => said.blocks.insert(0, Block::Paragraph("Notes:".to_owned())),
                None => {}
            }
            blocks.append(&mut said.blocks);
        }
        draft.begin(Place::Slide { number });
        write(draft, &blocks);
    }
}

/// A slide on its way to blocks.
struct Slide {
    title: Option<String>,
    has_subtitle: bool,
    blocks: Vec<Block>,
}

impl Slide {
    /// Takes the shapes of a page or a group, in the order of the file.
    fn shapes(&mut self, body: &mut Body, parent: Node) {
        for node in parent.children() {
            match (node.name(), node.attribute("class").unwrap_or_default()) {
                ("notes" | "forms" | "animations" | "par" | "page-thumbnail" | "", _)
                | (_, "page-number" | "footer" | "header" | "date-time") => {}
                ("g", _) => {
                    self.blocks.extend(said(node).map(Block::Paragraph));
                    self.shapes(body, node);
                }
                ("frame", "title") if self.title.is_none() => {
                    let mut blocks = Vec::new();
                    body.apart(node, &mut blocks);
                    let text = flat(&blocks);
                    self.title = (!text.is_empty()).then_some(text);
                }
                (_, class) => {
                    self.has_subtitle |= class == "subtitle";
                    let mut blocks = Vec::new();
                    body.shape(node, &mut blocks);
                    self.blocks.append(&mut blocks);
                }
            }
        }
    }
}
