use super::*;

/// What becomes of rows, given as lines with `|` between cells; an empty line is an empty row.
fn written(rows: &str) -> (String, Vec<String>) {
    let mut draft = Draft::default();
    let mut tables = Tables::new(&mut draft, "S", "S");
    for (number, line) in (1..).zip(rows.lines()) {
        let cells = line.split('|').map(str::trim).enumerate();
        let cell = |(column, text): (usize, &str)| {
            let is_value = text.chars().all(|c| c.is_ascii_digit());
            Cell::new(column as u32, text.to_owned(), is_value)
        };
        tables.row(number, cells.map(cell).collect());
    }
    tables.finish();
    let places = draft.places.iter().map(|start| start.place.to_string()).collect();
    (draft.text, places)
}

#[test]
fn the_header_stands_above_each_part_of_a_table() {
    let row = |row: u32| format!("\nItem number {row} of the list|{row}");
    let rows = (0..100).map(row).collect::<Vec<_>>().concat();
    let (text, places) = written(&format!("Name|Count{rows}"));
    assert!(text.starts_with("## S\n\n| Name | Count |\n| --- | --- |\n| Item number 0 of the list | 0 |\n"));
    assert_eq!(text.matches("| Name | Count |").count(), places.len());
    assert!((4..20).contains(&places.len()) && places[0].starts_with("S!2-"), "{places:?}");
    assert!(places.last().is_some_and(|last| last.ends_with("-101")), "{places:?}");
    assert!(text.contains("| Item number 99 of the list | 99 |"));
}

#[test]
fn titles_stay_text_and_tables_are_parted_by_empty_rows() {
    let (text, places) = written(
        "Report of May\n|\nName|Age|City\nAda|36|London\nBob|5|Rome\n\nKind|Share|Note\nA|5|x\nB|6|y",
    );
    let expected = "## S\n\nReport of May\n\n| Name | Age | City |\n| --- | --- | --- |\n| Ada | 36 | London |\n| Bob | 5 | Rome |\n\n\
        | Kind | Share | Note |\n| --- | --- | --- |\n| A | 5 | x |\n| B | 6 | y |\n";
    assert_eq!((text.as_str(), places), (expected, vec!["S!1".into(), "S!4-5".into(), "S!8-9".into()]));
}

#[test]
fn a_table_that_goes_on_after_an_empty_row_keeps_its_header() {
    let (text, _) = written("Name|Age\nAda|36\n\nBob|5\nEve|7");
    assert!(text.ends_with("| Name | Age |\n| --- | --- |\n| Bob | 5 |\n| Eve | 7 |\n"), "{text}");
}

#[test]
fn no_header_is_made_up() {
    let (text, _) = written("Ada|36\nBob|5");
    assert_eq!(text, "## S\n\n|  |  |\n| --- | --- |\n| Ada | 36 |\n| Bob | 5 |\n");
}

#[test]
fn years_and_second_rows_of_names_are_headers() {
    let (text, _) = written("Item|2021|2022\nRent|5|6\nFood|7|8");
    assert!(text.contains("| Item | 2021 | 2022 |\n| --- | --- | --- |\n| Rent | 5 | 6 |"), "{text}");
    let (text, _) = written("Kind|Results|\n|Right|Wrong\nA|1|2\nB|3|4");
    assert!(text.contains("| Kind | Results Right | Results Wrong |\n"), "{text}");
}

#[test]
fn wide_rows_name_their_columns() {
    let head: Vec<String> = (0..90).map(|column| format!("Column {column}")).collect();
    let cells: Vec<String> = (0..90).map(|column| format!("value of {column}")).collect();
    let (text, places) = written(&format!("{}\n{}\n{}", head.join("|"), cells.join("|"), cells.join("|")));
    assert!(text.contains("Column 7: value of 7\nColumn 8: value of 8\n"), "{text}");
    assert_eq!(places, ["S!2", "S!3"]);
    assert!(text.split("\n\n").all(|part| part.len() < 1000), "{text}");
}

#[test]
fn one_column_is_text_or_a_list_with_a_name() {
    let (text, _) = written("To do\nbuy milk\ncall Ada");
    assert!(text.contains("| To do |\n| --- |\n| buy milk |\n"), "{text}");
    let (text, _) = written("# A line, of text.\nAnother one, longer.");
    assert_eq!(text, "## S\n\n\\# A line, of text.\n\nAnother one, longer.\n");
}

#[test]
fn rows_far_from_each_other_do_not_become_wide_tables() {
    let mut draft = Draft::default();
    let mut tables = Tables::new(&mut draft, "", "");
    for number in 1..2000 {
        tables.row(number, vec![Cell::new(number * 7, format!("{number}"), true)]);
    }
    tables.finish();
    assert!(draft.text.len() < 100_000, "{}", draft.text.len());
}
