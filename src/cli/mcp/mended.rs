//! Stdin, with what is half a character mended: a message that has one would be passed over without an answer.
//!
//! JavaScript cuts texts between the halves of a character that is two in UTF-16, and writes the half that is left as an escape
//! such as `\ud83d`, which isn't a character and so isn't JSON to most readers. It becomes `\ufffd`, and so does what isn't UTF-8.

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream, duplex};

/// How much is on its way at once.
const ROOM: usize = 1 << 16;
/// A line is handed on in pieces of so many bytes at most. Whoever reads has a limit of its own.
const LONGEST: u64 = 32 << 20;

/// The lines of an input, mended.
pub(super) fn mended(input: impl AsyncRead + Send + Unpin + 'static) -> DuplexStream {
    let (mut writer, reader) = duplex(ROOM);
    tokio::spawn(async move {
        let mut input = BufReader::new(input);
        let mut line = Vec::new();
        loop {
            line.clear();
            match (&mut input).take(LONGEST).read_until(b'\n', &mut line).await {
                Ok(0) | Err(_) => return,
                Ok(_) => mend(&mut line),
            }
            if writer.write_all(&line).await.is_err() {
                return;
            }
        }
    });
    reader
}

/// Mends a line.
///
/// Escapes are the only place of a line of JSON where half a character can hide; a backslash that is escaped itself begins none.
fn mend(line: &mut Vec<u8>) {
    if std::str::from_utf8(line).is_err() {
        *line = String::from_utf8_lossy(line).into_owned().into_bytes();
    }
    let mut at = 0;
    while at + 1 < line.len() {
        if line[at] != b'\\' {
            at += 1;
            continue;
        }
        match half(line, at) {
            // The other half may follow.
            Some(0xD800..0xDC00) if matches!(half(line, at + 6), Some(0xDC00..0xE000)) => at += 12,
            Some(0xD800..0xE000) => {
                line[at + 2..at + 6].copy_from_slice(b"fffd");
                at += 6;
            }
            Some(_) => at += 6,
            None => at += 2,
        }
    }
}

/// The unit of UTF-16 that an escape at this place stands for.
fn half(line: &[u8], at: usize) -> Option<u32> {
    let digits = line.get(at..at + 6)?.strip_prefix(b"\\u")?;
    // A sign would be taken for one of a number.
    let is_hex = digits.iter().all(u8::is_ascii_hexdigit);
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok().filter(|_| is_hex)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn after(line: impl AsRef<[u8]>) -> String {
        let mut line = line.as_ref().to_vec();
        mend(&mut line);
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn halves_of_characters_are_replaced() {
        assert_eq!(after(r#"{"q":"\ud83d"}"#), r#"{"q":"\ufffd"}"#);
        assert_eq!(after(r#""\uDE00 \ud83dx \uD83D\uD83D\uDE00""#), r#""\ufffd \ufffdx \ufffd\uD83D\uDE00""#);
        assert_eq!(after(b"\"owls\xff\""), "\"owls\u{fffd}\"");
    }

    #[test]
    fn all_else_stays() {
        for line in
            [r#""\ud83d\ude00""#, r#""\\ud83d""#, r#""\u00e9 \n \" \\""#, "\\", "\\u", r"\ud8", r"\u+123", ""]
        {
            assert_eq!(after(line), line);
        }
    }

    proptest! {
        /// Any text is the same again once JSON has written it, and stays so.
        #[test]
        fn texts_come_through(text in any::<String>()) {
            let line = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(after(&line), line);
        }

        /// Whatever a line is, what was JSON but for halves of characters can be read.
        #[test]
        fn units_of_utf16_can_be_read(units in proptest::collection::vec(any::<u16>(), 0..20)) {
            let escaped: Vec<String> = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let read: String = serde_json::from_str(&after(format!("\"{}\"", escaped.concat()))).unwrap();
            prop_assert_eq!(read, String::from_utf16_lossy(&units));
        }
    }
}
