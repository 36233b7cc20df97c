//! Tests of whole documents: what readers of PDFs complain about elsewhere.

use std::io::Write;

use proptest::prelude::*;

use super::fixtures::{Document, Font, Page, stream, written};
use super::open::open;
use super::read;
use super::whole::read_within;
use crate::document::Place;

/// The text of a document.
fn text(document: &Document) -> String {
    read(&document.bytes()).expect("a document").text
}

/// The text of each place of a document.
fn places(document: &Document) -> Vec<(String, String)> {
    let draft = read(&document.bytes()).expect("a document");
    let ends = draft.places.iter().skip(1).map(|start| start.at).chain([draft.text.len()]);
    let part = |(start, end): (&crate::document::PlaceStart, usize)| {
        (start.place.to_string(), draft.text[start.at..end].trim().to_owned())
    };
    draft.places.iter().zip(ends).map(part).collect()
}

fn page(lines: &[&str]) -> Page {
    Page::default().lines(72.0, 100.0, lines)
}

#[test]
fn a_paragraph_goes_on_over_the_page_and_each_part_keeps_its_place() {
    let document = Document::of([
        page(&[
            "The owls of the northern forests hunt at night, and in the winter they",
            "hunt by day as well, for the nights are cold and the mice stay under the",
        ]),
        page(&[
            "snow. In spring they return to their old ways, which everybody knows well",
            "from books about owls. Many such books exist in all countries of the north.",
        ]),
    ]);
    assert_eq!(
        places(&document),
        [
            (
                "p1".to_owned(),
                "The owls of the northern forests hunt at night, and in the winter they hunt by day as well, for the nights \
                 are cold and the mice stay under the"
                    .to_owned()
            ),
            (
                "p2".to_owned(),
                "snow. In spring they return to their old ways, which everybody knows well from books about owls. Many such \
                 books exist in all countries of the north."
                    .to_owned()
            ),
        ]
    );
    assert!(text(&document).contains("under the snow."));
}

#[test]
fn words_are_not_fused_at_page_breaks() {
    let document = Document::of([page(&["The first page ends"]), page(&["Second pages begin"])]);
    assert_eq!(text(&document), "The first page ends\n\nSecond pages begin\n");
    let document = Document::of([
        page(&["It was an experi-"]),
        page(&["ment of a well-known kind. Well-", "known it is."]),
    ]);
    assert_eq!(text(&document), "It was an experiment of a well-known kind. Well-known it is.\n");
}

#[test]
fn running_heads_and_page_numbers_are_left_out() {
    let bodies = [
        "Owls hunt at night.",
        "Mice sleep by day.",
        "Cats do as they like.",
        "Dogs wait for their masters.",
    ];
    let pages = bodies.iter().enumerate().map(|(number, body)| {
        Page::default()
            .text(72.0, 30.0, Font::Plain, 9.0, "Animals of the Night")
            .lines(72.0, 100.0, &[body, "And this is the second line."])
            .text(300.0, 770.0, Font::Plain, 9.0, &format!("Page {} of 4", number + 1))
    });
    let text = text(&Document::of(pages));
    assert!(!text.contains("Animals of the Night") && !text.contains("Page 2"), "{text}");
    assert!(bodies.iter().all(|body| text.contains(body)), "{text}");
}

#[test]
fn tables_keep_their_rows() {
    let row = |page: Page, y: f64, cells: [&str; 3]| {
        cells
            .iter()
            .zip([72.0, 200.0, 320.0])
            .fold(page, |page, (cell, x)| page.text(x, y, Font::Plain, 10.0, cell))
    };
    let page = row(page(&["The costs of the last years are these:"]), 140.0, ["Year", "Costs", "Gains"]);
    let page = row(row(page, 155.0, ["2022", "1,200", "17"]), 170.0, ["2023", "1,450", "-"]);
    let page = page.lines(72.0, 210.0, &["After the table the text goes on as it should."]);
    assert_eq!(
        text(&Document::of([page])),
        "The costs of the last years are these:\n\n| Year | Costs | Gains |\n| --- | --- | --- |\n| 2022 | 1,200 | 17 |\n\
         | 2023 | 1,450 | - |\n\nAfter the table the text goes on as it should.\n"
    );
}

#[test]
fn scanned_pages_are_told() {
    let image = "q 600 0 0 700 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID x EI Q";
    let pages = [page(&["Text."]), Page::default().raw(image), Page::default().raw(image)];
    let draft = read(&Document::of(pages).bytes()).expect("a document");
    assert_eq!(draft.warnings, ["2 pages have no text: scanned?"]);
}

#[test]
fn labels_are_told_where_they_differ() {
    let pages = ["Preface", "More of it", "Chapter one", "And two"].map(|text| page(&[text]));
    let document =
        Document::of(pages).catalog("/PageLabels<</Nums[0<</S/r/St 4>>2<</S/D/St 1>>3<</P(A-)/S/D/St 9>>]>>");
    let places: Vec<String> = places(&document).into_iter().map(|(place, _)| place).collect();
    assert_eq!(places, ["p1 (iv)", "p2 (v)", "p3 (1)", "p4 (A-9)"]);
}

