//! Which paragraphs of a slide have bullets because its layout or its master says so.
//!
//! ECMA-376 part 1 §19.3.1.36 (placeholders) and §21.1.2.4 (list styles). A placeholder has what the one of the layout has
//! with the same number or kind, and that what the master gives to the body of slides.

use std::collections::BTreeMap;

use super::super::opc::Relations;
use super::super::package::Package;
use super::super::tree::{Node, Tree};

/// Text has so many levels.
const LEVELS: usize = 9;

/// Which levels of a text have bullets, as far as that is said.
pub(super) type Bullets = [Option<bool>; LEVELS];

/// What a layout gives to the slides that use it.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    /// By the kinds and numbers of placeholders.
    places: Vec<(String, String, Bullets)>,
    /// To the bodies of slides.
    body: Bullets,
}

impl Layout {
    /// One that gives no bullets.
    pub(super) fn plain() -> Self {
        Self::default()
    }

    /// Whether a paragraph of a placeholder has a bullet, if the slide doesn't say.
    pub(super) fn bullet(&self, place: Node, level: usize) -> bool {
        let kind = kind(place);
        if !matches!(kind, "body" | "obj") {
            return false;
        }
        let number = place.attribute("idx").unwrap_or("0");
        let same = self.places.iter().find(|(_, other, _)| other == number && number != "0");
        let same = same.or_else(|| self.places.iter().find(|(other, ..)| other == kind));
        let level = level.min(LEVELS - 1);
        same.and_then(|(.., bullets)| bullets[level]).or(self.body[level]).unwrap_or(false)
    }
}

/// The layouts of a presentation that were read so far, by their parts.
#[derive(Debug, Default)]
pub(super) struct Layouts {
    layouts: BTreeMap<String, Layout>,
}

impl Layouts {
    /// The layout in a part.
    pub(super) fn of(&mut self, package: &mut Package, part: Option<&str>) -> Layout {
        let Some(part) = part else { return Layout::plain() };
        if let Some(layout) = self.layouts.get(part) {
            return layout.clone();
        }
        let mut layout = Layout::default();
        if let Ok(text) = package.text(part) {
            let tree = Tree::new(&text);
            for shape in tree.top().all().filter(|node| node.name() == "sp") {
                if let Some(place) = shape.find(&["nvSpPr", "nvPr", "ph"]) {
                    let bullets = shape.find(&["txBody", "lstStyle"]).map(bullets).unwrap_or_default();
                    let number = place.attribute("idx").unwrap_or("0");
                    layout.places.push((kind(place).to_owned(), number.to_owned(), bullets));
                }
            }
        }
        let relations = Relations::of(package, part);
        if let Some(Ok(text)) = relations.first("slideMaster").map(|master| package.text(master)) {
            let tree = Tree::new(&text);
            let style = tree.top().all().find(|node| node.name() == "bodyStyle");
            layout.body = style.map(bullets).unwrap_or_default();
        }
        self.layouts.insert(part.to_owned(), layout.clone());
        layout
    }
}

/// The kind of a placeholder.
pub(super) fn kind(place: Node<'_>) -> &str {
    place.attribute("type").unwrap_or("obj")
}

/// Which levels a list style gives bullets to.
pub(super) fn bullets(style: Node) -> Bullets {
    let mut bullets = Bullets::default();
    for node in style.children() {
        let level = node.name().strip_prefix("lvl").and_then(|rest| rest.strip_suffix("pPr"));
        let level = level.and_then(|level| level.parse::<usize>().ok());
        if let Some(slot) = level.and_then(|level| bullets.get_mut(level.checked_sub(1)?)) {
            *slot = bullet(node);
        }
    }
    bullets
}

/// Whether the properties of paragraphs give them a bullet or a number, if they say anything of that.
pub(super) fn bullet(properties: Node) -> Option<bool> {
    properties.children().find_map(|node| match node.name() {
        "buNone" => Some(false),
        "buChar" | "buAutoNum" | "buBlip" => Some(true),
        _ => None,
    })
}
