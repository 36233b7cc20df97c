use super::*;
use crate::calendar::Day;

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
    assert_eq!(front.date, Day::new(2024, 5, 1));
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
        FrontMatter { title: Some("T".into()), tags, date: Day::new(2024, 5, 1), block: 4..60, len: 64 }
    );
    assert_eq!(warnings, []);
}

#[test]
fn dates_are_read_in_many_forms() {
    for text in
        ["2021-02-28", "2021/2/28", "2021-02-28 10:00:00 +0100", "20210228", "1614470400", "1614470400123"]
    {
        assert_eq!(date(text), Day::new(2021, 2, 28), "{text}");
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
fn yaml_is_understood_in_all_its_styles() {
    let (front, warnings) = check(
        "---\n# A comment\nmeta: {title: no, tags: [no]}\n? [title, no]\n: no\n? {a: b}\n: [c]\n\
        'title': >\n  Folded\n  title\nTags: !!seq\n- a\n- ~\n- [no, {no: no}]\n- \"b\"\n\
        tag: [c: no, !x d, 'null', 1.50]\ncategory:\ndate: null\ncreated: 20240501\n---\n",
    );
    assert_eq!(warnings, []);
    assert_eq!(front.title.as_deref(), Some("Folded title"));
    assert_eq!(front.tags, ["a", "b", "d", "null", "1.50"]);
    assert_eq!(front.date, Day::new(2024, 5, 1));
    for (block, title) in [("1.10", "1.10"), ("007", "007"), ("True", "True"), ("'~'", "~")] {
        assert_eq!(check(&format!("---\ntitle: {block}\n---\n")).0.title.as_deref(), Some(title));
    }
    for (block, why) in [("a: b\n- c", "it isn't valid YAML"), ("'a: b'", "it isn't a YAML map")] {
        assert_eq!(check(&format!("---\n{block}\n---\n")).1, [Warning::FrontMatterUnread(why)], "{block}");
    }
}

#[test]
fn an_alias_is_no_value() {
    let (front, warnings) =
        check("---\ntitle: &t Owls\ntags: &l [*t, b, {*t : c}]\ncategories: *l\n*t : d\n---\n");
    assert_eq!((front.title.as_deref(), &front.tags[..]), (Some("Owls"), &["b".to_owned()][..]));
    assert_eq!(warnings, []);
}

#[test]
fn aliases_of_aliases_cost_nothing() {
    for item in ["*a", "{*a : 1}", "[*a]", "? *a"] {
        let lists = ('b'..='z').map(|name| {
            let above = char::from(name as u8 - 1);
            let items = vec![item.replace('a', &above.to_string()); 9].join(", ");
            format!("{name}: &{name} [{items}]\n")
        });
        let note = format!("---\ntitle: T\na: &a [1, 1]\n{}---\n", lists.collect::<String>());
        let (front, warnings) = check(&note);
        assert_eq!((front.title.as_deref(), warnings), (Some("T"), vec![]), "{item}");
    }
}

#[test]
fn hostile_blocks_take_little_time() {
    let filled = |part: &str| part.repeat(60_000 / part.len());
    let within = |open: &str, part: &str, close: &str| {
        format!("a: {}{}{}", open.repeat(30), filled(part), close.repeat(30))
    };
    let yaml =
        ["[", "{", "- ", "? ", ": ", "&a ", "!! ", "\t", "\0", "a: ", "\u{feff}", "{}, ", "a #\n", "%a\n"];
    let mut blocks: Vec<String> = yaml.iter().map(|part| format!("a: b\nc: {}", filled(part))).collect();
    blocks.extend(yaml.iter().map(|part| format!("a: b\n{}", filled(part))));
    blocks.extend(["\"x ", "'x ", "|\n", ">\n\n x"].map(|part| format!("a: {}", filled(part))));
    blocks.extend([within("[", "1,", "]"), within("[", "a: b,", "]"), within("{a: ", "\"x\"\n ", "}")]);
    blocks.push((0..300).map(|at| " ".repeat(at) + "a:\n").collect());
    let toml = ["a.", "[", "{a=", "]", "\"", "'''", "a=1\n", "[[a]]\n", "a", "=\n", "\0", "#"];
    let mut tables: Vec<String> = toml.iter().map(|part| format!("a = 1\nb = {}", filled(part))).collect();
    tables.extend(toml.iter().map(|part| format!("a = 1\n{}", filled(part))));
    tables.extend(["{a=1},", "[[[[1]]]],", "{a.b.c=1},"].map(|part| format!("a = [{}]", filled(part))));
    tables.push((0..400).map(|at| ["[a", &at.to_string(), ".", &"a.".repeat(70), "a]\n"].concat()).collect());
    let start = std::time::Instant::now();
    for (fence, block) in
        blocks.iter().map(|block| ("---", block)).chain(tables.iter().map(|table| ("+++", table)))
    {
        let note = format!("{fence}\n{block}\n{fence}\nbody");
        let (front, _) = check(&note);
        assert_eq!(&note[front.len..], "body", "{}", &note[..40]);
    }
    // Half a second; anything quadratic takes minutes.
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn what_is_nested_too_deeply_is_skipped() {
    let nested = |open: &str, depth: usize, close: &str| {
        check(&format!("---\na: {}{}\n---\n", open.repeat(depth), close.repeat(depth))).1
    };
    for (open, close) in [("[", "]"), ("{a: ", "}")] {
        assert_eq!(nested(open, MAX_DEPTH - 1, close), []);
        for depth in [MAX_DEPTH, 10_000] {
            assert!(matches!(nested(open, depth, close)[..], [Warning::FrontMatterUnread(_)]), "{open}");
        }
    }
    for part in ["- ", "? "] {
        let (front, warnings) = check(&format!("---\ntitle: T\na:\n {}\n---\n", part.repeat(10_000)));
        assert_eq!(front.title.as_deref(), Some("T"));
        assert_eq!(warnings, [Warning::FrontMatterUnread("it is nested too deeply")]);
    }
    for table in [format!("{}a = 1", "a.".repeat(10_000)), format!("a = {}", "[".repeat(10_000))] {
        let (_, warnings) = check(&format!("+++\n{table}\n+++\n"));
        assert_eq!(warnings, [Warning::FrontMatterUnread("it isn't valid TOML")]);
    }
}
