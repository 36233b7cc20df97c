//! Numbers in dates, in whatever digits they are written.

/// The value of a digit: `5`, `５`, `٥`, `۵`, `५`, `৫`, `๕`.
fn digit(c: char) -> Option<u64> {
    /// The zeros behind which the digits of a script stand in their order.
    const ZEROS: [char; 7] = ['0', '\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{e50}', '\u{ff10}'];
    let value = |zero: char| u64::from(c).checked_sub(u64::from(zero)).filter(|value| *value < 10);
    if c.is_ascii() { value('0') } else { ZEROS.into_iter().find_map(value) }
}

/// The number that a text begins with, how many digits it has, and what comes behind it.
pub(super) fn number(text: &str) -> Option<(u64, usize, &str)> {
    let (mut value, mut digits, mut length) = (0, 0, 0);
    for c in text.chars().take(15) {
        let Some(digit) = digit(c) else { break };
        value = 10 * value + digit;
        digits += 1;
        length += c.len_utf8();
    }
    (digits > 0).then_some((value, digits, &text[length..]))
}

/// The number in Chinese characters that a text begins with, up to 99 or a year, and what comes behind it: `五`, `十二`,
/// `三十一`, `二〇二四`. `元`, the first, is 1.
pub(super) fn in_characters(text: &str) -> Option<(u64, &str)> {
    const DIGITS: &str = "〇一二三四五六七八九";
    let value = |c: char| match c {
        '零' => Some(0),
        '元' => Some(1),
        _ => DIGITS.chars().position(|digit| digit == c).map(|value| value as u64),
    };
    let end = text.char_indices().take(5).find(|(_, c)| *c != '十' && value(*c).is_none());
    let (number, rest) = text.split_at(end.map_or(text.len(), |(at, _)| at));
    let said = match number.split_once('十') {
        Some((tens, ones)) => {
            let one = |text: &str, empty| {
                let mut chars = text.chars();
                chars.next().map_or(Some(empty), value).filter(|_| chars.next().is_none())
            };
            10 * one(tens, 1)? + one(ones, 0)?
        }
        None => number.chars().try_fold(0, |all, c| Some(10 * all + value(c)?))?,
    };
    (!number.is_empty()).then_some((said, rest))
}

/// The year in a Japanese era that a text begins with, and what comes behind it: `令和6`.
pub(super) fn of_era(text: &str) -> Option<(u64, &str)> {
    const ERAS: [(&str, u64); 4] = [("令和", 2018), ("平成", 1988), ("昭和", 1925), ("大正", 1911)];
    let (before, rest) = ERAS.iter().find_map(|(era, before)| Some((before, text.strip_prefix(era)?)))?;
    let (year, rest) = number(rest).map(|(year, _, rest)| (year, rest)).or_else(|| in_characters(rest))?;
    (1..=99).contains(&year).then_some((before + year, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_all_digits() {
        for text in ["2024 x", "２０２４ x", "٢٠٢٤ x", "۲۰۲۴ x", "२०२४ x", "২০২৪ x", "๒๐๒๔ x"]
        {
            assert_eq!(number(text), Some((2024, 4, " x")), "{text}");
        }
        assert_eq!(number("1234567890123456"), Some((123_456_789_012_345, 15, "6")));
        assert_eq!(number("x2"), None);
        assert_eq!(number(""), None);
    }

    #[test]
    fn numbers_are_read_in_characters() {
        for (text, value, rest) in [
            ("五月", 5, "月"),
            ("十月", 10, "月"),
            ("十二月", 12, "月"),
            ("二十日", 20, "日"),
            ("三十一日", 31, "日"),
            ("二〇二四年", 2024, "年"),
            ("二零二四年", 2024, "年"),
            ("元年", 1, "年"),
        ] {
            assert_eq!(in_characters(text), Some((value, rest)), "{text}");
        }
        for text in ["", "年", "x", "十十", "一二十", "二十一二"] {
            assert_eq!(in_characters(text), None, "{text}");
        }
    }

    #[test]
    fn eras_begin_with_their_first_year() {
        assert_eq!(of_era("令和6年"), Some((2024, "年")));
        assert_eq!(of_era("令和元年"), Some((2019, "年")));
        assert_eq!(of_era("平成３１年"), Some((2019, "年")));
        assert_eq!(of_era("昭和五十年"), Some((1975, "年")));
        assert_eq!(of_era("昭和"), None);
        assert_eq!(of_era("令和0年"), None);
    }
}
