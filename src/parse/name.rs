//! What does a file's name say about the note?

use super::plain;
use crate::calendar::{DateOrder, Day, WrittenDate};
use crate::document::NotePath;

/// Numbers of so many digits are dates or were given by a machine.
const ID_DIGITS: usize = 8;

/// The title that a file's name gives: `Brown-butter_tart.md` is about a brown butter tart.
///
/// A date or a number of an archive before the words says nothing, nor do hashes and what else only machines write. A name
/// that consists of nothing else, or of a single letter, gives no title.
pub(super) fn title(path: &NotePath) -> Option<String> {
    let stem = stem(path).trim();
    if is_date(stem) {
        return None;
    }
    let words = if stem.contains(char::is_whitespace) { spoken(stem) } else { joined(stem) };
    let title = plain::title(&words);
    // A lone letter, and `v2`, are no words.
    let mut chars = title.chars();
    let is_letter = chars.next().is_some_and(|c| c.is_ascii_lowercase()) && chars.all(|c| c.is_ascii_digit());
    let says = title.contains(char::is_alphabetic) && title.len() > 1;
    (says && !is_letter).then_some(title)
}

/// A name with blanks, which its writer has put as it is to be read.
fn spoken(stem: &str) -> String {
    let words = without_date(stem);
    let words: Vec<&str> = words.split_whitespace().filter(|word| !is_id(word)).collect();
    words.join(" ").trim_start_matches(['-', '_', '–', '—', ' ']).to_owned()
}

/// A name without blanks, whose words are joined by dashes, underscores or points.
fn joined(stem: &str) -> String {
    if is_id(stem) {
        return String::new();
    }
    let stem = without_date(stem);
    let points = stem.matches('.').count() > 1;
    let mut parts: Vec<String> = vec![String::new()];
    let mut chars = stem.chars().peekable();
    let mut before = ' ';
    while let Some(c) = chars.next() {
        let is_between_digits = before.is_ascii_digit() && chars.peek().is_some_and(char::is_ascii_digit);
        let separates = match c {
            '_' => true,
            '-' => !is_between_digits,
            '.' => points && !is_between_digits,
            _ => false,
        };
        match parts.last_mut() {
            Some(part) if !separates => part.push(c),
            _ => parts.push(String::new()),
        }
        before = c;
    }
    parts.retain(|part| !part.is_empty() && !part.split('-').all(is_id));
    // What puts files in an order: `05-in-depth`.
    let is_order = |part: &String| {
        part.len() > 1 && part.starts_with('0') && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let start = parts.iter().take_while(|part| is_order(part)).count();
    parts[start..].join(" ")
}

/// A name without the date in numbers, or the number of an archive, that words follow.
fn without_date(name: &str) -> &str {
    let behind = |length: usize| {
        let rest = &name[length..];
        // The time of day, with seconds and zone.
        let time = rest
            .strip_prefix(['T', 't'])
            .map(|time| time.trim_start_matches(|c: char| c.is_ascii_digit() || c == 'Z'));
        time.unwrap_or(rest).trim_start_matches(|c: char| c.is_whitespace() || "-_.–—:,".contains(c))
    };
    let date = WrittenDate::read(name, DateOrder::Unknown).filter(|date| date.day().is_some());
    let date = date.map(|date| date.length).filter(|length| !name[..*length].contains(char::is_alphabetic));
    let digits = name.bytes().take_while(u8::is_ascii_digit).count();
    let id = (digits >= ID_DIGITS && !name[digits..].starts_with(char::is_alphanumeric)).then_some(digits);
    let rest = date.or(id).map_or(name, behind);
    if rest.contains(char::is_alphabetic) { rest } else { name }
}

/// Whether a text is nothing but a date that has no word in it.
fn is_date(text: &str) -> bool {
    let date = WrittenDate::read(text, DateOrder::Unknown).filter(|date| date.length == text.len());
    date.is_some() && !text.contains(char::is_whitespace)
}

/// Whether a part of a name is a hash, a UUID or another number that a machine has given.
fn is_id(part: &str) -> bool {
    let part = part.trim_matches(['(', ')', '{', '}', '[', ']']);
    let plain: String = part.chars().filter(|c| *c != '-').collect();
    let digits = plain.bytes().filter(u8::is_ascii_digit).count();
    let is_hex = plain.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_uuid = part.len() == 36 && plain.len() == 32 && is_hex;
    let is_number = digits == part.len() && digits >= ID_DIGITS;
    let is_hash = is_hex && plain.len() == part.len() && plain.len() >= 8 && digits >= 2;
    // Digits and letters by turns, as in `01ARZ3NDEKTSV4RRFFQ69G5FAV`.
    let runs = plain.as_bytes().chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit()).count();
    let is_random = part.len() >= 16 && runs >= 6 && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_uuid || is_number || is_hash || is_random
}

/// The date that a file's name gives: that of `2024-03-07.md`, `20240307 standup.md`, `202403071530.md`,
/// `Standup 2024_03_07.md`, `Nov 3, 2026.md`, `2026-W47.md`, or `2024/03/07.md`.
///
/// The first date in the name counts. Digits that belong to a longer number or to a word aren't one.
pub(super) fn date(path: &NotePath, order: DateOrder) -> Option<Day> {
    let stem = stem(path);
    let mut before = ' ';
    let places = stem.char_indices().filter(|&(_, c)| {
        let is_part = before.is_ascii_alphanumeric() || (before.is_alphanumeric() && c.is_alphabetic());
        before = c;
        c.is_alphanumeric() && !is_part
    });
    let mut days = places.filter_map(|(at, _)| Some(Day::read(&stem[at..], order)?.0));
    days.next().or_else(|| in_folders(path))
}

