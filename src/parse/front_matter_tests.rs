use super::*;

fn check(text: &str) -> (FrontMatter, Vec<Warning>) {
    let mut warnings = Vec::new();
    (read(text, &mut warnings), warnings)
}

#[test]
fn yaml_gives_title_tags_and_date() {
    let text = "---\ntitle: \"A **note**\"\ntags: [Rust, '#ml/ops']\ncategory: how to\ncreated: 2024-05-01T10:00\n---\nbody";
    let (front, warnings) = check(text);
    assert_eq!(front.title.as_deref(), Some("A note"));
    assert_eq!(front.tags, ["rust", "ml/ops", "how", "to"]);
    assert_eq!(front.date.as_deref(), Some("2024-05-01"));
    assert_eq!(&text[front.len..], "body");
    assert_eq!(warnings, []);
    assert_eq!(check("---\r\ntags:\r\n  - a b\r\n  - c\r\n...\r\nx").0.tags, ["a b", "c"]);
    assert_eq!(check("---\rkeywords: a b, c\r---\rx").0.tags, ["a b", "c"]);
}

#[test]
fn toml_gives_title_tags_and_date() {
    let (front, warnings) =
        check("+++\ntitle = 'T'\ndate = 2024-05-01\n[taxonomies]\ntags = ['a']\n+++\nbody");
    let tags = vec!["a".into()];
    assert_eq!(
        front,
        FrontMatter { title: Some("T".into()), tags, date: Some("2024-05-01".into()), block: 4..60, len: 64 }
    );
    assert_eq!(warnings, []);
}

#[test]
fn dates_are_read_in_many_forms() {
    for text in
        ["2021-02-28", "2021/2/28", "2021-02-28 10:00:00 +0100", "20210228", "1614470400", "1614470400123"]
    {
        assert_eq!(date(text).as_deref(), Some("2021-02-28"), "{text}");
    }
    for text in ["2021", "28 Feb 2021", "2021-13-01", "2021-02-29", "", "12345", "2021é-1"] {
        assert_eq!(date(text), None, "{text}");
    }
}

#[test]
fn what_is_not_front_matter_stays_text() {
    for text in [
        "---\n# Title\n---\nx",
        "---\n\n---",
        "--- x\na: b\n---",
        "text\n---\na: b\n---",
        "",
        "---",
        "+++\n+++",
    ] {
        let (front, warnings) = check(text);
        let expected = if text.ends_with("\n\n---") || text == "+++\n+++" { text.len() } else { 0 };
        assert_eq!((front.len, warnings.len()), (expected, 0), "{text:?}");
    }
}

#[test]
fn unclosed_front_matter_is_text_with_a_warning() {
    let (front, warnings) = check("---\ntitle: x\n\ntext\n");
    assert_eq!(front, FrontMatter::default());
    assert_eq!(warnings, [Warning::FrontMatterOpen]);
    let endless = format!("---\ntitle: x\n{}---\n", "a: b\n".repeat(20_000));
    assert_eq!(check(&endless).1, [Warning::FrontMatterOpen]);
}

#[test]
fn malformed_front_matter_is_skipped_with_a_warning() {
    let (front, warnings) = check("---\ntitle: Rust: an overview\ntags: [a, b\n---\nbody");
    assert_eq!(front.title.as_deref(), Some("Rust: an overview"));
    assert_eq!(front.len, 45);
    assert!(matches!(warnings[..], [Warning::FrontMatterUnread(_)]));
}

#[test]
fn bombs_are_not_given_to_a_parser() {
    let doubled = |at: usize| format!("a{at}: &a{at} [*a{}, *a{}]", at - 1, at - 1);
    let aliases =
        ["a0: &a0 [x, x]".into()].into_iter().chain((1..30).map(doubled)).collect::<Vec<_>>().join("\n");
    for block in [
        format!("a: {}", "[".repeat(30_000)),
        format!("a: x\n{}", "- ".repeat(30_000)),
        format!("a: x\n{}", "? ".repeat(30_000)),
        aliases,
    ] {
        let (_, warnings) = check(&format!("---\n{block}\n---\n"));
        assert!(matches!(warnings[..], [Warning::FrontMatterUnread(_)]), "{}", &block[..20]);
    }
    let dotted = check(&format!("+++\n{}a = 1\n+++\n", "a.".repeat(30_000)));
    assert!(matches!(dotted.1[..], [Warning::FrontMatterUnread(_)]));
}
