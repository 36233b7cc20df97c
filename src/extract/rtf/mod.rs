//! Rich Text → Markdown, paragraph by paragraph (Rich Text Format Specification 1.9.1).
//!
//! Tokens go through a state for each open group, which says where text belongs: to a paragraph, to a footnote, to what
//! the file says of itself, or nowhere. Paragraphs become headings by their styles and outline levels, or by their look
//! where none has any.

mod charset;
mod page;
mod reader;
mod state;
mod tables;
mod text;
mod token;

use super::{Damaged, Draft};

/// Reads Rich Text.
pub(super) fn read(file: &[u8]) -> Result<Draft, Damaged> {
    let file = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file).trim_ascii_start();
    // Some programs leave the head out, and write what stands behind it.
    if !file.starts_with(b"{\\") {
        return Err(Damaged("it isn't Rich Text, though its name says so".into()));
    }
    let (page, about, is_whole) = reader::read(file);
    let mut draft = Draft::default();
    draft.about = about;
    page.write(&mut draft);
    if draft.text.is_empty() {
        return Err(Damaged("it has no text".into()));
    }
    if !is_whole {
        draft.warn("it ends too early; what is there is read");
    }
    Ok(draft)
}

#[cfg(test)]
#[path = "../rtf_tests.rs"]
mod tests;
