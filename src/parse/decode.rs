//! Bytes of a file → [`Decoded`] text, with the way back to the bytes.
//!
//! Total: any bytes give a text. Valid UTF-8 is the text itself and costs no map; everything else (a byte order mark,
//! UTF-16, a legacy code page, a broken sequence) is mapped. Line ends are kept.

use std::borrow::Cow;

use encoding_rs::Encoding;

use super::Warning;
use crate::document::{Map, MapBuilder, Text};
use crate::encoding::{Utf16, guess, is_mostly_utf8};

/// A text with its map to the file.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    pub(super) text: String,
    pub(super) map: Map,
}

impl Decoded {
    /// With what is known of the text as a whole; `file_len` is the size of the file.
    pub(super) fn into_text(self, file_len: u64) -> Text {
        Text::new(self.text, self.map, file_len)
    }
}

/// A text under construction.
#[derive(Debug, Default)]
struct Decoding {
    text: String,
    map: MapBuilder,
}

impl Decoding {
    /// Appends a stretch that stands in the file byte for byte from `file` on.
    fn push_same(&mut self, stretch: &str, file: usize) {
        self.map.push_same(stretch.len(), file as u64);
        self.text.push_str(stretch);
    }

    /// Appends ASCII in a code page, where it is of the same kind as the characters around it.
    fn push_ascii(&mut self, stretch: &str, file: usize) {
        self.map.push_ascii(stretch.len(), file as u64, 1);
        self.text.push_str(stretch);
    }

    /// Appends a character, or what else has no inside, that stands for the `width` bytes of the file from `file` on.
    fn push_rewritten(&mut self, stretch: &str, file: usize, width: usize) {
        self.map.push_rewritten(stretch, file as u64, width as u32);
        self.text.push_str(stretch);
    }

    fn finish(self) -> Decoded {
        Decoded { text: self.text, map: self.map.finish() }
    }
}

/// Decodes a whole file, in whatever encoding it seems to be.
///
/// A byte order mark decides; it isn't part of the text. Without one it is UTF-16 if [`Utf16`] recognises it,
/// UTF-8 if most of it is, and otherwise what `chardetng` makes of it.
pub(super) fn decode(file: Cow<'_, [u8]>, warnings: &mut Vec<Warning>) -> Decoded {
    let mark = if file.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    if mark == 0
        && let Some(order) = Utf16::of(&file)
    {
        return decode_utf16(&file, order);
    }
    if std::str::from_utf8(&file[mark..]).is_ok() {
        return decode_utf8(file.into_owned(), mark);
    }
    if mark > 0 || is_mostly_utf8(&file) {
        return decode_broken_utf8(&file, mark, warnings);
    }
    let encoding = guess(&file);
    warnings.push(Warning::DecodedAs(encoding.name()));
    if encoding.is_single_byte() {
        return decode_single_bytes(encoding, &file);
    }
    decode_legacy(encoding, &file)
}

/// Valid UTF-8 after a byte order mark of so many bytes.
fn decode_utf8(mut file: Vec<u8>, mark: usize) -> Decoded {
    file.drain(..mark);
    let text = String::from_utf8(file).unwrap_or_default();
    let mut map = MapBuilder::default();
    if mark > 0 {
        map.push_same(text.len(), mark as u64);
    }
    Decoded { text, map: map.finish() }
}

/// UTF-16 with a replacement character for each code unit that isn't part of one, and for a last odd byte.
fn decode_utf16(bytes: &[u8], order: Utf16) -> Decoded {
    let mut out = Decoding::default();
    let chars = || {
        let units = bytes.chunks_exact(2).map(|pair| order.unit([pair[0], pair[1]]));
        char::decode_utf16(units).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER))
    };
    out.text
        .reserve_exact(chars().map(char::len_utf8).sum::<usize>() + char::REPLACEMENT_CHARACTER.len_utf8());
    let mut at = 0;
    for (number, char) in chars().enumerate() {
        let width = 2 * char.len_utf16();
        if number > 0 || char != '\u{FEFF}' {
            out.push_rewritten(char.encode_utf8(&mut [0; 4]), at, width);
        }
        at += width;
    }
    if bytes.len() % 2 == 1 {
        out.push_rewritten("\u{FFFD}", at, 1);
    }
    out.finish()
}

/// UTF-8 after a byte order mark of so many bytes, with a replacement character for each broken sequence.
fn decode_broken_utf8(file: &[u8], mark: usize, warnings: &mut Vec<Warning>) -> Decoded {
    const REPLACEMENT: &str = "\u{FFFD}";
    let (mut valid, mut broken) = (0, 0);
    for chunk in file[mark..].utf8_chunks() {
        valid += chunk.valid().len();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    let mut out = Decoding::default();
    out.text.reserve_exact(valid + broken * REPLACEMENT.len());
    out.map.reserve(2 * broken);
    let mut at = mark;
    for chunk in file[mark..].utf8_chunks() {
        out.push_same(chunk.valid(), at);
        at += chunk.valid().len();
        if !chunk.invalid().is_empty() {
            let width = chunk.invalid().len();
            out.push_rewritten(REPLACEMENT, at, width);
            at += width;
        }
    }
    warnings.push(Warning::InvalidUtf8(broken));
    out.finish()
}

/// A code page of 256 characters.
fn decode_single_bytes(encoding: &'static Encoding, bytes: &[u8]) -> Decoded {
    let decoded = |byte: u8| encoding.decode_without_bom_handling(&[byte]).0.chars().next();
    let page: Vec<char> =
        (0..=0xFF).map(|byte| decoded(byte).unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    let chars = || bytes.iter().map(|&byte| page[usize::from(byte)]);
    let mut out = Decoding::default();
    out.text.reserve_exact(chars().map(char::len_utf8).sum());
    for (at, char) in chars().enumerate() {
        out.push_rewritten(char.encode_utf8(&mut [0; 4]), at, 1);
    }
    out.finish()
}

/// Any other encoding. The decoder is fed byte by byte, so that each character's bytes are known; ASCII, where
/// the encoding has it, is taken in stretches.
fn decode_legacy(encoding: &'static Encoding, bytes: &[u8]) -> Decoded {
    let mut out = Decoding::default();
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut utf8 = [0; 64];
    // The first byte of the character that is being read.
    let mut first = 0;
    let mut at = 0;
    while at < bytes.len() {
        if first == at && encoding.is_ascii_compatible() {
            let ascii = bytes[at..].iter().take_while(|byte| byte.is_ascii()).count();
            if ascii > 0 {
                out.push_ascii(&String::from_utf8_lossy(&bytes[at..at + ascii]), at);
                at += ascii;
                first = at;
                continue;
            }
        }
        let last = at + 1 == bytes.len();
        let (_, _, written, _) = decoder.decode_to_utf8(&bytes[at..=at], &mut utf8, last);
        at += 1;
        if written > 0 {
            let text = String::from_utf8_lossy(&utf8[..written]);
            // ASCII after half a character ends that and stands for itself.
            let (last, is_first) = (bytes[at - 1], first == at - 1);
            let broken = text.strip_suffix(char::from(last)).filter(|_| last.is_ascii() && !is_first);
            if let Some(broken) = broken.filter(|broken| !broken.is_empty()) {
                out.push_rewritten(broken, first, at - 1 - first);
                out.push_ascii(&text[broken.len()..], at - 1);
            } else {
                out.push_rewritten(&text, first, at - first);
            }
            first = at;
        }
    }
    out.finish()
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
