//! Canvases as Obsidian draws them → their cards as Markdown.
//!
//! A card of text stands as it is, a card of a note or a page as a link to it, a group as its label. What is written on
//! the lines from a card stands behind the card. Where things stand on the canvas says nothing here. The format is JSON
//! Canvas 1.0, <https://jsoncanvas.org/spec/1.0/>.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Deserialize;

use super::draft::one_line;
use super::{Damaged, Draft};
use crate::document::Place;

/// No canvas has more cards; each may take some hundred bytes of text for a few of its own.
const MAX_CARDS: usize = 100_000;

/// Reads a canvas. Obsidian leaves an empty one without a byte.
pub(super) fn read(file: &[u8]) -> Result<Draft, Damaged> {
    let file = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file);
    let mut draft = Draft::default();
    if file.trim_ascii().is_empty() {
        return Ok(draft);
    }
    if !file.trim_ascii_start().starts_with(b"{") {
        return Err(Damaged("it is no JSON object".into()));
    }
    let Canvas { nodes, edges } =
        serde_json::from_slice(file).map_err(|error: serde_json::Error| Damaged(error.to_string()))?;
    if nodes.len() > MAX_CARDS {
        return Err(Damaged(format!("it has more than {MAX_CARDS} cards")));
    }
    let mut labels: HashMap<&str, Vec<&str>> = HashMap::new();
    for edge in &edges {
        let label = edge.label.trim();
        labels.entry(&edge.from).or_default().extend((!label.is_empty()).then_some(label));
    }
    for (number, node) in (1..).zip(&nodes) {
        draft.begin(Place::Card { number });
        match &*node.kind {
            "text" => {
                draft.paragraph(&node.text);
                draft.close_fence(&node.text);
            }
            "file" => draft.paragraph(&format!("[[{}{}]]", one_line(&node.file), one_line(&node.subpath))),
            "link" => draft.paragraph(&format!("<{}>", one_line(&node.url))),
            "group" => draft.paragraph(&one_line(&node.label)),
            _ => {}
        }
        for label in labels.remove(&*node.id).unwrap_or_default() {
            draft.paragraph(&one_line(label));
        }
    }
    Ok(draft)
}

/// A canvas: cards and the lines between them.
#[derive(Deserialize)]
struct Canvas<'a> {
    #[serde(borrow, default)]
    nodes: Vec<Node<'a>>,
    #[serde(borrow, default)]
    edges: Vec<Edge<'a>>,
}

/// A card, or a group of cards; which of the fields it has depends on its kind.
#[derive(Deserialize)]
struct Node<'a> {
    #[serde(borrow, default)]
    id: Cow<'a, str>,
    #[serde(borrow, default, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    text: Cow<'a, str>,
    #[serde(borrow, default)]
    file: Cow<'a, str>,
    #[serde(borrow, default)]
    subpath: Cow<'a, str>,
    #[serde(borrow, default)]
    url: Cow<'a, str>,
    #[serde(borrow, default)]
    label: Cow<'a, str>,
}

/// A line from one card to another.
#[derive(Deserialize)]
struct Edge<'a> {
    #[serde(borrow, default, rename = "fromNode")]
    from: Cow<'a, str>,
    #[serde(borrow, default)]
    label: Cow<'a, str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_become_markdown_with_their_numbers() {
        let file = r##"{"nodes": [
            {"id": "a", "type": "text", "text": "# Tap\nIt \"drips\".\n```\nx", "x": -10, "y": 0, "width": 9, "height": 9},
            {"id": "b", "type": "file", "file": "Projects/Atlas.md", "subpath": "#Budget"},
            {"id": "c", "type": "link", "url": "https://example.org"},
            {"id": "d", "type": "group", "label": "Kitchen\nplans", "color": "1"},
            {"id": "e", "type": "later", "more": [1, {"a": null}]},
            {"id": "f", "type": "text", "text": "End"}
        ], "edges": [{"id": "x", "fromNode": "a", "toNode": "b", "label": "pays for"}, {"id": "y", "fromNode": "zz"}]}"##;
        let Draft { text, places, .. } = read(file.as_bytes()).unwrap();
        assert_eq!(
            text,
            "# Tap\nIt \"drips\".\n```\nx\n```\n\npays for\n\n[[Projects/Atlas.md#Budget]]\n\n<https://example.org>\n\nKitchen plans\n\nEnd\n"
        );
        // A card of a kind that nobody knows yet says nothing.
        assert_eq!(places.len(), 5);
        assert_eq!((places[1].place.to_string().as_str(), &text[places[1].at..][..4]), ("card2", "[[Pr"));
    }

    #[test]
    fn canvases_without_cards_say_nothing_and_others_are_damaged() {
        for file in ["", " \n", "{}", "{\"nodes\": []}", "\u{feff}{\"nodes\": [{}], \"edges\": [{}]}"] {
            assert_eq!(read(file.as_bytes()).unwrap().text, "", "{file}");
        }
        for file in ["[]", "{", "{\"nodes\": 1}", "{\"nodes\": [1]}", "text", "\0"] {
            assert!(read(file.as_bytes()).is_err(), "{file}");
        }
    }
}
