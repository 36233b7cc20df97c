//! Sizes, times and counts as people write and read them.

use std::time::Duration;

pub(crate) use qsearch::calendar::{Day, moment};
pub(crate) use qsearch::error::size as bytes;
pub(crate) use qsearch::settings::parse_size;

use super::environment::time_zone;

/// The day that it is where the user is, by `TZ` or the system's settings; in UTC where these say nothing.
pub(crate) fn today() -> Day {
    let date = now().date();
    let [year, month, day] = [date.year(), date.month().into(), date.day().into()].map(i16::unsigned_abs);
    Day::new(year.into(), month.into(), day.into()).unwrap_or_else(|| Day::of(0))
}

/// The moment that it is, where the user is.
fn now() -> jiff::Zoned {
    jiff::Timestamp::now().to_zoned(time_zone())
}

/// What the clock says where the user is: `09:05:00`.
#[cfg(feature = "watch")]
pub(crate) fn time() -> String {
    let time = now().time();
    format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())
}

/// Reads a day: `2024-06-30`, `2024`, `yesterday`, `7d`.
pub(crate) fn parse_day(text: &str) -> Result<Day, String> {
    let refused = "not a day; write it like `2024-06-30`, `2024-06`, `2024`, `today`, `yesterday`, `7d`, `2w`, `6m` or `1y`";
    Day::parse(text.trim(), today()).ok_or_else(|| refused.to_owned())
}

/// Writes a count with its noun, its thousands set apart: `3,012 files`, `1 file`.
pub(crate) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { many })
}

/// Writes a number with its thousands set apart: `41,230`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Writes how long something took: `80 ms`, `3.2 s`, `12 min 5 s`.
pub(crate) fn duration(time: Duration) -> String {
    let millis = time.as_millis();
    match millis {
        0..1000 => format!("{millis} ms"),
        1000..100_000 => format!("{:.1} s", time.as_secs_f64()),
        _ => format!("{} min {} s", time.as_secs() / 60, time.as_secs() % 60),
    }
}

/// Writes how long ago something was, in its largest unit: `just now`, `5 minutes ago`, `3 days ago`.
pub(crate) fn ago(seconds: u64) -> String {
    let (number, unit) = match seconds {
        0..60 => return "just now".to_owned(),
        60..3600 => (seconds / 60, "minute"),
        3600..86_400 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{} ago", count(number, unit, &format!("{unit}s")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_times_are_written() {
        assert_eq!(count(1, "file", "files"), "1 file");
        assert_eq!(count(1_234_567, "file", "files"), "1,234,567 files");
        assert_eq!(duration(Duration::from_millis(3210)), "3.2 s");
        assert_eq!(duration(Duration::from_secs(725)), "12 min 5 s");
        assert_eq!(ago(59), "just now");
        assert_eq!(ago(3 * 86_400 + 5), "3 days ago");
    }
}
