//! One form of what is written in several: composed or not, wide or narrow, large or small, with accents or without.

use std::borrow::Cow;

use unicode_normalization::char::{decompose_canonical, is_combining_mark};
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// A character that joins two parts into one word and takes no room: U+2060.
pub const JOINER: char = '\u{2060}';

/// A name as most programs write it: in Unicode's form NFC. Some file systems and archives have names in NFD, where `ü` is
/// two characters.
pub fn composed(name: &str) -> Cow<'_, str> {
    if is_nfc(name) { Cow::Borrowed(name) } else { Cow::Owned(name.nfc().collect()) }
}

/// A text by which two texts are compared: in Unicode's form NFKC, in lower case, without the accents of Latin and
/// Greek letters and without what can't be seen.
///
/// `Müller`, `MÜLLER` and `mu\u{308}ller` are one, and so are `ﬁle` and `file`, `ＡＢＣ` and `abc`, `µm` and `μm`. Letters
/// that an accent makes another letter of (`й`, `한`, `が`) stay themselves, however they were typed.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    push_folded(&mut folded, text);
    folded
}

/// Adds [`fold`] of a text to another one.
pub fn push_folded(to: &mut String, text: &str) {
    if text.is_ascii() {
        to.extend(text.bytes().map(|byte| char::from(byte.to_ascii_lowercase())));
        return;
    }
    let composed: String = text.nfkc().flat_map(char::to_lowercase).filter(|&c| !is_silent(c)).collect();
    for c in composed.nfc() {
        push_letter(to, c);
    }
}

/// Whether a character is left out before letters are put together: what can't be seen, and the dot of Hindi that many
/// write without.
fn is_silent(c: char) -> bool {
    c == '\u{93c}' || is_unseen(c)
}

/// Adds a letter in lower case without its accents.
fn push_letter(to: &mut String, c: char) {
    if c.is_ascii() {
        return to.push(c);
    }
    let plain = match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ł' => "l",
        'ħ' => "h",
        'ı' => "i",
        'ŋ' => "n",
        'ς' => "σ",
        'ё' => "е",
        // Signs of vowels that are mostly left out in Arabic and Hebrew, and what stretches a word.
        '\u{591}'..='\u{5c7}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' => "",
        'أ' | 'إ' | 'آ' | 'ٱ' => "ا",
        // Letters that keyboards and habits exchange: of Arabic at the end of a word, of Persian anywhere.
        'ة' | 'ۀ' | 'ە' => "ه",
        'ى' | 'ی' => "ي",
        'ک' => "ك",
        // The forms that five letters of Hebrew have at the end of a word.
        'ך' => "כ",
        'ם' => "מ",
        'ן' => "נ",
        'ף' => "פ",
        'ץ' => "צ",
        '\u{901}' => "\u{902}",
        'ऩ' => "न",
        'ऱ' => "र",
        'ऴ' => "ळ",
        '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}' | '\u{966}'..='\u{96f}' | '\u{9e6}'..='\u{9ef}' => {
            return to.push(european(c));
        }
        _ if is_accent(c) => "",
        _ if has_accents(c) => {
            return decompose_canonical(c, |part| {
                if !is_combining_mark(part) {
                    push_plain(to, part);
                }
            });
        }
        _ => return to.push(c),
    };
    to.push_str(plain);
}

/// Adds the letter below an accent, which may be one of another kind: `ǿ`.
fn push_plain(to: &mut String, c: char) {
    match c {
        'æ' => to.push_str("ae"),
        'ø' => to.push('o'),
        'ς' => to.push('σ'),
        _ => to.push(c),
    }
}

/// A digit of Arabic, Persian, Hindi or Bengali as Europeans write it. They stand in blocks of sixteen or, in Arabic, of
/// ten, and the last four bits tell which digit one is.
fn european(digit: char) -> char {
    let place = u32::from(digit) & 0xf;
    let value =
        if matches!(digit, '\u{966}'..='\u{96f}' | '\u{9e6}'..='\u{9ef}') { place - 6 } else { place };
    char::from_digit(value, 10).unwrap_or(digit)
}

/// Whether a letter's accents don't make another letter of it: those of Latin and Greek.
fn has_accents(c: char) -> bool {
    matches!(c, '\u{c0}'..='\u{24f}' | '\u{370}'..='\u{3ff}' | '\u{1e00}'..='\u{1fff}')
}

