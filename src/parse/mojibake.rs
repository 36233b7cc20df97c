//! Text that was decoded with the wrong code page → the text that was meant.
//!
//! UTF-8 that some program read as Windows-1252 or Mac Roman and saved again shows each character as two to
//! four others:
//!
//! | meant | bytes | as Windows-1252 | as Mac Roman |
//! |---|---|---|---|
//! | `é` | C3 A9 | `Ã©` | `√©` |
//! | `→` | E2 86 92 | `â†’` | `‚Üí` |
//! | 🧠 | F0 9F A7 A0 | `ðŸ§` and a no-break space | U+F8FF and `üß†` |
//!
//! Encoding these back gives the bytes of the true character. Real text does so
//! by chance now and then (`„Spaß“` holds the bytes of an N'Ko letter), so a result must be likely: see
//! [`Likelihood`]. No line end is added or removed, and text without such sequences comes back as it was.
//!
//! The idea is that of `ftfy` (Robyn Speer, 2019); its tables aren't used.

use std::sync::LazyLock;

use encoding_rs::{Encoding, MACINTOSH, WINDOWS_1252};

use super::decode::Decoded;

/// How often a text may have been encoded wrongly, one over the other.
const MAX_PASSES: usize = 3;

/// Characters that often stand right after a capital in real text, quotation marks above all.
const CLOSING: &str = "‘’“”‚„…–—•™‹›«»";

/// A code page for reading single bytes, by its upper half.
struct CodePage {
    /// Each character with its byte, sorted.
    bytes: Vec<(char, u8)>,
    /// Whether it is Mac Roman, where the bytes show as other characters and other texts look suspicious.
    is_mac: bool,
}

/// The code pages that UTF-8 is taken for in practice; the likelier one comes first.
static PAGES: LazyLock<[CodePage; 2]> =
    LazyLock::new(|| [CodePage::new(WINDOWS_1252, false), CodePage::new(MACINTOSH, true)]);

impl CodePage {
    /// Takes the table from `encoding_rs`.
    fn new(encoding: &'static Encoding, is_mac: bool) -> Self {
        let decoded = |byte: u8| encoding.decode_without_bom_handling(&[byte]).0.chars().next();
        let mut bytes: Vec<_> =
            (0x80..=0xFF).filter_map(|byte| decoded(byte).map(|char| (char, byte))).collect();
        if !is_mac {
            // ISO 8859-1 is often called Windows-1252, and the other way round.
            bytes.extend((0x80..=0x9F).map(|byte| (char::from(byte), byte)));
        }
        bytes.sort_unstable();
        Self { bytes, is_mac }
    }

    /// The byte that this code page shows as `char`.
    fn byte(&self, char: char) -> Option<u8> {
        let at = self.bytes.binary_search_by_key(&char, |&(char, _)| char).ok()?;
        Some(self.bytes[at].1)
    }

    /// The character whose UTF-8 bytes the text shows at `at`, and how many bytes of the text show it.
    fn sequence(&self, text: &str, at: usize) -> Option<(char, usize)> {
        let mut chars = text[at..].char_indices();
        let lead = self.byte(chars.next()?.1)?;
        let size = match lead {
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            _ => return None,
        };
        let mut bytes = [lead; 4];
        for byte in &mut bytes[1..size] {
            *byte = self.byte(chars.next()?.1).filter(|byte| (0x80..0xC0).contains(byte))?;
        }
        let meant = std::str::from_utf8(&bytes[..size]).ok()?.chars().next()?;
        Some((meant, chars.next().map_or(text.len() - at, |(end, _)| end)))
    }
}

/// How sure it is that a sequence was meant as the character it encodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Likelihood {
    /// Real text has no such sequence.
    Sure,
    /// Real text may have one such sequence by chance, but not two in a row.
    InCompany,
    /// The character is one that nobody writes.
    No,
}

