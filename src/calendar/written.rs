//! Dates as people write them: in numbers, in words, in other languages, as the values of properties.
//!
//! | written | read |
//! |---|---|
//! | `2024-05-01`, `2024/5/1`, `2024.05.01`, `2024_05_01`, `2024年5月1日` | year, month, day |
//! | `20240501`, `20240501T0930`, `202405010930`, `20240501093000` | the same without anything between them |
//! | `2024-W18`, `2024-W18-3` | the Monday of the week, or the day of it |
//! | `May 1, 2024`, `May 1st 2024`, `1 May 2024`, `1. Mai 2024`, `1 de mayo de 2024`, `2024 May 1` | words for months |
//! | `Wed, 01 May 2024`, `Wednesday, May 1, 2024`, `Wed May 1 10:00:00 2024` | with a day of the week, or the time |
//! | `31/05/2024`, `31.05.2024` | day, month, year, or month, day, year, if it can't be otherwise or [`DateOrder`] says so |
//! | `1 мая 2024`, `١ مايو ٢٠٢٤`, `1 tháng 5 năm 2024`, `1 พฤษภาคม 2567`, `令和6年5月1日` | other languages, digits and eras |
//! | `May 1st`, `the 1st of May`, `May 2024`, `2024-05`, `May`, `5月1日` | what is said of it: a [`WrittenDate`] |
//!
//! A day is the day as it stands, whatever time and zone follow.

use serde::{Deserialize, Serialize};

use super::Day;
use super::digits::{in_characters, number, of_era};
use super::names::{self, Month};
use crate::words::is_letter;

/// Digits without anything between them are a date only in these years: other numbers have as many digits.
const YEARS: std::ops::Range<u64> = 1900..2100;

/// The longest word for a month, in characters with the accents that stand alone.
const LONGEST: usize = 16;

/// How many years the Buddhist calendar, by which Thailand counts, is ahead.
const BUDDHIST: u64 = 543;

/// In which order the day and the month stand in dates like `03/11/2026`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DateOrder {
    /// Nobody has said: such a date is one only if it can be read in one way.
    #[default]
    Unknown,
    /// The third of November.
    DayFirst,
    /// The eleventh of March.
    MonthFirst,
}

impl DateOrder {
    /// The order of somebody who writes the day first, or doesn't.
    pub fn of(day_first: bool) -> Self {
        if day_first { Self::DayFirst } else { Self::MonthFirst }
    }
}

/// A date at the start of a text, of which parts may be left open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenDate {
    /// The year, if it is said: `20th of November` says none.
    pub year: Option<u64>,
    /// The month, from 1.
    pub month: u64,
    /// The day of the month, from 1, if it is said: `May 2024` says none.
    pub day: Option<u64>,
    /// How many bytes of the text it takes.
    pub length: usize,
}

impl WrittenDate {
    /// Reads the date that a text begins with. A month without a day is taken from a name only that can mean nothing else.
    ///
    /// ```
    /// use qsearch::calendar::{DateOrder, WrittenDate};
    ///
    /// let date = WrittenDate::read("November 20th, at noon", DateOrder::Unknown).unwrap();
    /// assert_eq!((date.year, date.month, date.day, date.length), (None, 11, Some(20), "November 20th".len()));
    /// ```
    pub fn read(text: &str, order: DateOrder) -> Option<Self> {
        let begun = after_weekday(text);
        let (parts, rest) = numbers(begun, order).or_else(|| words(begun))?;
        Self::of(&parts, &text[..text.len() - rest.len()])
    }

    /// Reads the month in another language than English that a text begins with behind a word of that language such as
    /// "in", which leaves no doubt that it is one: `mars 2024`, `май`.
    pub fn in_month(text: &str) -> Option<Self> {
        let (month, rest) = month(text).filter(|(month, rest)| !month.is_english && ends(rest))?;
        let (year, rest) = year(rest).map_or((None, rest), |(year, rest)| (Some(year), rest));
        Self::of(&Parts { year, month: month.number, day: None }, &text[..text.len() - rest.len()])
    }

    /// The date that was read, if there is such a day.
    fn of(parts: &Parts, text: &str) -> Option<Self> {
        let Parts { mut year, month, day } = *parts;
        if text.contains(is_thai) {
            year = year
                .map(|year| year.checked_sub(BUDDHIST).filter(|year| YEARS.contains(year)).unwrap_or(year));
        }
        // Without a year, it may be a leap year.
        Day::new(year.unwrap_or(2000), month, day.unwrap_or(1))?;
        Some(Self { year, month, day, length: text.len() })
    }

    /// The day, if nothing is left open.
    pub fn day(&self) -> Option<Day> {
        Day::new(self.year?, self.month, self.day?)
    }
}