/// An accent that is a character of its own, behind the letter.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// Whether a character only tells how others are to be shown: joiners, directions, variants, skin tones. The [`JOINER`] is
/// one, too.
pub fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{20e3}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{1f3fb}'..='\u{1f3ff}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// A text in which each sign stands for itself: in Unicode's form NFKC, without what can't be seen, and with numbers and
/// initials written in one way.
///
/// | written | read |
/// |---|---|
/// | `ﬁle`, `ＡＢＣ`, `m²`, `CO₂`, `e` + U+0301 | `file`, `ABC`, `m2`, `CO2`, `é` |
/// | `1,200`, `1'200`, `1 200` with a narrow or a no-break space | `1`, a [`JOINER`], `200` |
/// | `½`, `2½`, `don´t`, `Foo™` | ` 1/2`, `2 1/2`, `don't`, `Foo` |
/// | `J. K. Rowling` | `J.K. Rowling` |
///
/// Capitals and accents stay, for they tell where words begin.
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.char_indices().any(|(at, c)| is_odd(text, at, c)) {
        return Cow::Borrowed(text);
    }
    let (mut out, mut rest) = (String::with_capacity(text.len()), 0);
    for (at, c) in text.char_indices() {
        if at < rest || !is_odd(text, at, c) {
            continue;
        }
        out.push_str(&text[rest..at]);
        rest = at + c.len_utf8();
        match c {
            ' ' => {}
            JOINER => out.push(JOINER),
            _ if joins_digits(text, at, c) => out.push(JOINER),
            '\u{b4}' => out.push('\''),
            '™' | '℠' => {}
            _ if is_unseen(c) => {}
            _ => {
                // A composition may reach back to the letter before, and forward over all marks.
                let end = text[rest..].find(|c| !composes(c)).map_or(text.len(), |end| rest + end);
                if c.is_numeric() && text[at..end].nfkc().any(|c| c == '\u{2044}') {
                    out.push(' ');
                    out.extend(text[at..end].nfkc().map(|c| if c == '\u{2044}' { '/' } else { c }));
                } else {
                    let back = out.char_indices().next_back().filter(|_| composes(c));
                    let back = back.map_or(out.len(), |(at, _)| at);
                    let tail = out.split_off(back) + &text[at..end];
                    out.extend(tail.nfkc());
                }
                rest = end;
            }
        }
    }
    out.push_str(&text[rest..]);
    Cow::Owned(out)
}

/// Whether a character may be one with what stands before it: an accent, a letter of a Korean syllable, a narrow voiced
/// sound mark.
fn composes(c: char) -> bool {
    is_combining_mark(c) || matches!(c, '\u{1160}'..='\u{11ff}' | '\u{ff9e}' | '\u{ff9f}')
}

/// Whether a character isn't to be read as it stands.
fn is_odd(text: &str, at: usize, c: char) -> bool {
    match c {
        ',' | '\'' | '\u{2019}' => joins_digits(text, at, c),
        ' ' => joins_initials(text, at),
        _ if c.is_ascii() => false,
        '\u{c0}'..='\u{131}'
        | '\u{400}'..='\u{52f}'
        | '\u{2010}'..='\u{201f}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}' => false,
        _ => is_unseen(c) || composes(c) || !std::iter::once(c).nfkc().eq([c]),
    }
}

