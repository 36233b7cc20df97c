use super::*;
use crate::document::NotePath;
use crate::parse::parse;

/// Fields as `key=value|value`.
fn told(fields: &[Field]) -> Vec<String> {
    fields.iter().map(|field| format!("{}={}", field.key, field.values.join("|"))).collect()
}

#[test]
fn the_first_lines_of_a_page_are_its_properties() {
    for (text, fields, rest) in [
        (
            "title:: Gardening year\ntags:: soil, compost\n\n- Dig\n",
            &["title=Gardening year", "tags=soil, compost"][..],
            "\n- Dig\n",
        ),
        ("\n- title:: A\n  alias:: B, C\n- Dig\n", &["title=A", "alias=B, C"], "- Dig\n"),
        ("people:: [[Kim]], [[Jo]]\n", &["people=[[Kim]]|[[Jo]]"], ""),
        ("status:: blocked\nText:: of\nmore\n", &["status=blocked", "text=of"], "more\n"),
        ("- Dig\n- title:: A\n", &[], "- Dig\n- title:: A\n"),
        ("std::vector is fine\n", &[], "std::vector is fine\n"),
        ("# A\ntitle:: A\n", &[], "# A\ntitle:: A\n"),
        ("", &[], ""),
    ] {
        let (end, found) = top(text, Syntax::Markdown, 0);
        assert_eq!(
            (told(&found), &text[end..]),
            (fields.iter().map(ToString::to_string).collect(), rest),
            "{text}"
        );
    }
}

#[test]
fn fields_stand_in_lines_and_between_brackets() {
    for (line, fields) in [
        ("author:: [[Kim]]", &["author=[[Kim]]"][..]),
        ("- **Status**:: blocked", &["status=blocked"]),
        ("- [ ] call [due:: 2024-05-01] (priority:: high)", &["due=2024-05-01", "priority=high"]),
        ("> rating:: 5", &["rating=5"]),
        ("It is [from:: [[Kim]]] now", &["from=[[Kim]]"]),
        ("📅 due:: today", &["📅 due=today"]),
        ("std::vector and foldr :: (a -> b)", &[]),
        ("A long sentence of many words:: no", &[]),
        ("`[a:: b]` in code", &[]),
        ("[open:: never", &[]),
    ] {
        let lines = Lines::new(line, &(0..line.len()));
        assert_eq!(told(&inline(&lines)), fields, "{line}");
    }
}

#[test]
fn pages_of_logseq_have_titles_and_tags() {
    let text = "title:: Gardening year\ntags:: soil, [[green manure]]\n\n- Dig in #[[autumn days]]\n- b\n  tags:: late\n";
    let (document, _) = parse(&NotePath::from_encoded("p.md"), text.as_bytes());
    assert_eq!(document.title.as_deref(), Some("Gardening year"));
    assert_eq!(document.tags, ["autumn days", "green manure", "late", "soil"]);
    assert_eq!(&text[document.body], "\n- Dig in #[[autumn days]]\n- b\n  tags:: late\n");
    let (document, _) = parse(&NotePath::from_encoded("p.md"), b"title:: Alone\n");
    assert_eq!((document.title.as_deref(), document.body), (Some("Alone"), 0..14));
    let (document, _) =
        parse(&NotePath::from_encoded("p.md"), b"# Dune\n\ntitle:: of a scene\ndate:: 1965-08-01\n");
    assert_eq!((document.title.as_deref(), document.date), (Some("Dune"), None));
}

#[test]
fn hostile_fields_take_linear_time() {
    for part in ["a:: ", "[a:: ", "a::\n", "(a:: b) ", ":: ", "[[a:: [", "- a:: [[b]],\n"] {
        parse(&NotePath::from_encoded("p.md"), part.repeat(500_000 / part.len()).into_bytes());
    }
}