impl Day {
    /// Reads the day that a text begins with, and how many bytes of the text that takes.
    ///
    /// ```
    /// use qsearch::calendar::{DateOrder, Day};
    ///
    /// let (day, length) = Day::read("12 September 2023 was cold", DateOrder::Unknown).unwrap();
    /// assert_eq!((day, length), (Day::new(2023, 9, 12).unwrap(), "12 September 2023".len()));
    /// ```
    pub fn read(text: &str, order: DateOrder) -> Option<(Self, usize)> {
        let date = WrittenDate::read(text, order)?;
        Some((date.day()?, date.length))
    }

    /// Reads the value of a property that dates a note: whatever [`read`](Self::read) takes, bare or in a link
    /// (`[[2024-05-01|May]]`, `[[daily/2024-05-01]]`), in the brackets of Org (`<2024-05-01 Wed>`), or seconds or
    /// milliseconds since 1970.
    pub fn of_value(value: &str, order: DateOrder) -> Option<Self> {
        let value = value.trim_start_matches(|c: char| c.is_whitespace() || "[<(\"'@".contains(c)).trim_end();
        if let Some((day, _)) = Self::read(value, order) {
            return Some(day);
        }
        let digits = value.bytes().take_while(u8::is_ascii_digit).count();
        let number: Option<u64> = value[..digits].parse().ok();
        match (digits, &value[digits..]) {
            (10, rest) if rest.is_empty() || rest.starts_with('.') => number.map(Self::of),
            (13, "") => number.map(|number| Self::of(number / 1000)),
            _ => {
                let target = value.split([']', '|', '#']).next()?;
                let (_, name) = target.rsplit_once('/')?;
                Some(Self::read(name, order)?.0)
            }
        }
    }
}

/// What is said of a date.
struct Parts {
    year: Option<u64>,
    month: u64,
    day: Option<u64>,
}

impl Parts {
    /// All of it.
    fn whole(year: u64, month: u64, day: u64) -> Self {
        Self { year: Some(year), month, day: Some(day) }
    }
}

impl From<Day> for Parts {
    fn from(day: Day) -> Self {
        Self::whole(day.year, day.month, day.of_month)
    }
}

/// Reads a date in numbers, and gives what comes behind it.
fn numbers(text: &str, order: DateOrder) -> Option<(Parts, &str)> {
    let Some((first, digits, rest)) = number(text) else {
        return in_signs(text).filter(|(_, rest)| ends(rest));
    };
    let found = match digits {
        1 | 2 if rest.trim_start().starts_with(MONTHS) => east_asian(None, text),
        4 => year_first(first, rest),
        1 | 2 => year_last(first, rest, order),
        8 | 12 | 14 => together(first / 10_u64.pow(digits as u32 - 8)).map(|parts| (parts, rest)),
        _ => None,
    };
    found.filter(|(_, rest)| ends(rest))
}

/// Eight digits.
fn together(number: u64) -> Option<Parts> {
    let year = number / 10_000;
    YEARS.contains(&year).then(|| Parts::whole(year, number / 100 % 100, number % 100))
}

/// What stands behind a year: a month and perhaps a day, or a week.
fn year_first(year: u64, rest: &str) -> Option<(Parts, &str)> {
    let separator = rest.chars().next()?;
    let behind = &rest[separator.len_utf8()..];
    match separator {
        '-' | '/' | '.' | '_' => {}
        'W' | 'w' => return week(year, rest),
        '年' | '년' => return east_asian(Some(year), behind),
        _ => return None,
    }
    if behind.starts_with(['W', 'w']) && separator == '-' {
        return week(year, behind);
    }
    let (month, digits, rest) =
        number(after_point(behind, separator)).filter(|(_, digits, _)| *digits <= 2)?;
    let day = rest.strip_prefix(separator).and_then(|rest| number(after_point(rest, separator)));
    let day = day.filter(|(_, digits, _)| *digits <= 2);
    if let Some((day, _, rest)) = day {
        return Some((Parts::whole(year, month, day), rest));
    }
    let is_month = digits == 2 && ['-', '/'].contains(&separator) && !rest.starts_with([separator, '_']);
    is_month.then_some((Parts { year: Some(year), month, day: None }, rest))
}

/// The Monday of a week, or another day of it.
fn week(year: u64, text: &str) -> Option<(Parts, &str)> {
    let (week, digits, rest) = number(&text[1..])?;
    let weekday = rest
        .strip_prefix('-')
        .and_then(number)
        .filter(|(day, digits, _)| *digits == 1 && (1..=7).contains(day));
    let (weekday, rest) = weekday.map_or((1, rest), |(day, _, rest)| (day, rest));
    (digits == 2).then_some((Day::of_week(year, week, weekday)?.into(), rest))
}

/// The signs behind the number of a month, in Chinese and Japanese and in Korean.
const MONTHS: [char; 2] = ['月', '월'];

