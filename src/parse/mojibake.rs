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

use std::ops::Range;
use std::sync::LazyLock;

use encoding_rs::{Encoding, MACINTOSH, WINDOWS_1252};

use super::decode::Decoded;
use crate::document::{Map, MapBuilder, Walk};

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

    /// The character whose UTF-8 bytes the text shows at its start, and how many bytes of the text show it.
    fn sequence(&self, text: &str) -> Option<(char, usize)> {
        let mut chars = text.char_indices();
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
        Some((meant, chars.next().map_or(text.len(), |(end, _)| end)))
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

/// Judges the sequence of `len` bytes at the start of `text` that encodes `meant` and stands after `before`.
///
/// The rules are drawn from what real text in European languages does: capitals before closing quotation marks
/// (`AMANHÃ”`), vowels before guillemets and dashes (`café»…`), opening quotation marks before capitals (`“É`, as Mac
/// Roman would have it). Wherever such text exists, a lone sequence proves nothing.
fn judge(before: Option<char>, text: &str, len: usize, meant: char, page: &CodePage) -> Likelihood {
    use Likelihood::{InCompany, No, Sure};
    let sure_if = |condition| if condition { Sure } else { InCompany };
    let (shown, after) = text.split_at(len);
    let after = after.chars().next();
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
        let count;
        (decoded, count) = repair_once(decoded);
        if count == 0 {
            break;
        }
        repaired = repaired.max(count);
    }
    (decoded, repaired)
}

/// One pass over the text.
fn repair_once(decoded: Decoded) -> (Decoded, usize) {
    let Decoded { text, map } = decoded;
    let mut repair = Repair::new(text, &map);
    let mut at = 0;
    let mut before = None;
    // The code page of a repaired sequence that ends right here.
    let mut company = None;
    while let Some(skipped) = ascii_before(&repair.text[at..]) {
        if skipped > 0 {
            at += skipped;
            before = Some(char::from(repair.text[at - 1]));
            company = None;
        }
        let ahead = window(&repair.text, at);
        let meant = meant_at(before, ahead, company);
        let len = meant.map_or_else(|| ahead.chars().next().map_or(1, char::len_utf8), |(_, len, _)| len);
        before = ahead[..len].chars().next_back();
        company =
            meant.and_then(|(meant, len, is_mac)| repair.replace(at..at + len, meant).then_some(is_mac));
        at += len;
    }
    let (text, new, count) = repair.finish();
    (Decoded { text, map: if count > 0 { new.finish() } else { map } }, count)
}

/// How many ASCII characters stand before the first that is none, if there is one.
fn ascii_before(text: &[u8]) -> Option<usize> {
    const CHUNK: usize = 64;
    let start = text.chunks(CHUNK).take_while(|chunk| chunk.is_ascii()).count() * CHUNK;
    let found = text.get(start..)?.iter().position(|byte| !byte.is_ascii());
    found.map(|found| start + found)
}

/// The characters from `at` on that tell what is meant there: two sequences and the one after.
fn window(text: &[u8], at: usize) -> &str {
    const MOST: usize = 9 * 4;
    let window = &text[at..text.len().min(at + MOST)];
    window.utf8_chunks().next().map_or("", |chunk| chunk.valid())
}

/// A text that is rewritten where it stands, from its start to its end: what is meant takes at most half the room of
/// what shows it.
struct Repair<'a> {
    /// The new text up to `written`, and the old one from `read` on.
    text: Vec<u8>,
    written: usize,
    read: usize,
    /// The old map, followed to `read`.
    old: Walk<'a>,
    new: MapBuilder,
    count: usize,
}

impl<'a> Repair<'a> {
    fn new(text: String, map: &'a Map) -> Self {
        let old = Walk::new(map, text.len());
        Self { text: text.into_bytes(), written: 0, read: 0, old, new: MapBuilder::default(), count: 0 }
    }

    /// Takes over the pieces before `end` as they are.
    fn copy(&mut self, end: usize) {
        self.old.pass(&self.text, end, |stretch| self.new.push(stretch));
        self.text.copy_within(self.read..self.old.text, self.written);
        self.written += self.old.text - self.read;
        self.read = self.old.text;
    }

    /// Puts what is meant in the place of what shows it, if that is made of whole pieces.
    fn replace(&mut self, shown: Range<usize>, meant: char) -> bool {
        self.copy(shown.start);
        let mut end = self.old.clone();
        end.pass(&self.text, shown.end, |_| ());
        if (self.read, end.text) != (shown.start, shown.end) {
            return false;
        }
        let mut utf8 = [0; 4];
        let meant = meant.encode_utf8(&mut utf8);
        self.new.push_rewritten(meant, self.old.file, (end.file - self.old.file) as u32);
        self.text[self.written..self.written + meant.len()].copy_from_slice(meant.as_bytes());
        self.written += meant.len();
        (self.old, self.read) = (end, shown.end);
        self.count += 1;
        true
    }

    /// The text, its map if anything was repaired, and how many characters were.
    fn finish(mut self) -> (String, MapBuilder, usize) {
        if self.count > 0 {
            self.copy(self.text.len());
            self.text.truncate(self.written);
            self.text.shrink_to_fit();
        }
        // It is UTF-8, since whole characters have been replaced by others.
        let text = String::from_utf8(self.text)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        (text, self.new, self.count)
    }
}

/// The character that is meant at the start of a text, the length of what shows it, and whether that was Mac Roman.
fn meant_at(before: Option<char>, text: &str, company: Option<bool>) -> Option<(char, usize, bool)> {
    PAGES.iter().find_map(|page| {
        let (meant, len) = page.sequence(text)?;
        let sure = match judge(before, text, len, meant, page) {
            Likelihood::Sure => true,
            Likelihood::InCompany => {
                let (shown, rest) = text.split_at(len);
                company == Some(page.is_mac)
                    || page.sequence(rest).is_some_and(|(next, len)| {
                        judge(shown.chars().next_back(), rest, len, next, page) != Likelihood::No
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
