use proptest::prelude::*;

use super::*;

fn markdown(rtf: &str) -> String {
    read(format!("{{\\rtf1\\ansi\\ansicpg1252 {rtf}}}").as_bytes())
        .map(|draft| draft.text)
        .unwrap_or_default()
}

#[test]
fn paragraphs_headings_and_lists() {
    for (rtf, text) in [
        (r"a\line b\par\par c", "a\nb\n\nc\n"),
        (
            r"{\stylesheet{\s1\outlinelevel0 Chapter;}{\s2 heading 2;}{\s3\sbasedon2 My own;}}\s1 A\par\pard\s2 B\par\pard\s3 C\par\pard d",
            "# A\n\n## B\n\n## C\n\nd\n",
        ),
        (r"\pard\outlinelevel2 A\par\pard b", "### A\n\nb\n"),
        (
            r"{\listtext 1.\tab}\ls1 a\par{\listtext 2.\tab}b\par\ilvl1{\listtext\'b7\tab}c\par\pard d",
            "1. a\n2. b\n    - c\n\nd\n",
        ),
        (r"{\pntext (a)\tab}a\par", "- (a) a\n"),
        (r"x{\v hidden}y{\deleted gone}z \b bold\b0", "xyz bold\n"),
        (r"10{\super 6}, 1{\super st}", "10^6, 1st\n"),
        (
            r"{\header head}{\footer foot}{\*\unknown x}{\field{\*\fldinst HYPERLINK x}{\fldrslt link}}",
            "link\n",
        ),
        (
            r"a{\super\chftn}{\footnote\pard {\super\chftn} Note\par more.}, b\par c",
            "a[^1], b\n\n[^1]: Note more.\n\nc\n",
        ),
        (r"a\par # b", "a\n\n\\# b\n"),
    ] {
        assert_eq!(markdown(rtf), text, "{rtf}");
    }
}

#[test]
fn tables_keep_their_rows() {
    let rtf = r"\trowd\cellx1\cellx2\pard\intbl a\par more\cell b\cell\row\trowd\cellx1\cellx2\pard\intbl 1\cell\cell\row\pard c";
    assert_eq!(markdown(rtf), "| a more | b |\n| --- | --- |\n| 1 |  |\n\nc\n");
}

#[test]
fn letters_are_read_as_their_fonts_say() {
    for (rtf, text) in [
        (r"\'e4\u8364?\u-10179?\u-8704?x", "ä€😀x"),
        (
            r"{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset204 B;}{\f2\fcharset128 C;}{\f3\fcharset2 Symbol;}}\f1\'ef\f2\'93\'fa\'96\'7b\f3 a\f0\'e9",
            "п日本αé",
        ),
        (r"\uc2\u228\'3f\'3fb\uc0\u228 c", "äbäc"),
        (r"\ansicpg936\'d6\'d0\ansicpg949\'c7\'d1\ansicpg1251\'cf", "中한П"),
        (r"{\upr{a}{\*\ud{\u945?}}}\emdash\ldblquote x\rdblquote\~y\_z", "α—“x” y-z"),
    ] {
        assert_eq!(markdown(rtf).trim_end(), text, "{rtf}");
    }
}

#[test]
fn a_file_says_what_it_is() {
    let draft = read(br"{\rtf1{\info{\title A \'e4}{\author Ann}{\creatim\yr2024\mo5\dy1\hr14\min30}{\keywords x, y}}text}").unwrap();
    assert_eq!(draft.about.title.as_deref(), Some("A ä"));
    assert_eq!(draft.about.date.as_deref(), Some("2024-05-01T14:30"));
    assert_eq!((draft.about.authors, draft.about.tags), (vec!["Ann".into()], vec!["x".into(), "y".into()]));
    assert_eq!(draft.text, "text\n");
}

#[test]
fn headings_are_found_by_their_look_where_no_style_says() {
    let rtf = r"\fs36\b Birds\b0\par\fs24 Herons stand still, and then they strike.\par\b Food\b0\par They eat fish and frogs.\par And more.";
    assert!(markdown(rtf).starts_with("# Birds\n\nHerons"));
    assert!(markdown(rtf).contains("\n## Food\n"));
}

#[test]
fn what_is_broken_is_told() {
    assert_eq!(read(b"{\\rtf1 a").unwrap().warnings.len(), 1);
    assert!(read(b"text").is_err() && read(b"{\\rtf1}").is_err() && read(b"").is_err());
}

#[test]
fn hostile_files_end_soon() {
    let start = "{\\rtf1 ";
    for rtf in [
        format!("{start}{}x", "{".repeat(1_000_000)),
        format!("{start}{}", "{\\footnote x".repeat(100_000)),
        format!("{start}{}", "\\cell".repeat(500_000)),
        format!("{start}\\bin99999999 x"),
        format!("{start}{}", "\\trowd\\cell\\row".repeat(100_000)),
        format!("{start}{{\\fonttbl{}}}x", "{\\f1\\fcharset128 ;}".repeat(100_000)),
    ] {
        let _ = read(rtf.as_bytes());
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(
        parts in prop::collection::vec(
            prop_oneof![
                prop::sample::select(vec![
                    "{", "}", "\\par ", "\\cell ", "\\row ", "{\\footnote ", "{\\*\\annotation ", "{\\listtext 1.", "\\u-3913?",
                    "\\'8", "\\'83", "\\uc3 ", "{\\fonttbl{\\f0\\fcharset128 x;}}", "\\f0 ", "{\\stylesheet ", "{\\info{\\title ",
                    "{\\upr", "\\ud ", "\\intbl ", "\\super ", "\\bin5 ", "\\v ", "{\\shptxt ", "\\outlinelevel0 ",
                ]).prop_map(|part| part.as_bytes().to_vec()),
                prop::collection::vec(any::<u8>(), 0..6),
            ],
            0..40,
        )
    ) {
        let _ = read(&[b"{\\rtf1 ".to_vec(), parts.concat()].concat());
    }
}
