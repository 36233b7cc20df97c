//! Scripts that leave no blanks between words, and pieces of their text by which words are found.
//!
//! Text in them is read in pairs of neighbours (bigrams), which need no dictionary and don't depend on how a dictionary
//! would have cut what stands around a word. Korean has blanks, but its words carry particles, so pairs find them too. In
//! Thai, Lao, Khmer and Burmese a neighbour is a letter with the vowels and tones that belong to it.

use std::ops::Range;

/// Whether a character belongs to a script whose words are found by pairs of neighbours.
pub fn is_unspaced(c: char) -> bool {
    // Most text has none of them.
    c >= '\u{e00}'
        && matches!(
            c,
            '\u{e00}'..='\u{eff}'
                | '\u{1000}'..='\u{109f}'
                | '\u{1100}'..='\u{11ff}'
                | '\u{1780}'..='\u{17ff}'
                | '\u{3005}'..='\u{3007}'
                | '\u{3040}'..='\u{30fa}'
                | '\u{30fc}'..='\u{30ff}'
                | '\u{3105}'..='\u{318f}'
                | '\u{31a0}'..='\u{31ff}'
                | '\u{3400}'..='\u{4dbf}'
                | '\u{4e00}'..='\u{9fff}'
                | '\u{ac00}'..='\u{d7ff}'
                | '\u{f900}'..='\u{faff}'
                | '\u{ff66}'..='\u{ff9f}'
                | '\u{20000}'..='\u{3ffff}'
        )
        && !matches!(c, '\u{e3f}' | '\u{e4f}' | '\u{e5a}' | '\u{e5b}' | '\u{104a}'..='\u{104f}' | '\u{17d4}'..='\u{17db}')
}

/// The neighbours of a text that [`is_unspaced`] as a whole, in its bytes: characters, or what a reader takes for one.
pub fn units(text: &str) -> Vec<Range<usize>> {
    let mut units: Vec<Range<usize>> = Vec::new();
    let mut before = None;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        let joins = before.is_some_and(|before| belongs_to(before, c));
        match units.last_mut().filter(|_| joins) {
            Some(unit) => unit.end = end,
            None => units.push(at..end),
        }
        before = Some(c);
    }
    units
}

/// Whether a character belongs to the letter before it.
fn belongs_to(before: char, c: char) -> bool {
    // Vowels that are written before their letter, and signs that put a letter below another.
    let leads = matches!(before, '\u{e40}'..='\u{e44}' | '\u{ec0}'..='\u{ec4}' | '\u{1039}' | '\u{17d2}');
    leads
        || matches!(
            c,
            '\u{e30}'..='\u{e3a}'
                | '\u{e45}'..='\u{e4e}'
                | '\u{eb0}'..='\u{ebc}'
                | '\u{ec8}'..='\u{ece}'
                | '\u{102b}'..='\u{103e}'
                | '\u{1056}'..='\u{1059}'
                | '\u{105e}'..='\u{1060}'
                | '\u{1062}'..='\u{1064}'
                | '\u{1067}'..='\u{106d}'
                | '\u{1071}'..='\u{1074}'
                | '\u{1082}'..='\u{108d}'
                | '\u{17b4}'..='\u{17d3}'
                | '\u{17dd}'
                | '\u{3099}'
                | '\u{309a}'
        )
}

/// The words of a text, in its bytes: runs of letters, digits and `_`, and of what [`is_unspaced`] each pair of
/// neighbours; a neighbour that stands alone is a word.
pub fn words_in(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut rest = 0;
    let mut pairs = Vec::new().into_iter();
    std::iter::from_fn(move || {
        if let Some(pair) = pairs.next() {
            return Some(pair);
        }
        let start = rest + text[rest..].find(in_word)?;
        let unspaced = text[start..].starts_with(is_unspaced);
        let inside = |c: char| in_word(c) && is_unspaced(c) == unspaced;
        rest = text[start..].find(|c| !inside(c)).map_or(text.len(), |length| start + length);
        if !unspaced {
            return Some(start..rest);
        }
        let units = units(&text[start..rest]);
        if units.len() == 1 {
            return Some(start..rest);
        }
        let pair = |pair: &[Range<usize>]| start + pair[0].start..start + pair[1].end;
        pairs = units.windows(2).map(pair).collect::<Vec<_>>().into_iter();
        pairs.next()
    })
}

/// Whether a character is a part of a word.
pub fn in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || (!c.is_ascii() && is_letter(c))
}

/// Whether a character is a letter, a digit, or a sign that belongs to one.
pub fn is_letter(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<&str> {
        words_in(text).map(|range| &text[range]).collect()
    }

    #[test]
    fn words_are_found_in_every_script() {
        assert_eq!(words("a snake_case, naïve!"), ["a", "snake_case", "naïve"]);
        assert_eq!(words("用Python写番茄钟。"), ["用", "Python", "写番", "番茄", "茄钟"]);
        assert_eq!(words("東京タワーに"), ["東京", "京タ", "タワ", "ワー", "ーに"]);
        assert_eq!(words("김치 찌개는"), ["김치", "찌개", "개는"]);
        assert_eq!(words("ไปเที่ยว"), ["ไปเที่", "เที่ย", "ยว"]);
        assert_eq!(words("हिन्दी भाषा"), ["हिन्दी", "भाषा"]);
        assert_eq!(words("ភាសាខ្មែរ"), ["ភាសា", "សាខ្មែ", "ខ្មែរ"]);
        assert_eq!(words(" !"), [""; 0]);
    }

    proptest! {
        #[test]
        fn words_stand_in_their_order(text in "\\PC{0,40}|[a-b番茄钟กเ่ _]{0,30}") {
            let ranges: Vec<_> = words_in(&text).collect();
            prop_assert!(ranges.iter().all(|range| !range.is_empty() && text.get(range.clone()).is_some()));
            prop_assert!(ranges.is_sorted_by_key(|range| range.start));
        }
    }
}