/// A month and a day with their signs: `5月1日`, `5월 1일`, `五月一日`. Without a year, there must be a day.
fn east_asian(year: Option<u64>, text: &str) -> Option<(Parts, &str)> {
    let counted = |text| number(text).map(|(value, _, rest)| (value, rest)).or_else(|| in_characters(text));
    let (month, rest) = counted(text.trim_start_matches(' '))?;
    let rest = rest.trim_start_matches(' ').strip_prefix(MONTHS)?;
    let day = counted(rest.trim_start_matches(' ')).and_then(|(day, rest)| {
        Some((day, rest.trim_start_matches(' ').strip_prefix(['日', '일', '号', '號'])?))
    });
    let (day, rest) = day.map_or((None, rest), |(day, rest)| (Some(day), rest));
    (year.is_some() || day.is_some()).then_some((Parts { year, month, day }, rest))
}

/// A date that begins with an era or with characters for a number: `令和6年5月1日`, `二〇二四年五月一日`, `五月一日`.
fn in_signs(text: &str) -> Option<(Parts, &str)> {
    let (year, rest) = of_era(text).or_else(|| in_characters(text))?;
    match rest.strip_prefix('年') {
        Some(rest) => east_asian(Some(year), rest).filter(|_| YEARS.contains(&year)),
        None => east_asian(None, text),
    }
}

/// What comes behind a blank that many put behind a point: `1. 5. 2024`, `2024. 5. 1`.
fn after_point(text: &str, separator: char) -> &str {
    text.strip_prefix(' ').filter(|_| separator == '.').unwrap_or(text)
}

/// What stands behind a day or a month: a month or a day, and a year.
fn year_last(first: u64, rest: &str, order: DateOrder) -> Option<(Parts, &str)> {
    let separator = rest.chars().next().filter(|c| ['/', '-', '.', '_'].contains(c))?;
    let (second, digits, rest) = number(after_point(&rest[1..], separator))?;
    let (year, year_digits, rest) = number(after_point(rest.strip_prefix(separator)?, separator))?;
    if digits > 2 || year_digits != 4 {
        return None;
    }
    let day_first = match order {
        _ if first > 12 || first == second => true,
        _ if second > 12 => false,
        DateOrder::DayFirst => true,
        DateOrder::MonthFirst => false,
        // Nobody writes the month first with points.
        DateOrder::Unknown if separator == '.' => true,
        DateOrder::Unknown => return None,
    };
    let (day, month) = if day_first { (first, second) } else { (second, first) };
    Some((Parts::whole(year, month, day), rest))
}

/// Reads a date with a word for its month, and gives what comes behind it.
fn words(text: &str) -> Option<(Parts, &str)> {
    /// What may stand before a day.
    const ARTICLES: [&str; 8] = ["the ", "le ", "el ", "il ", "den ", "der ", "dia ", "día "];
    let lower =
        |article: &&&str| text.get(..article.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(article));
    let article = ARTICLES.iter().find(|article| text.starts_with(**article) || lower(article));
    let text = article.map_or(text, |article| &text[article.len()..]);
    let text = text.strip_prefix("ngày ").or_else(|| text.strip_prefix("Ngày ")).unwrap_or(text);
    let Some((first, digits, rest)) = number(text) else { return month_first(text) };
    match digits {
        1 | 2 => {
            let (month, rest) = month(particle(gap(ordinal(rest))))?;
            let (year, rest) = year(rest).map_or((None, rest), |(year, rest)| (Some(year), rest));
            ends(rest).then_some((Parts { year, month: month.number, day: Some(first) }, rest))
        }
        4 => {
            let (month, rest) = month(gap(rest)).filter(|(_, rest)| ends(rest))?;
            let day = number(gap(rest)).map(|(day, digits, rest)| (day, digits, ordinal(rest)));
            let day = day.filter(|(_, digits, rest)| *digits <= 2 && ends(rest));
            let (day, rest) = day.map_or((None, rest), |(day, _, rest)| (Some(day), rest));
            Some((Parts { year: Some(first), month: month.number, day }, rest))
        }
        _ => None,
    }
}

/// The year behind a month, and what comes behind it.
fn year(rest: &str) -> Option<(u64, &str)> {
    let (year, _, rest) =
        number(particle(gap(rest))).filter(|(_, digits, rest)| *digits == 4 && ends(rest))?;
    Some((year, rest))
}

