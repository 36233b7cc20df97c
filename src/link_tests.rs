use proptest::prelude::*;

use super::*;

/// Text, target and heading of each link.
fn found(text: &str) -> Vec<(String, String, Option<String>)> {
    links(text, &[]).into_iter().map(|link| (link.text, link.target, link.heading)).collect()
}

/// A single link.
fn only(text: &str) -> Link {
    let mut all = links(text, &[]);
    assert_eq!(all.len(), 1, "{text}");
    all.remove(0)
}

#[test]
fn links_are_read_as_people_write_them() {
    for (text, seen, target, heading) in [
        ("see [how to](printer/howto.md#jam)!", "how to", "printer/howto.md", Some("jam")),
        ("[a b](<my notes/a b.md>)", "a b", "my notes/a b.md", None),
        ("[a b](my%20notes/a%20b.md \"Title\")", "a b", "my notes/a b.md", None),
        ("[a b](my notes/a b.md)", "a b", "my notes/a b.md", None),
        ("[x](../up.md)", "x", "../up.md", None),
        ("[x](a(b).md)", "x", "a(b).md", None),
        ("[part](#jam)", "part", "", Some("jam")),
        ("[[Printer]]", "Printer", "Printer", None),
        ("![[Printer]]", "Printer", "Printer", None),
        ("[[Projects/Atlas|the atlas]]", "the atlas", "Projects/Atlas", None),
        ("| [[Atlas\\|the atlas]] |", "the atlas", "Atlas", None),
        ("[[Printer#Paper jam]]", "Printer › Paper jam", "Printer", Some("Paper jam")),
        ("[[Printer#^ab12c|jam]]", "jam", "Printer", Some("ab12c")),
        ("[[#Paper jam]]", "Paper jam", "", Some("Paper jam")),
        ("[[file:printer.org][the printer]]", "the printer", "printer.org", None),
        ("[[file:printer.org::*Jam][jam]]", "jam", "printer.org", Some("Jam")),
        ("[jam][1]\n\n[1]: howto.md", "jam", "howto.md", None),
        ("[Jam][]\n\n[jam]: howto.md 'Title'", "Jam", "howto.md", None),
        ("[[note.with.dots]]", "note.with.dots", "note.with.dots", None),
    ] {
        let expected = (seen.to_owned(), target.to_owned(), heading.map(str::to_owned));
        assert_eq!(found(text), [expected], "{text}");
    }
}

#[test]
fn what_leads_elsewhere_is_no_link() {
    for text in [
        "[x](https://example.org/a.md)",
        "[x](mailto:a@b.c)",
        "![photo](photo.png)",
        "[x] (a.md)",
        "- [ ] todo",
        "- [x] done",
        "`[[code]]` and ``[a](b.md)``",
        "[[]]",
        "[[two\nlines]]",
        "[open](never",
        "array[0](1",
        "[^1]: a footnote",
        "[[https://example.org][x]]",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
    let code = "```\n[[code]]\n```\n[[text]]";
    let block = Block { range: 0..16, kind: BlockKind::Code, depth: 0 };
    let seen: Vec<String> = links(code, &[block]).into_iter().map(|link| link.text).collect();
    assert_eq!(seen, ["text"]);
}

#[test]
fn a_link_leads_to_the_note_that_its_writer_means() {
    let path = |path: &str| NotePath::from_encoded(path);
    let from = path("work/log.md");
    let notes = ["work/atlas.md", "atlas.md", "work/sub/atlas.md", "old/Plan B.md", "work/plan.md", "x.md"];
    let names = |note: &str| if note == "x.md" { vec!["Big Plan", "bp"] } else { vec![] };
    for (text, expected) in [
        ("[[Atlas]]", Some("work/atlas.md")),
        ("[[sub/atlas]]", Some("work/sub/atlas.md")),
        ("[[/atlas]]", Some("atlas.md")),
        ("[a](atlas.md)", Some("work/atlas.md")),
        ("[a](../atlas.md)", Some("atlas.md")),
        ("[a](sub/atlas)", Some("work/sub/atlas.md")),
        ("[a](/old/Plan%20B.md)", Some("old/Plan B.md")),
        ("[[plan b]]", Some("old/Plan B.md")),
        ("[[big plan]]", Some("x.md")),
        ("[[bp|the plan]]", Some("x.md")),
        ("[[nowhere]]", None),
        ("[a](nowhere.md)", None),
        ("[[#here]]", None),
    ] {
        let link = only(text);
        let fits = |&note| Some((link.leads_to(&from, &path(note), names(note))?, note));
        let best = notes.iter().filter_map(fits).min().map(|(_, note)| note);
        assert_eq!(best, expected, "{text}");
        // Whoever looks the key up finds it.
        if let Some(note) = best {
            let keys: Vec<String> = names(note).into_iter().chain([note]).map(name_key).collect();
            assert!(keys.contains(&link.key()), "{text}: {keys:?} {}", link.key());
        }
    }
}

#[test]
fn anchors_are_headings_in_any_spelling() {
    for (anchor, heading) in [
        ("paper-jam", "Paper jam"),
        ("Paper jam", "Paper jam"),
        ("Printer#Paper jam", "Paper jam"),
        ("c-tips--tricks", "C++ tips & tricks"),
    ] {
        assert!(Link::is_anchor_of(anchor, heading), "{anchor}");
    }
    assert!(!Link::is_anchor_of("jam", "Paper jam") && !Link::is_anchor_of("", ""));
}

#[test]
fn a_text_of_nothing_but_brackets_has_an_end() {
    for many in ["[", "[[", "[a](", "`", "![[", "[a][b]\n", "[x]:", "[[a]]"] {
        assert!(links(&many.repeat(50_000), &[]).len() <= MOST);
    }
}

proptest! {
    #[test]
    fn any_text_has_links_in_order(text in "[\\[\\]()a!`|#<> \n:é.]{0,60}|\\PC{0,60}") {
        let links = links(&text, &[]);
        prop_assert!(links.is_sorted_by(|a, b| a.range.end <= b.range.start));
        prop_assert!(links.iter().all(|link| text.get(link.range.clone()).is_some() && !link.text.contains('\n')));
    }
}
