//! Tests of the ways to name a note.

use super::*;
use crate::document::{ByteSpan, ContentHash, Passage, PassageId};
use crate::files::Stamp;
use crate::words::Language;

fn file(root: &str, path: &str) -> FileRecord {
    FileRecord {
        root: root.to_owned(),
        path: NotePath::from_encoded(path),
        size: 0,
        stamp: Stamp::default(),
        hash: ContentHash::of(b""),
        date_order: crate::calendar::DateOrder::default(),
        passages: 2,
        warnings: Vec::new(),
        unread: None,
        pending: false,
    }
}

/// What `typed` means in `/home/u`, among the files of `/home/u/notes` and of `/srv/wiki`.
fn check(typed: &str, expected: &[&str]) {
    let roots = [("notes", "/home/u/notes"), ("wiki", "/srv/wiki")];
    let roots = roots.map(|(name, path)| Root::new(name, path));
    let files = [
        file("notes", "a.md"),
        file("notes", "python/a.md"),
        file("notes", "back\\\\slash.md"),
        file("notes", "caf\\xE9.md"),
        file("wiki", "a.md"),
        file("wiki", "deep/unique.md"),
        file("wiki", "wiki/x.md"),
    ];
    let found = matching(&files, &roots, Path::new(typed), Path::new("/home/u"));
    let found: Vec<String> = found.iter().map(|file| format!("{}/{}", file.root, file.path)).collect();
    assert_eq!(found, expected, "{typed}");
}

#[test]
fn a_path_on_disk_is_meant_first() {
    check("notes/a.md", &["notes/a.md"]);
    check("./notes/python/../a.md", &["notes/a.md"]);
    check("/srv/wiki/a.md", &["wiki/a.md"]);
    check("../../srv/wiki/deep/unique.md", &["wiki/deep/unique.md"]);
    check("/srv/elsewhere/a.md", &[]);
}

#[test]
fn then_a_name_in_a_root_and_then_its_end() {
    check("wiki/a.md", &["wiki/a.md"]);
    check("wiki/x.md", &["wiki/wiki/x.md"]);
    check("a.md", &["notes/a.md", "wiki/a.md"]);
    check("python/a.md", &["notes/python/a.md"]);
    check("unique.md", &["wiki/deep/unique.md"]);
    check("que.md", &[]);
    check("", &[]);
}

#[test]
fn names_with_odd_bytes_are_found_as_printed_and_as_typed() {
    check("notes/back\\slash.md", &["notes/back\\\\slash.md"]);
    check("notes/back\\\\slash.md", &["notes/back\\\\slash.md"]);
    check("caf\\xE9.md", &["notes/caf\\xE9.md"]);
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let raw = Path::new(std::ffi::OsStr::from_bytes(b"notes/caf\xe9.md"));
        let roots = [Root::new("notes", "/home/u/notes")];
        let files = [file("notes", "caf\\xE9.md")];
        assert_eq!(matching(&files, &roots, raw, Path::new("/home/u")).len(), 1);
    }
}

#[test]
fn lines_stand_behind_the_path() {
    let read = |text: &str| Target::readings(Path::new(text));
    let lines = |path: &str, first, last| Target::Lines(path.into(), LineSpan { first, last });
    assert_eq!(read("a.md:7")[1..], [lines("a.md", 7, 7)]);
    assert_eq!(read("a:b.md:7-9")[1..], [lines("a:b.md", 7, 9)]);
    assert_eq!(read("a.md:7:2")[1..], [lines("a.md:7", 2, 2), lines("a.md", 7, 7)]);
    for text in ["a.md", "a.md:", "a.md:0", "a.md:9-7", "a.md:-3"] {
        assert_eq!(read(text), [Target::Note(text.into())], "{text}");
    }
    assert_eq!(read("a.ipynb:cell7")[1..], [Target::Place("a.ipynb".into(), "cell7".into())]);
}

#[test]
fn an_id_has_a_mark_or_looks_like_one() {
    let read = |text: &str| Target::readings(Path::new(text));
    assert_eq!(read("#k3f9"), [Target::Id("k3f9".into())]);
    assert_eq!(read("k3f9"), [Target::Note("k3f9".into()), Target::Id("k3f9".into())]);
    assert_eq!(read("k3f"), [Target::Note("k3f".into())]);
}

#[test]
fn ids_are_read_as_they_are_spoken() {
    assert_eq!(digits("K3F9oIl"), "k3f9011");
    assert_eq!(digits("u"), "");
    assert_eq!(digits("a.md"), "");
}

#[test]
fn candidates_are_listed_up_to_a_limit() {
    let names: Vec<String> = (0..12).map(|n| format!("r/{n}.md")).collect();
    let error = ambiguous("x".to_owned(), names.into_iter());
    assert_eq!(error.to_string(), "x can mean more than one");
    let Error::Usage(Usage::Ambiguous { candidates, more, .. }) = error else { panic!("{error}") };
    assert_eq!((candidates.len(), more), (CANDIDATES, true));
}

#[test]
fn passages_are_joined_as_they_stand_in_the_file() {
    let passage = |text: &str, first, last, start| StoredPassage {
        id: PassageId(7),
        root: "notes".to_owned(),
        path: NotePath::from_encoded("a.md"),
        title: None,
        tags: Vec::new(),
        aliases: Vec::new(),
        date: None,
        properties: Vec::new(),
        language: Language::English,
        passage: Passage::new(
            text,
            ByteSpan { start, end: start + text.len() as u64 },
            LineSpan { first, last },
        ),
    };
    let passages = vec![
        passage("# One", 1, 1, 0),
        passage("two.", 3, 3, 7),
        passage("Three.", 3, 3, 12),
        passage("four", 3, 4, 18),
        passage("far", 90, 90, 500),
    ];
    let note = note("notes".to_owned(), NotePath::from_encoded("a.md"), passages, true);
    assert_eq!(note.text(), "# One\n\ntwo. Three.four\n\n\nfar");
}

#[test]
fn a_file_that_is_listed_decomposed_is_meant_composed() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("U\u{308}bung.md"), "owl").unwrap();
    let _guard = crate::sys::pretend(crate::sys::Naming::MACOS);
    let root = crate::sys::resolved(folder.path()).unwrap();
    let files = [file("notes", "\u{dc}bung.md")];
    for typed in ["\u{dc}bung.md", "U\u{308}bung.md"] {
        let found = matching(&files, &[Root::new("notes", &root)], Path::new(typed), &root);
        assert_eq!(found.len(), 1, "{typed}");
    }
}
