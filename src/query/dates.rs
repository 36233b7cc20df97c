//! Dates in questions: which days are meant by "last week", "on November 20th" or "in March 2023".
//!
//! A word that may mean something else needs one beside it that says that it doesn't: "may" and "march" a number or a
//! preposition, "friday" a preposition or "last", "2023" a preposition.

use std::ops::Range;

use super::preposition::{Preposition, Relation};
use crate::calendar::{DateOrder, Day, WrittenDate};
use crate::words::is_unspaced;

/// The most words of a question that are looked at.
const MOST_WORDS: usize = 200;
/// How many years back a date is looked for that says none.
const YEARS: u64 = 10;

/// Today in other languages, where no English word is like it.
const TODAY: [&str; 10] =
    ["heute", "hoy", "hoje", "oggi", "vandaag", "idag", "dzisiaj", "bugün", "сегодня", "сьогодні"];
/// Yesterday in other languages, where no other word is like it.
const YESTERDAY: [&str; 9] =
    ["gestern", "ayer", "ontem", "ieri", "gisteren", "igår", "wczoraj", "вчера", "вчора"];

/// The days from one to another, the first included and the last not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub since: Day,
    /// The day after the last.
    pub before: Day,
}

impl Period {
    /// Whether a day is one of them.
    pub fn has(&self, day: Day) -> bool {
        self.since <= day && day < self.before
    }

    /// Whether it has a day.
    fn is_any(&self) -> bool {
        self.since < self.before
    }

    /// So many days from one on.
    fn days(since: Day, number: u64) -> Option<Self> {
        Some(Self { since, before: since.days_after(number)? })
    }

    /// A month, whose number may go on after December.
    fn month(year: u64, month: u64) -> Option<Self> {
        let first = |month: u64| Day::new(year + (month - 1) / 12, (month - 1) % 12 + 1, 1);
        Some(Self { since: first(month)?, before: first(month + 1)? })
    }

    fn year(year: u64) -> Option<Self> {
        Some(Self { since: Day::new(year, 1, 1)?, before: Day::new(year + 1, 1, 1)? })
    }
}

/// The date that a question names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedDate {
    /// What it may mean, the likeliest first: without a year, any of the last ones.
    pub periods: Vec<Period>,
    /// The question without it.
    pub rest: String,
}

impl AskedDate {
    /// Finds the first date in a text.
    pub(super) fn find(text: &str, today: Day) -> Option<Self> {
        let words = words(text);
        (0..words.len()).find_map(|at| {
            let before = Preposition::read(|next| words.get(at + next).map_or("", |word| word.word.as_str()));
            let reader = Reader { text, words: &words[at + before.words..], today, before };
            let (periods, end) = reader.read()?;
            let periods: Vec<Period> = periods
                .into_iter()
                .filter_map(|period| related(before.relation, period, today))
                .filter(Period::is_any)
                .collect();
            let rest = format!("{}{}", &text[..words[at].range.start], &text[end..]);
            let rest = rest.split_whitespace().collect::<Vec<_>>().join(" ");
            (!periods.is_empty()).then_some(Self { periods, rest })
        })
    }
}

/// A word of a question, in lower case, and where it stands.
struct Word {
    word: String,
    range: Range<usize>,
}

/// The first words of a text.
fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let (mut begin, mut before) = (None, ' ');
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match begin {
            None if c.is_alphanumeric() => begin = Some(at),
            // A number in a script without blanks begins a word: `会議は2024年`.
            Some(start) if !c.is_alphanumeric() || (c.is_ascii_digit() && is_unspaced(before)) => {
                words.push(Word { word: text[start..at].to_lowercase(), range: start..at });
                begin = c.is_alphanumeric().then_some(at);
            }
            _ => {}
        }
        before = c;
        if words.len() >= MOST_WORDS {
            break;
        }
    }
    words
}

/// What is meant where a preposition stands before a period.
fn related(relation: Relation, period: Period, today: Day) -> Option<Period> {
    let (first, last) = (Day::new(0, 1, 1)?, today.days_after(366)?);
    Some(match relation {
        Relation::None | Relation::Weak | Relation::In => period,
        Relation::Since => Period { before: last.max(period.before), ..period },
        Relation::After => Period { since: period.before, before: last.max(period.before) },
        Relation::Before => Period { since: first, before: period.since },
    })
}

/// The words that a date may begin with.
struct Reader<'a> {
    text: &'a str,
    words: &'a [Word],
    today: Day,
    before: Preposition,
}

/// What a date may mean, and where it ends in the text.
type Read = (Vec<Period>, usize);

