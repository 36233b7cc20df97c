//! Files as they are: PDF of the table of notes, and pictures below a root. Whatever a file is called, its bytes say what it is.

use std::fs::File;
use std::path::{Component, Path};

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use qsearch::document::NotePath;
use qsearch::files;
use qsearch::get::Note;
use qsearch::library::Library;

use super::super::hint;
use super::call::Call;
use super::kinds::kind;
use super::refusal::Refusal;

/// No larger PDF is given.
const MOST_PDF: u64 = 128 << 20;
/// No larger picture is given.
const MOST_PICTURE: u64 = 20 << 20;
/// The kind of a PDF.
const PDF: &str = "application/pdf";
/// What a file may do where a browser shows it: nothing.
const CAGE: &str = "sandbox; default-src 'none'; img-src 'self'; object-src 'self'; style-src 'unsafe-inline'; \
                    base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// Whether a note's file is given as it is: it is a PDF that can be read now.
pub(super) fn is_given(library: &Library, note: &Note) -> bool {
    kind(note.path.as_str()) == "pdf" && open(library, &note.root, &note.path.to_relative()).is_ok()
}

/// The file of a note.
pub(super) fn of_note(library: &Library, note: &Note) -> Result<Response, Refusal> {
    let path = note.path.to_relative();
    if kind(note.path.as_str()) != "pdf" {
        return Err(Refusal::missing("this file isn't given as it is").with(hint::serve::FILE));
    }
    let bytes = read(&open(library, &note.root, &path)?, MOST_PDF)?;
    if !bytes.starts_with(b"%PDF-") {
        return Err(Refusal::missing("this file isn't a PDF").with(hint::serve::FILE));
    }
    Ok(given(bytes, PDF))
}

/// Gives a picture below a root.
pub(super) async fn picture(call: Call) -> Result<Response, Refusal> {
    call.arguments("files", &[])?;
    let (root, path) = (call.captured("root").to_owned(), call.captured("path").to_owned());
    let index = call.index.clone();
    call.house
        .pool
        .run(move |_| {
            let path = NotePath::from_encoded(path).to_relative();
            let file = open(&*index.library()?, &root, &path)?;
            let bytes = read(&file, MOST_PICTURE)?;
            let kind = picture_kind(&bytes);
            kind.map(|kind| given(bytes, kind)).ok_or_else(missing)
        })
        .await
}

/// What is said of all that isn't given, whyever: whether there is such a file is nobody's business.
fn missing() -> Refusal {
    Refusal::missing("there is no such picture").with(hint::serve::FILE)
}

/// Opens a file below a root, through no link and no hidden folder.
fn open(library: &Library, root: &str, path: &Path) -> Result<File, Refusal> {
    let is_plain = |part: Component<'_>| match part {
        Component::Normal(name) => !name.as_encoded_bytes().starts_with(b"."),
        _ => false,
    };
    // Nothing is left out of an address.
    let is_bare = path.to_str().is_none_or(|path| !path.ends_with('/') && !path.contains("//"));
    if !is_bare || !path.components().all(is_plain) {
        return Err(missing());
    }
    library.open_below(root, path).map_err(|_| missing())
}

/// Reads a file that isn't too large.
fn read(file: &File, most: u64) -> Result<Vec<u8>, Refusal> {
    files::read(file, most).map_err(|_| missing())
}

/// What kind of picture these bytes are. Drawings that may have scripts in them are none.
fn picture_kind(bytes: &[u8]) -> Option<&'static str> {
    Some(match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => "image/png",
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => "image/gif",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
        [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', b'f' | b's', ..] => "image/avif",
        _ => return None,
    })
}

/// A file, as a browser may show it.
fn given(bytes: Vec<u8>, kind: &'static str) -> Response {
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, "inline"),
        (header::CONTENT_SECURITY_POLICY, CAGE),
        (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
        (header::CACHE_CONTROL, "private, no-cache"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_say_which_picture_they_are() {
        for (bytes, kind) in [
            (&b"\x89PNG\r\n\x1a\nrest"[..], Some("image/png")),
            (b"\xff\xd8\xff\xe0", Some("image/jpeg")),
            (b"GIF89a", Some("image/gif")),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some("image/webp")),
            (b"\0\0\0\x1cftypavif", Some("image/avif")),
            (b"<svg xmlns='http://www.w3.org/2000/svg'>", None),
            (b"<!doctype html>", None),
            (b"", None),
            (b"\xff\xd8", None),
        ] {
            assert_eq!(picture_kind(bytes), kind, "{bytes:?}");
        }
    }
}
