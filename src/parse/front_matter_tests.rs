use super::yaml::MAX_DEPTH;
use super::*;
use crate::calendar::Day;
use crate::document::Property;

fn check(text: &str) -> (FrontMatter, Vec<Warning>) {
    let mut warnings = Vec::new();
    (read(text, DateOrder::Unknown, &mut warnings), warnings)
}

#[test]
fn yaml_gives_title_tags_and_date() {
    let text = "---\ntitle: \"A **note**\"\ntags: [Rust, '#ml/ops']\ncategory: how to\ncreated: 2024-05-01T10:00\n---\nbody";
    let (front, warnings) = check(text);
    assert_eq!(front.said.title.as_deref(), Some("A note"));
    assert_eq!(front.said.tags, ["rust", "ml/ops", "how", "to"]);
    assert_eq!(front.said.date, Day::new(2024, 5, 1));
    assert_eq!(&text[front.len..], "body");
    assert_eq!(warnings, []);
    assert_eq!(check("---\r\ntags:\r\n  - a b\r\n  - c\r\n...\r\nx").0.said.tags, ["a b", "c"]);
    assert_eq!(check("---\rkeywords: a b, c\r---\rx").0.said.tags, ["a b", "c"]);
}

#[test]
fn toml_gives_title_tags_and_date() {
    let (front, warnings) =
        check("+++\ntitle = 'T'\ndate = 2024-05-01\n[taxonomies]\ntags = ['a']\n+++\nbody");
    let said = Said {
        title: Some("T".into()),
        tags: vec!["a".into()],
        date: Day::new(2024, 5, 1),
        ..Said::default()
    };
    assert_eq!(front, FrontMatter { said, block: 4..60, len: 64 });
    assert_eq!(warnings, []);
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
    assert_eq!(front.said.title.as_deref(), Some("Rust: an overview"));
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
    assert_eq!(front.said.title.as_deref(), Some("Folded title"));
    assert_eq!(front.said.tags, ["a", "no", "b", "d", "null", "1.50"]);
    assert_eq!(front.said.date, Day::new(2024, 5, 1));
    for (block, title) in [("1.10", "1.10"), ("007", "007"), ("True", "True"), ("'~'", "~")] {
        assert_eq!(check(&format!("---\ntitle: {block}\n---\n")).0.said.title.as_deref(), Some(title));
    }
    let (_, warnings) = check("---\na: b\n- c\n---\n");
    assert_eq!(warnings, [Warning::FrontMatterUnread("it isn't valid YAML")]);
}

#[test]
fn an_alias_is_no_value() {
    let (front, warnings) =
        check("---\ntitle: &t Owls\ntags: &l [*t, b, {*t : c}]\ncategories: *l\n*t : d\n---\n");
    assert_eq!((front.said.title.as_deref(), &front.said.tags[..]), (Some("Owls"), &["b".to_owned()][..]));
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
        assert_eq!((front.said.title.as_deref(), warnings), (Some("T"), vec![]), "{item}");
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
        assert!(front.len == 0 || &note[front.len..] == "body", "{}", &note[..40]);
    }
    // Half a second; anything quadratic takes minutes.
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn what_is_nested_too_deeply_is_skipped() {
    let nested = |open: &str, depth: usize, close: &str| {
        check(&format!("---\na: {}{}\n---\n", open.repeat(depth), close.repeat(depth))).1
    };
    for (open, close) in [("[1, ", "]"), ("{a: ", "}")] {
        assert_eq!(nested(open, MAX_DEPTH - 1, close), []);
        for depth in [MAX_DEPTH, 10_000] {
            assert!(matches!(nested(open, depth, close)[..], [Warning::FrontMatterUnread(_)]), "{open}");
        }
    }
    for part in ["- ", "? "] {
        let (front, warnings) = check(&format!("---\ntitle: T\na:\n {}\n---\n", part.repeat(10_000)));
        assert_eq!(front.said.title.as_deref(), Some("T"));
        assert_eq!(warnings, [Warning::FrontMatterUnread("it is nested too deeply")]);
    }
    for (table, why) in [
        (format!("{}a = 1", "a.".repeat(30_000)), "it isn't valid TOML"),
        (format!("[{}a]\na = 1", "a.".repeat(30_000)), "it isn't valid TOML"),
        (format!("a = {}", "[".repeat(10_000)), "it isn't valid TOML"),
    ] {
        let (_, warnings) = check(&format!("+++\nx = 1\n{table}\n+++\n"));
        assert_eq!(warnings, [Warning::FrontMatterUnread(why)]);
    }
}