impl Reader<'_> {
    fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |word| word.word.as_str())
    }

    /// What some periods give if they take so many words.
    fn taking(&self, words: usize, period: Option<Period>) -> Option<Read> {
        Some((vec![period?], self.words.get(words - 1)?.range.end))
    }

    fn read(&self) -> Option<Read> {
        self.words.first()?;
        self.named_day()
            .or_else(|| self.ago())
            .or_else(|| self.beside_now())
            .or_else(|| self.weekday())
            .or_else(|| self.week_or_quarter())
            .or_else(|| self.written())
            .or_else(|| self.year())
    }

    /// `yesterday`, `last night`, `the day before yesterday`.
    fn named_day(&self) -> Option<Read> {
        let today = self.today;
        let at = usize::from(self.word(0) == "the");
        if [self.word(at), self.word(at + 1), self.word(at + 2)] == ["day", "before", "yesterday"] {
            return self.taking(at + 3, Period::days(today.days_before(2)?, 1));
        }
        match (self.word(0), self.word(1)) {
            ("today" | "tonight", _) => self.taking(1, Period::days(today, 1)),
            ("yesterday", _) => self.taking(1, Period::days(today.days_before(1)?, 1)),
            (word, _) if TODAY.contains(&word) => self.taking(1, Period::days(today, 1)),
            (word, _) if YESTERDAY.contains(&word) => self.taking(1, Period::days(today.days_before(1)?, 1)),
            ("tomorrow", _) => self.taking(1, Period::days(today.days_after(1)?, 1)),
            ("last", "night") => self.taking(2, Period::days(today.days_before(1)?, 1)),
            ("this", "morning" | "afternoon" | "evening") => self.taking(2, Period::days(today, 1)),
            _ => None,
        }
    }

    /// The number that stands at a word, and how many words it takes: `3`, `three`, `a`, `a couple of`.
    fn number(&self, at: usize) -> Option<(u64, usize)> {
        const NUMBERS: [&str; 12] = [
            "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        ];
        let word = self.word(at);
        let spelt = || Some(NUMBERS.iter().position(|number| *number == word)? as u64 + 1);
        match word {
            "a" if self.word(at + 1) == "couple" => Some((2, 2 + usize::from(self.word(at + 2) == "of"))),
            "a" if self.word(at + 1) == "few" => Some((3, 2)),
            "couple" => Some((2, 1 + usize::from(self.word(at + 1) == "of"))),
            "few" => Some((3, 1)),
            "a" | "an" => Some((1, 1)),
            _ => Some((word.parse().ok().filter(|number| *number < 1000).or_else(spelt)?, 1)),
        }
    }

    /// `two weeks ago`: a day exactly, a week with some days around it, a month or a year as a whole.
    fn ago(&self) -> Option<Read> {
        let (number, taken) = self.number(0)?;
        let unit = self.word(taken).trim_end_matches('s');
        if self.word(taken + 1) != "ago" {
            return None;
        }
        let (year, month) = self.month_before(number);
        let period = match unit {
            "day" => Period::days(self.today.days_before(number)?, 1),
            "week" => Period::days(self.today.days_before(7 * number + 3)?, 7),
            "month" => Period::month(year?, month),
            "year" => Period::year(self.today.year().checked_sub(number)?),
            _ => None,
        };
        self.taking(taken + 2, period)
    }

    /// The month so many months before this one; no year if that is before the first.
    fn month_before(&self, months: u64) -> (Option<u64>, u64) {
        let all = (12 * self.today.year() + self.today.month() - 1).checked_sub(months);
        (all.map(|all| all / 12), all.map_or(1, |all| all % 12 + 1))
    }

    /// `last week`, `this month`, `the past three days`, `last summer`'s like aren't read.
    fn beside_now(&self) -> Option<Read> {
        let today = self.today;
        let steps: i64 = match self.word(0) {
            "last" | "past" | "previous" => -1,
            "this" | "current" => 0,
            "next" => 1,
            _ => return None,
        };
        let (year, month) = (today.year(), today.month());
        let shifted = |number: u64| number.checked_add_signed(steps);
        let monday = today.days_before(today.weekday())?;
        let week = || match steps {
            -1 => monday.days_before(7),
            0 => Some(monday),
            _ => monday.days_after(7),
        };
        let one = match self.word(1) {
            "week" => Period::days(week()?, 7),
            "weekend" => {
                // On a Sunday evening it is the one that is ending.
                Period::days(week()?.days_after(5)?, 2)
            }
            "month" => {
                Period::month(year - u64::from(steps < 0), shifted(month + if steps < 0 { 12 } else { 0 })?)
            }
            "year" => Period::year(shifted(year)?),
            "quarter" => {
                let first = (month - 1) / 3 * 3 + 1;
                let first = if steps < 0 { first + 9 } else { first + 3 * steps.unsigned_abs() };
                let year = year - u64::from(steps < 0);
                Some(Period {
                    since: Period::month(year, first)?.since,
                    before: Period::month(year, first + 2)?.before,
                })
            }
            _ => None,
        };
        if one.is_some() {
            return self.taking(2, one);
        }
        let (number, taken) = self.number(1).filter(|_| steps < 0)?;
        let unit = self.word(1 + taken);
        let days = number
            * match unit.trim_end_matches('s') {
                "day" => 1,
                "week" => 7,
                "month" => 31,
                "year" => 366,
                _ => return None,
            };
        let since = today.days_before(days)?;
        self.taking(2 + taken, Some(Period { since, before: today.days_after(1)? }))
    }

    /// `last Friday`, `on Friday`: the last one that was; `next Friday`.
    fn weekday(&self) -> Option<Read> {
        const DAYS: [&str; 7] =
            ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        let beside = match self.word(0) {
            beside @ ("last" | "this" | "next" | "past" | "previous") => beside,
            _ if self.before.is_english && self.before.words > 0 => "",
            _ => return None,
        };
        let at = usize::from(!beside.is_empty());
        let day = DAYS.iter().position(|day| *day == self.word(at))? as u64;
        // What has a date behind it is read as a whole.
        if WrittenDate::read(&self.text[self.words[at].range.start..], DateOrder::Unknown).is_some() {
            return None;
        }
        let today = self.today;
        let back = (today.weekday() + 7 - day) % 7;
        let day = match beside {
            "this" => today.days_before(today.weekday())?.days_after(day)?,
            "next" => today.days_after(if back == 0 { 7 } else { 7 - back })?,
            "" => today.days_before(back)?,
            _ => today.days_before(if back == 0 { 7 } else { back })?,
        };
        self.taking(at + 1, Period::days(day, 1))
    }

    /// `week 47`, `Q3 2024`, `in Q3`.
    fn week_or_quarter(&self) -> Option<Read> {
        let year_at = |at: usize| self.word(at).parse().ok().filter(|year| (1900..2100).contains(year));
        let named = |at| year_at(at).map_or((self.today.year(), at), |year| (year, at + 1));
        if self.word(0) == "week" {
            let week: u64 = self.word(1).parse().ok()?;
            let (year, taken) = named(2);
            let (monday, _) = Day::read(&format!("{year}-W{week:02}"), DateOrder::Unknown)?;
            return self.taking(taken, Period::days(monday, 7));
        }
        let quarter: u64 =
            self.word(0).strip_prefix('q')?.parse().ok().filter(|quarter| (1..=4).contains(quarter))?;
        let (year, taken) = named(1);
        let says = taken > 1 || self.before.tells();
        let since = Day::new(year, 3 * quarter - 2, 1)?;
        let before = Period::month(year, 3 * quarter)?.before;
        self.taking(taken, says.then_some(Period { since, before }))
    }

    /// A date or a month in numbers or with a word: `2026-11-20`, `20 November`, `in March`, `last May`.
    fn written(&self) -> Option<Read> {
        let beside = ["last", "this", "next"].contains(&self.word(0)) && self.words.len() > 1;
        let start = self.words[usize::from(beside)].range.start;
        let rest = &self.text[start..];
        let is_other = self.before.words > 0 && !self.before.is_english;
        let in_month = WrittenDate::in_month(rest).filter(|_| is_other);
        let date = WrittenDate::read(rest, DateOrder::Unknown).or(in_month)?;
        let end = start + date.length;
        let typed = &rest[..date.length];
        let has_week = date.length == "2026-W47".len() && typed.contains(['W', 'w']);
        let period = |year: u64| match date.day {
            Some(_) if has_week => Period::days(date.day()?, 7),
            Some(day) => Period::days(Day::new(year, date.month, day)?, 1),
            None => Period::month(year, date.month),
        };
        if let Some(year) = date.year {
            return Some((vec![period(year)?], end));
        }
        // Alone, "may" and "march" are verbs, and names are common.
        let is_clear = date.day.is_some() || beside || self.before.tells() || in_month.is_some();
        if !is_clear {
            return None;
        }
        Some((self.without_year(period), end))
    }

    /// What a date may mean that says no year: the last one, the next one, those before.
    fn without_year(&self, period: impl Fn(u64) -> Option<Period>) -> Vec<Period> {
        let year = self.today.year();
        let any = || (year.saturating_sub(YEARS)..=year + 1).rev().filter_map(&period);
        let was = |period: &Period| period.since <= self.today;
        let has_today = |period: &Period| period.has(self.today);
        let mut periods: Vec<Period> = any().filter(was).collect();
        if self.word(0) == "last" {
            periods.retain(|period| !has_today(period));
            periods.truncate(1);
            return periods;
        }
        let next = any().filter(|period| !was(period)).last();
        match self.word(0) {
            "next" => next.into_iter().collect(),
            "this" => period(year).into_iter().collect(),
            _ => {
                let second = periods.len().min(1);
                periods.splice(second..second, next);
                periods
            }
        }
    }

    /// `in 2023`.
    fn year(&self) -> Option<Read> {
        let word = self.word(0);
        let year = word.parse().ok().filter(|year| word.len() == 4 && (1900..2100).contains(year))?;
        self.taking(1, self.before.tells_year.then(|| Period::year(year))?)
    }
}

#[cfg(test)]
#[path = "dates_tests.rs"]
mod tests;
