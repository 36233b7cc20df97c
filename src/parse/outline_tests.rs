use super::*;

/// The headings of a text as `level title first-end`, and the kinds of all lines.
fn check(text: &str, syntax: Syntax) -> (Vec<String>, String) {
    let body = 0..text.len();
    let mut lines = Lines::new(text, &body);
    let Outline { headings, .. } = outline(text, &body, syntax, &mut lines, &mut Vec::new());
    let told = |heading: &Heading| {
        format!("{} {} {}-{}", heading.level, heading.title, heading.lines.start, heading.lines.end)
    };
    let kinds = (0..lines.len()).map(|at| match lines.kind(at) {
        LineKind::Blank => ' ',
        LineKind::Code => 'c',
        LineKind::Heading => 'h',
        LineKind::Rule => 'r',
        LineKind::Hidden => 'x',
        LineKind::Text => 't',
    });
    (headings.iter().map(told).collect(), kinds.collect())
}

#[test]
fn markdown_headings_stand_outside_of_code_lists_and_quotes() {
    let text =
        "# One *two* #\ntext\n\nTwo\n===\n```\n# no\n```\n> # no\n\n- # no\n\n    # no\n\n### C# {#c}\n***\n";
    let (headings, kinds) = check(text, Syntax::Markdown);
    assert_eq!(headings, ["1 One two 0-1", "1 Two 3-5", "3 C# 14-15"]);
    assert_eq!(kinds, "ht hhccct t c hr".replace("t c h", "t t h"));
}

#[test]
fn a_break_right_below_a_paragraph_is_a_break() {
    let (headings, kinds) = check("A sentence of an answer.\n---\nTitle\n---\na\nb\n---\n", Syntax::Markdown);
    assert_eq!(headings, ["2 Title 2-4"]);
    assert_eq!(kinds, "trhhttr");
}

#[test]
fn an_open_fence_runs_to_the_end() {
    let (headings, kinds) = check("# A\n```\n# B\n", Syntax::Markdown);
    assert_eq!(headings, ["1 A 0-1"]);
    assert_eq!(kinds, "hcc");
}

#[test]
fn carriage_returns_end_lines_too() {
    for end in ["\r", "\r\n"] {
        let text = ["# A", "text", "", "B", "---", "```", "# no", "```"].join(end);
        let (headings, kinds) = check(&text, Syntax::Markdown);
        assert_eq!(headings, ["1 A 0-1", "2 B 3-5"], "{end:?}");
        assert_eq!(kinds, "ht hhccc");
    }
}

#[test]
fn nesting_beyond_sense_leaves_headings() {
    let text = format!("# A\n{}\n```\n# no\n```\n## B\n", "> ".repeat(100_000));
    assert_eq!(check(&text, Syntax::Markdown).0, ["1 A 0-1", "2 B 5-6"]);
    let text = format!("{}\n{}## B\n", "- ".repeat(100_000), "\n".repeat(1000));
    assert_eq!(check(&text, Syntax::Markdown).0, ["2 B 1001-1002"]);
}

#[test]
fn rst_titles_are_underlined() {
    let text =
        "=====\nTitle\n=====\n\nPart\n----\ntext::\n\n  No\n  --\n\nSub\n~~~\n\nNext\n----\n\n----\n\ntext\n";
    let (headings, kinds) = check(text, Syntax::Rst);
    assert_eq!(headings, ["1 Title 0-3", "2 Part 4-6", "3 Sub 11-13", "2 Next 14-16"]);
    assert_eq!(kinds, "hhh hht cc hh hh t t");
}

#[test]
fn org_titles_begin_with_stars() {
    let text = "* TODO One :a:b:\n** Two\n#+begin_src c\n* no\n#+end_src\n*bold* text\n";
    let (headings, kinds) = check(text, Syntax::Org);
    assert_eq!(headings, ["1 One 0-1", "2 Two 1-2"]);
    assert_eq!(kinds, "hhccct");
    let (headings, _) = check(&format!("{} Deep\n", "*".repeat(1000)), Syntax::Org);
    assert_eq!(headings, ["8 Deep 0-1"]);
}

#[test]
fn capitals_are_headings_where_there_are_no_others() {
    let text = "\nFIELD GUIDE\n\nPART 2: Birds & bees\n\n⚡ BIRDS OF PREY\n\nSQL\n\nThe OWL\n\nANSWER\n\nQ12 HOW\nNO GAP HERE\n";
    assert_eq!(
        check(text, Syntax::Markdown).0,
        ["1 FIELD GUIDE 1-2", "2 PART 2: Birds & bees 3-4", "3 ⚡ BIRDS OF PREY 5-6"]
    );
    assert_eq!(check(&format!("# T\n{text}"), Syntax::Markdown).0, ["1 T 0-1"]);
}
