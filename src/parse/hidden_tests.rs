use crate::document::{Block, BlockKind, NotePath};
use crate::parse::parse;

/// What a reader sees of a note: its text without what is hidden, and without blank lines.
fn seen(name: &str, text: &str) -> String {
    let (document, _) = parse(&NotePath::from_encoded(name), text.as_bytes());
    let (mut out, mut at) = (String::new(), 0);
    for Block { range, .. } in document.blocks.iter().filter(|block| block.kind == BlockKind::Hidden) {
        out.push_str(&text[at..range.start]);
        at = range.end;
    }
    out.push_str(&text[at..]);
    out.lines().map(str::trim_end).filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("/")
}

#[test]
fn comments_ids_and_marks_are_hidden() {
    for (note, expected) in [
        ("The plan %% not sure %% is good.\n", "The plan  is good."),
        ("a\n%%\n# no heading\nQ: no?\nA: no\n%%\nb\n", "a/b"),
        ("%% a\n\nb %% c\n", " c"),
        ("<!-- put away -->\nText <!-- x --> y\n", "<!-- put away -->/Text <!-- x --> y"),
        ("100%% sure and 50%% more\n", "100%% sure and 50%% more"),
        ("Use `%% x %%` in code\n", "Use `%% x %%` in code"),
        ("```\n%% x %%\n```\n", "```/%% x %%/```"),
        ("%% never closed\n\ntext\n", "%% never closed/text"),
        ("A thought. ^plan1\n\n^whole-block\n", "A thought."),
        ("# Head ^h1a\nx ^2\n", "# Head/x ^2"),
        ("> [!warning] Mind the gap\n> text\n", "> Mind the gap/> text"),
        ("> [!faq]- Is it so?\n> Yes.\n", "> Is it so?/> Yes."),
        ("> [!note]\n> text\n", "> [!note]/> text"),
        ("- a\n  id:: 65f0-1\n  collapsed:: true\n- b\n  author:: Kim\n", "- a/- b/  author:: Kim"),
        ("- a\n  :LOGBOOK:\n  CLOCK: [2024-05-01 Wed]\n  :END:\n- b\n", "- a/- b"),
        (":LOGBOOK:\nnever closed\n", ":LOGBOOK:/never closed"),
    ] {
        assert_eq!(seen("a.md", note), expected, "{note}");
    }
    assert_eq!(seen("a.org", "%% a %% b\n"), "%% a %% b");
}

#[test]
fn a_fence_goes_with_all_that_is_in_it() {
    let key = format!("-----BEGIN KEY-----\n{}-----END KEY-----\n", "QUJDabc1\n".repeat(20));
    assert_eq!(seen("a.md", &format!("a\n```\n{key}```\nb\n")), "a/b");
    assert_eq!(seen("a.md", &format!("a\n```sh\ncat key\n{key}```\nb\n")), "a/```sh/cat key/```/b");
    assert_eq!(seen("a.org", &format!("a\n#+begin_src text\n{key}#+end_src\nb\n")), "a/b");
    assert_eq!(seen("a.md", &format!("- a\n  ~~~\n  {}  ~~~\n- b\n", key.replace('\n', "\n  "))), "- a/- b");
}

#[test]
fn what_is_hidden_is_neither_heading_nor_question_nor_tag() {
    let note = "# One\n%%\n# Two #tag\nWhat is it?\nA: no\n%%\ntext\n";
    let (document, _) = parse(&NotePath::from_encoded("a.md"), note.as_bytes());
    assert_eq!(document.tags, [""; 0]);
    assert_eq!(document.sections.len(), 1);
    assert_eq!(&note[document.sections[0].content.clone()], "text");
}

#[test]
fn drawings_of_excalidraw_are_hidden_but_their_texts() {
    let data = "N4KAkARALgngDgUwgLgAQQQDwMYEMA2AlgCYBOuA7hADTgQBuCpAzoQPYB2KqATLZMzYBXUtiRoIACyhQ4zZAHoFAc0JRJQgEYA6bGwC2CgF7N6hbEcK4OCtptbErHALRY8RMpWdx8Q1TdIEfARcZgRmBShcZQUebQBmbQA2GjoghH0EDihmbgBtcDBQMBKIEm4IAA==";
    let note = format!(
        "---\nexcalidraw-plugin: parsed\n---\n==⚠  Switch to EXCALIDRAW VIEW in the MORE OPTIONS menu of this document. ⚠==\n\n\n# Excalidraw Data\n\n## Text Elements\nOrder flow ^AbCd1234\n\nWarehouse ^EfGh5678\n\n%%\n## Drawing\n```compressed-json\n{data}\n\n{data}\n```\n%%"
    );
    assert_eq!(
        seen("a.excalidraw.md", &note),
        "---/excalidraw-plugin: parsed/---/# Excalidraw Data/## Text Elements/Order flow/Warehouse"
    );
    let old = "---\nexcalidraw-plugin: parsed\n---\n# Text Elements\nOrder flow ^AbCd1234\n\n# Drawing\n```json\n{\"type\":\"excalidraw\",\"elements\":[{\"id\":\"a\"}]}\n```\n";
    assert_eq!(
        seen("a.excalidraw.md", old),
        "---/excalidraw-plugin: parsed/---/# Text Elements/Order flow/# Drawing"
    );
}

#[test]
fn hostile_marks_take_linear_time() {
    for part in ["%%", "%% ", "`%%", "%%\n", ":LOGBOOK:\n", "^a ", "> [!", "id:: \n"] {
        seen("a.md", &part.repeat(400_000 / part.len()));
    }
}
