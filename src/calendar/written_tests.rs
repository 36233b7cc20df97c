use proptest::prelude::*;

use super::*;

/// What is read from the start of a text, as `year-month-day`, with `?` for what is left open, and what comes behind.
fn read(text: &str, order: DateOrder) -> Option<(String, &str)> {
    let date = WrittenDate::read(text, order)?;
    let part = |part: Option<u64>| part.map_or("?".to_owned(), |part| part.to_string());
    let said = [part(date.year), part(Some(date.month)), part(date.day)].join("-");
    Some((said, &text[date.length..]))
}

#[test]
fn dates_in_numbers_are_read() {
    for text in [
        "2024-05-01",
        "2024-5-1",
        "2024/05/01",
        "2024.05.01",
        "2024_05_01",
        "20240501",
        "202405011530",
        "20240501153000",
        "2024年5月1日",
        "2024年05月01日",
        "2024년 5월 1일",
        "1.5.2024",
        "2024-W18-3",
        "Wed 2024-05-01",
    ] {
        assert_eq!(read(text, DateOrder::Unknown), Some(("2024-5-1".into(), "")), "{text}");
    }
    for (text, said, rest) in [
        ("2024-05-01T23:30:00-08:00", "2024-5-1", "T23:30:00-08:00"),
        ("2024-05-01 10:00:00 +0200", "2024-5-1", " 10:00:00 +0200"),
        ("2024-05-01, 08:08 PM", "2024-5-1", ", 08:08 PM"),
        ("2024-05-01Z", "2024-5-1", "Z"),
        ("20240501T0930", "2024-5-1", "T0930"),
        ("2024-05-01日記", "2024-5-1", "日記"),
        ("2024-05-12-01 call", "2024-5-12", "-01 call"),
        ("2026-W47", "2026-11-16", ""),
        ("2026W47", "2026-11-16", ""),
        ("2020-W53", "2020-12-28", ""),
        ("2021-W01", "2021-1-4", ""),
        ("2026-W01", "2025-12-29", ""),
        ("2026-W47 review", "2026-11-16", " review"),
        ("2024-05", "2024-5-?", ""),
        ("2024/05 plan", "2024-5-?", " plan"),
        ("2024年5月", "2024-5-?", ""),
    ] {
        assert_eq!(read(text, DateOrder::Unknown), Some((said.into(), rest)), "{text}");
    }
}

#[test]
fn dates_in_words_are_read() {
    for text in [
        "May 1, 2024",
        "May 1 2024",
        "May 1st, 2024",
        "may 1st 2024",
        "May 01, 2024",
        "MAY 1, 2024",
        "1 May 2024",
        "1st May 2024",
        "1st of May 2024",
        "the 1st of May, 2024",
        "01-May-2024",
        "1_May_2024",
        "2024-May-01",
        "2024 May 1",
        "Wed, 01 May 2024",
        "Wednesday, May 1, 2024",
        "Wednesday 1st May 2024",
        "Wed May 01 2024",
        "Wed May  1 10:00:00 UTC 2024",
        "Wed May  1 10:00:00 2024",
        "1. Mai 2024",
        "1 mai 2024",
        "1er mai 2024",
        "1 de mayo de 2024",
        "1º de maio de 2024",
        "1 maggio 2024",
        "1 mei 2024",
        "1\u{a0}May\u{a0}2024",
    ] {
        assert_eq!(read(text, DateOrder::Unknown), Some(("2024-5-1".into(), "")), "{text}");
    }
    for (text, said, rest) in [
        ("Wed May 01 2024 10:00:00 GMT+0200", "2024-5-1", " 10:00:00 GMT+0200"),
        ("Wed, 01 May 2024 10:00:00 GMT", "2024-5-1", " 10:00:00 GMT"),
        ("May 1, 2024 8:08 PM", "2024-5-1", " 8:08 PM"),
        ("November 20th", "?-11-20", ""),
        ("November 20th, 2025?", "2025-11-20", "?"),
        ("Nov. 3", "?-11-3", ""),
        ("Sept 9", "?-9-9", ""),
        ("the 20th of November", "?-11-20", ""),
        ("20 November or so", "?-11-20", " or so"),
        ("12 September 2023", "2023-9-12", ""),
        ("29 February", "?-2-29", ""),
        ("March", "?-3-?", ""),
        ("March 2024", "2024-3-?", ""),
        ("March, 2024", "2024-3-?", ""),
        ("March, 2 people", "?-3-?", ", 2 people"),
        ("3. März", "?-3-3", ""),
        ("3 août", "?-8-3", ""),
        ("December 24 10:00", "?-12-24", " 10:00"),
        ("3 May 20245", "?-5-3", " 20245"),
    ] {
        assert_eq!(read(text, DateOrder::Unknown), Some((said.into(), rest)), "{text}");
    }
}

