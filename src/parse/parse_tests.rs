use proptest::prelude::*;

use super::*;
use crate::calendar::Day;

fn parsed(name: &str, bytes: &[u8]) -> (Document, Vec<Warning>) {
    parse(&NotePath::from_encoded(name), bytes)
}

/// The laws of a document, whatever it was made from.
fn check_laws(document: &Document, bytes: &[u8]) {
    let text = document.text.as_str();
    let is_line_start = |at: usize| at == document.body.start || text[..at].ends_with(['\n', '\r']);
    let mut at = document.body.start;
    for section in &document.sections {
        assert_eq!(section.range.start, at, "sections follow each other");
        assert!(section.range.start < section.range.end && is_line_start(section.range.start));
        let content = &section.content;
        assert!(section.range.start <= content.start && content.end <= section.range.end);
        assert!(text.get(content.clone()).is_some());
        assert!(section.question.as_ref().is_none_or(|question| !question.is_empty()));
        assert!(section.question.is_none() || !content.is_empty());
        at = section.range.end;
    }
    assert_eq!(at, document.body.end, "sections cover the body");
    let mut end = 0;
    for (at, char) in text.char_indices() {
        let span = document.text.bytes(&(at..at + char.len_utf8()));
        assert!(end <= span.end && span.start < span.end && span.end <= bytes.len() as u64);
        end = span.end;
    }
}

/// Text made of what Markdown and questions are made of.
fn fragments() -> impl Strategy<Value = String> {
    let fragment = proptest::sample::select(vec![
        "# ",
        "## 1. ",
        "### ",
        "\n",
        "\n\n",
        "\r\n",
        "\r",
        "    ",
        "- ",
        "* ",
        "1. ",
        "> ",
        "```",
        "~~~",
        "---",
        "***",
        "**",
        "`",
        "Q: ",
        "A: ",
        "Q1\t",
        "ANS",
        "**Answer:**",
        "What is X?",
        " → ",
        ": ",
        "word ",
        "WORDS OF ",
        "PART 1: ",
        "<details>",
        "</details>",
        "<summary>",
        "</summary>",
        "| a ",
        "===",
        "[",
        "](",
        "#tag ",
        "title: x",
        "+++",
        "é",
        "â†’",
        "Ã",
        "🧠",
        "\u{c}",
        "\t",
        "\0",
        "::",
        "\u{f8ff}üß†",
        "&amp;",
        "{#a}",
        "?",
    ]);
    proptest::collection::vec(fragment, 0..60).prop_map(|fragments| fragments.concat())
}

proptest! {
    #[test]
    fn any_bytes_give_a_document(bytes: Vec<u8>) {
        check_laws(&parsed("a.md", &bytes).0, &bytes);
    }

    #[test]
    fn any_markdown_gives_a_document(
        text in fragments(),
        name in proptest::sample::select(vec!["a.md", "a.rst", "a.org", "a"]),
    ) {
        check_laws(&parsed(name, text.as_bytes()).0, text.as_bytes());
    }

    #[test]
    fn line_ends_survive(text in fragments()) {
        let last = |text: &Text| text.lines(&(0..text.as_str().len())).last;
        prop_assert_eq!(last(&decode(text.as_bytes())), last(&Text::same(text)));
    }

    #[test]
    fn ascii_is_its_own_map(text in "[ -~\r\n\t]{1,200}", start in 0usize..200, len in 0usize..200) {
        let decoded = decode(text.as_bytes());
        prop_assert_eq!(decoded.as_str(), &text);
        let start = start % text.len();
        let end = (start + len).min(text.len());
        let span = decoded.bytes(&(start..end));
        prop_assert_eq!((span.start, span.end), (start as u64, end as u64));
    }

    #[test]
    fn repaired_text_needs_no_repair(text in "[a-zA-Zéßñç→–“”’🧠 \n]{0,60}") {
        let spoiled = encoding_rs::WINDOWS_1252.decode_without_bom_handling(text.as_bytes()).0;
        let once = decode(spoiled.as_bytes());
        let twice = decode(once.as_str().as_bytes());
        prop_assert_eq!(once.as_str(), twice.as_str());
    }
}

