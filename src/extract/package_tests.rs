use std::io::Write as _;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;

/// A ZIP of these parts.
fn packed(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default().compression_method(CompressionMethod::Deflated))
            .unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn refused(file: &[u8], name: &str) -> String {
    match Package::open(file) {
        Ok(mut package) => package.bytes(name).map(|bytes| bytes.len()).unwrap_err().to_string(),
        Err(damaged) => damaged.to_string(),
    }
}

#[test]
fn parts_are_found_whatever_their_names_case_and_slashes() {
    let file = packed(&[("Word\\Document.xml", b"<a/>"), ("x/", b"")]);
    let mut package = Package::open(&file).unwrap();
    assert_eq!(package.names(), ["Word/Document.xml", "x/"]);
    assert!(package.has("word/document.xml") && !package.has("document.xml"));
    assert_eq!(package.text("/word/document.xml").unwrap(), "<a/>");
    assert_eq!(refused(&file, "word/styles.xml"), "its part word/styles.xml is missing");
}

#[test]
fn what_is_no_zip_is_told() {
    assert_eq!(refused(b"", "a"), "it is empty");
    assert_eq!(refused(b"hello", "a"), "it isn't a ZIP archive, as such a document is");
    let file = packed(&[("a", b"text")]);
    assert!(refused(&file[..file.len() - 30], "a").contains("cut off"));
    let mut compound = COMPOUND.to_vec();
    assert!(refused(&compound, "a").contains("old Office"));
    compound.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(refused(&compound, "a"), ENCRYPTED);
}

#[test]
fn an_encrypted_part_is_told_from_a_damaged_one() {
    let mut file = packed(&[("a", &b"some text, and some more text".repeat(9))]);
    let mut damaged = file.clone();
    // The first byte of the checksum in the list of parts.
    let list = file.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    damaged[list + 16] ^= 1;
    let mut package = Package::open(&damaged).unwrap();
    assert_eq!(package.bytes("a").unwrap().len(), 29 * 9);
    let mut draft = Draft::default();
    package.tell(&mut draft);
    assert!(draft.warnings[0].starts_with("its part a is damaged"), "{:?}", draft.warnings);
    // The flags of both headers.
    file[6] |= 1;
    file[list + 8] |= 1;
    assert_eq!(refused(&file, "a"), ENCRYPTED);
}

#[test]
fn bombs_are_not_unpacked() {
    let zeros = vec![b' '; 100 << 20];
    let mut file = packed(&[("a", &zeros)]);
    assert_eq!(refused(&file, "a"), "its part a would unpack to 100 MB");
    // An archive that lies about its sizes.
    let list = file.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    for at in [22, list + 24] {
        file[at..at + 4].copy_from_slice(&5_u32.to_le_bytes());
    }
    assert!(refused(&file, "a").starts_with("its part a "), "{}", refused(&file, "a"));
}

#[test]
fn references_lead_from_a_part_or_from_the_top() {
    assert_eq!(joined("ppt/slides/slide1.xml", "../media/a.png"), "ppt/media/a.png");
    assert_eq!(joined("word/document.xml", "/word/styles.xml"), "word/styles.xml");
    assert_eq!(joined("content.opf", "text/./a.xhtml"), "text/a.xhtml");
    assert_eq!(joined("a/b", "../../../c"), "c");
}
