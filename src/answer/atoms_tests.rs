use super::*;
use crate::document::NotePath;
use crate::parse::parse;

/// The atoms of a note that are shown as one.
fn together(text: &str) -> Vec<&str> {
    let blocks = parse(&NotePath::from_encoded("a.md"), text.as_bytes()).0.blocks;
    let mut runs: Vec<Range<usize>> = Vec::new();
    let mut tied = false;
    for atom in atoms(text, &blocks, &(0..text.len())) {
        match runs.last_mut().filter(|_| tied) {
            Some(last) => last.end = atom.range.end,
            None => runs.push(atom.range.clone()),
        }
        tied = atom.tied;
    }
    runs.into_iter().map(|run| &text[run]).collect()
}

#[test]
fn what_announces_comes_with_what_it_announces() {
    for one in [
        "Run this:\n```\nls\n```",
        "You can do so by hitting\n\n```\n<C-a>\n```",
        "You can do so by hitting\n\n```\n<C-a>\n```\n\nand then return.",
        "Here is an example.\n\n```\nls\n```",
        "The sizes are below.\n\n| a |\n|---|\n| 1 |",
        "**Two kinds:**\n\n- tawny",
        "It takes one of these:\n> a quote",
        "```\nls\n```\n\n```\na b\n```",
        "**Feeding**\n\nThey eat mice.",
        "1. Open it:\n   ```\n   open\n   ```",
        "So: ::\n\n    code",
    ] {
        assert_eq!(together(one), [one]);
    }
    for (text, apart) in [
        ("It is fast.\n\n```\nls\n```", vec!["It is fast.", "```\nls\n```"]),
        ("Nothing follows:\n# Head\nText.", vec!["Nothing follows:", "# Head", "Text."]),
        ("```\nls\n```\n\nThis lists all.", vec!["```\nls\n```", "This lists all."]),
        ("- one\n- two\n\n```\nls\n```", vec!["- one", "- two", "```\nls\n```"]),
    ] {
        assert_eq!(together(text), apart);
    }
}

#[test]
fn kinds_are_told_from_the_text() {
    use AtomKind::{Code, Heading, Item, Question, Sentence, Silent, Table};
    let text = "# Head\nOne. Is it two?\n\n- item. More.\n- ![](a.png)\n\n![[embed]]\n\n<div class=\"a\">\n\n> [!warning]\n> Mind.\n\n| a |\n| b |\n\n```\nls\n```\n\n#tag #other\n\n[source](https://a.b)\n\n***\n\n```\n```\n";
    let blocks = parse(&NotePath::from_encoded("a.md"), text.as_bytes()).0.blocks;
    let kinds: Vec<AtomKind> =
        atoms(text, &blocks, &(0..text.len())).into_iter().map(|atom| atom.kind).collect();
    assert_eq!(
        kinds,
        [
            Heading, Sentence, Question, Item, Sentence, Silent, Silent, Silent, Silent, Sentence, Table,
            Code, Silent, Silent, Silent, Silent
        ]
    );
}

#[test]
fn lists_go_on_over_what_stands_between_their_items() {
    let lists = |text: &str| {
        let blocks = parse(&NotePath::from_encoded("a.md"), text.as_bytes()).0.blocks;
        atoms(text, &blocks, &(0..text.len())).into_iter().map(|atom| atom.list).collect::<Vec<_>>()
    };
    assert_eq!(lists("So:\n- a\n  - b\n    more\n- c\n\nEnd."), [0, 1, 1, 1, 0]);
    assert_eq!(lists("1. a\n```\nls\n```\n2. b\n\nText.\n\n3. c\n\nEnd."), [1, 1, 1, 1, 1, 0]);
    assert_eq!(lists("- a\n\n# Head\n- b\n"), [1, 0, 2]);
    assert_eq!(lists("1. a\n\nText.\n\n1. b\n"), [1, 0, 2]);
}
