use super::*;
use crate::document::ByteSpan;
use crate::parse::{self, mojibake};

fn decoded(bytes: &[u8]) -> (Text, Vec<Warning>) {
    let mut warnings = Vec::new();
    (decode(bytes.into(), &mut warnings).into_text(bytes.len() as u64), warnings)
}

/// Checks that each character of the text stands for the bytes that `widths` says.
fn check_map(text: &Text, mut at: u64, width: impl Fn(char) -> u64) {
    for (offset, char) in text.as_str().char_indices() {
        let end = at + width(char);
        assert_eq!(text.bytes(&(offset..offset + char.len_utf8())), ByteSpan { start: at, end }, "{char:?}");
        at = end;
    }
}

#[test]
fn utf_8_needs_no_map() {
    let (text, warnings) = decoded("größe\r\n→".as_bytes());
    assert_eq!(text, Text::same("größe\r\n→".into()));
    assert_eq!(warnings, []);
    let (text, _) = decoded(b"\xEF\xBB\xBFa\n");
    assert_eq!(text.as_str(), "a\n");
    check_map(&text, 3, |_| 1);
}

#[test]
fn utf_16_is_read_with_and_without_mark() {
    for big_endian in [false, true] {
        for mark in ["", "\u{FEFF}"] {
            let bytes: Vec<u8> = format!("{mark}What is a größe? 🧠\r\nAn answer.")
                .encode_utf16()
                .flat_map(|unit| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() })
                .collect();
            let (text, warnings) = decoded(&bytes);
            assert_eq!((text.as_str(), warnings.len()), ("What is a größe? 🧠\r\nAn answer.", 0));
            check_map(&text, if mark.is_empty() { 0 } else { 2 }, |char| 2 * char.len_utf16() as u64);
        }
    }
}

#[test]
fn broken_utf_16_is_replaced_unit_by_unit() {
    let mut bytes: Vec<u8> =
        [0xFEFF, 0x61, 0xD800, 0x62, 0xDC00, 0xFEFF].into_iter().flat_map(u16::to_le_bytes).collect();
    bytes.push(0x63);
    let (text, _) = decoded(&bytes);
    assert_eq!(text.as_str(), "a\u{FFFD}b\u{FFFD}\u{FEFF}\u{FFFD}");
    assert_eq!(text.bytes(&(1..4)), ByteSpan { start: 4, end: 6 });
    assert_eq!(text.bytes(&(11..14)), ByteSpan { start: 12, end: 13 });
}

#[test]
fn utf_16_without_mark_may_be_partly_in_another_script() {
    let source = "Kofe is coffee and hleb is bread: кофе и хлеб на столе.\r\n".repeat(20);
    let bytes: Vec<u8> = source.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (text, warnings) = decoded(&bytes);
    assert_eq!((text.as_str(), warnings.len()), (source.as_str(), 0));
}

#[test]
fn a_map_takes_less_than_the_file() {
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>();
    let size = |bytes: &[u8]| {
        let (decoded, _) = mojibake::repair(decode(bytes.into(), &mut Vec::new()));
        (decoded.map.size() as f64 / bytes.len() as f64, decoded.text.len() as f64 / bytes.len() as f64)
    };
    for (bytes, most) in [
        (" → plain".repeat(5000).into_bytes(), 0.0),
        (utf16(&format!("\u{feff}{}", "plain text\n".repeat(5000))), 0.02),
        (utf16(&format!("\u{feff}{}", "a全b解".repeat(5000))), 0.03),
        (utf16(&format!("\u{feff}{}", "a🧠".repeat(5000))), 0.4),
        (encoding_rs::WINDOWS_1251.encode(&"Привет, мир! ".repeat(5000)).0.into_owned(), 0.1),
        (b"\xc3(".repeat(5000), 0.1),
        (b"\x80".repeat(5000), 0.1),
        (b"\xc3\xa4\xff".repeat(5000), 0.8),
        ("aâ†’".repeat(5000).into_bytes(), 0.3),
        ("â†’".repeat(5000).into_bytes(), 0.02),
    ] {
        let (map, text) = size(&bytes);
        assert!(map <= most, "{:?}: {map:.2} beside {text:.2}", &bytes[..10]);
    }
}

#[test]
fn windows_1252_is_detected() {
    let source =
        "Der Käse schmeckt „schön“ – für alle Mädchen und Söhne in Österreich, natürlich.\r\nJa.\r\n";
    let bytes = encoding_rs::WINDOWS_1252.encode(source).0;
    let (text, warnings) = decoded(&bytes);
    assert_eq!(text.as_str(), source);
    assert_eq!(warnings, [Warning::DecodedAs("windows-1252")]);
    check_map(&text, 0, |_| 1);
}

#[test]
fn shift_jis_is_detected() {
    let source = "これは日本語のテキストです。 memo\n質問と答えを書く。";
    let bytes = encoding_rs::SHIFT_JIS.encode(source).0;
    let (text, _) = decoded(&bytes);
    assert_eq!(text.as_str(), source);
    check_map(&text, 0, |char| if char.is_ascii() { 1 } else { 2 });
}

#[test]
fn a_few_broken_bytes_leave_utf_8_alone() {
    let (text, warnings) = decoded(b"gr\xC3\xB6\xC3\x9Fe \xFF\xE2\x86 a\0b");
    assert_eq!(text.as_str(), "größe \u{FFFD}\u{FFFD} a\0b");
    assert_eq!(warnings, [Warning::InvalidUtf8(2)]);
    assert_eq!(text.bytes(&(8..11)), ByteSpan { start: 8, end: 9 });
    assert_eq!(text.bytes(&(11..14)), ByteSpan { start: 9, end: 11 });
}

#[test]
fn repair_goes_through_any_encoding() {
    // `→` as three Windows-1252 characters, each of them in UTF-16.
    let bytes: Vec<u8> = "\u{FEFF}a â†’ b".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let text = parse::decode(&bytes);
    assert_eq!(text.as_str(), "a → b");
    assert_eq!(text.bytes(&(2..5)), ByteSpan { start: 6, end: 12 });
    assert_eq!(text.bytes(&(5..7)), ByteSpan { start: 12, end: 16 });
}
