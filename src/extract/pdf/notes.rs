//! Comments on pages, and the names of files that are attached (ISO 32000-2, 12.5 and 7.11.4).

use hayro_interpret::hayro_syntax::object::{Array, Dict, Name, Object, String as Bytes};
use hayro_interpret::hayro_syntax::xref::XRef;

use super::super::draft::one_line;
use super::{text_string, tree};

/// No more annotations of a page are looked at, nor more attachments of a file.
const MOST: usize = 5000;

/// Annotations that aren't anybody's words: links, fields, and the windows that comments open in.
const NOT_COMMENTS: [&[u8]; 6] = [b"Link", b"Widget", b"Popup", b"Screen", b"Movie", b"PrinterMark"];

/// Annotations with this flag aren't shown (section 12.5.3).
const HIDDEN: i32 = 2;

/// A comment on a page.
#[derive(Debug, PartialEq)]
pub(super) struct Comment {
    /// Who made it, if that is said.
    pub(super) author: String,
    /// What it says.
    pub(super) text: String,
}

/// The comments on a page.
pub(super) fn comments<'a>(xref: &'a XRef, page: &Dict<'a>) -> Vec<Comment> {
    let Some(annotations) = page.get::<Array<'a>>(b"Annots") else { return Vec::new() };
    let comment = |annotation: Dict<'a>| {
        let kind = annotation.get::<Name<'a>>(b"Subtype")?;
        let flags = annotation.get::<Object<'a>>(b"F").and_then(Object::into_i32).unwrap_or(0);
        if NOT_COMMENTS.contains(&&*kind) || flags & HIDDEN != 0 {
            return None;
        }
        let text = |key: &[u8]| annotation.get::<Bytes<'a>>(key).map(|text| text_string::decode(&text));
        let said = text(b"Contents").unwrap_or_default().trim().to_owned();
        let author = text(b"T").unwrap_or_default();
        (!said.is_empty()).then(|| Comment { author: one_line(&author), text: said })
    };
    tree::dicts(xref, &annotations).take(MOST).filter_map(comment).collect()
}

/// The names of the files attached to a document, and to these pages of it.
pub(super) fn attachments<'a>(xref: &'a XRef, catalog: &Dict<'a>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let files = catalog.get::<Dict<'a>>(b"Names").and_then(|names| names.get::<Dict<'a>>(b"EmbeddedFiles"));
    if let Some(files) = files {
        tree::names(xref, &files, &mut |key, file| {
            let name = file
                .into_dict()
                .and_then(|file| file_name(&file))
                .unwrap_or_else(|| text_string::decode(key));
            if names.len() < MOST && !name.trim().is_empty() {
                names.push(one_line(&name));
            }
        });
    }
    names
}

/// The name of a file by its specification.
fn file_name(file: &Dict<'_>) -> Option<String> {
    let name = file.get::<Bytes<'_>>(b"UF").or_else(|| file.get::<Bytes<'_>>(b"F"))?;
    Some(text_string::decode(&name))
}