/// Whether a character stands between groups of digits of one number: `1,200,000`.
fn joins_digits(text: &str, at: usize, c: char) -> bool {
    const GROUP: usize = 3;
    if !matches!(c, ',' | '\'' | '\u{2019}' | '\u{a0}' | '\u{2009}' | '\u{202f}') {
        return false;
    }
    let (before, behind) = (&text.as_bytes()[..at], &text.as_bytes()[at + c.len_utf8()..]);
    // Indian numbers have groups of two before the last: `12,00,000`.
    let digits = |bytes: &mut dyn Iterator<Item = &u8>| {
        bytes.take(GROUP + 1).take_while(|byte| byte.is_ascii_digit()).count()
    };
    let (left, right) = (digits(&mut before.iter().rev()), digits(&mut behind.iter()));
    let follows = right == GROUP || (right == 2 && behind.get(2) == Some(&b','));
    let begins = !before
        .len()
        .checked_sub(left + 1)
        .is_some_and(|at| matches!(before[at], b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z'));
    (1..=GROUP).contains(&left) && follows && begins && !leading_zero(before, left, c)
}

/// Whether the digits before are a first group that begins with a zero, as no number does.
fn leading_zero(before: &[u8], digits: usize, separator: char) -> bool {
    let start = before.len() - digits;
    let continues =
        separator.len_utf8() <= start && before[..start].ends_with(separator.to_string().as_bytes());
    before[start] == b'0' && !continues
}

/// Whether a blank stands between two initials: `J. K.`.
fn joins_initials(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let byte = |at: Option<usize>| at.and_then(|at| bytes.get(at));
    let begins =
        |at: Option<usize>| byte(at).is_none_or(|&byte| matches!(byte, b' ' | b'(' | b'\n' | b'"' | b'.'));
    let initial = |at: Option<usize>| byte(at).is_some_and(u8::is_ascii_uppercase);
    byte(at.checked_sub(1)) == Some(&b'.')
        && initial(at.checked_sub(2))
        && begins(at.checked_sub(3))
        && initial(Some(at + 1))
        && byte(Some(at + 2)) == Some(&b'.')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_written_in_several_ways_is_one() {
        for (one, other) in [
            ("Übersicht.md", "u\u{308}bersicht.md"),
            ("Чай", "ча\u{438}\u{306}"),
            ("한글", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}"),
            ("İstanbul", "istanbul"),
            ("IŞIK", "isik"),
            ("µm", "μM"),
            ("ﬁle", "FILE"),
            ("ＡＢＣ１２", "abc12"),
            ("Straße", "STRASSE"),
            ("Łódź", "lodz"),
            ("Ærø", "aero"),
            ("Ὀδυσσεύς", "οδυσσευσ"),
            ("ёлка", "елка"),
            ("مُحَمَّد", "محمد"),
            ("co\u{ad}op", "coop"),
            ("a\u{200b}b\u{feff}", "ab"),
            ("がく", "か\u{3099}く"),
            ("ｶﾞｸ", "ガク"),
            ("Việt Nam", "viet nam"),
            ("مكتبة", "مكتبه"),
            ("على", "علی"),
            ("کتاب", "كتاب"),
            ("كتــاب ١٢٣", "كتاب 123"),
            ("שָׁלוֹם", "שלומ"),
            ("ज़रूर २०२४", "जरूर 2024"),
            ("चाँद", "चांद"),
            ("৯০", "90"),
            ("۱۲", "12"),
        ] {
            assert_eq!(fold(one), fold(other), "{one}");
        }
        for (one, other) in [("й", "и"), ("が", "か"), ("हिन्दी", "हनद"), ("ไม้", "ไม")]
        {
            assert_ne!(fold(one), fold(other), "{one}");
        }
    }

    #[test]
    fn a_text_is_read_as_it_is_meant() {
        for (written, read) in [
            ("plain text, with 3,4 and 'quotes'", "plain text, with 3,4 and 'quotes'"),
            ("1,200 euros", "1\u{2060}200 euros"),
            ("1,200,000.50", "1\u{2060}200\u{2060}000.50"),
            ("1'200 and 1\u{202f}200 and 12\u{a0}345", "1\u{2060}200 and 1\u{2060}200 and 12\u{2060}345"),
            ("12,00,000", "12\u{2060}00\u{2060}000"),
            ("0,200 1234,567 1,2000 v1,200 0.1,200", "0,200 1234,567 1,2000 v1,200 0.1,200"),
            ("m² CO₂ ﬁle ＡＢＣ", "m2 CO2 file ABC"),
            ("½ cup, 2½ cups", " 1/2 cup, 2 1/2 cups"),
            ("don´t Foo™", "don't Foo"),
            ("e\u{301}te\u{301}", "été"),
            ("J. R. R. Tolkien", "J.R.R. Tolkien"),
            ("Plan A. B is worse.", "Plan A. B is worse."),
            ("soft\u{ad}ware \u{200b}x", "software x"),
            ("\u{1112}\u{1161}\u{11ab}", "한"),
            ("ｶﾞｸ", "ガク"),
            ("“quoted” – and ’s", "“quoted” – and ’s"),
        ] {
            assert_eq!(plain(written), read);
        }
    }

    proptest! {
        #[test]
        fn any_text_has_a_form_that_stays(text in "\\PC{0,40}|[a-c,'.0-9A-C \u{301}\u{2060}\u{a0}é½]{0,30}") {
            let folded = fold(&text);
            prop_assert_eq!(fold(&folded), folded);
            plain(&text);
        }
    }
}
