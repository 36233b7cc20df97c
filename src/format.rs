//! Which kinds of files can be read as notes, and how is each recognised?
//!
//! One table says it for all: the walk takes files by their extensions, reading tells them by how their bytes begin,
//! `parse` learns the syntax of a text and `extract` which reader a file needs. A new kind of file is a row here; if it
//! isn't text, the compiler then asks for its reader in `extract`.

use std::ffi::OsStr;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::encoding::Utf16;

/// How much of a file is looked at to tell text from other content, in bytes, as in git.
const SAMPLE: usize = 8000;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// What one such file is called, in English.
    pub name: &'static str,
    /// The extensions of its files, in lower case and without a dot.
    pub extensions: &'static [&'static str],
    /// How its files begin, where that tells them from others: one of these.
    pub begins: &'static [&'static [u8]],
    /// How it becomes a note.
    pub reader: Reader,
}

/// How a file becomes a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// It is text in this syntax.
    Text(Syntax),
    /// A reader makes Markdown of it.
    Extract(Extractor),
    /// It doesn't; the format is known so that it isn't taken for text.
    None,
}

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// Markdown, and text that looks like it or like nothing in particular.
    Markdown,
    /// reStructuredText.
    Rst,
    /// Emacs Org.
    Org,
    /// Keys and values, without headings.
    Data,
}

/// Which reader makes Markdown of a file; each is a file of `extract`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Extractor {
    /// Jupyter notebooks.
    Notebook,
    /// Canvases of Obsidian.
    Canvas,
    /// The Portable Document Format.
    Pdf,
    /// Documents of Word since 2007: WordprocessingML.
    Docx,
    /// Presentations of PowerPoint since 2007: PresentationML.
    Pptx,
    /// Texts in OpenDocument.
    Odt,
    /// Presentations in OpenDocument.
    Odp,
    /// Workbooks: of Excel, old and new, and in OpenDocument.
    Sheets,
    /// Rows of values between commas, semicolons or tabs.
    Csv,
    /// Rich Text.
    Rtf,
    /// Books.
    Epub,
    /// Web pages.
    Html,
    /// Web pages with all that belongs to them, as messages.
    Mhtml,
    /// Messages.
    Mail,
    /// Mailboxes: messages, one behind the other.
    Mbox,
}

impl Extractor {
    /// Whether the reader may take more time or memory than the file's size lets one think, or is of others' making.
    pub fn needs_process(self) -> bool {
        !matches!(self, Self::Notebook | Self::Canvas)
    }
}

