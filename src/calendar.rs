//! Which day is it? Days and seconds since 1970 as people write them, in UTC.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

mod digits;
mod names;
mod written;

pub use written::{DateOrder, WrittenDate};

/// A day of the years 0 to 9999. Written out as `YYYY-MM-DD`, days stand in the order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    year: u64,
    month: u64,
    of_month: u64,
}

impl Day {
    /// A day by its year, month and day of the month, if there is such a day.
    pub fn new(year: u64, month: u64, day: u64) -> Option<Self> {
        let exists = year <= 9999 && (1..=12).contains(&month) && (1..=length(year, month)).contains(&day);
        exists.then_some(Self { year, month, of_month: day })
    }

    /// Its year.
    pub fn year(self) -> u64 {
        self.year
    }

    /// Its month, from 1.
    pub fn month(self) -> u64 {
        self.month
    }

    /// The day of a moment, in seconds since 1970; what lies beyond the year 9999 counts as its end.
    pub fn of(seconds: u64) -> Self {
        let (year, month, of_month) = civil(seconds.min(LAST_SECOND) / 86_400);
        Self { year, month, of_month }
    }

    /// Reads a day as people type it: `2024-06-30`; `2024-06` and `2024` for the first of them; `today`, `yesterday`;
    /// and `7d`, `2w`, `6m` or `1y` for so many days, weeks, months or years before `today`.
    pub fn parse(text: &str, today: Self) -> Option<Self> {
        match &*text.to_ascii_lowercase() {
            "today" => Some(today),
            "yesterday" => today.days_before(1),
            text => match text.strip_suffix(|c: char| c.is_ascii_alphabetic()) {
                Some(number) => today.before(number_of(number, 1..=5)?, &text[number.len()..]),
                None => Self::written(text),
            },
        }
    }

    /// Reads `2024-06-30`, `2024-06` or `2024`.
    fn written(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let year = number_of(parts.next()?, 4..=4)?;
        let mut next = || parts.next().map_or(Some(1), |part| number_of(part, 1..=2));
        let (month, day) = (next()?, next()?);
        Self::new(year, month, day).filter(|_| parts.next().is_none())
    }

    /// The day so many days, weeks, months or years before, if it isn't before the year 0. Where its month is shorter,
    /// it is the month's last.
    fn before(self, number: u64, unit: &str) -> Option<Self> {
        let months = match unit {
            "d" => return self.days_before(number),
            "w" => return self.days_before(7 * number),
            "m" => number,
            "y" => 12 * number,
            _ => return None,
        };
        let month = (12 * self.year + self.month - 1).checked_sub(months)?;
        let (year, month) = (month / 12, month % 12 + 1);
        Some(Self { year, month, of_month: self.of_month.min(length(year, month)) })
    }

    /// The day of a week by ISO 8601: `week` counts from 1, `weekday` from Monday, which is 1. The week with 4 January is
    /// a year's first.
    fn of_week(year: u64, week: u64, weekday: u64) -> Option<Self> {
        let fourth = Self::new(year, 1, 4)?;
        let monday = fourth.days_before(fourth.weekday())?.days_after(7 * week.checked_sub(1)?)?;
        let belongs = week <= 53 && monday.days_after(3)?.year == year;
        monday.days_after(weekday.checked_sub(1)?).filter(|_| belongs && weekday <= 7)
    }

    /// The day of the week: 0 is Monday, 6 is Sunday.
    pub fn weekday(self) -> u64 {
        // Tomohiko Sakamoto's: how far each month shifts the week, in years that begin in March.
        const SHIFTS: [u64; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
        let year = self.year + 400 - u64::from(self.month < 3);
        (year + year / 4 - year / 100 + year / 400 + SHIFTS[self.month as usize - 1] + self.of_month + 6) % 7
    }

    /// The day so many days after, if it isn't after the year 9999.
    pub fn days_after(mut self, mut days: u64) -> Option<Self> {
        while self.of_month + days > length(self.year, self.month) {
            days -= length(self.year, self.month) - self.of_month + 1;
            let (year, month) =
                if self.month == 12 { (self.year + 1, 1) } else { (self.year, self.month + 1) };
            self = Self::new(year, month, 1)?;
        }
        self.of_month += days;
        Some(self)
    }

    /// The day so many days before, if it isn't before the year 0.
    pub fn days_before(mut self, mut days: u64) -> Option<Self> {
        while days >= self.of_month {
            days -= self.of_month;
            self = Self { of_month: 1, ..self }.before(1, "m")?;
            self.of_month = length(self.year, self.month);
        }
        self.of_month -= days;
        Some(self)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::written(&text).ok_or_else(|| D::Error::custom(format_args!("{text} is no day")))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.of_month)
    }
}