#[test]
fn headings_come_from_size_weight_numbers_and_bookmarks() {
    let page = Page::default()
        .text(72.0, 80.0, Font::Plain, 20.0, "On Owls")
        .lines(
            72.0,
            110.0,
            &["This is the text of the document, and it says what it says.", "It is of two lines."],
        )
        .text(72.0, 160.0, Font::Bold, 12.0, "1 Barn Owls")
        .lines(72.0, 180.0, &["Barn owls live in barns, as their name says to everybody.", "They are white."])
        .text(72.0, 230.0, Font::Bold, 10.0, "1.1 Food of barn owls")
        .lines(
            72.0,
            250.0,
            &["They eat mice and other small animals of the fields.", "They don't eat grass."],
        )
        .lines(72.0, 300.0, &["Appendix"])
        .lines(72.0, 330.0, &["Here are the tables that nobody reads but all of us want."]);
    let first = Document::page_id(0);
    let document = Document::of([page]);
    let root = document.next();
    let document = document
        .catalog(&format!("/Outlines {root} 0 R"))
        .object(format!("<</First {} 0 R>>", root + 1))
        .object(format!("<</Title(Appendix)/Dest[{first} 0 R/Fit]/Next {} 0 R>>", root + 1));
    let text = text(&document);
    let headings: Vec<&str> = text.lines().filter(|line| line.starts_with('#')).collect();
    assert_eq!(headings, ["# On Owls", "## 1 Barn Owls", "### 1.1 Food of barn owls", "# Appendix"]);
}

#[test]
fn tagged_headings_are_headings() {
    let page = Page::default()
        .raw("/H2 <</MCID 0>> BDC")
        .lines(72.0, 100.0, &["Food of owls"])
        .raw("EMC /P <</MCID 1>> BDC")
        .lines(72.0, 124.0, &["They eat mice and other small animals of the fields."])
        .raw("EMC");
    let document = Document::of([page]);
    let next = document.next();
    let element = |tag: &str, id: u32| format!("<</S/{tag}/Pg {} 0 R/K {id}>>", Document::page_id(0));
    let document = document
        .catalog(&format!("/StructTreeRoot<</K[{next} 0 R {} 0 R]/RoleMap<</Section/H2>>>>", next + 1))
        .object(element("Section", 0))
        .object(element("P", 1));
    assert_eq!(text(&document), "## Food of owls\n\nThey eat mice and other small animals of the fields.\n");
}

#[test]
fn pages_that_share_what_they_draw_end_soon() {
    let forms = "/Do1 Do ".repeat(10);
    let pages = (0..40).map(|_| page(&["Text."]).raw(&forms).entries("/Unused 0"));
    let document = Document::of(pages);
    let next = document.next();
    let mut file = document;
    for level in 1..=2 {
        let inner = format!("/Resources<</XObject<</X {} 0 R>>>>/Subtype/Form/BBox[0 0 9 9]", next + level);
        file = file.object(stream(&inner, "/X Do ".repeat(10).as_bytes()));
    }
    let file = file.object(stream("/Subtype/Form/BBox[0 0 9 9]", b"0 0 1 1 re f"));
    let bytes = file.bytes();
    let from = b"/F3 5 0 R>>>>/Unused 0";
    let to = format!("/F3 5 0 R>>/XObject<</Do1 {next} 0 R>>>>");
    let parts: Vec<&[u8]> = split(&bytes, from);
    let pdf = open(&parts.join(to.as_bytes())).expect("a document");
    let draft = read_within(&pdf, 5000).expect("a document");
    assert!(draft.warnings.iter().any(|warning| warning.contains("draws more than is read of a document")));
    assert!(draft.text.contains("Text."));
}

/// The parts of bytes between some others.
fn split<'b>(bytes: &'b [u8], between: &[u8]) -> Vec<&'b [u8]> {
    let mut parts = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(between.len()).position(|window| window == between) {
        parts.push(&rest[..at]);
        rest = &rest[at + between.len()..];
    }
    parts.push(rest);
    parts
}

#[test]
fn lists_and_code_are_what_they_are() {
    let page = page(&["Buy these things today:", "\u{2022} milk and butter", "\u{2022} bread"])
        .text(72.0, 160.0, Font::Mono, 10.0, "fn main() {")
        .text(96.0, 172.0, Font::Mono, 10.0, "run();")
        .text(72.0, 184.0, Font::Mono, 10.0, "}")
        .lines(72.0, 220.0, &["# 3 is no heading, and it doesn't become one here or anywhere."]);
    let text = text(&Document::of([page]));
    assert_eq!(
        text,
        "Buy these things today:\n\n- milk and butter\n- bread\n\n```\nfn main() {\n    run();\n}\n```\n\n\
         \\# 3 is no heading, and it doesn't become one here or anywhere.\n"
    );
}

