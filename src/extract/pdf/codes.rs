//! What the codes of composite fonts mean that have no map to Unicode of their own (ISO 32000-1, 9.10.2).

use std::collections::BTreeMap;

use hayro_interpret::hayro_cmap::{BfString, CMap, CMapName, CidFamily, load_embedded};
use hayro_interpret::hayro_syntax::Pdf;
use hayro_interpret::hayro_syntax::object::{Array, Dict, Name, Object, String as Bytes};

use super::glyph::Letters;

/// No more objects of a file are looked through for fonts.
const MOST_OBJECTS: usize = 200_000;

/// The composite fonts of a document, by their names.
#[derive(Debug, Default)]
pub(super) struct Codes(BTreeMap<String, Coding>);

/// What the codes of a font are.
#[derive(Debug)]
enum Coding {
    /// They are Unicode.
    Unicode,
    /// They are characters of a collection.
    Collection {
        /// From codes to numbers in the collection.
        numbers: Box<CMap>,
        /// From numbers to Unicode.
        characters: Box<CMap>,
    },
}

impl Codes {
    /// Looks for the fonts of a document.
    pub(super) fn of(pdf: &Pdf) -> Self {
        let mut codes = BTreeMap::new();
        for object in pdf.objects().into_iter().take(MOST_OBJECTS) {
            let Object::Dict(font) = object else { continue };
            if font.get::<Name<'_>>(b"Subtype").is_none_or(|kind| *kind != *b"Type0") {
                continue;
            }
            if let (Some(name), Some(coding)) = (font.get::<Name<'_>>(b"BaseFont"), coding(&font)) {
                codes.insert(without_prefix(name.as_str()).to_owned(), coding);
            }
        }
        Self(codes)
    }

    /// What a code of a font means.
    pub(super) fn meaning(&self, font: &str, code: u32) -> Option<Letters> {
        match self.0.get(font)? {
            Coding::Unicode => of_utf16(code).map(Letters::of_char),
            Coding::Collection { numbers, characters } => {
                let number = (1..=4).find_map(|bytes| numbers.lookup_cid_code(code, bytes))?;
                Some(match characters.lookup_bf_string(number)? {
                    BfString::Char(c) => Letters::of_char(c),
                    BfString::String(text) => Letters::of_text(&text),
                })
            }
        }
    }
}

/// What the codes of a composite font are, if it tells.
fn coding(font: &Dict<'_>) -> Option<Coding> {
    let encoding = font.get::<Name<'_>>(b"Encoding");
    let encoding = encoding.as_ref().map_or("", |name| name.as_str());
    let to_unicode = font.get::<Name<'_>>(b"ToUnicode");
    let told = to_unicode.is_some_and(|name| name.as_str().starts_with("Identity"));
    if told || encoding.starts_with("Uni") && (encoding.contains("UCS2") || encoding.contains("UTF16")) {
        return Some(Coding::Unicode);
    }
    let inner = font.get::<Array<'_>>(b"DescendantFonts")?.iter::<Dict<'_>>().next()?;
    let system = inner.get::<Dict<'_>>(b"CIDSystemInfo")?;
    let text = |key: &[u8]| system.get::<Bytes<'_>>(key).map(|bytes| bytes.as_bytes().to_vec());
    let family = CidFamily::from_registry_ordering(&text(b"Registry")?, &text(b"Ordering")?);
    let characters = CMap::parse(load_embedded(family.ucs2_cmap()?)?, load_embedded)?;
    let numbers = match CMapName::from_bytes(encoding.as_bytes()) {
        CMapName::IdentityH => CMap::identity_h(),
        CMapName::IdentityV => CMap::identity_v(),
        name => CMap::parse(load_embedded(name)?, load_embedded)?,
    };
    Some(Coding::Collection { numbers: Box::new(numbers), characters: Box::new(characters) })
}

/// A font's name without the six letters that name a part of it.
fn without_prefix(name: &str) -> &str {
    match name.split_once('+') {
        Some((prefix, name)) if prefix.len() == 6 => name,
        _ => name,
    }
}

/// A character by its code of two bytes, or four.
fn of_utf16(code: u32) -> Option<char> {
    let units = [(code >> 16) as u16, code as u16];
    let units = if units[0] == 0 { &units[1..] } else { &units[..] };
    char::decode_utf16(units.iter().copied()).next()?.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_two_and_four_bytes() {
        assert_eq!(of_utf16(0x3042), Some('あ'));
        assert_eq!(of_utf16(0xd842_dfb7), Some('𠮷'));
        assert_eq!(of_utf16(0xd842), None);
        assert_eq!([without_prefix("ABCDEF+Times"), without_prefix("A+B")], ["Times", "A+B"]);
    }
}
