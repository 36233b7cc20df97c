use std::io::{Cursor, Write};

use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

/// A ZIP of these parts.
fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const RELATIONS: &str = r#"<Relationships>
<Relationship Id="r1" Type="http://x/worksheet" Target="worksheets/a.xml"/>
<Relationship Id="r2" Type="http://x/worksheet" Target="/xl/worksheets/b.xml"/>
<Relationship Id="r3" Type="http://x/sharedStrings" Target="sharedStrings.xml"/>
<Relationship Id="r4" Type="http://x/styles" Target="styles.xml"/></Relationships>"#;

/// A workbook with two sheets, of which the second is hidden.
fn xlsx(first: &str, second: &str) -> Vec<u8> {
    let end = if first.contains("</sheetData>") { "" } else { "</sheetData>" };
    let first = format!("{first}{end}");
    zipped(&[
        (
            "xl/workbook.xml",
            r#"<x:workbook xmlns:x="m" xmlns:r="r"><x:sheets><x:sheet name="Costs" r:id="r1"/>
            <x:sheet name="Old" state="hidden" r:id="r2"/></x:sheets></x:workbook>"#,
        ),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
        (
            "xl/sharedStrings.xml",
            "<sst><si><t>Item</t></si><si><r><t>Bre</t></r><r><t>ad</t></r><rPh><t>x</t></rPh></si><si><t>a_x000A_b_x_</t></si></sst>",
        ),
        (
            "xl/styles.xml",
            r#"<styleSheet><numFmts><numFmt numFmtId="170" formatCode="0.0%"/></numFmts><cellStyleXfs><xf numFmtId="9"/></cellStyleXfs>
            <cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/></cellXfs></styleSheet>"#,
        ),
        ("xl/worksheets/a.xml", &format!("<worksheet><sheetData>{first}</worksheet>")),
        ("xl/worksheets/b.xml", &format!("<worksheet><sheetData>{second}</sheetData></worksheet>")),
        (
            "xl/worksheets/_rels/a.xml.rels",
            r#"<Relationships><Relationship Id="r1" Type="http://x/comments" Target="../comments1.xml"/>
            <Relationship Id="r2" Type="http://x/drawing" Target="../drawings/d.xml"/></Relationships>"#,
        ),
        (
            "xl/comments1.xml",
            r#"<comments><authors><author>Ada</author></authors><commentList><comment ref="B2" authorId="0"><text><r><t>too much</t></r></text></comment></commentList></comments>"#,
        ),
        (
            "xl/drawings/d.xml",
            "<wsDr><twoCellAnchor><from><col>1</col><row>6</row></from><sp><txBody><p><r><t>in a box</t></r></p></txBody></sp></twoCellAnchor></wsDr>",
        ),
    ])
}

fn shown(file: &[u8]) -> (String, Vec<String>) {
    let draft = read(file).unwrap();
    (draft.text, draft.places.iter().map(|start| start.place.to_string()).collect())
}

#[test]
fn cells_of_a_workbook_are_shown_as_it_shows_them() {
    let file = xlsx(
        r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>Price</t></is></c><c r="C1" t="str"><v>When</v></c><c r="D1" t="inlineStr"><is><t>Share</t></is></c></row>
        <row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2"><v>0.30000000000000004</v></c><c r="C2" s="1"><v>45413</v></c><c r="D2" s="2"><f>1/8</f><v>0.125</v></c></row>
        <row r="3"><c t="s"><v>2</v></c><c t="e"><v>#REF!</v></c><c t="b"><v>1</v></c><c><f>SUM(B2:B9)</f></c></row>"#,
        r#"<row r="4"><c r="B4" t="inlineStr"><is><t>kept</t></is></c></row>"#,
    );
    let (text, places) = shown(&file);
    let expected = "## Costs\n\n| Item | Price | When | Share |\n| --- | --- | --- | --- |\n| Bread | 0.3 | 2024-05-01 | 12.5% |\n\
        | a b_x_ | #REF! | TRUE | =SUM(B2:B9) |\n\nComment on B2: Ada: too much\n\nin a box\n\n## Old (hidden)\n\nkept\n";
    assert_eq!(text, expected);
    assert_eq!(places, ["Costs!2-3", "Costs!2", "Costs!7", "Old!4"]);
}