#[test]
fn a_note_has_title_tags_and_date() {
    let note = "---\ndate: 2024-05-01\ntags: [b, A]\n---\n\n## Not this\n#c text\n# *The* title\nx\n";
    let (document, warnings) = parsed("n.md", note.as_bytes());
    assert_eq!(document.title.as_deref(), Some("The title"));
    assert_eq!(document.tags, ["a", "b", "c"]);
    assert_eq!(document.date, Day::new(2024, 5, 1));
    assert_eq!(&note[document.body.clone()], "\n## Not this\n#c text\n# *The* title\nx\n");
    assert_eq!(document.text.lines(&document.sections[0].range).first, 5);
    assert_eq!(warnings, []);
}

#[test]
fn the_first_of_several_top_headings_seldom_names_the_note() {
    for (name, note, title) in [
        ("daily.md", "# Breakfast\nOats.\n# Car\nBrakes.\n", Some("daily")),
        ("2024-05-01.md", "# Breakfast\nOats.\n# Car\nBrakes.\n", None),
        ("a.md", "# Breakfast\n## Oats\nGood.\n# Car\nBrakes.\n", None),
        ("a.md", "# A book\n\n---\n# Preface\nHello.\n# End\nBye.\n", Some("A book")),
        ("a.md", "# A book\nBy Kim.\n# Chapter 1\nHello.\n# Chapter 2\nBye.\n", Some("A book")),
        ("a.md", "# A guide\nIntro.\n# 1. Setup\nx\n# 2. Use\ny\n", Some("A guide")),
        ("a.md", "# Chapter 1\nHello.\n# Chapter 2\nBye.\n", None),
        ("atlas-weekly.md", "# Weekly: Atlas\nHello.\n# Next\nBye.\n", Some("Weekly: Atlas")),
        ("a.md", "# Only\nx\n## Part\ny\n", Some("Only")),
        ("a.org", "* Breakfast\nOats.\n* Car\nBrakes.\n", None),
        ("a.rst", "Breakfast\n=========\nOats.\n\nCar\n===\nBrakes.\n", None),
    ] {
        assert_eq!(parsed(name, note.as_bytes()).0.title.as_deref(), title, "{name}: {note}");
    }
}

#[test]
fn tags_are_collected_wherever_they_stand() {
    let note = "# Plan for Monday #planning\n\n## Call #phone ##\n- item #listtag\n\n| #cell | b |\n|---|---|\n\n\
        > #quoted\n\n> [!note] Title #callout\n\n#daily #log\n---\nSetext #under\n===\n```\n#code\n```\n";
    let (document, _) = parsed("a.md", note.as_bytes());
    let expected = ["callout", "cell", "daily", "listtag", "log", "phone", "planning", "quoted", "under"];
    assert_eq!(document.tags, expected);
    let headings: Vec<_> = document.sections.iter().map(|section| section.heading.join(" › ")).collect();
    assert_eq!(headings, ["Plan for Monday › Call", "Setext"]);
}

#[test]
fn repair_keeps_the_lines_of_the_file() {
    let (document, warnings) =
        parsed("n.txt", "# Dash â€“ it\n\n## What is ðŸ§\u{a0}?\nA â†’ B\n".as_bytes());
    assert_eq!(document.title.as_deref(), Some("Dash – it"));
    let section = &document.sections[0];
    assert_eq!(section.question.as_deref(), Some("What is 🧠?"));
    assert_eq!(&document.text.as_str()[section.content.clone()], "A → B");
    assert_eq!(document.text.lines(&section.range).to_string(), "1-4");
    assert_eq!(warnings, [Warning::Repaired(3)]);
    assert_eq!(warnings[0].to_string(), "repaired 3 double-encoded characters");
}

