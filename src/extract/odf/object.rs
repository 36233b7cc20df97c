//! Formulas and charts that are embedded in a file of OpenDocument.
//!
//! Formulas are MathML 3 (presentation elements, §3), charts OpenDocument 1.3 part 3, §11.

use super::super::blocks::{Block, Cell, Row};
use super::super::tree::Node;

/// What an object says.
pub(super) fn read(top: Node) -> Vec<Block> {
    if let Some(math) = top.all().find(|node| node.name() == "math") {
        let text = linear(math);
        return if text.is_empty() { Vec::new() } else { vec![Block::Paragraph(text)] };
    }
    let mut blocks = Vec::new();
    for node in top.all() {
        match node.name() {
            "title" | "subtitle" => {
                let text = node.content().trim().to_owned();
                if !text.is_empty() {
                    blocks.push(Block::Paragraph(text));
                }
            }
            "table" => {
                let rows = node.all().filter(|node| node.name() == "table-row").map(|row| {
                    let cells = row.children().filter(|node| node.name() == "table-cell");
                    let cell = |cell: Node| Cell {
                        blocks: vec![Block::Paragraph(cell.content().trim().to_owned())],
                        span: 1,
                        merged: false,
                    };
                    Row { place: None, cells: cells.map(cell).collect() }
                });
                blocks.push(Block::Table(rows.collect()));
            }
            _ => {}
        }
    }
    blocks
}

/// A formula in one line.
fn linear(node: Node) -> String {
    let parts: Vec<Node> = node.children().filter(|child| !child.name().is_empty()).collect();
    let part = |at: usize| parts.get(at).map(|part| linear(*part)).unwrap_or_default();
    let operand = |at: usize| {
        let text = part(at);
        if text.chars().all(char::is_alphanumeric) || text.chars().count() == 1 {
            text
        } else {
            format!("({text})")
        }
    };
    match node.name() {
        "mi" | "mn" | "mo" | "mtext" | "ms" => node.content().trim().to_owned(),
        "mfrac" => format!("{}/{}", operand(0), operand(1)),
        "msup" | "mover" => format!("{}^{}", operand(0), operand(1)),
        "msub" | "munder" => format!("{}_{}", operand(0), operand(1)),
        "msubsup" | "munderover" => format!("{}_{}^{}", operand(0), operand(1), operand(2)),
        "msqrt" => format!("√({})", joined(&parts, "")),
        "mroot" => format!("{}√{}", part(1), operand(0)),
        "mtr" => joined(&parts, " "),
        "mtable" => format!("[{}]", joined(&parts, "; ")),
        "annotation" | "annotation-xml" => String::new(),
        _ => joined(&parts, ""),
    }
}

fn joined(parts: &[Node], separator: &str) -> String {
    parts.iter().map(|part| linear(*part)).collect::<Vec<_>>().join(separator)
}
