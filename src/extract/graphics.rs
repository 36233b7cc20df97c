//! What charts and diagrams of Office say, and the text of shapes.
//!
//! DrawingML, ECMA-376 part 1 §21.1 (text), §21.2 (charts) and §21.4 (diagrams, which PowerPoint calls SmartArt).

use std::collections::{BTreeMap, BTreeSet};

use super::blocks::{Block, Cell, Row};
use super::math;
use super::opc::{Relations, tree};
use super::package::Package;
use super::tree::Node;
use super::{Draft, symbols};

/// A chart has no more rows of values that are read; more is data, and nobody's text.
const MOST_POINTS: usize = 2000;

/// Nor more columns of them.
const MOST_SERIES: usize = 64;

/// Items of a diagram aren't nested deeper.
const MOST_LEVELS: usize = 8;

/// All charts and diagrams that a part refers to, by the ids of the relationships.
pub(super) fn all(
    package: &mut Package,
    relations: &Relations,
    draft: &mut Draft,
) -> BTreeMap<String, Vec<Block>> {
    let mut graphics = BTreeMap::new();
    let mut read = BTreeSet::new();
    for (kind, make) in
        [("chart", chart as fn(Node) -> Vec<Block>), ("chartEx", chart), ("diagramData", diagram)]
    {
        for (id, part) in relations.all(kind) {
            if read.insert(part) {
                let tree = tree(package, Some(part), draft);
                graphics.insert(id.to_owned(), make(tree.top()));
            }
        }
    }
    graphics
}

/// The text of a paragraph in a shape.
pub(super) fn text(paragraph: Node) -> String {
    let mut text = String::new();
    push(paragraph, "", &mut text);
    text
}

fn push<'t>(node: Node<'t>, font: &'t str, text: &mut String) {
    for child in node.children() {
        match child.name() {
            "r" | "fld" => {
                let font = child.find(&["rPr", "sym"]).or_else(|| child.find(&["rPr", "latin"]));
                push(child, font.and_then(|font| font.attribute("typeface")).unwrap_or_default(), text);
            }
            "t" => symbols::push(text, font, &child.content()),
            "br" => text.push('\n'),
            "tab" => text.push('\t'),
            "oMath" | "oMathPara" => text.push_str(&math::linear(child)),
            "AlternateContent" => {
                if let Some(chosen) = chosen(child) {
                    push(chosen, font, text);
                }
            }
            "m" => push(child, font, text),
            _ => {}
        }
    }
}

/// What is shown of content in several versions: the first, or the last resort if there is no other.
pub(super) fn chosen(node: Node) -> Option<Node> {
    let says_something = |node: &Node| {
        let names = ["t", "p", "chart", "relIds", "docPr", "oMath", "pic", "tbl"];
        node.all().any(|node| names.contains(&node.name()))
    };
    let choices = node.children().filter(|child| child.name() == "Choice");
    choices.into_iter().find(says_something).or_else(|| node.child("Fallback"))
}

