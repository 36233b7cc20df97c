//! What does a file's name say about the note?

use super::plain;
use crate::calendar::Day;
use crate::document::NotePath;

/// Eight digits are a date only in these years: other numbers have eight digits too.
const YEARS: std::ops::Range<u64> = 1900..2100;

/// The title that a file's name gives: `Brown-butter_tart.md` is about a brown butter tart.
///
/// Numbers, dates, hashes and a lone letter say nothing; a name that consists of nothing else gives no title.
pub(super) fn title(path: &NotePath) -> Option<String> {
    let stem = stem(path);
    let says =
        |part: &&str| part.chars().any(char::is_alphabetic) && !part.contains(|c: char| c.is_ascii_digit());
    let parts: Vec<&str> = stem.split(['-', '_', '.', ' ']).filter(|part| !part.is_empty()).collect();
    let first = parts.iter().position(&says)?;
    let last = parts.iter().rposition(says)?;
    Some(plain::title(&parts[first..=last].join(" "))).filter(|title| title.len() > 1)
}

/// The date that a file's name gives: that of `2024-03-07.md`, `20240307 standup.md`,
/// `202403071530.md`, `Standup 2024_03_07.md`, or `2024/03/07.md`.
///
/// The first date in the name counts. Digits that belong to a longer number or to a word aren't one.
pub(super) fn date(path: &NotePath) -> Option<Day> {
    let stem = stem(path);
    let begins = |at: usize| !stem[..at].ends_with(char::is_alphanumeric);
    let mut places = stem.char_indices().filter(|&(at, c)| c.is_ascii_digit() && begins(at));
    let day = places.find_map(|(at, _)| apart(&stem[at..]).or_else(|| together(&stem[at..])));
    day.or_else(|| in_folders(path))
}

/// The date that a text begins with, its parts set apart by one of `-`, `_` and `.`.
fn apart(text: &str) -> Option<Day> {
    let (year, rest) = digits(text, 4)?;
    let separator = rest.chars().next().filter(|c| ['-', '_', '.'].contains(c))?;
    let (month, rest) = digits(rest.strip_prefix(separator)?, 2)?;
    let (day, rest) = digits(rest.strip_prefix(separator)?, 2)?;
    Day::new(year, month, day).filter(|_| ends(rest))
}

/// The date that a text begins with, its digits without anything between them, with the time behind it or without.
fn together(text: &str) -> Option<Day> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    if !matches!(length, 8 | 12 | 14) || !ends(&text[length..]) {
        return None;
    }
    let number: u64 = text[..8].parse().ok()?;
    let year = number / 10_000;
    Day::new(year, number / 100 % 100, number % 100).filter(|_| YEARS.contains(&year))
}

/// The date of a file that is named by the day in a folder of the month in one of the year.
fn in_folders(path: &NotePath) -> Option<Day> {
    let mut folders = path.as_str().rsplit('/').skip(1);
    let (day, rest) = digits(stem(path), 2)?;
    let (month, in_month) = digits(folders.next()?, 2)?;
    let (year, in_year) = digits(folders.next()?, 4)?;
    let nothing_else = [rest, in_month, in_year].iter().all(|rest| rest.is_empty());
    Day::new(year, month, day).filter(|_| nothing_else)
}

/// The number that a text begins with, of just so many digits, and what comes behind it.
fn digits(text: &str, count: usize) -> Option<(u64, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    if length == count { Some((text[..count].parse().ok()?, &text[count..])) } else { None }
}

/// Whether a date may end before this. A `T` begins the time of day.
fn ends(rest: &str) -> bool {
    let mut next = rest.chars();
    match next.next() {
        Some('T') => next.next().is_some_and(|c| c.is_ascii_digit()),
        Some(c) => !c.is_alphanumeric(),
        None => true,
    }
}

/// A file's name without its extension.
fn stem(path: &NotePath) -> &str {
    let file = path.as_str().rsplit('/').next().unwrap_or_default();
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_a_title_and_numbers_are_none() {
        let title = |path: &str| title(&NotePath::from_encoded(path));
        assert_eq!(title("food/Brown-butter_tart.md").as_deref(), Some("Brown butter tart"));
        assert_eq!(title("2024-05-01 Trip to Kyoto.md").as_deref(), Some("Trip to Kyoto"));
        assert_eq!(title("05-in-depth.md").as_deref(), Some("in depth"));
        assert_eq!(title("README").as_deref(), Some("README"));
        assert_eq!(title("日記.md").as_deref(), Some("日記"));
        for path in ["2024-05-01.md", "000_4299fa5aa3200c4a.txt", "v2.md", "n.md", "-.md", ""] {
            assert_eq!(title(path), None, "{path}");
        }
    }

    #[test]
    fn names_of_daily_notes_are_dates() {
        let date = |path: &str| date(&NotePath::from_encoded(path)).map(|day| day.to_string());
        for path in [
            "2024-03-07.md",
            "journal/2024-03-07-title.md",
            "2024-03-07 Trip to Kyoto.md",
            "2024_03_07.org",
            "2024.03.07.md",
            "Standup 2024-03-07.md",
            "2024-03-07T1530.md",
            "20240307 title.md",
            "notes/20240307.txt",
            "202403071530 zettel.md",
            "IMG_20240307_153000.md",
            "v2 12 2024-03-07 to 2024-03-09.md",
            "daily/2024/03/07.md",
            "日記 2024-03-07.md",
        ] {
            assert_eq!(date(path).as_deref(), Some("2024-03-07"), "{path}");
        }
        for path in [
            "2024.md",
            "2024-03.md",
            "2024-W10.md",
            "2024-02-30.md",
            "2024-13-07.md",
            "12024-03-07.md",
            "2024-03-071.md",
            "2024-03_07.md",
            "x2024-03-07.md",
            "20240307a.md",
            "45000101.md",
            "2024030715.md",
            "4299fa5aa3200c4a.md",
            "24/03/07.md",
            "2024-03-07/a.md",
            "07.md",
            "é",
            "",
        ] {
            assert_eq!(date(path), None, "{path}");
        }
    }
}