/// Judges the sequence at `range` that encodes `meant`.
///
/// The rules are drawn from what real text in European languages does: capitals before closing quotation marks
/// (`AMANHÃ”`), vowels before guillemets and dashes (`café»…`), opening quotation marks before capitals (`“É`, as Mac
/// Roman would have it). Wherever such text exists, a lone sequence proves nothing.
fn judge(text: &str, range: &std::ops::Range<usize>, meant: char, page: &CodePage) -> Likelihood {
    use Likelihood::{InCompany, No, Sure};
    let sure_if = |condition| if condition { Sure } else { InCompany };
    let shown = &text[range.clone()];
    let before = text[..range.start].chars().next_back();
    let after = text[range.end..].chars().next();
    let low = |char: Option<char>| char.is_some_and(|char| char.is_ascii_lowercase());
    match meant {
        // A C1 control is the inside of a text that was encoded wrongly twice.
        '\u{80}'..='\u{9F}' | '\u{3000}'..='\u{303F}' | '\u{FF00}'..='\u{FFEF}' => InCompany,
        // Logic and mathematics write `¬` and `√` before letters.
        '\u{A0}'..='\u{BF}' if page.is_mac => match meant {
            '\u{A0}' | '©' | '®' | '«' | '»' | '£' => Sure,
            '°' => sure_if(before.is_some_and(|char| char.is_ascii_digit())),
            _ => No,
        },
        '\u{C0}'..='\u{FF}' if page.is_mac => {
            sure_if(before.is_some_and(|char| char.is_ascii_alphabetic()) || low(after))
        }
        '\u{A0}'..='\u{FF}' => {
            let closes = shown.chars().nth(1).is_some_and(|char| CLOSING.contains(char));
            sure_if(!closes || low(before) || low(after))
        }
        // Of the other pairs, Mac Roman shows all but the Cyrillic ones as quotation marks before letters.
        '\u{100}'..='\u{7FF}' if page.is_mac && !('\u{400}'..='\u{47F}').contains(&meant) => No,
        '\u{100}'..='\u{17F}' => sure_if(low(before) || low(after)),
        // Vietnamese: `á»‡`; but Spanish has `está»…`.
        '\u{1E00}'..='\u{1EFF}' => sure_if(after.is_some_and(|char| char.is_ascii_alphabetic())),
        // Punctuation, arrows, symbols, box drawing; variation selector 16; byte order and replacement mark.
        // And emoji.
        '\u{2000}'..='\u{2BFF}' | '\u{FE0F}' | '\u{FEFF}' | '\u{FFFD}' | '\u{1F000}'..='\u{1FAFF}' => Sure,
        _ if meant.is_alphanumeric() => InCompany,
        _ => No,
    }
}

/// Repairs a text and counts the characters repaired.
///
/// A text that was spoiled twice is repaired twice, and each character then maps to all the bytes that showed it.
pub(super) fn repair(mut decoded: Decoded) -> (Decoded, usize) {
    let mut repaired = 0;
    for _ in 0..MAX_PASSES {
        let Some((better, count)) = repair_once(&decoded) else { break };
        decoded = better;
        repaired = repaired.max(count);
    }
    (decoded, repaired)
}

/// One pass over the text; `None` where there is nothing to repair.
fn repair_once(decoded: &Decoded) -> Option<(Decoded, usize)> {
    let text = &decoded.text;
    let mut out = Decoded::default();
    let mut copied = 0;
    let mut repaired = 0;
    // The code page of a repaired sequence that ends right here.
    let mut company = None;
    let mut at = 0;
    while let Some(skipped) = text.as_bytes()[at..].iter().position(|byte| !byte.is_ascii()) {
        if skipped > 0 {
            company = None;
            at += skipped;
        }
        if let Some((meant, len, is_mac)) = meant_at(text, at, company) {
            out.push_from(decoded, copied..at);
            let (file, width) = decoded.in_file(&(at..at + len));
            out.push_rewritten(meant.encode_utf8(&mut [0; 4]), file, width);
            at += len;
            copied = at;
            repaired += 1;
            company = Some(is_mac);
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
            company = None;
        }
    }
    if repaired == 0 {
        return None;
    }
    out.push_from(decoded, copied..text.len());
    Some((out, repaired))
}

/// The character that is meant at `at`, the length of what shows it, and whether that was Mac Roman.
fn meant_at(text: &str, at: usize, company: Option<bool>) -> Option<(char, usize, bool)> {
    PAGES.iter().find_map(|page| {
        let (meant, len) = page.sequence(text, at)?;
        let end = at + len;
        let sure = match judge(text, &(at..end), meant, page) {
            Likelihood::Sure => true,
            Likelihood::InCompany => {
                company == Some(page.is_mac)
                    || page.sequence(text, end).is_some_and(|(next, len)| {
                        judge(text, &(end..end + len), next, page) != Likelihood::No
                    })
            }
            Likelihood::No => false,
        };
        sure.then_some((meant, len, page.is_mac))
    })
}

#[cfg(test)]
#[path = "mojibake_tests.rs"]
mod tests;