#[test]
fn the_order_of_day_and_month_is_told_or_seen() {
    for (text, unknown, day_first, month_first) in [
        ("03/11/2026", None, Some("2026-11-3"), Some("2026-3-11")),
        ("3-11-2026", None, Some("2026-11-3"), Some("2026-3-11")),
        ("03.11.2026", Some("2026-11-3"), Some("2026-11-3"), Some("2026-3-11")),
        ("13/11/2026", Some("2026-11-13"), Some("2026-11-13"), Some("2026-11-13")),
        ("11/13/2026", Some("2026-11-13"), Some("2026-11-13"), Some("2026-11-13")),
        ("05/05/2026", Some("2026-5-5"), Some("2026-5-5"), Some("2026-5-5")),
        ("2026/03/11", Some("2026-3-11"), Some("2026-3-11"), Some("2026-3-11")),
        ("13/13/2026", None, None, None),
    ] {
        let said = |order| read(text, order).map(|(said, _)| said);
        for (order, expected) in [
            (DateOrder::Unknown, unknown),
            (DateOrder::DayFirst, day_first),
            (DateOrder::MonthFirst, month_first),
        ] {
            assert_eq!(said(order).as_deref(), expected, "{text} {order:?}");
        }
    }
}

#[test]
fn other_numbers_and_words_are_no_dates() {
    for text in [
        "",
        "2024",
        "2024-13-01",
        "2024-02-30",
        "2023-02-29",
        "2024-05-011",
        "2024-05-01a",
        "2024-05_01",
        "2024-W54",
        "2021-W53",
        "2024-W1",
        "12024-05-01",
        "20241301",
        "45000101",
        "2024050115",
        "1714521600",
        "123456789012345678901234567890",
        "10.0.0.1",
        "1-1 with Jo",
        "24/05/01",
        "5 GB",
        "3 out 2024",
        "30 February",
        "Marching 5",
        "mars",
        "mars 2024",
        "mai",
        "May10",
        "May 10:30",
        "Wednesday",
        "é",
        "年",
        "2024年",
    ] {
        assert_eq!(read(text, DateOrder::Unknown), None, "{text}");
    }
}

#[test]
fn dates_in_other_languages_are_read() {
    for text in [
        "den 1. Mai 2024",
        "Mittwoch, 1. Mai 2024",
        "Mittwoch, den 1. Mai 2024",
        "1. 5. 2024",
        "le 1er mai 2024",
        "mercredi 1er mai 2024",
        "miércoles, 1 de mayo de 2024",
        "el 1 de mayo del 2024",
        "quarta-feira, 1 de maio de 2024",
        "mercoledì 1 maggio 2024",
        "woensdag 1 mei 2024",
        "1e mei 2024",
        "onsdag den 1. maj 2024",
        "1. toukokuuta 2024",
        "1 maja 2024",
        "1. května 2024",
        "2024. május 1",
        "1 mai 2024",
        "1 Mayıs 2024",
        "1 mayis 2024",
        "1 Mei 2024",
        "1 Μαΐου 2024",
        "1 мая 2024",
        "1-го мая 2024",
        "среда, 1 мая 2024",
        "1 травня 2024",
        "1 май 2024",
        "١ مايو ٢٠٢٤",
        "الأربعاء، ١ مايو ٢٠٢٤",
        "1 من مايو 2024",
        "۱ مه ۲۰۲۴",
        "1 במאי 2024",
        "1 मई 2024",
        "१ मई २०२४",
        "1 মে 2024",
        "1 พฤษภาคม 2567",
        "1 tháng 5 năm 2024",
        "ngày 1 tháng 5, 2024",
        "２０２４年５月１日",
        "二〇二四年五月一日",
        "2024年5月1号",
        "令和6年5月1日",
        "2024. 5. 1",
        "2024년5월1일",
    ] {
        assert_eq!(read(text, DateOrder::Unknown), Some(("2024-5-1".into(), "")), "{text}");
    }
}

