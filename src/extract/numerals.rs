//! Numbers as lists print them: in letters, Roman numerals, words and the like.

/// A way to print a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Numeral {
    /// 1, 2, 3.
    #[default]
    Decimal,
    /// 01, 02, 03: as many digits at least.
    Padded(usize),
    /// a, b, c; after z comes aa.
    LowerLetter,
    /// A, B, C.
    UpperLetter,
    /// i, ii, iii.
    LowerRoman,
    /// I, II, III.
    UpperRoman,
    /// 1st, 2nd, 3rd.
    Ordinal,
    /// One, Two, Three.
    Cardinal,
    /// First, Second, Third.
    OrdinalWord,
    /// 一, 二, 三.
    Chinese,
    /// ①, ②, ③.
    Circled,
    /// а, б, в.
    Cyrillic,
    /// *, †, ‡.
    Footnote,
    /// No number: a sign that is the same for all.
    Bullet,
    /// Nothing.
    None,
}

impl Numeral {
    /// By the name that WordprocessingML has for it (ECMA-376 part 1 §17.18.59).
    pub(super) fn named(name: &str) -> Self {
        match name {
            "bullet" => Self::Bullet,
            "none" => Self::None,
            "decimalZero" => Self::Padded(2),
            "lowerLetter" => Self::LowerLetter,
            "upperLetter" => Self::UpperLetter,
            "lowerRoman" => Self::LowerRoman,
            "upperRoman" => Self::UpperRoman,
            "ordinal" => Self::Ordinal,
            "cardinalText" => Self::Cardinal,
            "ordinalText" => Self::OrdinalWord,
            "chineseCounting"
            | "chineseCountingThousand"
            | "japaneseCounting"
            | "ideographDigital"
            | "taiwaneseCounting"
            | "taiwaneseCountingThousand"
            | "japaneseDigitalTenThousand" => Self::Chinese,
            "decimalEnclosedCircle" | "decimalEnclosedCircleChinese" => Self::Circled,
            "russianLower" => Self::Cyrillic,
            "chicago" => Self::Footnote,
            _ => Self::Decimal,
        }
    }

    /// A number, printed so.
    pub(super) fn print(self, number: u32) -> String {
        match self {
            Self::Bullet | Self::None => String::new(),
            Self::Padded(digits) => format!("{number:0digits$}"),
            Self::LowerLetter => letters(number, 'a', 26),
            Self::UpperLetter => letters(number, 'A', 26),
            Self::Cyrillic => letters(number, 'а', 32),
            Self::LowerRoman => roman(number).to_lowercase(),
            Self::UpperRoman => roman(number),
            Self::Ordinal => format!("{number}{}", suffix(number)),
            Self::Cardinal => word(number, CARDINALS).unwrap_or_else(|| number.to_string()),
            Self::OrdinalWord => {
                word(number, ORDINALS).unwrap_or_else(|| format!("{number}{}", suffix(number)))
            }
            Self::Chinese => chinese(number),
            Self::Circled => {
                let circled = (1..=20).contains(&number).then(|| char::from_u32(0x245F + number)).flatten();
                circled.map_or_else(|| number.to_string(), String::from)
            }
            Self::Footnote => {
                let sign = ["*", "†", "‡", "§"][(number.max(1) as usize - 1) % 4];
                sign.repeat(((number.max(1) as usize - 1) / 4 + 1).min(8))
            }
            Self::Decimal => number.to_string(),
        }
    }
}

const CARDINALS: &[&str] = &[
    "One",
    "Two",
    "Three",
    "Four",
    "Five",
    "Six",
    "Seven",
    "Eight",
    "Nine",
    "Ten",
    "Eleven",
    "Twelve",
    "Thirteen",
    "Fourteen",
    "Fifteen",
    "Sixteen",
    "Seventeen",
    "Eighteen",
    "Nineteen",
    "Twenty",
];

const ORDINALS: &[&str] = &[
    "First",
    "Second",
    "Third",
    "Fourth",
    "Fifth",
    "Sixth",
    "Seventh",
    "Eighth",
    "Ninth",
    "Tenth",
    "Eleventh",
    "Twelfth",
    "Thirteenth",
    "Fourteenth",
    "Fifteenth",
    "Sixteenth",
    "Seventeenth",
    "Eighteenth",
    "Nineteenth",
    "Twentieth",
];

fn word(number: u32, words: &[&str]) -> Option<String> {
    words.get((number as usize).checked_sub(1)?).map(|&word| word.to_owned())
}

/// The letter of a number, as often as the alphabet is through: `a` to `z`, `aa`, `bb`.
fn letters(number: u32, first: char, count: u32) -> String {
    let Some(at) = number.checked_sub(1) else { return "0".to_owned() };
    let letter = char::from_u32(first as u32 + at % count).unwrap_or(first);
    letter.to_string().repeat((at / count + 1).min(9) as usize)
}

/// A number in Roman numerals, if there is one.
fn roman(number: u32) -> String {
    if (1..5000).contains(&number) { super::roman::roman(number) } else { number.to_string() }
}

/// What makes an English ordinal of a number.
fn suffix(number: u32) -> &'static str {
    match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    }
}

/// A number below a hundred in Chinese.
fn chinese(number: u32) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let (tens, ones) = (number as usize / 10, number as usize % 10);
    match tens {
        _ if number == 0 || tens > 9 => number.to_string(),
        0 => DIGITS[ones].to_owned(),
        1 => format!("十{}", DIGITS[ones]),
        _ => format!("{}十{}", DIGITS[tens], DIGITS[ones]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_printed_as_the_format_says() {
        for (format, number, printed) in [
            ("decimal", 12, "12"),
            ("decimalZero", 7, "07"),
            ("lowerLetter", 28, "bb"),
            ("upperLetter", 26, "Z"),
            ("lowerRoman", 1994, "mcmxciv"),
            ("upperRoman", 4, "IV"),
            ("ordinal", 22, "22nd"),
            ("ordinal", 112, "112th"),
            ("cardinalText", 3, "Three"),
            ("ordinalText", 21, "21st"),
            ("chineseCounting", 21, "二十一"),
            ("decimalEnclosedCircle", 3, "③"),
            ("chicago", 2, "†"),
            ("bullet", 2, ""),
            ("somethingElse", 5, "5"),
        ] {
            assert_eq!(Numeral::named(format).print(number), printed, "{format}");
        }
        for numeral in [Numeral::LowerLetter, Numeral::UpperRoman, Numeral::Cardinal, Numeral::Chinese] {
            assert!(numeral.print(u32::MAX).len() < 20 && !numeral.print(0).is_empty());
        }
    }
}
