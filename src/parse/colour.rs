//! A word after a hash → whether it is a colour: `#ff8800` and `#fff` are, `#dad` and `#b2b` are tags.

/// What may stand before a colour, or before the colon before it.
const NAMES: [&str; 10] =
    ["color", "colour", "background", "border", "fill", "stroke", "hex", "shadow", "outline", "accent"];

/// Whether `word` after `before#` and before `after` is a colour of 3, 4, 6 or 8 hexadecimal digits (CSS Color Module
/// Level 4, section 5.2).
///
/// What reads like a word is a tag, unless something says that it is a colour. So does what reads like a name with
/// digits: `b2b`, `e2e`, `ec2`, `dec2024`.
pub(super) fn is_colour(before: &str, word: &str, after: &str) -> bool {
    let is_hex = matches!(word.len(), 3 | 4 | 6 | 8) && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex && (is_named(before, after) || !(is_word(word) || is_name(word)))
}

/// Whether what stands around says that a colour is meant.
fn is_named(before: &str, after: &str) -> bool {
    let bare = before.trim_end();
    let key = bare.trim_end_matches([':', '=', '(', '"', '\'', ' ']);
    let name = key.rsplit(|char: char| !char.is_ascii_alphabetic()).next().unwrap_or_default();
    // A word may be as long as the note.
    let names_colour = name.len() <= 16 && NAMES.contains(&name.to_ascii_lowercase().as_str());
    names_colour || (bare.ends_with(':') && after.starts_with(';'))
}

/// Whether letters alone read like a word: vowels and consonants, and not each digit twice.
fn is_word(word: &str) -> bool {
    let has = |letters: &str| word.chars().any(|char| letters.contains(char.to_ascii_lowercase()));
    let doubled =
        word.len() >= 6 && word.as_bytes().chunks(2).all(|pair| pair[0].eq_ignore_ascii_case(&pair[1]));
    word.bytes().all(|byte| byte.is_ascii_alphabetic()) && has("ae") && has("bcdf") && !doubled
}

/// Whether letters and digits read like a name: one to another, a number at the end, a month or word with a year.
fn is_name(word: &str) -> bool {
    let letters = word.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (name, digits) = word.split_at(letters);
    let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let differ = name.bytes().any(|byte| !byte.eq_ignore_ascii_case(&name.as_bytes()[0]));
    match (letters, word.len()) {
        (1, 3) => matches!(word.as_bytes()[1], b'2' | b'4') && word.as_bytes()[2].is_ascii_alphabetic(),
        (2 | 3, 3 | 4) => all_digits && differ && !digits.starts_with('0'),
        (4, 8) => all_digits && differ && matches!(&digits[..2], "19" | "20"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_names_are_no_colours() {
        let is_colour = |word: &str| is_colour("a ", word, " b");
        for word in [
            "dad", "bed", "fee", "bad", "face", "cafe", "beef", "dead", "decade", "facade", "abc", "b2b",
            "e2e", "b2c", "f2f", "ec2", "db2", "dec2", "cafe2024", "planning", "c", "a11y", "accede",
        ] {
            assert!(!is_colour(word), "{word}");
        }
        for word in [
            "fff", "FFF", "eee", "ddd", "bcd", "f00", "0af", "a1b", "a1b2c3", "ff8800", "ffffff", "aabbcc",
            "ff0", "ffff", "ff8800cc", "c0ffee", "faebd7", "FFEEDD",
        ] {
            assert!(is_colour(word), "{word}");
        }
    }

    #[test]
    fn what_stands_around_may_say_that_it_is_one() {
        assert!(is_colour("color: ", "dad", ""));
        assert!(is_colour("Background ", "bed", " is nice"));
        assert!(is_colour("--x: ", "fade", ";"));
        assert!(!is_colour("todo: ", "dad", " calls"));
        assert!(!is_colour("color: ", "planning", ""));
    }
}