#[test]
fn parts_of_dates_in_other_languages_are_read() {
    for (text, said, rest) in [
        ("1. Mai", "?-5-1", ""),
        ("den 1. Mai war es kalt", "?-5-1", " war es kalt"),
        ("le 1er mai", "?-5-1", ""),
        ("1 мая", "?-5-1", ""),
        ("5月1日", "?-5-1", ""),
        ("5월 1일 회의", "?-5-1", " 회의"),
        ("五月一日", "?-5-1", ""),
        ("11. lokakuuta", "?-10-11", ""),
        ("30 września 2024 r.", "2024-9-30", " r."),
        ("1 мая 2024 г. было холодно", "2024-5-1", " г. было холодно"),
        ("2024. május 1. reggel", "2024-5-1", " reggel"),
        ("1 Mayıs'ta", "?-5-1", "'ta"),
        ("März 2024", "2024-3-?", ""),
        ("maio 2024", "2024-5-?", ""),
        ("enero de 2024", "2024-1-?", ""),
        ("tháng 5 năm 2024", "2024-5-?", ""),
        ("май 2024", "2024-5-?", ""),
        ("พฤษภาคม 2567", "2024-5-?", ""),
        ("2024年5月の予定", "2024-5-?", "の予定"),
    ] {
        assert_eq!(read(text, DateOrder::Unknown), Some((said.to_owned(), rest)), "{text}");
    }
    for text in [
        "3 out 2024",
        "5月",
        "五",
        "十",
        "2024. 13. 1",
        "mayo",
        "tháng 13 năm 2024",
        "31 апреля",
        "le 5",
        "元年",
    ] {
        assert_eq!(read(text, DateOrder::Unknown), None, "{text}");
    }
}

#[test]
fn a_month_behind_a_preposition_is_one() {
    for (text, year, month) in
        [("mars 2024", Some(2024), 3), ("Mai", None, 5), ("mayo de 2024", Some(2024), 5)]
    {
        let date = WrittenDate::in_month(text).unwrap();
        assert_eq!((date.year, date.month, date.day, date.length), (year, month, None, text.len()), "{text}");
    }
    assert_eq!(WrittenDate::in_month("Marseille"), None);
    assert_eq!(WrittenDate::in_month("2024"), None);
}

#[test]
fn values_of_properties_are_days() {
    for value in [
        "2024-05-01",
        "  2024-05-01  ",
        "[[2024-05-01]]",
        "[[2024-05-01|May]]",
        "[[daily/2024-05-01]]",
        "[[daily/2024/2024-05-01#Log|that day]]",
        "[[May 1st, 2024]]",
        "<2024-05-01 Wed>",
        "[2024-05-01 Wed 10:00]",
        "<2024-05-01 Wed>--<2024-05-03 Fri>",
        "@May 1, 2024",
        "\"2024-05-01\"",
        "1714521600",
        "1714521600.25",
        "1714521600000",
        "202405011530",
        "2024-05-01T23:30:00-08:00",
    ] {
        assert_eq!(Day::of_value(value, DateOrder::Unknown), Day::new(2024, 5, 1), "{value}");
    }
    for value in ["", "2024", "2024-05", "soon", "[[someday]]", "03/11/2026", "171452160", "/", "]/"] {
        assert_eq!(Day::of_value(value, DateOrder::Unknown), None, "{value}");
    }
}

proptest! {
    #[test]
    fn any_text_may_be_read(text in "\\PC*|[0-9/.WT-]{0,12}|(May|[0-9]{1,4}|[ ,.年月é]|of |st|Wed){0,8}") {
        for order in [DateOrder::Unknown, DateOrder::DayFirst, DateOrder::MonthFirst] {
            if let Some(date) = WrittenDate::read(&text, order) {
                prop_assert!(date.length > 0 && text.is_char_boundary(date.length));
                prop_assert_eq!(date.day().is_some(), date.year.is_some() && date.day.is_some());
            }
            let _ = Day::of_value(&text, order);
        }
    }

    #[test]
    fn any_text_in_other_languages_may_be_read(
        text in "(le |den |[0-9٠-٩０-９]{1,4}|[ ,.年月日号年월일]|十|元|令和|мая|मई|พฤษภาคม|tháng |năm |de |-го|e|mars|среда){0,8}"
    ) {
        if let Some(date) = WrittenDate::read(&text, DateOrder::Unknown) {
            prop_assert!(date.length > 0 && text.is_char_boundary(date.length));
        }
        let _ = (Day::of_value(&text, DateOrder::DayFirst), WrittenDate::in_month(&text));
    }

    #[test]
    fn days_are_read_as_they_are_printed(seconds in 0..253_402_300_799_u64) {
        let day = Day::of(seconds);
        prop_assert_eq!(Day::read(&day.to_string(), DateOrder::Unknown), Some((day, 10)));
        prop_assert_eq!(Day::of_value(&format!("[[{day}]]"), DateOrder::Unknown), Some(day));
    }
}
