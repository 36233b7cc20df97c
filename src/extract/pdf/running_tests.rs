//! Tests of running heads and feet.

use super::super::line::Cell;
use super::*;

/// A line with its height on the page.
fn line(text: &str, y: f64) -> Line {
    let (x0, x1) = (50.0, 50.0 + 5.0 * text.len() as f64);
    let cells = vec![Cell { x0, x1, text: text.to_owned() }];
    Line { text: text.to_owned(), x0, x1, y, size: 10.0, cells, ..Line::default() }
}

/// What is left of pages that are given by their lines.
fn stripped(pages: &[Vec<(&str, f64)>]) -> Vec<String> {
    let mut leaves: Vec<Leaf> = pages
        .iter()
        .map(|lines| Leaf {
            lines: lines.iter().map(|(text, y)| line(text, *y)).collect(),
            height: 800.0,
            ..Leaf::default()
        })
        .collect();
    strip(&mut leaves, 10.0);
    let text = |leaf: &Leaf| leaf.lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("|");
    leaves.iter().map(text).collect()
}

#[test]
fn heads_and_numbers_go_and_text_stays() {
    let bodies = ["Owls hunt.", "Mice run.", "Cats sleep.", "Dogs bark."];
    let numbers = ["7", "8", "9", "10"];
    let pages: Vec<_> = (0..4)
        .map(|page| {
            let head = if page % 2 == 0 { "7 Chapter 2. Owls" } else { "A Book of Birds" };
            vec![(head, 30.0), (bodies[page], 80.0), ("It is so.", 92.0), (numbers[page], 760.0)]
        })
        .collect();
    // Each head stands on two pages, and that isn't many.
    assert_eq!(stripped(&pages)[0], "7 Chapter 2. Owls|Owls hunt.|It is so.");
    let pages: Vec<_> = pages.iter().map(|page| [&[("Birds", 30.0)], &page[1..]].concat()).collect();
    assert_eq!(
        stripped(&pages),
        ["Owls hunt.|It is so.", "Mice run.|It is so.", "Cats sleep.|It is so.", "Dogs bark.|It is so."]
    );
}

#[test]
fn a_page_keeps_its_only_text_and_its_first_line() {
    let only = vec![("Confidential", 30.0)];
    assert_eq!(stripped(&[only.clone(), only.clone(), only]), ["Confidential"; 3]);
    // The first of many lines of code isn't apart from the others.
    let code = |first| vec![(first, 60.0), ("x", 72.0), ("y", 84.0), ("z", 96.0), ("v", 108.0), ("w", 120.0)];
    let pages: Vec<_> = ["return", "return", "return", "a", "b", "c", "d", "e"].map(code).to_vec();
    assert!(stripped(&pages)[0].starts_with("return"));
}

#[test]
fn patterns_leave_numbers_out() {
    assert_eq!(pattern("Page 12 of 300"), "page # of #");
    assert_eq!(pattern("xiv  Preface"), "# preface");
    assert!(is_number("- # -") && is_number("page # of #") && is_number("#/#") && !is_number("table #"));
}