/// Reads a date that begins with a word for its month.
fn month_first(text: &str) -> Option<(Parts, &str)> {
    let (Month { number: month, is_sure, is_english }, rest) = month(text)?;
    let behind = gap(rest);
    let has_comma = rest[..rest.len() - behind.len()].contains(',');
    let behind = if is_english { behind } else { particle(behind) };
    let found = match number(behind).filter(|_| behind.len() < rest.len()) {
        Some((day, 1 | 2, rest)) if !has_comma => {
            let rest = ordinal(rest);
            let year = |rest| number(gap(rest)).filter(|(_, digits, rest)| *digits == 4 && ends(rest));
            let year = year(rest).or_else(|| year(after_time(gap(rest))?));
            let (year, rest) = year.map_or((None, rest), |(year, _, rest)| (Some(year), rest));
            (Parts { year, month, day: Some(day) }, rest)
        }
        Some((year, 4, rest)) if is_sure => (Parts { year: Some(year), month, day: None }, rest),
        Some((_, 1 | 2, _)) | None if is_sure => (Parts { year: None, month, day: None }, rest),
        _ => return None,
    };
    Some(found).filter(|(_, rest)| ends(rest) && !rest.starts_with(':'))
}

/// What comes behind the time and the zone that a text begins with: `10:00:00 UTC 2024`.
fn after_time(text: &str) -> Option<&str> {
    let is_time = text
        .get(..5)?
        .bytes()
        .enumerate()
        .all(|(at, byte)| if at == 2 { byte == b':' } else { byte.is_ascii_digit() });
    let rest = text.get(5..).filter(|_| is_time)?;
    let rest = rest.get(..3).filter(|seconds| seconds.starts_with(':')).map_or(rest, |_| &rest[3..]);
    let zone = rest.strip_prefix(' ')?.bytes().take_while(u8::is_ascii_uppercase).count();
    Some(&rest[1 + zone.min(5)..])
}

/// What comes behind the day of the week that a text begins with, if it begins with one.
fn after_weekday(text: &str) -> &str {
    let Some((word, rest)) = word(text).filter(|(word, _)| names::is_weekday(word)) else { return text };
    // Portuguese numbers them, as days of a market.
    let rest = rest.strip_prefix("-feira").filter(|_| word.len() >= 5).unwrap_or(rest);
    gap(rest)
}

/// The month that a text begins with, and what comes behind it. Vietnamese numbers them.
fn month(text: &str) -> Option<(Month, &str)> {
    let (word, rest) = word(text)?;
    if word == "tháng" {
        let (number, _, rest) = number(rest.strip_prefix(' ')?).filter(|(_, digits, _)| *digits <= 2)?;
        return Some((Month { number, is_sure: true, is_english: false }, rest));
    }
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    Some((names::month(&word)?, rest))
}

/// The short word that a text begins with, in lower case, and what comes behind it.
fn word(text: &str) -> Option<(String, &str)> {
    let in_word = |c: char| c.is_alphabetic() || (!c.is_ascii() && is_letter(c) && !c.is_numeric());
    let (last, c) = text.char_indices().take(LONGEST).take_while(|(_, c)| in_word(*c)).last()?;
    let end = last + c.len_utf8();
    let is_whole = !text[end..].starts_with(in_word);
    is_whole.then(|| (text[..end].to_lowercase(), &text[end..]))
}

/// What comes behind blanks and signs that may stand between the parts of a date.
fn gap(text: &str) -> &str {
    let is_gap = |c: &char| matches!(c, ' ' | '\u{a0}' | '\t' | ',' | '،' | '，' | '-' | '_' | '.' | '/');
    &text[text.chars().take(3).take_while(is_gap).map(char::len_utf8).sum()..]
}

/// What comes behind the ending of a number in an order: `1st`, `1er`, `1º`.
fn ordinal(text: &str) -> &str {
    let endings = ["st", "nd", "rd", "th", "er", "º", "ª", "°", ".", "-го", "-е", "e"];
    let cut = endings.iter().find_map(|ending| text.strip_prefix(ending));
    cut.filter(|rest| !rest.starts_with(char::is_alphanumeric)).unwrap_or(text)
}

/// What comes behind a word that may stand before a month or a year: `1st of May`, `1 de mayo de 2024`.
fn particle(text: &str) -> &str {
    ["of ", "de ", "del ", "di ", "d'", "d’", "من ", "năm "]
        .iter()
        .find_map(|word| text.strip_prefix(word))
        .unwrap_or(text)
}

/// Whether a character is one of Thai writing.
fn is_thai(c: char) -> bool {
    matches!(c, '\u{e01}'..='\u{e5b}')
}

/// Whether a date may end before this. A `T` begins the time of day, a `Z` the zone.
fn ends(rest: &str) -> bool {
    let mut next = rest.chars();
    match next.next() {
        Some('T' | 't') => next.next().is_some_and(|c| c.is_ascii_digit()),
        Some('Z') => next.next().is_none_or(|c| !c.is_alphanumeric()),
        // What is written without blanks goes on.
        Some(c) => !c.is_alphanumeric() || !(c.is_ascii() || c.is_lowercase() || c.is_uppercase()),
        None => true,
    }
}

#[cfg(test)]
#[path = "written_tests.rs"]
mod tests;