/// The date of a file that is named by the day in a folder of the month in one of the year.
fn in_folders(path: &NotePath) -> Option<Day> {
    let mut folders = path.as_str().rsplit('/').skip(1);
    let day = digits(stem(path), 2)?;
    let month = digits(folders.next()?, 2)?;
    Day::new(digits(folders.next()?, 4)?, month, day)
}

/// The number that a text is, if it has just so many digits.
fn digits(text: &str, count: usize) -> Option<u64> {
    let is_number = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
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
    fn titles_are_names_as_they_are_read() {
        let title = |path: &str| title(&NotePath::from_encoded(path));
        for (path, expected) in [
            ("food/Brown-butter_tart.md", "Brown butter tart"),
            ("2024-05-01 Trip to Kyoto.md", "Trip to Kyoto"),
            ("2024-05-01-trip-to-kyoto.md", "trip to kyoto"),
            ("2024_05_01_trip.md", "trip"),
            ("2024-05-01T1030 Call.md", "Call"),
            ("2024-05-01 - Call with Jo.md", "Call with Jo"),
            ("202403071200 Title.md", "Title"),
            ("20240307120000-slow_cooking.org", "slow cooking"),
            ("1623432342 Title.md", "Title"),
            ("05-in-depth.md", "in depth"),
            ("68 Bits of Unsolicited Advice.md", "68 Bits of Unsolicited Advice"),
            ("68-bits-of-advice.md", "68 bits of advice"),
            ("B2B sales.md", "B2B sales"),
            ("b2b-sales.md", "b2b sales"),
            ("Nov 3, 2026.md", "Nov 3, 2026"),
            ("3 November 2026.md", "3 November 2026"),
            ("Dentist 2024-06-12.md", "Dentist 2024-06-12"),
            ("(1-1 with Jo).md", "(1-1 with Jo)"),
            ("1-1-with-jo.md", "1-1 with jo"),
            ("H2O.md", "H2O"),
            ("node.js.md", "node.js"),
            ("2024 goals.md", "2024 goals"),
            ("2024-goals.md", "2024 goals"),
            ("2024-03 review.md", "2024-03 review"),
            ("Q3 OKRs.md", "Q3 OKRs"),
            ("Q3.md", "Q3"),
            ("C++ notes.md", "C++ notes"),
            ("C#.md", "C#"),
            ("covid-19.md", "covid 19"),
            ("v1.2.3-release.md", "v1.2.3 release"),
            ("project.atlas.minutes.md", "project atlas minutes"),
            ("Plan 4299fa5aa3200c4a4299fa5aa3200c4a.md", "Plan"),
            ("Plan for 2025 4299fa5aa3200c4a4299fa5aa3200c4a.md", "Plan for 2025"),
            ("Plan-4299fa5aa3200c4a4299fa5aa3200c4a.md", "Plan"),
            ("IMG_20240307_153000.md", "IMG 153000"),
            ("1984 by George Orwell.md", "1984 by George Orwell"),
            ("3D printing.md", "3D printing"),
            ("99% invisible.md", "99% invisible"),
            ("What's new?.md", "What's new?"),
            ("README", "README"),
            ("日記.md", "日記"),
            ("猫.md", "猫"),
            ("Заметки 2024.md", "Заметки 2024"),
        ] {
            assert_eq!(title(path).as_deref(), Some(expected), "{path}");
        }
        for path in [
            "2024-05-01.md",
            "2024_05_01.md",
            "20240501.md",
            "202405011530.md",
            "2026-W47.md",
            "2024-05.md",
            "2024.md",
            "42.md",
            "000_4299fa5aa3200c4a.txt",
            "4299fa5aa3200c4a.md",
            "550e8400-e29b-41d4-a716-446655440000.md",
            "01ARZ3NDEKTSV4RRFFQ69G5FAV.md",
            "v2.md",
            "n.md",
            "-.md",
            "",
        ] {
            assert_eq!(title(path), None, "{path}");
        }
    }

    #[test]
    fn names_of_daily_notes_are_dates() {
        let day = |path: &str, order| date(&NotePath::from_encoded(path), order).map(|day| day.to_string());
        let date = |path: &str| day(path, DateOrder::Unknown);
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
            "日記2024-03-07.md",
            "2024年3月7日.md",
            "2024-3-7.md",
            "March 7, 2024.md",
            "Mar 7th, 2024.md",
            "Notes of 7 March 2024.md",
            "7_March_2024.md",
            "Thursday, March 7, 2024.md",
            "202403071200 Title.md",
            "20240307120000-slow_cooking.org",
            "daily.journal.2024.03.07.md",
            "07.03.2024.md",
            "2024-W10-4.md",
        ] {
            assert_eq!(date(path).as_deref(), Some("2024-03-07"), "{path}");
        }
        for path in [
            "2024.md",
            "2024-03.md",
            "2024-W54.md",
            "March 2024.md",
            "03-07-2024.md",
            "Chapter 3 March.md",
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
        assert_eq!(date("2026-W47.md").as_deref(), Some("2026-11-16"));
        assert_eq!(day("03-11-2026.md", DateOrder::DayFirst).as_deref(), Some("2026-11-03"));
        assert_eq!(day("03-11-2026.md", DateOrder::MonthFirst).as_deref(), Some("2026-03-11"));
    }
}
