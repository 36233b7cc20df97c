//! The text of a page's bytes, in the encoding that a browser would take.
//!
//! What comes first counts: a byte order mark, what the transport says (a mail's header), what the page says in its
//! first kilobyte (HTML Living Standard, section 13.2.3.2), UTF-8 if it is that, and else what it looks like.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::encoding::Utf16;

/// How much of a page is searched for what it says about its encoding, in bytes. The standard asks for 1024; browsers
/// look further where it isn't found.
const PRESCAN: usize = 8192;

/// How much of a page is looked at to guess its encoding, in bytes.
const SAMPLE: usize = 1 << 20;

/// Decodes a page; `told` is the encoding that a header has named.
pub(in super::super) fn decode<'a>(page: &'a [u8], told: Option<&str>) -> Cow<'a, str> {
    if let Some((encoding, length)) = Encoding::for_bom(page) {
        return encoding.decode_without_bom_handling(&page[length..]).0;
    }
    let encoding = told
        .and_then(|label| Encoding::for_label(label.as_bytes()))
        .or_else(|| Utf16::of(page).map(|order| if order == Utf16::Le { UTF_16LE } else { UTF_16BE }))
        .or_else(|| declared(&page[..page.len().min(PRESCAN)]))
        .unwrap_or_else(|| guessed(page));
    encoding.decode_without_bom_handling(page).0
}

/// The encoding that a page declares: `<meta charset>`, `<meta http-equiv content>` or `<?xml encoding?>`.
fn declared(start: &[u8]) -> Option<&'static Encoding> {
    let lower = start.to_ascii_lowercase();
    let mut at = 0;
    while let Some(found) = find(&lower[at..], b"<") {
        at += found + 1;
        let rest = &lower[at..];
        if rest.starts_with(b"!--") {
            at += find(rest, b"-->")?;
            continue;
        }
        let key: &[u8] = match rest {
            _ if rest.starts_with(b"meta") => b"charset",
            _ if rest.starts_with(b"?xml") => b"encoding",
            _ => continue,
        };
        let tag = &rest[..find(rest, b">").unwrap_or(rest.len())];
        if let Some(encoding) = value_of(tag, key).and_then(Encoding::for_label) {
            // What could be read so far isn't UTF-16.
            return Some(match encoding {
                encoding if encoding == UTF_16LE || encoding == UTF_16BE => UTF_8,
                encoding if encoding.name() == "x-user-defined" => WINDOWS_1252,
                encoding => encoding,
            });
        }
    }
    None
}

/// What stands behind a key and an equals sign, without quotation marks.
fn value_of<'a>(tag: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let mut rest = tag;
    loop {
        rest = &rest[find(rest, key)? + key.len()..];
        if let Some(value) = rest.trim_ascii_start().strip_prefix(b"=") {
            let value = value.trim_ascii_start();
            let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value);
            let end = value.iter().position(|byte| b"\"' \t\r\n;/>?".contains(byte));
            return Some(&value[..end.unwrap_or(value.len())]);
        }
    }
}

/// Where bytes stand in others.
fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

/// The encoding that bytes look like.
fn guessed(page: &[u8]) -> &'static Encoding {
    if std::str::from_utf8(page).is_ok() {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(&page[..page.len().min(SAMPLE)], page.len() <= SAMPLE);
    detector.guess(None, Utf8Detection::Allow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_what_browsers_take() {
        for (page, told, text) in [
            (&b"\xEF\xBB\xBF<meta charset=latin1>\xC3\xA4"[..], None, "<meta charset=latin1>ä"),
            (b"\xFF\xFEa\0\xE4\0", None, "aä"),
            (b"<meta charset=\"iso-8859-1\">\xE4\x80", None, "<meta charset=\"iso-8859-1\">ä€"),
            (
                b"<!-- <meta charset=utf-8> --><meta charset=koi8-r>\xC1",
                None,
                "<!-- <meta charset=utf-8> --><meta charset=koi8-r>а",
            ),
            (
                b"<meta content='text/html; charset=Shift_JIS'>\x82\xA0",
                None,
                "<meta content='text/html; charset=Shift_JIS'>あ",
            ),
            (
                b"<?xml version='1.0' encoding='windows-1252'?>\x93",
                None,
                "<?xml version='1.0' encoding='windows-1252'?>“",
            ),
            (b"<meta charset=utf-16>\xC3\xA4", None, "<meta charset=utf-16>ä"),
            (b"<meta charset=utf-8>\xE4", Some("latin1"), "<meta charset=utf-8>ä"),
            ("größer".as_bytes(), None, "größer"),
            (b"<p>na\xEFve caf\xE9", None, "<p>naïve café"),
            (b"", None, ""),
        ] {
            assert_eq!(decode(page, told), text);
        }
    }
}