const fn text(name: &'static str, extensions: &'static [&'static str], syntax: Syntax) -> Format {
    Format { name, extensions, begins: &[], reader: Reader::Text(syntax) }
}

const fn extract(name: &'static str, extensions: &'static [&'static str], extractor: Extractor) -> Format {
    Format { name, extensions, begins: &[], reader: Reader::Extract(extractor) }
}

const fn unread(name: &'static str, begins: &'static [&'static [u8]]) -> Format {
    Format { name, extensions: &[], begins, reader: Reader::None }
}

/// All kinds of files that are known. A file without an extension, or with one that is none, is what its bytes say, and
/// else text as in the first row.
pub const FORMATS: &[Format] = &[
    text("Markdown", &["md", "markdown", "mdx"], Syntax::Markdown),
    text("plain text", &["txt", "text"], Syntax::Markdown),
    text("reStructuredText", &["rst"], Syntax::Rst),
    text("Org", &["org"], Syntax::Org),
    extract("a Jupyter notebook", &["ipynb"], Extractor::Notebook),
    extract("a canvas", &["canvas"], Extractor::Canvas),
    Format { begins: &[b"%PDF-"], ..extract("a PDF", &["pdf"], Extractor::Pdf) },
    extract("a Word document", &["docx", "docm", "dotx", "dotm"], Extractor::Docx),
    extract("a presentation", &["pptx", "pptm", "ppsx", "ppsm", "potx"], Extractor::Pptx),
    extract("an OpenDocument text", &["odt", "ott"], Extractor::Odt),
    extract("an OpenDocument presentation", &["odp", "otp"], Extractor::Odp),
    extract("a workbook", &["xlsx", "xlsm", "xltx", "xlsb", "xls", "ods", "ots"], Extractor::Sheets),
    extract("a table of values", &["csv", "tsv"], Extractor::Csv),
    Format { begins: &[b"{\\rtf"], ..extract("Rich Text", &["rtf"], Extractor::Rtf) },
    extract("a book", &["epub"], Extractor::Epub),
    extract("a web page", &["html", "htm", "xhtml"], Extractor::Html),
    extract("a saved web page", &["mhtml", "mht"], Extractor::Mhtml),
    extract("a message", &["eml"], Extractor::Mail),
    extract("a mailbox", &["mbox"], Extractor::Mbox),
    unread(
        "an archive",
        &[
            b"PK\x03\x04",
            b"\x1F\x8B",
            b"BZh9",
            b"\xFD7zXZ",
            b"7z\xBC\xAF\x27\x1C",
            b"\x28\xB5\x2F\xFD",
            b"Rar!\x1A\x07",
        ],
    ),
    unread("an image", &[b"\x89PNG", b"GIF87a", b"GIF89a", b"\xFF\xD8\xFF"]),
    unread("a program", &[b"\x7FELF"]),
    unread("an old Office document", &[b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"]),
];

impl Format {
    /// Whether such a file is text, and no reader needs to make some of it.
    pub fn is_text(&self) -> bool {
        matches!(self.reader, Reader::Text(_))
    }
}

/// The extension of a file's name, in lower case, if it has one.
///
/// What follows the last dot counts as an extension if it has a letter and no blank: `2. Setup` and `plan 2024.05` have
/// none.
pub fn extension(name: &OsStr) -> Option<String> {
    let extension = Path::new(name).extension()?.to_string_lossy().to_lowercase();
    let counts = extension.contains(char::is_alphabetic) && !extension.contains(char::is_whitespace);
    counts.then_some(extension)
}

/// The format of `formats` that files of this extension have.
pub fn by_extension<'a>(formats: &'a [Format], extension: &str) -> Option<&'a Format> {
    formats.iter().find(|format| format.extensions.contains(&extension))
}

/// The format of a file, by its name and by its bytes; `None` if it can't be read.
///
/// Bytes that say what they are count for more than a name: a PDF that is called `notes.md` is no text. Nor is what has
/// a NUL near its start that UTF-16 doesn't explain.
pub fn detect<'a>(formats: &'a [Format], name: &OsStr, bytes: &[u8]) -> Option<&'a Format> {
    let begins = |format: &&Format| format.begins.iter().any(|begin| bytes.starts_with(begin));
    let named = extension(name).and_then(|extension| by_extension(formats, &extension));
    let begun = formats.iter().find(begins);
    let format = match (begun, named) {
        // Most documents are archives; which, their names say.
        (Some(Format { reader: Reader::None, .. }), Some(named)) if !named.is_text() => named,
        _ => begun.or(named).or(formats.first())?,
    };
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    match format.reader {
        Reader::None => None,
        Reader::Text(_) if sample.contains(&0) && Utf16::of(bytes).is_none() => None,
        _ => Some(format),
    }
}

/// The extensions of all files that can be read, each with its dot, in the order of the table.
pub fn readable(formats: &[Format]) -> impl Iterator<Item = String> {
    let readable = formats.iter().filter(|format| format.reader != Reader::None);
    readable.flat_map(|format| format.extensions).map(|extension| format!(".{extension}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str, bytes: &[u8]) -> Option<&'static str> {
        detect(FORMATS, OsStr::new(name), bytes).map(|format| format.name)
    }

    #[test]
    fn text_is_told_from_other_content() {
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        let big = "What is the GIL?".encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>();
        let marked = [b"\xFF\xFE".to_vec(), utf16("日本語\0")].concat();
        let (latin, mixed) = (utf16("What is the GIL?"), utf16("The word кофе is coffee, said Ādams"));
        for text in [b"".as_slice(), b"plain", b"caf\xE9", b"Q\x0Cpage", &latin, &mixed, &big, &marked] {
            assert_eq!(name("a.md", text), Some("Markdown"), "{text:?}");
        }
        for binary in
            [b"PK\x03\x04rest".as_slice(), b"text\0text", b"\0", b"\x7FELF\x02", b"\xFF\xFE\0\0a\0\0\0"]
        {
            assert_eq!(name("a.md", binary), None, "{binary:?}");
        }
    }

    #[test]
    fn names_and_bytes_say_what_a_file_is() {
        assert_eq!(
            (name("a.md", b"%PDF-1.7\n"), name("a.docx", b"PK\x03\x04")),
            (Some("a PDF"), Some("a Word document"))
        );
        assert_eq!((name("a.doc", b"{\\rtf1"), name("a.md", b"PK\x03\x04")), (Some("Rich Text"), None));
        assert_eq!(name("a.RST", b"x"), Some("reStructuredText"));
        assert_eq!(name("a.ipynb", b"\0"), Some("a Jupyter notebook"));
        assert_eq!((name("plan 2024.05", b"x"), name("README", b"x")), (Some("Markdown"), Some("Markdown")));
        assert_eq!(extension(OsStr::new("2. Setup")), None);
        assert!(by_extension(FORMATS, "exe").is_none());
    }

    #[test]
    fn no_extension_is_in_two_rows() {
        let mut all: Vec<String> = readable(FORMATS).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
