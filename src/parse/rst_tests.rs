use crate::document::{Block, Document, NotePath};
use crate::parse::parse;

fn note(text: &str) -> Document {
    parse(&NotePath::from_encoded("a.rst"), text.as_bytes()).0
}

/// What is shown of a note.
fn shown(text: &str) -> String {
    let shown = Block::shown(&note(text).blocks, text, 0).into_owned();
    shown.lines().map(str::trim).filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("/")
}

#[test]
fn fields_at_the_top_are_front_matter() {
    let text = "=====\nTitle\n=====\n\n:Author: Kim\n:date: 2024-03-05\n:tags: soil, compost\n:Abstract: goes\n   on\n\nText.\n\n:not: a field\n";
    let document = note(text);
    assert_eq!(document.title.as_deref(), Some("Title"));
    assert_eq!(document.tags, ["compost", "soil"]);
    assert_eq!(document.date.unwrap().to_string(), "2024-03-05");
    assert_eq!(shown(text), "=====/Title/=====/Text./:not: a field");
    let nikola = ".. title: A tap\n.. tags: water, house\n.. date: 2024-03-05 10:00\n\nIt drips.\n";
    let document = note(nikola);
    assert_eq!(
        (document.title.as_deref(), document.tags),
        (Some("A tap"), vec!["house".into(), "water".into()])
    );
    assert_eq!(shown(nikola), "It drips.");
    assert_eq!(
        note("Title\n=====\n\n:date: $Date: 2024-03-05 $\n:tags:\n  - a\n  - b c\n\nx\n").tags,
        ["a", "b c"]
    );
}

#[test]
fn comments_targets_images_and_options_are_not_shown() {
    for (text, expected) in [
        ("a\n\n.. image:: tap.png\n   :width: 200\n   :alt: The tap\n\nb\n", "a/:alt: The tap/b"),
        ("a\n\n.. a comment\n   that goes on\n\n   and on\n\nb\n", "a/b"),
        ("..\n   hidden\n\nb\n", "b"),
        ("..\n\nb\n", "b"),
        (".. _target:\n\nHead\n====\n\nx\n", "Head/====/x"),
        (
            ".. note:: Mind the gap.\n   :class: wide\n\n   It is wide.\n",
            ".. note:: Mind the gap./It is wide.",
        ),
        (".. [1] A footnote.\n.. |tap| image:: tap.png\n", ".. [1] A footnote./.. |tap| image:: tap.png"),
        (".. figure:: tap.png\n   :width: 9\n\n   The tap.\n", ".. figure:: tap.png/The tap."),
        ("a:\n\n.. code-block:: py\n   :linenos:\n\n   .. x\n\nb\n", "a:/.. code-block:: py/.. x/b"),
        (".. contents::\n   :depth: 2\n\nb\n", "b"),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn hostile_rst_takes_linear_time() {
    for part in [
        "..\n",
        ".. a\n",
        ".. a::\n",
        ":a: b\n",
        ".. image:: a\n  :b: c\n",
        "..\n\n",
        ":a:\n  b\n",
        "==\n",
        "a\n==\n",
        "a::\n b\n",
    ] {
        note(&part.repeat(400_000 / part.len()));
    }
}
