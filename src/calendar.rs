//! Which day is it? Days and seconds since 1970 as people write them, in UTC.

/// Days since 1970-01-01 as year, month and day.
///
/// Howard Hinnant's `civil_from_days`: years begin in March, so that the leap day is a year's last.
pub fn civil(days: u64) -> (u64, u64, u64) {
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
    let seconds = seconds.min(253_402_300_799);
    let (year, month, day) = civil(seconds / 86_400);
    let (hour, minute) = (seconds % 86_400 / 3600, seconds % 3600 / 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
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
    fn days_follow_each_other() {
        for day in 0..200_000 {
            let ((year, month, date), next) = (civil(day), civil(day + 1));
            let follows =
                next == (year, month, date + 1) || next == (year, month + 1, 1) || next == (year + 1, 1, 1);
            assert!(follows && date <= 31 && month <= 12, "{day}");
        }
    }
}