/// The text of all paragraphs below an element, in one line.
fn line(node: Node) -> String {
    let paragraphs = node.all().filter(|node| node.name() == "p").map(text);
    paragraphs.collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// A description of a picture, unless it says nothing: a file's name, or that a program has made it.
pub(super) fn description(text: &str) -> Option<String> {
    let lines = text.lines().map(str::trim).filter(|line| {
        let lower = line.to_lowercase();
        !lower.starts_with("description automatically generated")
            && !lower.starts_with("ai-generated content")
    });
    let line = lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ");
    let line = line.strip_suffix("Description automatically generated").unwrap_or(&line).trim_end();
    let endings = [".png", ".jpg", ".jpeg", ".gif", ".bmp", ".svg", ".emf", ".wmf", ".tif", ".tiff"];
    let is_file = endings.iter().any(|ending| line.to_lowercase().ends_with(ending));
    (!line.is_empty() && !is_file).then(|| line.to_owned())
}

/// A chart: its title, those of its axes, and its values as a table.
fn chart(top: Node) -> Vec<Block> {
    let mut blocks = Vec::new();
    for title in top.all().filter(|node| node.name() == "title") {
        let text = line(title);
        if !text.is_empty() {
            blocks.push(Block::Paragraph(text));
        }
    }
    let mut head = vec![cell(String::new())];
    let mut rows: BTreeMap<usize, (String, BTreeMap<usize, String>)> = BTreeMap::new();
    let series = top.all().filter(|node| node.name() == "ser").take(MOST_SERIES);
    for (column, series) in series.enumerate() {
        let name = series.child("tx").map(|name| points(name).into_values().collect::<Vec<_>>().join(" "));
        head.push(cell(name.unwrap_or_default()));
        let categories = series.child("cat").or_else(|| series.child("xVal"));
        for (at, text) in categories.map(points).unwrap_or_default() {
            rows.entry(at).or_default().0 = text;
        }
        let values = series.child("val").or_else(|| series.child("yVal"));
        for (at, text) in values.map(points).unwrap_or_default() {
            rows.entry(at).or_default().1.insert(column, text);
        }
    }
    if !rows.is_empty() {
        let columns = head.len();
        let mut table = vec![Row { place: None, cells: head }];
        for (category, mut values) in rows.into_values().take(MOST_POINTS) {
            let mut cells = vec![cell(category)];
            cells.extend((0..columns - 1).map(|at| cell(values.remove(&at).unwrap_or_default())));
            table.push(Row { place: None, cells });
        }
        blocks.push(Block::Table(table));
    }
    blocks
}

fn cell(text: String) -> Cell {
    Cell { blocks: vec![Block::Paragraph(text)], span: 1, merged: false }
}

/// The values that are kept of a range of cells (§21.2.2.154), by their numbers. Of categories in levels, the innermost.
fn points(node: Node) -> BTreeMap<usize, String> {
    let mut points = BTreeMap::new();
    for point in node.all().filter(|node| node.name() == "pt") {
        let at = point.attribute("idx").and_then(|at| at.parse().ok()).unwrap_or(points.len());
        let value = point.child("v").map(Node::content).unwrap_or_default();
        points.entry(at).or_insert_with(|| number(value.trim()));
    }
    if points.is_empty()
        && let Some(value) = node.child("v")
    {
        points.insert(0, value.content().trim().to_owned());
    }
    points
}

/// A number without the digits that only a binary fraction has: `0.1` for `0.10000000000000001`.
fn number(text: &str) -> String {
    match text.parse::<f64>() {
        Ok(value) if text.contains('.') && text.len() > 12 => {
            let rounded = format!("{value:.10}");
            rounded.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        _ => text.to_owned(),
    }
}

/// A diagram: its items as a list, those that hang on others below them.
fn diagram(top: Node) -> Vec<Block> {
    let mut texts: BTreeMap<&str, String> = BTreeMap::new();
    let mut order = Vec::new();
    let mut first = None;
    for point in top.all().filter(|node| node.name() == "pt") {
        let Some(id) = point.attribute("modelId") else { continue };
        match point.attribute("type").unwrap_or("node") {
            "doc" => first = Some(id),
            "node" | "asst" => {
                texts.insert(id, point.child("t").map(line).unwrap_or_default());
                order.push(id);
            }
            _ => {}
        }
    }
    let mut below: BTreeMap<&str, Vec<(usize, &str)>> = BTreeMap::new();
    for link in top.all().filter(|node| node.name() == "cxn") {
        if link.attribute("type").is_none_or(|kind| kind == "parOf")
            && let (Some(from), Some(to)) = (link.attribute("srcId"), link.attribute("destId"))
        {
            let at = link.attribute("srcOrd").and_then(|at| at.parse().ok()).unwrap_or(0);
            below.entry(from).or_default().push((at, to));
        }
    }
    for items in below.values_mut() {
        items.sort_by_key(|(at, _)| *at);
    }
    let mut blocks = Vec::new();
    // What nothing leads to comes last.
    let starts = first.into_iter().chain(order);
    for start in starts {
        let mut left = vec![(0, start)];
        while let Some((depth, id)) = left.pop() {
            let next = if Some(id) == first { depth } else { depth + 1 };
            match texts.remove(id) {
                Some(text) if !text.is_empty() => {
                    blocks.push(Block::Item(depth.min(MOST_LEVELS), String::new(), text));
                }
                None if Some(id) != first => continue,
                _ => {}
            }
            let items = below.remove(id).unwrap_or_default();
            left.extend(items.iter().rev().map(|(_, id)| (next, *id)));
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::blocks::write;
    use crate::extract::tree::Tree;

    fn written(blocks: &[Block]) -> String {
        let mut draft = Draft::default();
        write(&mut draft, blocks);
        draft.text
    }

    #[test]
    fn a_chart_is_a_table_of_its_values() {
        let xml = "<c:chart><c:title><a:p><a:r><a:t>Sales</a:t></a:r></a:p></c:title><c:ser>\
            <c:tx><c:strRef><c:pt idx='0'><c:v>2024</c:v></c:pt></c:strRef></c:tx>\
            <c:cat><c:pt idx='0'><c:v>North</c:v></c:pt><c:pt idx='1'><c:v>South</c:v></c:pt></c:cat>\
            <c:val><c:pt idx='1'><c:v>4.2999999999999998</c:v></c:pt></c:val></c:ser></c:chart>";
        assert_eq!(
            written(&chart(Tree::new(xml).top())),
            "Sales\n\n|  | 2024 |\n| --- | --- |\n| North |  |\n| South | 4.3 |\n"
        );
    }

    #[test]
    fn a_diagram_is_a_list_and_no_circle_holds_it_up() {
        let point = |id: &str, text: &str| {
            format!("<dgm:pt modelId='{id}'><dgm:t><a:p><a:r><a:t>{text}</a:t></a:r></a:p></dgm:t></dgm:pt>")
        };
        let link =
            |from: &str, to: &str, at: u32| format!("<cxn srcId='{from}' destId='{to}' srcOrd='{at}'/>");
        let xml = [
            "<d><pt modelId='0' type='doc'/>",
            &point("2", "second"),
            &point("1", "first"),
            &point("3", "inner"),
            &link("0", "2", 1),
            &link("0", "1", 0),
            &link("1", "3", 0),
            &link("3", "1", 0),
            "</d>",
        ]
        .concat();
        assert_eq!(written(&diagram(Tree::new(&xml).top())), "- first\n    - inner\n- second\n");
    }

    #[test]
    fn descriptions_that_say_nothing_are_none() {
        assert_eq!(description("A cat\n\nDescription automatically generated").unwrap(), "A cat");
        for nothing in ["", "image001.PNG", "Description automatically generated with low confidence"] {
            assert_eq!(description(nothing), None, "{nothing}");
        }
    }
}
