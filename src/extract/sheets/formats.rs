//! Numbers of a workbook as it shows them: as dates, times, percentages and amounts, by their format codes.
//!
//! Format codes are those of ECMA-376, part 1, §18.8.30 and §18.8.31. Digits aren't rounded to what a column shows: whoever
//! looks for a value has it in full.

use crate::calendar::Day;
use crate::extract::values::number;

/// The serial number of 1970-01-01 where days are counted from 1900.
const EPOCH: u64 = 25_569;

/// How many days later the days of 1904 are counted from.
const SINCE_1904: f64 = 1462.0;

/// The serial number of the last day of the year 9999.
const LAST: f64 = 2_958_466.0;

/// The longest unit that is shown with a number, in characters.
const LONGEST_UNIT: usize = 12;

/// How a number is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Format {
    /// As a number.
    #[default]
    Number,
    /// As a percentage with so many decimals.
    Percent(usize),
    /// As a day, a time of the day, or both.
    Moment {
        /// Whether the day is shown.
        day: bool,
        /// Whether the time is shown.
        time: bool,
    },
    /// As hours, minutes and seconds, of which there may be any number.
    Duration,
    /// As a number with a currency or unit before or behind it.
    Amount {
        /// What stands before it.
        before: String,
        /// What stands behind it.
        behind: String,
    },
}

impl Format {
    /// A format that has no code because it is known by its number (§18.8.30).
    pub(super) fn built_in(number: u32) -> Self {
        match number {
            9 => Self::Percent(0),
            10 => Self::Percent(2),
            14..=17 | 27..=31 | 36 | 50..=54 | 57 | 58 => Self::Moment { day: true, time: false },
            18..=21 | 32..=35 | 45 | 47 | 55 | 56 => Self::Moment { day: false, time: true },
            22 => Self::Moment { day: true, time: true },
            46 => Self::Duration,
            _ => Self::Number,
        }
    }

    /// The format of a code, by its first section: that of positive numbers.
    pub(super) fn of(code: &str) -> Self {
        let mut seen = Seen::default();
        let mut chars = code.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                ';' => break,
                '"' => seen.literal(&chars.by_ref().take_while(|&c| c != '"').collect::<String>()),
                '\\' => seen.literal(&chars.next().map(String::from).unwrap_or_default()),
                // A blank as wide as the next sign, or that sign as often as there is room.
                '_' | '*' => _ = chars.next(),
                '[' => seen.bracket(&chars.by_ref().take_while(|&c| c != ']').collect::<String>()),
                _ => seen.sign(c),
            }
        }
        seen.format(code)
    }

    /// A number as this format shows it.
    pub(super) fn show(&self, value: f64, from_1904: bool) -> String {
        match self {
            Self::Number => number(value),
            Self::Percent(decimals) => {
                let places = 10_f64.powi((*decimals).min(9) as i32);
                format!("{}%", number((value * 100.0 * places).round() / places))
            }
            Self::Moment { day, time } => {
                let value = if from_1904 { value + SINCE_1904 } else { value };
                moment(value, *day, *time).unwrap_or_else(|| number(value))
            }
            Self::Duration => duration(value).unwrap_or_else(|| number(value)),
            Self::Amount { before, behind } => format!("{before}{}{behind}", number(value)),
        }
    }
}

/// What has been seen of a format code.
#[derive(Default)]
struct Seen {
    /// The signs that say what it is: `y`, `m`, `d`, `h` and `s` for parts of a moment, `[` for a time without an end, `%`.
    signs: String,
    /// Whether a place for digits has come, and how many behind a point.
    digits: bool,
    point: bool,
    decimals: usize,
    /// Whether it is a number in thousands, or with an exponent, or a fraction.
    other: bool,
    before: String,
    behind: String,
    last: Option<char>,
}

impl Seen {
    fn literal(&mut self, text: &str) {
        let side = if self.digits { &mut self.behind } else { &mut self.before };
        side.push_str(text);
        self.other |= self.last == Some(',') && self.digits;
        self.last = None;
    }

    /// What stands in brackets: a colour, a condition, a currency (`$€-407`), or a time without an end (`h`).
    fn bracket(&mut self, text: &str) {
        if let Some(currency) = text.strip_prefix('$') {
            self.literal(currency.split('-').next().unwrap_or_default());
        } else if !text.is_empty() && text.chars().all(|c| "hHmMsS".contains(c)) {
            self.signs.push('[');
        }
    }

    fn sign(&mut self, c: char) {
        match c.to_ascii_lowercase() {
            '0' | '#' | '?' => {
                self.digits = true;
                self.decimals += usize::from(self.point);
            }
            '.' => self.point = true,
            '%' => self.signs.push('%'),
            part @ ('y' | 'm' | 'd' | 'h' | 's') => self.signs.push(part),
            'e' | '/' if self.digits => self.other = true,
            ',' if self.digits => {}
            '$' | '€' | '£' | '¥' => self.literal(&c.to_string()),
            _ => {}
        }
        // A comma behind all digits shows thousands.
        self.other |= self.last == Some(',') && self.digits && !matches!(c, '0' | '#' | '?' | ',');
        self.last = Some(c);
    }

