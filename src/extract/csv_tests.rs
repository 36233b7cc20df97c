use proptest::prelude::*;

use super::*;

fn text(file: &[u8]) -> String {
    read(file).unwrap().text
}

const TABLE: &str = "| Name | Price |\n| --- | --- |\n| Ada | 1,5 |\n| Bob | 2,5 |\n";

#[test]
fn the_delimiter_is_found() {
    for file in [
        "Name;Price\nAda;1,5\nBob;2,5\n",
        "Name\tPrice\r\nAda\t1,5\r\nBob\t2,5",
        "Name|Price\nAda|1,5\nBob|2,5",
        "Name,Price\nAda,\"1,5\"\nBob,\"2,5\"\n",
        "sep=;\r\nName;Price\nAda;1,5\nBob;2,5\n",
        "\u{FEFF}Name;Price\rAda;1,5\rBob;2,5\r",
    ] {
        assert_eq!(text(file.as_bytes()), TABLE, "{file}");
    }
}

#[test]
fn encodings_are_told_apart() {
    let utf16: Vec<u8> =
        "\u{FEFF}Größe;Preis\nklein;5\ngroß;7".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let latin = b"Gr\xF6\xDFe;Preis\nklein;5\ngro\xDF;7";
    for file in [&utf16[..], latin, "Größe;Preis\nklein;5\ngroß;7".as_bytes()] {
        assert_eq!(text(file), "| Größe | Preis |\n| --- | --- |\n| klein | 5 |\n| groß | 7 |\n");
    }
}

#[test]
fn quotes_hold_delimiters_lines_and_quotes() {
    let file = b"Name,Note\nAda,\"a \"\"b\"\", c\nd | e\"\nBob,5\" wide\n";
    assert!(text(file).ends_with("| Ada | a \"b\", c d \\| e |\n| Bob | 5\" wide |\n"), "{}", text(file));
}

#[test]
fn a_quote_that_is_never_closed_does_not_swallow_the_rest() {
    let rows = (0..1000).map(|row| format!("{row},thing {row}\n")).collect::<Vec<_>>().concat();
    let text = text(format!("Id,Note\n1,\"never closed\n{rows}").as_bytes());
    assert!(text.contains("| 1 | \"never closed |") && text.contains("| 999 | thing 999 |"));
}

#[test]
fn rows_have_the_numbers_that_programs_show() {
    let draft = read(b"Name,Price\n\n\nAda,5\nBob,6\n\nEve,7,8\n").unwrap();
    let places: Vec<_> = draft.places.iter().map(|start| start.place.to_string()).collect();
    assert_eq!(places, ["row1", "row4-5", "row7"], "{}", draft.text);
    let draft = read(b"Name,Note\nAda,\"a\nb\"\nBob,6\n").unwrap();
    assert_eq!(draft.places[0].place.to_string(), "row2-3");
}

#[test]
fn what_is_not_a_table_is_read_too() {
    assert_eq!(text(b""), "");
    assert_eq!(text(b"\n\n"), "");
    assert_eq!(text(b"only a line"), "only a line\n");
    let wide = vec!["x"; 100_000].join(",");
    assert!(text(wide.as_bytes()).len() < 300_000);
}

proptest! {
    #[test]
    fn any_bytes_are_read(file in prop::collection::vec(prop::sample::select(b"a1,;\t|\"\r\n \xFF\xC3\xBC\0".to_vec()), 0..300)) {
        let _ = read(&file);
    }
}