/// The number that digits say, if they are so many.
fn number_of(digits: &str, so_many: std::ops::RangeInclusive<usize>) -> Option<u64> {
    let only_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    if only_digits && so_many.contains(&digits.len()) { digits.parse().ok() } else { None }
}

/// How many days a month has.
fn length(year: u64, month: u64) -> u64 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The last second of the year 9999.
const LAST_SECOND: u64 = 253_402_300_799;

/// Days since 1970-01-01 as year, month and day.
///
/// Howard Hinnant's `civil_from_days`: years begin in March, so that the leap day is a year's last.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let (month, next_year) = if shifted < 10 { (shifted + 3, 0) } else { (shifted - 9, 1) };
    (era * 400 + year_of_era + next_year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

/// Seconds since 1970 as `2026-01-31 09:05 UTC`; what lies beyond the year 9999 counts as its end.
pub fn moment(seconds: u64) -> String {
    let seconds = seconds.min(LAST_SECOND);
    let (hour, minute) = (seconds % 86_400 / 3600, seconds % 3600 / 60);
    format!("{} {hour:02}:{minute:02} UTC", Day::of(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_follow_the_calendar() {
        assert_eq!(moment(0), "1970-01-01 00:00 UTC");
        assert_eq!(moment(951_782_399), "2000-02-28 23:59 UTC");
        assert_eq!(moment(951_825_600), "2000-02-29 12:00 UTC");
        assert_eq!(moment(1_735_689_540), "2024-12-31 23:59 UTC");
        assert_eq!(moment(u64::MAX), "9999-12-31 23:59 UTC");
    }

    #[test]
    fn days_are_read_as_people_type_them() {
        let today = Day::new(2024, 3, 31).unwrap();
        for (text, expected) in [
            ("2024-02-29", "2024-02-29"),
            ("2023-7-1", "2023-07-01"),
            ("2023-07", "2023-07-01"),
            ("2023", "2023-01-01"),
            ("today", "2024-03-31"),
            ("Yesterday", "2024-03-30"),
            ("0d", "2024-03-31"),
            ("31d", "2024-02-29"),
            ("366d", "2023-03-31"),
            ("2w", "2024-03-17"),
            ("1m", "2024-02-29"),
            ("3M", "2023-12-31"),
            ("1y", "2023-03-31"),
            ("2024y", "0000-03-31"),
        ] {
            assert_eq!(
                Day::parse(text, today).map(|day| day.to_string()).as_deref(),
                Some(expected),
                "{text}"
            );
        }
        for text in [
            "",
            "d",
            "7",
            "7x",
            "7 d",
            "-7d",
            "2023-02-29",
            "2023-13",
            "2023-00-01",
            "2023-1-1-1",
            "20230101",
            "2023-",
            "2025y",
            "999999d",
            "é",
            "7é",
            "+023",
        ] {
            assert_eq!(Day::parse(text, today), None, "{text}");
        }
    }

    #[test]
    fn days_before_are_those_of_the_calendar() {
        let day = |days: u64| Day::of(days * 86_400);
        for days in (0..200_000u64).step_by(97) {
            for before in [0, 1, 27, 31, 365, 1461, days] {
                if let Some(earlier) = days.checked_sub(before) {
                    assert_eq!(day(days).days_before(before), Some(day(earlier)), "{days} - {before}");
                    assert_eq!(day(earlier).days_after(before), Some(day(days)), "{earlier} + {before}");
                }
            }
        }
    }

    #[test]
    fn days_follow_each_other() {
        for day in 0..200_000 {
            let ((year, month, date), next) = (civil(day), civil(day + 1));
            let follows =
                next == (year, month, date + 1) || next == (year, month + 1, 1) || next == (year + 1, 1, 1);
            assert!(follows && date <= 31 && month <= 12, "{day}");
            // 1970 began on a Thursday.
            assert_eq!(Day::of(day * 86_400).weekday(), (day + 3) % 7, "{day}");
        }
    }
}
