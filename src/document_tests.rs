use super::*;

#[cfg(unix)]
#[test]
fn paths_survive_the_round_trip() {
    use std::os::unix::ffi::OsStrExt;
    for bytes in [&b"a b/c.md"[..], b"new\nline", b"back\\slash", b"bad\xff\xfebytes", b"\\xFF", b"tail\\"] {
        let path = Path::new(std::ffi::OsStr::from_bytes(bytes));
        let note = NotePath::from_relative(path);
        assert_eq!(note.to_relative(), path, "{note}");
    }
    assert_eq!(NotePath::from_relative(Path::new("a//b.md/")).as_str(), "a/b.md");
    assert_eq!(NotePath::from_relative(Path::new("/a/../b")).as_str(), "/a/../b");
    assert_eq!(NotePath::from_relative(Path::new("/")).as_str(), "/");
}

#[cfg(windows)]
#[test]
fn paths_of_windows_survive_the_round_trip() {
    for (path, encoded) in [
        ("a b\\c.md", "a b/c.md"),
        ("C:\\notes\\ä.md", "C:/notes/ä.md"),
        ("C:\\", "C:/"),
        ("\\\\nas\\share\\notes", "//nas/share/notes"),
    ] {
        let note = NotePath::from_relative(Path::new(path));
        assert_eq!((note.as_str(), note.to_relative().as_path()), (encoded, Path::new(path)));
    }
}

#[cfg(unix)]
#[test]
fn roots_with_any_path_can_be_written() {
    use std::os::unix::ffi::OsStrExt;
    let path = Path::new(std::ffi::OsStr::from_bytes(b"/notes/b\xFF d"));
    let root = Root::new("d", path);
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

#[test]
fn a_passage_is_consistent_if_its_blocks_and_places_lie_in_its_text() {
    let passage = Passage::new("aß\nb", ByteSpan { start: 0, end: 5 }, LineSpan { first: 1, last: 2 });
    assert!(passage.is_consistent());
    let block = |range| Block { range, kind: BlockKind::Code, depth: 0 };
    let inverted = std::ops::Range { start: 3, end: 1 };
    for blocks in [
        vec![block(0..6)],
        vec![block(0..2)],
        vec![block(0..3), block(1..5)],
        vec![block(inverted)],
        vec![block(9..9)],
    ] {
        assert!(!Passage { blocks, ..passage.clone() }.is_consistent());
    }
    let at = |at| PlaceStart { at, place: Place::Cell { number: 1 } };
    let extracted = |places| Extract { file: ContentHash::of(b""), places };
    for places in [vec![at(2)], vec![at(3), at(0)], vec![at(6)]] {
        assert!(!Passage { extract: Some(extracted(places)), ..passage.clone() }.is_consistent());
    }
    assert!(Passage { extract: Some(extracted(vec![at(0), at(3)])), ..passage }.is_consistent());
}
