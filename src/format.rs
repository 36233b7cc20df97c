//! Which kinds of files can be read as notes, and how is each recognised?
//!
//! One table says it for all: the walk takes files by their extensions, reading tells them by how their bytes begin,
//! `parse` learns the syntax of a text and `extract` which reader a file needs. A new kind of file is a row here; if it
//! isn't text, the compiler then asks for its reader in `extract`.

use std::ffi::OsStr;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::document::NotePath;
use crate::encoding::Utf16;
use crate::error::{Result, Usage};

/// What is said of an archive that is none of notes.
pub const NO_NOTES: &str = "it has no notes";

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
    /// Larger files are left out unless somebody says otherwise, in bytes.
    pub most_bytes: u64,
}

/// No text is larger, nor anything else that is mostly text.
const MOST_TEXT: u64 = 64 << 20;

/// No PDF is larger: most of it may be pictures.
const MOST_PICTURES: u64 = 128 << 20;

/// No archive of notes or mailbox is larger.
const MOST_ARCHIVE: u64 = 256 << 20;

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
    /// Documents of Word since 2007: `WordprocessingML`.
    Docx,
    /// Presentations of `PowerPoint` since 2007: `PresentationML`.
    Pptx,
    /// Texts in `OpenDocument`.
    Odt,
    /// Presentations in `OpenDocument`.
    Odp,
    /// Workbooks: of Excel, old and new, and in `OpenDocument`.
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
    /// Archives with notes in them, as programs export them.
    Archive,
    /// Notebooks that Evernote has exported.
    Evernote,
}

impl Extractor {
    /// Whether this build has the reader.
    const fn is_built_in(self) -> bool {
        let (is_ours, is_pdf) = (matches!(self, Self::Notebook | Self::Canvas), matches!(self, Self::Pdf));
        is_ours || (is_pdf && cfg!(feature = "pdf")) || (!is_pdf && cfg!(feature = "office"))
    }

    /// Whether such a file has notes in it and isn't one itself.
    pub fn is_archive(self) -> bool {
        matches!(self, Self::Archive | Self::Evernote)
    }

    /// Whether the reader may take more time or memory than the file's size lets one think, or is of others' making.
    pub fn needs_process(self) -> bool {
        !matches!(self, Self::Notebook | Self::Canvas)
    }
}

const fn text(name: &'static str, extensions: &'static [&'static str], syntax: Syntax) -> Format {
    Format { name, extensions, begins: &[], reader: Reader::Text(syntax), most_bytes: MOST_TEXT }
}

const fn extract(name: &'static str, extensions: &'static [&'static str], extractor: Extractor) -> Format {
    let reader = if extractor.is_built_in() { Reader::Extract(extractor) } else { Reader::None };
    Format { name, extensions, begins: &[], reader, most_bytes: MOST_TEXT }
}

const fn unread(name: &'static str, begins: &'static [&'static [u8]]) -> Format {
    Format { name, extensions: &[], begins, reader: Reader::None, most_bytes: 0 }
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
    Format { begins: &[b"%PDF-"], most_bytes: MOST_PICTURES, ..extract("a PDF", &["pdf"], Extractor::Pdf) },
    extract("a Word document", &["docx", "docm", "dotx", "dotm"], Extractor::Docx),
    Format {
        most_bytes: MOST_PICTURES,
        ..extract("a presentation", &["pptx", "pptm", "ppsx", "ppsm", "potx"], Extractor::Pptx)
    },
    extract("an OpenDocument text", &["odt", "ott"], Extractor::Odt),
    extract("an OpenDocument presentation", &["odp", "otp"], Extractor::Odp),
    extract("a workbook", &["xlsx", "xlsm", "xltx", "xlsb", "xls", "ods", "ots"], Extractor::Sheets),
    extract("a table of values", &["csv", "tsv"], Extractor::Csv),
    Format { begins: &[b"{\\rtf"], ..extract("Rich Text", &["rtf"], Extractor::Rtf) },
    extract("a book", &["epub"], Extractor::Epub),
    extract("a web page", &["html", "htm", "xhtml"], Extractor::Html),
    extract("a saved web page", &["mhtml", "mht"], Extractor::Mhtml),
    extract("a message", &["eml", "emlx"], Extractor::Mail),
    Format { most_bytes: MOST_ARCHIVE, ..extract("a mailbox", &["mbox"], Extractor::Mbox) },
    Format {
        most_bytes: MOST_ARCHIVE,
        ..extract("an archive of notes", &["zip", "bear2bk", "textpack"], Extractor::Archive)
    },
    Format { most_bytes: MOST_ARCHIVE, ..extract("a notebook of Evernote", &["enex"], Extractor::Evernote) },
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

/// The format of `formats` that files of this extension have, if they can be read.
pub fn by_extension<'a>(formats: &'a [Format], extension: &str) -> Option<&'a Format> {
    let is_meant = |format: &&Format| format.reader != Reader::None && format.extensions.contains(&extension);
    formats.iter().find(is_meant)
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

/// The archives that a note may lie in: what its path leads through and is one by its name, the outermost first.
pub fn archives_of(note: &NotePath) -> impl Iterator<Item = NotePath> + '_ {
    let path = note.as_str();
    let is_archive = move |end: &usize| {
        let name = path[..*end].rsplit('/').next().unwrap_or_default();
        let format = extension(OsStr::new(name)).and_then(|extension| by_extension(FORMATS, &extension));
        matches!(format.map(|format| format.reader), Some(Reader::Extract(extractor)) if extractor.is_archive())
    };
    let ends = path.match_indices('/').map(|(end, _)| end).filter(is_archive);
    ends.map(move |end| NotePath::from_encoded(&path[..end]))
}

/// How many bytes a file with this name may have.
pub fn most_bytes(formats: &[Format], name: &OsStr) -> u64 {
    let format = extension(name).and_then(|extension| by_extension(formats, &extension));
    format.map_or(MOST_TEXT, |format| format.most_bytes)
}

/// The extensions of all files of the kinds that are named, each by one of its extensions, with a dot or without.
///
/// # Errors
///
/// [`Usage::UnknownKind`] if no file of such a kind can be read.
pub fn kinds(formats: &[Format], named: &[String]) -> Result<Vec<String>> {
    let mut kinds = Vec::new();
    for name in named {
        let extension = name.trim().trim_start_matches('.').to_lowercase();
        let Some(format) = by_extension(formats, &extension) else {
            let known = readable(formats).map(|extension| extension[1..].to_owned()).collect();
            return Err(Usage::UnknownKind { kind: name.clone(), known }.into());
        };
        kinds.extend(format.extensions.iter().map(|&extension| extension.to_owned()));
    }
    kinds.sort_unstable();
    kinds.dedup();
    Ok(kinds)
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
    fn notes_lie_in_archives() {
        let of = |path: &str| {
            archives_of(&NotePath::from_encoded(path)).map(|path| path.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(of("old/Export.ZIP/a/b.zip/c.md"), ["old/Export.ZIP", "old/Export.ZIP/a/b.zip"]);
        for none in ["Export.zip", "zip/a.md", "a.zip.md/b.md"] {
            assert!(of(none).is_empty(), "{none}");
        }
    }

    #[test]
    fn kinds_are_named_by_an_extension() {
        let kinds =
            |named: &[&str]| kinds(FORMATS, &named.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(kinds(&[".PDF", "md"]).unwrap(), ["markdown", "md", "mdx", "pdf"]);
        assert!(kinds(&[]).unwrap().is_empty());
        assert!(kinds(&["exe"]).unwrap_err().to_string().contains("`exe`"));
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