    fn format(mut self, code: &str) -> Format {
        self.other |= self.last == Some(',');
        if code.eq_ignore_ascii_case("general") || code == "@" {
            return Format::Number;
        }
        if self.signs.contains('[') {
            return Format::Duration;
        }
        if self.signs.contains(['y', 'm', 'd', 'h', 's']) && !self.digits {
            let time = self.signs.contains(['h', 's']);
            let day = self.signs.contains(['y', 'd']) || !time;
            return Format::Moment { day, time };
        }
        if self.signs.contains('%') {
            return Format::Percent(self.decimals);
        }
        let unit = |text: &str| {
            let text = text.trim_matches(|c: char| c.is_whitespace() || "()-+*".contains(c));
            let is_unit = text.chars().count() <= LONGEST_UNIT && !text.chars().any(|c| c.is_ascii_digit());
            if is_unit { text.to_owned() } else { String::new() }
        };
        let (before, mut behind) = (unit(&self.before), unit(&self.behind));
        if self.other || !self.digits || (before.is_empty() && behind.is_empty()) {
            return Format::Number;
        }
        if !behind.is_empty() {
            behind.insert(0, ' ');
        }
        let before = if before.ends_with(char::is_alphabetic) { before + " " } else { before };
        Format::Amount { before, behind }
    }
}

/// A day and a time, counted in days since 1899-12-30.
fn moment(value: f64, day: bool, time: bool) -> Option<String> {
    if !(0.0..LAST).contains(&value) {
        return None;
    }
    let seconds = (value * 86_400.0).round() as u64;
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Serial numbers count a 29 February 1900 that there wasn't; before it, days are one behind.
    let days = if days < 60 { days + 1 } else { days };
    let date = || {
        let day = match days.checked_sub(EPOCH) {
            Some(days) => Some(Day::of(days * 86_400)),
            None => Day::new(1899, 12, 30).and_then(|start| start.days_after(days)),
        };
        day.map(|day| day.to_string())
    };
    let clock = match second % 60 {
        0 => format!("{:02}:{:02}", second / 3600, second % 3600 / 60),
        rest => format!("{:02}:{:02}:{rest:02}", second / 3600, second % 3600 / 60),
    };
    Some(match (day, time) {
        (true, true) => format!("{} {clock}", date()?),
        (true, false) => date()?,
        _ => clock,
    })
}

/// A number of days as `36:15` or `36:15:20`.
fn duration(days: f64) -> Option<String> {
    if !(-LAST..LAST).contains(&days) {
        return None;
    }
    let seconds = (days.abs() * 86_400.0).round() as u64;
    let sign = if days < 0.0 { "-" } else { "" };
    let (hours, minutes, rest) = (seconds / 3600, seconds % 3600 / 60, seconds % 60);
    Some(match rest {
        0 => format!("{sign}{hours}:{minutes:02}"),
        rest => format!("{sign}{hours}:{minutes:02}:{rest:02}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_say_how_a_number_is_shown() {
        for (code, value, shown) in [
            ("General", 0.1 + 0.2, "0.3"),
            ("0.00", 2.0 / 3.0, "0.666666666666667"),
            ("0%", 0.15, "15%"),
            ("0.0%", 0.12345, "12.3%"),
            ("yyyy-mm-dd", 45_413.0, "2024-05-01"),
            ("dd.mm.yyyy;@", 45_413.75, "2024-05-01"),
            ("m/d/yy h:mm", 45_413.604_166_666_664, "2024-05-01 14:30"),
            ("h:mm AM/PM", 0.604_166_666_666_666_6, "14:30"),
            ("[$-F400]h:mm:ss\\ AM/PM", 0.5 + 1.0 / 86_400.0, "12:00:01"),
            ("mmm-yy", 45_413.0, "2024-05-01"),
            ("[h]:mm", 1.5, "36:00"),
            ("[$-404]e\"年\"m\"月\"d\"日\"", 45_413.0, "2024-05-01"),
            ("\"$\"#,##0.00", 1234.5, "$1234.5"),
            ("#,##0.00\\ [$€-407]", 1234.5, "1234.5 €"),
            ("_-* #,##0.00\\ \"kr\"_-;-* #,##0", 5.0, "5 kr"),
            ("0.0\" kg\"", 70.5, "70.5 kg"),
            ("[$USD] #,##0", 5.0, "USD 5"),
            ("#,##0,\"K\"", 5000.0, "5000"),
            ("0.00E+00", 1500.0, "1500"),
            ("#,##0_);[Red](#,##0)", -5.0, "-5"),
            ("@", 5.0, "5"),
            ("", 5.0, "5"),
            ("yyyy", -1.0, "-1"),
            ("yyyy", 1e300, "1E300"),
            ("yyyy-mm-dd", 1.0, "1900-01-01"),
            ("yyyy-mm-dd", 61.0, "1900-03-01"),
        ] {
            assert_eq!(Format::of(code).show(value, false), shown, "{code}");
        }
        assert_eq!(Format::of("yyyy-mm-dd").show(45_413.0 - 1462.0, true), "2024-05-01");
        assert_eq!(Format::built_in(14).show(45_413.0, false), "2024-05-01");
        assert_eq!(Format::built_in(9).show(0.5, false), "50%");
    }

    #[test]
    fn any_code_is_taken() {
        for code in ["\"", "\\", "_", "*", "[", "[$", "[]", ";", "%%%", "\u{1F600}", "[h", "0.0.0%"] {
            let _ = Format::of(code).show(f64::MAX, true);
            let _ = Format::of(code).show(f64::NAN, true);
        }
    }
}
