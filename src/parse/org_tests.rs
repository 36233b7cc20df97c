use super::*;
use crate::document::{Block, BlockKind, Document, NotePath};
use crate::parse::parse;

fn note(text: &str) -> Document {
    parse(&NotePath::from_encoded("a.org"), text.as_bytes()).0
}

/// The headings of a note, and what is shown of it.
fn read(text: &str) -> (Vec<String>, String) {
    let document = note(text);
    let headings = document.sections.iter().map(|section| section.heading.join(" › ")).collect();
    let shown = Block::shown(&document.blocks, text, 0);
    let lines = shown[document.body].lines().map(str::trim).filter(|line| !line.trim().is_empty());
    (headings, lines.collect::<Vec<_>>().join("/"))
}

#[test]
fn keywords_at_the_top_are_front_matter() {
    let text = "#+title: Kitchen renovation\n#+filetags: :house:reno:\n#+date: <2024-03-05 Tue>\n#+startup: overview\n\n* Order\nOak.\n";
    let document = note(text);
    assert_eq!(document.title.as_deref(), Some("Kitchen renovation"));
    assert_eq!(document.tags, ["house", "reno"]);
    assert_eq!(document.date.unwrap().to_string(), "2024-03-05");
    assert_eq!(text[document.body].trim(), "* Order\nOak.");

    let roam = ":PROPERTIES:\n:ID: 8f1c\n:ROAM_ALIASES: \"The kitchen\" Kueche\n:END:\n#+TITLE: Slow cooking\n\nLow heat.\n";
    let document = note(roam);
    assert_eq!(document.title.as_deref(), Some("Slow cooking"));
    assert_eq!(roam[document.body].trim(), "Low heat.");
    let (end, fields) = top(roam, 0);
    assert_eq!(&roam[end..], "\nLow heat.\n");
    assert_eq!(fields[1], Field::list("aliases", vec!["The kitchen".into(), "Kueche".into()]));

    for (text, body) in [
        ("# -*- mode: org -*-\n#+TITLE: a\nb\n", "b"),
        ("#+begin_src sh\nls\n#+end_src\n", "#+begin_src sh\nls\n#+end_src"),
        (":PROPERTIES:\nnever closed\n", ":PROPERTIES:\nnever closed"),
        ("#+title: alone\n", "#+title: alone"),
        ("text\n#+title: later\n", "text\n#+title: later"),
    ] {
        assert_eq!(text[note(text).body].trim(), body);
    }
    assert_eq!(note("text\n#+title: later\n").title.as_deref(), Some("later"));
}

#[test]
fn headlines_say_what_they_are_about() {
    for (line, title) in [
        ("* TODO [#A] Order the worktop :shopping:", "Order the worktop"),
        ("* WAITING Plumber quote", "Plumber quote"),
        ("* NEXT Call [1/3] [33%]", "Call"),
        ("* DONE Dentist <2024-05-01 Wed 10:00>--<2024-05-01 Wed 11:00>", "Dentist"),
        ("* COMMENT Draft", "Draft"),
        ("* Meeting with [[id:8f1c][Kim]] :work:@office:", "Meeting with Kim"),
        ("* <2024-05-01 Wed>", "<2024-05-01 Wed>"),
        ("* Use a[0] and b[1/2 x]", "Use a[0] and b[1/2 x]"),
        ("* Todo lists", "Todo lists"),
        ("* Ratio 1:2:3", "Ratio 1:2:3"),
        ("* RECHECK Own word", "RECHECK Own word"),
    ] {
        assert_eq!(read(&format!("{line}\nx\n")).0, [title], "{line}");
    }
    let own = "#+todo: RECHECK(f) | MERGED(m@)\n* RECHECK Own word\nx\n* MERGED Branch\ny\n";
    assert_eq!(read(own).0, ["Own word", "Branch"]);
    assert_eq!(note("* a :shopping:\n** b :house:@home:\nc\n").tags, ["@home", "house", "shopping"]);
}

#[test]
fn drawers_comments_and_keywords_are_not_shown() {
    let text = "* Tap\nSCHEDULED: <2024-05-01 Wed>\n:PROPERTIES:\n:ID: 8f1c\n:CREATED: [2024-05-01 Wed]\n:END:\nIt drips.\n:LOGBOOK:\nCLOCK: [2024-05-01 Wed 10:00]\n:END:\n# a comment\n#+caption: The tap\n#+name: tap\n#+begin_quote\nDrip.\n#+end_quote\n#+begin_comment\n* no\n#+end_comment\nEnd.\n";
    assert_eq!(
        read(text),
        (
            vec!["Tap".to_owned()],
            "* Tap/SCHEDULED: <2024-05-01 Wed>/It drips./#+caption: The tap/Drip./End.".to_owned()
        )
    );
    let kinds: Vec<_> =
        note("* a\n#+begin_example\n# x\n#+end_example\n").blocks.iter().map(|block| block.kind).collect();
    assert_eq!(kinds, [BlockKind::Heading(1), BlockKind::Code]);
}

#[test]
fn hostile_org_takes_linear_time() {
    for part in [
        "* ",
        "* a\n",
        ":PROPERTIES:\n",
        "#+todo: A\n",
        "#+",
        "* [",
        "* <2024-01-01>",
        "#+begin_src\n",
        ": :",
        "#+a[",
        "* :a:",
    ] {
        note(&part.repeat(600_000 / part.len()));
    }
}
