use std::io::{Cursor, Write};

use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

const OPF: &str = r#"<package xmlns:dc="d"><metadata><dc:title>Birds &amp; more</dc:title><dc:creator>Ann</dc:creator>
<dc:date>2024-05-01</dc:date><dc:subject>birds</dc:subject></metadata><manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="b" href="b%20c.xhtml" media-type="application/xhtml+xml"/><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>
<item id="n" href="n.xhtml" media-type="application/xhtml+xml"/></manifest>
<spine><itemref idref="n" linear="no"/><itemref idref="a"/><itemref idref="b"/><itemref idref="gone"/></spine></package>"#;

const NAV: &str = r#"<html xmlns:epub="e"><nav epub:type="toc"><ol><li><a href="a.xhtml">Herons</a></li>
<li><a href="b%20c.xhtml">Fish</a><ol><li><a href="b%20c.xhtml#x">Pike</a></li></ol></li></ol></nav></html>"#;

fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn parts() -> Vec<(&'static str, &'static str)> {
    vec![
        (
            "META-INF/container.xml",
            r#"<container><rootfiles><rootfile full-path="O/p.opf"/></rootfiles></container>"#,
        ),
        ("O/p.opf", OPF),
        ("O/nav.xhtml", NAV),
        (
            "O/a.xhtml",
            "<html><head><title/></head><body><p>Stand<a epub:type='noteref' href='n.xhtml#f1'>1</a> still.</p></body></html>",
        ),
        ("O/b c.xhtml", "<h1>All fish</h1><p>Swim.</p><h2 id='x'>Pike</h2><p>Bite.</p>"),
        ("O/n.xhtml", "<p id='f1'>1. On one leg.</p>"),
    ]
}

#[test]
fn chapters_stand_in_the_order_of_reading_with_their_names() {
    let draft = read(&zipped(&parts())).unwrap();
    assert_eq!(
        draft.text,
        "# Herons\n\nStand[^1] still.\n\n[^1]: On one leg.\n\n# All fish\n\nSwim.\n\n## Pike\n\nBite.\n\n\\1. On one leg.\n"
            .replace("\\1", "1")
    );
    let places: Vec<(String, &str)> = draft
        .places
        .iter()
        .map(|start| (format!("{:?}", start.place), draft.text[start.at..].lines().next().unwrap()))
        .collect();
    assert_eq!(places.len(), 4, "{places:?}");
    assert!(places[0].0.contains("number: 1") && places[0].0.contains("Herons") && places[0].1 == "# Herons");
    assert!(
        places[2].0.contains("number: 2") && places[2].0.contains("b c.xhtml#x") && places[2].1 == "## Pike"
    );
    assert!(places[3].0.contains("number: 3"));
    assert_eq!(draft.about.title.as_deref(), Some("Birds & more"));
    assert_eq!(
        (draft.about.date.as_deref(), &*draft.about.tags),
        (Some("2024-05-01"), &["birds".to_owned()][..])
    );
}

#[test]
fn what_is_damaged_or_encrypted_is_told() {
    let mut without = parts();
    without.retain(|(name, _)| *name != "O/a.xhtml");
    let draft = read(&zipped(&without)).unwrap();
    assert!(
        draft.text.contains("Swim") && draft.warnings[0].contains("a.xhtml is missing"),
        "{:?}",
        draft.warnings
    );
    let encryption = |algorithm: &str| {
        format!(
            "<encryption><EncryptedData><EncryptionMethod Algorithm='{algorithm}'/><CipherData><CipherReference URI='O/a.xhtml'/></CipherData></EncryptedData></encryption>"
        )
    };
    let (aes, font) = (encryption("http://www.w3.org/2001/04/xmlenc#aes128-cbc"), encryption(book::FONT));
    let with =
        |text: &str| read(&zipped(&[parts(), vec![("META-INF/encryption.xml", text)]].concat())).unwrap();
    assert!(with(&aes).warnings[0].contains("DRM") && !with(&aes).text.contains("Stand"));
    assert!(with(&font).warnings.is_empty());
    assert!(read(b"PK\x03\x04").is_err() && read(&zipped(&[("x", "y")])).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_bytes_make_it_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20)) {
        let mut file = zipped(&parts());
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        let _ = read(&file);
    }
}
