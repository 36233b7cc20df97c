//! In which encoding is a file? What is taken for a note and how it is decoded must not differ in this.

use encoding_rs::Encoding;

/// How much of a file is looked at, as in git.
const SAMPLE: usize = 8000;

/// The order of the bytes in UTF-16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Utf16 {
    /// Little-endian.
    Le,
    /// Big-endian.
    Be,
}

impl Utf16 {
    /// The code unit that two bytes stand for.
    pub(crate) fn unit(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Le => u16::from_le_bytes(bytes),
            Self::Be => u16::from_be_bytes(bytes),
        }
    }

    /// Recognises UTF-16 by its byte order mark, or without one as text of which more than half is Latin.
    ///
    /// Without a mark, hardly any code unit may be a control character, as NUL is: numbers of 16 bits look alike
    /// but for that. Text with less Latin in it can't be told from other content.
    pub(crate) fn of(file: &[u8]) -> Option<Self> {
        let marked = |mark: &[u8]| file.starts_with(mark);
        if marked(b"\xFF\xFE\0\0") {
            return None; // UTF-32
        }
        if marked(b"\xFF\xFE") || marked(b"\xFE\xFF") {
            return Some(if marked(b"\xFF\xFE") { Self::Le } else { Self::Be });
        }
        let sample = &file[..file.len().min(SAMPLE)];
        [Self::Le, Self::Be].into_iter().find(|order| order.is_latin(sample))
    }

    fn is_latin(self, sample: &[u8]) -> bool {
        let (mut units, mut latin, mut controls) = (0, 0, 0);
        for pair in sample.chunks_exact(2) {
            let unit = self.unit([pair[0], pair[1]]);
            units += 1;
            match unit {
                0x09 | 0x0A | 0x0C | 0x0D | 0x20..0x7F | 0xA0..0x100 => latin += 1,
                0..0xA0 => controls += 1,
                _ => {}
            }
        }
        units >= 2 && 2 * latin > units && 50 * controls < units
    }
}

/// The text of a whole file, in whatever encoding it seems to be, without a byte order mark; nothing is left of where
/// each character stood.
///
/// What a file is taken for is the same as when its bytes are mapped: a mark decides, then UTF-16, UTF-8 if most of it is,
/// and else what `chardetng` makes of it.
#[cfg(feature = "office")]
pub(crate) fn decoded(file: &[u8]) -> std::borrow::Cow<'_, str> {
    let (marked, file) = file.strip_prefix(b"\xEF\xBB\xBF").map_or((false, file), |file| (true, file));
    if let Some(order) = Utf16::of(file).filter(|_| !marked) {
        let encoding = if order == Utf16::Le { encoding_rs::UTF_16LE } else { encoding_rs::UTF_16BE };
        return encoding.decode_with_bom_removal(file).0;
    }
    if marked || is_mostly_utf8(file) {
        return String::from_utf8_lossy(file);
    }
    guess(file).decode_without_bom_handling(file).0
}

/// Whether UTF-8 explains the bytes better than a code page does: at least as many proper sequences as broken
/// ones. Latin text in a code page hardly ever has a proper one.
pub(crate) fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut proper, mut broken) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        proper += chunk.valid().bytes().filter(|&byte| byte >= 0xC0).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    broken == 0 || broken <= proper
}

/// The code page that `chardetng` takes the bytes for; UTF-8 has been ruled out.
pub(crate) fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(None, chardetng::Utf8Detection::Deny)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, order: Utf16) -> Vec<u8> {
        let bytes = |unit: u16| if order == Utf16::Le { unit.to_le_bytes() } else { unit.to_be_bytes() };
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn utf_16_is_recognised_with_a_mark_or_by_its_latin() {
        for order in [Utf16::Le, Utf16::Be] {
            for text in [
                "ab",
                "What is the GIL?\r\n",
                "\u{feff}日本語\0",
                "\u{feff}",
                "Ā latvian, žodis, kalns",
                "größe",
            ] {
                assert_eq!(Utf16::of(&utf16(text, order)), Some(order), "{text}");
            }
            assert_eq!(Utf16::of(&utf16("日本語のテキスト", order)), None);
        }
        for other in [&b""[..], b"a", b"a\0", b"plain text", b"a\0b text", b"\xFF\xFE\0\0a\0\0\0", &[0; 100]]
        {
            assert_eq!(Utf16::of(other), None, "{other:?}");
        }
        let numbers: Vec<u8> = (0..200u16).flat_map(u16::to_le_bytes).collect();
        assert_eq!(Utf16::of(&numbers), None);
    }
}
