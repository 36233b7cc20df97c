use proptest::prelude::*;

use super::super::line::Direction;
use super::super::sample;
use super::*;

/// The page of a file.
fn read(file: &[u8]) -> PageText {
    let pdf = Pdf::new(file.to_vec()).unwrap();
    PageReader::new(&pdf).lines(&pdf.pages()[0])
}

/// What the lines of a page with this content say.
fn said(content: &str) -> Vec<String> {
    read(&sample::page(content)).lines.into_iter().map(|line| line.text).collect()
}

/// Text at a place, from the page's lower left corner.
fn at(x: i32, y: i32, text: &str) -> String {
    format!("BT /F1 10 Tf {x} {y} Td ({text}) Tj ET\n")
}

/// The codes of a text in UTF-16, in hexadecimal digits.
fn codes(text: &str) -> String {
    text.encode_utf16().map(|unit| format!("{unit:04x}")).collect::<Vec<_>>().concat()
}

/// Text of a font that means what its codes are.
fn meant(x: i32, y: i32, text: &str) -> String {
    let codes = codes(text);
    format!("BT /F4 10 Tf {x} {y} Td <{codes}> Tj ET\n")
}

#[test]
fn words_are_told_apart_by_gaps() {
    assert_eq!(said("BT /F1 10 Tf 50 700 Td [(two)-300(words)] TJ ET"), ["two words"]);
    assert_eq!(said("BT /F1 10 Tf 50 700 Td [(o)-20(n)15(e)] TJ ET"), ["one"]);
    assert_eq!(
        said("BT /F1 10 Tf 50 700 Td (veri) Tj /F2 10 Tf (fi) Tj /F1 10 Tf (cation) Tj ET"),
        ["verification"]
    );
    assert_eq!(said("BT /F1 14 Tf 6 Tc 50 700 Td (HEADING) Tj ET"), ["HEADING"]);
    assert_eq!(said("BT /F1 14 Tf 5 Tc 50 700 Td (OUR HEADING) Tj ET"), ["OUR HEADING"]);
}

#[test]
fn ligatures_and_soft_hyphens_are_letters() {
    assert_eq!(said(&meant(50, 700, "e\u{fb03}cient \u{fb01}\u{ad}nish\u{ad}")), ["efficient finish-"]);
}

#[test]
fn what_glyphs_mean_together_is_taken_from_the_file() {
    let span = "/Span<</ActualText(ffi)>>BDC (xy) Tj EMC";
    assert_eq!(said(&format!("BT /F1 10 Tf 50 700 Td (e) Tj {span} (cient) Tj ET")), ["efficient"]);
}

#[test]
fn accents_are_drawn_upon_letters() {
    assert_eq!(said("BT /F1 10 Tf 50 700 Td (caf) Tj [(\\264)256(e)] TJ ET"), ["café"]);
    assert_eq!(said(&meant(50, 700, "cafe\u{301}")), ["café"]);
}

#[test]
fn columns_are_read_one_after_the_other() {
    let mut content = at(200, 760, "A title that stands across both of the columns of the page");
    for line in 0..8 {
        // Drawn line by line, as some programs do.
        content +=
            &at(50, 700 - 12 * line, &format!("left column line {line} of a running text that is here"));
        content +=
            &at(310, 700 - 12 * line, &format!("right column line {line} of a running text that is here"));
    }
    content += &at(
        60,
        560,
        "What stands below both columns is read after both of them, and reaches across them again",
    );
    let lines = said(&content);
    assert!(lines[0].starts_with("A title") && lines[17].starts_with("What stands below"), "{lines:?}");
    assert!(lines[1..9].iter().all(|line| line.starts_with("left")), "{lines:?}");
    assert!(lines[9..17].iter().all(|line| line.starts_with("right")), "{lines:?}");
}

#[test]
fn rows_of_a_table_are_lines_with_cells() {
    let mut content = String::new();
    for (row, name) in ["Apples", "Pears", "Plums", "Cherries"].iter().enumerate() {
        let y = 700 - 14 * row as i32;
        content += &(at(50, y, name) + &at(200, y, &format!("{row}.50")) + &at(300, y, "kg"));
    }
    let page = read(&sample::page(&content));
    assert_eq!(page.lines.len(), 4);
    let cells: Vec<&str> = page.lines[1].cells.iter().map(|cell| &*cell.text).collect();
    assert_eq!(cells, ["Pears", "1.50", "kg"]);
}

#[test]
fn cells_of_several_lines_stay_together() {
    let mut content = String::new();
    for row in 0..3 {
        let y = 700 - 60 * row;
        for line in 0..3 {
            content += &at(50, y - 12 * line, &format!("name {row} {line}"));
        }
        for line in 0..4 {
            content += &at(200, y - 12 * line, &format!("what is said of it {row} {line}"));
        }
    }
    let lines = said(&content);
    assert_eq!(lines[..4], ["name 0 0", "name 0 1", "name 0 2", "what is said of it 0 0"]);
}

