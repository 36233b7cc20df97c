//! Text strings of a document's own dictionaries → characters.
//!
//! Titles, names of bookmarks and comments are written in UTF-16, UTF-8 or `PDFDocEncoding`, told apart by how they begin
//! (ISO 32000-2, 7.9.2.2 and annex D.3).

/// No text of a dictionary is longer than this, in bytes; what follows is left out.
const MOST_BYTES: usize = 1 << 20;

/// What `PDFDocEncoding` has from 0x18 to 0x1F.
const ACCENTS: [char; 8] = ['˘', 'ˇ', 'ˆ', '˙', '˝', '˛', '˚', '˜'];

/// What it has from 0x80 to 0xA0.
const SIGNS: [char; 33] = [
    '•', '†', '‡', '…', '—', '–', 'ƒ', '⁄', '‹', '›', '−', '‰', '„', '“', '”', '‘', '’', '‚', '™', 'ﬁ', 'ﬂ',
    'Ł', 'Œ', 'Š', 'Ÿ', 'Ž', 'ı', 'ł', 'œ', 'š', 'ž', '\u{fffd}', '€',
];

/// Reads a text string; ends of lines are `\n`, and other control characters are left out.
pub(super) fn decode(bytes: &[u8]) -> String {
    let bytes = &bytes[..bytes.len().min(MOST_BYTES)];
    let text = match bytes {
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        // Many programs write UTF-8 without saying so; by chance hardly any other text is UTF-8.
        _ if !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok() => {
            String::from_utf8_lossy(bytes).into_owned()
        }
        _ => bytes.iter().map(|&byte| pdf_doc(byte)).collect(),
    };
    cleaned(&text)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// A byte's character in `PDFDocEncoding`.
fn pdf_doc(byte: u8) -> char {
    match byte {
        0x18..=0x1f => ACCENTS[usize::from(byte - 0x18)],
        0x80..=0xa0 => SIGNS[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

/// A text without language codes (between two escapes, section 7.9.2.2.1) and control characters.
fn cleaned(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => while chars.next().is_some_and(|c| c != '\u{1b}') {},
            '\r' => {
                chars.next_if_eq(&'\n');
                out.push('\n');
            }
            '\n' | '\t' => out.push(c),
            _ if c.is_control() || c == '\u{feff}' => {}
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_encoding_is_told_by_how_it_begins() {
        for (bytes, text) in [
            (&b"\xfe\xff\x00O\x00w\x00l\xd8\x3e\xdd\x89"[..], "Owl🦉"),
            (b"\xff\xfeO\x00w\x00", "Ow"),
            (b"\xef\xbb\xbf\xc3\xbc", "ü"),
            (b"Stra\xc3\x9fe", "Straße"),
            (b"Stra\xdfe \x84 \xa0 5", "Straße — € 5"),
            (b"\xfe\xff\x00\x1b\x00e\x00n\x00\x1b\x00A", "A"),
            (b"a\r\nb\rc\x00d", "a\nb\ncd"),
            (b"\xfe\xff\x00", ""),
            (b"", ""),
        ] {
            assert_eq!(decode(bytes), text);
        }
    }
}
