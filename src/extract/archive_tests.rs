use std::io::{Cursor, Write};

use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

/// A ZIP of these files.
fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn read(file: &[u8]) -> Vec<(String, String)> {
    let notes = notes(Extractor::Archive, file).unwrap();
    notes.into_iter().map(|note| (note.path, note.extracted.text)).collect()
}

fn paths(file: &[u8]) -> Vec<String> {
    read(file).into_iter().map(|(path, _)| path).collect()
}

const ID: &str = "0123456789abcdef0123456789abcdef";
const OTHER: &str = "fedcba9876543210fedcba9876543210";

#[test]
fn notions_pages_have_their_names_dates_and_tags() {
    let page = b"# Atlas\n\nTags: maps, travel\nCreated: May 1, 2024 10:00 AM\n\nAn owl.\n";
    let inner = zipped(&[
        (&format!("Projects {ID}/Atlas {ID}.md"), page),
        (&format!("Projects {ID}/Plan {ID}.csv"), b"Name,Age\nAda,36\n"),
        (&format!("Projects {ID}/Plan {ID}_all.csv"), b"Name,Age\nAda,36\nBob,5\n"),
        ("Projects/image.png", b"\x89PNG"),
    ]);
    let file = zipped(&[("Export-1-Part-1.zip", &inner)]);
    let notes = read(&file);
    assert_eq!(paths(&file), ["Projects/Atlas.md", "Projects/Plan.csv"]);
    assert!(
        notes[0].1.starts_with("---\ndate: 2024-05-01\ntags: [\"maps\", \"travel\"]\n---\n\n# Atlas\n"),
        "{}",
        notes[0].1
    );
    assert!(notes[1].1.contains("Bob"));
}

#[test]
fn ids_stay_where_two_would_be_the_same() {
    let file = zipped(&[
        (&format!("A {ID}.md"), b"one"),
        (&format!("A {OTHER}.md"), b"two"),
        (&format!("B {ID}.md"), b"three"),
    ]);
    assert_eq!(paths(&file), [format!("A {ID}.md"), format!("A {OTHER}.md"), "B.md".to_owned()]);
}

#[test]
fn keeps_notes_have_boxes_labels_and_dates() {
    let note = br#"{"title": "Shopping", "listContent": [{"text": "milk", "isChecked": true}, {"text": "bread", "isChecked": false}],
        "labels": [{"name": "home"}], "createdTimestampUsec": 1714550400000000, "isTrashed": false, "isArchived": true}"#;
    let gone = br#"{"title": "Gone", "textContent": "x", "isTrashed": true}"#;
    let file = zipped(&[
        ("Takeout/Keep/Shopping.json", note),
        ("Takeout/Keep/Shopping.html", b"<p>twin</p>"),
        ("Takeout/Keep/Gone.json", gone),
        ("Takeout/Keep/Labels.txt", b"home"),
        ("Takeout/other.json", b"{\"a\": 1}"),
    ]);
    let expected = "---\ntitle: \"Shopping\"\ndate: 2024-05-01\ntags: [\"home\", \"archived\"]\n---\n\n# Shopping\n\n- [x] milk\n- [ ] bread\n";
    assert_eq!(read(&file), [("Takeout/Keep/Shopping.md".to_owned(), expected.to_owned())]);
}

#[test]
fn bears_notes_are_textbundles() {
    let info =
        br#"{"version": 2, "net.shinyfrog.bear": {"creationDate": "2024-05-01T10:00:00Z", "trashed": 0}}"#;
    let gone = br#"{"net.shinyfrog.bear": {"trashed": true}}"#;
    let file = zipped(&[
        ("Owls.textbundle/text.md", b"# Owls\n\n#birds are fine"),
        ("Owls.textbundle/info.json", info),
        ("Gone.textbundle/text.txt", b"gone"),
        ("Gone.textbundle/info.json", gone),
    ]);
    let expected = "---\ndate: 2024-05-01T10:00:00Z\n---\n\n# Owls\n\n#birds are fine\n";
    assert_eq!(read(&file), [("Owls.md".to_owned(), expected.to_owned())]);
}

const ENEX: &str = r#"<?xml version="1.0"?><!DOCTYPE en-export SYSTEM "x"><en-export><note><title>Trip to Rome</title>
<content><![CDATA[<?xml version="1.0"?><!DOCTYPE en-note SYSTEM "http://xml.evernote.com/pub/enml2.dtd"><en-note><h2>Plan</h2><div>See the owls &amp; eat.</div><ul><li>pack</li></ul><div><en-todo checked="true"/>tickets</div><div><en-todo/> hotel</div></en-note>]]></content>
<created>20240501T143000Z</created><tag>travel</tag><note-attributes><author>Ada</author></note-attributes>
<resource><data encoding="base64">AAAA</data><resource-attributes><file-name>map.pdf</file-name></resource-attributes></resource></note>
<note><title>Trip to Rome</title><content><![CDATA[<en-note><div>again</div></en-note>]]></content></note></en-export>"#;

#[test]
fn evernotes_notes_are_markdown() {
    let notes = notes(Extractor::Evernote, ENEX.as_bytes()).unwrap();
    let paths: Vec<_> = notes.iter().map(|note| note.path.as_str()).collect();
    assert_eq!(paths, ["Trip to Rome (2).md", "Trip to Rome.md"]);
    let text = &notes[1].extracted.text;
    assert!(text.starts_with("---\ntitle: \"Trip to Rome\"\nauthor: [\"Ada\"]\ndate: 2024-05-01T14:30:00Z\ntags: [\"travel\"]\n---\n\n## Plan\n"), "{text}");
    for part in ["See the owls & eat.", "- pack", "- [x] tickets", "- [ ] hotel", "Attached: map.pdf"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("AAAA"));
}

#[test]
fn what_has_no_notes_is_told_and_depth_is_bounded() {
    let said = |file: &[u8]| notes(Extractor::Archive, file).map(|notes| notes.len()).unwrap_err().0;
    assert_eq!(said(&zipped(&[("a.png", b"x")])), "it has no notes");
    assert!(said(b"hello").contains("ZIP"));
    let mut file = zipped(&[("a.md", b"deep")]);
    for _ in 0..4 {
        file = zipped(&[("a.zip", &file)]);
    }
    assert!(said(&file).contains("nested deeper"));
    assert!(notes(Extractor::Evernote, b"<a/>").is_err());
    let some =
        zipped(&[("bad.pdf", b"%PDF-x"), (".hidden.md", b"x"), ("__MACOSX/b.md", b"x"), ("c.md", b"fine")]);
    assert_eq!(paths(&some), ["c.md"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn damaged_archives_are_read_or_named(at in 0_usize..5000, byte: u8, cut in 0_usize..5000) {
        let mut enex = ENEX.as_bytes().to_vec();
        let length = enex.len();
        enex[at % length] = byte;
        let mut file = zipped(&[("a.enex", &enex), ("b.textbundle/text.md", b"# b"), ("c.json", b"{\"isTrashed\": false, \"title\": \"c\"}")]);
        let _ = notes(Extractor::Evernote, &enex);
        let _ = notes(Extractor::Archive, &file);
        let length = file.len();
        file[at % length] = byte;
        let _ = notes(Extractor::Archive, &file[..cut % length]);
        let _ = notes(Extractor::Archive, &file);
    }
}
