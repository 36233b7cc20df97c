//! What kinds of files are called in documents.
//!
//! A name says what a reader has made of the file, and so how its text is shown; what the file's bytes are, `files` looks at
//! before it gives them.

use qsearch::format::{FORMATS, by_extension, extension};

/// What kind of file a note is, in a word.
///
/// Files whose extension is none of a known kind are text, as they are for everybody who reads notes here. A note in an
/// archive is what its own name says.
pub(super) fn kind(path: &str) -> &'static str {
    let extension = extension(path.rsplit('/').next().unwrap_or_default().as_ref()).unwrap_or_default();
    let format = by_extension(FORMATS, &extension);
    match format.and_then(|format| format.extensions.first()).copied() {
        Some("md") => "markdown",
        Some("html") => "html",
        Some("pdf") => "pdf",
        Some("rst") => "rst",
        Some("org") => "org",
        Some("ipynb") => "notebook",
        Some("canvas") => "canvas",
        Some("docx") => "word",
        Some("pptx" | "odp") => "presentation",
        Some("odt") => "opendocument",
        Some("xlsx") => "workbook",
        Some("csv") => "table",
        Some("rtf") => "rtf",
        Some("epub") => "book",
        Some("mhtml") => "web-archive",
        Some("eml" | "mbox") => "mail",
        _ => "text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_extensions() {
        for (path, of) in [
            ("a/b.MD", "markdown"),
            ("x.pdf", "pdf"),
            ("README", "text"),
            ("a.txt", "text"),
            ("b.htm", "html"),
        ] {
            assert_eq!(kind(path), of, "{path}");
        }
    }
}