/// What a block says, each key in a line; tags, date and aliases with their usual names.
fn says(block: &str, fence: &str) -> String {
    let note = format!("{fence}\n{block}\n{fence}\nbody");
    let (FrontMatter { said, len, .. }, _) = check(&note);
    if len == 0 {
        return "text".to_owned();
    }
    let mut lines: Vec<String> = said.title.map(|title| format!("title={title}")).into_iter().collect();
    lines.extend((!said.tags.is_empty()).then(|| format!("tags={}", said.tags.join(","))));
    lines.extend(said.date.map(|date| format!("date={date}")));
    lines.extend((!said.aliases.is_empty()).then(|| format!("aliases={}", said.aliases.join(","))));
    lines
        .extend(said.properties.iter().map(|Property { key, values }| format!("{key}={}", values.join(","))));
    lines.join("; ")
}

/// Blocks of YAML, or nearly so, and what they say.
const YAML: &[(&str, &str)] = &[
    // What isn't valid YAML.
    (
        "title: Re: budget\ntags:\n  - a\n  - b\ncreated: 2024-05-01",
        "title=Re: budget; tags=a,b; date=2024-05-01",
    ),
    ("title: Re: budget\ntags:\n- a\n- b c", "title=Re: budget; tags=a,b c"),
    ("title: Pruning\ntags:\n\t- garden\n\t- apples", "title=Pruning; tags=garden,apples"),
    ("title: [draft] Owls\ntags:\n- birds", "title=[draft] Owls; tags=birds"),
    (
        "title: 100% wool\nsummary: @todo\ntags: [knitting, wool]",
        "title=100% wool; tags=knitting,wool; summary=@todo",
    ),
    ("title: `code` first\ntags: x", "title=code first; tags=x"),
    ("title: \"Quoted\" and more\ntags: x", "title=\"Quoted\" and more; tags=x"),
    ("title: 'It''s' late: again\nauthor: Jo", "title='It''s' late: again; author=Jo"),
    ("title: *Important* things\ntags: x", "title=Important things; tags=x"),
    ("title: &more\nx: %y", "title=&more; x=%y"),
    (
        "title: Rust: x\nauthor: \"Le \\\"Guin\\\"\" # who\nnote: 'it''s'",
        "title=Rust: x; author=Le \"Guin\"; note=it's",
    ),
    ("title: Rust: x\ntags: [a, \"b, c\", 'd']\nx: {a: b}", "title=Rust: x; tags=a,b, c,d; x={a: b}"),
    ("title: Rust: x\ntags: [a,\n  b,\n  c]\nauthor: Jo", "title=Rust: x; tags=a,b,c; author=Jo"),
    (
        "title: Rust: x\nsummary: >\n  Two: lines\n  # here\nauthor: Jo",
        "title=Rust: x; summary=Two: lines # here; author=Jo",
    ),
    (
        "title: Rust: x\nmeta:\n  mood: good\n  tags:\n    - c\n  n: 1\nauthor: Jo",
        "title=Rust: x; meta.mood=good; meta.tags=c; meta.n=1; author=Jo",
    ),
    (
        "title: Rust: x\nsummary: a text\n  that goes: on\nauthor: Jo",
        "title=Rust: x; summary=a text that goes: on; author=Jo",
    ),
    ("title: Rust: x\ntags: [a, b\nauthor: Jo", "title=Rust: x; tags=a,b; author=Jo"),
    ("title: Rust: x\nempty:\nnothing: null\nurl: https://a.b/c", "title=Rust: x; url=https://a.b/c"),
    ("title:Owls\ntags: a", "title=Owls; tags=a"),
    ("up: [[A]], [[B]]\ntags: x", "tags=x; up=A, B"),
    // What is valid, and says something else to a parser.
    ("tags: [#pottery, #clay]", "tags=pottery,clay"),
    ("tags: #pottery #clay", "tags=pottery,clay"),
    ("tags:\n  - #pottery\n  - #clay", "tags=pottery,clay"),
    ("title: Issue #12 # and a comment", "title=Issue #12"),
    ("date: [[2026-10-01]]", "date=2026-10-01"),
    ("date: [[May 1st, 2024]]\nup: [[Re: x|that]]", "date=2024-05-01; up=that"),
    ("related: [[[A]], [[B|C]]]", "related=A,C"),
    ("cover: ![[owl.png]]", "cover=!owl.png"),
    ("aliases:\n  - Re: budget\n  - \"Q: A\"", "aliases=Re: budget,Q: A"),
    ("tags:\n  - bikes\ntags:\n  - repair", "tags=bikes,repair"),
    // Keys of all kinds.
    ("Author(s): Jo\n📅: 2024-05-01\na/b: c", "date=2024-05-01; author(s)=Jo; a/b=c"),
    ("📅: 2024-05-01\nTitle: Owls\nTAGS: a", "title=Owls; tags=a; date=2024-05-01"),
    ("a/b: c", "a/b=c"),
    ("date created: 2024-05-01", "date=2024-05-01"),
    ("Created By: Jo\nrelated-to: x\n\"quoted: key\": y", "created by=Jo; related-to=x; quoted: key=y"),
    ("what's next?: tea\n日付: 2024-05-01", "date=2024-05-01; what's next?=tea"),
    ("%: 12\n+1: yes\n✅: no", "%=12; +1=yes; ✅=no"),
    // Values stay as they are written.
    (
        "a: 3.10\nb: 007\nc: 1e3\nd: yes\ne: 1_000\nf: 0x1F\ng: ~",
        "a=3.10; b=007; c=1e3; d=yes; e=1_000; f=0x1F",
    ),
    ("title: 3.10\nversion: 1.20\nx: Re: y", "title=3.10; version=1.20; x=Re: y"),
    (
        "people: [Jo, Kim]\nmeta:\n  a:\n    b: c\n  list:\n  - x: 1\n  - x: 2",
        "people=Jo,Kim; meta.a.b=c; meta.list.x=1,2",
    ),
    ("permalink: /a/owls/\naliases: [PF-9]", "aliases=owls,PF-9"),
];

