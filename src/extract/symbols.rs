//! Characters of fonts that have signs in the places of letters: Symbol and Wingdings.
//!
//! Office formats name the font and a number, or use the private numbers from U+F020. Symbol is as in the Unicode
//! Consortium's table of Adobe's encoding; of Wingdings only what people type is here.

/// Symbol from 0x20.
const SYMBOL_LOW: &str =
    " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼";

/// Symbol from 0xA1.
const SYMBOL_HIGH: &str =
    "ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊⟨®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪\u{20ac}⟩∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭";

/// Wingdings: number and sign.
const WINGDINGS: &[(u32, char)] = &[
    (0x22, '✂'),
    (0x28, '☎'),
    (0x2A, '✉'),
    (0x36, '⌛'),
    (0x4A, '☺'),
    (0x4B, '😐'),
    (0x4C, '☹'),
    (0x6C, '●'),
    (0x6E, '■'),
    (0x6F, '□'),
    (0x71, '❑'),
    (0x75, '◆'),
    (0x9F, '•'),
    (0xA7, '▪'),
    (0xA8, '◻'),
    (0xD8, '➢'),
    (0xDF, '←'),
    (0xE0, '→'),
    (0xE1, '↑'),
    (0xE2, '↓'),
    (0xE8, '➔'),
    (0xF0, '⇨'),
    (0xFB, '✗'),
    (0xFC, '✓'),
    (0xFD, '☒'),
    (0xFE, '☑'),
];

/// What a number stands for in a font; `None` if that isn't known.
pub(super) fn sign(font: &str, number: u32) -> Option<char> {
    let number = if (0xF000..=0xF0FF).contains(&number) { number - 0xF000 } else { number };
    if font.starts_with("Wingdings") {
        return WINGDINGS.iter().find(|(sign, _)| *sign == number).map(|&(_, sign)| sign);
    }
    if font.starts_with("Symbol") {
        let at = |first: u32| number.checked_sub(first).map(|at| at as usize);
        let low = at(0x20).and_then(|at| SYMBOL_LOW.chars().nth(at));
        return low.or_else(|| at(0xA1).and_then(|at| SYMBOL_HIGH.chars().nth(at)));
    }
    char::from_u32(number).filter(|c| !c.is_control() && *c != '\u{fffe}')
}

/// Adds a text in a font. Private characters become what they show, or nothing.
pub(super) fn push(text: &mut String, font: &str, added: &str) {
    for c in added.chars() {
        match u32::from(c) {
            number @ 0xF020..=0xF0FF => {
                let font = if font.starts_with("Wingdings") { font } else { "Symbol" };
                text.extend(sign(font, number));
            }
            // What XML can't have, or nobody can read.
            0..=8 | 11..=31 | 127 | 0xFFFE | 0xFFFF => {}
            _ => text.push(c),
        }
    }
}

/// Digits and signs that stand above or below the line, as characters that do; `None` for any other text.
pub(super) fn raised(text: &str, below: bool) -> Option<String> {
    const ABOVE: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾";
    const BELOW: &str = "₀₁₂₃₄₅₆₇₈₉₊₋₍₎";
    let one = |c| {
        let at = "0123456789+-()".find(if matches!(c, '−' | '–') { '-' } else { c })?;
        if below { BELOW } else { ABOVE }.chars().nth(at)
    };
    if text.is_empty() { None } else { text.chars().map(one).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_what_the_font_shows() {
        assert_eq!(sign("Symbol", 0xF061), Some('α'));
        assert_eq!(sign("Symbol", 0x7E), Some('∼'));
        assert_eq!(sign("Symbol", 0xA3), Some('≤'));
        assert_eq!(sign("Symbol", 0xD5), Some('∏'));
        assert_eq!(sign("Symbol", 0xE5), Some('∑'));
        assert_eq!(sign("Symbol", 0xF2), Some('∫'));
        assert_eq!(sign("Wingdings", 0xF0FC), Some('✓'));
        assert_eq!(sign("Arial", 0x2192), Some('→'));
        assert_eq!(sign("Wingdings", 0x10_0000), None);
        let mut text = String::new();
        push(&mut text, "", "a\u{f062}\u{1}b");
        assert_eq!(text, "aβb");
        assert_eq!(raised("-2", false).unwrap(), "⁻²");
        assert_eq!((raised("12", true).unwrap(), raised("th", false)), ("₁₂".to_owned(), None));
    }
}