#[test]
fn what_a_document_says_of_itself_is_kept_if_it_says_something() {
    let document = |title: &str| {
        let info = format!("/Title({title})/Author(Ada Lovelace; Bob)/CreationDate(D:20240501120000Z)");
        read(&Document::of([page(&["x"])]).info(&info).bytes()).expect("a document").about
    };
    let about = document("Owls of Europe");
    assert_eq!(about.title.as_deref(), Some("Owls of Europe"));
    assert_eq!(
        (about.authors.join("|").as_str(), about.date.as_deref()),
        ("Ada Lovelace|Bob", Some("2024-05-01"))
    );
    assert_eq!(document("Microsoft Word - owls.docx").title, None);
}

#[test]
fn fields_comments_and_attachments_are_named() {
    let comments = "/Annots[<</Subtype/Text/T(Bob)/Contents(Not so sure)>><</Subtype/Link/Contents(no)>>]";
    let document = Document::of([page(&["A form."]), page(&["Its end."]).entries(comments)]);
    let attached = "/Names<</EmbeddedFiles<</Names[(a)<</F(data.csv)>>]>>>>";
    let form = format!("{attached}/AcroForm<</Fields[{} 0 R]>>", document.next());
    let field = format!("<</FT/Tx/T(Name)/V(Alice)/P {} 0 R>>", Document::page_id(0));
    let document = document.catalog(&form).object(field);
    assert_eq!(
        places(&document),
        [
            ("p1", "A form.\n\nName: Alice"),
            ("p2", "Its end.\n\nComment by Bob: Not so sure"),
            ("data.csv", "Attachment: data.csv")
        ]
        .map(|(place, text)| (place.to_owned(), text.to_owned()))
    );
}

#[test]
fn what_cannot_be_read_is_named() {
    let reason = |file: &[u8]| read(file).expect_err("damaged").0;
    assert_eq!(reason(b""), "it is empty");
    assert_eq!(reason(b"PK\x03\x04 is no PDF"), "it doesn't begin as a PDF does");
    assert_eq!(reason(b"%PDF-1.7\n1 0 obj <</Type/Cat"), "its end is missing: it was cut off");
    let file = Document::of([]).bytes();
    assert_eq!(reason(&file), "it has no page that can be read");
}

#[test]
fn bombs_are_not_unpacked() {
    let packed = |data: &[u8]| {
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(data).expect("packed");
        packer.finish().expect("packed")
    };
    let bomb = packed(&packed(&vec![b' '; 100 << 20]));
    let good = page(&["The other page is fine."]);
    let document = Document::of([good, Page::default()]);
    let next = document.next();
    let file = document.object(stream("/Filter[/FlateDecode/FlateDecode]", &bomb)).bytes();
    let from = format!("/Contents {} 0 R", Document::page_id(1) + 1);
    let to = format!("/Contents {next} 0 R");
    let file = String::from_utf8_lossy(&file)
        .contains(&from)
        .then(|| replaced(&file, from.as_bytes(), to.as_bytes()));
    let draft = read(&file.expect("a page")).expect("a document");
    assert_eq!(draft.text, "The other page is fine.\n");
    assert_eq!(draft.warnings, ["page 2 unpacks to more than is read of a page"]);
}

/// Bytes with a part of them replaced.
fn replaced(file: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = file.windows(from.len()).position(|window| window == from).expect("a part");
    [&file[..at], to, &file[at + from.len()..]].concat()
}

#[test]
fn cycles_end() {
    let catalog =
        b"<</Type/Catalog/Pages 2 0 R/Outlines 5 0 R/StructTreeRoot 6 0 R/PageLabels 7 0 R>>".to_vec();
    let objects = [
        catalog,
        b"<</Type/Pages/Kids[2 0 R 3 0 R 2 0 R]/Count 3>>".to_vec(),
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 8 0 R>>/XObject<</X 9 0 R>>>>>>"
            .to_vec(),
        stream("", b"BT /F1 12 Tf 10 10 Td (hi) Tj ET /X Do"),
        b"<</First 5 0 R/Next 5 0 R/Title(hi)/Dest[3 0 R]>>".to_vec(),
        b"<</K[6 0 R 6 0 R]/S/H1/RoleMap<</A/B/B/A>>>>".to_vec(),
        b"<</Kids[7 0 R 7 0 R]/Nums[0<</S/r>>]>>".to_vec(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_vec(),
        stream("/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 9 0 R>>>>", b"/X Do /X Do"),
    ];
    let draft = read(&written(&objects, "")).expect("a document");
    assert_eq!(draft.text, "# hi\n");
    assert_eq!(draft.places[0].place, Place::Page { number: 1, label: Some("i".to_owned()) });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever bytes a file has, it is read or named, and its places are in order.
    #[test]
    fn damaged_files_are_read_or_named(at in 0_usize..4000, byte: u8, cut in 0_usize..8000) {
        let mut file = Document::of([page(&["Owls hunt.", "Mice run."]), page(&["Cats sleep."])])
            .catalog("/PageLabels<</Nums[0<</S/r>>]>>")
            .bytes();
        let length = file.len();
        file[at % length] = byte;
        file.truncate(length.min(cut.max(10)));
        if let Ok(draft) = read(&file) {
            prop_assert!(draft.places.windows(2).all(|pair| pair[0].at <= pair[1].at));
            prop_assert!(draft.places.iter().all(|start| draft.text.is_char_boundary(start.at)));
        }
    }
}