/// Blocks of TOML, or nearly so, and what they say.
const TOML: &[(&str, &str)] = &[
    ("title = \"T\"\nn = 3.10\nb = true\n[extra]\nk = 1", "title=T; b=true; extra.k=1; n=3.10"),
    (
        "title = Owls\ntags = [\"a\", \"b\"]\nv = 007\n[extra]\nk = 'x'",
        "title=Owls; tags=a,b; v=007; extra.k=x",
    ),
    (
        "title = \"T\"\ntitle = \"U\"\n[taxonomies]\ntags = [\n  \"a\",\n  \"b\"\n]",
        "title=T; tags=a,b; aliases=U",
    ),
    ("date = 2024-05-01T23:30:00-08:00\nauthors = [\"Jo\"]", "date=2024-05-01; authors=Jo"),
    ("[[people]]\nname = 'Jo'\n[[people]]\nname = 'Kim'", "people.name=Jo,Kim"),
];

#[test]
fn blocks_are_understood_as_their_writers_mean_them() {
    for (block, expected) in YAML {
        assert_eq!(says(block, "---"), *expected, "{block}");
    }
    for (block, expected) in TOML {
        assert_eq!(says(block, "+++"), *expected, "{block}");
    }
    for block in [
        "Note: I was late\nand then we went\nhome and slept",
        "Dear Jo, this: that",
        "It was late. We left: at last",
        "# Heading\nprose",
        "- a: b",
        "> quote: x",
        "We all went home and then: nothing",
    ] {
        assert_eq!(says(block, "---"), "text", "{block}");
    }
}
