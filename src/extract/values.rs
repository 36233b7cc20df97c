//! Numbers, dates and times of cells as people write them, and whether a text is one.

/// Whether a text is a number, an amount, a date, a time or a truth value rather than a name.
pub(super) fn is_value(text: &str) -> bool {
    let text = text.trim();
    if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
        return true;
    }
    let known = |c: char| c.is_ascii_digit() || "+-.,:/%()$€£¥ \u{A0}\u{202F}'’TZeE".contains(c);
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    digits > 0 && letters <= 2 && text.len() <= 40 && text.chars().all(known)
}

/// A number without the noise of its last binary digits: 15 digits count, as in Excel.
pub(super) fn number(value: f64) -> String {
    if !value.is_finite() {
        return String::new();
    }
    let rounded = format!("{value:.14e}").parse().unwrap_or(value);
    if rounded == 0.0 {
        return "0".to_owned();
    }
    let magnitude = f64::abs(rounded);
    if (1e-9..1e18).contains(&magnitude) {
        return format!("{rounded}");
    }
    format!("{rounded:E}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_told_from_names() {
        for value in [
            "3",
            "-3.5",
            "1,234.50",
            "1.234,50 €",
            "$5",
            "12 %",
            "2024-05-01",
            "01.05.2024",
            "14:30",
            "1e-5",
            "TRUE",
            "2024-05-01T12:00:00Z",
            "(5)",
        ] {
            assert!(is_value(value), "{value}");
        }
        for name in ["", "Q1", "Name", "3 apples", "-", "a1", "€", "Team 2024"] {
            assert!(!is_value(name), "{name}");
        }
    }

    #[test]
    fn numbers_have_no_noise() {
        for (value, text) in [
            (0.1 + 0.2, "0.3"),
            (1234.5, "1234.5"),
            (-0.0, "0"),
            (1e15, "1000000000000000"),
            (1e21, "1E21"),
            (1.0 / 3.0, "0.333333333333333"),
            (f64::NAN, ""),
        ] {
            assert_eq!(number(value), text);
        }
    }
}
