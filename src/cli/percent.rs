//! Percent-encoding: texts as they stand in addresses, and back.

use std::fmt::Write;

/// Bytes as they stand in an address: letters, digits and slashes stay, and what RFC 3986 calls unreserved.
pub(crate) fn encoded(bytes: impl AsRef<[u8]>) -> String {
    let mut out = String::new();
    for &byte in bytes.as_ref() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // A text takes all that is written.
            write!(out, "%{byte:02X}").unwrap_or_default();
        }
    }
    out
}

/// A text of an address as it was before; `None` if what comes out isn't one.
#[cfg(feature = "mcp")]
pub(crate) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let [high, low] = [rest.next()?, rest.next()?].map(|digit| char::from(digit).to_digit(16));
        bytes.push((high? * 16 + low?) as u8);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(all(test, feature = "mcp"))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_have_no_signs_of_their_own() {
        assert_eq!(encoded("notes/a b&c=d?.md#x"), "notes/a%20b%26c%3Dd%3F.md%23x");
        assert_eq!(encoded("ä%"), "%C3%A4%25");
        assert_eq!(encoded(b"\xff~"), "%FF~");
    }

    #[test]
    fn what_is_no_text_is_none() {
        for wrong in ["%", "%f", "%zz", "%ff", "a%2"] {
            assert_eq!(decoded(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn texts_come_back(text in any::<String>()) {
            prop_assert_eq!(decoded(&encoded(&text)), Some(text));
        }
    }
}
