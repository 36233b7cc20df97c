use proptest::prelude::*;

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
        "> One\n> two.",
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

/// The sentences of a note, each as it stands there.
fn of(text: &str) -> Vec<&str> {
    let blocks = parse(&NotePath::from_encoded("a.md"), text.as_bytes()).0.blocks;
    sentences(text, &blocks, &(0..text.len())).into_iter().map(|unit| &text[unit.range]).collect()
}

#[test]
fn no_sentence_ends_inside_what_is_one_thing() {
    for one in [
        "The macro `println!` Prints a line.",
        "Type ``a ` b. C`` and `What? Now` to go on.",
        "See [the guide. Part two](https://a.b/c.d?e=F. G) for more.",
        "![A picture. Of owls](a.png) Shows it.",
        "As [[Dr. Who. Notes|he says. So]] it was.",
        "Press <prefix>$ or <C-a. B> to begin.",
        "Open https://example.org/?q=Owls.And.Mice and read.",
        "It is (as e.g. Owls do. They hunt) a habit.",
        "Use tools, e.g. Make, i.e. Those vs. Others, in v1.2 of file.Name.txt here.",
        "Dr. Who met George W. Bush in the U.S. Army, No. 5.",
        "Wait... and then go on.",
        "The site Yahoo! is old, and \"Why?\" is a question.",
        "The second\\. It goes on.",
        "1. Close the door.",
        "> > 2) Close the door.",
    ] {
        assert_eq!(of(one), [one]);
    }
}

#[test]
fn marks_behind_a_stop_belong_to_the_sentence() {
    for (text, expected) in [
        ("**One is.** Two is.", vec!["**One is.**", "Two is."]),
        ("_One!_ **Two** is.", vec!["_One!_", "**Two** is."]),
        ("One.[^1] Two.[^b]", vec!["One.[^1]", "Two.[^b]"]),
        ("<b>One.</b> <i>Two</i> is.", vec!["<b>One.</b>", "<i>Two</i> is."]),
        ("(One is.) Two (it) is.", vec!["(One is.)", "Two (it) is."]),
        ("Read `a.b`. `C` is next.", vec!["Read `a.b`.", "`C` is next."]),
        ("[One is.](a) Two is.", vec!["[One is.](a)", "Two is."]),
        ("See https://a.b/c. Then go.", vec!["See https://a.b/c.", "Then go."]),
        (
            "A lone ` mark. Another [one. Or (two. So.",
            vec!["A lone ` mark.", "Another [one.", "Or (two.", "So."],
        ),
        ("> [!note]\n> One\n> is. Two.\n>\n> Three.", vec!["> [!note]", "> One\n> is.", "Two.", "> Three."]),
        ("私は猫。犬だ。", vec!["私は猫。", "犬だ。"]),
    ] {
        assert_eq!(of(text), expected);
    }
}

proptest! {
    #[test]
    fn sentences_are_parts_of_the_text_in_order(text in "([-A-Za-zé .!?`*()<>\\[\\]\\\\|_:/1\n]|https://){0,60}") {
        let blocks = parse(&NotePath::from_encoded("a.md"), text.as_bytes()).0.blocks;
        let mut end = 0;
        for sentence in sentences(&text, &blocks, &(0..text.len())) {
            prop_assert!(end <= sentence.range.start && !sentence.range.is_empty());
            prop_assert!(text.get(sentence.range.clone()).is_some());
            end = sentence.range.end;
        }
        prop_assert_eq!(mask::masked(&text, true).len(), text.len());
    }
}
