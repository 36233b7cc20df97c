//! Bytes of a file → [`Decoded`] text, with the way back to the bytes.
//!
//! Total: any bytes give a text. Bytes that are valid UTF-8 stand as they are and cost no map; everything else
//! (a byte order mark, UTF-16, a legacy code page, a broken sequence) is written as runs. Line ends are kept.

use encoding_rs::Encoding;

use super::Warning;
use crate::document::{Run, Text, end_in_file, start_in_file};
use crate::encoding::Utf16;

/// A text under construction together with its map to the file.
///
/// The runs are those of [`Text`]: the first, if any, begins at text offset 0, and both offsets grow. Neighbours
/// of the same widths share one run, however many they are.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Decoded {
    /// The text so far.
    pub(super) text: String,
    /// The map so far; empty only while the text is.
    runs: Vec<Run>,
}

impl Decoded {
    /// Appends a stretch that stands in the file byte for byte from `file` on.
    fn push_same(&mut self, stretch: &str, file: u64) {
        self.push(stretch, file, 1, 1);
    }

    /// Appends a character, or what else has no inside, that stands for the `width` bytes of the file from `file` on.
    pub(super) fn push_rewritten(&mut self, stretch: &str, file: u64, width: u64) {
        self.push(stretch, file, stretch.len() as u32, width as u32);
    }

    fn push(&mut self, stretch: &str, file: u64, text_step: u32, file_step: u32) {
        if stretch.is_empty() {
            return;
        }
        let text = self.text.len();
        let goes_on = self.runs.last().is_some_and(|run| {
            (run.text_step, run.file_step) == (text_step, file_step) && end_in_file(&[*run], text) == file
        });
        if !goes_on {
            self.runs.push(Run { text, file, text_step, file_step });
        }
        self.text.push_str(stretch);
    }

    /// Appends a stretch of another text, with its map. `range` lies on character boundaries of that text.
    pub(super) fn push_from(&mut self, other: &Self, range: std::ops::Range<usize>) {
        let mut at = range.start;
        let mut next = other.runs.partition_point(|run| run.text <= at);
        while at < range.end {
            let run = other.runs[next - 1];
            let end = other.runs.get(next).map_or(range.end, |run| run.text.min(range.end));
            let file = start_in_file(&[run], at);
            self.push(&other.text[at..end], file, run.text_step, run.file_step);
            at = end;
            next += 1;
        }
    }

    /// Which bytes of the file a range of the text stands for, as an offset and a length. It isn't empty.
    pub(super) fn in_file(&self, range: &std::ops::Range<usize>) -> (u64, u64) {
        let start = start_in_file(&self.runs, range.start);
        (start, end_in_file(&self.runs, range.end) - start)
    }

    /// Ends the construction; `file_len` is the size of the file.
    pub(super) fn into_text(self, file_len: u64) -> Text {
        let same = Run { text: 0, file: 0, text_step: 1, file_step: 1 };
        let identical = self.runs.is_empty() || self.runs == [same];
        Text::new(self.text, if identical { Vec::new() } else { self.runs }, file_len)
    }
}

/// Decodes a whole file, in whatever encoding it seems to be.
///
/// A byte order mark decides; it isn't part of the text. Without one it is UTF-16 if [`Utf16`] recognises it,
/// UTF-8 if most of it is, and otherwise what `chardetng` makes of it.
pub(super) fn decode(bytes: &[u8], warnings: &mut Vec<Warning>) -> Decoded {
    let mut out = Decoded::default();
    if let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        decode_utf8(rest, 3, &mut out, warnings);
    } else if let Some(order) = Utf16::of(bytes) {
        decode_utf16(bytes, order, &mut out);
    } else if is_mostly_utf8(bytes) {
        decode_utf8(bytes, 0, &mut out, warnings);
    } else {
        let encoding = guess(bytes);
        warnings.push(Warning::DecodedAs(encoding.name()));
        decode_legacy(encoding, bytes, &mut out);
    }
    out
}

/// UTF-16 with a replacement character for each code unit that isn't part of one, and for a last odd byte.
fn decode_utf16(bytes: &[u8], order: Utf16, out: &mut Decoded) {
    // English becomes half as long, Chinese half as long again.
    out.text.reserve(bytes.len() / 2);
    let units = bytes.chunks_exact(2).map(|pair| order.unit([pair[0], pair[1]]));
    let mut at = 0;
    for (number, decoded) in char::decode_utf16(units).enumerate() {
        let char = decoded.unwrap_or(char::REPLACEMENT_CHARACTER);
        let width = 2 * char.len_utf16() as u64;
        if number > 0 || char != '\u{FEFF}' {
            out.push_rewritten(char.encode_utf8(&mut [0; 4]), at, width);
        }
        at += width;
    }
    if bytes.len() % 2 == 1 {
        out.push_rewritten("\u{FFFD}", at, 1);
    }
}

/// UTF-8 with a replacement character for each broken sequence.
pub(super) fn decode_utf8(bytes: &[u8], offset: u64, out: &mut Decoded, warnings: &mut Vec<Warning>) {
    let mut at = offset;
    let mut broken = 0;
    for chunk in bytes.utf8_chunks() {
        out.push_same(chunk.valid(), at);
        at += chunk.valid().len() as u64;
        if !chunk.invalid().is_empty() {
            let width = chunk.invalid().len() as u64;
            out.push_rewritten("\u{FFFD}", at, width);
            at += width;
            broken += 1;
        }
    }
    if broken > 0 {
        warnings.push(Warning::InvalidUtf8(broken));
    }
}

/// Any other encoding. The decoder is fed byte by byte, so that each character's bytes are known; ASCII, where
/// the encoding has it, is taken in stretches.
fn decode_legacy(encoding: &'static Encoding, bytes: &[u8], out: &mut Decoded) {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut utf8 = [0; 64];
    // The first byte of the character that is being read.
    let mut first = 0;
    let mut at = 0;
    while at < bytes.len() {
        if first == at && encoding.is_ascii_compatible() {
            let ascii = bytes[at..].iter().take_while(|byte| byte.is_ascii()).count();
            if ascii > 0 {
                out.push_same(&String::from_utf8_lossy(&bytes[at..at + ascii]), at as u64);
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
            let broken = text.strip_suffix(char::from(bytes[at - 1])).filter(|_| bytes[at - 1].is_ascii());
            if let Some(broken) = broken.filter(|broken| !broken.is_empty()) {
                out.push_rewritten(broken, first as u64, (at - 1 - first) as u64);
                out.push_same(&text[broken.len()..], at as u64 - 1);
            } else {
                out.push_rewritten(&text, first as u64, (at - first) as u64);
            }
            first = at;
        }
    }
}

/// Whether UTF-8 explains the bytes better than a code page does: at least as many proper sequences as broken
/// ones. Latin text in a code page hardly ever has a proper one.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut proper, mut broken) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        proper += chunk.valid().bytes().filter(|&byte| byte >= 0xC0).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    broken == 0 || broken <= proper
}

/// The code page that `chardetng` takes the bytes for; UTF-8 has been ruled out.
fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(None, chardetng::Utf8Detection::Deny)
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
