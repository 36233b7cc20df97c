use super::*;

/// Reads a question that is asked on Saturday, 28 November 2026: the first meaning and the rest.
fn read(question: &str) -> Option<(String, String)> {
    let asked = AskedDate::find(question, Day::new(2026, 11, 28).unwrap())?;
    let Period { since, before } = asked.periods[0];
    let last = before.days_before(1).unwrap();
    let days = if since == last { since.to_string() } else { format!("{since} {last}") };
    Some((days, asked.rest))
}

#[test]
fn dates_are_read_as_people_type_them() {
    for (question, days, rest) in [
        ("what did I do on November 20th", "2026-11-20", "what did I do"),
        ("what did I do on November 20th?", "2026-11-20", "what did I do ?"),
        ("what happened yesterday", "2026-11-27", "what happened"),
        ("Yesterday's meeting", "2026-11-27", "'s meeting"),
        ("the day before yesterday lunch", "2026-11-26", "lunch"),
        ("what's on today", "2026-11-28", "what's"),
        ("meetings last week", "2026-11-16 2026-11-22", "meetings"),
        ("meetings this week", "2026-11-23 2026-11-29", "meetings"),
        ("plans for next week", "2026-11-30 2026-12-06", "plans"),
        ("last weekend", "2026-11-21 2026-11-22", ""),
        ("spending this month", "2026-11-01 2026-11-30", "spending"),
        ("spending last month", "2026-10-01 2026-10-31", "spending"),
        ("last year goals", "2025-01-01 2025-12-31", "goals"),
        ("revenue last quarter", "2026-07-01 2026-09-30", "revenue"),
        ("revenue this quarter", "2026-10-01 2026-12-31", "revenue"),
        ("what did we decide in March", "2026-03-01 2026-03-31", "what did we decide"),
        ("trip in March 2023", "2023-03-01 2023-03-31", "trip"),
        ("March 2023 trip", "2023-03-01 2023-03-31", "trip"),
        ("trip in December", "2025-12-01 2025-12-31", "trip"),
        ("trip last May", "2026-05-01 2026-05-31", "trip"),
        ("trip in may", "2026-05-01 2026-05-31", "trip"),
        ("weather on 12 September 2023", "2023-09-12", "weather"),
        ("notes of Sep 12, 2023", "2023-09-12", "notes"),
        ("call on the 3rd of May", "2026-05-03", "call"),
        ("what did Kim say last Friday", "2026-11-27", "what did Kim say"),
        ("what did Kim say on Monday", "2026-11-23", "what did Kim say"),
        ("what did Kim say on Saturday", "2026-11-28", "what did Kim say"),
        ("last Saturday's walk", "2026-11-21", "'s walk"),
        ("standup on Friday, November 20", "2026-11-20", "standup"),
        ("two weeks ago at work", "2026-11-11 2026-11-17", "at work"),
        ("3 days ago", "2026-11-25", ""),
        ("a month ago", "2026-10-01 2026-10-31", ""),
        ("two years ago today", "2024-01-01 2024-12-31", "today"),
        ("what have I read in the last two weeks", "2026-11-14 2026-11-28", "what have I read"),
        ("the past 3 days", "2026-11-25 2026-11-28", "the"),
        ("2026-W47 review", "2026-11-16 2026-11-22", "review"),
        ("week 47 review", "2026-11-16 2026-11-22", "review"),
        ("2026-11-20", "2026-11-20", ""),
        ("journal 2026-11", "2026-11-01 2026-11-30", "journal"),
        ("goals for Q3 2024", "2024-07-01 2024-09-30", "goals"),
        ("goals in Q3", "2026-07-01 2026-09-30", "goals"),
        ("what changed in 2023", "2023-01-01 2023-12-31", "what changed"),
        ("what changed since March 2026", "2026-03-01 2027-11-28", "what changed"),
        ("what was decided before June 2024", "0000-01-01 2024-05-31", "what was decided"),
    ] {
        assert_eq!(read(question), Some((days.to_owned(), rest.to_owned())), "{question}");
    }
}

#[test]
fn other_words_are_no_dates() {
    for question in [
        "you may go",
        "how do ants march",
        "march of the penguins",
        "the second world war",
        "black friday deals",
        "version 3.10",
        "Q1 planning",
        "port 8080",
        "1984 by Orwell",
        "April O'Neil",
        "in a week",
        "last chance",
        "call Jan",
        "the weekly review",
        "next steps",
        "10 20 30 rule",
        "sun and moon",
        "",
    ] {
        assert_eq!(read(question), None, "{question}");
    }
}

#[test]
fn a_date_without_a_year_may_be_of_any() {
    let asked = AskedDate::find("on November 30th", Day::new(2026, 11, 28).unwrap()).unwrap();
    let years: Vec<u64> = asked.periods.iter().map(|period| period.since.year()).collect();
    assert_eq!(years, [2025, 2026, 2024, 2023, 2022, 2021, 2020, 2019, 2018, 2017, 2016]);
    let asked = AskedDate::find("in February", Day::new(2026, 2, 28).unwrap()).unwrap();
    assert_eq!(asked.periods[0].since, Day::new(2026, 2, 1).unwrap());
}

#[test]
fn dates_in_other_languages_are_read() {
    for (question, days, rest) in [
        ("Was haben wir im März beschlossen", "2026-03-01 2026-03-31", "Was haben wir beschlossen"),
        ("Ausgaben im Mai", "2026-05-01 2026-05-31", "Ausgaben"),
        ("Termine am 1. Mai 2024", "2024-05-01", "Termine am"),
        ("Was war gestern", "2026-11-27", "Was war"),
        ("Was kam nach dem 1. Mai 2026", "2026-05-02 2027-11-28", "Was kam"),
        ("gastos en mayo", "2026-05-01 2026-05-31", "gastos"),
        ("gastos en mayo de 2024", "2024-05-01 2024-05-31", "gastos"),
        ("gastos de marzo de 2024", "2024-03-01 2024-03-31", "gastos"),
        ("réunions en mars", "2026-03-01 2026-03-31", "réunions"),
        ("réunion du 1er mai", "2026-05-01", "réunion"),
        ("réunions depuis mai 2026", "2026-05-01 2027-11-28", "réunions"),
        ("встречи в мае", "2026-05-01 2026-05-31", "встречи"),
        ("встреча 1 мая 2024", "2024-05-01", "встреча"),
        ("что было вчера", "2026-11-27", "что было"),
        ("что изменилось в 2023", "2023-01-01 2023-12-31", "что изменилось"),
        ("spotkania w maju", "2026-05-01 2026-05-31", "spotkania"),
        ("möten i maj", "2026-05-01 2026-05-31", "möten"),
        ("2024年5月1日の会議", "2024-05-01", "の会議"),
        ("会議は2024年5月1日", "2024-05-01", "会議は"),
        ("5월 1일 회의", "2026-05-01", "회의"),
        ("اجتماع ١ مايو ٢٠٢٤", "2024-05-01", "اجتماع"),
    ] {
        assert_eq!(read(question), Some((days.to_owned(), rest.to_owned())), "{question}");
    }
    for question in [
        "should i march",
        "w may",
        "en march",
        "i friday",
        "w 2023",
        "life on mars",
        "vor Ort",
        "de 2023 pieces",
    ] {
        assert_eq!(read(question), None, "{question}");
    }
}
