//! Bytes of a file → [`Decoded`] text, with the way back to the bytes.
//!
//! Total: any bytes give a text. Bytes that are valid UTF-8 stand as they are and cost no map; everything else
//! (a byte order mark, UTF-16, a legacy code page, a broken sequence) is written as runs. Line ends are kept.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

use super::Warning;
use crate::document::{Run, Text};

/// How much of a file is looked at to recognise UTF-16 without a byte order mark.
const SNIFF: usize = 4096;

/// A text under construction together with its map to the file.
///
/// The runs are those of [`Text`]: the first, if any, begins at text offset 0, and both offsets grow. ASCII and
/// other stretches that stand in the file as they are share one run, however long they are.
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
        if stretch.is_empty() {
            return;
        }
        let here = self.text.len();
        let follows =
            self.runs.last().is_some_and(|run| !run.atomic && run.file + (here - run.text) as u64 == file);
        if !follows {
            self.runs.push(Run { text: here, file, atomic: false });
        }
        self.text.push_str(stretch);
    }

    /// Appends a stretch that stands for all the file's bytes from `file` up to the next stretch.
    pub(super) fn push_rewritten(&mut self, stretch: &str, file: u64) {
        if !stretch.is_empty() {
            self.runs.push(Run { text: self.text.len(), file, atomic: true });
            self.text.push_str(stretch);
        }
    }

    /// Appends a stretch of another text, with its map. `range` lies on character boundaries of that text.
    pub(super) fn push_from(&mut self, other: &Self, range: std::ops::Range<usize>) {
        let mut at = range.start;
        let mut next = other.runs.partition_point(|run| run.text <= at);
        while at < range.end {
            let run = other.runs[next - 1];
            let end = other.runs.get(next).map_or(range.end, |run| run.text.min(range.end));
            let stretch = &other.text[at..end];
            if run.atomic {
                self.push_rewritten(stretch, run.file);
            } else {
                self.push_same(stretch, run.file + (at - run.text) as u64);
            }
            at = end;
            next += 1;
        }
    }

    /// Where the character at `offset` begins in the file. There must be one.
    pub(super) fn file_offset(&self, offset: usize) -> u64 {
        let run = self.runs[self.runs.partition_point(|run| run.text <= offset) - 1];
        if run.atomic { run.file } else { run.file + (offset - run.text) as u64 }
    }

    /// Ends the construction; `file_len` is the size of the file.
    pub(super) fn into_text(self, file_len: u64) -> Text {
        let identical = matches!(self.runs[..], [] | [Run { text: 0, file: 0, atomic: false }]);
        Text::new(self.text, if identical { Vec::new() } else { self.runs }, file_len)
    }
}

/// Decodes a whole file, in whatever encoding it seems to be.
///
/// A byte order mark decides; it isn't part of the text. Without one it is UTF-16 if every second byte is zero,
/// UTF-8 if most of it is, and otherwise what `chardetng` makes of it.
pub(super) fn decode(bytes: &[u8], warnings: &mut Vec<Warning>) -> Decoded {
    let mut out = Decoded::default();
    if let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        decode_utf8(rest, 3, &mut out, warnings);
    } else if bytes.starts_with(b"\xFF\xFE") {
        decode_legacy(UTF_16LE, bytes, 2, &mut out);
    } else if bytes.starts_with(b"\xFE\xFF") {
        decode_legacy(UTF_16BE, bytes, 2, &mut out);
    } else if let Some(encoding) = utf16_without_mark(bytes) {
        decode_legacy(encoding, bytes, 0, &mut out);
    } else if is_mostly_utf8(bytes) {
        decode_utf8(bytes, 0, &mut out, warnings);
    } else {
        let encoding = guess(bytes);
        warnings.push(Warning::DecodedAs(encoding.name()));
        decode_legacy(encoding, bytes, 0, &mut out);
    }
    out
}

/// UTF-8 with a replacement character for each broken sequence.
pub(super) fn decode_utf8(bytes: &[u8], offset: u64, out: &mut Decoded, warnings: &mut Vec<Warning>) {
    let mut at = offset;
    let mut broken = 0;
    for chunk in bytes.utf8_chunks() {
        out.push_same(chunk.valid(), at);
        at += chunk.valid().len() as u64;
        if !chunk.invalid().is_empty() {
            out.push_rewritten("\u{FFFD}", at);
            at += chunk.invalid().len() as u64;
            broken += 1;
        }
    }
    if broken > 0 {
        warnings.push(Warning::InvalidUtf8(broken));
    }
}

/// Any other encoding, from `offset` on. The decoder is fed byte by byte, so that each character's bytes are known; ASCII, where
/// the encoding has it, is taken in stretches.
fn decode_legacy(encoding: &'static Encoding, bytes: &[u8], offset: usize, out: &mut Decoded) {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut utf8 = [0; 64];
    // The first byte of the character that is being read.
    let mut first = offset;
    let mut at = offset;
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
            out.push_rewritten(&String::from_utf8_lossy(&utf8[..written]), first as u64);
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

/// Recognises UTF-16 of mostly Latin text by the zero byte in every second place.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let sniffed = &bytes[..bytes.len().min(SNIFF) & !1];
    let units = sniffed.len() / 2;
    let zeros = |at: usize| sniffed.iter().skip(at).step_by(2).filter(|&&byte| byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    if units < 2 {
        None
    } else if odd * 10 >= units * 7 && even * 10 < units {
        Some(UTF_16LE)
    } else if even * 10 >= units * 7 && odd * 10 < units {
        Some(UTF_16BE)
    } else {
        None
    }
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
