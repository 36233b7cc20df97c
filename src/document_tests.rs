use super::*;

#[test]
fn every_kind_of_line_end_counts_once() {
    let text = Text::new("a\nb\r\nc\rd\n".into(), Vec::new(), 9);
    assert_eq!(text.line_count(), 4);
    assert_eq!(text.lines(&(0..1)), LineSpan { first: 1, last: 1 });
    assert_eq!(text.lines(&(2..6)), LineSpan { first: 2, last: 3 });
    assert_eq!(&text.as_str()[text.line_range(LineSpan { first: 2, last: 4 }).unwrap()], "b\r\nc\rd");
    assert_eq!(text.line_range(LineSpan { first: 5, last: 5 }), None);
    assert_eq!(Text::new(String::new(), Vec::new(), 0).line_count(), 1);
}

#[test]
fn a_rewritten_character_maps_to_all_of_its_bytes() {
    // "a→b" where the arrow was written as the seven bytes of `â†’`.
    let runs = vec![
        Run { text: 0, file: 0, atomic: false },
        Run { text: 1, file: 1, atomic: true },
        Run { text: 4, file: 9, atomic: false },
    ];
    let text = Text::new("a→b".into(), runs, 10);
    assert_eq!(text.bytes(&(1..4)), ByteSpan { start: 1, end: 9 });
    assert_eq!(text.bytes(&(2..3)), ByteSpan { start: 1, end: 9 });
    assert_eq!(text.bytes(&(4..5)), ByteSpan { start: 9, end: 10 });
    assert_eq!(text.bytes(&(0..5)), ByteSpan { start: 0, end: 10 });
}

#[test]
fn paths_survive_the_round_trip() {
    use std::os::unix::ffi::OsStrExt;
    for bytes in [&b"a b/c.md"[..], b"new\nline", b"back\\slash", b"bad\xff\xfebytes", b"\\xFF", b"tail\\"] {
        let path = Path::new(std::ffi::OsStr::from_bytes(bytes));
        let note = NotePath::from_relative(path);
        assert_eq!(note.to_relative(), path, "{note}");
    }
    assert_eq!(NotePath::from_relative(Path::new("a/b.md")).as_str(), "a/b.md");
}

#[test]
fn roots_with_any_path_can_be_written() {
    use std::os::unix::ffi::OsStrExt;
    let path = Path::new(std::ffi::OsStr::from_bytes(b"/notes/b\xFF d"));
    let root = Root { name: "d".into(), path: path.into() };
    let json = serde_json::to_string(&root).unwrap();
    assert_eq!(serde_json::from_str::<Root>(&json).unwrap(), root);
}

#[test]
fn identity_depends_on_place_text_and_occurrence() {
    let path = NotePath::from_encoded("a.md");
    let id = PassageId::new("notes", &path, "text", 0);
    assert_eq!(id, PassageId::new("notes", &path, "text", 0));
    assert_ne!(id, PassageId::new("notes", &path, "text", 1));
    assert_ne!(id, PassageId::new("notes", &path, "texts", 0));
    assert_ne!(id, PassageId::new("note", &NotePath::from_encoded("sa.md"), "text", 0));
    assert_eq!(id.digits().len(), 26);
    assert_eq!(PassageId(0).digits(), "0".repeat(26));
    assert_eq!(PassageId(u128::MAX).digits(), format!("7{}", "z".repeat(25)));
}