#[test]
fn text_drawn_twice_is_there_once() {
    let bold = at(50, 700, "Bold heading") + "1 0 0 1 0.3 0 cm\n" + &at(50, 700, "Bold heading");
    assert_eq!(said(&bold), ["Bold heading"]);
    let scanned = at(50, 700, "seen") + "3 Tr\n" + &at(50, 700, "seen") + &at(50, 650, "behind the image");
    assert_eq!(said(&scanned), ["seen", "behind the image"]);
}

#[test]
fn what_is_outside_or_clipped_away_is_left_out() {
    let content = at(50, 900, "above") + &at(-300, 700, "left") + &at(50, 700, "on the page");
    assert_eq!(said(&content), ["on the page"]);
    let clipped = "q 40 690 100 30 re W n\n".to_owned() + &at(50, 700, "in") + &at(50, 600, "out") + "Q\n";
    assert_eq!(said(&clipped), ["in"]);
}

#[test]
fn turned_pages_and_turned_text_are_read() {
    let page = sample::turned("BT /F1 10 Tf 0 1 -1 0 300 100 Tm (a page on its side) Tj ET", 90);
    assert_eq!(read(&page).lines[0].text, "a page on its side");
    assert_eq!(read(&page).lines[0].direction, Direction::Across);
    let stamp = "BT /F1 10 Tf 0 1 -1 0 20 200 Tm (at the margin) Tj ET\n".to_owned()
        + &at(50, 700, "the text of the page");
    assert_eq!(said(&stamp), ["the text of the page", "at the margin"]);
}

#[test]
fn text_from_right_to_left_is_in_the_order_of_reading() {
    assert_eq!(said(&meant(50, 700, "42 םולש")), ["שלום 42"]);
}

#[test]
fn japanese_is_read_downward_from_the_right() {
    let column = |x: i32, text: &str| format!("BT /F5 10 Tf {x} 700 Td <{}> Tj ET\n", codes(text));
    let page = read(&sample::page(&(column(300, "吾輩は猫") + &column(280, "である。"))));
    let lines: Vec<&str> = page.lines.iter().map(|line| &*line.text).collect();
    assert_eq!((lines, page.lines[0].direction), (vec!["吾輩は猫", "である。"], Direction::Vertical));
}

#[test]
fn exponents_are_part_of_their_line() {
    let content = "BT /F1 10 Tf 50 700 Td (on the 1) Tj /F1 6 Tf 4 Ts (st) Tj /F1 10 Tf 0 Ts ( of May) Tj ET";
    assert_eq!(said(content), ["on the 1st of May"]);
}

#[test]
fn fonts_tell_how_letters_look() {
    let mut content = String::new();
    for line in 0..6 {
        content += &at(50, 700 - 12 * line, "plain letters of a text");
    }
    content +=
        "BT /F2 10 Tf 50 600 Td (bold letters) Tj ET BT /F3 10 Tf 50 580 Td (fn main\\(\\) { mill }) Tj ET";
    let lines = read(&sample::page(&content)).lines;
    assert!(
        !lines[0].style.bold && !lines[0].style.mono && lines[6].style.bold && lines[7].style.mono,
        "{lines:?}"
    );
}

#[test]
fn a_page_that_draws_too_much_ends() {
    let content = at(50, 700, "what came first") + &"0 0 m 1 1 l S\n".repeat(2_100_000);
    let page = read(&sample::page(&content));
    assert!(page.out_of_budget && page.lines[0].text == "what came first");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_numbers_are_placed(numbers in proptest::collection::vec(-1e6..1e6_f64, 24)) {
        let mut content = String::new();
        for matrix in numbers.chunks(6) {
            let matrix: Vec<String> = matrix.iter().map(f64::to_string).collect();
            content.extend(["BT /F1 9 Tf ", &matrix.join(" "), " Tm (any text) Tj ET\n"]);
        }
        read(&sample::page(&content));
    }

    #[test]
    fn damaged_pages_never_panic(at in 0..3000_usize, byte: u8) {
        let mut file = sample::page(&(some_text() + "BT /F3 9 Tf 50 500 Td (code) Tj ET"));
        let at = at % file.len();
        file[at] = byte;
        if let Ok(pdf) = Pdf::new(file) {
            for page in pdf.pages().iter() {
                PageReader::new(&pdf).lines(page);
            }
        }
    }
}

/// Some text.
fn some_text() -> String {
    (0..6).map(|line| at(50, 700 - 12 * line, "some text (of a page)")).collect()
}