#[test]
fn what_stands_once_for_several_rows_and_columns_belongs_to_each() {
    let cell = |name: &str, text: &str| format!(r#"<c r="{name}" t="inlineStr"><is><t>{text}</t></is></c>"#);
    let rows = [
        format!("<row>{}{}</row>", cell("A1", "Region"), cell("B1", "2024")),
        format!("<row>{}{}</row>", cell("B2", "Q1"), cell("C2", "Q2")),
        format!(
            "<row>{}{}{}</row>",
            cell("A3", "North"),
            "<c r=\"B3\"><v>1</v></c>",
            "<c r=\"C3\"><v>2</v></c>"
        ),
        "<row><c r=\"B4\"><v>3</v></c><c r=\"C4\"><v>4</v></c></row>".to_owned(),
    ]
    .concat();
    let merges = "</sheetData><mergeCells><mergeCell ref=\"A1:A2\"/><mergeCell ref=\"B1:C1\"/><mergeCell ref=\"A3:A4\"/></mergeCells>";
    let (text, _) = shown(&xlsx(&(rows + merges), ""));
    assert!(
        text.starts_with(
            "## Costs\n\n| Region | 2024 Q1 | 2024 Q2 |\n| --- | --- | --- |\n| North | 1 | 2 |\n| North | 3 | 4 |\n"
        ),
        "{text}"
    );
}

#[test]
fn a_cell_far_away_costs_nothing() {
    let far =
        r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>"#;
    let (text, places) = shown(&xlsx(far, ""));
    assert!(text.len() < 200 && places.contains(&"Costs!1048576".to_owned()), "{text} {places:?}");
}

#[test]
fn a_long_text_that_many_cells_share_is_bounded() {
    let long = "word ".repeat(20_000);
    let cells = "<c t=\"s\"><v>0</v></c>".repeat(2000);
    let rows = format!("<row>{cells}</row>").repeat(20);
    let mut file = xlsx(&rows, "");
    // The first shared text is replaced by a long one.
    let parts = ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/a.xml"];
    let mut package = Package::open(&file).unwrap();
    let texts: Vec<String> = parts.iter().map(|part| package.text(part).unwrap()).collect();
    let shared = format!("<sst><si><t>{long}</t></si></sst>");
    let mut all: Vec<(&str, &str)> = parts.into_iter().zip(texts.iter().map(String::as_str)).collect();
    all.push(("xl/sharedStrings.xml", &shared));
    file = zipped(&all);
    let draft = read(&file).unwrap();
    assert!(draft.text.len() <= 21 << 20, "{}", draft.text.len());
}

const CONTENT: &str = r#"<office:document-content><office:automatic-styles><style:style style:name="h" style:family="table"><style:table-properties table:display="false"/></style:style></office:automatic-styles>
<office:body><office:spreadsheet><table:tracked-changes><table:table-cell><text:p>deleted</text:p></table:table-cell></table:tracked-changes>
<table:table table:name="Plan"><table:table-row><table:table-cell office:value-type="string"><text:p>Name</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>When</text:p></table:table-cell><table:table-cell><text:p>Share</text:p></table:table-cell></table:table-row>
<table:table-row table:number-rows-repeated="2"><table:table-cell office:value-type="string"><office:annotation><dc:creator>Ada</dc:creator><dc:date>2024</dc:date><text:p>ask</text:p></office:annotation><text:p>a<text:s text:c="2"/>b</text:p><text:p>c</text:p></table:table-cell>
<table:table-cell office:value-type="date" office:date-value="2024-05-01T14:30:00"><text:p>05/01/24</text:p></table:table-cell><table:table-cell office:value-type="percentage" office:value="0.125"><text:p>12.5%</text:p></table:table-cell><table:table-cell table:number-columns-repeated="16000"/></table:table-row>
<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>
<table:table-row table:number-rows-repeated="4000000000"><table:table-cell table:number-columns-repeated="4000000000" office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row></table:table>
<table:table table:name="Old" table:style-name="h"><table:table-row><table:table-cell office:value-type="time" office:time-value="PT14H30M00S"><text:p>2 pm</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"#;

#[test]
fn workbooks_in_opendocument_are_read_and_repeat_within_limits() {
    let (text, places) = shown(&zipped(&[("content.xml", CONTENT)]));
    assert!(
        text.starts_with(
            "## Plan\n\n| Name | When | Share |\n| --- | --- | --- |\n| a b c | 2024-05-01 14:30 | 12.5% |\n| a b c | 2024-05-01 14:30 | 12.5% |\n"
        ),
        "{}",
        &text[..400]
    );
    assert!(text.contains("Comment on A2: Ada ask") && text.ends_with("## Old (hidden)\n\n14:30\n"));
    assert!(!text.contains("deleted") && places[0] == "Plan!2-3" && text.len() < 1 << 20, "{}", text.len());
}

#[test]
fn text_under_a_workbooks_name_is_read_as_rows() {
    assert!(shown(b"Name\tAge\nAda\t36\n").0.starts_with("| Name | Age |"));
}

#[test]
fn what_is_no_workbook_is_told() {
    let said = |file: &[u8]| read(file).map(|draft| draft.text).unwrap_err().0;
    assert_eq!(said(b""), "it isn't a workbook");
    assert!(said(b"<html></html>").contains("web page"));
    assert!(said(b"PK\x03\x04").contains("damaged or cut off"));
    assert!(said(&zipped(&[("a.txt", "x")])).contains("xl/workbook.xml is missing"));
    assert!(said(COMPOUND).contains("damaged"));
    let encrypted =
        zipped(&[("META-INF/manifest.xml", "<x><manifest:encryption-data/></x>"), ("content.xml", "\0")]);
    assert!(said(&encrypted).contains("encrypted"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damaged_workbooks_are_read_or_named(at in 0_usize..4000, byte: u8, cut in 0_usize..4000) {
        for file in [xlsx("<row><c t=\"s\"><v>1</v></c></row>", ""), zipped(&[("content.xml", CONTENT)])] {
            let mut changed = file.clone();
            let length = changed.len();
            changed[at % length] = byte;
            let _ = read(&changed);
            let _ = read(&file[..cut % length]);
        }
    }

    #[test]
    fn damaged_sheets_are_read(at in 0_usize..3000, byte in prop::sample::select(b"<>/\"&;1Ac x".to_vec())) {
        let mut content = CONTENT.as_bytes().to_vec();
        let length = content.len();
        content[at % length] = byte;
        let content = String::from_utf8_lossy(&content).into_owned();
        let _ = read(&zipped(&[("content.xml", &content)]));
    }
}
