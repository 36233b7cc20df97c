//! What stands from right to left → the order in which it is read.
//!
//! A page draws letters where they are seen. [UAX 9](https://www.unicode.org/reports/tr9/) brings text from the order of
//! reading to the order of seeing; its last step, which turns runs around, undoes itself, and so leads back.

use unicode_bidi::{BidiInfo, Level};

/// Brings a line from the order of seeing, left to right, to the order of reading. Each part of it is a letter with its
/// marks, or several that stay as they are.
pub(super) fn logical(mut seen: Vec<String>, right_to_left: bool) -> String {
    // Read from its right end, a line that runs leftward has only its rightward parts the wrong way round.
    let base = if right_to_left { Level::rtl() } else { Level::ltr() };
    if right_to_left {
        seen.reverse();
    }
    let text = seen.concat();
    let bidi = BidiInfo::new(&text, Some(base));
    let mut at = 0;
    let mut parts: Vec<(u8, &str)> = Vec::with_capacity(seen.len());
    for part in seen.iter().filter(|part| !part.is_empty()) {
        parts.push((bidi.levels[at].number(), part));
        at += part.len();
    }
    let highest = parts.iter().map(|part| part.0).max().unwrap_or(0);
    for level in (base.number() + 1..=highest).rev() {
        for run in parts.chunk_by_mut(|a, b| (a.0 >= level) == (b.0 >= level)) {
            if run[0].0 >= level {
                run.reverse();
            }
        }
    }
    mirrored(&parts)
}

/// Joins the parts; brackets that are told as they look become what they mean.
fn mirrored(parts: &[(u8, &str)]) -> String {
    let first = parts.iter().find(|(level, part)| level % 2 == 1 && other_bracket(part).is_some());
    let closes_first = first.is_some_and(|(_, part)| ")]}»".contains(part));
    let meant = |(level, part): &(u8, &str)| match other_bracket(part) {
        Some(other) if closes_first && level % 2 == 1 => other.to_owned(),
        _ => (*part).to_owned(),
    };
    parts.iter().map(meant).collect()
}

/// The bracket that looks like this one in a mirror.
fn other_bracket(part: &str) -> Option<&'static str> {
    match part {
        "(" => Some(")"),
        ")" => Some("("),
        "[" => Some("]"),
        "]" => Some("["),
        "{" => Some("}"),
        "}" => Some("{"),
        "«" => Some("»"),
        "»" => Some("«"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(seen: &str, right_to_left: bool) -> String {
        logical(seen.chars().map(String::from).collect(), right_to_left)
    }

    #[test]
    fn leftward_text_is_turned_and_its_numbers_are_not() {
        assert_eq!(read("םולש", true), "שלום");
        assert_eq!(read("2024 תנש", true), "שנת 2024");
        assert_eq!(read("qsearch 1,234.5 תנש", true), "שנת 1,234.5 qsearch");
        assert_eq!(read("a םלוע םולש b", false), "a שלום עולם b");
        assert_eq!(read("plain (text)", false), "plain (text)");
    }

    #[test]
    fn brackets_open_before_they_close() {
        assert_eq!(read("(ב) א", true), "א (ב)");
        assert_eq!(read(")ב( א", true), "א (ב)");
    }

    #[test]
    fn parts_stay_together() {
        let seen = ["\u{5dd}", "\u{5d5}", "\u{5dc}", "\u{5e9}\u{5c1}\u{5b8}"].map(String::from).to_vec();
        assert_eq!(logical(seen, true), "\u{5e9}\u{5c1}\u{5b8}\u{5dc}\u{5d5}\u{5dd}");
        assert_eq!(logical(vec![], true), "");
    }
}
