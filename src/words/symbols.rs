//! Signs that people look for: `=>`, `$?`, `€`, 🔥.

use std::ops::Range;

/// The most signs of a symbol; more are a line that was drawn.
const LONGEST: usize = 6;

/// The symbols of a stretch of text without words, in its bytes.
///
/// A symbol is an emoji, arrow, currency or the like by itself, or up to six ASCII signs without a blank between them.
/// `begins` tells whether a blank or nothing stands before the stretch, `ends` whether one stands behind it: what is joined
/// to a word is its punctuation. Brackets, quotation marks and the full stop or question mark of a sentence are no part
/// of a symbol, and what Markdown marks lists, headings, tables, rules and emphasis with is none.
pub fn symbols(text: &str, begins: bool, ends: bool) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut start, mut free) = (0, begins);
    while start < text.len() {
        let rest = &text[start..];
        let Some(c) = rest.chars().next() else { break };
        if !c.is_ascii() {
            let mut end = start + c.len_utf8();
            if is_sign(c) {
                // A flag is two letters.
                let flag = is_flag(c).then(|| text[end..].chars().next().filter(|&c| is_flag(c))).flatten();
                end += flag.map_or(0, char::len_utf8);
                found.push(start..end);
            }
            (start, free) = (end, true);
            continue;
        }
        let length = rest.find(|c: char| !c.is_ascii() || c.is_whitespace()).unwrap_or(rest.len());
        let (end, bounded) = (start + length, start + length < text.len() || ends);
        if length > 0 && free && bounded {
            found.extend(symbol(&rest[..length]).map(|inner| start + inner.start..start + inner.end));
        }
        free = true;
        start = end.max(start + 1);
    }
    found
}

/// The symbol in a run of ASCII signs.
fn symbol(run: &str) -> Option<Range<usize>> {
    const AROUND: [char; 11] = ['`', '"', '\'', '(', ')', '[', ']', ',', ';', '{', '}'];
    let inner = run.trim_matches(AROUND);
    // A sentence may end with it.
    let said = inner.trim_end_matches(['.', ',', ';', ':', '?', '!']);
    let inner = if said.len() >= 2 { said } else { inner };
    let inner = inner.trim_matches(AROUND);
    let first = inner.chars().next()?;
    let same = inner.chars().all(|c| c == first);
    let marks = match inner.len() {
        1 => !matches!(first, '$' | '%' | '^' | '~' | '@'),
        2 => same && matches!(first, '-' | '*' | '#' | '~' | '.' | '_' | '!'),
        length => same || length > LONGEST || inner.chars().all(|c| "|-:+=".contains(c)),
    } || (!same && inner.chars().all(|c| "?!.".contains(c)));
    let start = inner.as_ptr() as usize - run.as_ptr() as usize;
    (!marks).then_some(start..start + inner.len())
}

/// Whether a character is a sign by itself: an emoji, an arrow, a currency, an operator. Lines and boxes aren't.
pub fn is_sign(c: char) -> bool {
    matches!(
        c,
        '\u{a2}'..='\u{a5}'
            | '\u{a7}'
            | '\u{ac}'
            | '\u{b0}'
            | '\u{b1}'
            | '\u{b6}'
            | '\u{d7}'
            | '\u{f7}'
            | '\u{20a0}'..='\u{20cf}'
            | '\u{2100}'..='\u{214f}'
            | '\u{2190}'..='\u{23ff}'
            | '\u{25a0}'..='\u{27bf}'
            | '\u{27f0}'..='\u{27ff}'
            | '\u{2900}'..='\u{2bff}'
            | '\u{1f000}'..='\u{1faff}'
    )
}

/// One of the letters of a flag.
fn is_flag(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(text: &str) -> Vec<&str> {
        symbols(text, true, true).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn what_people_look_for_is_a_symbol() {
        for symbol in [
            "$?", "=>", "->", "!=", "::", "%%", ":=", "|>", "<$>", "??", "&&", "||", "==", "===", "🔥", "✅",
            "€", "→", "🇩🇪", "$", "%", "<-", ">>=", "//", "..=", "?:",
        ] {
            assert_eq!(found(symbol), if symbol == "===" { vec![] } else { vec![symbol] }, "{symbol}");
        }
        assert_eq!(found("=>? `$?`, (!=). 🔥🔥✅"), ["=>", "$?", "!=", "🔥", "🔥", "✅"]);
    }

    #[test]
    fn marks_and_punctuation_are_none() {
        for text in [
            "- ",
            "* ",
            "## ",
            "---",
            "***",
            "|---|:--:|",
            "...",
            "…",
            "—",
            "–",
            "\"",
            "()",
            "[ ]",
            "&",
            "+",
            "/",
            "**",
            "--",
            "",
            ". ",
            "│",
            "-- ",
            "|",
            ">",
            "> >",
            "====",
            "\u{2022}",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
        assert!(symbols("=>", false, true).is_empty() && symbols("=>", true, false).is_empty());
        assert_eq!(symbols("=> ", true, false), vec![0..2]);
    }

    proptest! {
        #[test]
        fn symbols_stand_in_their_order(text in "\\PC{0,30}|[ -/:-@🔥é]{0,30}", begins: bool, ends: bool) {
            let found = symbols(&text, begins, ends);
            prop_assert!(found.iter().all(|range| !range.is_empty() && text.get(range.clone()).is_some()));
            prop_assert!(found.is_sorted_by_key(|range| range.start));
        }
    }
}
