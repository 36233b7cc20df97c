//! The character sets of Rich Text: code pages, the numbers that fonts give, the font Symbol.

use encoding_rs::Encoding;

/// The letters of the font Symbol from `A` and from `a`, as Adobe has encoded it.
const CAPITALS: &str = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ";
const SMALL: &str = "αβχδεφγηιϕκλμνοπθρστυϖωξψζ";

/// How the bytes of a font are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    /// As text in an encoding.
    Text(&'static Encoding),
    /// As signs of the font Symbol.
    Symbol,
    /// As little pictures.
    Pictures,
}

impl Charset {
    /// The text that bytes say.
    pub(super) fn decode(self, bytes: &[u8], text: &mut String) {
        match self {
            Self::Text(encoding) => text.push_str(&encoding.decode_without_bom_handling(bytes).0),
            Self::Symbol => text.extend(bytes.iter().filter_map(|&byte| symbol(byte))),
            Self::Pictures => {
                text.extend(bytes.iter().filter(|byte| **byte > b' ').map(|_| '•').take(1));
                text.push_str(if bytes == b" " { " " } else { "" });
            }
        }
    }
}

/// The encoding of a code page of Windows.
pub(super) fn of_page(page: i32) -> Option<&'static Encoding> {
    let label = match page {
        932 => "shift_jis".to_owned(),
        936 | 54936 => "gb18030".to_owned(),
        949 | 1361 => "euc-kr".to_owned(),
        950 => "big5".to_owned(),
        866 => "ibm866".to_owned(),
        874 => "windows-874".to_owned(),
        10000 => "macintosh".to_owned(),
        10007 => "x-mac-cyrillic".to_owned(),
        65001 => "utf-8".to_owned(),
        20866 => "koi8-r".to_owned(),
        28591..=28606 => format!("iso-8859-{}", page - 28590),
        page => format!("windows-{page}"),
    };
    Encoding::for_label(label.as_bytes())
}

/// The code page that a font's `\fcharset` stands for; `None` if it is the document's own.
pub(super) fn page_of_charset(charset: i32) -> Option<i32> {
    Some(match charset {
        0 => 1252,
        77 => 10000,
        128 => 932,
        129 => 949,
        130 => 1361,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        _ => return None,
    })
}

/// What a byte shows in the font Symbol.
pub(super) fn symbol(byte: u8) -> Option<char> {
    let letter = |letters: &str, first: u8| letters.chars().nth(usize::from(byte - first));
    match byte {
        b'A'..=b'Z' => letter(CAPITALS, b'A'),
        b'a'..=b'z' => letter(SMALL, b'a'),
        b' '..=b'@' => Some(char::from(byte)),
        0xA3 => Some('≤'),
        0xA5 => Some('∞'),
        0xAE => Some('→'),
        0xAC => Some('←'),
        0xB0 => Some('°'),
        0xB1 => Some('±'),
        0xB3 => Some('≥'),
        0xB4 => Some('×'),
        0xB7 => Some('•'),
        0xB9 => Some('≠'),
        0xBB => Some('≈'),
        0xD6 => Some('√'),
        0xE5 => Some('∑'),
        _ => None,
    }
}