#[test]
fn front_matter_is_the_body_if_there_is_nothing_else() {
    let text = "---\r\nauthor: Frank Herbert\r\ntags: [novel]\r\n---\r\n\r\n";
    let (document, warnings) = parsed("books/Dune.md", text.as_bytes());
    check_laws(&document, text.as_bytes());
    assert_eq!(
        document.text.as_str()[document.body.clone()].trim(),
        "author: Frank Herbert\r\ntags: [novel]"
    );
    assert_eq!((document.title.as_deref(), document.tags), (Some("Dune"), vec!["novel".to_owned()]));
    assert!(document.sections.iter().all(|section| section.heading.is_empty()));
    assert_eq!(warnings, []);
    assert_eq!(parsed("a.md", b"---\n---\n").0.sections, []);
}

#[test]
fn empty_and_blank_files_are_documents() {
    for (bytes, sections) in
        [(&b""[..], 0), (b"\xEF\xBB\xBF", 0), (b"\xFF\xFE", 0), (b" \n\t\r\n", 1), (b"\0", 1)]
    {
        let (document, warnings) = parsed("n.md", bytes);
        assert_eq!(
            (document.sections.len(), document.title, warnings),
            (sections, None, vec![]),
            "{bytes:?}"
        );
    }
}

#[test]
fn hostile_files_take_linear_time() {
    let repeated = |part: &str| part.repeat(1_000_000 / part.len());
    let mut files: Vec<String> = [
        "[",
        "*",
        "<",
        "`",
        "![",
        "> ",
        "- ",
        "1. ",
        "a|b\n",
        "Q1\n",
        "- Q: a?\n",
        "```\n",
        "# a?\n",
        "<details><summary>What is it?</summary>\nx\n</details>\n",
        "\u{c3}\u{192}",
        "`a``",
    ]
    .map(repeated)
    .into();
    files.push(repeated("> ") + &"x\n".repeat(100_000));
    files.push(format!("# {}\n{}", repeated("t"), "## a\nb\n".repeat(50_000)));
    files.push((0..1000).map(|at| "  ".repeat(at) + "- a\n").collect::<String>() + &"y\n".repeat(200_000));
    let start = std::time::Instant::now();
    for file in &files {
        check_laws_coarsely(&parsed("n.md", file.as_bytes()).0);
    }
    // A second or two; anything quadratic takes minutes.
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

fn check_laws_coarsely(document: &Document) {
    assert_eq!(document.sections.first().map(|section| section.range.start), Some(document.body.start));
    assert_eq!(document.sections.last().map(|section| section.range.end), Some(document.body.end));
}

#[test]
fn a_note_of_too_many_lines_keeps_them_all() {
    let note = "# a\n".repeat(MAX_LINES) + "# b\nc\n";
    let (document, warnings) = parse(&NotePath::from_encoded("a.md"), note.as_bytes());
    assert_eq!(warnings, [Warning::TooManyLines(MAX_LINES)]);
    let last = document.sections.last().unwrap();
    assert_eq!(&note[last.range.clone()], "# b\nc\n");
    assert_eq!(last.range.start, document.sections[document.sections.len() - 2].range.end);
    let (document, warnings) = parse(&NotePath::from_encoded("a.md"), &note.as_bytes()[..4 * MAX_LINES]);
    assert!(warnings.is_empty());
    assert_eq!(document.body.end, document.sections.last().unwrap().range.end);
}

#[test]
fn a_note_of_too_much_markup_keeps_it_all() {
    let note = format!("# a\nb\n{}\n# c\n", "*d".repeat(MAX_MARKS + 1));
    let (document, warnings) = parse(&NotePath::from_encoded("a.md"), note.as_bytes());
    assert_eq!(warnings, [Warning::TooManyLines(2)]);
    assert_eq!(document.title.as_deref(), Some("a"));
    check_laws_coarsely(&document);
    assert_eq!(document.sections.iter().map(|section| section.range.start).collect::<Vec<_>>(), [0, 6]);
}
