use super::*;
use crate::document::NotePath;
use crate::parse::parse;

#[test]
fn sentences_go_on_over_line_ends_but_not_over_items() {
    let text = "# Head\nFirst it goes\non here. Second\none.\n- an item\n- another\n2. third\n| a | b |\n| c | d |\n\n```\n~~~\nx. y.\n```\n> One\n> two. Three\n";
    let blocks = parse(&NotePath::from_encoded("a.md"), text.as_bytes()).0.blocks;
    let units = sentences(text, &blocks, &(0..text.len()));
    let units: Vec<&str> = units.into_iter().map(|unit| &text[unit.range]).collect();
    let expected = [
        "# Head",
        "First it goes\non here.",
        "Second\none.",
        "- an item",
        "- another",
        "2. third",
        "| a | b |",
        "| c | d |",
        "```\n~~~\nx. y.\n```",
        "> One",
        "> two.",
        "Three",
    ];
    assert_eq!(units, expected);
    let within = text.find("Second").unwrap()..text.find("another").unwrap();
    let units = sentences(text, &blocks, &within);
    assert_eq!(
        units.iter().map(|unit| &text[unit.range.clone()]).collect::<Vec<_>>(),
        ["Second\none.", "- an item", "-"]
    );
}

#[test]
fn sentences_go_on_behind_what_is_hidden() {
    let text = "The plan %% x. Y. %% is good. %% a. B. %% Do it. ^a1b2\n- item %% c %% goes on\n  id:: 1\n> quoted %% d %% too\n";
    let blocks = parse(&NotePath::from_encoded("a.md"), text.as_bytes()).0.blocks;
    let units = sentences(text, &blocks, &(0..text.len()));
    let units: Vec<&str> = units.into_iter().map(|unit| &text[unit.range]).collect();
    assert_eq!(
        units,
        ["The plan %% x. Y. %% is good.", "Do it.", "- item %% c %% goes on", "> quoted %% d %% too"]
    );
}
